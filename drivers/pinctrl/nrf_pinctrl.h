/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_DRIVERS_NRF_PINCTRL_H
#define OUTBOARD_DRIVERS_NRF_PINCTRL_H

#include <stdbool.h>
#include <stdint.h>

#include <outboard/devicetree.h>

#include <zephyr/dt-bindings/pinctrl/nrf-pinctrl.h>

/* Pins of an nRF: who drives them and how. Source: nRF52840 and nRF5340 Product Specifications, GPIO. */

#define OB_NRF_PIN_NONE 0xffu

/* PIN_CNF of a pin that no peripheral has. While one has it, the peripheral decides about direction and level. */
#define OB_NRF_PIN_RESET 0x2u                   /* input, disconnected: as after a reset */
#define OB_NRF_PIN_INPUT 0x0u                   /* connected */
#define OB_NRF_PIN_OUTPUT 0x3u                  /* input disconnected */
#define OB_NRF_PIN_MCUSEL_PERIPHERAL (3u << 28) /* nRF53: belongs to a peripheral with pins of its own */

/** A pin of a device, from a group of its pinctrl-0. */
struct ob_nrf_pin {
    uint8_t function; /* NRF_FUN_... */
    uint8_t pin;      /* port << 5 | pin, as peripherals' PSEL take it; OB_NRF_PIN_NONE */
    uint16_t cnf;     /* drive and pull, as in PIN_CNF */
};

/** The pins of a node's pinctrl-0: an initialiser of struct ob_nrf_pin[]. */
#define OB_NRF_PINS(node)                                                   \
    {                                                                       \
        DT_FOREACH_CHILD(DT_PHANDLE(node, pinctrl_0), OB_NRF_PINS_OF_GROUP) \
    }
#define OB_NRF_PINS_OF_GROUP(group) DT_FOREACH_PROP_ELEM(group, psels, OB_NRF_PIN)
#define OB_NRF_PIN(group, prop, index)                                                   \
    {                                                                                    \
        .function = DT_PROP_BY_IDX(group, prop, index) >> 24,                            \
        .pin = DT_PROP_BY_IDX(group, prop, index) & 0xff,                                \
        .cnf = DT_PROP(group, nordic_drive_mode) << 8 |                                  \
               (DT_PROP(group, bias_pull_up) * 3 | DT_PROP(group, bias_pull_down)) << 2, \
    },

/** A pin of a `...-gpios` property. */
#define OB_NRF_GPIO_PIN_BY_IDX(node, prop, index) \
    (DT_PROP(DT_PHANDLE_BY_IDX(node, prop, index), port) << 5 | DT_PHA_CELL_BY_IDX(node, prop, index, 0))

/** Write PIN_CNF: mode (OB_NRF_PIN_...) and how the pin is driven. Does nothing to OB_NRF_PIN_NONE. */
void ob_nrf_pin_configure(const struct ob_nrf_pin *pin, uint32_t mode);

/** The level of an output; for a pin that is none yet, the one that it starts with. */
void ob_nrf_pin_set(const struct ob_nrf_pin *pin, bool high);

/** The level of a connected input. */
bool ob_nrf_pin_is_high(const struct ob_nrf_pin *pin);

/** A line of a flash chip besides its bus, and the level at which it does nothing. */
struct ob_nrf_line {
    uint8_t pin; /* OB_NRF_PIN_NONE: behind the last */
    bool high;
};

/** wp-gpios, hold-gpios and reset-gpios of the enabled chips below a controller: an initialiser of struct
 * ob_nrf_line[]. */
#define OB_NRF_IDLE_LINES(node)                      \
    {                                                \
        DT_FOREACH_CHILD(node, OB_NRF_IDLE_LINES_OF) \
        {                                            \
            .pin = OB_NRF_PIN_NONE                   \
        }                                            \
    }
#define OB_NRF_IDLE_LINES_OF(chip)                                                                                   \
    DT_IF(DT_CAT(chip, _STATUS_okay),                                                                                \
          (OB_NRF_IDLE_LINE(chip, wp_gpios) OB_NRF_IDLE_LINE(chip, hold_gpios) OB_NRF_IDLE_LINE(chip, reset_gpios)), \
          ())
#define OB_NRF_IDLE_LINE(chip, prop)         \
    DT_IF(DT_CAT4(chip, _P_, prop, _EXISTS), \
          ({.pin = OB_NRF_GPIO_PIN_BY_IDX(chip, prop, 0), .high = (DT_GPIO_FLAGS(chip, prop) & 1) != 0}, ), ())

/** Drive lines so that they do nothing; they stay so when the device stops. */
void ob_nrf_lines_idle(const struct ob_nrf_line *lines);

/** What a peripheral's PSEL register wants. */
static inline uint32_t ob_nrf_psel(const struct ob_nrf_pin *pin)
{
    return pin->pin == OB_NRF_PIN_NONE ? UINT32_MAX : pin->pin;
}

#endif
