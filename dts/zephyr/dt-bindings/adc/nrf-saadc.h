/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_DT_NRF_SAADC_H
#define OUTBOARD_DT_NRF_SAADC_H

/* Inputs of the nRF's converter. */
#include <zephyr/dt-bindings/adc/adc.h>

#define NRF_SAADC_AIN0 1
#define NRF_SAADC_AIN1 2
#define NRF_SAADC_AIN2 3
#define NRF_SAADC_AIN3 4
#define NRF_SAADC_AIN4 5
#define NRF_SAADC_AIN5 6
#define NRF_SAADC_AIN6 7
#define NRF_SAADC_AIN7 8
#define NRF_SAADC_AIN8 9
#define NRF_SAADC_AIN9 10
#define NRF_SAADC_AIN10 11
#define NRF_SAADC_AIN11 12
#define NRF_SAADC_AIN12 13
#define NRF_SAADC_AIN13 14
#define NRF_SAADC_VDD 128
#define NRF_SAADC_VDDHDIV5 129

#endif
