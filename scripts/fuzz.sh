#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fuzz with libFuzzer and sanitizers: scripts/fuzz.sh [SECONDS] [TARGET...]. What is new is added to tests/fuzz/corpus/.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-60}
shift || true
folder=build/fuzz
targets=("${@:-fuzz_boot}")
cmake -S . -B "$folder" -G Ninja -DCMAKE_C_COMPILER=clang -DCMAKE_C_FLAGS=-fsanitize=fuzzer-no-link -DOB_SANITIZE=ON \
    -DOB_FUZZER=ON >"$folder.log"
cmake --build "$folder" --target "${targets[@]}" >>"$folder.log" || { tail -n 20 "$folder.log"; exit 1; }
for target in "${targets[@]}"; do
    mkdir -p "tests/fuzz/corpus/$target"
    "$folder/tests/fuzz/$target" -max_len=512 -max_total_time="$seconds" -print_final_stats=1 -reload=0 \
        -artifact_prefix="$folder/" "tests/fuzz/corpus/$target" 2>&1 | tail -n 12
done
