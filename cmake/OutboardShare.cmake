# SPDX-License-Identifier: Apache-2.0
# What a child image tells its parent: shared.cmake in its build folder.

get_property(OB_PM_YML GLOBAL PROPERTY OB_PM_YML)

foreach(mode BOOT_SWAP_USING_SLIDE BOOT_UPGRADE_ONLY BOOT_UPGRADE_DUAL)
    if(CONFIG_${mode})
        set(OB_BOOT_MODE ${mode})
    endif()
endforeach()

# How images are signed: <symbol>=<value>, bools as C sees them.
set(OB_SIGNATURES)
get_cmake_property(variables VARIABLES)
foreach(variable IN LISTS variables)
    if(variable MATCHES "^CONFIG_BOOT_(SIGNATURE_TYPE|SIGNATURE_SIZE|IMG_HASH)_")
        string(REGEX REPLACE "^y$" "1" value "${${variable}}")
        list(APPEND OB_SIGNATURES ${variable}=${value})
    endif()
endforeach()

get_property(OB_DEPENDS GLOBAL PROPERTY OB_CONFIGURE_DEPENDS)
list(REMOVE_DUPLICATES OB_DEPENDS)
set(OB_SHARED "")
ob_append_set(OB_SHARED ${IMAGE_NAME}_PM_YML "${OB_PM_YML}")
ob_append_set(OB_SHARED ${IMAGE_NAME}_PM_HEADER "${OB_PM_HEADER}")
ob_append_set(OB_SHARED ${IMAGE_NAME}_KEY_FILE "${OB_KEY_FILE}")
ob_append_set(OB_SHARED ${IMAGE_NAME}_BOOT_MODE "${OB_BOOT_MODE}")
ob_append_set(OB_SHARED ${IMAGE_NAME}_MAX_IMG_SECTORS "${CONFIG_BOOT_MAX_IMG_SECTORS}")
ob_append_set(OB_SHARED ${IMAGE_NAME}_SIGNATURES "${OB_SIGNATURES}")
ob_append_set(OB_SHARED ${IMAGE_NAME}_DOWNGRADE_PREVENTION "${CONFIG_MCUBOOT_DOWNGRADE_PREVENTION}")
ob_append_set(OB_SHARED ${IMAGE_NAME}_CONFIGURE_DEPENDS "${OB_DEPENDS}")
ob_append_set(OB_SHARED ${IMAGE_NAME}_PM_PAD "${CONFIG_PM_PARTITION_SIZE_MCUBOOT_PAD}")
ob_append_set(OB_SHARED ${IMAGE_NAME}_DT_PARTITIONS "${OB_DT_PARTITIONS}")
ob_append_set(OB_SHARED ${IMAGE_NAME}_DTS ${OB_DTS})
ob_append_set(OB_SHARED ${IMAGE_NAME}_HEX ${CMAKE_CURRENT_BINARY_DIR}/${IMAGE_NAME}.hex)
ob_append_set(OB_SHARED ${IMAGE_NAME}_BIN ${CMAKE_CURRENT_BINARY_DIR}/${IMAGE_NAME}.bin)
file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/shared.cmake "${OB_SHARED}")
