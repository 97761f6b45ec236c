#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Is the model right? Virtual boards against drivers and tables in Rust that nobody here wrote (`make fidelity`).
#
# Takes a Rust toolchain with the targets thumbv7em-none-eabi and thumbv8m.main-none-eabi if there is one; else Debian's
# packages, unpacked into build/deps/rust (190 MB are fetched), with which the core library is built, too: two and a half
# minutes of one processor the first time.
set -euo pipefail

repo=$(cd "$(dirname "$0")/.." && pwd)
deps=$repo/build/deps
project=$repo/tests/vboard/embassy
out=$repo/build/fidelity
packages="rustc-web cargo-web rust-web-src libstd-rust-web-dev libstd-rust-web-1.96 libllvm22
    libgit2-1.5 libhttp-parser2.9 libmbedcrypto7 libmbedtls14 libmbedx509-1"

fail() {
    printf 'fidelity: error: %s\n' "$*" >&2
    exit 1
}

has_targets() {
    local target
    command -v rustc >/dev/null && command -v cargo >/dev/null || return 1
    for target in thumbv7em-none-eabi thumbv8m.main-none-eabi; do
        ls "$(rustc --print target-libdir --target "$target")"/libcore-*.rlib >/dev/null 2>&1 || return 1
    done
}

debian_rust() {
    local root=$deps/rust
    if [ ! -e "$root/.unpacked" ]; then
        echo "fidelity: fetching Debian's Rust into build/deps/rust"
        rm -rf "$root"
        mkdir -p "$root/packages"
        (cd "$root/packages" && apt-get download $packages >"$root/log" 2>&1) ||
            fail "apt-get could not download $packages; its log is $root/log. A rustup toolchain with both thumb targets does, too"
        for package in "$root"/packages/*.deb; do
            dpkg -x "$package" "$root"
        done
        rm -rf "$root/packages"
        touch "$root/.unpacked"
    fi
    export LD_LIBRARY_PATH=$root/usr/lib/x86_64-linux-gnu:$root/usr/lib
    export RUSTC=$root/usr/bin/rustc RUSTC_BOOTSTRAP=1
    cargo=$root/usr/bin/cargo
    build_std=(-Zbuild-std=core,alloc)
}

build() { # target feature
    local variable=CARGO_TARGET_$(echo "$1" | tr 'a-z.-' 'A-Z__')
    env "${variable}_LINKER=arm-none-eabi-ld" "${variable}_RUSTFLAGS=-C linker-flavor=ld" \
        "$cargo" build --manifest-path "$project/Cargo.toml" --release --target "$1" --features "$2" \
        "${build_std[@]}" --quiet || fail "tests/vboard/embassy did not build for $1"
    cp "$CARGO_TARGET_DIR/$1/release/embassy-qspi" "$out/$2"
}

folder_of() { # crate
    "$cargo" metadata --manifest-path "$project/Cargo.toml" --format-version 1 --all-features |
        python3 -c 'import json, sys
for each in json.load(sys.stdin)["packages"]:
    if each["name"] == sys.argv[1]:
        print(each["manifest_path"].rsplit("/", 1)[0])' "$1"
}

cargo=cargo
build_std=()
has_targets || debian_rust
export CARGO_TARGET_DIR=$out/target
mkdir -p "$out"
build thumbv7em-none-eabi nrf52840
build thumbv8m.main-none-eabi nrf5340
FIDELITY_PROGRAMS=$out FIDELITY_PAC=$(folder_of nrf5340-app-pac)
export FIDELITY_PROGRAMS FIDELITY_PAC
cd "$repo"
exec env -u LD_LIBRARY_PATH "$deps/venv/bin/python" -m pytest -q tests/vboard/test_registers.py tests/vboard/test_pyocd.py tests/vboard/fidelity.py
