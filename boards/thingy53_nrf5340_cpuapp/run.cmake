# SPDX-License-Identifier: Apache-2.0
# pyOCD has this SoC from a pack (`pyocd pack install nrf5340`), OpenOCD since the release after 0.12.
include(${OUTBOARD_CMAKE_DIR}/runner/nordic.cmake)
ob_nordic_targets(FAMILY NRF53 DEVICE nRF5340_xxAA_APP PYOCD nrf5340_xxaa OPENOCD target/nordic/nrf53.cfg XIP 0x10000000)
