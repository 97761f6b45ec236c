#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The program mcumgr against application and bootloader, on QEMU and both virtual DKs (`make mcumgr`).
#
# MCUMGR=<program> takes yours. Else Go builds it into build/deps/mcumgr, from this commit, with what its own go.sum pins:
# Apache-2.0, 2022-10-04, about 20 modules. Go's module proxy does not carry it everywhere; then it is said.
set -euo pipefail

repo=$(cd "$(dirname "$0")/.." && pwd)
version=v0.0.0-20221004073047-5c56bd24066c
folder=$repo/build/deps/mcumgr

fail() {
    printf 'mcumgr: error: %s\n' "$*" >&2
    exit 1
}

if [ -z "${MCUMGR:-}" ]; then
    MCUMGR=$folder/mcumgr
    if [ ! -x "$MCUMGR" ]; then
        command -v go >/dev/null || fail "there is no Go; install it, or name the program: make mcumgr MCUMGR=<program>"
        echo "mcumgr: building github.com/apache/mynewt-mcumgr-cli $version (Apache-2.0) into build/deps/mcumgr"
        GOBIN=$folder go install "github.com/apache/mynewt-mcumgr-cli/mcumgr@$version" ||
            fail "Go could not fetch or build it; build it from its repository, and name the program: make mcumgr MCUMGR=<program>"
    fi
fi
export MCUMGR
cd "$repo"
exec "$repo/build/deps/venv/bin/python" -m pytest -q tests/emu/mcumgr.py
