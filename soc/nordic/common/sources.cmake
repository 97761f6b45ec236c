# SPDX-License-Identifier: Apache-2.0
ob_sources(load.c time.c)
if(CONFIG_BOOT_SERIAL_BOOT_MODE OR CONFIG_RETENTION_BOOT_MODE)
    ob_sources(boot_mode.c)
endif()
set_source_files_properties(${OUTBOARD_BASE}/soc/arm/cortex_m/startup.c PROPERTIES COMPILE_DEFINITIONS OB_ENTRY=ob_load)
