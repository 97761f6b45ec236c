# SPDX-License-Identifier: Apache-2.0
include(${OUTBOARD_CMAKE_DIR}/runner/nordic.cmake)
ob_nordic_targets(FAMILY NRF52 DEVICE nRF52840_xxAA PYOCD nrf52840 OPENOCD target/nrf52.cfg XIP 0x12000000)
