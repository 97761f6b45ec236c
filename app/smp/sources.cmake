# SPDX-License-Identifier: Apache-2.0
if(CONFIG_SMP_SERVER)
    include(${OUTBOARD_CMAKE_DIR}/ThirdParty.cmake)
    ob_find_zcbor()
    ob_sources(smp.c cbor.c os.c images.c console.c raw.c uart.c)
    ob_sources_ifdef(CONFIG_MCUMGR_GRP_IMG updates.c record.c server.c)
    target_sources(app PRIVATE ${ZCBOR_SOURCES})
    set_source_files_properties(${ZCBOR_SOURCES} PROPERTIES COMPILE_OPTIONS -w) # not held to this project's warnings
    target_include_directories(app SYSTEM PRIVATE ${ZCBOR_ROOT}/include)
endif()
