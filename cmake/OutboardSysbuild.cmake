# SPDX-License-Identifier: Apache-2.0
#
# The SDK's newer way: settings above the images in sysbuild.conf (or SB_CONF_FILE), SB_EXTRA_CONF_FILE and -DSB_CONFIG_<symbol>, which force
# symbols in the images, and a folder sysbuild/ instead of child_image/:
#   sysbuild/<image>/                       is the image's whole configuration folder
#   sysbuild/<image>.conf, <image>.overlay  are added, unless <image>_EXTRA_CONF_FILE, _EXTRA_DTC_OVERLAY_FILE are given
#
# It applies if such a setting exists, or with -DSYSBUILD=ON; not with -DSYSBUILD=OFF.

# Everything in sysbuild.conf and on the command line.
ob_assignments(OB_SB_ASSIGNMENTS SB_CONFIG_)
if(DEFINED SB_CONF_FILE)
    ob_absolute_files(OB_SB_CONF SB_CONF_FILE ${APPLICATION_CONFIG_DIR})
else()
    ob_find_file(OB_SB_CONF ${APPLICATION_CONFIG_DIR} sysbuild conf "${FILE_SUFFIX}")
endif()
ob_absolute_files(OB_SB_EXTRA_CONF SB_EXTRA_CONF_FILE ${APPLICATION_CONFIG_DIR})
list(APPEND OB_SB_CONF ${OB_SB_EXTRA_CONF})
if(NOT DEFINED SYSBUILD)
    set(SYSBUILD OFF)
    if(OB_SB_CONF OR OB_SB_ASSIGNMENTS)
        set(SYSBUILD ON)
    endif()
endif()

# Only one of the folders counts. What lies in the other alone would be missed on the device: a key, a driver, a slot outside.
function(ob_reject_other_folder other ours why)
    file(GLOB_RECURSE files RELATIVE ${APPLICATION_CONFIG_DIR}/${other} CONFIGURE_DEPENDS
        ${APPLICATION_CONFIG_DIR}/${other}/*.conf ${APPLICATION_CONFIG_DIR}/${other}/*.overlay ${APPLICATION_CONFIG_DIR}/${other}/*.pem)
    set(found)
    foreach(file IN LISTS files)
        if(NOT EXISTS ${APPLICATION_CONFIG_DIR}/${ours}/${file})
            string(APPEND found "${APPLICATION_CONFIG_DIR}/${other}/${file}: error: is not used ${why}; move it to ${ours}/${file}\n")
        endif()
    endforeach()
    if(found)
        ob_fail_later("The folder ${other}/ holds what the build would leave out; move what is named above, or say -DSYSBUILD=ON or OFF with its own folder complete" "${found}")
    endif()
endfunction()

if(NOT SYSBUILD)
    if(NOT EXISTS ${APPLICATION_CONFIG_DIR}/child_image)
        ob_reject_other_folder(sysbuild child_image "without sysbuild.conf, SB_CONFIG_ settings or -DSYSBUILD=ON")
    endif()
    return()
endif()
ob_reject_other_folder(child_image sysbuild "with sysbuild (sysbuild.conf, SB_CONFIG_ settings or -DSYSBUILD=ON)")

# The names of board and SoC, for conditions in Kconfig.sysbuild.
string(MAKE_C_IDENTIFIER "BOARD_${BOARD}" ob_board_symbol)
string(TOUPPER ${ob_board_symbol} ob_board_symbol)
file(STRINGS ${BOARD_DIR}/Kconfig ob_names REGEX "select (BOARD|SOC)_[A-Z0-9_]+")
list(TRANSFORM ob_names REPLACE ".*select ([A-Z0-9_]+).*" "\\1")
set(ob_text "source \"${OUTBOARD_BASE}/soc/Kconfig.names\"\n")
foreach(symbol IN LISTS ob_board_symbol ob_names)
    string(APPEND ob_text "config ${symbol}\n\tdef_bool y\n")
endforeach()
set(OB_SB_BOARD_KCONFIG ${CMAKE_CURRENT_BINARY_DIR}/Kconfig.sysbuild_board)
file(CONFIGURE OUTPUT ${OB_SB_BOARD_KCONFIG} CONTENT "${ob_text}" @ONLY)

ob_first_existing(OB_SB_KCONFIG ${APPLICATION_CONFIG_DIR}/Kconfig.sysbuild
    ${OUTBOARD_CMAKE_DIR}/sysbuild/share/sysbuild/Kconfig)
set(OB_SB_DOTCONFIG ${CMAKE_CURRENT_BINARY_DIR}/sysbuild.config)
ob_merge_kconfig(OB_SB_MERGED "The configuration above the images is not valid; correct what is named above"
    KCONFIG ${OB_SB_KCONFIG} CONFIG ${OB_SB_DOTCONFIG} HEADER ${OB_SB_DOTCONFIG}.h
    ENVIRONMENT CONFIG_=SB_CONFIG_ srctree=${OUTBOARD_CMAKE_DIR}/sysbuild ZEPHYR_BASE=${OUTBOARD_CMAKE_DIR}/sysbuild OB_SB_BOARD_KCONFIG=${OB_SB_BOARD_KCONFIG}
    ARGUMENTS ${OB_SB_ASSIGNMENTS} ${OB_SB_CONF})
ob_import_config(${OB_SB_MERGED})

# Where the last of some settings above the images was written, or that the first has its default.
function(ob_place_above result first)
    set(place "default of SB_CONFIG_${first}")
    foreach(symbol ${first} ${ARGN})
        ob_place_written(written ${OB_SB_MERGED} SB_CONFIG_${symbol})
        if(written)
            set(place "${written}")
        endif()
    endforeach()
    set(${result} "${place}" PARENT_SCOPE)
endfunction()

# An image's symbol has a value because of settings above the images: pairs of assignment and place in a list.
function(ob_force list assignment)
    ob_place_above(place ${ARGN})
    set(${list} ${${list}} "${assignment}" "${place}" PARENT_SCOPE)
endfunction()

# A bool of the image follows a bool above the images.
function(ob_follow list symbol above)
    set(value n)
    if(SB_CONFIG_${above})
        set(value y)
    endif()
    ob_force(${list} ${symbol}=${value} ${above} ${ARGN})
    set(${list} ${${list}} PARENT_SCOPE)
endfunction()

# The key of the former folder: with sysbuild it is a setting above the images, and the demo key would sign instead.
file(GLOB_RECURSE OB_OLD_CONFS CONFIGURE_DEPENDS ${APPLICATION_CONFIG_DIR}/child_image/*.conf)
file(GLOB_RECURSE OB_NEW_CONFS CONFIGURE_DEPENDS ${APPLICATION_CONFIG_DIR}/sysbuild/*.conf)
foreach(file IN LISTS OB_OLD_CONFS)
    file(STRINGS ${file} key REGEX "^CONFIG_BOOT_SIGNATURE_KEY_FILE=")
    set(kept "${SB_CONFIG_BOOT_SIGNATURE_KEY_FILE}")
    foreach(new IN LISTS OB_NEW_CONFS)
        file(STRINGS ${new} same REGEX "^CONFIG_BOOT_SIGNATURE_KEY_FILE=")
        string(APPEND kept "${same}")
    endforeach()
    if(key AND NOT kept)
        ob_fail_later("${file}: its ${key} is not used with sysbuild, and images would be signed with another key; set SB_${key} in sysbuild.conf" "")
    endif()
endforeach()

set(OB_FORCED)
set(mcuboot_OB_FORCED)
ob_follow(OB_FORCED CONFIG_BOOTLOADER_MCUBOOT BOOTLOADER_MCUBOOT)
if(SB_CONFIG_BOOTLOADER_MCUBOOT)
    foreach(symbol PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY PM_OVERRIDE_EXTERNAL_DRIVER_CHECK)
        ob_follow(OB_FORCED CONFIG_${symbol} ${symbol})
        ob_follow(mcuboot_OB_FORCED CONFIG_${symbol} ${symbol})
    endforeach()
    set(ob_modes MCUBOOT_MODE_SWAP_WITHOUT_SCRATCH MCUBOOT_MODE_OVERWRITE_ONLY MCUBOOT_MODE_DUAL)
    ob_follow(mcuboot_OB_FORCED CONFIG_BOOT_SWAP_USING_SLIDE MCUBOOT_MODE_SWAP_WITHOUT_SCRATCH ${ob_modes})
    ob_follow(mcuboot_OB_FORCED CONFIG_BOOT_UPGRADE_ONLY MCUBOOT_MODE_OVERWRITE_ONLY ${ob_modes})
    ob_follow(mcuboot_OB_FORCED CONFIG_BOOT_UPGRADE_DUAL MCUBOOT_MODE_DUAL ${ob_modes})
    ob_force(mcuboot_OB_FORCED CONFIG_PM_PARTITION_SIZE_MCUBOOT_PAD=${SB_CONFIG_PM_MCUBOOT_PAD} PM_MCUBOOT_PAD)
    if(SB_CONFIG_NETCORE_APP_UPDATE)
        ob_force(mcuboot_OB_FORCED CONFIG_PCD_APP=y NETCORE_APP_UPDATE)
        ob_follow(mcuboot_OB_FORCED CONFIG_NRF53_MULTI_IMAGE_UPDATE MCUBOOT_NRF53_MULTI_IMAGE_UPDATE NETCORE_APP_UPDATE MCUBOOT_NRF53_MULTI_IMAGE_UPDATE)
    endif()
    if(SB_CONFIG_MCUBOOT_UPDATEABLE_IMAGES GREATER 1)
        ob_force(mcuboot_OB_FORCED CONFIG_UPDATEABLE_IMAGE_NUMBER=${SB_CONFIG_MCUBOOT_UPDATEABLE_IMAGES} MCUBOOT_UPDATEABLE_IMAGES)
    endif()
    if(SB_CONFIG_MCUBOOT_HARDWARE_DOWNGRADE_PREVENTION)
        set(ob_counter MCUBOOT_HW_DOWNGRADE_PREVENTION_COUNTER_VALUE)
        ob_force(mcuboot_OB_FORCED CONFIG_MCUBOOT_HW_DOWNGRADE_PREVENTION=y MCUBOOT_HARDWARE_DOWNGRADE_PREVENTION)
        ob_force(OB_FORCED CONFIG_MCUBOOT_HARDWARE_DOWNGRADE_PREVENTION=y MCUBOOT_HARDWARE_DOWNGRADE_PREVENTION)
        ob_force(OB_FORCED CONFIG_${ob_counter}=${SB_CONFIG_${ob_counter}} ${ob_counter})
    endif()
    if(SB_CONFIG_BOOT_ENCRYPTION)
        ob_force(mcuboot_OB_FORCED CONFIG_BOOT_ENCRYPT_IMAGE=y BOOT_ENCRYPTION)
        ob_follow(mcuboot_OB_FORCED CONFIG_BOOT_ENCRYPT_ALG_AES_256 BOOT_ENCRYPTION_ALG_AES_256)
        if(SB_CONFIG_BOOT_ENCRYPTION_KEY_FILE)
            ob_force(mcuboot_OB_FORCED "CONFIG_BOOT_ENCRYPTION_KEY_FILE=\"${SB_CONFIG_BOOT_ENCRYPTION_KEY_FILE}\"" BOOT_ENCRYPTION_KEY_FILE)
        endif()
    endif()
    foreach(type ECDSA_P256 RSA ED25519 PURE)
        if(SB_CONFIG_BOOT_SIGNATURE_TYPE_${type})
            ob_force(mcuboot_OB_FORCED CONFIG_BOOT_SIGNATURE_TYPE_${type}=y BOOT_SIGNATURE_TYPE_${type})
        endif()
    endforeach()
    if(SB_CONFIG_BOOT_SIGNATURE_KEY_FILE)
        ob_force(mcuboot_OB_FORCED "CONFIG_BOOT_SIGNATURE_KEY_FILE=\"${SB_CONFIG_BOOT_SIGNATURE_KEY_FILE}\"" BOOT_SIGNATURE_KEY_FILE)
    endif()
endif()
