# SPDX-License-Identifier: Apache-2.0
if(CONFIG_BOOTLOADER_MCUBOOT OR CONFIG_MCUBOOT) # without a bootloader there are no slots
    ob_sources(update.c slots.c)
    if(CONFIG_RETENTION_BOOTLOADER_INFO)
        ob_need_boot_info(CONFIG_RETENTION_BOOTLOADER_INFO)
        ob_sources(boot_info.c)
    endif()
endif()
