#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Build the host side into a folder: scripts/build-host.sh <folder> [cmake options]. Quiet unless something is wrong.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$1
shift
mkdir -p "$folder"
log=$folder/build.log
if ! { cmake -S . -B "$folder" -G Ninja "$@" && cmake --build "$folder"; } >"$log" 2>&1; then
    grep -E 'error|FAILED|CMake Error' -A 3 "$log" >&2 || tail -n 20 "$log" >&2
    echo "build-host: error: the host side did not build; the whole log is $log" >&2
    exit 1
fi
if [ "$folder" = build/host ]; then # what a person calls: bin/outboard, bin/imgtool
    mkdir -p bin
    ln -sfn ../build/host/tools/outboard/outboard bin/outboard
    ln -sfn ../build/deps/venv/bin/imgtool bin/imgtool
fi
