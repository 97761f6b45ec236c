/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <stdio.h>
#include <string.h>

#include <outboard/util.h>

#include "glitch_private.h"
#include "rng.h"

#define FIRST_LOOK 64u      /* instructions behind a fault */
#define SLACK_STEPS 300000u /* more than the run without a fault, and it hangs */
#define SLACK_TICKS (250000u * VB_TICKS_PER_US)

static void patch(struct vb_glitch *glitch, const struct vb_effect *effect, const uint8_t *bytes)
{
    memcpy(glitch->board->flash + effect->patch_at, bytes, effect->patch_size);
    vb_cpu_flash_changed(glitch->board->cpu, effect->patch_at, effect->patch_size);
}

/* The board stands before the unit. Comes back where the fault has had its effect, unless the run ended in it. */
static enum vb_end strike(struct vb_glitch *glitch, const struct vb_unit *unit, const struct vb_fault *fault)
{
    const struct vb_effect effect = vb_fault_effect(glitch->code, unit, fault);
    struct vb_board *board = glitch->board;
    uint8_t saved[sizeof(effect.patch)];

    board->pc = effect.start;
    vb_cpu_skip(board->cpu, effect.nops);
    glitch->step += effect.nops;
    if (effect.sets_r0) {
        vb_cpu_set(board->cpu, VB_R0, effect.r0);
    }
    if (effect.patch_size == 0) {
        return vb_glitch_go_on(glitch);
    }
    memcpy(saved, glitch->code.bytes + effect.patch_at, effect.patch_size);
    glitch->unit_start = unit->address;
    glitch->unit_end = OB_MAX(unit->address + unit->size, effect.patch_at + effect.patch_size);
    glitch->last = 0;
    glitch->patched = true;
    patch(glitch, &effect, effect.patch);
    enum vb_end end = vb_glitch_go_on(glitch);
    patch(glitch, &effect, saved);
    glitch->patched = false;
    return end == VB_END_UNTIL && glitch->stop == STOP_LEFT ? vb_glitch_go_on(glitch) : end;
}

void vb_glitch_choose_fault(struct vb_glitch *glitch, const struct vb_unit *unit, struct vb_fault *out)
{
    struct vb_fault faults[VB_UNIT_FAULTS];
    const unsigned count = vb_unit_faults(glitch->code, unit, (1u << VB_FAULT_MODELS) - 1,
                                          vb_call_before(glitch->code, unit->address) != 0, faults);

    *out = faults[sim_rng_below(&glitch->rng, count)];
}

static void prepare_trial(struct vb_glitch *glitch, const struct vb_glitch_result *result, bool early)
{
    glitch->mode = MODE_TRIAL;
    glitch->step = result->place.step;
    glitch->step_limit = glitch->record.instructions + SLACK_STEPS;
    glitch->board->limit = glitch->record.time + SLACK_TICKS;
    vb_board_look(glitch->board);
    glitch->stop_at = result->second_step == 0 ? 0 : result->place.step + result->second_step;
    glitch->early = early;
    glitch->look_gap = FIRST_LOOK;
    glitch->next_look = result->place.step + FIRST_LOOK;
    glitch->look_count = 0;
}

/* Of what lies in the primary slot. */
static uint32_t reset_vector(const struct vb_glitch *glitch)
{
    const struct vb_campaign *campaign = glitch->campaign;

    return ob_get_le32(glitch->board->flash + campaign->target.primary.off + campaign->vectors + 4) & ~1u;
}

/* Each state that the run came through ends as it did. */
static void keep_looks(struct vb_glitch *glitch, uint8_t end)
{
    while (glitch->look_count > 0) {
        vb_seen_put(glitch->states, STATES_MAX, glitch->looks[--glitch->look_count], end);
    }
}

void vb_glitch_try_fault(struct vb_glitch *glitch, const struct vb_unit *unit, struct vb_glitch_result *result,
                         bool early)
{
    struct vb_board *board = glitch->board;

    vb_snapshot_restore(glitch->place);
    prepare_trial(glitch, result, early);
    enum vb_end end = strike(glitch, unit, &result->place.fault);
    if (end == VB_END_UNTIL && glitch->stop == STOP_SECOND) {
        const struct vb_unit second = vb_unit_at(glitch->code, board->pc);
        vb_glitch_choose_fault(glitch, &second, &result->second);
        glitch->stop_at = 0;
        end = strike(glitch, &second, &result->second);
    }
    result->end = (uint8_t)vb_glitch_judge(glitch, end);
    result->seen = end == VB_END_UNTIL && glitch->stop == STOP_SEEN;
    result->pc = board->pc;
    result->later = false;
    bool comparable = vb_glitch_rest_is_noise(glitch);
    snprintf(result->why, sizeof(result->why), "%s", board->why);
    if (result->end != VB_GLITCH_BYPASS && !result->seen && board->operations > 0 &&
        vb_glitch_live_on(glitch) == VB_GLITCH_BYPASS) {
        result->end = VB_GLITCH_BYPASS;
        result->later = true;
        result->pc = board->pc;
    }
    bool jumps = glitch->campaign->network_update.path == NULL; /* else it is another core that does */
    result->wild = result->end == VB_GLITCH_BYPASS && jumps && result->pc != reset_vector(glitch);
    if (comparable && result->end != VB_GLITCH_BYPASS) {
        keep_looks(glitch, result->end);
    }
}
