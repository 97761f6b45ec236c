# SPDX-License-Identifier: Apache-2.0
ob_sources_ifdef(CONFIG_WATCHDOG watchdog.c)
ob_sources_ifdef(CONFIG_WDT_ASPEED wdt_aspeed.c)
ob_sources_ifdef(CONFIG_WDT_NRFX wdt_nrf.c)
