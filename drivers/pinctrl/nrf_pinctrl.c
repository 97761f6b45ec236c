/* SPDX-License-Identifier: Apache-2.0 */
#include "nrf_pinctrl.h"

#define OUTSET 0x008u
#define OUTCLR 0x00cu
#define IN 0x010u
#define PIN_CNF 0x200u

#define PORT_BASE(node) [DT_PROP(node, port)] = DT_REG_ADDR(node),

static const uintptr_t ports[] = {DT_FOREACH_STATUS_OKAY(nordic_nrf_gpio, PORT_BASE)};

static volatile uint32_t *reg(const struct ob_nrf_pin *pin, uint32_t off)
{
    return (volatile uint32_t *)(ports[pin->pin >> 5] + off);
}

void ob_nrf_pin_configure(const struct ob_nrf_pin *pin, uint32_t mode)
{
    if (pin->pin != OB_NRF_PIN_NONE) {
        *reg(pin, PIN_CNF + 4u * (pin->pin & 31u)) = mode | (mode == OB_NRF_PIN_RESET ? 0 : pin->cnf);
    }
}

void ob_nrf_pin_set(const struct ob_nrf_pin *pin, bool high)
{
    if (pin->pin != OB_NRF_PIN_NONE) {
        *reg(pin, high ? OUTSET : OUTCLR) = 1u << (pin->pin & 31u);
    }
}

bool ob_nrf_pin_is_high(const struct ob_nrf_pin *pin)
{
    return (*reg(pin, IN) >> (pin->pin & 31u) & 1u) != 0;
}

void ob_nrf_lines_idle(const struct ob_nrf_line *lines)
{
    for (; lines->pin != OB_NRF_PIN_NONE; lines++) {
        const struct ob_nrf_pin pin = {.pin = lines->pin};

        ob_nrf_pin_set(&pin, lines->high);
        ob_nrf_pin_configure(&pin, OB_NRF_PIN_OUTPUT);
    }
}
