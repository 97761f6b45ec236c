/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/button.h>
#include <outboard/devicetree.h>
#include <outboard/time.h>

#include "nrf_pinctrl.h"

#define BUTTON DT_ALIAS(mcuboot_button0)
#define FLAGS DT_GPIO_FLAGS(BUTTON, gpios)

/* Flags of Zephyr's gpio.h. */
#define ACTIVE_LOW 1u
#define PULL_UP (1u << 4)
#define PULL_DOWN (1u << 5)

/* PIN_CNF. Source: nRF52840 and nRF5340 Product Specifications, GPIO. */
#define CNF_PULL_DOWN (1u << 2)
#define CNF_PULL_UP (3u << 2)

#define RISE_US 50u /* a pull-up of 13 kOhm charges what a button and its line have many times over */
#define LOOK_US 100u

static const struct ob_nrf_pin pin = {
    .pin = OB_NRF_GPIO_PIN_BY_IDX(BUTTON, gpios, 0),
    .cnf = ((FLAGS & PULL_UP) != 0 ? CNF_PULL_UP : 0) | ((FLAGS & PULL_DOWN) != 0 ? CNF_PULL_DOWN : 0),
};

bool ob_button_is_down(uint32_t hold_us)
{
    const bool when_down = (FLAGS & ACTIVE_LOW) == 0;

    ob_nrf_pin_configure(&pin, OB_NRF_PIN_INPUT);
    ob_delay_us(RISE_US);
    bool down = ob_nrf_pin_is_high(&pin) == when_down;
    for (uint32_t waited = 0; waited < hold_us && down; waited += LOOK_US) {
        ob_delay_us(LOOK_US);
        down = ob_nrf_pin_is_high(&pin) == when_down;
    }
    ob_nrf_pin_configure(&pin, OB_NRF_PIN_RESET);
    return down;
}
