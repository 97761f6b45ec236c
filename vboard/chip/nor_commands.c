/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What each command does. Opcodes: JESD216 where it names them, the makers' data sheets for the others. */
#include "nor_commands.h"

#include <string.h>

#include <outboard/util.h>

#define FLAG_READY 0x80u /* Micron's flag status: bit 7 is ready */

/* ---- registers ---- */

static uint8_t status(struct nor_chip *chip, uint32_t at)
{
    bool busy = nor_chip_busy(chip) && !chip->status_of_other_die;

    (void)at;
    return (uint8_t)(chip->status[0] | (busy ? NOR_BUSY : 0) | (chip->latch ? NOR_LATCH : 0));
}

static uint8_t second_status(struct nor_chip *chip, uint32_t at)
{
    (void)at;
    return chip->status[1];
}

/** Winbond's third byte; Macronix' two configuration bytes in turn. */
static uint8_t configuration(struct nor_chip *chip, uint32_t at)
{
    return (chip->part->features & NOR_CONFIG_15) != 0 ? chip->status[1 + at % 2] : chip->status[2];
}

static uint8_t fail_register(struct nor_chip *chip, uint32_t at)
{
    bool ready = chip->part->fail_opcode == 0x70 && !nor_chip_busy(chip);

    (void)at;
    return (uint8_t)(chip->fail_bits | (ready ? FLAG_READY : 0));
}

/** The bank register's highest bit is the address mode. */
static uint8_t high_address(struct nor_chip *chip, uint32_t at)
{
    bool mode_bit = chip->mode_4byte && chip->frame.opcode == 0x16;

    (void)at;
    return (uint8_t)(chip->high_address | (mode_bit ? 0x80 : 0));
}

static uint8_t id(struct nor_chip *chip, uint32_t at)
{
    return chip->part->id[at % NOR_ID_SIZE];
}

/** 0x90: maker and device by turns, as the address says. */
static uint8_t maker_and_device(struct nor_chip *chip, uint32_t at)
{
    return (chip->frame.address + at) % 2 == 0 ? chip->part->id[0] : (uint8_t)(chip->part->id[2] - 1);
}

/** 0xAB on a chip that is awake: three dummy bytes, then the device. */
static uint8_t electronic_id(struct nor_chip *chip, uint32_t at)
{
    return at < 3 ? 0xff : (uint8_t)(chip->part->id[2] - 1);
}

static uint8_t sfdp(struct nor_chip *chip, uint32_t at)
{
    uint32_t off = chip->frame.address + at;

    return off < chip->part->sfdp_len ? chip->part->sfdp[off] : 0xff;
}

static void keep(struct nor_chip *chip, uint32_t at, uint8_t byte)
{
    if (at < sizeof(chip->frame.data)) {
        chip->frame.data[at] = byte;
    }
}

static void enable(struct nor_chip *chip)
{
    chip->latch = true;
}

static void disable(struct nor_chip *chip)
{
    chip->latch = false;
}

/** 0x50: Micron clears its failures; others let the next status write be volatile. */
static void clear_or_volatile(struct nor_chip *chip)
{
    chip->fail_bits = 0;
    chip->volatile_status = (chip->part->features & NOR_VOLATILE_STATUS) != 0;
}

static unsigned status_bytes(const struct nor_part *part)
{
    return (part->features & NOR_CONFIG_15) != 0 ? 3 : (part->features & NOR_STATUS_35) != 0 ? 2 : 1;
}

/** @param first  of the status bytes; at most `most` of them are in the frame */
static void write_status_bytes(struct nor_chip *chip, unsigned first, unsigned most)
{
    uint8_t *written = chip->pending.data;

    if (!chip->latch && !chip->volatile_status) {
        nor_chip_report(chip, NOR_WRONG, "status is written without write enable");
        return;
    }
    if (chip->frame.count == 0 || chip->frame.count > most) {
        nor_chip_report(chip, NOR_WRONG, "a status write of a length that the chip rejects");
        return;
    }
    if ((chip->status[0] & NOR_STATUS_LOCK) != 0 && chip->write_protect_low && !nor_chip_quad_enabled(chip)) {
        nor_chip_report(chip, NOR_WRONG, "the status register is locked: SRWD is set and WP# is low");
        chip->latch = false;
        return;
    }
    memcpy(written, chip->status, sizeof(chip->status));
    memcpy(written + first, chip->frame.data, chip->frame.count);
    written[0] &= (uint8_t) ~(NOR_BUSY | NOR_LATCH);
    chip->pending.what = NOR_WRITE_STATUS;
    chip->busy_until_us = chip->now_us + (chip->volatile_status ? 0 : chip->part->status_us);
    chip->latch = chip->volatile_status = false;
}

static void write_status(struct nor_chip *chip)
{
    write_status_bytes(chip, 0, status_bytes(chip->part));
}

static void write_second_status(struct nor_chip *chip)
{
    write_status_bytes(chip, 1, 1);
}

static void write_third_status(struct nor_chip *chip)
{
    write_status_bytes(chip, 2, 1);
}

/* ---- modes ---- */

static void write_high_address(struct nor_chip *chip)
{
    bool bank = chip->frame.opcode == 0x17;

    if (chip->frame.count != 1 || (!chip->latch && !bank)) {
        nor_chip_report(chip, NOR_WRONG, "the register of the high address bits is not written like this");
        return;
    }
    chip->high_address = chip->frame.data[0];
    if (bank) {
        chip->mode_4byte = (chip->high_address & 0x80) != 0;
        chip->high_address &= 0x7f;
    }
    chip->latch = false;
}

static void switch_address_mode(struct nor_chip *chip)
{
    if (chip->latch || (chip->part->features & NOR_4BYTE_NEEDS_WREN) == 0) {
        chip->mode_4byte = chip->frame.opcode == 0xb7;
    } else {
        nor_chip_report(chip, NOR_NOTE, "the address mode is switched without write enable");
    }
}

static void soft_reset(struct nor_chip *chip)
{
    if (chip->reset_enabled) {
        if (chip->pending.what != NOR_NOTHING) {
            nor_chip_report(chip, NOR_WRONG, "a reset while an erase is suspended: its cells are undefined");
            chip->pending.what = NOR_NOTHING;
        }
        nor_chip_power_on(chip);
        chip->deaf_until_us = chip->now_us + chip->part->reset_us;
    } else {
        nor_chip_report(chip, NOR_NOTE, "reset without reset enable right before it");
    }
}

static void sleep(struct nor_chip *chip)
{
    chip->asleep = true;
    chip->deaf_until_us = chip->now_us + chip->part->sleep_us;
}

static void wake(struct nor_chip *chip)
{
    if (chip->asleep) {
        chip->asleep = false;
        chip->deaf_until_us = chip->now_us + chip->part->wake_us;
    }
}

static void unlock_all(struct nor_chip *chip)
{
    if (chip->latch || (chip->part->features & NOR_WREN_FOR_UNLOCK) == 0) {
        chip->locked = chip->latch = false;
    }
}

static void suspend(struct nor_chip *chip)
{
    if (nor_chip_busy(chip)) {
        chip->erase_suspended = true;
        chip->suspended_us = chip->busy_until_us - chip->now_us;
        chip->busy_until_us = chip->now_us;
    }
}

static void resume(struct nor_chip *chip)
{
    if (chip->erase_suspended) {
        chip->erase_suspended = false;
        chip->busy_until_us = chip->now_us + chip->suspended_us;
    }
}

/* ---- the array ---- */

static uint8_t array(struct nor_chip *chip, uint32_t at)
{
    uint8_t byte;

    if (at == 0 && chip->frame.address >= chip->part->size) {
        nor_chip_report(chip, NOR_NOTE, "a read behind the end of the chip");
    }
    sim_chip_read(&chip->cells, &chip->rng, (chip->frame.address + at) % chip->part->size, &byte, 1);
    return byte;
}

/** Are any of the cells behind the protection bits? */
static bool is_protected(const struct nor_chip *chip, uint32_t off, uint32_t len)
{
    const struct nor_part *part = chip->part;
    uint32_t level = (uint32_t)(chip->status[0] & part->protect_bits) >> part->protect_shift;
    uint64_t size = level == 0 ? 0 : (uint64_t)part->protect_unit << (level - 1);
    bool bottom = (chip->status[part->bottom_byte] & part->bottom_bit) != 0;

    size = OB_MIN(size, part->size);
    return bottom ? off < size : off + len > part->size - size;
}

/** @return false: the chip ignores it */
static bool may_change(struct nor_chip *chip, uint32_t off, uint32_t len)
{
    const char *why = NULL;

    if (!chip->latch) {
        why = "a program or erase without write enable";
    } else if (chip->erase_suspended) {
        why = "a program or erase while another is suspended";
    } else if (chip->locked) {
        why = "a program or erase of a locked chip";
    } else if (is_protected(chip, off, len)) {
        why = "a program or erase of protected cells";
        chip->latch = false;
    } else if (chip->frame.address >= chip->part->size) {
        nor_chip_report(chip, NOR_WRONG, "a program or erase behind the end of the chip");
    }
    if (why != NULL) {
        nor_chip_report(chip, NOR_WRONG, why);
    }
    return why == NULL;
}

/**
 * A program or erase of cells begins. Broken cells: half of the work is done, and the fail bit is set.
 * @param half  what half of len is, in units that the chip works in
 */
static void begin(struct nor_chip *chip, enum nor_operation what, uint32_t off, uint32_t len, uint32_t half,
                  uint32_t us)
{
    const struct sim_tear *tear = NULL;

    chip->latch = false;
    if (chip->part->fail_opcode != 0x70) {
        chip->fail_bits = 0; /* Micron's stay until they are cleared */
    }
    if (chip->fail_array_at != 0 && --chip->fail_array_at == 0) {
        chip->fail_bits |= what == NOR_ERASE ? chip->part->erase_fail : chip->part->program_fail;
        len = half;
    }
    if (chip->watch.begins != NULL) {
        const uint8_t *data = chip->pending.data + off % chip->part->page_size;
        tear = chip->watch.begins(chip->watch.ctx, what, off, len, what == NOR_PROGRAM ? data : NULL, us);
    }
    chip->pending.what = what;
    chip->pending.off = off;
    chip->pending.len = len;
    chip->busy_until_us = chip->stuck ? UINT64_MAX : chip->now_us + us;
    if (tear != NULL) {
        nor_chip_apply(chip, tear);
        chip->busy_until_us = chip->now_us;
    }
}

static void take_page(struct nor_chip *chip, uint32_t at, uint8_t byte)
{
    chip->frame.data[(chip->frame.address + at) % chip->part->page_size] = byte;
}

static uint32_t program_us(const struct nor_part *part, uint32_t count)
{
    return part->program_first_us + (part->program_us - part->program_first_us) * (count - 1) / (part->page_size - 1u);
}

/** Behind the end of a page the bytes go on at its start; of more than a page the last ones count. */
static void program(struct nor_chip *chip)
{
    uint32_t size = chip->part->page_size;
    uint32_t off = chip->frame.address % chip->part->size;
    uint32_t page = off / size * size;
    uint32_t count = chip->frame.count;

    if (count == 0) {
        nor_chip_report(chip, NOR_WRONG, "a program without data");
        return;
    }
    if (!may_change(chip, page, size)) {
        return;
    }
    memcpy(chip->pending.data, chip->frame.data, size);
    if (count > size - off % size) {
        nor_chip_report(chip, NOR_NOTE, "a program wraps to the start of its page");
        begin(chip, NOR_PROGRAM, page, size, size / 2, chip->part->program_us);
    } else {
        begin(chip, NOR_PROGRAM, off, count, count / 2, program_us(chip->part, count));
    }
}

static uint32_t size_at(const struct nor_part *part, uint32_t off)
{
    const struct nor_region *region = part->regions;

    while (off >= region->end) {
        region++;
    }
    return region->size;
}

static void erase_cells(struct nor_chip *chip, uint32_t off, uint32_t size, uint32_t us)
{
    if (may_change(chip, off, size)) {
        begin(chip, NOR_ERASE, off, size, ob_align_down(size / 2, SIM_BLOCK), us);
    }
}

static void erase(struct nor_chip *chip)
{
    const struct nor_erase *type = chip->part->erases;

    while (type->opcode != chip->frame.opcode && type->opcode_4byte != chip->frame.opcode) {
        type++; /* nor_command_find() saw that there is one */
    }
    uint32_t off = chip->frame.address % chip->part->size;
    uint32_t size = type->size != 0 ? type->size : size_at(chip->part, off);

    erase_cells(chip, ob_align_down(off, size), size, type->us);
}

static void erase_chip(struct nor_chip *chip)
{
    erase_cells(chip, 0, chip->part->size, chip->part->chip_erase_us);
}

/* ---- the end of an operation ---- */

/** A status write that the power ends leaves the old bytes, an erased register, or some of the bits. */
static void tear_status(struct nor_chip *chip, const struct sim_tear *tear)
{
    uint8_t change[NOR_STATUS_BYTES];

    for (unsigned i = 0; i < NOR_STATUS_BYTES; i++) {
        change[i] = chip->status[i] ^ chip->pending.data[i];
    }
    if (tear->kind == SIM_TEAR_PREFIX) {
        memset(chip->status, 0, sizeof(chip->status));
    } else if (tear->kind != SIM_TEAR_NONE) {
        sim_tear_apply(*tear, &chip->rng, change, sizeof(change));
        for (unsigned i = 0; i < NOR_STATUS_BYTES; i++) {
            chip->status[i] ^= change[i];
        }
    }
}

void nor_chip_apply(struct nor_chip *chip, const struct sim_tear *tear)
{
    const struct nor_pending *pending = &chip->pending;

    if (pending->what == NOR_PROGRAM) {
        sim_chip_program(&chip->cells, pending->off, pending->data + pending->off % chip->part->page_size, pending->len,
                         tear, &chip->rng);
    } else if (pending->what == NOR_ERASE) {
        sim_chip_erase(&chip->cells, pending->off, pending->len, tear, &chip->rng);
    } else if (pending->what == NOR_WRITE_STATUS && tear != NULL) {
        tear_status(chip, tear);
    } else if (pending->what == NOR_WRITE_STATUS) {
        memcpy(chip->status, pending->data, sizeof(chip->status));
    }
    chip->pending.what = NOR_NOTHING;
}

/* ---- the tables ---- */

#define READ_ARRAY .answer = array
#define PROGRAM_ARRAY .take = take_page, .act = program

static const struct nor_command commands[] = {
    {.opcode = 0x01, .take = keep, .act = write_status},
    {.opcode = 0x02, .address = NOR_BY_MODE, PROGRAM_ARRAY},
    {.opcode = 0x03, .address = NOR_BY_MODE, READ_ARRAY},
    {.opcode = 0x04, .flags = NOR_NO_DATA, .act = disable},
    {.opcode = 0x05, .flags = NOR_WHILE_BUSY, .answer = status},
    {.opcode = 0x06, .flags = NOR_NO_DATA, .act = enable},
    {.opcode = 0x0b, .address = NOR_BY_MODE, .dummy_bytes = 1, READ_ARRAY},
    {.opcode = 0x0c, .needs = NOR_4BYTE_OPCODES, .address = NOR_FOUR, .dummy_bytes = 1, READ_ARRAY},
    {.opcode = 0x11, .needs = NOR_STATUS_15, .take = keep, .act = write_third_status},
    {.opcode = 0x12, .needs = NOR_4BYTE_OPCODES, .address = NOR_FOUR, PROGRAM_ARRAY},
    {.opcode = 0x13, .needs = NOR_4BYTE_OPCODES, .address = NOR_FOUR, READ_ARRAY},
    {.opcode = 0x15, .needs = NOR_STATUS_15 | NOR_CONFIG_15, .flags = NOR_WHILE_BUSY, .answer = configuration},
    {.opcode = 0x16, .needs = NOR_BANK_REGISTER, .answer = high_address},
    {.opcode = 0x17, .needs = NOR_BANK_REGISTER, .take = keep, .act = write_high_address},
    {.opcode = 0x2b, .answer = fail_register},
    {.opcode = 0x30, .needs = NOR_SUSPEND_B0, .flags = NOR_NO_DATA, .act = resume},
    {.opcode = 0x31, .needs = NOR_STATUS_15, .take = keep, .act = write_second_status},
    {.opcode = 0x32, .needs = NOR_PROGRAM_114, .address = NOR_BY_MODE, .data_lanes = 4, PROGRAM_ARRAY},
    {.opcode = 0x34, .needs = NOR_PROGRAM_114, .address = NOR_FOUR, .data_lanes = 4, PROGRAM_ARRAY},
    {.opcode = 0x35, .needs = NOR_STATUS_35, .flags = NOR_WHILE_BUSY, .answer = second_status},
    {.opcode = 0x38,
     .needs = NOR_PROGRAM_144,
     .address = NOR_BY_MODE,
     .address_lanes = 4,
     .data_lanes = 4,
     PROGRAM_ARRAY},
    {.opcode = 0x3b, .needs = NOR_DUAL, .address = NOR_BY_MODE, .dummy_bytes = 1, .data_lanes = 2, READ_ARRAY},
    {.opcode = 0x3c, .needs = NOR_DUAL, .address = NOR_FOUR, .dummy_bytes = 1, .data_lanes = 2, READ_ARRAY},
    {.opcode = 0x3e, .needs = NOR_PROGRAM_144, .address = NOR_FOUR, .address_lanes = 4, .data_lanes = 4, PROGRAM_ARRAY},
    {.opcode = 0x50, .flags = NOR_NO_DATA, .act = clear_or_volatile},
    {.opcode = 0x5a, .address = NOR_SFDP_ADDRESS, .dummy_bytes = 1, .answer = sfdp},
    {.opcode = 0x66, .needs = NOR_RESET, .flags = NOR_NO_DATA | NOR_HARMLESS},
    {.opcode = 0x6b, .needs = NOR_QUAD, .address = NOR_BY_MODE, .dummy_bytes = 1, .data_lanes = 4, READ_ARRAY},
    {.opcode = 0x6c, .needs = NOR_QUAD, .address = NOR_FOUR, .dummy_bytes = 1, .data_lanes = 4, READ_ARRAY},
    {.opcode = 0x70, .flags = NOR_WHILE_BUSY, .answer = fail_register},
    {.opcode = 0x75, .needs = NOR_SUSPEND_75, .flags = NOR_NO_DATA | NOR_WHILE_BUSY, .act = suspend},
    {.opcode = 0x7a, .needs = NOR_SUSPEND_75, .flags = NOR_NO_DATA, .act = resume},
    {.opcode = 0x90, .address = NOR_THREE, .answer = maker_and_device},
    {.opcode = 0x98, .needs = NOR_LOCKED_AT_START, .flags = NOR_NO_DATA, .act = unlock_all},
    {.opcode = 0x99, .needs = NOR_RESET, .flags = NOR_NO_DATA | NOR_HARMLESS, .act = soft_reset},
    {.opcode = 0x9f, .answer = id},
    {.opcode = 0xab, .flags = NOR_WHILE_ASLEEP | NOR_HARMLESS, .answer = electronic_id, .act = wake},
    {.opcode = 0xb0, .needs = NOR_SUSPEND_B0, .flags = NOR_NO_DATA | NOR_WHILE_BUSY, .act = suspend},
    {.opcode = 0xb7, .needs = NOR_4BYTE_MODE, .flags = NOR_NO_DATA, .act = switch_address_mode},
    {.opcode = 0xb9, .flags = NOR_NO_DATA, .act = sleep},
    {.opcode = 0xbb,
     .needs = NOR_DUAL,
     .address = NOR_BY_MODE,
     .address_lanes = 2,
     .mode_bytes = 1,
     .data_lanes = 2,
     READ_ARRAY},
    {.opcode = 0xbc,
     .needs = NOR_DUAL,
     .address = NOR_FOUR,
     .address_lanes = 2,
     .mode_bytes = 1,
     .data_lanes = 2,
     READ_ARRAY},
    {.opcode = 0xc5, .needs = NOR_EXTENDED_ADDRESS, .take = keep, .act = write_high_address},
    {.opcode = 0xc8, .needs = NOR_EXTENDED_ADDRESS, .answer = high_address},
    {.opcode = 0xe9, .needs = NOR_4BYTE_MODE, .flags = NOR_NO_DATA, .act = switch_address_mode},
    {.opcode = 0xeb,
     .needs = NOR_QUAD,
     .address = NOR_BY_MODE,
     .address_lanes = 4,
     .mode_bytes = 1,
     .dummy_bytes = 2,
     .data_lanes = 4,
     READ_ARRAY},
    {.opcode = 0xec,
     .needs = NOR_QUAD,
     .address = NOR_FOUR,
     .address_lanes = 4,
     .mode_bytes = 1,
     .dummy_bytes = 2,
     .data_lanes = 4,
     READ_ARRAY},
};

static const struct nor_command erase_by_mode = {.address = NOR_BY_MODE, .flags = NOR_NO_DATA, .act = erase};
static const struct nor_command erase_4byte = {.address = NOR_FOUR, .flags = NOR_NO_DATA, .act = erase};
static const struct nor_command erase_all = {.flags = NOR_NO_DATA, .act = erase_chip};

static const struct nor_command *find_erase(const struct nor_part *part, uint8_t opcode)
{
    for (unsigned i = 0; i < NOR_ERASES && part->erases[i].opcode != 0; i++) {
        if (part->erases[i].opcode == opcode) {
            return &erase_by_mode;
        }
        if (part->erases[i].opcode_4byte == opcode) {
            return &erase_4byte;
        }
    }
    return opcode == part->chip_erase_opcodes[0] || opcode == part->chip_erase_opcodes[1] ? &erase_all : NULL;
}

static bool knows(const struct nor_part *part, const struct nor_command *command)
{
    if (command->answer == fail_register) {
        return command->opcode == part->fail_opcode;
    }
    if (command->address == NOR_FOUR && (part->features & NOR_4BYTE_OPCODES) == 0) {
        return false;
    }
    return command->needs == 0 || (part->features & command->needs) != 0;
}

const struct nor_command *nor_command_find(const struct nor_part *part, uint8_t opcode)
{
    const struct nor_command *erases = opcode != 0 ? find_erase(part, opcode) : NULL;

    for (unsigned i = 0; erases == NULL && i < OB_ARRAY_SIZE(commands); i++) {
        if (commands[i].opcode == opcode && knows(part, &commands[i])) {
            return &commands[i];
        }
    }
    return erases;
}
