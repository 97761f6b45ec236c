/* SPDX-License-Identifier: Apache-2.0 */
/* Another name of the same. */
#include <zephyr/dt-bindings/adc/nrf-saadc.h>
