# SPDX-License-Identifier: Apache-2.0
# Board defconfig, prj.conf, board fragment, extra fragments, command line -> .config, autoconf.h and CONFIG_ variables.

if(DEFINED CONF_FILE)
    ob_absolute_files(OB_CONF_FILES CONF_FILE ${OB_CONFIG_DIR})
else()
    ob_find_file(OB_PRJ_CONF ${OB_CONFIG_DIR} prj conf "${FILE_SUFFIX}")
    if(NOT OB_PRJ_CONF)
        ob_fail("${OB_CONFIG_DIR}/prj.conf: does not exist; create it (it may be empty), or name another with -DCONF_FILE=<file>")
    endif()
    ob_find_file(OB_BOARD_CONF ${OB_CONFIG_DIR}/boards ${BOARD} conf "${FILE_SUFFIX}")
    set(OB_REVISION_CONF)
    if(OB_BOARD_REVISION)
        ob_find_file(OB_REVISION_CONF ${OB_CONFIG_DIR}/boards ${OB_BOARD_WITH_REVISION} conf "${FILE_SUFFIX}")
    endif()
    set(OB_CONF_FILES ${OB_PRJ_CONF} ${OB_BOARD_CONF} ${OB_REVISION_CONF})
endif()
ob_absolute_files(OB_OVERLAY_CONFIG OVERLAY_CONFIG ${OB_CONFIG_DIR})
ob_absolute_files(OB_EXTRA_CONF EXTRA_CONF_FILE ${OB_CONFIG_DIR})

if(NOT DEFINED KCONFIG_ROOT)
    set(KCONFIG_ROOT ${OUTBOARD_BASE}/Kconfig)
    if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/Kconfig)
        set(KCONFIG_ROOT ${CMAKE_CURRENT_SOURCE_DIR}/Kconfig)
    endif()
endif()

# CONFIG_ values of the command line.
ob_assignments(OB_ASSIGNMENTS CONFIG_)

# Who gave a symbol its value: <file>:<line>, the command line, menuconfig, or nobody.
function(ob_place_of_symbol result symbol)
    ob_place_written(place ${OB_MERGED} ${symbol})
    if(NOT place)
        set(place "default of ${symbol}")
        if(EXISTS ${OB_MERGED}.merged)
            file(STRINGS ${OB_MERGED} now REGEX "^${symbol}=")
            file(STRINGS ${OB_MERGED}.merged given REGEX "^${symbol}=")
            if(NOT now STREQUAL given)
                set(place ${OB_MERGED})
            endif()
        endif()
    endif()
    set(${result} ${place} PARENT_SCOPE)
endfunction()

# The version in a file VERSION, as applications of Zephyr have it: the default of what images are signed as.
function(ob_read_version result)
    set(${result} 0.0.0+0 PARENT_SCOPE)
    ob_first_existing(file ${CMAKE_CURRENT_SOURCE_DIR}/VERSION)
    if(NOT file)
        return()
    endif()
    ob_configure_depends(${file})
    file(READ ${file} text)
    foreach(part VERSION_MAJOR VERSION_MINOR PATCHLEVEL VERSION_TWEAK)
        set(${part} 0)
        if(text MATCHES "(^|\n)[ \t]*${part}[ \t]*=[ \t]*([0-9]+)[ \t\r]*(\n|$)")
            set(${part} ${CMAKE_MATCH_2})
        elseif(NOT part STREQUAL VERSION_TWEAK)
            message(NOTICE "${file}: warning: is not used: it has no line ${part} = <number>")
            return()
        endif()
    endforeach()
    set(${result} ${VERSION_MAJOR}.${VERSION_MINOR}.${PATCHLEVEL}+${VERSION_TWEAK} PARENT_SCOPE)
endfunction()

ob_read_version(OB_APP_VERSION)

set(OB_DOTCONFIG ${CMAKE_CURRENT_BINARY_DIR}/.config)
set(OB_FORCE ${OB_FORCED}) # by sysbuild
if(OB_FORCE)
    list(PREPEND OB_FORCE --force)
    list(APPEND OB_FORCE --) # the fragments follow
endif()
set(OB_WITHOUT_DT)
if(OB_DT_REFUSED)
    set(OB_WITHOUT_DT --without-devicetree)
endif()
ob_merge_kconfig(OB_MERGED "The configuration of image ${IMAGE_NAME} is not valid; correct what is named above"
    KCONFIG ${KCONFIG_ROOT} CONFIG ${OB_DOTCONFIG} HEADER ${OB_GENERATED_DIR}/autoconf.h ENVIRONMENT OB_DT_JSON=${OB_DT_JSON}
    ARGUMENTS ${OB_ASSIGNMENTS} ${OB_WITHOUT_DT} ${OB_FORCE}
        ${BOARD_DIR}/${BOARD}_defconfig ${OB_CONF_FILES} ${OB_PARENT_CONF} ${OB_OVERLAY_CONFIG} ${OB_EXTRA_CONF})

# pm.yml files of the SDK include this name.
file(CONFIGURE OUTPUT ${OB_GENERATED_DIR}/zephyr/autoconf.h CONTENT "#include \"../autoconf.h\"\n")

ob_import_config(${OB_MERGED})

# A version that imgtool would refuse at the end of the build, at the line that a person wrote.
ob_version(ob_version "${CONFIG_MCUBOOT_IMGTOOL_SIGN_VERSION}")
if(DEFINED CONFIG_MCUBOOT_IMGTOOL_SIGN_VERSION AND ob_version STREQUAL "")
    ob_place_of_symbol(ob_place CONFIG_MCUBOOT_IMGTOOL_SIGN_VERSION)
    ob_fail_later("${ob_place}: CONFIG_MCUBOOT_IMGTOOL_SIGN_VERSION=\"${CONFIG_MCUBOOT_IMGTOOL_SIGN_VERSION}\" is no version; write <major>.<minor>.<revision>+<build> in decimal numbers, 1.2.3+0, up to 255.255.65535+4294967295" "")
endif()
