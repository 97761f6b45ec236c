# SPDX-License-Identifier: Apache-2.0
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(OB_TOOLCHAIN_BIN ${GNUARMEMB_TOOLCHAIN_PATH}/bin $ENV{GNUARMEMB_TOOLCHAIN_PATH}/bin) # as in the SDK; else the PATH
find_program(CMAKE_C_COMPILER arm-none-eabi-gcc HINTS ${OB_TOOLCHAIN_BIN})
if(NOT CMAKE_C_COMPILER)
    message(FATAL_ERROR "arm-none-eabi-gcc is missing; run scripts/setup.sh, install the package gcc-arm-none-eabi, or name a toolchain with GNUARMEMB_TOOLCHAIN_PATH")
endif()
find_program(CMAKE_OBJCOPY arm-none-eabi-objcopy HINTS ${OB_TOOLCHAIN_BIN})
set(CMAKE_C_COMPILER_FORCED TRUE) # no test programs: nothing here asks what they find out, and they are a quarter of the time of configuring
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
