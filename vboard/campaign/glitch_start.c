/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <stdlib.h>
#include <string.h>

#include <outboard/util.h>

#include "../memo.h"
#include "glitch_private.h"
#include "judge.h"

#define SITE_MAX 4096u         /* executions of a function's first instruction: more of them are not looked at */
#define LATER_STEPS 300000000u /* of a start after the one with the fault: it may install something */
#define LATER_STARTS 4u

/* ---- each instruction ---- */

static void stop(struct vb_glitch *glitch, enum stop why)
{
    glitch->stop = why;
    vb_board_end(glitch->board, VB_END_UNTIL, "stopped");
}

static uint64_t hash_state(struct vb_glitch *glitch, uint32_t address)
{
    return vb_board_hash(glitch->board, address, glitch->deepest, glitch->ram_used);
}

bool vb_glitch_rest_is_noise(const struct vb_glitch *glitch)
{
    return vb_board_ram_in_use(glitch->board) <= glitch->ram_used;
}

/* Bytes that the cryptography moves are part of its loops, others are not. */
static bool is_inner_now(struct vb_glitch *glitch, uint32_t address)
{
    const uint8_t flags = glitch->flags[address / 2];

    if ((flags & FLAG_MOVES) == 0) {
        glitch->was_inner = (flags & FLAG_INNER) != 0;
    }
    return glitch->was_inner;
}

/* How deep the stack comes, and how often functions are entered: those that are not too often are looked at. */
static void measure_step(struct vb_glitch *glitch, uint32_t address)
{
    glitch->deepest = OB_MIN(glitch->deepest, vb_board_stack(glitch->board));
    if ((glitch->flags[address / 2] & FLAG_SITE) != 0 && ++glitch->visits[address / 2] > SITE_MAX) {
        glitch->flags[address / 2] &= (uint8_t)~FLAG_SITE;
    }
}

enum vb_glitch_end vb_glitch_goal(const struct vb_glitch *glitch)
{
    const struct vb_campaign *campaign = glitch->campaign;
    bool may = campaign->scenario == VB_SCENARIO_OLDER || campaign->network_update.path != NULL;

    return may ? VB_GLITCH_STARTED : VB_GLITCH_HALTED;
}

static void record_step(struct vb_glitch *glitch, uint32_t address)
{
    struct record *record = &glitch->record;

    if (record->count == record->room) {
        record->room = OB_MAX(1u << 20, record->room * 2);
        record->pcs = realloc(record->pcs, record->room * sizeof(*record->pcs));
        if (record->pcs == NULL) {
            abort(); /* a campaign that is out of memory proves nothing */
        }
    }
    record->pcs[record->count++] = address | is_inner_now(glitch, address);
    const struct vb_unit unit = vb_unit_at(glitch->code, address);
    for (uint32_t at = address + 2; unit.members != 0 && at < address + unit.size; at += 2) {
        glitch->flags[at / 2] |= FLAG_MEMBER;
    }
    if ((glitch->flags[address / 2] & FLAG_SITE) != 0) {
        vb_seen_put(glitch->states, STATES_MAX, hash_state(glitch, address), (uint8_t)vb_glitch_goal(glitch));
    }
}

/* Is it known how it goes on from here? Not asked too often: it takes as long as a thousand instructions. */
static bool is_seen_before(struct vb_glitch *glitch, uint32_t address)
{
    if ((glitch->flags[address / 2] & FLAG_SITE) == 0 || glitch->step < glitch->next_look) {
        return false;
    }
    const uint64_t hash = hash_state(glitch, address);
    glitch->look_gap *= 2;
    glitch->next_look = glitch->step + glitch->look_gap;
    if (glitch->look_count < LOOKS_MAX) {
        glitch->looks[glitch->look_count++] = hash;
    }
    return vb_seen_has(glitch->states, STATES_MAX, hash, &glitch->known_end) && vb_glitch_rest_is_noise(glitch);
}

static void try_step(struct vb_glitch *glitch, uint32_t address)
{
    bool inside = address >= glitch->unit_start && address < glitch->unit_end && address > glitch->last;

    if (glitch->patched && !inside) {
        stop(glitch, STOP_LEFT);
        return;
    }
    glitch->last = address;
    if (!glitch->patched && glitch->step >= glitch->stop_at && (glitch->flags[address / 2] & FLAG_MEMBER) == 0) {
        stop(glitch, STOP_SECOND);
    } else if (glitch->step > glitch->step_limit) {
        stop(glitch, STOP_HANG);
    }
}

void vb_glitch_step(void *ctx, uint32_t address, uint32_t size)
{
    struct vb_glitch *glitch = ctx;

    (void)size;
    switch (glitch->mode) {
    case MODE_MEASURE:
        measure_step(glitch, address);
        break;
    case MODE_RECORD:
        record_step(glitch, address);
        break;
    case MODE_FOLLOW:
        if (glitch->step == glitch->stop_at) {
            stop(glitch, STOP_PLACE);
            return; /* it is counted when the run goes on */
        }
        break;
    default:
        try_step(glitch, address);
        if (glitch->stop != STOP_NOT) {
            return;
        }
        break;
    }
    glitch->step++;
}

uint64_t vb_glitch_instructions(const struct vb_glitch *glitch)
{
    return vb_cpu_instructions(glitch->board->cpu) - glitch->uncounted;
}

void vb_glitch_block(void *ctx, uint32_t address)
{
    struct vb_glitch *glitch = ctx;

    glitch->step = vb_glitch_instructions(glitch);
    if (glitch->step > glitch->step_limit) {
        stop(glitch, STOP_HANG);
    } else if (glitch->early && is_seen_before(glitch, address)) {
        stop(glitch, STOP_SEEN);
    }
}

/* ---- runs ---- */

/* No fault is to come, nor being had: it is enough to look where blocks begin. */
static bool is_behind_faults(const struct vb_glitch *glitch)
{
    return glitch->mode == MODE_LATER || (glitch->mode == MODE_TRIAL && !glitch->patched && glitch->stop_at == 0);
}

enum vb_end vb_glitch_go_on(struct vb_glitch *glitch)
{
    const bool behind = is_behind_faults(glitch);

    glitch->stop = STOP_NOT;
    glitch->uncounted = vb_cpu_instructions(glitch->board->cpu) - glitch->step;
    vb_cpu_trace_blocks(glitch->board->cpu, behind);
    const enum vb_end end = vb_memo_run(glitch->campaign->memo, glitch->board);
    if (behind) {
        glitch->step = vb_glitch_instructions(glitch);
    }
    return end;
}

void vb_glitch_start(struct vb_glitch *glitch, enum mode mode)
{
    glitch->mode = mode;
    glitch->step = 0;
    glitch->stop_at = 0;
    glitch->patched = false;
    glitch->early = false;
    glitch->board->rng = 1;
    vb_board_power_on(glitch->board);
}

void vb_glitch_begin(struct vb_glitch *glitch, enum mode mode)
{
    vb_cells_restore(glitch->board, &glitch->first);
    vb_cells_show(glitch->board);
    vb_glitch_start(glitch, mode);
    glitch->board->limit = LATER_LIMIT_TICKS;
}

/* What may run is there: in a campaign with an older image the new one, with one for the network core what the build
 * has, else nothing. */
static enum vb_glitch_end judge_entry(const struct vb_glitch *glitch)
{
    const struct vb_campaign *campaign = glitch->campaign;
    bool may = vb_glitch_goal(glitch) == VB_GLITCH_STARTED && vb_judge_holds(campaign, &campaign->old);

    return may ? VB_GLITCH_STARTED : VB_GLITCH_BYPASS;
}

/* The network core checks a hash only: what it was told to take, it runs. */
static bool network_core_has_it(const struct vb_glitch *glitch)
{
    return glitch->campaign->network_update.path != NULL &&
           vb_campaign_network_holds(glitch->campaign) == VB_OUTCOME_NEW;
}

enum vb_glitch_end vb_glitch_judge(const struct vb_glitch *glitch, enum vb_end end)
{
    if (network_core_has_it(glitch)) {
        return VB_GLITCH_BYPASS;
    }
    switch (end) {
    case VB_END_WATCH:
        return judge_entry(glitch);
    case VB_END_RESTS:
        return VB_GLITCH_HALTED;
    case VB_END_REFUSED:
        return VB_GLITCH_REFUSED;
    case VB_END_FAULT:
        return VB_GLITCH_FAULT;
    case VB_END_UNTIL:
        return glitch->stop == STOP_SEEN ? (enum vb_glitch_end)glitch->known_end : VB_GLITCH_HANG;
    default:
        return VB_GLITCH_HANG;
    }
}

/* ---- starts after the one with the fault ---- */

enum vb_glitch_end vb_glitch_live_on(struct vb_glitch *glitch)
{
    enum vb_glitch_end end = VB_GLITCH_HALTED;
    uint64_t before = 0;
    uint8_t value;

    for (unsigned starts = 0; starts < LATER_STARTS && end != VB_GLITCH_BYPASS; starts++) {
        vb_board_settle(glitch->board);
        uint64_t hash = vb_cells_hash(glitch->board);
        if (hash == before || vb_seen_has(glitch->known, KNOWN_MAX, hash, &value)) {
            break;
        }
        before = hash;
        vb_glitch_start(glitch, MODE_LATER);
        glitch->step_limit = LATER_STEPS;
        glitch->board->limit = LATER_LIMIT_TICKS;
        end = vb_glitch_judge(glitch, vb_glitch_go_on(glitch));
        if (end != VB_GLITCH_BYPASS) {
            vb_seen_put(glitch->known, KNOWN_MAX, hash, 0);
        }
    }
    return end;
}
