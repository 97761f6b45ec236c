# SPDX-License-Identifier: Apache-2.0
ob_sources_ifdef(CONFIG_UART_ASPEED uart_aspeed.c)
ob_sources_ifdef(CONFIG_UART_NRF uart_nrf.c)
ob_sources_ifdef(CONFIG_UART_CONSOLE console.c)
ob_sources_ifdef(CONFIG_LOG format.c log.c)
