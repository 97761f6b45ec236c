# SPDX-License-Identifier: Apache-2.0
# What would fail on the device only, if the build let it pass.

# Label of a node, for messages: its first, or its path.
function(ob_dt_label result path)
    ob_dt_node(label ${path} labels 0)
    if(NOT label)
        set(label ${path})
    endif()
    set(${result} ${label} PARENT_SCOPE)
endfunction()

# A bootloader opens its slots through its own devicetree and its own drivers.
function(ob_check_external_secondary)
    set(fix ${APPLICATION_CONFIG_DIR}/child_image/mcuboot)
    ob_dt_chosen(chosen nordic,pm-ext-flash)
    ob_dt_label(label ${chosen})
    if(NOT mcuboot_EXT_FLASH)
        ob_fail("image mcuboot has no chosen nordic,pm-ext-flash that is enabled, so it cannot open mcuboot_secondary; add to ${fix}.overlay: / { chosen { nordic,pm-ext-flash = &${label}; }; };")
    endif()
    if(NOT mcuboot_EXT_FLASH STREQUAL chosen)
        ob_fail("image mcuboot has nordic,pm-ext-flash = ${mcuboot_EXT_FLASH}, the application ${chosen}; both must choose the same chip, add to ${fix}.overlay: / { chosen { nordic,pm-ext-flash = &${label}; }; };")
    endif()
    if(NOT mcuboot_EXT_FLASH_DRIVER)
        ob_dt_node(driver ${chosen} driver)
        ob_fail("image mcuboot has no driver for mcuboot_secondary on ${chosen} (${label}); set ${driver}=y in ${fix}.conf (or CONFIG_PM_OVERRIDE_EXTERNAL_DRIVER_CHECK=y if a driver of your own serves it)")
    endif()
    if(NOT CONFIG_PM_EXTERNAL_FLASH_HAS_DRIVER)
        message(NOTICE "warning: the application has no driver for mcuboot_secondary on ${chosen} (${label}): it cannot receive an update")
    endif()
endfunction()

if(CONFIG_PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY)
    ob_check_external_secondary()
endif()
