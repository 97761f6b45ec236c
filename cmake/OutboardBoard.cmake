# SPDX-License-Identifier: Apache-2.0
# The board's folder: <board>.dts, <board>_defconfig, board.cmake.

# The SDK's newer names have parts: nrf52840dk@1.1.0/nrf52840 is revision 1.1.0 of the folder nrf52840dk_nrf52840.
if(BOARD MATCHES "^([^@]+)@([^/]+)(.*)$")
    set(BOARD ${CMAKE_MATCH_1}${CMAKE_MATCH_3})
    set(BOARD_REVISION ${CMAKE_MATCH_2})
endif()
string(REPLACE "/" "_" BOARD "${BOARD}")
string(REPLACE "." "_" OB_BOARD_REVISION "${BOARD_REVISION}") # as it is in names of files
set(OB_BOARD_WITH_REVISION ${BOARD}_${OB_BOARD_REVISION})
if(NOT OB_BOARD_REVISION)
    set(OB_BOARD_WITH_REVISION ${BOARD})
endif()

set(OB_BOARD_DIRS)
foreach(root ${BOARD_ROOT} ${APPLICATION_CONFIG_DIR} ${OUTBOARD_BASE})
    file(GLOB dirs LIST_DIRECTORIES true ${root}/boards/*/*_defconfig)
    foreach(defconfig IN LISTS dirs)
        cmake_path(GET defconfig PARENT_PATH dir)
        list(APPEND OB_BOARD_DIRS ${dir})
    endforeach()
endforeach()
list(REMOVE_DUPLICATES OB_BOARD_DIRS)
set(OB_BOARD_NAMES ${OB_BOARD_DIRS})
list(TRANSFORM OB_BOARD_NAMES REPLACE "^.*/" "")
list(SORT OB_BOARD_NAMES)
list(JOIN OB_BOARD_NAMES ", " OB_BOARD_LIST)

if(NOT BOARD)
    ob_fail("No board given; choose one with -DBOARD=<name>: ${OB_BOARD_LIST}")
endif()
unset(BOARD_DIR)
foreach(dir IN LISTS OB_BOARD_DIRS)
    if(NOT DEFINED BOARD_DIR AND dir MATCHES "/${BOARD}$")
        set(BOARD_DIR ${dir})
    endif()
endforeach()
if(NOT DEFINED BOARD_DIR)
    ob_fail("There is no board \"${BOARD}\"; choose one with -DBOARD=<name>: ${OB_BOARD_LIST}")
endif()
include(${BOARD_DIR}/board.cmake) # sets OB_SOC_DIRS and how to run or flash
ob_configure_depends(${BOARD_DIR}/board.cmake)
