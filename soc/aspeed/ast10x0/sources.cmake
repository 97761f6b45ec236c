# SPDX-License-Identifier: Apache-2.0
ob_sources(time.c)
if(NOT CONFIG_MCUBOOT)
    ob_sources(load.c)
endif()
