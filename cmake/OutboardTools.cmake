# SPDX-License-Identifier: Apache-2.0
# Programs of the host that the build needs.

set(OUTBOARD_PYTHON ${OUTBOARD_BASE}/build/deps/venv/bin/python CACHE FILEPATH "Python with kconfiglib, imgtool and intelhex")
if(NOT EXISTS ${OUTBOARD_PYTHON})
    ob_fail("${OUTBOARD_PYTHON}: no such Python; run ${OUTBOARD_BASE}/scripts/setup.sh, or give one that has scripts/requirements.txt installed: -DOUTBOARD_PYTHON=<path>")
endif()
cmake_path(GET OUTBOARD_PYTHON PARENT_PATH OB_PYTHON_BIN)
if(NOT OUTBOARD_PYTHON STREQUAL "${OUTBOARD_BASE}/build/deps/venv/bin/python") # the user's own
    execute_process(COMMAND ${OUTBOARD_PYTHON} -c "import kconfiglib, intelhex, imgtool" RESULT_VARIABLE status ERROR_VARIABLE errors)
    if(NOT status EQUAL 0)
        string(REGEX MATCH "No module named '[^']*'" reason "${errors}")
        ob_fail("${OUTBOARD_PYTHON}: lacks a package (${reason}); run ${OUTBOARD_PYTHON} -m pip install -r ${OUTBOARD_BASE}/scripts/requirements.txt, or leave out -DOUTBOARD_PYTHON")
    endif()
endif()

find_program(OB_DTC dtc)
if(NOT OB_DTC)
    ob_fail("dtc is missing; run ${OUTBOARD_BASE}/scripts/setup.sh, or install the package device-tree-compiler")
endif()

# The host program: given, or built here. Building again is quick when nothing changed, and follows its sources.
function(ob_build_host_tool result)
    set(dir ${OUTBOARD_BASE}/build/host)
    if(NOT EXISTS ${dir}/build.ninja)
        message(STATUS "Building the host program in ${dir}")
        execute_process(COMMAND ${CMAKE_COMMAND} -S ${OUTBOARD_BASE} -B ${dir} -G Ninja
            RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
        if(NOT status EQUAL 0)
            ob_fail("${output}The host program cannot be configured; run ${OUTBOARD_BASE}/scripts/setup.sh, or give a built one: -DOUTBOARD_TOOL=<path>")
        endif()
    endif()
    execute_process(COMMAND ${CMAKE_COMMAND} --build ${dir} --target outboard -- -j2
        RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(NOT status EQUAL 0)
        ob_fail("${output}The host program cannot be built; run ${OUTBOARD_BASE}/scripts/setup.sh, or give a built one: -DOUTBOARD_TOOL=<path>")
    endif()
    set(${result} ${dir}/tools/outboard/outboard PARENT_SCOPE)
endfunction()

if(NOT OUTBOARD_TOOL)
    ob_build_host_tool(OUTBOARD_TOOL)
endif()
if(NOT EXISTS ${OUTBOARD_TOOL})
    ob_fail("${OUTBOARD_TOOL}: no such program; correct -DOUTBOARD_TOOL=<path>, or leave it out to have it built")
endif()
ob_configure_depends(${OUTBOARD_TOOL})
