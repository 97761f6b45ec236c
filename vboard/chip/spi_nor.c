/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The pins of a chip: frames, lanes, address modes, sleep and busy. What the commands do is in nor_commands.c. */
#include "spi_nor.h"

#include <string.h>

#include <outboard/util.h>

#include "nor_commands.h"

#define OPEN 0xffu            /* nobody drives the line */
#define CONTINUOUS_READ 0xa0u /* the high half of the mode byte that keeps it on */
#define CONTINUOUS_READ_OPCODE 0xebu
#define MODE_RESET_BYTES 2u /* with the line high: JESD216D-01, 6.4.18 */

bool nor_chip_busy(const struct nor_chip *chip)
{
    return chip->now_us < chip->busy_until_us;
}

bool nor_chip_quad_enabled(const struct nor_chip *chip)
{
    return chip->part->quad_bit == 0 || (chip->status[chip->part->quad_byte] & chip->part->quad_bit) != 0;
}

void nor_chip_report(const struct nor_chip *chip, enum nor_severity severity, const char *what)
{
    if (chip->watch.reports != NULL) {
        chip->watch.reports(chip->watch.ctx, severity, chip->frame.opcode, what);
    }
}

void nor_chip_init(struct nor_chip *chip, const struct nor_part *part)
{
    struct sim_geometry geometry = {.size = part->size, .write_size = 1, .program_size = part->page_size};
    unsigned count = 0;

    for (unsigned i = 0; i < NOR_ERASES && count < OB_FLASH_ERASE_SIZES; i++) {
        if (part->erases[i].size >= SIM_BLOCK) {
            geometry.erase_sizes[count++] = part->erases[i].size;
        }
    }
    memset(chip, 0, sizeof(*chip));
    chip->part = part;
    chip->open_line = -1;
    sim_chip_init(&chip->cells, &geometry);
    nor_chip_power_on(chip);
}

void nor_chip_free(struct nor_chip *chip)
{
    if (chip->part != NULL) {
        sim_chip_free(&chip->cells);
    }
    chip->part = NULL;
}

void nor_chip_power_on(struct nor_chip *chip)
{
    chip->latch = chip->reset_enabled = chip->asleep = chip->mode_4byte = chip->continuous_read = false;
    chip->erase_suspended = chip->volatile_status = false;
    chip->locked = (chip->part->features & NOR_LOCKED_AT_START) != 0;
    chip->high_address = chip->fail_bits = 0;
    chip->busy_until_us = chip->deaf_until_us = chip->suspended_us = 0;
    chip->frame = (struct nor_frame){0};
}

void nor_chip_save(const struct nor_chip *chip, struct nor_copy *out)
{
    out->chip = *chip;
    sim_chip_save(&chip->cells, &out->cells);
}

void nor_chip_restore(struct nor_chip *chip, const struct nor_copy *from)
{
    struct sim_chip cells = chip->cells;

    *chip = from->chip;
    chip->cells = cells;
    sim_chip_restore(&chip->cells, &from->cells);
}

void nor_copy_free(const struct nor_chip *chip, struct nor_copy *copy)
{
    sim_chip_state_free(&chip->cells, &copy->cells);
}

/** What has ended by now shows. */
static void settle(struct nor_chip *chip)
{
    if (chip->pending.what != NOR_NOTHING && !chip->erase_suspended && !nor_chip_busy(chip)) {
        nor_chip_apply(chip, NULL);
    }
}

void nor_chip_power_fails(struct nor_chip *chip, const struct sim_tear *tear)
{
    settle(chip);
    nor_chip_apply(chip, tear);
}

uint8_t nor_chip_peek(struct nor_chip *chip, uint32_t off)
{
    uint8_t byte;

    settle(chip);
    sim_chip_peek(&chip->cells, off % chip->part->size, &byte, 1);
    return byte;
}

/* ---- the start of a command ---- */

static uint8_t address_size(const struct nor_chip *chip, const struct nor_command *command)
{
    switch (command->address) {
    case NOR_BY_MODE:
        return chip->mode_4byte ? 4 : 3;
    case NOR_THREE:
        return 3;
    case NOR_FOUR:
        return 4;
    case NOR_SFDP_ADDRESS:
        return chip->mode_4byte && (chip->part->features & NOR_SFDP_FOLLOWS_MODE) != 0 ? 4 : 3;
    default:
        return 0;
    }
}

static void expect(struct nor_chip *chip, const struct nor_command *command)
{
    struct nor_frame *frame = &chip->frame;

    frame->command = command;
    frame->address_left = address_size(chip, command);
    frame->mode_left = command->mode_bytes;
    frame->dummy_left = command->dummy_bytes;
    frame->address = frame->address_left == 3 && command->address == NOR_BY_MODE ? chip->high_address : 0;
    memset(frame->data, 0xff, chip->part->page_size);
}

static void refuse(struct nor_chip *chip, enum nor_severity severity, const char *why)
{
    chip->frame.ignored = true;
    nor_chip_report(chip, severity, why);
}

/** Without effect on a chip that does not know it: what a driver sends to leave a mode that it may be in. */
static bool leaves_a_mode(uint8_t opcode)
{
    static const uint8_t opcodes[] = {0x17, 0x66, 0x99, 0xe9, 0xf0, 0xf5, OPEN};

    return memchr(opcodes, opcode, sizeof(opcodes)) != NULL;
}

/** A chip that sleeps, wakes, resets or works takes few commands. */
static bool takes_commands(struct nor_chip *chip, const struct nor_command *command)
{
    unsigned flags = command != NULL ? command->flags : 0;
    bool harmless = (flags & NOR_HARMLESS) != 0 || (command == NULL && leaves_a_mode(chip->frame.opcode));
    enum nor_severity severity = harmless ? NOR_NOTE : NOR_WRONG;
    const char *why = NULL;

    if (chip->now_us < chip->deaf_until_us) {
        why = "a command before the chip has woken up or come out of reset";
    } else if (chip->asleep && (flags & NOR_WHILE_ASLEEP) == 0) {
        why = "a command to a chip in deep power-down";
    } else if (nor_chip_busy(chip) && (flags & NOR_WHILE_BUSY) == 0) {
        why = "a command while the chip is busy";
    }
    if (why != NULL) {
        chip->ignored++;
        refuse(chip, severity, why);
    }
    return why == NULL;
}

static void take_opcode(struct nor_chip *chip, uint8_t opcode)
{
    const struct nor_command *command = nor_command_find(chip->part, opcode);

    chip->frame.opcode = opcode;
    if (!takes_commands(chip, command)) {
        return;
    }
    chip->opcodes[opcode]++;
    if (command == NULL && leaves_a_mode(opcode)) {
        chip->frame.ignored = true;
    } else if (command == NULL) {
        refuse(chip, NOR_WRONG, "an opcode that the chip does not know");
    } else if ((command->address_lanes == 4 || command->data_lanes == 4) && !nor_chip_quad_enabled(chip)) {
        refuse(chip, NOR_WRONG, "a command on four lanes while the chip's quad enable bit is 0");
    } else {
        expect(chip, command);
    }
}

void nor_chip_select(struct nor_chip *chip)
{
    settle(chip);
    chip->frame = (struct nor_frame){.selected = true};
    if (chip->continuous_read && chip->open_line < 0) {
        chip->frame.implied = true;
        chip->frame.opcode = CONTINUOUS_READ_OPCODE;
        expect(chip, nor_command_find(chip->part, CONTINUOUS_READ_OPCODE));
    }
}

void nor_chip_side_pins(struct nor_chip *chip, bool io2, bool io3)
{
    chip->write_protect_low = !io2;
    if (!io3 && !nor_chip_quad_enabled(chip)) {
        refuse(chip, NOR_WRONG, "IO3 is low, which is HOLD# or RESET# while the quad enable bit is 0");
    }
}

/* ---- its bytes ---- */

static unsigned lanes_now(const struct nor_frame *frame)
{
    bool before_data = frame->address_left + frame->mode_left + frame->dummy_left > 0;
    unsigned lanes = before_data ? frame->command->address_lanes : frame->command->data_lanes;

    return lanes == 0 ? 1 : lanes;
}

static uint8_t take_or_answer(struct nor_chip *chip, uint8_t out)
{
    struct nor_frame *frame = &chip->frame;
    const struct nor_command *command = frame->command;
    uint32_t at = frame->count++;

    if (command->take != NULL) {
        command->take(chip, at, out);
    }
    return command->answer != NULL ? command->answer(chip, at) : OPEN;
}

static uint8_t take_byte(struct nor_chip *chip, uint8_t out)
{
    struct nor_frame *frame = &chip->frame;

    if (frame->address_left > 0) {
        frame->address_left--;
        frame->address = frame->address << 8 | out;
    } else if (frame->mode_left > 0) {
        frame->mode_left--;
        chip->continuous_read = (out & 0xf0) == CONTINUOUS_READ && frame->command->address_lanes == 4;
    } else if (frame->dummy_left > 0) {
        frame->dummy_left--;
    } else {
        return take_or_answer(chip, out);
    }
    return OPEN;
}

uint8_t nor_chip_byte(struct nor_chip *chip, unsigned lanes, uint8_t out)
{
    struct nor_frame *frame = &chip->frame;
    uint32_t at = frame->clocks++;

    settle(chip);
    if (chip->open_line >= 0) {
        return (uint8_t)chip->open_line;
    }
    frame->high_bytes += at == frame->high_bytes && lanes == 1 && out == OPEN;
    if (frame->ignored || !frame->selected) {
        return OPEN;
    }
    if (frame->command == NULL) {
        take_opcode(chip, out);
        return OPEN;
    }
    if (lanes != lanes_now(frame)) {
        if (!chip->continuous_read || lanes != 1) {
            refuse(chip, NOR_WRONG, "clocked on another number of lanes than the command has");
        }
        return OPEN;
    }
    return take_byte(chip, out);
}

/* ---- its end ---- */

static void carry_out(struct nor_chip *chip)
{
    const struct nor_frame *frame = &chip->frame;
    const struct nor_command *command = frame->command;
    bool header_done = frame->address_left + frame->mode_left + frame->dummy_left == 0;

    if (command->act == NULL) {
        return;
    }
    if (!header_done || ((command->flags & NOR_NO_DATA) != 0 && frame->count != 0)) {
        nor_chip_report(chip, NOR_WRONG, "chip select rises in the wrong place: the command is not carried out");
    } else {
        command->act(chip);
    }
}

void nor_chip_deselect(struct nor_chip *chip)
{
    struct nor_frame *frame = &chip->frame;
    bool heard = frame->selected && !frame->ignored && frame->command != NULL && chip->open_line < 0;

    frame->selected = false;
    if (chip->continuous_read && frame->high_bytes >= MODE_RESET_BYTES && chip->open_line < 0) {
        chip->continuous_read = false; /* there was no opcode: the line was high for as long as an address */
        return;
    }
    if (frame->implied && frame->count == 0) {
        nor_chip_report(chip, NOR_WRONG, "a command to a chip in continuous read, which takes it for an address");
    }
    if (heard) {
        carry_out(chip);
    }
    chip->reset_enabled = heard && frame->opcode == 0x66;
}
