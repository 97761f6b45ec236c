# SPDX-License-Identifier: Apache-2.0
# What a child image tells its parent: shared.cmake in its build folder.

set(OB_PM_YML)
if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/pm.yml)
    set(OB_PM_YML ${OB_GENERATED_DIR}/pm.yml)
    ob_run("${CMAKE_CURRENT_SOURCE_DIR}/pm.yml cannot be preprocessed; correct what is named above"
        ${CMAKE_C_COMPILER} -x assembler-with-cpp -nostdinc -E -P -I${OB_GENERATED_DIR}
        ${CMAKE_CURRENT_SOURCE_DIR}/pm.yml -o ${OB_PM_YML})
    ob_configure_depends(${CMAKE_CURRENT_SOURCE_DIR}/pm.yml)
endif()

# The key: absolute, or in the application's folder, or in this tree.
set(OB_KEY_FILE)
if(CONFIG_MCUBOOT)
    foreach(dir ${OB_KEY_DIR} ${OUTBOARD_BASE})
        cmake_path(ABSOLUTE_PATH CONFIG_BOOT_SIGNATURE_KEY_FILE BASE_DIRECTORY ${dir} NORMALIZE OUTPUT_VARIABLE file)
        if(NOT OB_KEY_FILE AND EXISTS ${file})
            set(OB_KEY_FILE ${file})
        endif()
    endforeach()
    if(NOT OB_KEY_FILE)
        ob_fail("${CONFIG_BOOT_SIGNATURE_KEY_FILE}: no such key file in ${OB_KEY_DIR} or ${OUTBOARD_BASE}; set CONFIG_BOOT_SIGNATURE_KEY_FILE of image ${IMAGE_NAME} to a PEM file (imgtool keygen -t ecdsa-p256 -k <file> makes one)")
    endif()
    ob_configure_depends(${OB_KEY_FILE})
endif()

foreach(mode BOOT_SWAP_USING_SLIDE BOOT_UPGRADE_ONLY BOOT_UPGRADE_DUAL)
    if(CONFIG_${mode})
        set(OB_BOOT_MODE ${mode})
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
ob_append_set(OB_SHARED ${IMAGE_NAME}_CONFIGURE_DEPENDS "${OB_DEPENDS}")
ob_append_set(OB_SHARED ${IMAGE_NAME}_HEX ${CMAKE_CURRENT_BINARY_DIR}/${IMAGE_NAME}.hex)
ob_append_set(OB_SHARED ${IMAGE_NAME}_BIN ${CMAKE_CURRENT_BINARY_DIR}/${IMAGE_NAME}.bin)
file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/shared.cmake "${OB_SHARED}")
