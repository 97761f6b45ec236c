/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "devices.h"

#include <outboard/util.h>

#include "../board.h"

/* A port of 32 pins. Its base is that of the nRF5340; on the nRF52840 0x500 above the one in its documents. */

#define OUT 0x004u
#define OUTSET 0x008u
#define OUTCLR 0x00cu
#define IN 0x010u
#define DIR 0x014u
#define DIRSET 0x018u
#define DIRCLR 0x01cu
#define PIN_CNF 0x200u
#define CNF_DIR 1u
#define CNF_NO_INPUT 2u
#define CNF_PULL (3u << 2)
#define CNF_PULL_DOWN (1u << 2)
#define CNF_PULL_UP (3u << 2)
#define PINS 32u

struct gpio {
    uint8_t levels[PINS]; /* enum vb_level, as last told to who watches */
};

static const struct vb_register registers[] = {
    {.offset = OUT, .access = VB_READ_WRITE, .name = "OUT"},
    {.offset = OUTSET, .access = VB_READ_WRITE, .name = "OUTSET"},
    {.offset = OUTCLR, .access = VB_READ_WRITE, .name = "OUTCLR"},
    {.offset = IN, .access = VB_READ_ONLY, .name = "IN"},
    {.offset = DIR, .access = VB_READ_WRITE, .name = "DIR"},
    {.offset = DIRSET, .access = VB_READ_WRITE, .name = "DIRSET"},
    {.offset = DIRCLR, .access = VB_READ_WRITE, .name = "DIRCLR"},
    {.offset = 0x020, .access = VB_READ_WRITE, .name = "LATCH"},
    {.offset = 0x024, .access = VB_READ_WRITE, .name = "DETECTMODE"},
    {.offset = PIN_CNF, .access = VB_READ_WRITE, .count = PINS, .reset = CNF_NO_INPUT, .name = "PIN_CNF"},
};

static const struct vb_device *port_of(const struct vb_board *board, unsigned pin)
{
    return vb_find((struct vb_board *)board, pin < PINS ? "P0" : "P1");
}

static enum vb_level level_of(const struct vb_device *dev, unsigned pin)
{
    uint32_t config = vb_get(dev, PIN_CNF + 4 * pin);

    if ((config & CNF_DIR) != 0) {
        return (vb_get(dev, OUT) >> pin & 1) != 0 ? VB_HIGH : VB_LOW;
    }
    if ((dev->board->held_low[dev->name[1] != '0'] >> pin & 1) != 0) {
        return VB_LOW;
    }
    switch (config & CNF_PULL) {
    case CNF_PULL_UP:
        return VB_HIGH;
    case CNF_PULL_DOWN:
        return VB_LOW;
    default:
        return VB_FLOATING;
    }
}

enum vb_level vb_pin_level(const struct vb_board *board, unsigned pin)
{
    const struct vb_device *dev = port_of(board, pin);

    return dev == NULL ? VB_FLOATING : level_of(dev, pin % PINS);
}

uint32_t vb_pin_config(const struct vb_board *board, unsigned pin)
{
    const struct vb_device *dev = port_of(board, pin);

    return dev == NULL ? 0 : vb_get(dev, PIN_CNF + 4 * (pin % PINS));
}

void vb_pin_watch(struct vb_board *board, unsigned pin, void (*changed)(void *ctx, enum vb_level level), void *ctx)
{
    board->pins[pin] = (struct vb_pin){.changed = changed, .ctx = ctx};
}

static void tell(struct vb_device *dev)
{
    struct gpio *gpio = dev->state;
    unsigned first = dev->name[1] == '0' ? 0 : PINS;

    for (unsigned i = 0; i < PINS; i++) {
        const struct vb_pin *watcher = &dev->board->pins[first + i];
        enum vb_level level = level_of(dev, i);
        if (level != gpio->levels[i]) {
            gpio->levels[i] = (uint8_t)level;
            if (watcher->changed != NULL) {
                watcher->changed(watcher->ctx, level);
            }
        }
    }
}

/* DIR and the lowest bit of PIN_CNF are the same. */
static void set_directions(struct vb_device *dev, uint32_t directions)
{
    for (unsigned i = 0; i < PINS; i++) {
        uint32_t config = vb_get(dev, PIN_CNF + 4 * i) & ~CNF_DIR;
        vb_set(dev, PIN_CNF + 4 * i, config | (directions >> i & 1));
    }
    vb_set(dev, DIR, directions);
}

static uint32_t gpio_write(struct vb_device *dev, uint32_t off, uint32_t value)
{
    switch (off) {
    case OUT:
        vb_set(dev, OUT, value);
        break;
    case OUTSET:
        vb_set(dev, OUT, vb_get(dev, OUT) | value);
        break;
    case OUTCLR:
        vb_set(dev, OUT, vb_get(dev, OUT) & ~value);
        break;
    case DIR:
        set_directions(dev, value);
        break;
    case DIRSET:
        set_directions(dev, vb_get(dev, DIR) | value);
        break;
    case DIRCLR:
        set_directions(dev, vb_get(dev, DIR) & ~value);
        break;
    default:
        if (off >= PIN_CNF) {
            uint32_t bit = 1u << (off - PIN_CNF) / 4;
            vb_set(dev, off, value);
            vb_set(dev, DIR, (value & CNF_DIR) != 0 ? vb_get(dev, DIR) | bit : vb_get(dev, DIR) & ~bit);
        }
        break;
    }
    tell(dev);
    return value;
}

static uint32_t read_in(const struct vb_device *dev)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < PINS; i++) {
        bool input = (vb_get(dev, PIN_CNF + 4 * i) & CNF_NO_INPUT) == 0;
        value |= (uint32_t)(input && level_of(dev, i) == VB_HIGH) << i;
    }
    return value;
}

static uint32_t gpio_read(struct vb_device *dev, uint32_t off, uint32_t stored)
{
    switch (off) {
    case OUTSET:
    case OUTCLR:
        return vb_get(dev, OUT);
    case DIRSET:
    case DIRCLR:
        return vb_get(dev, DIR);
    case IN:
        return read_in(dev);
    default:
        return stored;
    }
}

static void gpio_reset(struct vb_device *dev, enum vb_reset why)
{
    (void)why;
    tell(dev);
}

const struct vb_class vb_class_gpio = {.name = "GPIO",
                                       .registers = registers,
                                       .register_count = OB_ARRAY_SIZE(registers),
                                       .state_size = sizeof(struct gpio),
                                       .reset = gpio_reset,
                                       .read = gpio_read,
                                       .write = gpio_write};
