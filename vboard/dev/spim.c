/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <outboard/util.h>

#include "devices.h"

/*
 * SPI with DMA, and the older SPI without, which shares its block on the nRF52840. Chip select is a pin of GPIO: the
 * chip whose pin is low hears what is sent. Sources: nRF52840 and nRF5340 product specifications, SPIM and SPI. Not
 * modelled, and refused: chip select and D/C by the peripheral, array lists, DPPI.
 */

enum {
    START = 0x010,
    STOP = 0x014,
    SUSPEND = 0x01c,
    RESUME = 0x020,
    STOPPED = 0x104,
    READY = 0x108,
    ENDRX = 0x110,
    END = 0x118,
    ENDTX = 0x120,
    STARTED = 0x14c,
    SHORTS = 0x200,
    ENABLE = 0x500,
    PSEL_SCK = 0x508,
    PSEL_MOSI = 0x50c,
    PSEL_MISO = 0x510,
    PSEL_CSN = 0x514,
    RXD = 0x518,
    TXD = 0x51c,
    FREQUENCY = 0x524,
    RXD_PTR = 0x534,
    RXD_MAXCNT = 0x538,
    RXD_AMOUNT = 0x53c,
    RXD_LIST = 0x540,
    TXD_PTR = 0x544,
    TXD_MAXCNT = 0x548,
    TXD_AMOUNT = 0x54c,
    TXD_LIST = 0x550,
    CONFIG = 0x554,
    PSELDCX = 0x56c,
    ORC = 0x5c0,
};

#define ENABLED 7u
#define ENABLED_WITHOUT_DMA 1u
#define BUFFERS 2u /* of the older SPI: TXD and RXD hold two bytes each */
#define MAXCNT_MAX 0xffffu
#define SHORT_END_START (1u << 17)
#define OPEN 0xffu

/* clang-format off */
#define COMMON                                                                               \
    {.offset = START, .access = VB_TASK, .name = "TASKS_START"},                             \
    {.offset = STOP, .access = VB_TASK, .name = "TASKS_STOP"},                               \
    {.offset = SUSPEND, .access = VB_TASK, .name = "TASKS_SUSPEND"},                         \
    {.offset = RESUME, .access = VB_TASK, .name = "TASKS_RESUME"},                           \
    {.offset = STOPPED, .access = VB_EVENT, .name = "EVENTS_STOPPED"},                       \
    {.offset = ENDRX, .access = VB_EVENT, .name = "EVENTS_ENDRX"},                           \
    {.offset = END, .access = VB_EVENT, .name = "EVENTS_END"},                               \
    {.offset = ENDTX, .access = VB_EVENT, .name = "EVENTS_ENDTX"},                           \
    {.offset = STARTED, .access = VB_EVENT, .name = "EVENTS_STARTED"},                       \
    {.offset = SHORTS, .access = VB_READ_WRITE, .name = "SHORTS"},                           \
    {.offset = 0x304, .access = VB_INTENSET, .name = "INTENSET"},                            \
    {.offset = 0x308, .access = VB_INTENCLR, .name = "INTENCLR"},                            \
    {.offset = ENABLE, .access = VB_READ_WRITE, .name = "ENABLE"},                           \
    {.offset = PSEL_SCK, .access = VB_READ_WRITE, .reset = 0xffffffff, .name = "PSEL.SCK"},  \
    {.offset = PSEL_MOSI, .access = VB_READ_WRITE, .reset = 0xffffffff, .name = "PSEL.MOSI"}, \
    {.offset = PSEL_MISO, .access = VB_READ_WRITE, .reset = 0xffffffff, .name = "PSEL.MISO"}, \
    {.offset = FREQUENCY, .access = VB_READ_WRITE, .reset = 0x04000000, .name = "FREQUENCY"}, \
    {.offset = RXD_PTR, .access = VB_READ_WRITE, .name = "RXD.PTR"},                         \
    {.offset = RXD_MAXCNT, .access = VB_READ_WRITE, .name = "RXD.MAXCNT"},                   \
    {.offset = RXD_AMOUNT, .access = VB_READ_ONLY, .name = "RXD.AMOUNT"},                    \
    {.offset = RXD_LIST, .access = VB_READ_WRITE, .name = "RXD.LIST"},                       \
    {.offset = TXD_PTR, .access = VB_READ_WRITE, .name = "TXD.PTR"},                         \
    {.offset = TXD_MAXCNT, .access = VB_READ_WRITE, .name = "TXD.MAXCNT"},                   \
    {.offset = TXD_AMOUNT, .access = VB_READ_ONLY, .name = "TXD.AMOUNT"},                    \
    {.offset = TXD_LIST, .access = VB_READ_WRITE, .name = "TXD.LIST"},                       \
    {.offset = CONFIG, .access = VB_READ_WRITE, .name = "CONFIG"},                           \
    {.offset = ORC, .access = VB_READ_WRITE, .name = "ORC"}
/* clang-format on */

static const struct vb_register registers[] = {COMMON};

static const struct vb_register old_registers[] = {
    COMMON,
    {.offset = READY, .access = VB_EVENT, .name = "EVENTS_READY"},
    {.offset = RXD, .access = VB_READ_ONLY, .name = "RXD"},
    {.offset = TXD, .access = VB_READ_WRITE, .name = "TXD"},
};

/** SPIM3 of the nRF52840 and SPIM4 of the nRF5340: up to 32 MHz. */
static const struct vb_register fast_registers[] = {
    COMMON,
    {.offset = 0x400, .access = VB_READ_WRITE, .name = "STALLSTAT"},
    {.offset = PSEL_CSN, .access = VB_READ_WRITE, .reset = 0xffffffff, .name = "PSEL.CSN"},
    {.offset = 0x560, .access = VB_READ_WRITE, .reset = 2, .name = "IFTIMING.RXDELAY"},
    {.offset = 0x564, .access = VB_READ_WRITE, .reset = 2, .name = "IFTIMING.CSNDUR"},
    {.offset = 0x568, .access = VB_READ_WRITE, .name = "CSNPOL"},
    {.offset = PSELDCX, .access = VB_READ_WRITE, .reset = 0xffffffff, .name = "PSELDCX"},
    {.offset = 0x570, .access = VB_READ_WRITE, .name = "DCXCNT"},
};

static const struct {
    uint32_t value, khz;
} frequencies[] = {
    {0x02000000, 125},  {0x04000000, 250},  {0x08000000, 500},   {0x10000000, 1000},  {0x20000000, 2000},
    {0x40000000, 4000}, {0x80000000, 8000}, {0x0a000000, 16000}, {0x14000000, 32000},
};

/** What START found in the registers, which may be written anew for the next transfer. */
struct state {
    bool running;
    uint32_t tx, tx_len, rx, rx_len;
    uint8_t out[BUFFERS], in[BUFFERS]; /* without DMA: waiting to be sent, waiting to be read */
    uint8_t out_count, in_count;
};

static bool is_fast(const struct vb_device *dev)
{
    return dev->class->registers == fast_registers;
}

/** 0: the register holds nothing that this instance can do. */
static uint32_t khz(const struct vb_device *dev)
{
    for (unsigned i = 0; i < OB_ARRAY_SIZE(frequencies); i++) {
        if (frequencies[i].value == vb_get(dev, FREQUENCY)) {
            return frequencies[i].khz <= 8000 || is_fast(dev) ? frequencies[i].khz : 0;
        }
    }
    return 0;
}

/* ---- chip select ---- */

static void pin_changed(void *ctx, enum vb_level level)
{
    const struct vb_spi_chip *chip = ctx;

    chip->select(chip->ctx, level == VB_LOW);
}

static const struct vb_spi_chip *selected(struct vb_device *dev)
{
    const struct vb_spi_chip *chip;

    for (unsigned i = 0; (chip = vb_spi_chip(dev->board, i)) != NULL; i++) {
        if (vb_pin_level(dev->board, chip->csn) == VB_LOW) {
            return chip;
        }
    }
    return NULL;
}

/* ---- transfers ---- */

static void check_wire(struct vb_device *dev, uint32_t psel, uint8_t wired, const char *what)
{
    uint8_t pin = vb_psel_pin(vb_get(dev, psel));

    if (pin != wired && wired != VB_PIN_NONE) {
        vb_refuse(dev, "PSEL.%s is not the pin that the selected chip's is wired to, P%u.%02u", what, wired / 32u,
                  wired % 32u);
    }
}

static const char *what_forbids(struct vb_device *dev)
{
    const struct state *state = dev->state;

    if (vb_get(dev, ENABLE) != ENABLED) {
        return "TASKS_START while ENABLE is not 7";
    } else if (state->running) {
        return "TASKS_START while a transfer runs";
    } else if (vb_psel_pin(vb_get(dev, PSEL_SCK)) == VB_PIN_NONE) {
        return "TASKS_START while PSEL.SCK is disconnected";
    } else if (khz(dev) == 0) {
        return "FREQUENCY is nothing that this instance can do";
    } else if (vb_get(dev, RXD_MAXCNT) > MAXCNT_MAX || vb_get(dev, TXD_MAXCNT) > MAXCNT_MAX) {
        return "MAXCNT is larger than 65535";
    } else if (vb_get(dev, RXD_LIST) != 0 || vb_get(dev, TXD_LIST) != 0) {
        return "array lists are not modelled";
    } else if ((vb_get(dev, CONFIG) & ~6u) != 0) {
        return "the order with the lowest bit first is not modelled";
    }
    return NULL;
}

static void start(struct vb_device *dev)
{
    struct state *state = dev->state;
    const struct vb_spi_chip *chip = selected(dev);
    const char *why = what_forbids(dev);
    uint8_t byte;

    if (why != NULL) {
        vb_refuse(dev, "%s", why);
        return;
    }
    if (chip == NULL) {
        vb_note(dev, "a transfer while no chip is selected");
    } else {
        check_wire(dev, PSEL_SCK, chip->sck, "SCK");
        check_wire(dev, PSEL_MOSI, chip->io[0], "MOSI");
        check_wire(dev, PSEL_MISO, chip->io[1], "MISO");
    }
    *state = (struct state){.running = true,
                            .tx = vb_get(dev, TXD_PTR),
                            .tx_len = vb_get(dev, TXD_MAXCNT),
                            .rx = vb_get(dev, RXD_PTR),
                            .rx_len = vb_get(dev, RXD_MAXCNT)};
    uint32_t last = state->tx + OB_MAX(state->tx_len, 1u) - 1;

    if (state->tx_len > 0 && !(vb_dma_read(dev, state->tx, &byte, 1) && vb_dma_read(dev, last, &byte, 1))) {
        return;
    }
    vb_event(dev, STARTED);
    vb_schedule(dev, vb_now(dev->board) +
                         (uint64_t)OB_MAX(state->tx_len, state->rx_len) * 8 * VB_TICKS_PER_US * 1000 / khz(dev));
}

/** A line that is wired to a pin has no other pull: what nobody drives counts as low. */
static bool is_high(const struct vb_device *dev, uint8_t pin)
{
    return pin == VB_PIN_NONE || vb_pin_level(dev->board, pin) == VB_HIGH;
}

static void transfer(struct vb_device *dev)
{
    const struct state *state = dev->state;
    const struct vb_spi_chip *chip = selected(dev);
    uint32_t len = OB_MAX(state->tx_len, state->rx_len);

    if (chip != NULL && chip->side_pins != NULL) {
        chip->side_pins(chip->ctx, is_high(dev, chip->io[2]), is_high(dev, chip->io[3]));
    }
    for (uint32_t i = 0; i < len; i++) {
        uint8_t out = (uint8_t)vb_get(dev, ORC);

        if (i < state->tx_len && !vb_dma_read(dev, state->tx + i, &out, 1)) {
            return;
        }
        uint8_t in = chip == NULL ? OPEN : chip->exchange(chip->ctx, out, 1);
        if (i < state->rx_len && !vb_dma_write(dev, state->rx + i, &in, 1)) {
            return;
        }
    }
}

/* ---- without DMA ---- */

static void take_first(uint8_t *bytes, uint8_t *count)
{
    for (unsigned i = 1; i < *count; i++) {
        bytes[i - 1] = bytes[i];
    }
    --*count;
}

static void start_byte(struct vb_device *dev)
{
    vb_schedule(dev, vb_now(dev->board) + 8ull * VB_TICKS_PER_US * 1000 / khz(dev));
}

static void write_txd(struct vb_device *dev, uint8_t byte)
{
    struct state *state = dev->state;

    if (vb_get(dev, ENABLE) != ENABLED_WITHOUT_DMA || vb_psel_pin(vb_get(dev, PSEL_SCK)) == VB_PIN_NONE) {
        vb_refuse(dev, "TXD is written while ENABLE is not 1, or PSEL.SCK is disconnected");
    } else if (khz(dev) == 0 || state->out_count == BUFFERS) {
        vb_refuse(dev, "TXD is written although two bytes wait, or with a FREQUENCY that it has not");
    } else {
        state->out[state->out_count++] = byte;
        if (state->out_count == 1) {
            start_byte(dev);
        }
    }
}

static void byte_is_through(struct vb_device *dev)
{
    struct state *state = dev->state;
    const struct vb_spi_chip *chip = selected(dev);
    uint8_t in = chip == NULL ? OPEN : chip->exchange(chip->ctx, state->out[0], 1);

    take_first(state->out, &state->out_count);
    if (state->in_count == BUFFERS) {
        vb_refuse(dev, "a byte comes in although two wait in RXD");
        return;
    }
    state->in[state->in_count++] = in;
    vb_event(dev, READY);
    if (state->out_count > 0) {
        start_byte(dev);
    }
}

static uint32_t read(struct vb_device *dev, uint32_t off, uint32_t stored)
{
    struct state *state = dev->state;

    if (off == RXD && state->in_count > 0) {
        stored = state->in[0];
        take_first(state->in, &state->in_count);
        vb_set(dev, RXD, stored);
    }
    return stored;
}

/* ---- with DMA: the end ---- */

static void event(struct vb_device *dev)
{
    struct state *state = dev->state;

    if (state->out_count > 0) {
        byte_is_through(dev);
        return;
    }
    transfer(dev);
    state->running = false;
    vb_set(dev, TXD_AMOUNT, state->tx_len);
    vb_set(dev, RXD_AMOUNT, state->rx_len);
    vb_event(dev, ENDTX);
    vb_event(dev, ENDRX);
    vb_event(dev, END);
    if ((vb_get(dev, SHORTS) & SHORT_END_START) != 0) {
        start(dev);
    }
}

/* Other peripherals of the same block, by their value of ENABLE. */
static const char *other(uint32_t enable)
{
    switch (enable) {
    case 2:
        return "SPIS";
    case 5:
        return "TWI";
    case 6:
        return "TWIM";
    case 9:
        return "TWIS";
    default:
        return "nothing that is known";
    }
}

static void check_write(struct vb_device *dev, uint32_t off, uint32_t value)
{
    const struct state *state = dev->state;

    bool old = dev->class->registers == old_registers && value == ENABLED_WITHOUT_DMA;

    if (off == ENABLE && value != 0 && value != ENABLED && !old) {
        vb_refuse(dev, "ENABLE = %u is %s, which is not modelled", (unsigned)value, other(value));
    } else if (off == ENABLE && value == 0 && state->running) {
        vb_refuse(dev, "ENABLE = 0 while a transfer runs");
    } else if ((off == PSEL_CSN || off == PSELDCX) && vb_psel_pin(value) != VB_PIN_NONE) {
        vb_refuse(dev, "chip select and D/C by the peripheral are not modelled");
    } else if (off >= PSEL_SCK && off <= PSEL_MISO && vb_get(dev, ENABLE) != 0 && value != vb_get(dev, off)) {
        vb_refuse(dev, "PSEL is changed while ENABLE is %u", (unsigned)vb_get(dev, ENABLE));
    } else if (off == SHORTS && (value & ~SHORT_END_START) != 0) {
        vb_refuse(dev, "SHORTS = 0x%x is not modelled", (unsigned)value);
    }
}

static uint32_t write(struct vb_device *dev, uint32_t off, uint32_t value)
{
    struct state *state = dev->state;

    switch (off) {
    case START:
        start(dev);
        break;
    case STOP:
        state->running = false;
        vb_schedule(dev, VB_NEVER);
        vb_event(dev, STOPPED);
        break;
    case TXD:
        write_txd(dev, (uint8_t)value);
        break;
    case SUSPEND:
    case RESUME:
        vb_refuse(dev, "TASKS_SUSPEND and TASKS_RESUME are not modelled");
        break;
    default:
        check_write(dev, off, value);
        break;
    }
    return value;
}

static void reset(struct vb_device *dev, enum vb_reset why)
{
    const struct vb_spi_chip *chip;

    (void)why;
    *(struct state *)dev->state = (struct state){.running = false};
    for (unsigned i = 0; (chip = vb_spi_chip(dev->board, i)) != NULL; i++) {
        vb_pin_watch(dev->board, chip->csn, pin_changed, (void *)chip);
    }
}

static void handover(struct vb_device *dev)
{
    if (vb_get(dev, ENABLE) != 0) {
        vb_refuse(dev, "is left enabled at the jump to the image");
    }
}

const struct vb_class vb_class_spim = {
    .name = "SPIM",
    .registers = registers,
    .register_count = OB_ARRAY_SIZE(registers),
    .state_size = sizeof(struct state),
    .reset = reset,
    .write = write,
    .event = event,
    .handover = handover,
};

const struct vb_class vb_class_spim_or_spi = {
    .name = "SPIM",
    .registers = old_registers,
    .register_count = OB_ARRAY_SIZE(old_registers),
    .state_size = sizeof(struct state),
    .reset = reset,
    .read = read,
    .write = write,
    .event = event,
    .handover = handover,
};

const struct vb_class vb_class_spim_fast = {
    .name = "SPIM",
    .registers = fast_registers,
    .register_count = OB_ARRAY_SIZE(fast_registers),
    .state_size = sizeof(struct state),
    .reset = reset,
    .write = write,
    .event = event,
    .handover = handover,
};
