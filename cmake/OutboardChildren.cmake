# SPDX-License-Identifier: Apache-2.0
#
# Child images: configured here, in a process and a build folder of their own, before the partition manager runs.
#
# The application configures a child C through its folder child_image/:
#   C/prj.conf, C/boards/<board>.conf     replace the child's own configuration
#   C/boards/<board>.overlay, <board>_<revision>.overlay   devicetree overlays
#   C.conf, C.overlay                     are added to whatever configuration applies
# and through variables: C_<VAR> is <VAR> in the child. With C_CONF_FILE set, nothing of these folders is looked at.
# With sysbuild the folder is sysbuild/, with rules of its own: see OutboardSysbuild.cmake.

# Type of build: `release` if this image's configuration is prj_release.conf.
set(OB_BUILD_TYPE)
if(DEFINED CONF_FILE)
    list(GET CONF_FILE 0 OB_FIRST_CONF)
    if(OB_FIRST_CONF MATCHES "(^|/)prj_([^/]+)\\.conf$")
        set(OB_BUILD_TYPE ${CMAKE_MATCH_2})
    endif()
endif()

# <dir>/<name>_<suffix>.<ext>, then by type of build <dir>/<name>_<type>.<ext> or without one <dir>/<name>.<ext>.
function(ob_find_child_file result dir name ext suffix)
    set(candidates)
    if(suffix)
        list(APPEND candidates ${dir}/${name}_${suffix}.${ext})
    endif()
    if(OB_BUILD_TYPE)
        list(APPEND candidates ${dir}/${name}_${OB_BUILD_TYPE}.${ext})
    else()
        list(APPEND candidates ${dir}/${name}.${ext})
    endif()
    ob_first_existing(found ${candidates})
    set(${result} ${found} PARENT_SCOPE)
endfunction()

# What child_image/ in one folder has for a child: <prefix>_CONF, _FRAGMENT, _BOARD_OVERLAY, _OVERLAY.
function(ob_search_child_folder prefix dir child suffix)
    set(own ${dir}/child_image/${child})
    ob_find_child_file(base ${own} prj conf "${suffix}")
    set(conf)
    if(base)
        ob_find_child_file(board ${own}/boards ${BOARD} conf "${suffix}")
        if(NOT board)
            ob_first_existing(board ${own}/boards/${BOARD}.conf)
        endif()
        set(conf ${base} ${board})
    endif()
    ob_first_existing(board_overlay ${own}/boards/${BOARD}.overlay ${own}/${BOARD}.overlay)
    if(OB_BOARD_REVISION)
        ob_first_existing(revision_overlay ${own}/boards/${OB_BOARD_WITH_REVISION}.overlay ${own}/${OB_BOARD_WITH_REVISION}.overlay)
        list(APPEND board_overlay ${revision_overlay})
    endif()
    ob_find_child_file(fragment ${dir}/child_image ${child} conf "${suffix}")
    ob_find_child_file(overlay ${dir}/child_image ${child} overlay "${suffix}")
    set(${prefix}_CONF ${conf} PARENT_SCOPE)
    set(${prefix}_FRAGMENT ${fragment} PARENT_SCOPE)
    set(${prefix}_BOARD_OVERLAY ${board_overlay} PARENT_SCOPE)
    set(${prefix}_OVERLAY ${overlay} PARENT_SCOPE)
endfunction()

# What sysbuild/ has for an image: <prefix>_DIR, _FRAGMENT, _OVERLAY.
function(ob_search_sysbuild prefix child suffix)
    set(dir ${APPLICATION_CONFIG_DIR}/sysbuild)
    ob_first_existing(own ${dir}/${child})
    ob_find_file(fragment ${dir} ${child} conf "${suffix}")
    ob_find_file(overlay ${dir} ${child} overlay "${suffix}")
    set(${prefix}_DIR ${own} PARENT_SCOPE)
    if(NOT DEFINED ${child}_EXTRA_CONF_FILE AND NOT DEFINED ${child}_OVERLAY_CONFIG)
        set(${prefix}_FRAGMENT ${fragment} PARENT_SCOPE)
    endif()
    if(NOT DEFINED ${child}_EXTRA_DTC_OVERLAY_FILE AND NOT DEFINED ${child}_DTC_OVERLAY_FILE)
        set(${prefix}_OVERLAY ${overlay} PARENT_SCOPE)
    endif()
endfunction()

# The first folder that has anything for the child decides.
function(ob_search_child prefix child)
    foreach(dir ${APPLICATION_CONFIG_DIR} ${COMMON_CHILD_IMAGE_CONFIG_DIR})
        ob_search_child_folder(found ${dir} ${child} "${${child}_FILE_SUFFIX}")
        if(found_CONF OR found_FRAGMENT OR found_BOARD_OVERLAY OR found_OVERLAY)
            break()
        endif()
    endforeach()
    foreach(part CONF FRAGMENT BOARD_OVERLAY OVERLAY)
        set(${prefix}_${part} ${found_${part}} PARENT_SCOPE)
    endforeach()
endfunction()

# What an image may be told; anything else is a slip of the pen, and what it says would be missed on the device.
set(OB_IMAGE_VARIABLES "CONFIG_.*|CONF_FILE|EXTRA_CONF_FILE|OVERLAY_CONFIG|DTC_OVERLAY_FILE|EXTRA_DTC_OVERLAY_FILE|FILE_SUFFIX|SHIELD|SNIPPET"
    "KCONFIG_ROOT|BOARD_ROOT|CMAKE_.*|OUTBOARD_.*|OB_.*|GNUARMEMB_TOOLCHAIN_PATH|MBEDTLS_ROOT|MONOCYPHER_ROOT|ZCBOR_ROOT")
list(JOIN OB_IMAGE_VARIABLES "|" OB_IMAGE_VARIABLES)

# Text of `set()` commands for every variable <child>_<VAR>.
function(ob_child_variables result child)
    set(text "")
    get_cmake_property(variables VARIABLES)
    foreach(variable IN LISTS variables)
        if(variable MATCHES "^${child}_(.+)$")
            set(name ${CMAKE_MATCH_1})
            if(NOT name MATCHES "^(${OB_IMAGE_VARIABLES})$")
                unset(${variable} CACHE) # the next call of cmake may go without it
                ob_fail_later("-D${variable}: no image takes a variable ${name}; docs/BUILD.md has those that it takes" "")
            endif()
            ob_append_set(text ${name} "${${variable}}")
        endif()
    endforeach()
    set(${result} "${text}" PARENT_SCOPE)
endfunction()

# Fragments that the build itself gives a child.
function(ob_injected_fragments result)
    set(fragments)
    if(CONFIG_PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY AND NOT SYSBUILD) # which forces it
        list(APPEND fragments ${OUTBOARD_CMAKE_DIR}/fragments/ext_flash_mcuboot_secondary.conf)
    endif()
    if(CONFIG_MCUBOOT_HARDWARE_DOWNGRADE_PREVENTION)
        list(APPEND fragments ${OUTBOARD_CMAKE_DIR}/fragments/security_counter.conf)
    endif()
    set(${result} ${fragments} PARENT_SCOPE)
endfunction()

# The file through which a child gets everything from its parent.
function(ob_child_parent_file result child)
    ob_injected_fragments(fragments)
    if(SYSBUILD AND FILE_SUFFIX AND NOT DEFINED ${child}_FILE_SUFFIX)
        set(${child}_FILE_SUFFIX ${FILE_SUFFIX}) # above the images: for all of them
    endif()
    if(SYSBUILD AND NOT DEFINED ${child}_CONF_FILE)
        ob_search_sysbuild(found ${child} "${${child}_FILE_SUFFIX}")
    elseif(NOT DEFINED ${child}_CONF_FILE)
        ob_search_child(found ${child})
    endif()
    set(text "")
    foreach(variable BOARD BOARD_REVISION CMAKE_BUILD_TYPE CMAKE_VERBOSE_MAKEFILE GNUARMEMB_TOOLCHAIN_PATH OUTBOARD_TOOL OUTBOARD_PYTHON MBEDTLS_ROOT ZCBOR_ROOT)
        if(DEFINED ${variable})
            ob_append_set(text ${variable} "${${variable}}")
        endif()
    endforeach()
    ob_append_set(text BOARD_ROOT "${BOARD_ROOT};${APPLICATION_CONFIG_DIR}")
    ob_append_set(text OUTBOARD_MODULES "${OB_MODULES}")
    ob_append_set(text IMAGE_NAME ${child})
    ob_append_set(text OB_KEY_DIR "${APPLICATION_CONFIG_DIR}")
    if(found_DIR)
        ob_append_set(text APPLICATION_CONFIG_DIR "${found_DIR}")
    endif()
    if(found_CONF)
        ob_append_set(text CONF_FILE "${found_CONF}")
    endif()
    if(found_BOARD_OVERLAY)
        ob_append_set(text DTC_OVERLAY_FILE "${found_BOARD_OVERLAY}")
    endif()
    ob_child_variables(variables ${child}) # the user's win
    ob_append_set(variables OB_PARENT_CONF "${fragments};${found_FRAGMENT}")
    ob_append_set(variables OB_PARENT_OVERLAYS "${found_OVERLAY}")
    set(file ${CMAKE_CURRENT_BINARY_DIR}/${child}_from_parent.cmake)
    file(WRITE ${file} "${text}${variables}")
    set(${result} ${file} PARENT_SCOPE)
endfunction()

# Configure a child image now. Its facts come back as <child>_PM_YML, <child>_KEY_FILE, ... in the caller's scope.
macro(ob_add_child child source)
    if(DEFINED ${child}_BOARD)
        ob_fail("${child}_BOARD is set, but a child image has its parent's board; remove -D${child}_BOARD")
    endif()
    ob_child_parent_file(ob_parent_file ${child})
    message(STATUS "=== child image ${child} - begin ===")
    execute_process(COMMAND ${CMAKE_COMMAND} -S ${source} -B ${CMAKE_CURRENT_BINARY_DIR}/${child} -G Ninja
        -DOB_PARENT_FILE=${ob_parent_file} -DOutboard_DIR=${OUTBOARD_CMAKE_DIR} ${EXTRA_MULTI_IMAGE_CMAKE_ARGS}
        RESULT_VARIABLE ob_status)
    message(STATUS "=== child image ${child} - end ===")
    list(APPEND OB_CHILDREN ${child})
    if(ob_status EQUAL 0)
        include(${CMAKE_CURRENT_BINARY_DIR}/${child}/shared.cmake)
        ob_configure_depends(${${child}_CONFIGURE_DEPENDS})
    else()
        ob_fail_later("The child image ${child} cannot be configured; correct what is named above" "")
    endif()
endmacro()

set(OB_CHILDREN)
if(CONFIG_BOOTLOADER_MCUBOOT)
    ob_add_child(mcuboot ${OUTBOARD_BASE}/bootloader)
endif()

# Symbols of the bootloader in the application's configuration, as projects of the SDK have some in both: they change nothing, so
# the bootloader must have what they say.
function(ob_compare_with_bootloader)
    set(config ${CMAKE_CURRENT_BINARY_DIR}/mcuboot/.config)
    set(asked)
    if(EXISTS ${OB_DOTCONFIG}.of_bootloader)
        file(STRINGS ${OB_DOTCONFIG}.of_bootloader asked)
    endif()
    foreach(line IN LISTS asked)
        string(REGEX MATCH "^([A-Z0-9_]+)=(.*)\t(.*)$" line "${line}")
        set(symbol ${CMAKE_MATCH_1})
        set(value "${CMAKE_MATCH_2}")
        set(place "${CMAKE_MATCH_3}")
        set(has "")
        if(CONFIG_BOOTLOADER_MCUBOOT)
            file(STRINGS ${config} has REGEX "^${symbol}=")
            string(REGEX REPLACE "^${symbol}=\"?|\"$" "" has "${has}")
        endif()
        if(has STREQUAL "")
            set(has n)
        endif()
        if(NOT has STREQUAL value)
            ob_fail_later("${place}: ${symbol} belongs to the bootloader; set ${symbol} in child_image/mcuboot.conf or sysbuild/mcuboot.conf (it has ${has} there)" "")
        endif()
    endforeach()
endfunction()

if(NOT OB_CHILDREN OR ob_status EQUAL 0) # else it has none yet
    ob_compare_with_bootloader()
endif()

# A misspelt name would be ignored silently: <child>, <child>.conf, <child>_<suffix>.overlay and the like are looked at, and so is
# what they include or name.
if(OB_CHILDREN)
    list(JOIN OB_CHILDREN "|" ob_names)
    set(ob_folder child_image)
    if(SYSBUILD)
        set(ob_folder sysbuild)
    endif()
    file(GLOB ob_unused CONFIGURE_DEPENDS ${APPLICATION_CONFIG_DIR}/${ob_folder}/*)
    list(FILTER ob_unused EXCLUDE REGEX "/(${ob_names})(_[^/]*)?(\\.[^/]*)?$|\\.pem$")
    get_property(ob_used GLOBAL PROPERTY OB_CONFIGURE_DEPENDS)
    list(REMOVE_ITEM ob_unused ${ob_used})
    foreach(file IN LISTS ob_unused)
        message(NOTICE "${file}: warning: is not used: no child image has this name, there is: ${OB_CHILDREN}")
    endforeach()
endif()
