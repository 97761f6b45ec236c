# SPDX-License-Identifier: Apache-2.0
#
# find_package(Outboard): the build of one image, and of the images that it brings along.
#
# After it, the target `app` is the image; give it sources with target_sources(app PRIVATE ...). Everything that decides
# the layout happens when cmake runs (devicetree, Kconfig, child images, partition manager), the rest when it builds.
#
# Variables of the user, for this image; for the image `mcuboot` each with the prefix mcuboot_:
#   BOARD                   name of a folder in boards/ (of this tree, of the application, or of a BOARD_ROOT)
#   CONF_FILE               configuration instead of prj.conf and boards/<board>.conf
#   EXTRA_CONF_FILE         more fragments, later ones win (OVERLAY_CONFIG: the older name)
#   DTC_OVERLAY_FILE        devicetree overlays instead of boards/<board>.overlay and app.overlay
#   EXTRA_DTC_OVERLAY_FILE  more overlays
#   FILE_SUFFIX             prefer prj_<suffix>.conf and the like
#   CONFIG_<symbol>         one Kconfig value
# For the bootloader alone: LAYOUT (see OutboardLayout.cmake). For all images: OUTBOARD_MODULES (see OutboardModules.cmake).
# Variables of the machine: OUTBOARD_TOOL (the host program), MBEDTLS_ROOT, OUTBOARD_PYTHON.

cmake_minimum_required(VERSION 3.25)
include_guard(GLOBAL)

cmake_path(GET CMAKE_CURRENT_LIST_DIR PARENT_PATH OUTBOARD_BASE)
set(OUTBOARD_CMAKE_DIR ${CMAKE_CURRENT_LIST_DIR})

if(OB_PARENT_FILE) # written by the parent image: what it passes on
    include(${OB_PARENT_FILE})
endif()
if(NOT DEFINED IMAGE_NAME)
    set(IMAGE_NAME app)
endif()
if(NOT DEFINED APPLICATION_CONFIG_DIR)
    set(APPLICATION_CONFIG_DIR ${CMAKE_CURRENT_SOURCE_DIR})
endif()
set(OB_GENERATED_DIR ${CMAKE_CURRENT_BINARY_DIR}/include/generated)
set(OB_CONFIG_DIR ${APPLICATION_CONFIG_DIR})

include(${OUTBOARD_CMAKE_DIR}/OutboardFunctions.cmake)
include(${OUTBOARD_CMAKE_DIR}/OutboardMisuse.cmake)
include(${OUTBOARD_CMAKE_DIR}/OutboardTools.cmake)
include(${OUTBOARD_CMAKE_DIR}/OutboardBoard.cmake)

set(CMAKE_EXPORT_COMPILE_COMMANDS ON) # for editors: compile_commands.json in the build folder of each image
set(CMAKE_TOOLCHAIN_FILE ${OUTBOARD_CMAKE_DIR}/toolchain-arm-none-eabi.cmake)
project(outboard-image LANGUAGES C ASM)

if(DEFINED LAYOUT)
    include(${OUTBOARD_CMAKE_DIR}/OutboardLayout.cmake)
elseif(NOT OB_PARENT_FILE)
    include(${OUTBOARD_CMAKE_DIR}/OutboardSysbuild.cmake)
endif()
include(${OUTBOARD_CMAKE_DIR}/OutboardModules.cmake)
include(${OUTBOARD_CMAKE_DIR}/OutboardDevicetree.cmake)
if(DEFINED LAYOUT AND NOT OB_DT_REFUSED)
    ob_choose_only_chip()
endif()
include(${OUTBOARD_CMAKE_DIR}/OutboardKconfig.cmake)
include(${OUTBOARD_CMAKE_DIR}/OutboardChildren.cmake)
include(${OUTBOARD_CMAKE_DIR}/OutboardKeys.cmake)
ob_stop() # at what is wrong so far, in all images
set(OB_PM_HEADER ${OB_GENERATED_DIR}/pm_config.h)
include(${OUTBOARD_CMAKE_DIR}/partitions/partitions.cmake)
include(${OUTBOARD_CMAKE_DIR}/OutboardImage.cmake)

# At the end of the image's CMakeLists.txt: its libraries may add partitions until then.
if(OB_PARENT_FILE)
    cmake_language(DEFER CALL include ${OUTBOARD_CMAKE_DIR}/OutboardShare.cmake)
elseif(DEFINED LAYOUT)
    cmake_language(DEFER CALL include ${OUTBOARD_CMAKE_DIR}/OutboardPartitions.cmake)
    cmake_language(DEFER ID ob_hand_over CALL ob_hand_over)
else()
    cmake_language(DEFER CALL include ${OUTBOARD_CMAKE_DIR}/OutboardPartitions.cmake)
    cmake_language(DEFER ID ob_outputs CALL include ${OUTBOARD_CMAKE_DIR}/OutboardOutputs.cmake)
endif()
cmake_language(DEFER ID ob_sbom CALL include ${OUTBOARD_CMAKE_DIR}/OutboardSbom.cmake)
