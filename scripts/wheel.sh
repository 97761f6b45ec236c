#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Build the host program as a wheel, and prove on a copy of it that it runs without Debian's libraries: scripts/wheel.sh [FOLDER]
#
# The wheel lies in FOLDER (build/dist by default). Its tag says from which glibc on it runs, which is that of the machine that made it
# or an earlier one.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=${1:-build/dist}
python=build/deps/venv/bin/python
rm -rf "$folder"
made=$(mktemp -d)
copy=$(mktemp -d)
trap 'rm -rf "$made" "$copy"' EXIT
"$python" -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir "$made" .
PATH=$PWD/build/deps/venv/bin:$PATH auditwheel repair --wheel-dir "$folder" "$made"/outboard-*.whl >"$made/log" 2>&1 || {
    cat "$made/log" >&2
    exit 1
}
wheel=$(echo "$folder"/outboard-*.whl)

"$python" -m pip install --quiet --disable-pip-version-check --no-deps --target "$copy" "$wheel"
outboard=$copy/bin/outboard
others=$(readelf -d "$outboard" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | grep -v '^libc\.so\.6$' || true)
[ -z "$others" ] || { echo "wheel: error: $outboard needs $others" >&2; exit 1; }
"$outboard" --version
echo "settings_storage: {placement: {before: end}, size: 0x2000}" >"$copy/pm.yml"
"$outboard" pm resolve --input-files "$copy/pm.yml" --regions flash_primary --flash_primary-size 0x100000 \
    --flash_primary-placement-strategy complex --flash_primary-dynamic-partition app \
    --output-partitions "$copy/partitions.yml" --output-regions "$copy/regions.yml"
echo "$wheel: $(stat -c %s "$wheel") bytes; needs no library but libc.so.6, $(readelf -V "$outboard" | grep -o 'GLIBC_[0-9.]*' | sort -V | tail -1) or later"
