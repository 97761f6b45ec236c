# SPDX-License-Identifier: Apache-2.0
# Program or debug an nRF with what this machine has. See nordic.cmake for the variables.

cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/../OutboardFunctions.cmake) # ob_fail

set(RUNNERS nrfutil pyocd openocd jlink nrfjprog) # the first one that is there
set(PROGRAM_nrfutil nrfutil)
set(PROGRAM_pyocd pyocd)
set(PROGRAM_openocd openocd)
set(PROGRAM_jlink JLinkExe JLink.exe)
set(PROGRAM_nrfjprog nrfjprog)
set(CAN_flash ${RUNNERS})
set(CAN_debug pyocd openocd jlink) # nrfutil and nrfjprog have no server for gdb
set(CAN_chip nrfutil jlink nrfjprog) # program the external chip

function(run)
    list(JOIN ARGN " " text)
    message(NOTICE "${text}")
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE status)
    if(NOT status EQUAL 0)
        ob_fail("${RUNNER} failed (${status}); what it says stands above")
    endif()
endfunction()

# ---- which program ----

set(FOUND)
foreach(runner IN LISTS RUNNERS)
    find_program(PATH_${runner} NAMES ${PROGRAM_${runner}})
    if(PATH_${runner} AND runner IN_LIST CAN_${ACTION})
        list(APPEND FOUND ${runner})
    endif()
endforeach()
list(JOIN CAN_${ACTION} ", " names)
if(RUNNER AND NOT RUNNER IN_LIST CAN_${ACTION})
    ob_fail("-DRUNNER=${RUNNER}: there is no such way to ${ACTION}; choose one of ${names}")
elseif(RUNNER AND NOT RUNNER IN_LIST FOUND)
    list(GET PROGRAM_${RUNNER} 0 program)
    ob_fail("-DRUNNER=${RUNNER}: the program ${program} is not in the PATH; install it, or choose another of ${names}")
elseif(NOT FOUND)
    ob_fail("no program to ${ACTION} with is in the PATH; install one of ${names} (nrfutil with its command `device` and J-Link also programs the external chip), then build this target again")
elseif(NOT RUNNER)
    list(GET FOUND 0 RUNNER)
endif()
message(NOTICE "${ACTION}: with ${RUNNER} (another one: -DRUNNER=<name>)")

# ---- what ----

# The chip's file holds what an emulated device wrote: only what differs from an erased chip is programmed.
set(CHIP_HEX)
if(ACTION STREQUAL "flash" AND CHIP)
    execute_process(COMMAND ${PYTHON} ${CMAKE_CURRENT_LIST_DIR}/chip_hex.py ${CHIP} ${XIP} external_flash.hex
        RESULT_VARIABLE status)
    if(status EQUAL 0)
        set(CHIP_HEX external_flash.hex)
    elseif(NOT status EQUAL 3) # 3: erased
        ob_fail("${CHIP}: its content cannot be converted; delete it, and the next build makes an erased chip")
    endif()
endif()
if(CHIP_HEX AND NOT RUNNER IN_LIST CAN_chip)
    message(NOTICE "warning: ${RUNNER} cannot program the external chip: the content of ${CHIP} stays here; with nrfutil, J-Link or nrfjprog it is programmed as well")
    set(CHIP_HEX)
endif()

# ---- how ----

function(flash_nrfutil)
    set(options chip_erase_mode=ERASE_RANGES_TOUCHED_BY_FIRMWARE,verify=VERIFY_READ)
    if(CHIP_HEX)
        run(${PYTHON} ${CMAKE_CURRENT_LIST_DIR}/nrfutil_chip.py ${DEVICETREE} external_flash.json)
        run(${PATH_nrfutil} device --x-ext-mem-config-file external_flash.json program --firmware ${CHIP_HEX}
            --options chip_erase_mode=ERASE_NONE,ext_mem_erase_mode=ERASE_RANGES_TOUCHED_BY_FIRMWARE,verify=VERIFY_READ)
    endif()
    run(${PATH_nrfutil} device program --firmware merged.hex --options ${options},reset=RESET_SYSTEM)
endfunction()

function(flash_pyocd)
    run(${PATH_pyocd} flash --target ${PYOCD_TARGET} --erase sector merged.hex)
endfunction()

function(flash_openocd)
    run(${PATH_openocd} -f interface/jlink.cfg -c "transport select swd" -f ${OPENOCD_TARGET}
        -c "program merged.hex verify reset exit")
endfunction()

function(flash_jlink)
    set(load "loadfile merged.hex\n")
    if(CHIP_HEX)
        string(PREPEND load "loadfile ${CHIP_HEX}\n")
    endif()
    file(WRITE flash.jlink "r\n${load}r\ng\nexit\n")
    run(${PATH_jlink} -nogui 1 -device ${DEVICE} -if SWD -speed 4000 -autoconnect 1 -ExitOnError 1 -CommanderScript flash.jlink)
endfunction()

function(flash_nrfjprog)
    if(CHIP_HEX)
        run(${PATH_nrfjprog} --family ${FAMILY} --program ${CHIP_HEX} --qspisectorerase)
    endif()
    run(${PATH_nrfjprog} --family ${FAMILY} --program merged.hex --sectorerase --verify --reset)
endfunction()

# gdb with the symbols of all images; the server ends with it.
function(debug connect)
    find_program(GDB NAMES arm-none-eabi-gdb gdb-multiarch)
    if(NOT GDB)
        ob_fail("neither arm-none-eabi-gdb nor gdb-multiarch is in the PATH; install one")
    endif()
    list(POP_FRONT ELF first)
    set(symbols)
    foreach(elf IN LISTS ELF)
        list(APPEND symbols -ex "add-symbol-file ${elf}")
    endforeach()
    run(${GDB} -q ${first} ${symbols} ${ARGN} -ex "target extended-remote ${connect}" -ex "monitor reset halt")
endfunction()

function(debug_pyocd)
    debug(":3333" -ex "shell ${PATH_pyocd} gdbserver --target ${PYOCD_TARGET} > pyocd.log 2>&1 & sleep 3")
endfunction()

function(debug_openocd)
    debug("| ${PATH_openocd} -f interface/jlink.cfg -c 'transport select swd' -f ${OPENOCD_TARGET} -c 'gdb_port pipe; log_output openocd.log'")
endfunction()

function(debug_jlink)
    find_program(SERVER NAMES JLinkGDBServerCLExe JLinkGDBServerCL.exe)
    if(NOT SERVER)
        ob_fail("JLinkGDBServerCLExe is not in the PATH; it is a part of SEGGER's J-Link package: add its folder to the PATH")
    endif()
    debug(":2331" -ex "shell ${SERVER} -device ${DEVICE} -if SWD -speed 4000 -singlerun -silent > jlink.log 2>&1 & sleep 3")
endfunction()

cmake_language(CALL ${ACTION}_${RUNNER})
