# SPDX-License-Identifier: Apache-2.0
set(OB_SOC_DIRS soc/arm/cortex_m soc/nordic/common soc/nordic/nrf53)
set(OB_SOC_FLASH_DRIVER_KCONFIG CONFIG_SOC_FLASH_NRF)
set(OB_CPU_FLAGS -mcpu=cortex-m33 -mthumb -mfloat-abi=soft)
