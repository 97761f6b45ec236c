/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>

#include <outboard/time.h>
#include <outboard/util.h>
#include <outboard/watchdog.h>

#include "nor_bus.h"

/** Just before the 32-bit clock wraps, so that every test runs across it. */
static uint64_t clock_us = UINT32_MAX - 2000;

uint64_t nor_bus_clock_us(void)
{
    return clock_us;
}

uint32_t ob_time_us(void)
{
    return (uint32_t)clock_us;
}

void ob_delay_us(uint32_t us)
{
    clock_us += us;
}

static uint64_t fed_us = UINT32_MAX - 2000;
static uint64_t longest_unfed_us;

static void note_unfed(void)
{
    longest_unfed_us = OB_MAX(longest_unfed_us, clock_us - fed_us);
    fed_us = clock_us;
}

void ob_watchdog_feed(void)
{
    note_unfed();
}

uint64_t nor_bus_unfed_us(void)
{
    note_unfed();
    uint64_t longest = longest_unfed_us;

    longest_unfed_us = 0;
    return longest;
}

void nor_bus_fill(struct nor_bus *bus, uint32_t off, uint32_t len, uint8_t value)
{
    for (uint32_t i = 0; i < len; i++) {
        sim_chip_poke(&bus->chip->cells, off + i, &value, 1);
    }
}

void nor_part_hurry(struct nor_part *part, uint32_t us)
{
    part->program_us = part->program_first_us = us;
    for (unsigned i = 0; i < NOR_ERASES; i++) {
        part->erases[i].us = us;
    }
}

static bool due(unsigned *at)
{
    return *at != 0 && --*at == 0;
}

static uint8_t byte(struct nor_chip *chip, unsigned lanes, uint8_t out)
{
    chip->now_us = ++clock_us;
    return nor_chip_byte(chip, lanes, out);
}

static void transfer(struct nor_chip *chip, const struct ob_spi_mem_op *op)
{
    const uint8_t *out = op->data.out;
    uint8_t *in = op->data.in;

    chip->now_us = clock_us;
    nor_chip_select(chip);
    byte(chip, 1, op->opcode);
    for (unsigned left = op->address_size; left > 0; left--) {
        byte(chip, op->address_lanes, (uint8_t)(op->address >> 8 * (left - 1)));
    }
    for (unsigned left = op->dummy_cycles * op->address_lanes / 8; left > 0; left--) {
        byte(chip, op->address_lanes, 0);
    }
    for (uint32_t i = 0; op->dir != OB_SPI_MEM_NONE && i < op->len; i++) {
        uint8_t answer = byte(chip, op->data_lanes, op->dir == OB_SPI_MEM_OUT ? out[i] : 0);

        if (op->dir == OB_SPI_MEM_IN) {
            in[i] = answer;
        }
    }
    nor_chip_deselect(chip);
}

static enum ob_err bus_exec(const struct ob_spi_mem *mem, const struct ob_spi_mem_op *op)
{
    struct nor_bus *bus = (struct nor_bus *)mem; /* its first member */

    assert(op->len <= mem->max_len && op->address_lanes <= bus->lanes && op->data_lanes <= bus->lanes);
    bus->lanes_used = OB_MAX(bus->lanes_used, op->data_lanes);
    if (due(&bus->vanish_exec_at)) {
        bus->chip->open_line = 0xff;
    }
    if (due(&bus->fail_exec_at)) {
        return OB_ERR_BUS;
    }
    transfer(bus->chip, op);
    return OB_OK;
}

static bool bus_supports(const struct ob_spi_mem *mem, const struct ob_spi_mem_op *op)
{
    const struct nor_bus *bus = (const struct nor_bus *)mem;

    return op->address_lanes <= bus->lanes && op->data_lanes <= bus->lanes;
}

static const struct ob_spi_mem_ops bus_ops = {.exec = bus_exec, .supports = bus_supports};

void nor_bus_init(struct nor_bus *bus, struct nor_chip *chip)
{
    *bus = (struct nor_bus){.mem = {.ops = &bus_ops, .max_len = 512}, .chip = chip, .lanes = 1};
}
