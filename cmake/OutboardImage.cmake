# SPDX-License-Identifier: Apache-2.0
# The target `app`: compile and link one image at the addresses of the partition manager.

include(${OUTBOARD_CMAKE_DIR}/ThirdParty.cmake)
ob_find_mbedtls()
ob_find_monocypher()

add_executable(app)
set_target_properties(app PROPERTIES OUTPUT_NAME ${IMAGE_NAME} SUFFIX .elf RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}
    C_STANDARD 11 C_EXTENSIONS ON)

if(CONFIG_MCUMGR_GRP_IMG)
    target_compile_definitions(app PRIVATE ${mcuboot_SIGNATURES})
endif()

# Every application knows whether images are encrypted: their payload lies outside otherwise than where it runs.
if(NOT CONFIG_MCUBOOT)
    set(CONFIG_BOOT_ENCRYPT_KEY_SIZE 0)
    if(mcuboot_ENCRYPT_KEY_SIZE)
        set(CONFIG_BOOT_ENCRYPT_KEY_SIZE ${mcuboot_ENCRYPT_KEY_SIZE})
    endif()
    target_compile_definitions(app PRIVATE CONFIG_BOOT_ENCRYPT_KEY_SIZE=${CONFIG_BOOT_ENCRYPT_KEY_SIZE})
endif()

foreach(dir core crypto app app/smp drivers drivers/serial drivers/flash drivers/watchdog drivers/pinctrl ${OB_SOC_DIRS})
    include(${OUTBOARD_BASE}/${dir}/sources.cmake OPTIONAL)
endforeach()
foreach(module IN LISTS OB_MODULES)
    include(${module}/sources.cmake OPTIONAL)
endforeach()

# Optimised across files, except those that name other devices, and modules: where a device is missing, the linker's message must name
# the file that asks for it.
file(GLOB_RECURSE OB_NAME_DEVICES CONFIGURE_DEPENDS ${OUTBOARD_BASE}/drivers/*_dt.c)
list(APPEND OB_NAME_DEVICES ${OUTBOARD_BASE}/drivers/flash/flash_map.c ${OUTBOARD_BASE}/drivers/serial/console.c
    ${OUTBOARD_BASE}/drivers/watchdog/watchdog.c)
foreach(module IN LISTS OB_MODULES)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${module}/*.c)
    list(APPEND OB_NAME_DEVICES ${sources})
endforeach()
set_source_files_properties(${OB_NAME_DEVICES} PROPERTIES COMPILE_OPTIONS -fno-lto)

# What gcc does not leave out at -Os although it costs size, 2 % in sum. `make bench` reads the same file.
set(OB_OPTIMIZATION @${OUTBOARD_BASE}/cmake/size.rsp)
if(CONFIG_SPEED_OPTIMIZATIONS)
    set(OB_OPTIMIZATION -O2)
elseif(CONFIG_DEBUG_OPTIMIZATIONS)
    set(OB_OPTIMIZATION -Og)
endif()
target_compile_options(app PRIVATE ${OB_CPU_FLAGS} ${OB_OPTIMIZATION} -g -ffreestanding -fbuiltin -fno-common
    -ffunction-sections -fdata-sections -flto=auto -fno-strict-aliasing -Wall -Wextra
    -include ${OB_GENERATED_DIR}/autoconf.h)
if(CONFIG_BOOTLOADER_MCUBOOT) # where things lie in a slot follows from these choices of the bootloader
    target_compile_definitions(app PRIVATE CONFIG_BOOT_MAX_IMG_SECTORS=${mcuboot_MAX_IMG_SECTORS}
        CONFIG_BOOT_LEDGER_SIZE=${mcuboot_LEDGER_SIZE}
        CONFIG_UPDATEABLE_IMAGE_NUMBER=${mcuboot_UPDATEABLE_IMAGE_NUMBER} CONFIG_${mcuboot_BOOT_MODE}=1)
    foreach(guard IN LISTS mcuboot_GUARD)
        target_compile_definitions(app PRIVATE CONFIG_${guard}=1)
    endforeach()
    if(mcuboot_RAM_FLASH_SIZE)
        target_compile_definitions(app PRIVATE CONFIG_NRF53_MCUBOOT_PRIMARY_1_RAM_FLASH=1)
    endif()
endif()
target_compile_definitions(app PRIVATE USE_PARTITION_MANAGER=1 MBEDTLS_CONFIG_FILE="ob_mbedtls_config.h")
target_include_directories(app PRIVATE ${OB_GENERATED_DIR} ${OUTBOARD_BASE}/include ${OUTBOARD_BASE}/crypto
    ${OUTBOARD_BASE}/dts) # for dt-bindings
target_include_directories(app SYSTEM PRIVATE ${MBEDTLS_ROOT}/include ${MBEDTLS_ROOT}/library
    ${MBEDTLS_ROOT}/3rdparty/p256-m/p256-m ${MONOCYPHER_ROOT})

target_sources(app PRIVATE ${OB_FOREIGN_SOURCES})
set_source_files_properties(${OB_FOREIGN_SOURCES} PROPERTIES COMPILE_OPTIONS -w) # not held to this project's warnings

if(OB_KEYS)
    target_sources(app PRIVATE ${OB_KEYS_C})
endif()

# Linker script
foreach(dir IN LISTS OB_SOC_DIRS)
    if(EXISTS ${OUTBOARD_BASE}/${dir}/linker.ld.in)
        set(OB_LINKER_IN ${OUTBOARD_BASE}/${dir}/linker.ld.in)
    endif()
endforeach()
set(OB_LINKER ${CMAKE_CURRENT_BINARY_DIR}/linker.ld)
add_custom_command(OUTPUT ${OB_LINKER}
    COMMAND ${CMAKE_C_COMPILER} -x assembler-with-cpp -nostdinc -E -P -I${OB_GENERATED_DIR} -I${OUTBOARD_BASE}
        -MD -MF ${OB_LINKER}.d -MT linker.ld -include autoconf.h -include pm_config.h ${OB_LINKER_IN} -o ${OB_LINKER}
    DEPENDS ${OB_LINKER_IN} ${OB_PM_HEADER} DEPFILE ${OB_LINKER}.d
    COMMENT "Placing ${IMAGE_NAME} where the partition manager says" VERBATIM)
add_custom_target(linker_script DEPENDS ${OB_LINKER})
add_dependencies(app linker_script)
set_property(TARGET app APPEND PROPERTY LINK_DEPENDS ${OB_LINKER})

# The linker, with an explanation of what it cannot know: which devicetree node has no driver, what to make larger.
if(CONFIG_MCUBOOT)
    file(STRINGS ${OUTBOARD_BASE}/include/outboard/ledger_place.h OB_LEDGER_HOME REGEX "define OB_LEDGER_HOME_MIN")
    string(REGEX MATCH "0x[0-9a-f]+" OB_LEDGER_HOME "${OB_LEDGER_HOME}")
    set(OB_GROW "raise CONFIG_PM_PARTITION_SIZE_MCUBOOT of image ${IMAGE_NAME} (now ${CONFIG_PM_PARTITION_SIZE_MCUBOOT}), or the size of mcuboot in pm_static.yml or of boot_partition in the devicetree if that is the layout (the ledger takes ${CONFIG_BOOT_LEDGER_SIZE} of one that has ${OB_LEDGER_HOME} or more); or drop drivers and log text")
else()
    set(OB_GROW "make it smaller, or the partition app larger in pm_static.yml")
endif()
set_property(TARGET app PROPERTY RULE_LAUNCH_LINK
    "\"${OUTBOARD_TOOL}\" dt link --nodes \"${OB_DT_JSON}\" --image ${IMAGE_NAME} --grow \"${OB_GROW}\" --")
target_link_options(app PRIVATE ${OB_CPU_FLAGS} -nostartfiles -specs=nano.specs -T ${OB_LINKER}
    -Wl,--gc-sections,--print-memory-usage,-Map=${CMAKE_CURRENT_BINARY_DIR}/${IMAGE_NAME}.map,--no-warn-rwx-segments)

add_custom_command(OUTPUT ${IMAGE_NAME}.bin COMMAND ${CMAKE_OBJCOPY} -O binary $<TARGET_FILE:app> ${IMAGE_NAME}.bin
    DEPENDS app VERBATIM)
add_custom_target(image_bin ALL DEPENDS ${CMAKE_CURRENT_BINARY_DIR}/${IMAGE_NAME}.bin)

ob_kconfig_environment(OB_KCONFIG_ENV ${OB_DOTCONFIG} OB_DT_JSON=${OB_DT_JSON})
foreach(target menuconfig guiconfig)
    add_custom_target(${target} USES_TERMINAL
        COMMAND ${CMAKE_COMMAND} -E env ${OB_KCONFIG_ENV} ${OUTBOARD_PYTHON} -m ${target} ${KCONFIG_ROOT}
        WORKING_DIRECTORY ${OUTBOARD_BASE} VERBATIM)
endforeach()
