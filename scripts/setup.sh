#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Bring a Debian 12 (or later) machine to the point where everything here builds. Idempotent, and quick the second time.
#
#   scripts/setup.sh            what the demo and a build need: Debian packages, build/deps/venv (Python tools),
#                               third-party sources in build/deps
#   scripts/setup.sh PART...    and what the tests (test), the proofs (prove), the documentation site (site) or
#                               the wheel (wheel) need
#
# Of each part, scripts/packages-PART.txt names the Debian packages and scripts/requirements-PART.txt the Python ones. Before
# anything is installed it is said what, from where, and how much. Whenever it is interrupted, the next run goes on from there.
#
# MBEDTLS_ROOT=<tree>           use this Mbed TLS 3.6 tree; it is not fetched
# ZCBOR_ROOT=<tree>             use this zcbor 0.9 tree; it is not fetched
# MONOCYPHER_ROOT=<tree>        use this Monocypher 4 tree; it is not fetched
set -euo pipefail

repo=$(cd "$(dirname "$0")/.." && pwd)
deps=$repo/build/deps

say() { printf 'setup: %s\n' "$*"; }
fail() {
    printf 'setup: error: %s\n' "$*" >&2
    exit 1
}
interrupted() {
    printf '\nsetup: interrupted; run it again, and it goes on from here\n' >&2
    exit 130
}
trap interrupted INT TERM HUP

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "root is needed for: $*; run it yourself, or install sudo"
    fi
}

# One description of a step's inputs, so that a step whose inputs did not change is not repeated.
is_done() { [ "$(cat "$1" 2>/dev/null)" = "$2" ]; }

# The lists of a kind that exist, of all parts that were asked for.
lists() { # packages | requirements, PART...
    local kind=$1 part
    shift
    echo "$repo/scripts/$kind.txt"
    for part in "$@"; do
        [ ! -f "$repo/scripts/$kind-$part.txt" ] || echo "$repo/scripts/$kind-$part.txt"
    done
}

apt_run() { # what apt-get may not do, arguments
    local what=$1
    shift
    as_root env DEBIAN_FRONTEND=noninteractive apt-get "$@" >>"$deps/apt.log" 2>&1 || {
        tail -n 5 "$deps/apt.log" >&2
        fail "apt-get could not $what; its log is $deps/apt.log. Without a network, install them from your own mirror"
    }
}

debian_packages() {
    command -v dpkg-query >/dev/null ||
        fail "this set-up knows Debian; elsewhere install what scripts/packages.txt names, then run cmake directly"
    local wanted missing
    wanted=$(lists packages "$@" | xargs -d '\n' sed '/^#/d')
    missing=$(for package in $wanted; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' || echo "$package"
    done)
    [ -n "$missing" ] || return 0
    : >"$deps/apt.log"
    apt_run "read its lists for: $(echo $missing)" update
    say "Debian packages:" $missing
    say "from $(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | sort -u | xargs echo)"
    { LC_ALL=C apt-get --assume-no --no-install-recommends install $missing 2>/dev/null || true; } |
        sed -n 's/^Need to get .*/setup: &/p; s/^After this operation.*/setup: &/p'
    apt_run "install: $(echo $missing)" install -y --no-install-recommends $missing
}

python_tools() { # in build/deps/venv; a list that is installed already is left alone
    local list wanted done
    for list in $(lists requirements "$@"); do
        wanted=$(sha256sum <"$list")
        done=$deps/venv/.$(basename "$list" .txt)
        is_done "$done" "$wanted" && continue
        say "Python packages: $(grep -c '^[^#]' "$list") that scripts/$(basename "$list") pins$(sed -n 's/^# Size: /, /p' "$list"),"
        say "from ${PIP_INDEX_URL:-$("$deps/venv/bin/pip" config get global.index-url 2>/dev/null || echo "the index of pip, and what its settings name")}, into build/deps/venv"
        [ -x "$deps/venv/bin/pip" ] || python3 -m venv "$deps/venv"
        "$deps/venv/bin/pip" --quiet --disable-pip-version-check install -r "$list" ||
            fail "pip could not install $list; without a network, point pip at your own index or wheels (PIP_INDEX_URL, PIP_FIND_LINKS)"
        printf '%s' "$wanted" >"$done"
    done
}

# The machine's own Debian archive, for another suite's sources: taken from apt's configuration, used in a private apt state.
debian_source() { # suite package tarball -> the tarball in $PWD
    local suite=$1 package=$2 codename archive keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
    find_archive() {
        apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(ORIGIN) $(REPO_URI)' 'Created-By: Packages' |
            awk -v release="$codename" '$1 == release && $2 == "main" && $3 == "Debian" { print $4; exit }'
    }
    archive=$(find_archive)
    if [ -z "$archive" ]; then # apt has no lists yet
        as_root apt-get update >/dev/null 2>&1 || true
        archive=$(find_archive)
    fi
    [ -n "$archive" ] || return 1 # Ubuntu, say

    local state=$PWD/apt
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
    echo "deb-src [signed-by=$keyring] $archive $suite main" >"$state/sources.list"
    local options=(-o "Dir::State=$state" -o "Dir::State::status=/dev/null" -o "Dir::Cache=$state/cache"
        -o "Dir::Etc::SourceList=$state/sources.list" -o "Dir::Etc::SourceParts=/dev/null"
        -o "APT::Sandbox::User=$(id -un)")
    apt-get "${options[@]}" update >"$state/log" 2>&1 &&
        apt-get "${options[@]}" source --download-only --tar-only "$package" >>"$state/log" 2>&1 || {
        tail -n 3 "$state/log" >&2
        return 1
    }
}

# The upstream project's release archive: the same bytes, as the hash shows.
upstream() { # url file -> the file in $PWD
    python3 -c 'import sys, urllib.request; urllib.request.urlretrieve(*sys.argv[1:])' "$1" "$2" 2>/dev/null
}

# A wheel, or the sources of a package that carries a library: nothing of it is built or installed.
pypi_file() { # name version file -> the file in $PWD
    local package=$1==$2 kind=(--only-binary :all:)
    case $3 in
    *.tar.gz) # of this package only: what pip needs to look into it would take minutes to build
        package=${3%.tar.gz}
        kind=(--no-binary "${package%-*}")
        package=${package%-*}==${package##*-}
        ;;
    esac
    "$deps/venv/bin/pip" --quiet --disable-pip-version-check download --no-deps "${kind[@]}" "$package" ||
        fail "pip could not download $1 $2; point pip at your own index or wheels, or set ${1^^}_ROOT to a $1 tree"
}

# A crate that carries C and assembler: nothing of it is compiled by cargo.
crate() { # name version file -> the file in $PWD
    mkdir -p crate/src
    : >crate/src/lib.rs
    printf '[package]\nname = "fetch"\nversion = "0.0.0"\n[dependencies]\n%s = "=%s"\n' "$1" "$2" >crate/Cargo.toml
    cargo fetch --quiet --manifest-path crate/Cargo.toml ||
        fail "cargo could not fetch $1 $2; set it up for your own registry, or set ${1^^}_ROOT to a $1 tree"
    cp "${CARGO_HOME:-$HOME/.cargo}"/registry/cache/*/"$3" .
}

# A tarball's one folder, or a wheel's folder <name>/, becomes the tree.
unpack() { # name file -> $PWD/tree
    mkdir tree
    case $2 in
    *.whl)
        python3 -m zipfile -e "$2" wheel
        mv "wheel/$1"/* tree/
        find wheel/*.dist-info -name LICENSE -exec mv {} tree/ \;
        ;;
    *) tar -xf "$2" -C tree --strip-components=1 ;;
    esac
}

third_party() { # name version licence from file sha256 kilobytes upstream
    local name=$1 from=$4 tarball=$5 sha256=$6 url=${8-}
    is_done "$deps/$name/.unpacked" "$sha256" && return 0
    say "third-party source: $name $2 ($3), $7 KB, from $(case $from in pypi) echo "the index of pip" ;; crate) echo "cargo's registry" ;; *) echo "Debian $from${url:+ or $url}" ;; esac)"
    local work
    work=$(mktemp -d "$deps/fetch.XXXXXX")
    trap 'rm -rf "$work"; interrupted' INT TERM HUP
    (
        trap 'exit 130' INT TERM HUP
        cd "$work"
        case $from in
        pypi) pypi_file "$name" "$2" "$tarball" ;;
        crate) crate "$name" "$2" "$tarball" ;;
        *) debian_source "$from" "$name" "$tarball" || upstream "$url" "$tarball" ||
            fail "could not fetch $name, neither from Debian $from nor from $url; set ${name^^}_ROOT to a $name tree that you have" ;;
        esac
        [ -f "$tarball" ] || fail "$from no longer has $tarball (it has: $(ls *.tar.* *.whl 2>/dev/null)); update third_party/lock, or set ${name^^}_ROOT"
        echo "$sha256  $tarball" | sha256sum --check --quiet ||
            fail "$tarball is not the file that third_party/lock names: its SHA-256 differs"
        unpack "$name" "$tarball"
    ) || {
        local status=$?
        rm -rf "$work"
        [ "$status" != 130 ] || interrupted
        exit "$status"
    }
    trap interrupted INT TERM HUP
    printf '%s' "$sha256" >"$work/tree/.unpacked"
    rm -rf "${deps:?}/$name"
    mv "$work/tree" "$deps/$name"
    rm -rf "$work"
}

asks_for() { # PART, of those that were asked for
    local part
    for part in "${parts[@]}"; do
        [ "$part" != "$1" ] || return 0
    done
    return 1
}

parts=("$@")
for part in "${parts[@]}"; do
    [ -n "$(ls "$repo/scripts/"{packages,requirements}-"$part".txt 2>/dev/null)" ] ||
        fail "$part is no part of the set-up; there are: $(ls "$repo/scripts" | sed -nE 's/^(packages|requirements)-(.*)\.txt$/\2/p' | sort -u | xargs echo)"
done
mkdir -p "$deps"
debian_packages "${parts[@]}"
python_tools "${parts[@]}"
while read -r name version licence from tarball sha256 kilobytes upstream; do
    case $name in
    '' | '#'*) continue ;;
    mbedtls) [ -z "${MBEDTLS_ROOT:-}" ] || continue ;;
    zcbor) [ -z "${ZCBOR_ROOT:-}" ] || continue ;;
    pyocd) asks_for test || continue ;; # virtual boards are compared with it
    p256-cortex-m4-sys) # only bootloaders with CONFIG_BOOT_ECDSA_P256_CORTEX_M4 need it, and they say so
        [ -n "$(command -v cargo)" ] || continue ;;
    monocypher) [ -z "${MONOCYPHER_ROOT:-}" ] || continue ;;
    esac
    third_party "$name" "$version" "$licence" "$from" "$tarball" "$sha256" "$kilobytes" "$upstream" </dev/null
done <"$repo/third_party/lock"
