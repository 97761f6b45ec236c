# SPDX-License-Identifier: Apache-2.0
ob_sources(start.c)
ob_sources_ifdef(CONFIG_FPROTECT lock.c)
if(CONFIG_MCUBOOT AND CONFIG_PCD_APP)
    ob_sources(network_core.c)
endif()
