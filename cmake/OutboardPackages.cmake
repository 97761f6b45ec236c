# SPDX-License-Identifier: Apache-2.0
# The same update in the other forms that scripts for the SDK's builds expect.

add_custom_command(OUTPUT app_to_sign.bin COMMAND ${CMAKE_COMMAND} -E copy ${IMAGE_NAME}.bin app_to_sign.bin
    DEPENDS ${IMAGE_NAME}.bin VERBATIM)

# A whole slot with the request for a trial in its trailer: for the secondary slot.
add_custom_command(OUTPUT app_test_update.bin COMMAND ${OB_SIGN} --pad ${IMAGE_NAME}.bin app_test_update.bin
    DEPENDS ${IMAGE_NAME}.bin app_update.bin VERBATIM)
ob_hex(app_test_update.hex app_test_update.bin ${PM_MCUBOOT_PRIMARY_ADDRESS})

add_custom_command(OUTPUT dfu_application.zip
    COMMAND ${OUTBOARD_PYTHON} ${OUTBOARD_CMAKE_DIR}/dfu_zip.py --output dfu_application.zip --file app_update.bin
        type=application board=${BOARD} load_address=${PM_APP_ADDRESS} image_index=0 slot_index_primary=1 slot_index_secondary=2
        version_MCUBOOT=${CONFIG_MCUBOOT_IMGTOOL_SIGN_VERSION}
    DEPENDS app_update.bin ${OUTBOARD_CMAKE_DIR}/dfu_zip.py VERBATIM)

set(OB_PACKAGES app_to_sign.bin app_test_update.hex dfu_application.zip)
if(NOT CONFIG_PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY AND NOT OB_DT_SECONDARY_OUTSIDE) # a chip outside the memory map has no address for a HEX file
    ob_hex(app_moved_test_update.hex app_test_update.bin ${PM_MCUBOOT_SECONDARY_ADDRESS})
    list(APPEND OB_PACKAGES app_moved_test_update.hex)
endif()
