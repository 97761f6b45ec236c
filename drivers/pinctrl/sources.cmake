# SPDX-License-Identifier: Apache-2.0
ob_sources_ifdef(CONFIG_PINCTRL_NRF nrf_pinctrl.c)
ob_sources_ifdef(CONFIG_BOOT_SERIAL_ENTRANCE_GPIO nrf_button.c)
