/* SPDX-License-Identifier: Apache-2.0 */
#include "parts.h"

#include <string.h>

#include <outboard/util.h>

#include "../drivers/flash/sfdp.h"

#define MACRONIX 0xc2
#define PUYA 0x85
#define WINBOND 0xef

/* The microcontrollers' specifications give one figure, which holds with the crystal oscillator running. */
#define NVMC(page_us, word_ns)                                                                          \
    {                                                                                                   \
        .erase_us = {page_us}, .program_first_ns = word_ns, .program_next_ns = word_ns, .timed_word = 4 \
    }

/* Their tables hold no times. Datasheets: tSE 60/300 ms, tBE 0.7/2 s, tPP 1.4/5 ms, tBP 9 us. */
#define MX25L_FACTS                                                                                  \
    .times_unconfirmed = true, .endurance_unconfirmed = true, .endurance = 100000, .page_size = 256, \
    .erase_sizes = {0x1000, 0x10000},                                                                \
    .timing = {{.erase_us = {60000, 700000},                                                         \
                .program_first_ns = 9000,                                                            \
                .program_next_ns = 9000,                                                             \
                .program_max_ns = 1400000,                                                           \
                .timed_word = 1},                                                                    \
               {.erase_us = {300000, 2000000}, .program_first_ns = 5000000, .timed_word = 1}}

const struct sim_part sim_parts[] = {
    /* nRF52840 Product Specification v1.8, NVMC, electrical specification: tERASEPAGE 85 ms, tWRITE 41 us, nENDURANCE.
     */
    {.name = "nRF52840",
     .controller = "nordic,nrf52-flash-controller",
     .endurance = 10000,
     .page_size = 4,
     .erase_sizes = {0x1000},
     .timing = {NVMC(85000, 41000), NVMC(85000, 41000)}},
    /* nRF5340 Product Specification (docs.nordicsemi.com, ps_nrf5340), NVMC, electrical specification: nENDURANCE
     * 10000, tWRITE 43 us, tERASEPAGE 87.5 ms.
     */
    {.name = "nRF5340",
     .controller = "nordic,nrf53-flash-controller",
     .endurance = 10000,
     .page_size = 4,
     .erase_sizes = {0x1000},
     .timing = {NVMC(87500, 43000), NVMC(87500, 43000)}},
    /* MX25R6435F: times from the chip's own table (a test decodes it; its bytes add up to 287 us, its page takes
     * 896 us, and a page counts as 896), cycles quoted from memory of its datasheet's
     * feature list. The datasheet's worst cases are shorter than the table's (4 KiB 240 ms, 64 KiB 3.5 s); a driver
     * waits for the table's. */
    {.name = "MX25R6435F",
     .jedec_id = {MACRONIX, 0x28, 0x17},
     .endurance_unconfirmed = true,
     .endurance = 100000,
     .page_size = 256,
     .erase_sizes = {0x1000, 0x8000, 0x10000},
     .timing = {{.erase_us = {48000, 240000, 480000},
                 .program_first_ns = 32000,
                 .program_next_ns = 3389,
                 .program_max_ns = 896000,
                 .timed_word = 1},
                {.erase_us = {384000, 1920000, 3840000}, .program_first_ns = 5376000, .timed_word = 1}}},
    /* STM32L476 datasheet, flash memory characteristics: tprog 81.69/90.76 us for 8 bytes, tERASE 22.02/24.47 ms. */
    {.name = "STM32L4",
     .controller = "st,stm32l4-flash-controller",
     .times_unconfirmed = true,
     .endurance_unconfirmed = true,
     .endurance = 10000,
     .page_size = 8,
     .erase_sizes = {0x800},
     .timing = {{.erase_us = {22020}, .program_first_ns = 81690, .program_next_ns = 81690, .timed_word = 8},
                {.erase_us = {24470}, .program_first_ns = 90760, .program_next_ns = 90760, .timed_word = 8}}},
    /* W25Q128JV datasheet: tPP 0.7/3 ms, tBP1 30 us, tSE 45/400 ms, tBE1 120/1600 ms, tBE2 150/2000 ms. */
    {.name = "W25Q128",
     .jedec_id = {WINBOND, 0x40, 0x18},
     .times_unconfirmed = true,
     .endurance_unconfirmed = true,
     .endurance = 100000,
     .page_size = 256,
     .erase_sizes = {0x1000, 0x8000, 0x10000},
     .timing = {{.erase_us = {45000, 120000, 150000},
                 .program_first_ns = 30000,
                 .program_next_ns = 2628,
                 .program_max_ns = 700000,
                 .timed_word = 1},
                {.erase_us = {400000, 1600000, 2000000}, .program_first_ns = 3000000, .timed_word = 1}}},
    /* P25Q16H: its own table tells no times. Datasheet, quoted from memory: tPP 2/3 ms; page, sector and blocks alike
     * 8/20 ms; 100K cycles on its first page. */
    {.name = "P25Q16H",
     .jedec_id = {PUYA, 0x60, 0x15},
     .times_unconfirmed = true,
     .endurance = 100000,
     .page_size = 256,
     .erase_sizes = {0x100, 0x1000, 0x8000, 0x10000},
     .timing = {{.erase_us = {8000, 8000, 8000, 8000},
                 .program_first_ns = 30000,
                 .program_next_ns = 7725,
                 .program_max_ns = 2000000,
                 .timed_word = 1},
                {.erase_us = {20000, 20000, 20000, 20000}, .program_first_ns = 3000000, .timed_word = 1}}},
    /* The chips of QEMU's board. */
    {.name = "MX25L6405D", .jedec_id = {MACRONIX, 0x20, 0x17}, MX25L_FACTS},
    {.name = "MX25L25635E", .jedec_id = {MACRONIX, 0x20, 0x19}, MX25L_FACTS},
};
const unsigned sim_part_count = OB_ARRAY_SIZE(sim_parts);

const struct sim_part *sim_part_find(const char *name)
{
    for (unsigned i = 0; i < sim_part_count; i++) {
        if (strcmp(sim_parts[i].name, name) == 0) {
            return &sim_parts[i];
        }
    }
    return NULL;
}

const struct sim_part *sim_part_of_controller(const char *compatible)
{
    for (unsigned i = 0; i < sim_part_count; i++) {
        if (sim_parts[i].controller != NULL && strcmp(sim_parts[i].controller, compatible) == 0) {
            return &sim_parts[i];
        }
    }
    return NULL;
}

const struct sim_part *sim_part_of_jedec_id(const uint8_t id[SIM_JEDEC_ID_SIZE])
{
    for (unsigned i = 0; i < sim_part_count; i++) {
        if (sim_parts[i].controller == NULL && memcmp(sim_parts[i].jedec_id, id, SIM_JEDEC_ID_SIZE) == 0) {
            return &sim_parts[i];
        }
    }
    return NULL;
}

/* ---- a chip's own table ---- */

#define BFP_BYTES 44u   /* up to DWORD 11, the last one with times */
#define DWORD_ERASE 36u /* byte offsets of DWORDs 10 and 11 */
#define DWORD_PROGRAM 40u
#define FACTOR_BITS 0x0fu /* low bits of both: worst case = 2 * (factor + 1) * typical */

/* DWORD 11, 5 bits: the highest is the unit, 1 or 8 us, the others a count. Source: JESD216D-01, 6.4.14. */
static uint32_t byte_ns(uint32_t field)
{
    return ((field & 0x0f) + 1) * ((field & 0x10) != 0 ? 8000 : 1000);
}

static struct sim_timing page_timing(uint32_t page_us)
{
    return (struct sim_timing){.program_first_ns = page_us * 1000, .timed_word = 1};
}

/* Some tables' times of bytes add up to less than their time of a page: a page takes the time of a page. */
static void stretch_to_page(struct sim_timing *timing, uint32_t page_size)
{
    uint32_t rest = timing->program_max_ns - OB_MIN(timing->program_max_ns, timing->program_first_ns);

    timing->program_next_ns = OB_MAX(timing->program_next_ns, ob_div_up(rest, page_size - 1));
}

bool sim_part_take_bfp(const uint8_t *bfp, uint32_t len, struct sim_part *part)
{
    uint8_t typical_bfp[BFP_BYTES];
    struct ob_sfdp worst;
    struct ob_sfdp doubled; /* with factors of 0 the worst cases are twice the typical times */

    if (len < BFP_BYTES || ob_sfdp_parse_bfp(bfp, len, &worst) != OB_OK) {
        return false;
    }
    memcpy(typical_bfp, bfp, sizeof(typical_bfp));
    typical_bfp[DWORD_ERASE] &= (uint8_t)~FACTOR_BITS;
    typical_bfp[DWORD_PROGRAM] &= (uint8_t)~FACTOR_BITS;
    if (ob_sfdp_parse_bfp(typical_bfp, sizeof(typical_bfp), &doubled) != OB_OK) {
        return false;
    }
    uint32_t program = ob_get_le32(bfp + DWORD_PROGRAM);

    part->page_size = worst.page_size;
    part->timing[SIM_WORST] = page_timing(worst.program_max_us);
    part->timing[SIM_TYPICAL] = (struct sim_timing){
        .program_first_ns = byte_ns(program >> 14),
        .program_next_ns = byte_ns(program >> 19),
        .program_max_ns = doubled.program_max_us / 2 * 1000,
        .timed_word = 1,
    };
    stretch_to_page(&part->timing[SIM_TYPICAL], part->page_size);
    for (unsigned i = 0; i < OB_FLASH_ERASE_SIZES; i++) {
        part->erase_sizes[i] = worst.erase[i].size;
        part->timing[SIM_WORST].erase_us[i] = worst.erase[i].max_us;
        part->timing[SIM_TYPICAL].erase_us[i] = doubled.erase[i].max_us / 2;
    }
    return true;
}

/* ---- a device's view of a part ---- */

static uint32_t erase_us(const struct sim_part *part, uint32_t size, enum sim_pace pace)
{
    for (unsigned i = 0; i < OB_FLASH_ERASE_SIZES; i++) {
        if (part->erase_sizes[i] == size) {
            return part->timing[pace].erase_us[i];
        }
    }
    return 0;
}

bool sim_part_timing(const struct sim_part *part, const uint32_t erase_sizes[OB_FLASH_ERASE_SIZES],
                     struct sim_timing timing[SIM_PACES])
{
    bool known = true;

    for (unsigned pace = 0; pace < SIM_PACES; pace++) {
        timing[pace] = part->timing[pace];
        for (unsigned i = 0; i < OB_FLASH_ERASE_SIZES; i++) {
            timing[pace].erase_us[i] = erase_sizes[i] == 0 ? 0 : erase_us(part, erase_sizes[i], (enum sim_pace)pace);
            known = known && (erase_sizes[i] == 0 || timing[pace].erase_us[i] != 0);
        }
    }
    return known;
}
