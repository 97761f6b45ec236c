/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <outboard/util.h>

#include "sim.h"

#define COLUMNS 48u /* sectors drawn for each slot at most; larger slots are drawn coarser */

static const char image_letters[SIM_IMAGES] = {'.', 'A', 'B', 'C', 'X', 'O'};

/* The image that has these bytes at an offset of its own that is a multiple of the sector size. */
static char content_letter(const struct sim_world *world, const uint8_t *bytes, uint32_t len, uint32_t sector)
{
    for (unsigned i = 0; i < world->config.updateable * SIM_IMAGES; i++) {
        const struct sim_image *image = &world->image[i / SIM_IMAGES][i % SIM_IMAGES];
        for (uint32_t at = 0; at < image->size; at += sector) {
            uint32_t part = OB_MIN(len, image->size - at);
            if (memcmp(bytes, image->bytes + at, part) == 0) {
                return image_letters[i % SIM_IMAGES];
            }
        }
    }
    return 'x';
}

static bool is_blank(const uint8_t *bytes, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++) {
        if (bytes[i] != 0xff) {
            return false;
        }
    }
    return true;
}

static char sector_letter(const struct sim_world *world, const struct sim_chip *chip, uint32_t off, uint32_t sector,
                          bool data)
{
    uint8_t bytes[SIM_BLOCK];

    if (!sim_chip_steady(chip, off, sector)) {
        return '~';
    }
    bool blank = true;
    for (uint32_t at = 0; at < sector && blank; at += SIM_BLOCK) {
        sim_chip_peek(chip, off + at, bytes, SIM_BLOCK);
        blank = is_blank(bytes, SIM_BLOCK);
    }
    if (blank) {
        return '.';
    }
    sim_chip_peek(chip, off, bytes, SIM_BLOCK);
    return data ? content_letter(world, bytes, SIM_BLOCK, sector) : 't';
}

static const char *colour_of(char letter)
{
    switch (letter) {
    case 'A':
        return "\033[34m";
    case 'B':
        return "\033[32m";
    case 'C':
        return "\033[36m";
    case '~':
    case 'x':
    case 'X':
        return "\033[31m";
    default:
        return "\033[0m";
    }
}

static void draw_slot(const struct sim_world *world, enum sim_chip_id id, const struct ob_area *slot, uint32_t data_end,
                      bool colour)
{
    const struct sim_chip *chip = &world->machine.chip[id];
    uint32_t sector = OB_MAX(ob_flash_erase_size(&chip->flash), SIM_BLOCK);
    uint32_t step = sector * ob_div_up(slot->size / sector, COLUMNS);

    for (uint32_t off = 0; off < slot->size; off += step) {
        char letter = sector_letter(world, chip, slot->start + off, sector, off < data_end);
        if (colour) {
            fputs(colour_of(letter), stdout);
        }
        putchar(letter);
    }
    if (colour) {
        fputs("\033[0m", stdout);
    }
}

void picture_print(struct sim_world *world)
{
    bool colour = isatty(STDOUT_FILENO) == 1;

    fputs("      ledger |", stdout);
    draw_slot(world, SIM_INTERNAL, &world->ledger, 0, colour);
    puts("|");
    for (uint32_t number = 0; number < world->config.updateable; number++) {
        const struct ob_slots *slots = &world->slots[number];
        fputs("    internal |", stdout);
        draw_slot(world, SIM_INTERNAL, &world->home[number], world->layout.primary_limit, colour);
        for (unsigned i = 0; i < 2 && slots->secondary[i].flash != NULL; i++) {
            fputs("|  external |", stdout);
            draw_slot(world, SIM_EXTERNAL, &slots->secondary[i], world->layout.secondary_limit, colour);
        }
        puts("|");
    }
}

void picture_legend(void)
{
    puts("each letter a sector: A old, B new, C another, X damaged, O outdated image; . blank; t ledger or trailer; "
         "x other content; ~ metastable");
}
