# SPDX-License-Identifier: Apache-2.0
# Partitions that a configuration asks for. The order is the SDK's: in external flash it is the order of addresses.

if(PM_STATIC_YML_FILE) # a name that the user gave must exist: another layout would be a surprise in the field
    ob_absolute_files(OB_PM_STATIC_NAMED PM_STATIC_YML_FILE ${APPLICATION_CONFIG_DIR})
endif()

# Hand a file to the partition manager: `#include <zephyr/autoconf.h>`, `#if` and CONFIG_ symbols work in it. The output keeps
# the preprocessor's line marks, so that messages name the file and line that a person wrote.
function(ob_add_pm_yml file output)
    ob_run("${file} cannot be preprocessed; correct what is named above"
        ${CMAKE_C_COMPILER} -x assembler-with-cpp -nostdinc -E -I${OB_GENERATED_DIR} ${file} -o ${output})
    ob_configure_depends(${file})
    set_property(GLOBAL APPEND PROPERTY OB_PM_YML ${output})
endfunction()

# The SDK's way to add partitions of a library or of the application's own code, in any CMakeLists.txt of the image after
# find_package(Outboard). Relative names count from its folder.
function(ncs_add_partition_manager_config file)
    cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} NORMALIZE)
    if(NOT EXISTS ${file})
        ob_fail("${file}: does not exist; correct ncs_add_partition_manager_config() in ${CMAKE_CURRENT_LIST_FILE}")
    endif()
    cmake_path(GET file FILENAME name)
    set(output ${CMAKE_CURRENT_BINARY_DIR}/${name})
    get_property(others GLOBAL PROPERTY OB_PM_YML)
    if(output IN_LIST others)
        ob_fail("${file}: a file of this name was added by the same folder; rename one of them")
    endif()
    ob_add_pm_yml(${file} ${output})
endfunction()

# A child's own file comes first; the root image has none, its partition is implicit.
set(OB_OWN_PM_YML ${CMAKE_CURRENT_SOURCE_DIR}/pm.yml)
if(EXISTS ${OB_OWN_PM_YML})
    if(OB_PARENT_FILE OR DEFINED LAYOUT)
        ob_add_pm_yml(${OB_OWN_PM_YML} ${OB_GENERATED_DIR}/pm.yml)
    else()
        message(NOTICE "${OB_OWN_PM_YML}: warning: is not used: the application's partition is implicit; add partitions of your "
            "own with ncs_add_partition_manager_config(<file of another name>), or give them a place in pm_static.yml")
    endif()
endif()

if(CONFIG_SETTINGS_FCB OR CONFIG_SETTINGS_NVS OR CONFIG_SETTINGS_ZMS)
    ncs_add_partition_manager_config(${CMAKE_CURRENT_LIST_DIR}/pm.yml.settings)
endif()
if(CONFIG_FILE_SYSTEM_LITTLEFS)
    ncs_add_partition_manager_config(${CMAKE_CURRENT_LIST_DIR}/pm.yml.file_system)
endif()
if(CONFIG_NVS AND NOT CONFIG_SETTINGS_NVS)
    ncs_add_partition_manager_config(${CMAKE_CURRENT_LIST_DIR}/pm.yml.nvs)
endif()
if(CONFIG_ZMS AND NOT CONFIG_SETTINGS_ZMS)
    ncs_add_partition_manager_config(${CMAKE_CURRENT_LIST_DIR}/pm.yml.zms)
endif()
if(CONFIG_SOC_NRF5340_CPUAPP)
    ncs_add_partition_manager_config(${CMAKE_CURRENT_LIST_DIR}/pm.yml.rpmsg_nrf53)
endif()
if(CONFIG_PCD_APP)
    ncs_add_partition_manager_config(${CMAKE_CURRENT_LIST_DIR}/pm.yml.pcd)
endif()
