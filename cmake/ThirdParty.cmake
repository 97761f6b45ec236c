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
