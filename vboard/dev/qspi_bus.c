/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "qspi.h"

#include <outboard/util.h>

/* What goes over the pins of the QSPI, and how long it takes. Nothing is checked here: qspi.c has done that. */

#define IFCONFIG0_512BYTES (1u << 12)
#define CINSTR_LIO2 (1u << 12)
#define CINSTR_LIO3 (1u << 13)
#define ADDRCONF_WREN (1u << 27)
#define OPEN 0xffu /* what IO1 reads if nobody drives it */
#define PAGE_MAX 512u

/** HFCLK192M, divided, and halved again; 32 MHz on the nRF52840. */
static uint32_t base_mhz(const struct vb_device *dev)
{
    const struct vb_device *clock = vb_find(dev->board, "CLOCK");

    return is_53(dev) ? 96u >> (vb_get(clock, CLOCK_HFCLK192MCTRL) & 3) : 32u;
}

const struct vb_spi_chip *vb_qspi_chip(const struct vb_device *dev)
{
    uint8_t csn = vb_psel_pin(vb_get(dev, PSEL_CSN));

    return csn == VB_PIN_NONE ? NULL : vb_spi_chip_at(dev->board, csn);
}

bool vb_qspi_disconnected(const struct vb_device *dev)
{
    static const uint32_t pins[] = {PSEL_SCK, PSEL_CSN, PSEL_IO0, PSEL_IO0 + 4};
    bool open = false;

    for (unsigned i = 0; i < OB_ARRAY_SIZE(pins); i++) {
        open = open || vb_psel_pin(vb_get(dev, pins[i])) == VB_PIN_NONE;
    }
    return open;
}

static uint64_t clocks_to_ticks(const struct vb_device *dev, uint64_t clocks)
{
    uint32_t divider = (vb_get(dev, IFCONFIG1) >> 28) + 1;

    return (clocks * divider * VB_TICKS_PER_US + base_mhz(dev) - 1) / base_mhz(dev);
}

/** Chip select stays high for SCKDELAY between two commands. */
static uint64_t gap_ticks(const struct vb_device *dev)
{
    uint32_t units_per_us = is_53(dev) ? 32 : 16;

    return (vb_get(dev, IFCONFIG1) & 0xff) * VB_TICKS_PER_US / units_per_us;
}

static void chip_select(const struct vb_spi_chip *chip, bool selected)
{
    if (chip != NULL) {
        chip->select(chip->ctx, selected);
    }
}

static uint8_t exchange(const struct vb_spi_chip *chip, uint8_t out, unsigned lanes)
{
    return chip != NULL ? chip->exchange(chip->ctx, out, lanes) : OPEN;
}

static void command(const struct vb_spi_chip *chip, uint8_t opcode)
{
    chip_select(chip, true);
    exchange(chip, opcode, 1);
    chip_select(chip, false);
}

/** The peripheral reads the chip's status register by itself. */
bool vb_qspi_chip_is_busy(struct vb_device *dev)
{
    const struct vb_spi_chip *chip = vb_qspi_chip(dev);
    uint8_t status;

    chip_select(chip, true);
    exchange(chip, 0x05, 1);
    status = exchange(chip, 0, 1);
    chip_select(chip, false);
    vb_set(dev, STATUS, (vb_get(dev, STATUS) & 0x00ffffff) | (uint32_t)status << 24);
    return (status & 1) != 0;
}

uint64_t vb_qspi_poll_at(const struct vb_device *dev)
{
    const struct vb_spi_chip *chip = vb_qspi_chip(dev);
    uint64_t next = vb_now(dev->board) + clocks_to_ticks(dev, 16) + gap_ticks(dev);

    /* Real ones ask all the time: all answers but the first and the last are the same. */
    return chip != NULL && chip->idle_at != NULL ? OB_MAX(next, chip->idle_at(chip->ctx)) : next;
}

void vb_qspi_let_go(struct vb_device *dev)
{
    chip_select(vb_qspi_chip(dev), false);
}

/* ---- how commands look ---- */

/** Lanes of address and data, and what lies between them. */
struct shape {
    uint8_t opcode, address_lanes, data_lanes;
    uint8_t gap_bytes; /* mode and dummy clocks, on the lanes of the address */
};

static const struct shape read_shapes[] = {
    {0x0b, 1, 1, 1}, {0x3b, 1, 2, 1}, {0xbb, 2, 2, 1}, {0x6b, 1, 4, 1}, {0xeb, 4, 4, 3},
};
static const struct shape write_shapes[] = {{0x02, 1, 1, 0}, {0xa2, 1, 2, 0}, {0x32, 1, 4, 0}, {0x38, 4, 4, 0}};

static const struct shape *read_shape(struct vb_device *dev)
{
    uint32_t opcode = vb_get(dev, IFCONFIG0) & 7;

    return opcode < OB_ARRAY_SIZE(read_shapes) ? &read_shapes[opcode] : NULL;
}

static const struct shape *write_shape(struct vb_device *dev)
{
    uint32_t opcode = vb_get(dev, IFCONFIG0) >> 3 & 7;

    return opcode < OB_ARRAY_SIZE(write_shapes) ? &write_shapes[opcode] : NULL;
}

static uint64_t shape_ticks(const struct vb_device *dev, const struct shape *shape, uint32_t len)
{
    uint64_t clocks = 8 + (address_size(dev) + shape->gap_bytes) * 8u / shape->address_lanes;

    return clocks_to_ticks(dev, clocks + (uint64_t)len * 8 / shape->data_lanes) + gap_ticks(dev);
}

static void send_header(const struct vb_device *dev, const struct vb_spi_chip *chip, const struct shape *shape,
                        uint32_t address)
{
    exchange(chip, shape->opcode, 1);
    for (unsigned left = address_size(dev); left > 0; left--) {
        exchange(chip, (uint8_t)(address >> 8 * (left - 1)), shape->address_lanes);
    }
    for (unsigned i = 0; i < shape->gap_bytes; i++) {
        exchange(chip, 0xff, shape->address_lanes); /* a mode byte that asks for no continuous read */
    }
}

bool vb_qspi_has_opcode(struct vb_device *dev, enum task task)
{
    return (task == READ ? read_shape(dev) : write_shape(dev)) != NULL;
}

/* ---- what a task sends ---- */

static uint32_t write_part(struct vb_device *dev)
{
    uint32_t page = (vb_get(dev, IFCONFIG0) & IFCONFIG0_512BYTES) != 0 ? 512 : 256;
    uint32_t at = vb_get(dev, WRITE_DST) + state_of(dev)->done;

    return OB_MIN(vb_get(dev, WRITE_CNT) - state_of(dev)->done, page - at % page);
}

static uint32_t custom_len(const struct vb_device *dev)
{
    return vb_get(dev, CINSTRCONF) >> 8 & 15;
}

/** The chip is idle: the command goes out, and takes so long. */
uint64_t vb_qspi_ticks(struct vb_device *dev, enum task task)
{
    uint64_t enable = clocks_to_ticks(dev, 8) + gap_ticks(dev);

    switch (task) {
    case READ:
        return shape_ticks(dev, read_shape(dev), vb_get(dev, READ_CNT));
    case WRITE:
        return enable + shape_ticks(dev, write_shape(dev), write_part(dev));
    case ERASE:
        return enable + clocks_to_ticks(dev, 8 + 8 * address_size(dev)) + gap_ticks(dev);
    case CUSTOM:
        return ((vb_get(dev, CINSTRCONF) & CINSTR_WREN) != 0 ? enable : 0) + clocks_to_ticks(dev, 8 * custom_len(dev)) +
               gap_ticks(dev);
    default:
        return clocks_to_ticks(dev, 32); /* ADDRCONF's instruction */
    }
}

static void finish_read(struct vb_device *dev)
{
    const struct vb_spi_chip *chip = vb_qspi_chip(dev);
    const struct shape *shape = read_shape(dev);
    uint32_t address = vb_get(dev, READ_SRC);
    uint32_t to = vb_get(dev, READ_DST);
    uint8_t piece[256];

    chip_select(chip, true);
    send_header(dev, chip, shape, address);
    for (uint32_t left = vb_get(dev, READ_CNT); left > 0;) {
        uint32_t part = OB_MIN(left, sizeof(piece));

        for (uint32_t i = 0; i < part; i++) {
            piece[i] = exchange(chip, 0xff, shape->data_lanes);
        }
        if (!vb_dma_write(dev, to, piece, part)) {
            break;
        }
        to += part;
        left -= part;
    }
    chip_select(chip, false);
}

/** One page. @return false: another follows when the chip is idle again */
static bool finish_write(struct vb_device *dev)
{
    struct state *state = state_of(dev);
    const struct vb_spi_chip *chip = vb_qspi_chip(dev);
    const struct shape *shape = write_shape(dev);
    uint32_t part = write_part(dev);
    uint8_t page[PAGE_MAX];

    if (!vb_dma_read(dev, vb_get(dev, WRITE_SRC) + state->done, page, part)) {
        return true;
    }
    command(chip, 0x06);
    chip_select(chip, true);
    send_header(dev, chip, shape, vb_get(dev, WRITE_DST) + state->done);
    for (uint32_t i = 0; i < part; i++) {
        exchange(chip, page[i], shape->data_lanes);
    }
    chip_select(chip, false);
    state->done += part;
    return state->done == vb_get(dev, WRITE_CNT);
}

static void finish_erase(struct vb_device *dev)
{
    static const struct shape sector = {0x20, 1, 1, 0}, block = {0xd8, 1, 1, 0};
    const struct vb_spi_chip *chip = vb_qspi_chip(dev);
    uint32_t len = vb_get(dev, ERASE_LEN);

    command(chip, 0x06);
    chip_select(chip, true);
    if (len == 2) {
        exchange(chip, 0xc7, 1);
    } else {
        send_header(dev, chip, len == 0 ? &sector : &block, vb_get(dev, ERASE_PTR));
    }
    chip_select(chip, false);
}

/** Bytes go out of CINSTRDAT and what comes in takes their places. */
static void exchange_data(struct vb_device *dev, const struct vb_spi_chip *chip, unsigned len)
{
    uint64_t data = (uint64_t)vb_get(dev, CINSTRDAT1) << 32 | vb_get(dev, CINSTRDAT0);

    for (unsigned i = 0; i < len; i++) {
        uint64_t in = exchange(chip, (uint8_t)(data >> 8 * i), 1);

        data = (data & ~((uint64_t)0xff << 8 * i)) | in << 8 * i;
    }
    vb_set(dev, CINSTRDAT0, (uint32_t)data);
    vb_set(dev, CINSTRDAT1, (uint32_t)(data >> 32));
}

static void finish_custom(struct vb_device *dev)
{
    struct state *state = state_of(dev);
    const struct vb_spi_chip *chip = vb_qspi_chip(dev);
    uint32_t config = vb_get(dev, CINSTRCONF);

    if ((config & CINSTR_WREN) != 0) {
        command(chip, 0x06);
    }
    if (!state->long_frame) {
        chip_select(chip, true);
        if (chip != NULL && chip->side_pins != NULL) {
            chip->side_pins(chip->ctx, (config & CINSTR_LIO2) != 0, (config & CINSTR_LIO3) != 0);
        }
        exchange(chip, (uint8_t)config, 1);
    }
    exchange_data(dev, chip, custom_len(dev) - 1);
    state->long_frame = (config & CINSTR_LFEN) != 0 && (config & CINSTR_LFSTOP) == 0;
    if (!state->long_frame) {
        chip_select(chip, false);
    }
}

static void finish_activate(struct vb_device *dev)
{
    const struct vb_spi_chip *chip = vb_qspi_chip(dev);
    uint32_t config = vb_get(dev, ADDRCONF);
    unsigned bytes = config >> 24 & 3;

    if (bytes > 0 && !vb_qspi_disconnected(dev)) {
        if ((config & ADDRCONF_WREN) != 0) {
            command(chip, 0x06);
        }
        chip_select(chip, true);
        for (unsigned i = 0; i < bytes; i++) {
            exchange(chip, (uint8_t)(config >> 8 * i), 1);
        }
        chip_select(chip, false);
    }
    state_of(dev)->active = true;
}

bool vb_qspi_carry_out(struct vb_device *dev)
{
    bool all = true;

    switch (state_of(dev)->task) {
    case READ:
        finish_read(dev);
        break;
    case WRITE:
        all = finish_write(dev);
        break;
    case ERASE:
        finish_erase(dev);
        break;
    case CUSTOM:
        finish_custom(dev);
        break;
    default:
        finish_activate(dev);
        break;
    }
    return all;
}

uint32_t vb_qspi_read_now(struct vb_device *dev, uint32_t address, unsigned size)
{
    const struct vb_spi_chip *chip = vb_qspi_chip(dev);
    const struct shape *shape = read_shape(dev);
    uint32_t value = 0;

    chip_select(chip, true);
    send_header(dev, chip, shape, address);
    for (unsigned i = 0; i < size; i++) {
        value |= (uint32_t)exchange(chip, 0xff, shape->data_lanes) << 8 * i;
    }
    chip_select(chip, false);
    vb_stall(dev->board, shape_ticks(dev, shape, size));
    return value;
}
