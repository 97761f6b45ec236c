# SPDX-License-Identifier: Apache-2.0
# The target `app`: compile and link one image at the addresses of the partition manager.

include(${OUTBOARD_CMAKE_DIR}/ThirdParty.cmake)
ob_find_mbedtls()
ob_find_monocypher()

add_executable(app)
set_target_properties(app PROPERTIES OUTPUT_NAME ${IMAGE_NAME} SUFFIX .elf RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}
    C_STANDARD 11 C_EXTENSIONS ON)

# An application that refuses what its bootloader would refuse takes the same signatures.
if(CONFIG_MCUMGR_GRP_IMG)
    foreach(setting IN LISTS mcuboot_SIGNATURES)
        string(REGEX MATCH "^([^=]+)=(.*)$" setting "${setting}")
        set(${CMAKE_MATCH_1} "${CMAKE_MATCH_2}")
        target_compile_definitions(app PRIVATE ${setting})
    endforeach()
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

# Optimised across files, except where a missing device shows: the linker's message must name the file that asks for it.
file(GLOB_RECURSE OB_DRIVER_SOURCES CONFIGURE_DEPENDS ${OUTBOARD_BASE}/drivers/*.c)
foreach(module IN LISTS OB_MODULES)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${module}/*.c)
    list(APPEND OB_DRIVER_SOURCES ${sources})
endforeach()
set_source_files_properties(${OB_DRIVER_SOURCES} PROPERTIES COMPILE_OPTIONS -fno-lto)

# What gcc does not leave out at -Os although it costs size, 2 % in sum. `make bench` reads the same file.
set(OB_OPTIMIZATION @${OUTBOARD_BASE}/cmake/size.rsp)
if(CONFIG_SPEED_OPTIMIZATIONS)
    set(OB_OPTIMIZATION -O2)
elseif(CONFIG_DEBUG_OPTIMIZATIONS)
    set(OB_OPTIMIZATION -Og)
endif()
target_compile_options(app PRIVATE ${OB_CPU_FLAGS} ${OB_OPTIMIZATION} -g -ffreestanding -fbuiltin -fno-common
    -ffunction-sections -fdata-sections -flto -fno-strict-aliasing -Wall -Wextra
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

# Keys: absolute, or in the application's folder, or in this tree.
function(ob_find_key result symbol name)
    foreach(dir ${OB_KEY_DIR} ${OUTBOARD_BASE})
        cmake_path(ABSOLUTE_PATH name BASE_DIRECTORY ${dir} NORMALIZE OUTPUT_VARIABLE file)
        if(EXISTS ${file})
            ob_configure_depends(${file})
            set(${result} ${file} PARENT_SCOPE)
            return()
        endif()
    endforeach()
    ob_place_of_symbol(place ${symbol})
    ob_fail("${place}: ${name}: no such key file in ${OB_KEY_DIR} or ${OUTBOARD_BASE}; set ${symbol} of image ${IMAGE_NAME} to a PEM file (imgtool keygen -t ecdsa-p256 -k <file> makes one)")
endfunction()

# A vendor or a class as imgtool reads it: a UUID, or a name from which one is made.
function(ob_uuid result symbol namespace)
    set(length 0)
    string(REPLACE "-" "" digits "${${symbol}}")
    if(digits MATCHES "^[0-9a-fA-F]+$")
        string(LENGTH "${digits}" length)
    endif()
    if("${${symbol}}" STREQUAL "")
        ob_place_of_symbol(place ${symbol})
        ob_fail("${place}: ${symbol} is empty; name it, or write a UUID")
    elseif("${length}" STREQUAL 32)
        string(REGEX REPLACE "^(........)(....)(....)(....)(............)$" "\\1-\\2-\\3-\\4-\\5" uuid "${digits}")
        string(TOLOWER ${uuid} uuid)
    elseif("${namespace}" STREQUAL "")
        ob_place_of_symbol(place ${symbol})
        ob_fail("${place}: ${symbol}: the UUID of a class is made of its name and the vendor; state the vendor too, or write the UUID itself")
    else()
        string(UUID uuid NAMESPACE ${namespace} NAME "${${symbol}}" TYPE SHA1)
    endif()
    set(${result} ${uuid} PARENT_SCOPE)
endfunction()

# What a pair of symbols asks for, as options: --vid <UUID> --cid <UUID>. A symbol whose switch is off is not there.
function(ob_image_uuids result vendor class)
    set(options)
    set(namespace)
    if(DEFINED ${vendor})
        ob_uuid(namespace ${vendor} 6ba7b810-9dad-11d1-80b4-00c04fd430c8) # RFC 9562: of domain names
        list(APPEND options --vid ${namespace})
    endif()
    if(DEFINED ${class})
        ob_uuid(uuid ${class} "${namespace}")
        list(APPEND options --cid ${uuid})
    endif()
    set(${result} ${options} PARENT_SCOPE)
endfunction()

# Content keys of encrypted images: the bootloader unwraps them, an application that judges updates knows how they look.
function(ob_encryption)
    ob_find_key(key CONFIG_BOOT_ENCRYPTION_KEY_FILE "${CONFIG_BOOT_ENCRYPTION_KEY_FILE}")
    set(known --enc-type ${CONFIG_BOOT_ENCRYPT_TYPE_NAME} --enc-size ${CONFIG_BOOT_ENCRYPT_KEY_SIZE})
    if(CONFIG_BOOT_ENCRYPT_REQUIRED)
        list(APPEND known --enc-required)
    endif()
    set(sign --encrypt ${key})
    if(CONFIG_BOOT_ENCRYPT_ALG_AES_256)
        list(APPEND sign --encrypt-keylen 256)
    endif()
    if(CONFIG_BOOT_HMAC_SHA512)
        list(APPEND sign --hmac-sha 512)
    endif()
    set(OB_ENCRYPTION_KNOWN ${known} PARENT_SCOPE)
    set(OB_ENCRYPTION_SECRET --enc-pem ${key} PARENT_SCOPE)
    set(OB_ENCRYPT_OPTIONS ${sign} PARENT_SCOPE)
    set(OB_ENCRYPTION_KEY_FILE ${key} PARENT_SCOPE)
    ob_place_of_symbol(place CONFIG_BOOT_ENCRYPTION_KEY_FILE)
    set(OB_ENCRYPTION_PLACE "; CONFIG_BOOT_ENCRYPTION_KEY_FILE (${place}) must fit CONFIG_BOOT_ENCRYPT_..." PARENT_SCOPE)
endfunction()

# Who named the key that signs: a line, the command line, or nobody.
function(ob_place_of_key result)
    set(symbol CONFIG_BOOT_SIGNATURE_KEY_FILE)
    ob_place_of_symbol(place ${symbol})
    if("${OB_FORCED}" MATCHES "${symbol}=" AND OB_FORCED_BY)
        list(GET OB_FORCED_BY 0 place)
    elseif(place STREQUAL "command line" AND NOT "${OB_ASSIGNMENTS}" MATCHES "${symbol}=")
        set(place "default of ${symbol}")
    endif()
    set(${result} ${place} PARENT_SCOPE)
endfunction()

# The first signs, so it must be private; keys of another type are refused here, before anything is compiled.
set(OB_KEY_FILE)
set(OB_KEYS)
if(CONFIG_MCUBOOT)
    ob_find_key(OB_KEY_FILE CONFIG_BOOT_SIGNATURE_KEY_FILE "${CONFIG_BOOT_SIGNATURE_KEY_FILE}")
    set(OB_KEYS --sign --pem ${OB_KEY_FILE})
    foreach(name IN LISTS CONFIG_BOOT_SIGNATURE_EXTRA_KEY_FILES)
        ob_find_key(file CONFIG_BOOT_SIGNATURE_EXTRA_KEY_FILES "${name}")
        list(APPEND OB_KEYS --pem ${file})
    endforeach()
    ob_image_uuids(OB_UUIDS CONFIG_MCUBOOT_UUID_VID_VALUE CONFIG_MCUBOOT_UUID_CID_IMAGE_0_VALUE)
    list(APPEND OB_KEYS ${OB_UUIDS})
    if(CONFIG_BOOT_ENCRYPT_IMAGE)
        ob_encryption()
        list(APPEND OB_KEYS ${OB_ENCRYPTION_KNOWN})
    endif()
elseif(CONFIG_MCUMGR_GRP_IMG)
    set(OB_KEYS ${mcuboot_KEYS})
endif()
if(OB_KEYS)
    set(OB_KEYS_C ${CMAKE_CURRENT_BINARY_DIR}/keys.c)
    ob_place_of_key(OB_KEY_PLACE)
    ob_run("${OB_KEY_PLACE}: correct the keys of image ${IMAGE_NAME}: CONFIG_BOOT_SIGNATURE_KEY_FILE and CONFIG_BOOT_SIGNATURE_TYPE_... must fit each other${OB_ENCRYPTION_PLACE}"
        ${OUTBOARD_TOOL} image key ${OB_KEYS} ${OB_ENCRYPTION_SECRET} --where ${OB_KEY_PLACE} --type ${CONFIG_BOOT_SIGNATURE_TYPE_NAME} --c ${OB_KEYS_C})
    target_sources(app PRIVATE ${OB_KEYS_C})
endif()

# What imgtool must be told about them.
set(OB_SIGN_OPTIONS)
if(CONFIG_BOOT_SIGNATURE_TYPE_PURE)
    set(OB_SIGN_OPTIONS --pure)
elseif(CONFIG_BOOT_IMG_HASH_ALG_SHA512)
    set(OB_SIGN_OPTIONS --sha 512)
endif()
list(APPEND OB_SIGN_OPTIONS ${OB_UUIDS})
if(CONFIG_BOOTLOADER_MCUBOOT)
    include(${OUTBOARD_CMAKE_DIR}/OutboardSign.cmake)
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
    set(OB_GROW "raise CONFIG_PM_PARTITION_SIZE_MCUBOOT of image ${IMAGE_NAME} (now ${CONFIG_PM_PARTITION_SIZE_MCUBOOT}), or drop drivers and log text")
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
