/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <outboard/time.h>
#include <outboard/util.h>

#include "spi_nor_chip.h"

#define PAGE 256u
#define STREAM_MAX 600 /* bytes of one transfer */
#define STATUS_BUSY 0x01
#define STATUS_LATCH 0x02

/** Just before the 32-bit clock wraps, so that every test runs across it. */
static uint64_t clock_us = UINT32_MAX - 2000;

uint64_t nor_chip_clock_us(void)
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

/** What is on the bus from chip select low to high. out: driven by the host, in: answered by the chip. */
struct stream {
    uint8_t out[STREAM_MAX];
    uint8_t in[STREAM_MAX];
    uint32_t len;
};

static bool busy(const struct nor_chip *chip)
{
    return clock_us < chip->busy_until_us;
}

static uint8_t *cell(const struct nor_chip *chip, uint32_t off)
{
    return &chip->inverted[off % chip->type->size];
}

uint8_t nor_chip_peek(const struct nor_chip *chip, uint32_t off)
{
    return (uint8_t) ~*cell(chip, off);
}

static uint32_t address_bytes(const struct nor_chip *chip, uint8_t opcode)
{
    switch (opcode) {
    case 0x12:
    case 0x13:
    case 0x21:
    case 0x5c:
    case 0xdc:
        return 4;
    case 0x5a:
        return 3;
    default:
        return chip->mode_4byte ? 4 : 3;
    }
}

static uint32_t address(const struct nor_chip *chip, const struct stream *s)
{
    uint32_t value = 0;

    for (uint32_t i = 1; i <= address_bytes(chip, s->out[0]); i++) {
        value = value << 8 | s->out[i];
    }
    return value;
}

/** The data phase starts where the chip, not the host, thinks it does. */
static void answer_read(const struct nor_chip *chip, struct stream *s)
{
    uint32_t first = 1 + address_bytes(chip, s->out[0]);

    for (uint32_t i = first; i < s->len; i++) {
        s->in[i] = nor_chip_peek(chip, address(chip, s) + (i - first));
    }
}

static void answer_sfdp(const struct nor_chip *chip, struct stream *s)
{
    for (uint32_t i = 5; i < s->len; i++) {
        uint32_t at = address(chip, s) + (i - 5);

        s->in[i] = at < chip->type->sfdp_len ? chip->type->sfdp[at] : 0xff;
    }
}

static void answer_bytes(struct stream *s, const uint8_t *bytes, uint32_t count)
{
    for (uint32_t i = 1; i < s->len; i++) {
        s->in[i] = bytes[(i - 1) % count];
    }
}

/** One of the operations that change the array begins. Returns whether it will fail half-way. */
static bool begin(struct nor_chip *chip, uint32_t time_us, uint8_t fail_bit)
{
    bool fails = chip->fail_array_at != 0 && --chip->fail_array_at == 0;

    chip->latch = false;
    chip->busy_until_us = chip->stuck ? UINT64_MAX : clock_us + time_us;
    if (chip->type->fail_opcode != 0x70) {
        chip->fail_bits = 0; /* Micron's stay until they are cleared */
    }
    chip->fail_bits |= fails ? fail_bit : 0;
    return fails;
}

static void program(struct nor_chip *chip, const struct stream *s)
{
    uint32_t first = 1 + address_bytes(chip, s->out[0]);
    uint32_t off = address(chip, s);
    uint32_t end = s->len;

    if (!chip->latch || chip->erase_suspended || s->len <= first) {
        return;
    }
    if (begin(chip, chip->type->program_us, chip->type->program_fail)) {
        end = first + (s->len - first) / 2;
    }
    for (uint32_t i = first; i < end; i++) {
        *cell(chip, off / PAGE * PAGE + (off + (i - first)) % PAGE) |= (uint8_t)~s->out[i];
    }
}

static void erase(struct nor_chip *chip, const struct stream *s, uint32_t size)
{
    uint32_t off = address(chip, s) / size * size;

    if (!chip->latch || chip->erase_suspended || s->len != 1 + address_bytes(chip, s->out[0])) {
        return; /* chip select must rise right after the address */
    }
    if (begin(chip, chip->type->erase_us, chip->type->erase_fail)) {
        size /= 2;
    }
    memset(cell(chip, off), 0, size);
}

static void soft_reset(struct nor_chip *chip)
{
    if (chip->type->has_reset && chip->reset_enabled) {
        chip->latch = chip->mode_4byte = chip->erase_suspended = false;
        chip->busy_until_us = clock_us + chip->type->reset_us;
    }
}

static void set_4byte_mode(struct nor_chip *chip, bool on)
{
    if (chip->type->has_4byte_mode && (chip->latch || !chip->type->enter_needs_wren)) {
        chip->mode_4byte = on;
    }
}

static void write_status(struct nor_chip *chip, const struct stream *s)
{
    if (chip->latch && s->len == 2) {
        chip->status = s->out[1] & (uint8_t) ~(STATUS_BUSY | STATUS_LATCH);
        begin(chip, chip->type->program_us, 0);
    }
}

static void fail_register(struct nor_chip *chip, struct stream *s)
{
    uint8_t value = chip->fail_bits;

    if (chip->type->fail_opcode == 0x70) {
        value |= busy(chip) ? 0 : 0x80; /* Micron: bit 7 is ready */
    }
    answer_bytes(s, &value, 1);
}

static void execute_4byte(struct nor_chip *chip, struct stream *s)
{
    if (!chip->type->has_4byte_opcodes) {
        return;
    }
    switch (s->out[0]) {
    case 0x12:
        program(chip, s);
        break;
    case 0x13:
        answer_read(chip, s);
        break;
    case 0x21:
        erase(chip, s, 0x1000);
        break;
    case 0x5c:
        erase(chip, s, 0x8000);
        break;
    default:
        erase(chip, s, 0x10000);
        break;
    }
}

static void execute(struct nor_chip *chip, struct stream *s)
{
    uint8_t opcode = s->out[0];

    chip->opcodes[opcode]++;
    if (opcode == chip->type->fail_opcode) {
        fail_register(chip, s);
        return;
    }
    switch (opcode) {
    case 0x01:
        write_status(chip, s);
        break;
    case 0x02:
        program(chip, s);
        break;
    case 0x03:
        answer_read(chip, s);
        break;
    case 0x04:
        chip->latch = false;
        break;
    case 0x06:
        chip->latch = true;
        break;
    case 0x12:
    case 0x13:
    case 0x21:
    case 0x5c:
    case 0xdc:
        execute_4byte(chip, s);
        break;
    case 0x20:
        erase(chip, s, 0x1000);
        break;
    case 0x50:
        chip->fail_bits = 0;
        break;
    case 0x52:
        erase(chip, s, 0x8000);
        break;
    case 0x5a:
        answer_sfdp(chip, s);
        break;
    case 0x99:
        soft_reset(chip);
        break;
    case 0x9f:
        answer_bytes(s, chip->type->id, sizeof(chip->type->id));
        break;
    case 0xb7:
        set_4byte_mode(chip, true);
        break;
    case 0xb9:
        chip->asleep = true;
        break;
    case 0xd8:
        erase(chip, s, 0x10000);
        break;
    case 0xe9:
        set_4byte_mode(chip, false);
        break;
    default: /* not known to this chip */
        break;
    }
    chip->reset_enabled = opcode == 0x66;
}

/** In continuous read there is no opcode; only the line high for as long as an address ends it. */
static void leave_continuous_read(struct nor_chip *chip, const struct stream *s)
{
    chip->continuous_read = s->len < 2 || s->out[0] != 0xff || s->out[1] != 0xff;
}

static void wake(struct nor_chip *chip)
{
    chip->asleep = false;
    chip->busy_until_us = clock_us + chip->type->wake_us;
    chip->opcodes[0xab]++;
}

static void answer(struct nor_chip *chip, struct stream *s)
{
    uint8_t status = chip->status | (chip->latch ? STATUS_LATCH : 0);

    if (busy(chip) && !chip->status_of_other_die) {
        status |= STATUS_BUSY;
    }

    memset(s->in, 0xff, sizeof(s->in));
    if (chip->open_line >= 0) {
        memset(s->in, chip->open_line, sizeof(s->in));
    } else if (chip->continuous_read) {
        leave_continuous_read(chip, s);
    } else if (chip->asleep && s->out[0] == 0xab) {
        wake(chip);
    } else if (!chip->asleep && s->out[0] == 0x05) {
        answer_bytes(s, &status, 1);
    } else if (!chip->asleep && s->out[0] == 0x70 && chip->type->fail_opcode == 0x70) {
        chip->opcodes[0x70]++;
        fail_register(chip, s);
    } else if (chip->asleep || busy(chip)) {
        chip->ignored++;
    } else {
        execute(chip, s);
    }
}

static bool due(unsigned *at)
{
    return *at != 0 && --*at == 0;
}

static enum ob_err chip_exec(const struct ob_spi_mem *mem, const struct ob_spi_mem_op *op)
{
    struct nor_chip *chip = (struct nor_chip *)mem; /* its first member */
    struct stream s = {.len = 0};
    uint32_t header;

    assert(op->len <= mem->max_len && op->address_lanes == 1 && op->data_lanes == 1);
    s.out[s.len++] = op->opcode;
    for (unsigned left = op->address_size; left > 0; left--) {
        s.out[s.len++] = (uint8_t)(op->address >> 8 * (left - 1));
    }
    header = s.len += op->dummy_cycles / 8;
    if (op->dir == OB_SPI_MEM_OUT) {
        memcpy(s.out + header, op->data.out, op->len);
    }
    s.len += op->dir == OB_SPI_MEM_NONE ? 0 : op->len;
    clock_us += s.len;
    if (due(&chip->vanish_exec_at)) {
        chip->open_line = 0xff;
    }
    if (due(&chip->fail_exec_at)) {
        return OB_ERR_BUS;
    }
    answer(chip, &s);
    if (op->dir == OB_SPI_MEM_IN) {
        memcpy(op->data.in, s.in + header, op->len);
    }
    return OB_OK;
}

static const struct ob_spi_mem_ops chip_ops = {.exec = chip_exec};

void nor_chip_init(struct nor_chip *chip, const struct nor_chip_type *type)
{
    *chip = (struct nor_chip){
        .mem = {.ops = &chip_ops, .max_len = 512, .max_lanes = 1},
        .type = type,
        .inverted = calloc(type->size, 1),
        .open_line = -1,
    };
    assert(chip->inverted != NULL);
}

void nor_chip_free(struct nor_chip *chip)
{
    free(chip->inverted);
    chip->inverted = NULL;
}
