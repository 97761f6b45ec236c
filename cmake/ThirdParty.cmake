# SPDX-License-Identifier: Apache-2.0
# Where the third-party sources are. third_party/lock names them, scripts/setup.sh fetches them.

# Set MBEDTLS_ROOT to a Mbed TLS 3.6 tree, or stop with the cure.
function(ob_find_mbedtls)
    cmake_path(GET CMAKE_CURRENT_FUNCTION_LIST_DIR PARENT_PATH repo)
    set(MBEDTLS_ROOT ${repo}/build/deps/mbedtls CACHE PATH "Mbed TLS 3.6 source tree")
    if(NOT EXISTS ${MBEDTLS_ROOT}/3rdparty/p256-m/p256-m/p256-m.c)
        message(FATAL_ERROR "No Mbed TLS 3.6 sources at ${MBEDTLS_ROOT}; run scripts/setup.sh, "
                            "or give a tree of your own with -DMBEDTLS_ROOT=<path>")
    endif()
endfunction()

# Set ZCBOR_ROOT and ZCBOR_SOURCES: the CBOR library of the management protocol, or stop with the cure.
function(ob_find_zcbor)
    cmake_path(GET CMAKE_CURRENT_FUNCTION_LIST_DIR PARENT_PATH repo)
    set(ZCBOR_ROOT ${repo}/build/deps/zcbor CACHE PATH "zcbor 0.9 source tree")
    if(NOT EXISTS ${ZCBOR_ROOT}/src/zcbor_decode.c)
        message(FATAL_ERROR "No zcbor sources at ${ZCBOR_ROOT}; run scripts/setup.sh, "
                            "or give a tree of your own with -DZCBOR_ROOT=<path>")
    endif()
    set(ZCBOR_SOURCES ${ZCBOR_ROOT}/src/zcbor_common.c ${ZCBOR_ROOT}/src/zcbor_decode.c ${ZCBOR_ROOT}/src/zcbor_encode.c
        PARENT_SCOPE)
endfunction()

# Set MONOCYPHER_ROOT, or stop with the cure.
function(ob_find_monocypher)
    cmake_path(GET CMAKE_CURRENT_FUNCTION_LIST_DIR PARENT_PATH repo)
    set(MONOCYPHER_ROOT ${repo}/build/deps/monocypher CACHE PATH "Monocypher 4 source tree")
    if(NOT EXISTS ${MONOCYPHER_ROOT}/monocypher.c)
        message(FATAL_ERROR "No Monocypher sources at ${MONOCYPHER_ROOT}; run scripts/setup.sh, "
                            "or give a tree of your own with -DMONOCYPHER_ROOT=<path>")
    endif()
endfunction()

# Set P256_CORTEX_M4_ROOT, or stop with the cure.
function(ob_find_p256_cortex_m4)
    cmake_path(GET CMAKE_CURRENT_FUNCTION_LIST_DIR PARENT_PATH repo)
    set(P256_CORTEX_M4_ROOT ${repo}/build/deps/p256-cortex-m4-sys CACHE PATH "P256-Cortex-M4 source tree")
    if(NOT EXISTS ${P256_CORTEX_M4_ROOT}/P256-Cortex-M4/p256-cortex-m4.c)
        message(FATAL_ERROR "No P256-Cortex-M4 sources at ${P256_CORTEX_M4_ROOT}; run scripts/setup.sh with cargo installed, "
                            "give a tree of your own with -DP256_CORTEX_M4_ROOT=<path>, "
                            "or set CONFIG_BOOT_ECDSA_P256_SMALL=y")
    endif()
endfunction()

# The libraries of the host program as targets: cjson, fdt, fyaml. Debian's shared ones; or, for a program that is carried to other
# machines (OB_STATIC), their archives, and cJSON, of which Debian has none, from its source. All their licences allow that.
function(ob_find_host_libraries)
    cmake_path(GET CMAKE_CURRENT_FUNCTION_LIST_DIR PARENT_PATH repo)
    if(NOT OB_STATIC)
        find_package(PkgConfig REQUIRED)
        pkg_check_modules(FYAML REQUIRED IMPORTED_TARGET GLOBAL libfyaml)
        add_library(fyaml ALIAS PkgConfig::FYAML)
        return()
    endif()
    set(CJSON_ROOT ${repo}/build/deps/cjson CACHE PATH "cJSON source tree; its folder is named cjson")
    if(NOT EXISTS ${CJSON_ROOT}/cJSON.c)
        message(FATAL_ERROR "No cJSON sources at ${CJSON_ROOT}; run scripts/setup.sh, or give a tree of your own with -DCJSON_ROOT=<path>/cjson")
    endif()
    add_library(cjson STATIC ${CJSON_ROOT}/cJSON.c)
    target_compile_options(cjson PRIVATE -w)
    target_include_directories(cjson SYSTEM PUBLIC ${CJSON_ROOT}/..)
    foreach(name fdt fyaml)
        find_library(ARCHIVE_${name} NAMES lib${name}.a REQUIRED)
        add_library(${name} STATIC IMPORTED GLOBAL)
        set_target_properties(${name} PROPERTIES IMPORTED_LOCATION ${ARCHIVE_${name}})
    endforeach()
endfunction()
