# SPDX-License-Identifier: Apache-2.0
#
# The bootloader alone, for an application that is built elsewhere:
#
#   cmake -S bootloader -B build/bl -G Ninja -DBOARD=<board> -DLAYOUT=<file> [-DCONFIG_<symbol>=<value>]
#
# <file> is a partitions.yml or pm_static.yml, the zephyr.dts of a build, or a devicetree overlay with partitions. What the
# application's side needs is left in handover/ of the build folder.

set(IMAGE_NAME mcuboot)
set(LAYOUT "" CACHE FILEPATH "partitions.yml, pm_static.yml, zephyr.dts or overlay with partitions") # counts from where cmake was called
set(OB_LAYOUT_FILE ${LAYOUT})
if(NOT EXISTS ${OB_LAYOUT_FILE})
    ob_fail("${LAYOUT}: does not exist; give -DLAYOUT=<partitions.yml, pm_static.yml, zephyr.dts or overlay>")
endif()
ob_configure_depends(${OB_LAYOUT_FILE})
cmake_path(GET OB_LAYOUT_FILE PARENT_PATH OB_KEY_DIR) # keys lie where the layout does
cmake_path(GET OB_LAYOUT_FILE EXTENSION LAST_ONLY OB_LAYOUT_KIND)

set(PM_STATIC_YML_FILE)
if(OB_LAYOUT_KIND STREQUAL ".overlay")
    list(APPEND EXTRA_DTC_OVERLAY_FILE ${OB_LAYOUT_FILE})
elseif(OB_LAYOUT_KIND MATCHES "^\\.(dts|dtb)$")
    set(PM_STATIC_YML_FILE ${CMAKE_CURRENT_BINARY_DIR}/pm_static_layout.yml)
    ob_run("The partitions in ${OB_LAYOUT_FILE} cannot be the layout; correct what is named above"
        ${OUTBOARD_TOOL} pm from-dts ${OB_LAYOUT_FILE} --output ${PM_STATIC_YML_FILE})
elseif(OB_LAYOUT_KIND MATCHES "^\\.ya?ml$")
    set(PM_STATIC_YML_FILE ${OB_LAYOUT_FILE})
else()
    ob_fail("${OB_LAYOUT_FILE}: is no layout; give a partitions.yml, a pm_static.yml, a zephyr.dts or an overlay with partitions")
endif()

# A slot outside needs a chip that is chosen. On a board with one chip there is nothing to choose.
macro(ob_choose_only_chip)
    set(OB_LAYOUT_TEXT "")
    if(PM_STATIC_YML_FILE)
        file(READ ${PM_STATIC_YML_FILE} OB_LAYOUT_TEXT)
    endif()
    ob_dt_chosen(OB_CHIP nordic,pm-ext-flash)
    if(NOT OB_CHIP AND OB_LAYOUT_TEXT MATCHES "external_flash")
        ob_find_chips(OB_CHIPS)
        list(LENGTH OB_CHIPS OB_CHIP_COUNT)
        if(OB_CHIP_COUNT EQUAL 1)
            message(STATUS "Chosen as nordic,pm-ext-flash: ${OB_CHIPS}, the only chip of ${BOARD}")
            set(OB_CHOSEN_OVERLAY ${CMAKE_CURRENT_BINARY_DIR}/chosen.overlay)
            file(WRITE ${OB_CHOSEN_OVERLAY} "/ { chosen { nordic,pm-ext-flash = &{${OB_CHIPS}}; }; };\n")
            ob_make_devicetree(-include ${OB_CHOSEN_OVERLAY})
            file(READ ${OB_DT_JSON} OB_DT)
        else()
            ob_fail("${OB_LAYOUT_FILE}: has partitions in external_flash, and ${BOARD} has ${OB_CHIP_COUNT} chips that could hold them: ${OB_CHIPS}; choose one with an overlay, / { chosen { nordic,pm-ext-flash = &<label>; }; };, and -DEXTRA_DTC_OVERLAY_FILE=<overlay>")
        endif()
    endif()
endmacro()

# Paths of all enabled flash chips but the one that code runs from.
function(ob_find_chips result)
    set(chips)
    ob_dt_chosen(own zephyr,flash)
    string(JSON count LENGTH "${OB_DT}" nodes)
    math(EXPR last "${count} - 1")
    foreach(i RANGE ${last})
        string(JSON path GET "${OB_DT}" nodes ${i} path)
        string(JSON okay GET "${OB_DT}" nodes ${i} okay)
        string(JSON compatible ERROR_VARIABLE none GET "${OB_DT}" nodes ${i} compatible)
        if(okay AND compatible MATCHES "jedec,spi-nor|nordic,qspi-nor|fmc-nor" AND NOT path STREQUAL own)
            list(APPEND chips ${path})
        endif()
    endforeach()
    set(${result} ${chips} PARENT_SCOPE)
endfunction()

# What is handed on. The application's devicetree, header, signing and Kconfig follow from the layout that was checked.
function(ob_hand_over)
    set(dir ${CMAKE_CURRENT_BINARY_DIR}/handover)
    file(MAKE_DIRECTORY ${dir})
    ob_run_deferred("The layout cannot be handed over"
        ${OUTBOARD_TOOL} pm output --input-partitions ${OB_PARTITIONS} --input-regions ${OB_REGIONS}
        --header-files ${dir}/pm_config.h --images app)
    execute_process(COMMAND ${OUTBOARD_TOOL} pm output --input-partitions ${OB_PARTITIONS} --input-regions ${OB_REGIONS}
        --dts ${dir}/partitions.overlay RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(NOT status EQUAL 0) # not every layout can be said in a devicetree
        file(REMOVE ${dir}/partitions.overlay)
        message(NOTICE "${output}handover/ has no partitions.overlay: this layout cannot be written as a devicetree")
    endif()
    file(COPY_FILE ${OB_PARTITIONS} ${dir}/pm_static.yml ONLY_IF_DIFFERENT)

    ob_dt_chosen(flash zephyr,flash)
    ob_dt_node(align ${flash} properties write-block-size)
    list(JOIN OB_SIGN_OPTIONS " " options)
    if(OB_ENCRYPT_OPTIONS)
        list(JOIN OB_ENCRYPT_OPTIONS " " encrypt)
        string(APPEND options " ${encrypt}")
    endif()
    set(sign "imgtool sign --key ${OB_KEY_FILE} ${options} --header-size ${PM_MCUBOOT_PAD_SIZE} --slot-size ${PM_MCUBOOT_PRIMARY_SIZE} --align ${align} --version 1.0.0+0")
    set(counter)
    if(CONFIG_MCUBOOT_HW_DOWNGRADE_PREVENTION OR CONFIG_MCUBOOT_DOWNGRADE_PREVENTION_SECURITY_COUNTER)
        set(counter "\n# This bootloader counts: add --security-counter <number>.")
    endif()
    file(CONFIGURE OUTPUT ${dir}/sign.sh @ONLY CONTENT
"#!/bin/sh
# sign.sh <binary of the application> <signed update>: as this bootloader wants it. A binary that begins with its vector table,
# as the SDK's partition manager links it, needs the header in front: add --pad-header. One that Zephyr linked with
# CONFIG_ROM_START_OFFSET=${PM_MCUBOOT_PAD_SIZE} has room for it.${counter}
exec ${sign} \"$@\"
")
    file(CHMOD ${dir}/sign.sh PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
    set(mode SWAP_USING_MOVE)
    if(CONFIG_BOOT_UPGRADE_ONLY)
        set(mode OVERWRITE_ONLY)
    endif()
    file(CONFIGURE OUTPUT ${dir}/app.conf @ONLY CONTENT
"# For the configuration of a Zephyr application. Its code begins at ${PM_APP_ADDRESS}, and has ${PM_APP_SIZE} bytes.
CONFIG_BOOTLOADER_MCUBOOT=y
CONFIG_MCUBOOT_BOOTLOADER_MODE_${mode}=y
CONFIG_ROM_START_OFFSET=${PM_MCUBOOT_PAD_SIZE}
CONFIG_MCUBOOT_SIGNATURE_KEY_FILE=\"${OB_KEY_FILE}\"
CONFIG_MCUBOOT_IMGTOOL_SIGN_VERSION=\"1.0.0+0\"
")
    add_custom_command(OUTPUT ${dir}/mcuboot.hex
        COMMAND ${CMAKE_OBJCOPY} -I binary -O ihex --change-section-lma *+${PM_MCUBOOT_ADDRESS} mcuboot.bin ${dir}/mcuboot.hex
        DEPENDS mcuboot.bin COMMENT "handover/: bootloader, layout, how to sign" VERBATIM)
    add_custom_target(handover ALL DEPENDS ${dir}/mcuboot.hex)
endfunction()
