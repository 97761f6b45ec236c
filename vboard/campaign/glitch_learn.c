/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <stdlib.h>
#include <string.h>

#include <outboard/util.h>

#include "../memo.h"
#include "glitch_private.h"

#define PAGE 1024u
#define REQUEST_SIZE 64u /* what lies at the end of a slot that is asked for */

/* Functions of the libraries that do the arithmetic. What calls them is not in here. */
static const char *const crypto[] = {"u256_",     "u288_", "m256_", "point_",    "scalar_mult", "mbedtls_sha",
                                     "mbedtls_i", "P256_", "p256_", "crypto_",   "fe_",         "ge_",
                                     "mbedtls_m", "add_c", "mul_",  "jacobian_", "slide_"};

/* Those of these names that decide, and are gone through as the rest. */
static const char *const deciding[] = {"p256_ecdsa_verify", "p256_verify", "P256_verify_last_step", "crypto_verify32",
                                       "crypto_eddsa_check_equation"};

/* In the loops of those that call them. */
static const char *const moving[] = {"memcpy", "memset", "memmove"};

static bool begins_with_one_of(const char *name, const char *const *prefixes, size_t count)
{
    bool found = false;

    for (size_t i = 0; i < count && !found; i++) {
        found = strncmp(name, prefixes[i], strlen(prefixes[i])) == 0;
    }
    return found;
}

static uint8_t flags_of(const char *name)
{
    if (begins_with_one_of(name, moving, OB_ARRAY_SIZE(moving))) {
        return FLAG_MOVES;
    }
    bool decides = begins_with_one_of(name, deciding, OB_ARRAY_SIZE(deciding));
    return begins_with_one_of(name, crypto, OB_ARRAY_SIZE(crypto)) && !decides ? FLAG_INNER : 0;
}

static void mark_functions(struct vb_glitch *glitch)
{
    const struct vb_symbols *symbols = &glitch->campaign->target.symbols;

    for (size_t i = 0; i < symbols->count; i++) {
        const struct vb_symbol *symbol = &symbols->items[i];
        if (symbol->address < glitch->code.size && symbol->size <= glitch->code.size - symbol->address) {
            const uint8_t flags = flags_of(symbol->name);
            memset(glitch->flags + symbol->address / 2, flags, symbol->size / 2);
            glitch->flags[symbol->address / 2] |= flags == 0 ? FLAG_SITE : 0;
        }
    }
}

static bool is_named(const char *name, const char *names)
{
    for (const char *at = names; *at != '\0'; at += strcspn(at, ",") + (at[strcspn(at, ",")] == ',')) {
        if (strncmp(name, at, strcspn(at, ",")) == 0) {
            return true;
        }
    }
    return false;
}

void vb_glitch_choose_functions(struct vb_glitch *glitch, const char *names)
{
    const struct vb_symbols *symbols = &glitch->campaign->target.symbols;

    for (size_t i = 0; i <= glitch->code.size / 2 && names != NULL; i++) {
        glitch->flags[i] |= FLAG_LEFT_OUT;
    }
    for (size_t i = 0; i < symbols->count && names != NULL; i++) {
        const struct vb_symbol *symbol = &symbols->items[i];
        bool here = symbol->address < glitch->code.size && symbol->size <= glitch->code.size - symbol->address;
        for (uint32_t at = 0; here && is_named(symbol->name, names) && at < symbol->size; at += 2) {
            glitch->flags[(symbol->address + at) / 2] &= (uint8_t)~FLAG_LEFT_OUT;
        }
    }
}

static uint32_t ram_in_use(const struct vb_board *board)
{
    return OB_MIN(ob_align_up(vb_board_ram_in_use(board), PAGE), board->soc->ram_size);
}

/* Before the image in the update slot is asked for the device has lived: its floor stands. */
static const char *start_before(struct vb_glitch *glitch)
{
    const struct vb_slot *slot = &glitch->campaign->target.secondary;
    struct vb_nor *nor = vb_board_external(glitch->board);
    struct sim_chip *chip = slot->memory == VB_INTERNAL ? glitch->board->internal : &nor->chip.cells;
    const uint32_t end = slot->off + slot->size - REQUEST_SIZE;
    uint8_t request[REQUEST_SIZE];
    uint8_t none[REQUEST_SIZE];

    memset(none, chip->flash.erased_value, sizeof(none));
    sim_chip_peek(chip, end, request, sizeof(request));
    sim_chip_poke(chip, end, none, sizeof(none));
    vb_glitch_begin(glitch, MODE_LATER);
    const enum vb_glitch_end how = vb_glitch_judge(glitch, vb_glitch_go_on(glitch));
    vb_board_settle(glitch->board);
    sim_chip_poke(chip, end, request, sizeof(request));
    vb_cells_free(glitch->board, &glitch->first);
    vb_cells_save(glitch->board, &glitch->first);
    return how == VB_GLITCH_STARTED ? NULL : "the start before the image is asked for does not start what it should";
}

/* The start without a fault does not end as the goal says. */
static const char *why_not_goal(const struct vb_glitch *glitch)
{
    if (glitch->record.end != VB_GLITCH_BYPASS) {
        return glitch->board->why;
    }
    return glitch->campaign->scenario == VB_SCENARIO_OLDER
               ? "it runs even without a fault what it should refuse: the bootloader has to be built with "
                 "CONFIG_MCUBOOT_DOWNGRADE_PREVENTION=y, and FILE has to be of a higher version"
               : "it runs even without a fault what it should refuse";
}

static const char *learn(struct vb_glitch *glitch)
{
    struct record *record = &glitch->record;

    glitch->states = calloc(STATES_MAX, sizeof(*glitch->states));
    glitch->place = vb_snapshot_new(glitch->board);
    if (glitch->states == NULL || glitch->place == NULL) {
        return "out of memory";
    }
    vb_cells_save(glitch->board, &glitch->first);
    const char *why = glitch->campaign->started_before ? start_before(glitch) : NULL;
    if (why != NULL) {
        return why;
    }
    vb_glitch_begin(glitch, MODE_LATER);
    vb_glitch_go_on(glitch); /* results of multiplications are known from now on */
    vb_memo_trust(glitch->campaign->memo);
    glitch->ram_used = ram_in_use(glitch->board);
    glitch->board->listener = (struct vb_listener){.ctx = glitch, .step = vb_glitch_step, .block = vb_glitch_block};
    vb_cpu_trace(glitch->board->cpu, 0, glitch->code.size);
    glitch->deepest = glitch->ram_used;
    vb_glitch_begin(glitch, MODE_MEASURE);
    vb_glitch_go_on(glitch);
    vb_glitch_begin(glitch, MODE_RECORD);
    record->end = vb_glitch_judge(glitch, vb_glitch_go_on(glitch));
    record->time = vb_now(glitch->board);
    record->instructions = vb_glitch_instructions(glitch);
    record->operations = glitch->board->operations;
    if (record->end != vb_glitch_goal(glitch)) {
        return why_not_goal(glitch);
    }
    vb_board_settle(glitch->board);
    return vb_glitch_live_on(glitch) == VB_GLITCH_BYPASS ? "its second start runs what it should refuse" : NULL;
}

struct vb_glitch *vb_glitch_new(struct vb_campaign *campaign, bool inner, const char **why)
{
    struct vb_glitch *glitch = calloc(1, sizeof(*glitch));

    *why = "out of memory";
    if (glitch == NULL) {
        return NULL;
    }
    glitch->campaign = campaign;
    glitch->board = campaign->target.board;
    glitch->inner = inner;
    glitch->code = (struct vb_code){glitch->board->flash, campaign->target.primary.off};
    glitch->flags = calloc(glitch->code.size / 2 + 1, 1);
    glitch->visits = calloc(glitch->code.size / 2 + 1, sizeof(*glitch->visits));
    if (glitch->flags != NULL && glitch->visits != NULL) {
        mark_functions(glitch);
        *why = learn(glitch);
    }
    if (*why != NULL) {
        vb_glitch_free(glitch);
        return NULL;
    }
    return glitch;
}

void vb_glitch_free(struct vb_glitch *glitch)
{
    if (glitch == NULL) {
        return;
    }
    vb_cpu_trace(glitch->board->cpu, 0, 0);
    glitch->board->listener = (struct vb_listener){0};
    vb_snapshot_free(glitch->place);
    vb_cells_restore(glitch->board, &glitch->first);
    vb_cells_free(glitch->board, &glitch->first);
    free(glitch->states);
    free(glitch->record.pcs);
    free(glitch->flags);
    free(glitch->visits);
    free(glitch);
}
