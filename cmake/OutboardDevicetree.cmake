# SPDX-License-Identifier: Apache-2.0
# Board devicetree and overlays -> devicetree_generated.h (for C) and devicetree.json (for Kconfig, cmake and messages).

if(NOT DEFINED DTC_OVERLAY_FILE)
    ob_find_file(OB_BOARD_OVERLAY ${OB_CONFIG_DIR}/boards ${BOARD} overlay "${FILE_SUFFIX}")
    ob_find_file(OB_APP_OVERLAY ${OB_CONFIG_DIR} app overlay "${FILE_SUFFIX}")
    set(OB_REVISION_OVERLAY)
    if(OB_BOARD_REVISION)
        ob_find_file(OB_REVISION_OVERLAY ${OB_CONFIG_DIR}/boards ${OB_BOARD_WITH_REVISION} overlay "${FILE_SUFFIX}")
    endif()
    set(OB_OVERLAYS ${OB_BOARD_OVERLAY} ${OB_REVISION_OVERLAY} ${OB_APP_OVERLAY})
else()
    ob_absolute_files(OB_OVERLAYS DTC_OVERLAY_FILE ${OB_CONFIG_DIR})
endif()
ob_absolute_files(OB_EXTRA_OVERLAYS EXTRA_DTC_OVERLAY_FILE ${OB_CONFIG_DIR})
list(APPEND OB_OVERLAYS ${OB_PARENT_OVERLAYS} ${OB_EXTRA_OVERLAYS})

set(OB_DTS_SOURCES ${BOARD_DIR}/${BOARD}.dts ${OB_OVERLAYS})
set(OB_DTS_INCLUDES)
foreach(file IN LISTS OB_DTS_SOURCES)
    list(APPEND OB_DTS_INCLUDES -include ${file})
endforeach()
foreach(file IN LISTS OB_OVERLAYS)
    message(STATUS "Found devicetree overlay: ${file}")
endforeach()

set(OB_DTS_MODULE_INCLUDES)
set(OB_BINDING_DIRS ${OUTBOARD_BASE}/dts/bindings)
foreach(module IN LISTS OB_MODULES)
    list(APPEND OB_DTS_MODULE_INCLUDES -I${module}/dts)
    if(EXISTS ${module}/dts/bindings)
        list(PREPEND OB_BINDING_DIRS ${module}/dts/bindings) # its word counts before this tree's
    endif()
endforeach()
set(OB_BINDING_OPTIONS ${OB_BINDING_DIRS})
list(TRANSFORM OB_BINDING_OPTIONS PREPEND --bindings=)

file(MAKE_DIRECTORY ${OB_GENERATED_DIR})
set(OB_DTS ${CMAKE_CURRENT_BINARY_DIR}/devicetree.dts)
set(OB_DTB ${CMAKE_CURRENT_BINARY_DIR}/devicetree.dtb)
set(OB_DT_JSON ${CMAKE_CURRENT_BINARY_DIR}/devicetree.json)
ob_run("The devicetree of image ${IMAGE_NAME} cannot be preprocessed; correct the file named above"
    ${CMAKE_C_COMPILER} -x assembler-with-cpp -nostdinc -undef -D__DTS__ -E -MD -MF ${OB_DTS}.d -MT devicetree
    -I${OUTBOARD_BASE}/dts -I${BOARD_DIR} ${OB_DTS_MODULE_INCLUDES} ${OB_DTS_INCLUDES} /dev/null -o ${OB_DTS})
ob_run("The devicetree of image ${IMAGE_NAME} is not valid; correct the file and line named above"
    ${OB_DTC} -q -@ -I dts -O dtb -o ${OB_DTB} ${OB_DTS})
ob_run("The devicetree of image ${IMAGE_NAME} cannot be printed with its places"
    ${OB_DTC} -q -T -T -I dts -O dts -o ${OB_DTS}.places ${OB_DTS}) # a blob does not remember what came from where
ob_run("The devicetree of image ${IMAGE_NAME} does not follow its bindings; correct it, or ${OUTBOARD_BASE}/dts/bindings"
    ${OUTBOARD_TOOL} dt --dtb ${OB_DTB} --places ${OB_DTS}.places --source ${BOARD_DIR}/${BOARD}.dts ${OB_BINDING_OPTIONS}
    --header ${OB_GENERATED_DIR}/devicetree_generated.h --json ${OB_DT_JSON})

file(READ ${OB_DTS}.d OB_DTS_DEPENDS)
string(REGEX REPLACE "\\\\\n|^devicetree:" "" OB_DTS_DEPENDS "${OB_DTS_DEPENDS}")
separate_arguments(OB_DTS_DEPENDS UNIX_COMMAND "${OB_DTS_DEPENDS}")
list(TRANSFORM OB_BINDING_DIRS APPEND /*.yaml OUTPUT_VARIABLE OB_BINDING_FILES)
file(GLOB OB_BINDINGS CONFIGURE_DEPENDS ${OB_BINDING_FILES})
ob_configure_depends(${OB_DTS_DEPENDS} ${OB_BINDINGS})

file(READ ${OB_DT_JSON} OB_DT)

# Path of a chosen node, or empty.
function(ob_dt_chosen result chosen)
    string(JSON path ERROR_VARIABLE error GET "${OB_DT}" chosen ${chosen})
    if(error)
        set(path)
    endif()
    set(${result} "${path}" PARENT_SCOPE)
endfunction()

# Member of a node (okay, reg, properties size, ...), or empty.
function(ob_dt_node result path)
    string(JSON count LENGTH "${OB_DT}" nodes)
    math(EXPR last "${count} - 1")
    foreach(i RANGE ${last})
        string(JSON node_path GET "${OB_DT}" nodes ${i} path)
        if(node_path STREQUAL path)
            string(JSON value ERROR_VARIABLE error GET "${OB_DT}" nodes ${i} ${ARGN})
            if(error)
                set(value)
            endif()
            set(${result} "${value}" PARENT_SCOPE)
            return()
        endif()
    endforeach()
    set(${result} "" PARENT_SCOPE)
endfunction()
