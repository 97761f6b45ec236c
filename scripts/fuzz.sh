#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fuzz with libFuzzer and sanitizers: scripts/fuzz.sh [SECONDS] [TARGET...]. Seconds are those of each target; without a
# target, all. What is new is added to tests/fuzz/corpus/; ends with what each reached: executions, and lines per file.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-60}
shift || true
folder=build/fuzz
[ $# -gt 0 ] || set -- $(sed -n 's/^ob_add_fuzz(\(fuzz_[a-z_]*\) .*/\1/p' tests/fuzz/CMakeLists.txt) fuzz_pm fuzz_dt
cmake -S . -B "$folder" -G Ninja -DCMAKE_C_COMPILER=clang -DOB_SANITIZE=ON -DOB_FUZZER=ON \
    -DCMAKE_C_FLAGS="-fsanitize=fuzzer-no-link -fsanitize-coverage-allowlist=$PWD/tests/fuzz/guided.txt -fprofile-instr-generate -fcoverage-mapping" >"$folder.log"
cmake --build "$folder" --target "$@" >>"$folder.log" || { tail -n 20 "$folder.log"; exit 1; }
total=0
for target; do
    corpus=tests/fuzz/corpus/$target
    program=$folder/tests/fuzz/$target
    mkdir -p "$corpus"
    echo "== $target"
    LLVM_PROFILE_FILE=/dev/null nice "$program" -max_len=512 -max_total_time="$seconds" -print_final_stats=1 -reload=0 -close_fd_mask=3 -verbosity=1 \
        -artifact_prefix="$folder/" "$corpus" >"$folder/$target.log" 2>&1 || { tail -n 40 "$folder/$target.log"; exit 1; }
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$folder/$target.log")
    total=$((total + runs))
    echo "$runs executions, $(ls "$corpus" | wc -l) inputs kept"
    LLVM_PROFILE_FILE=$folder/$target.profraw "$program" -runs=0 -close_fd_mask=3 "$corpus" >/dev/null 2>&1
    llvm-profdata merge -sparse "$folder/$target.profraw" -o "$folder/$target.profdata"
    llvm-cov report "$program" -instr-profile="$folder/$target.profdata" 2>/dev/null |
        awk 'NF > 9 && $8 > 0 && $9 < $8 && !/^TOTAL|^Filename/ { printf "  %-40s %5d of %5d lines\n", $1, $8 - $9, $8 }'
done
echo "$total executions"
