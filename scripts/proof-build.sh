# SPDX-License-Identifier: Apache-2.0
# What the proofs of binaries build, for scripts that have $repo and $outboard: source it.

build() { # sample folder board version options...
    local sample=$1 folder=$2 board=$3 version=$4
    shift 4
    { cmake -S "$repo/$sample" -B "$folder" -G Ninja -DBOARD="$board" -DOUTBOARD_TOOL="$outboard" \
        -DCONFIG_MCUBOOT_IMGTOOL_SIGN_VERSION="$version" -Dmcuboot_CONFIG_LOG=n "$@" && cmake --build "$folder"; } \
        >"$folder.log" 2>&1 || { echo "proof: error: $folder does not build; see $folder.log" >&2; return 1; }
}
