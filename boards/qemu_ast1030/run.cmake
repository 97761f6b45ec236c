# SPDX-License-Identifier: Apache-2.0
# Target `run`. Chips are raw files: index 0 is behind the FMC, index 2 is the first one behind SPI1. The boot ROM, which copies
# the start of the FMC's chip to SRAM, is not emulated: -kernel does the same.
if(CONFIG_BOOTLOADER_MCUBOOT)
    set(OB_QEMU_KERNEL ${mcuboot_BIN})
else()
    set(OB_QEMU_KERNEL ${CMAKE_CURRENT_BINARY_DIR}/${IMAGE_NAME}.bin)
endif()
set(OB_CHECK_CHIP ${CMAKE_CURRENT_LIST_DIR}/check-chip.sh)
add_custom_target(run
    COMMAND ${OB_CHECK_CHIP} internal_flash.bin 8388608 # the two models' sizes
    COMMAND ${OB_CHECK_CHIP} external_flash.bin 33554432
    COMMAND qemu-system-arm -M ast1030-evb,fmc-model=mx25l6405d,spi-model=mx25l25635e -nographic
        -drive if=mtd,index=0,format=raw,file=internal_flash.bin
        -drive if=mtd,index=2,format=raw,file=external_flash.bin
        -kernel ${OB_QEMU_KERNEL}
    DEPENDS outputs WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR} USES_TERMINAL
    COMMENT "Leave QEMU with Ctrl-A X" VERBATIM)

add_custom_target(flash COMMAND ${OB_WRITE_INTERNAL} DEPENDS merged.hex VERBATIM)
