/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_DT_BINDINGS_NRF_PINCTRL_H
#define OUTBOARD_DT_BINDINGS_NRF_PINCTRL_H

/* The names that Zephyr's devicetrees use for pins of an nRF. The numbers behind them are this project's. */

/** `psels` of a group: what the pin does, which port, which pin of the port. */
#define NRF_PSEL(function, port, pin) ((NRF_FUN_##function << 24) | ((port) << 5) | (pin))

/** The function has no pin. */
#define NRF_PSEL_DISCONNECTED(function) ((NRF_FUN_##function << 24) | 0xff)

#define NRF_FUN_UART_TX 0
#define NRF_FUN_UART_RX 1
#define NRF_FUN_UART_RTS 2
#define NRF_FUN_UART_CTS 3
#define NRF_FUN_SPIM_SCK 4
#define NRF_FUN_SPIM_MOSI 5
#define NRF_FUN_SPIM_MISO 6
#define NRF_FUN_SPIS_SCK 7
#define NRF_FUN_SPIS_MOSI 8
#define NRF_FUN_SPIS_MISO 9
#define NRF_FUN_SPIS_CSN 10
#define NRF_FUN_TWIM_SCL 11
#define NRF_FUN_TWIM_SDA 12
#define NRF_FUN_I2S_SCK_M 13
#define NRF_FUN_I2S_SCK_S 14
#define NRF_FUN_I2S_LRCK_M 15
#define NRF_FUN_I2S_LRCK_S 16
#define NRF_FUN_I2S_SDIN 17
#define NRF_FUN_I2S_SDOUT 18
#define NRF_FUN_I2S_MCK 19
#define NRF_FUN_PDM_CLK 20
#define NRF_FUN_PDM_DIN 21
#define NRF_FUN_PWM_OUT0 22
#define NRF_FUN_PWM_OUT1 23
#define NRF_FUN_PWM_OUT2 24
#define NRF_FUN_PWM_OUT3 25
#define NRF_FUN_QDEC_A 26
#define NRF_FUN_QDEC_B 27
#define NRF_FUN_QDEC_LED 28
#define NRF_FUN_QSPI_SCK 29
#define NRF_FUN_QSPI_CSN 30
#define NRF_FUN_QSPI_IO0 31
#define NRF_FUN_QSPI_IO1 32
#define NRF_FUN_QSPI_IO2 33
#define NRF_FUN_QSPI_IO3 34

/** `nordic,drive-mode` of a group: standard or high drive, or none, for zeros and ones. PIN_CNF.DRIVE. */
#define NRF_DRIVE_S0S1 0
#define NRF_DRIVE_H0S1 1
#define NRF_DRIVE_S0H1 2
#define NRF_DRIVE_H0H1 3
#define NRF_DRIVE_D0S1 4
#define NRF_DRIVE_D0H1 5
#define NRF_DRIVE_S0D1 6
#define NRF_DRIVE_H0D1 7
#define NRF_DRIVE_E0E1 11

#endif
