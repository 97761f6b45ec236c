# SPDX-License-Identifier: Apache-2.0
ob_sources(fault.c image.c startup.c string.c)
if(CONFIG_ARMV8_M_MAINLINE)
    ob_sources(guard_v8m.c)
else()
    ob_sources(guard_v7m.c)
endif()
# What the compiler itself calls must not disappear into, nor be made from, what it optimises; two
# passes only make these loops longer.
set_source_files_properties(${CMAKE_CURRENT_LIST_DIR}/string.c PROPERTIES COMPILE_OPTIONS "-Os;-fno-lto;-fno-builtin;-fno-tree-loop-distribute-patterns;-fno-ivopts;-fno-tree-scev-cprop")
