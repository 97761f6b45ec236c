# SPDX-License-Identifier: Apache-2.0
# What would fail on the device only, if the build let it pass: drivers and devicetree of each image against the slots, room
# for trailer and journal, erase units, and the layout of devices in the field if the application has a pm_lock.yml.

set(OB_PM_CHECK ${OUTBOARD_TOOL} pm check --partitions ${OB_PARTITIONS} --regions ${OB_REGIONS}
    --image app=${CMAKE_CURRENT_BINARY_DIR})
foreach(child IN LISTS OB_CHILDREN)
    list(APPEND OB_PM_CHECK --image ${child}=${CMAKE_CURRENT_BINARY_DIR}/${child})
endforeach()
ob_first_existing(OB_PM_LOCK ${APPLICATION_CONFIG_DIR}/pm_lock.yml)
if(OB_PM_LOCK)
    list(APPEND OB_PM_CHECK --lock ${OB_PM_LOCK})
    ob_configure_depends(${OB_PM_LOCK})
endif()
ob_run("The layout cannot work on a device; change what is named above" ${OB_PM_CHECK})
