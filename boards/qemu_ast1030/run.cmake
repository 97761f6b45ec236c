# SPDX-License-Identifier: Apache-2.0
# Target `run`. Chips are raw files: index 0 is behind the FMC, index 2 is the first one behind SPI1. The boot ROM, which copies
# the start of the FMC's chip to SRAM, is not emulated: -kernel does the same.
if(CONFIG_BOOTLOADER_MCUBOOT)
    set(OB_QEMU_KERNEL ${mcuboot_BIN})
else()
    set(OB_QEMU_KERNEL ${CMAKE_CURRENT_BINARY_DIR}/${IMAGE_NAME}.bin)
endif()
set(OB_CHECK_CHIP ${CMAKE_CURRENT_LIST_DIR}/check-chip.sh)

# Where the board's serial port appears. SMP clients want a port of their own: pty.
set(SERIAL stdio CACHE STRING "Serial port of target run: stdio, pty or tcp:<port>")
if(SERIAL STREQUAL "stdio")
    set(OB_QEMU_SERIAL -nographic)
    set(OB_RUN_COMMENT "Leave QEMU with Ctrl-A X")
elseif(SERIAL STREQUAL "pty")
    set(OB_QEMU_SERIAL -display none -monitor none -serial pty)
    set(OB_RUN_COMMENT "The serial port is the /dev/pts/<n> that QEMU names: smpmgr --port /dev/pts/<n> image state-read. Leave QEMU with Ctrl-C")
elseif(SERIAL MATCHES "^tcp:([0-9]+)$")
    set(OB_QEMU_SERIAL -display none -monitor none -serial tcp:127.0.0.1:${CMAKE_MATCH_1},server=on,wait=off)
    set(OB_RUN_COMMENT "The serial port is at 127.0.0.1, port ${CMAKE_MATCH_1}. Leave QEMU with Ctrl-C")
else()
    ob_fail("-DSERIAL=${SERIAL}: there is no such serial port; choose stdio, pty or tcp:<port>")
endif()
set(OB_QEMU qemu-system-arm -M ast1030-evb,fmc-model=mx25l6405d,spi-model=mx25l25635e
    -drive if=mtd,index=0,format=raw,file=internal_flash.bin
    -drive if=mtd,index=2,format=raw,file=external_flash.bin
    -kernel ${OB_QEMU_KERNEL})
set(OB_CHECK_CHIPS COMMAND ${OB_CHECK_CHIP} internal_flash.bin 8388608 # the two models' sizes
    COMMAND ${OB_CHECK_CHIP} external_flash.bin 33554432)
add_custom_target(run ${OB_CHECK_CHIPS} COMMAND ${OB_QEMU} ${OB_QEMU_SERIAL}
    DEPENDS outputs WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR} USES_TERMINAL COMMENT "${OB_RUN_COMMENT}" VERBATIM)

# The board waits for gdb before its first instruction. The terminal is gdb's, so the serial port cannot be there.
if(SERIAL STREQUAL "stdio")
    set(OB_QEMU_SERIAL -display none -monitor none -serial pty)
endif()
add_custom_target(debug ${OB_CHECK_CHIPS}
    COMMAND ${CMAKE_CURRENT_LIST_DIR}/debug.sh ${IMAGE_NAME}.elf ${OB_QEMU} ${OB_QEMU_SERIAL}
    DEPENDS outputs WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR} USES_TERMINAL
    COMMENT "gdb has the application's symbols; add-symbol-file mcuboot/mcuboot.elf for the bootloader's" VERBATIM)

add_custom_target(flash COMMAND ${OB_WRITE_INTERNAL} DEPENDS merged.hex VERBATIM)
