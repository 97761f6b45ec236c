# SPDX-License-Identifier: Apache-2.0

# A mistake in a file that a person wrote: one run tells those of all files and images, and what is built on them calls ob_stop()
# first. `said`: by the program that found it, or empty.
function(ob_fail_later text said)
    string(REPLACE "\n" "\n " text "${text}")
    set_property(GLOBAL APPEND_STRING PROPERTY OB_FAILURES " error: ${text}\n")
    string(STRIP "${said}" said)
    set_property(GLOBAL APPEND_STRING PROPERTY OB_SAID "${said}\n")
endfunction()

# Stop if something failed. The lines that name the file and the cure are the last on the screen: in a directory of its own CMake
# prints no call stack below them. (The blank keeps CMake from wrapping them.) Scripts cannot add one, nor can deferred calls: those
# use ob_run_deferred().
function(ob_stop)
    get_property(OB_ERROR GLOBAL PROPERTY OB_FAILURES)
    get_property(said GLOBAL PROPERTY OB_SAID)
    ob_say("${said}")
    if(OB_ERROR AND CMAKE_SCRIPT_MODE_FILE)
        message(FATAL_ERROR "${OB_ERROR}")
    elseif(OB_ERROR)
        add_subdirectory(${OUTBOARD_CMAKE_DIR}/stop ${CMAKE_BINARY_DIR}/CMakeFiles/stop)
    endif()
endfunction()

function(ob_fail text)
    ob_fail_later("${text}" "")
    ob_stop()
endfunction()

# Files that decide the configuration: cmake runs again when one of them changes.
function(ob_configure_depends)
    set(files)
    foreach(file IN LISTS ARGN)
        cmake_path(NORMAL_PATH file) # ninja refuses one file under two names, as `#include "../x.overlay"` makes it
        list(APPEND files ${file})
    endforeach()
    set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${files})
    set_property(GLOBAL APPEND PROPERTY OB_CONFIGURE_DEPENDS ${files})
endfunction()

# Run a program now; what it said.
function(ob_execute result said)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE errors)
    set(${result} ${status} PARENT_SCOPE)
    set(${said} "${output}${errors}" PARENT_SCOPE)
endfunction()

function(ob_say text)
    string(STRIP "${text}" text)
    if(text)
        message(NOTICE "${text}")
    endif()
endfunction()

# Run a program now; `ok` is set to ON or OFF. On failure its own messages stand, and `what`: a mistake of the user's is no reason to
# stop yet.
function(ob_run_on ok what)
    ob_execute(status said ${ARGN})
    if(status EQUAL 0)
        ob_say("${said}")
        set(${ok} ON PARENT_SCOPE)
    else()
        ob_fail_later("${what}" "${said}")
        set(${ok} OFF PARENT_SCOPE)
    endif()
endfunction()

# The same, and the configuration stops there.
function(ob_run what)
    ob_run_on(ok "${what}" ${ARGN})
    if(NOT ok)
        ob_stop()
    endif()
endfunction()

# The same in a file that a deferred call includes, outside of functions. The calls that wait are dropped; the error is told in one of
# its own, where CMake's call stack is a line, and the program's messages last.
macro(ob_run_deferred what)
    ob_execute(ob_status ob_said ${ARGN})
    if(NOT ob_status EQUAL 0)
        cmake_language(DEFER CANCEL_CALL ob_hand_over ob_outputs ob_sbom)
        cmake_language(DEFER CALL message SEND_ERROR " error: ${what}")
        cmake_language(DEFER CALL ob_say "${ob_said}")
        return()
    endif()
    ob_say("${ob_said}")
endmacro()

# A list of files that the user gave: absolute, existing. Relative names count from `base`.
function(ob_absolute_files result variable base)
    set(files)
    foreach(file IN LISTS ${variable})
        cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY ${base} NORMALIZE)
        if(NOT EXISTS ${file})
            ob_fail("${file}: does not exist; correct ${variable} of image ${IMAGE_NAME} (relative names count from ${base})")
        endif()
        list(APPEND files ${file})
    endforeach()
    set(${result} ${files} PARENT_SCOPE)
endfunction()

# The first of the files that exists, or empty. All are watched: one that appears later is noticed.
function(ob_first_existing result)
    set(found)
    foreach(file IN LISTS ARGN)
        file(GLOB hit CONFIGURE_DEPENDS ${file})
        if(hit AND NOT found)
            set(found ${hit})
        endif()
    endforeach()
    set(${result} ${found} PARENT_SCOPE)
endfunction()

# <dir>/<name>_<suffix>.<ext> if a suffix is given and the file exists, else <dir>/<name>.<ext> if that exists, else empty.
function(ob_find_file result dir name ext suffix)
    set(candidates ${dir}/${name}.${ext})
    if(suffix)
        list(PREPEND candidates ${dir}/${name}_${suffix}.${ext})
    endif()
    ob_first_existing(found ${candidates})
    set(${result} ${found} PARENT_SCOPE)
endfunction()

# Options of merge.py for the variables that begin with a prefix: of the command line, kept by cmake in its cache, or passed on by the
# parent image.
function(ob_assignments result prefix)
    get_cmake_property(variables VARIABLES)
    list(FILTER variables INCLUDE REGEX "^${prefix}[A-Za-z0-9_]+$")
    set(assignments)
    foreach(variable IN LISTS variables)
        list(APPEND assignments --assign ${variable}=${${variable}})
    endforeach()
    set(${result} "${assignments}" PARENT_SCOPE)
endfunction()

# The text if it is a version as imgtool takes it, and an image's header has room for it; else nothing.
function(ob_version result text)
    string(REGEX MATCH "^(0|[1-9][0-9]*)(\\.(0|[1-9][0-9]*)(\\.(0|[1-9][0-9]*)(\\+(0|[1-9][0-9]*))?)?)?$" is "${text}")
    set(limits 255 255 65535 4294967295)
    string(REGEX MATCHALL "[0-9]+" numbers "${is}")
    foreach(number limit IN ZIP_LISTS numbers limits)
        if(DEFINED number AND number GREATER limit)
            set(is)
        endif()
    endforeach()
    set(${result} "${is}" PARENT_SCOPE)
endfunction()

# Append `set(<name> [==[<value>]==])` to a text: the value is not expanded again when it is read.
function(ob_append_set ob_text ob_name ob_value) # no caller's variable has such a name
    set(${ob_text} "${${ob_text}}set(${ob_name} [==[${ob_value}]==])\n" PARENT_SCOPE)
endfunction()

# Sources of the image, relative to the file that calls this.
function(ob_sources)
    list(TRANSFORM ARGN PREPEND ${CMAKE_CURRENT_LIST_DIR}/ REGEX "^[^/]")
    target_sources(app PRIVATE ${ARGN})
endfunction()

# The same, if a Kconfig bool is y in this image.
function(ob_sources_ifdef symbol)
    if(${symbol})
        list(TRANSFORM ARGN PREPEND ${CMAKE_CURRENT_LIST_DIR}/ REGEX "^[^/]")
        target_sources(app PRIVATE ${ARGN})
    endif()
endfunction()

# Environment of kconfiglib, for merging and for menuconfig.
function(ob_kconfig_environment result config)
    set(${result} srctree=${OUTBOARD_BASE} OUTBOARD_BASE=${OUTBOARD_BASE} BOARD=${BOARD} BOARD_DIR=${BOARD_DIR}
        OB_MODULES_KCONFIG=${OB_MODULES_KCONFIG} APP_VERSION_TWEAK_STRING=${OB_APP_VERSION} KCONFIG_CONFIG=${config} PYTHONPATH=${OUTBOARD_CMAKE_DIR}/kconfig PYTHONDONTWRITEBYTECODE=1 ${ARGN} PARENT_SCOPE)
endfunction()

# ob_merge_kconfig(<result> <message on failure> KCONFIG <root> CONFIG <file> HEADER <file> ENVIRONMENT <name=value> ARGUMENTS <of merge.py>)
# result: the merged configuration; where that was refused, what of it can be looked at for further mistakes.
function(ob_merge_kconfig result what)
    cmake_parse_arguments(PARSE_ARGV 2 arg "" "KCONFIG;CONFIG;HEADER" "ENVIRONMENT;ARGUMENTS")
    ob_kconfig_environment(environment ${arg_CONFIG} ${arg_ENVIRONMENT})
    file(REMOVE ${arg_CONFIG}.refused ${arg_CONFIG}.refused.places ${arg_CONFIG}.of_bootloader)
    ob_run_on(ok "${what}"
        ${CMAKE_COMMAND} -E env ${environment} ${OUTBOARD_PYTHON} ${OUTBOARD_CMAKE_DIR}/kconfig/merge.py
        --kconfig ${arg_KCONFIG} --sdk-symbols ${OUTBOARD_CMAKE_DIR}/kconfig/sdk-symbols.txt
        --config ${arg_CONFIG} --header ${arg_HEADER} --depends ${arg_CONFIG}.d ${arg_ARGUMENTS})
    if(NOT ok OR OB_DT_REFUSED)
        file(TOUCH ${arg_CONFIG}.refused ${arg_CONFIG}.refused.places) # for when not even that could be written
        set(${result} ${arg_CONFIG}.refused PARENT_SCOPE)
        return()
    endif()
    set(${result} ${arg_CONFIG} PARENT_SCOPE)
    file(STRINGS ${arg_CONFIG}.d depends)
    ob_configure_depends(${depends} ${OUTBOARD_CMAKE_DIR}/kconfig/merge.py ${OUTBOARD_CMAKE_DIR}/kconfig/kconfigfunctions.py
        ${OUTBOARD_CMAKE_DIR}/kconfig/sdk-symbols.txt)
endfunction()

# Where a symbol of a merged configuration was written; empty: nowhere.
function(ob_place_written result merged symbol)
    file(STRINGS ${merged}.places place REGEX "^${symbol} ")
    string(REPLACE "${symbol} " "" place "${place}")
    set(${result} "${place}" PARENT_SCOPE)
endfunction()

# Symbols of a merged configuration as variables of the caller.
macro(ob_import_config config)
    file(STRINGS ${config} ob_config_lines REGEX "^[A-Z_]*CONFIG_")
    foreach(line IN LISTS ob_config_lines)
        if(line MATCHES "^([A-Z_]*CONFIG_[A-Za-z0-9_]+)=\"?(.*[^\"])?\"?$")
            set(${CMAKE_MATCH_1} "${CMAKE_MATCH_2}")
        endif()
    endforeach()
endmacro()
