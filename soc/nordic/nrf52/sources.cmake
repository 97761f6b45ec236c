# SPDX-License-Identifier: Apache-2.0
ob_sources(start.c)
ob_sources_ifdef(CONFIG_FPROTECT lock.c)
ob_sources_ifdef(CONFIG_BOOT_FIH_PROFILE_HIGH random.c)
