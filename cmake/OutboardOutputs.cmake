# SPDX-License-Identifier: Apache-2.0
# What leaves the build of a root image: signed, merged, ready for a device or an emulator.

# Intel HEX of a binary at an address.
function(ob_hex output input address)
    add_custom_command(OUTPUT ${output}
        COMMAND ${CMAKE_OBJCOPY} -I binary -O ihex --change-section-lma *+${address} ${input} ${output}
        DEPENDS ${input} VERBATIM)
endfunction()

set(OB_MERGE)
foreach(child IN LISTS OB_CHILDREN)
    add_custom_target(${child} ALL COMMAND ${CMAKE_COMMAND} --build ${CMAKE_CURRENT_BINARY_DIR}/${child}
        BYPRODUCTS ${${child}_BIN} COMMENT "Building child image ${child}" VERBATIM)
    foreach(target menuconfig guiconfig)
        add_custom_target(${child}_${target} USES_TERMINAL VERBATIM
            COMMAND ${CMAKE_COMMAND} --build ${CMAKE_CURRENT_BINARY_DIR}/${child} --target ${target})
    endforeach()
    string(TOUPPER ${child} upper)
    ob_hex(${${child}_HEX} ${${child}_BIN} ${PM_${upper}_ADDRESS})
    list(APPEND OB_MERGE ${${child}_HEX})
endforeach()

ob_dt_chosen(OB_FLASH_PATH zephyr,flash)
if(CONFIG_BOOTLOADER_MCUBOOT)
    ob_pm_check(OB_PM_CHECK ${OB_PARTITIONS} ${OB_REGIONS})
    ob_dt_node(OB_WRITE_SIZE ${OB_FLASH_PATH} properties write-block-size)
    set(OB_SIGN ${OB_PYTHON_BIN}/imgtool sign --key ${mcuboot_KEY_FILE} ${mcuboot_SIGN_OPTIONS} --header-size ${PM_MCUBOOT_PAD_SIZE} --pad-header
        --slot-size ${PM_MCUBOOT_PRIMARY_SIZE} --align ${OB_WRITE_SIZE} --version ${CONFIG_MCUBOOT_IMGTOOL_SIGN_VERSION})
    # What is programmed is not encrypted, and carries the key that it is to leave with.
    set(OB_PROGRAMMED app_update.bin)
    if(mcuboot_ENCRYPT_OPTIONS)
        list(APPEND OB_SIGN ${mcuboot_ENCRYPT_OPTIONS})
        set(OB_PROGRAMMED app_programmed.bin)
        add_custom_command(OUTPUT ${OB_PROGRAMMED} COMMAND ${OB_SIGN} --clear ${IMAGE_NAME}.bin ${OB_PROGRAMMED}
            DEPENDS ${IMAGE_NAME}.bin ${mcuboot_KEY_FILE} ${mcuboot_ENCRYPTION_KEY_FILE} COMMENT "Signing ${OB_PROGRAMMED}" VERBATIM)
    endif()
    add_custom_command(OUTPUT app_update.bin COMMAND ${OB_SIGN} ${IMAGE_NAME}.bin app_signed.bin
        COMMAND ${OB_PM_CHECK} --update app_signed.bin
        COMMAND ${CMAKE_COMMAND} -E rename app_signed.bin app_update.bin
        DEPENDS ${IMAGE_NAME}.bin ${mcuboot_KEY_FILE} ${mcuboot_ENCRYPTION_KEY_FILE} ${OB_PM_CONFIG}
        COMMENT "Signing app_update.bin" VERBATIM)
    ob_hex(app_signed.hex ${OB_PROGRAMMED} ${PM_MCUBOOT_PRIMARY_ADDRESS})
    list(APPEND OB_MERGE app_signed.hex)
    include(${OUTBOARD_CMAKE_DIR}/OutboardPackages.cmake)
else()
    ob_hex(${IMAGE_NAME}.hex ${IMAGE_NAME}.bin ${PM_APP_ADDRESS})
    list(APPEND OB_MERGE ${IMAGE_NAME}.hex)
endif()

set(OB_CHECK_LINKED)
if(OB_CHILDREN)
    set(OB_CHECK_LINKED COMMAND ${OB_PM_CHECK} --linked --quiet)
endif()
add_custom_command(OUTPUT merged.hex ${OB_CHECK_LINKED} COMMAND ${OUTBOARD_PYTHON} ${OB_PYTHON_BIN}/hexmerge.py -o merged.hex ${OB_MERGE}
    DEPENDS ${OB_MERGE} COMMENT "Merging merged.hex" VERBATIM)

# Files that stand for the two chips. The internal one is written anew when an image changes, as flashing does; the external
# one is made once and keeps what the device wrote.
ob_dt_node(OB_CHIP_BITS ${OB_FLASH_PATH} properties size)
if(NOT OB_CHIP_BITS) # flash inside the SoC has no chip of its own
    math(EXPR OB_CHIP_BITS "${OB_FLASH_BYTES} * 8")
endif()
math(EXPR OB_FLASH_END "${CONFIG_FLASH_BASE_ADDRESS} + ${OB_CHIP_BITS} / 8" OUTPUT_FORMAT HEXADECIMAL)
set(OB_WRITE_INTERNAL ${CMAKE_OBJCOPY} -I ihex -O binary --gap-fill 0xff --pad-to ${OB_FLASH_END} merged.hex internal_flash.bin)
add_custom_command(OUTPUT internal_flash.bin COMMAND ${OB_WRITE_INTERNAL} DEPENDS merged.hex VERBATIM)
set(OB_FLASH_FILES internal_flash.bin)
if(CONFIG_PM_EXTERNAL_FLASH_ENABLED)
    add_custom_command(OUTPUT external_flash.bin
        COMMAND ${CMAKE_COMMAND} -DFILE=external_flash.bin -DSIZE=${OB_EXTERNAL_BYTES} -P ${OUTBOARD_CMAKE_DIR}/erased.cmake VERBATIM)
    list(APPEND OB_FLASH_FILES external_flash.bin)
endif()
add_custom_target(outputs ALL DEPENDS merged.hex ${OB_FLASH_FILES} ${OB_PACKAGES})

ob_pm_images(OB_PM_REPORT_IMAGES)
add_custom_target(pm_report COMMAND ${OUTBOARD_TOOL} pm report --partitions ${OB_PARTITIONS} --regions ${OB_REGIONS}
    ${OB_PM_REPORT_IMAGES} USES_TERMINAL VERBATIM)
add_custom_target(partition_manager_report DEPENDS pm_report)

include(${BOARD_DIR}/run.cmake OPTIONAL)
