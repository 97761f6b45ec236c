#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Start an emulated board that waits for gdb, and gdb: debug.sh ELF QEMU-COMMAND...
elf=$1
shift
folder=$(mktemp -d)
"$@" -S -gdb "unix:$folder/gdb,server=on,wait=off" &
qemu=$!
trap 'kill $qemu 2>/dev/null; rm -rf "$folder"' EXIT
until [ -S "$folder/gdb" ]; do
    kill -0 $qemu 2>/dev/null || exit 1 # QEMU has said why
    sleep 0.1
done
"${GDB:-gdb-multiarch}" -ex "target remote $folder/gdb" "$elf"
