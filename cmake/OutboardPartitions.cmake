# SPDX-License-Identifier: Apache-2.0
# The partition manager: the root image lays out what its children and its own libraries ask for.

# Names of static layouts without .yml, the first that exists counts. <type>: of build, or empty.
function(ob_pm_static_names result type)
    set(board pm_static_${BOARD})
    set(revision pm_static_${OB_BOARD_WITH_REVISION})
    if(FILE_SUFFIX)
        set(names ${revision}_${FILE_SUFFIX} ${revision} ${board}_${FILE_SUFFIX} ${board} pm_static_${FILE_SUFFIX})
    elseif(type)
        set(names ${revision}_${type} ${board}_${type} pm_static_${type})
    else()
        set(names ${revision} ${board})
    endif()
    list(APPEND names pm_static)
    list(REMOVE_DUPLICATES names)
    set(${result} ${names} PARENT_SCOPE)
endfunction()

# A layout that the user wrote for this board and that does not count: without a word it would be missed in the field only.
function(ob_warn_unused_static used)
    set(where ${APPLICATION_CONFIG_DIR}/pm_static)
    set(of_board ${where}_${OB_BOARD_WITH_REVISION}.yml ${where}_${BOARD}.yml)
    list(REMOVE_DUPLICATES of_board)
    foreach(file IN LISTS of_board)
        if(EXISTS ${file} AND OB_BUILD_TYPE AND NOT FILE_SUFFIX AND NOT PM_STATIC_YML_FILE)
            cmake_path(REPLACE_EXTENSION file LAST_ONLY "" OUTPUT_VARIABLE stem)
            message(NOTICE "${file}: warning: is not used: the type of build is ${OB_BUILD_TYPE}; rename it to ${stem}_${OB_BUILD_TYPE}.yml")
        endif()
    endforeach()
    file(GLOB others CONFIGURE_DEPENDS ${where}*.yml)
    foreach(file IN LISTS others)
        if(file MATCHES "_([A-Z][A-Z0-9_]*)\\.yml$" AND NOT file STREQUAL used)
            message(NOTICE "${file}: warning: is not used: it is for the domain ${CMAKE_MATCH_1}, and this build has none but the application's")
        endif()
    endforeach()
endfunction()

# The static layout that applies.
function(ob_find_pm_static result)
    if(PM_STATIC_YML_FILE)
        set(${result} ${OB_PM_STATIC_NAMED} PARENT_SCOPE)
        return()
    endif()
    ob_pm_static_names(names "${OB_BUILD_TYPE}")
    ob_pm_static_names(names_without_type "")
    set(candidates)
    foreach(dir ${APPLICATION_CONFIG_DIR} ${COMMON_CHILD_IMAGE_CONFIG_DIR})
        list(TRANSFORM names PREPEND ${dir}/ OUTPUT_VARIABLE found)
        list(APPEND candidates ${found})
    endforeach()
    list(TRANSFORM names PREPEND ${BOARD_DIR}/ OUTPUT_VARIABLE of_board)
    list(TRANSFORM names_without_type PREPEND ${BOARD_DIR}/ OUTPUT_VARIABLE of_board_without_type)
    list(APPEND candidates ${of_board} ${of_board_without_type})
    list(TRANSFORM candidates APPEND .yml)
    ob_first_existing(file ${candidates})
    set(${result} ${file} PARENT_SCOPE)
endfunction()

math(EXPR OB_FLASH_BYTES "${CONFIG_FLASH_SIZE} * 1024" OUTPUT_FORMAT HEXADECIMAL)

# The command that makes a static layout of the partitions in the application's devicetree, which all images that write some have
# to share.
function(ob_pm_from_dts result file)
    set(agree)
    foreach(child IN LISTS OB_CHILDREN)
        if(${child}_DT_PARTITIONS)
            list(APPEND agree --agree ${child}=${${child}_DTS})
        endif()
    endforeach()
    set(defaults ${OB_DTS_OWN_DIRS})
    list(TRANSFORM defaults PREPEND --default-in=)
    set(needs)
    if(OB_CHILDREN)
        set(needs --need mcuboot --need mcuboot_primary --need mcuboot_secondary)
    endif()
    set(pad ${mcuboot_PM_PAD})
    if(NOT pad)
        set(pad 0x200)
    endif()
    set(${result} ${OUTBOARD_TOOL} pm from-dts ${OB_DTS} --base flash_primary=${CONFIG_FLASH_BASE_ADDRESS}
        --size flash_primary=${OB_FLASH_BYTES} --pad ${pad} ${needs} ${agree} ${defaults} --output ${file} PARENT_SCOPE)
endfunction()

ob_find_pm_static(OB_PM_STATIC)
ob_warn_unused_static("${OB_PM_STATIC}")
if(OB_DT_PARTITIONS AND OB_PM_STATIC AND (NOT DEFINED SB_CONFIG_PARTITION_MANAGER OR SB_CONFIG_PARTITION_MANAGER))
    message(NOTICE "${OB_PM_STATIC}: warning: is the layout, not the partitions that a devicetree overlay writes; remove the one that does not count")
elseif(OB_DT_PARTITIONS)
    message(STATUS "Layout: the partitions in the devicetree")
    set(OB_PM_STATIC ${CMAKE_CURRENT_BINARY_DIR}/pm_static_devicetree.yml)
    ob_pm_from_dts(OB_PM_FROM_DTS ${OB_PM_STATIC})
    ob_run_deferred("The partitions in the devicetree cannot be the layout; correct what is named below" ${OB_PM_FROM_DTS})
endif()
set(OB_PM_STATIC_OPTION)
if(OB_PM_STATIC)
    message(STATUS "Found partition manager static configuration: ${OB_PM_STATIC}")
    set(OB_PM_STATIC_OPTION --static-config ${OB_PM_STATIC})
    ob_configure_depends(${OB_PM_STATIC})
elseif(OB_CHILDREN)
    message(NOTICE "WARNING: Using a bootloader without pm_static.yml. The layout may change from build to build, and an update is "
        "only accepted by devices that have the same one. Before the first release, copy partitions.yml of the build to "
        "${APPLICATION_CONFIG_DIR}/pm_static.yml")
endif()

# Regions. Each list: name, then the options of `outboard pm resolve`.
set(OB_PM_REGIONS sram_primary flash_primary)
set(OB_PM_REGION_OPTIONS
    --sram_primary-size ${CONFIG_PM_SRAM_SIZE}
    --sram_primary-base-address ${CONFIG_PM_SRAM_BASE}
    --sram_primary-placement-strategy complex
    --sram_primary-dynamic-partition sram_primary)
list(APPEND OB_PM_REGION_OPTIONS
    --flash_primary-size ${OB_FLASH_BYTES}
    --flash_primary-base-address ${CONFIG_FLASH_BASE_ADDRESS}
    --flash_primary-placement-strategy complex
    --flash_primary-device DT_CHOSEN\(zephyr_flash\)
    --flash_primary-default-driver-kconfig ${OB_SOC_FLASH_DRIVER_KCONFIG}
    --flash_primary-dynamic-partition app)
if(CONFIG_SOC_NRF5340_CPUAPP) # one-time programmable memory, UICR.OTP
    list(APPEND OB_PM_REGIONS otp)
    list(APPEND OB_PM_REGION_OPTIONS --otp-size 764 --otp-base-address 0xff8100 --otp-placement-strategy start_to_end)
endif()
if(CONFIG_PM_EXTERNAL_FLASH_ENABLED)
    math(EXPR OB_EXTERNAL_BYTES "${CONFIG_PM_EXTERNAL_FLASH_SIZE_BITS} / 8" OUTPUT_FORMAT HEXADECIMAL)
    list(APPEND OB_PM_REGIONS external_flash)
    list(APPEND OB_PM_REGION_OPTIONS
        --external_flash-size ${OB_EXTERNAL_BYTES}
        --external_flash-base-address ${CONFIG_PM_EXTERNAL_FLASH_BASE}
        --external_flash-placement-strategy start_to_end
        --external_flash-device DT_CHOSEN\(nordic_pm_ext_flash\)
        --external_flash-default-driver-kconfig CONFIG_PM_EXTERNAL_FLASH_HAS_DRIVER)
endif()
set(OB_RAM_FLASH_SIZE ${mcuboot_RAM_FLASH_SIZE} ${CONFIG_NRF53_RAM_FLASH_SIZE})
if(OB_RAM_FLASH_SIZE) # through which the network core's image goes
    list(APPEND OB_PM_REGIONS ram_flash)
    list(APPEND OB_PM_REGION_OPTIONS
        --ram_flash-size ${OB_RAM_FLASH_SIZE}
        --ram_flash-base-address 0
        --ram_flash-placement-strategy start_to_end
        --ram_flash-device nordic_ram_flash_controller
        --ram_flash-default-driver-kconfig CONFIG_FLASH_SIMULATOR)
endif()

set(OB_PM_INPUTS)
set(OB_PM_HEADERS ${OB_PM_HEADER})
set(OB_PM_IMAGES ${IMAGE_NAME})
foreach(child IN LISTS OB_CHILDREN)
    list(APPEND OB_PM_INPUTS ${${child}_PM_YML})
    list(APPEND OB_PM_HEADERS ${${child}_PM_HEADER})
    list(APPEND OB_PM_IMAGES ${child})
endforeach()
get_property(OB_PM_OWN_INPUTS GLOBAL PROPERTY OB_PM_YML)
if(SYSBUILD) # the SDK's order, which is that of addresses in external flash
    list(PREPEND OB_PM_INPUTS ${OB_PM_OWN_INPUTS})
else()
    list(APPEND OB_PM_INPUTS ${OB_PM_OWN_INPUTS})
endif()
set(OB_PM_INPUT_OPTION)
if(OB_PM_INPUTS)
    set(OB_PM_INPUT_OPTION --input-files ${OB_PM_INPUTS})
endif()
set(OB_PARTITIONS ${CMAKE_CURRENT_BINARY_DIR}/partitions.yml)
set(OB_REGIONS ${CMAKE_CURRENT_BINARY_DIR}/regions.yml)
set(OB_PM_CONFIG ${CMAKE_CURRENT_BINARY_DIR}/pm.config)
ob_run_deferred("Partition Manager failed; correct the file named below"
    ${OUTBOARD_TOOL} pm resolve ${OB_PM_INPUT_OPTION} ${OB_PM_STATIC_OPTION} --regions ${OB_PM_REGIONS}
    ${OB_PM_REGION_OPTIONS} --output-partitions ${OB_PARTITIONS}.new --output-regions ${OB_REGIONS}.new)
include(${OUTBOARD_CMAKE_DIR}/OutboardCheck.cmake)
if(OB_CHILDREN OR DEFINED LAYOUT)
    ob_pm_check(OB_PM_CHECK ${OB_PARTITIONS}.new ${OB_REGIONS}.new)
    ob_run_deferred("The layout cannot work on a device; change what is named below" ${OB_PM_CHECK})
endif()
foreach(file ${OB_PARTITIONS} ${OB_REGIONS}) # only now: a refused layout leaves the former one
    file(COPY_FILE ${file}.new ${file} ONLY_IF_DIFFERENT)
    file(REMOVE ${file}.new)
endforeach()
ob_run_deferred("Partition Manager output generation failed"
    ${OUTBOARD_TOOL} pm output --input-partitions ${OB_PARTITIONS} --input-regions ${OB_REGIONS}
    --header-files ${OB_PM_HEADERS} --images ${OB_PM_IMAGES} --config-file ${OB_PM_CONFIG})

file(STRINGS ${OB_PM_CONFIG} OB_PM_LINES REGEX "^PM_")
foreach(line IN LISTS OB_PM_LINES)
    if(line MATCHES "^(PM_[A-Za-z0-9_]+)=(.*)$")
        set(${CMAKE_MATCH_1} ${CMAKE_MATCH_2})
    endif()
endforeach()

# Blocks that can be locked may be larger than the pages of a trailer.
if(mcuboot_LOCKS_RUNNING_IMAGE)
    ob_dt_chosen(ob_flash zephyr,flash)
    ob_dt_node(ob_page ${ob_flash} properties erase-block-size)
    math(EXPR ob_limit "${PM_MCUBOOT_PRIMARY_ADDRESS} + ${PM_MCUBOOT_PRIMARY_SIZE} - ${ob_page}" OUTPUT_FORMAT HEXADECIMAL)
    math(EXPR ob_locked "${ob_limit} / ${CONFIG_FPROTECT_BLOCK_SIZE} * ${CONFIG_FPROTECT_BLOCK_SIZE}" OUTPUT_FORMAT HEXADECIMAL)
    if(NOT ob_locked EQUAL ob_limit)
        message(NOTICE "mcuboot_primary: what runs is locked up to ${ob_locked}; from there to the trailer at ${ob_limit} it stays writable, because blocks of ${CONFIG_FPROTECT_BLOCK_SIZE} are locked")
    endif()
endif()
