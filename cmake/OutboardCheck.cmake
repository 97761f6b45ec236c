# SPDX-License-Identifier: Apache-2.0
# What would fail on the device only, if the build let it pass: drivers and devicetree of each image against the slots, room
# for trailers and ledger, erase units, and the layout of devices in the field if the application has a pm_lock.yml.

ob_first_existing(OB_PM_LOCK ${APPLICATION_CONFIG_DIR}/pm_lock.yml)
ob_configure_depends(${OB_PM_LOCK})

# Options that name the images and what they were built with.
function(ob_pm_images result)
    set(options --image ${IMAGE_NAME}=${CMAKE_CURRENT_BINARY_DIR})
    foreach(child IN LISTS OB_CHILDREN)
        list(APPEND options --image ${child}=${CMAKE_CURRENT_BINARY_DIR}/${child})
    endforeach()
    set(${result} ${options} PARENT_SCOPE)
endfunction()

# The command that checks a layout.
function(ob_pm_check result partitions regions)
    ob_pm_images(images)
    set(command ${OUTBOARD_TOOL} pm check --partitions ${partitions} --regions ${regions} ${images})
    if(OB_PM_LOCK)
        list(APPEND command --lock ${OB_PM_LOCK})
    endif()
    set(${result} ${command} PARENT_SCOPE)
endfunction()
