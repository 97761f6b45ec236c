# SPDX-License-Identifier: Apache-2.0
#
# Folders outside this tree that bring drivers to every image of a build: -DOUTBOARD_MODULES=<folder>;... Each may have
#   Kconfig              symbols, sourced after those of this tree
#   sources.cmake        ob_sources_ifdef(CONFIG_<symbol> driver.c)
#   dts/bindings/*.yaml  bindings of its devicetree nodes; they may include those of this tree
#   dts/                 is where `#include <...>` in devicetrees looks, too

ob_absolute_files(OB_MODULES OUTBOARD_MODULES ${APPLICATION_CONFIG_DIR})
set(OB_MODULES_KCONFIG ${CMAKE_CURRENT_BINARY_DIR}/Kconfig.modules)
set(OB_MODULES_TEXT "")
foreach(module IN LISTS OB_MODULES)
    string(APPEND OB_MODULES_TEXT "osource \"${module}/Kconfig\"\n")
endforeach()
file(CONFIGURE OUTPUT ${OB_MODULES_KCONFIG} CONTENT "${OB_MODULES_TEXT}" @ONLY)
