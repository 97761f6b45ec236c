# SPDX-License-Identifier: Apache-2.0
# cmake --build <folder> --target sbom: <image>.spdx.json in the build folder of each image says what is linked into it.

file(STRINGS ${OUTBOARD_BASE}/include/outboard/version.h OB_OWN_VERSION REGEX "define OB_VERSION")
string(REGEX MATCH "[0-9.]+" OB_OWN_VERSION "${OB_OWN_VERSION}")
if(CONFIG_MCUBOOT)
    set(OB_IMAGE_VERSION ${OB_OWN_VERSION})
else()
    set(OB_IMAGE_VERSION "${CONFIG_MCUBOOT_IMGTOOL_SIGN_VERSION}")
endif()
set(OB_SBOM_ROOTS --root mbedtls=${MBEDTLS_ROOT} --root monocypher=${MONOCYPHER_ROOT})
foreach(root ZCBOR_ROOT=zcbor P256_CORTEX_M4_ROOT=p256-cortex-m4-sys)
    string(REGEX MATCH "(.*)=(.*)" root ${root})
    if(${CMAKE_MATCH_1})
        list(APPEND OB_SBOM_ROOTS --root ${CMAKE_MATCH_2}=${${CMAKE_MATCH_1}})
    endif()
endforeach()
set(OB_SBOM ${CMAKE_CURRENT_BINARY_DIR}/${IMAGE_NAME}.spdx.json)
add_custom_command(OUTPUT ${OB_SBOM}
    COMMAND ${OUTBOARD_PYTHON} ${OUTBOARD_CMAKE_DIR}/sbom.py --name ${IMAGE_NAME} --version "${OB_IMAGE_VERSION}"
        --outboard-version ${OB_OWN_VERSION} --compiler ${CMAKE_C_COMPILER} --tree ${OUTBOARD_BASE} ${OB_SBOM_ROOTS}
        --elf $<TARGET_FILE:app> --map ${IMAGE_NAME}.map --binary ${IMAGE_NAME}.bin --output ${OB_SBOM}
    DEPENDS ${IMAGE_NAME}.bin ${OUTBOARD_CMAKE_DIR}/sbom.py ${OUTBOARD_BASE}/third_party/lock
    COMMENT "Listing what is linked into ${IMAGE_NAME}" VERBATIM)
add_custom_target(sbom DEPENDS ${OB_SBOM})
foreach(child IN LISTS OB_CHILDREN)
    add_custom_target(${child}_sbom COMMAND ${CMAKE_COMMAND} --build ${CMAKE_CURRENT_BINARY_DIR}/${child} --target sbom VERBATIM)
    add_dependencies(${child}_sbom ${child})
    add_dependencies(sbom ${child}_sbom)
endforeach()
