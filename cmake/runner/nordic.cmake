# SPDX-License-Identifier: Apache-2.0
# Targets `flash`, `debug` and `run` of boards with an nRF. Which program does it is decided when it is done: nordic_run.cmake.
#
# ob_nordic_targets(FAMILY <nrfjprog's name> DEVICE <J-Link's> PYOCD <target> OPENOCD <configuration file> XIP <address>)
#   XIP: where programmers expect the content of the chip on QSPI
function(ob_nordic_targets)
    cmake_parse_arguments(PARSE_ARGV 0 arg "" "FAMILY;DEVICE;PYOCD;OPENOCD;XIP" "")
    set(elf ${CMAKE_CURRENT_BINARY_DIR}/${IMAGE_NAME}.elf)
    if(CONFIG_BOOTLOADER_MCUBOOT)
        list(APPEND elf ${CMAKE_CURRENT_BINARY_DIR}/mcuboot/mcuboot.elf)
    endif()
    set(facts -DRUNNER=${RUNNER} -DFAMILY=${arg_FAMILY} -DDEVICE=${arg_DEVICE} -DPYOCD_TARGET=${arg_PYOCD}
        -DOPENOCD_TARGET=${arg_OPENOCD} -DXIP=${arg_XIP} -DPYTHON=${OUTBOARD_PYTHON} -DDEVICETREE=${OB_DT_JSON} "-DELF=${elf}"
        -DCHIP=$<$<BOOL:${CONFIG_PM_EXTERNAL_FLASH_ENABLED}>:external_flash.bin>)
    set(script -P ${OUTBOARD_CMAKE_DIR}/runner/nordic_run.cmake)
    add_custom_target(flash COMMAND ${CMAKE_COMMAND} -DACTION=flash ${facts} ${script}
        DEPENDS outputs WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR} USES_TERMINAL VERBATIM)
    add_custom_target(debug COMMAND ${CMAKE_COMMAND} -DACTION=debug ${facts} ${script}
        DEPENDS outputs WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR} USES_TERMINAL VERBATIM)
    add_custom_target(run COMMAND ${OUTBOARD_TOOL} board run --serial stdio ${CMAKE_CURRENT_BINARY_DIR}
        DEPENDS outputs WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR} USES_TERMINAL VERBATIM)
endfunction()
