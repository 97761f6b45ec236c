/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <stdio.h>
#include <string.h>

#include <outboard/util.h>

#include "glitch_private.h"
#include "rng.h"

#define NULL_EVERY 64u     /* executions */
#define COMPARE_EVERY 256u /* trials that ended early */
#define TELL_EVERY 1024u
#define APART_MAX 20000u /* instructions between two faults */

/* ---- choosing ---- */

static uint32_t pc_at(const struct vb_glitch *glitch, uint64_t index)
{
    return glitch->record.pcs[index] & ~1u;
}

uint64_t vb_glitch_steps(const struct vb_glitch *glitch)
{
    return glitch->record.count;
}

/* A place where a run can stand: outside the cryptography, or inside if that is what is sampled. */
static bool is_place(const struct vb_glitch *glitch, uint64_t index)
{
    const uint32_t pc = glitch->record.pcs[index];

    return (glitch->flags[pc / 2] & (FLAG_MEMBER | FLAG_LEFT_OUT)) == 0 && (pc & 1) == glitch->inner;
}

/* Counts places; which of them a campaign chooses depends on nothing else. */
struct choice {
    const struct vb_glitch_options *options;
    uint64_t nth;
};

static bool is_chosen(struct vb_glitch *glitch, struct choice *choice, uint64_t index)
{
    const uint64_t visits = choice->options->visits;
    uint16_t *visited = &glitch->visits[pc_at(glitch, index) / 2];

    if (choice->nth++ % choice->options->every != 0) {
        return false;
    }
    return visits == 0 || (*visited < visits && ++*visited <= visits);
}

static void begin_choice(struct vb_glitch *glitch, struct choice *choice, const struct vb_glitch_options *options)
{
    *choice = (struct choice){.options = options};
    memset(glitch->visits, 0, (glitch->code.size / 2 + 1) * sizeof(*glitch->visits));
}

static uint64_t count_places(const struct vb_glitch *glitch)
{
    uint64_t places = 0;

    for (uint64_t i = 0; i < glitch->record.count; i++) {
        places += is_place(glitch, i);
    }
    return places;
}

uint64_t vb_glitch_executions(struct vb_glitch *glitch, const struct vb_glitch_options *options)
{
    struct choice choice;
    uint64_t chosen = 0;

    vb_glitch_choose_functions(glitch, options->functions);
    if (glitch->inner) {
        return OB_MIN(count_places(glitch), options->sample);
    }
    begin_choice(glitch, &choice, options);
    for (uint64_t i = 0; i < glitch->record.count; i++) {
        chosen += is_place(glitch, i) && is_chosen(glitch, &choice, i);
    }
    return chosen;
}

static bool has_returned(const struct vb_glitch *glitch, uint64_t index)
{
    const uint32_t call = vb_call_before(glitch->code, pc_at(glitch, index));

    return call != 0 && index > 0 && pc_at(glitch, index - 1) != call;
}

/* ---- campaigns ---- */

struct teller {
    void (*tell)(void *ctx, const struct vb_glitch_result *bypass, const struct vb_glitch_counts *counts);
    void *ctx;
};

/* Come to a place that is ahead. @return false: the run ended before */
static bool follow(struct vb_glitch *glitch, uint64_t index)
{
    glitch->mode = MODE_FOLLOW;
    glitch->stop_at = index;
    glitch->board->limit = LATER_LIMIT_TICKS;
    bool there = vb_glitch_go_on(glitch) == VB_END_UNTIL && glitch->stop == STOP_PLACE &&
                 glitch->board->pc == pc_at(glitch, index);
    if (there) {
        vb_snapshot_take(glitch->place);
    }
    return there;
}

/* Go on with the run without a fault. */
static void back_to_place(struct vb_glitch *glitch, uint64_t index)
{
    vb_snapshot_restore(glitch->place);
    glitch->step = index;
}

static void account(struct vb_glitch *glitch, const struct vb_glitch_result *result, const struct teller *teller)
{
    struct vb_glitch_counts *counts = &glitch->counts;

    if (result->second_step != 0) {
        counts->pairs++;
        counts->pair_bypasses += result->end == VB_GLITCH_BYPASS;
    } else {
        counts->trials++;
        counts->inner += result->place.inner;
        counts->ends[result->end]++;
        counts->models[result->place.fault.model]++;
        counts->seen += result->seen;
    }
    bool bypass = result->end == VB_GLITCH_BYPASS;
    if (bypass || ++glitch->untold >= TELL_EVERY) {
        teller->tell(teller->ctx, bypass ? result : NULL, counts);
        *counts = (struct vb_glitch_counts){0};
        glitch->untold = 0;
    }
}

/* A trial that ended early is run to its end now and then. */
static const char *compare(struct vb_glitch *glitch, const struct vb_unit *unit, struct vb_glitch_result result)
{
    const uint8_t known = result.end;

    vb_glitch_try_fault(glitch, unit, &result, false);
    if (result.end == VB_GLITCH_BYPASS) {
        char word[VB_FAULT_TEXT];
        vb_fault_print(&result.place.fault, word);
        snprintf(glitch->why, sizeof(glitch->why), "step %llu, %s: taken to end as an earlier trial, but is a bypass",
                 (unsigned long long)result.place.step, word);
        return glitch->why;
    }
    glitch->counts.otherwise += result.end != known; /* by time, which the states leave out */
    glitch->counts.compared++;
    return NULL;
}

/* A trial without a fault: it must find the record again, and end as it did. */
static const char *try_nothing(struct vb_glitch *glitch, const struct vb_unit *unit, uint64_t index)
{
    struct vb_glitch_result result = {
        .place = {.step = index, .inner = glitch->inner, .fault = {unit->address, VB_FAULT_NULL, 0}}};

    vb_glitch_try_fault(glitch, unit, &result, false);
    bool right = result.end == glitch->record.end && vb_now(glitch->board) == glitch->record.time;
    for (uint32_t i = 0; right && i < glitch->board->internal->block_count; i++) {
        right = memcmp(glitch->board->flash + i * SIM_BLOCK, glitch->board->internal->state.blocks[i]->cells,
                       SIM_BLOCK) == 0;
    }
    glitch->counts.nulls++;
    return right ? NULL : "a trial without a fault does not end as the start without a campaign";
}

static const char *try_all(struct vb_glitch *glitch, uint64_t index, unsigned models, const struct teller *teller)
{
    const struct vb_unit unit = vb_unit_at(glitch->code, pc_at(glitch, index));
    struct vb_fault faults[VB_UNIT_FAULTS];
    const unsigned count = vb_unit_faults(glitch->code, &unit, models, has_returned(glitch, index), faults);
    const char *why = NULL;
    unsigned first = 0;
    unsigned last = count;

    if (glitch->inner && count > 0) { /* a sample */
        first = sim_rng_below(&glitch->rng, count);
        last = first + 1;
    }
    for (unsigned i = first; i < last && why == NULL; i++) {
        struct vb_glitch_result result = {.place = {.step = index, .inner = glitch->inner, .fault = faults[i]}};
        vb_glitch_try_fault(glitch, &unit, &result, true);
        if (result.seen && sim_rng_below(&glitch->rng, COMPARE_EVERY) == 0) {
            why = compare(glitch, &unit, result);
        }
        account(glitch, &result, teller);
    }
    glitch->counts.executions += !glitch->inner;
    if (why == NULL && sim_rng_below(&glitch->rng, NULL_EVERY) == 0) {
        why = try_nothing(glitch, &unit, index);
    }
    return why;
}

static const char *try_pair(struct vb_glitch *glitch, uint64_t index, const struct teller *teller)
{
    const struct vb_unit unit = vb_unit_at(glitch->code, pc_at(glitch, index));
    struct vb_glitch_result result = {.place = {.step = index}};

    vb_glitch_choose_fault(glitch, &unit, &result.place.fault);
    result.second_step = 1 + sim_rng_below(&glitch->rng, APART_MAX);
    vb_glitch_try_fault(glitch, &unit, &result, true);
    account(glitch, &result, teller);
    return NULL;
}

/* Is one of `wanted` of `total` places here? The same ones, whatever the parts are. */
static bool is_sampled(uint64_t nth, uint64_t wanted, uint64_t total)
{
    return total > 0 && (wanted >= total || (nth + 1) * wanted / total != nth * wanted / total);
}

const char *vb_glitch_run(struct vb_glitch *glitch, const struct vb_glitch_options *options,
                          void (*tell)(void *ctx, const struct vb_glitch_result *bypass,
                                       const struct vb_glitch_counts *counts),
                          void *ctx)
{
    const struct teller teller = {tell, ctx};
    vb_glitch_choose_functions(glitch, options->functions);
    const uint64_t total = count_places(glitch);
    const uint64_t sampled = glitch->inner ? options->sample : options->pairs;
    const char *why = NULL;
    struct choice choice;
    uint64_t nth = 0;
    uint64_t chosen = 0;

    if (total == 0 && !glitch->inner) {
        return "no function whose name begins so is executed";
    }
    begin_choice(glitch, &choice, options);
    glitch->rng = sim_mix(options->part, glitch->inner);
    vb_glitch_begin(glitch, MODE_FOLLOW);
    for (uint64_t i = 0; i < glitch->record.count && why == NULL; i++) {
        if (!is_place(glitch, i)) {
            continue;
        }
        bool sample = is_sampled(nth, sampled, total);
        bool here = glitch->inner ? sample : is_chosen(glitch, &choice, i);
        nth++;
        if ((!here && !sample) || chosen++ % options->parts != options->part) {
            continue;
        }
        if (!follow(glitch, i)) {
            return "the start without a fault does not go the same way twice";
        }
        why = here ? try_all(glitch, i, options->models, &teller) : NULL;
        if (why == NULL && sample && !glitch->inner) {
            why = try_pair(glitch, i, &teller);
        }
        back_to_place(glitch, i);
    }
    tell(ctx, NULL, &glitch->counts);
    glitch->counts = (struct vb_glitch_counts){0};
    return why;
}

const char *vb_glitch_try(struct vb_glitch *glitch, const struct vb_glitch_place *place, struct vb_glitch_result *out)
{
    *out = (struct vb_glitch_result){.place = *place};
    if (place->step >= glitch->record.count) {
        return "the start without a fault has fewer instructions";
    }
    const struct vb_unit unit = vb_unit_at(glitch->code, pc_at(glitch, place->step));
    if (place->fault.address < unit.address || place->fault.address >= unit.address + unit.size) {
        return "another instruction is executed there: the word is of another build";
    }
    vb_glitch_begin(glitch, MODE_FOLLOW);
    if (!follow(glitch, place->step)) {
        return "the start without a fault does not go the same way twice";
    }
    vb_glitch_try_fault(glitch, &unit, out, false);
    return NULL;
}
