# SPDX-License-Identifier: Apache-2.0
ob_sources(load.c time.c)
set_source_files_properties(${OUTBOARD_BASE}/soc/arm/cortex_m/startup.c PROPERTIES COMPILE_DEFINITIONS OB_ENTRY=ob_load)
