# SPDX-License-Identifier: Apache-2.0
ob_sources_ifdef(CONFIG_FLASH flash_map.c)
ob_sources_ifdef(CONFIG_SPI_ASPEED aspeed_spi.c)
ob_sources_ifdef(CONFIG_SPI_NOR_CORE spi_nor.c spi_nor_address.c spi_nor_bus.c spi_nor_parts.c sfdp.c)
ob_sources_ifdef(CONFIG_SPI_NOR spi_nor_dt.c)
ob_sources_ifdef(CONFIG_SOC_FLASH_ASPEED aspeed_fmc_nor_dt.c)
ob_sources_ifdef(CONFIG_SOC_FLASH_NRF nrf_nvmc.c nrf_nvmc_dt.c)
