/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <outboard/util.h>

#include "futures.h"
#include "rng.h"
#include "seen.h"

#define STEP_CUTS 3u
#define STATES_MAX (1u << 20) /* of the set of states that were searched; a power of two */

struct search {
    struct vb_campaign *campaign;
    const struct vb_search_options *options;
    enum vb_outcome expected; /* VB_OUTCOME_FAILED: either */
    void (*tell)(void *ctx, const struct vb_search_result *result);
    void *ctx;
    uint64_t *states; /* hashes of what was searched from */
};

/* A place in a history: what the cells hold before an operation. */
struct place {
    struct vb_cells_state cells;
    const struct vb_done *in_progress; /* begun in the external chip, not yet in cells; NULL: nothing */
};

/* A start that is gone through once more, as far as a number of its operations. */
struct uncut {
    const struct vb_cells_state *cells; /* before it */
    uint32_t nth;
    uint64_t seed;
    struct vb_snapshot *at; /* NULL: nothing can be kept */
    uint64_t operations;    /* begun there; 0: nothing is kept */
};

/* ---- going through an uncut history ---- */

static void apply(struct vb_board *board, const struct vb_log *log, const struct vb_done *done,
                  const struct sim_tear *tear, uint64_t *rng)
{
    const struct vb_operation *operation = &done->operation;
    struct sim_chip *cells = vb_cells(board, (enum vb_memory)operation->memory);
    struct sim_tear own;

    if (tear != NULL && operation->memory != VB_EXTERNAL) {
        own = vb_settled(*tear);
        tear = &own;
    }
    if (operation->erase) {
        sim_chip_erase(cells, operation->off, operation->len, tear, rng);
    } else {
        sim_chip_program(cells, operation->off, log->data + done->data_at, operation->len, tear, rng);
    }
}

static bool is_over(const struct vb_done *earlier, const struct vb_done *done)
{
    return earlier->nth != done->nth || earlier->start + earlier->operation.ticks <= done->start;
}

/* The cells are those before `done`, which now happens too. */
static void pass(struct vb_board *board, struct place *place, const struct vb_log *log, const struct vb_done *done)
{
    uint64_t rng = 0; /* whole operations need none */

    vb_cells_restore(board, &place->cells);
    if (place->in_progress != NULL && (is_over(place->in_progress, done) || done->operation.memory == VB_EXTERNAL)) {
        apply(board, log, place->in_progress, NULL, &rng);
        place->in_progress = NULL;
    }
    if (done->operation.memory == VB_EXTERNAL) {
        place->in_progress = done;
    } else {
        apply(board, log, done, NULL, &rng);
    }
    vb_cells_save(board, &place->cells);
}

/* The power fails in `done`: the cells are what is left. */
static void tear(struct vb_board *board, const struct place *place, const struct vb_log *log,
                 const struct vb_done *done, const struct sim_tear *tear, uint64_t seed)
{
    uint64_t rng = sim_mix(seed, done->nth);

    vb_cells_restore(board, &place->cells);
    if (place->in_progress != NULL) {
        apply(board, log, place->in_progress, is_over(place->in_progress, done) ? NULL : tear, &rng);
    }
    apply(board, log, done, tear, &rng);
}

/* ---- the uncut history ---- */

const char *vb_golden_run(struct vb_campaign *campaign, struct vb_golden *golden, struct vb_cells_state *starts)
{
    struct vb_board *board = campaign->target.board;
    struct vb_history_plan plan = {.starts = starts};

    board->log = &golden->log;
    vb_history_run(campaign, &plan, &golden->history);
    board->log = NULL;
    if (golden->history.outcome == VB_OUTCOME_FAILED) {
        return golden->history.why;
    }
    bool installs = campaign->scenario == VB_SCENARIO_UPDATE && campaign->target.build != NULL &&
                    (campaign->target.network_fault == VB_NETWORK_FINE || campaign->target.fault_count != 0 ||
                     campaign->target.network_fault >= VB_NETWORK_RUNNING);
    if (campaign->target.build == NULL && golden->log.count == 0) {
        return "nothing is written to flash, so there is nothing to cut; does an update lie where this bootloader "
               "looks for it?";
    }
    if (installs && !golden->history.entered_new) {
        return vb_target_chips_fail(&campaign->target)
                   ? "the update is not installed, although nothing was cut: what is wrong with the board keeps it "
                     "out, so "
                     "there is nothing to cut; see --absent, --chip-fault, --stall and --worn"
                   : "the update is not installed, although nothing was cut; is it for this board, and signed with its "
                     "key?";
    }
    return NULL;
}

void vb_golden_free(struct vb_golden *golden)
{
    free(golden->log.done);
    free(golden->log.data);
    free(golden->log.steps);
}

static bool is_chosen(const struct vb_search_options *options, uint64_t index)
{
    return index % options->every == 0;
}

uint64_t vb_search_count(const struct vb_golden *golden, const struct vb_search_options *options)
{
    uint64_t operations = (golden->log.count + options->every - 1) / options->every;
    uint64_t steps = (golden->log.step_count + options->every - 1) / options->every;

    return operations * options->tear_count + steps * STEP_CUTS + options->instructions;
}

/* ---- cutting ---- */

/* A network core that fails some times before it takes its image fails once more when a brown-out spoils what it
 * copies: then it is asked no more, as one that always fails. */
static bool may_be_given_up(const struct search *search, const struct vb_cuts *cuts)
{
    return search->campaign->target.fault_count != 0 && cuts->items[cuts->count - 1].tear.kind == SIM_TEAR_BROWNOUT;
}

static void judge_end(const struct search *search, const struct vb_cuts *cuts, struct vb_history *history)
{
    if (history->outcome == VB_OUTCOME_OLD && may_be_given_up(search, cuts)) {
        return;
    }
    if (history->outcome != VB_OUTCOME_FAILED && search->expected != VB_OUTCOME_FAILED &&
        history->outcome != search->expected) {
        snprintf(history->why, sizeof(history->why), "comes to rest with the %s image, uncut with the other one",
                 history->outcome == VB_OUTCOME_OLD ? "old" : "new");
        history->outcome = VB_OUTCOME_FAILED;
    }
}

static void search_from(struct search *search, const struct vb_cuts *before, uint32_t nth);

/* The cells are torn: live on, and look deeper. */
static void live_on(struct search *search, const struct vb_cuts *cuts, struct vb_history_plan *plan)
{
    struct vb_search_result result = {.cuts = *cuts};
    struct vb_board *board = search->campaign->target.board;
    bool deeper =
        cuts->count < search->options->depth && !vb_seen_before(search->states, STATES_MAX, vb_cells_hash(board));
    struct vb_cells_state torn = {0};

    if (deeper) {
        vb_cells_save(board, &torn);
    }
    plan->seed = vb_cuts_seed(cuts);
    vb_history_run(search->campaign, plan, &result.history);
    judge_end(search, cuts, &result.history);
    search->tell(search->ctx, &result);
    if (deeper && result.history.outcome != VB_OUTCOME_FAILED) {
        vb_cells_restore(board, &torn);
        search_from(search, cuts, plan->first_nth);
    }
    if (deeper) {
        vb_cells_free(board, &torn);
    }
}

/* The code runs into the cut: it is lived through from the start that it falls into. */
static void cut_live(struct search *search, const struct vb_cuts *cuts, const struct vb_cells_state *start)
{
    struct vb_history_plan plan = {.cuts = *cuts};

    vb_cells_restore(search->campaign->target.board, start);
    live_on(search, cuts, &plan);
}

/* The place in front of an operation of a start; NULL: where it begins. */
static struct vb_snapshot *place_before(struct search *search, struct uncut *uncut, uint64_t operations)
{
    const struct vb_history_plan plan = {
        .first_nth = uncut->nth, .seed = uncut->seed, .place = uncut->operations == 0 ? NULL : uncut->at};

    if (operations == uncut->operations || uncut->at == NULL) {
        return plan.place;
    }
    vb_cells_restore(search->campaign->target.board, uncut->cells);
    uncut->operations = 0;
    if (!vb_history_come_to(search->campaign, &plan, operations)) {
        return NULL;
    }
    vb_snapshot_take(uncut->at);
    uncut->operations = operations;
    return uncut->at;
}

/* A brown-out ends the operation, and the code runs on. */
static void brown_out(struct search *search, const struct vb_cuts *cuts, struct uncut *uncut, uint64_t operations)
{
    struct vb_history_plan plan = {.cuts = {.count = 1, .items = {cuts->items[cuts->count - 1]}},
                                   .first_nth = uncut->nth,
                                   .place = place_before(search, uncut, operations)};

    plan.cuts.items[0].operation = operations + 1;
    vb_cells_restore(search->campaign->target.board, uncut->cells);
    live_on(search, cuts, &plan);
}

/* @param first  operation of the same start */
static void cut_operation(struct search *search, const struct vb_cuts *before, const struct vb_golden *golden,
                          const struct place *place, struct uncut *uncut, uint32_t first, uint32_t index)
{
    const struct vb_done *done = &golden->log.done[index];

    for (unsigned i = 0; i < search->options->tear_count; i++) {
        const struct sim_tear *how = &search->options->tears[i];
        struct vb_cuts cuts = *before;
        cuts.items[cuts.count++] = (struct vb_cut){.operation = index + 1, .tear = *how};
        cuts.again = search->options->again;
        if (how->kind == SIM_TEAR_BROWNOUT) {
            brown_out(search, &cuts, uncut, index - first);
            continue;
        }
        struct vb_history_plan plan = {.again = &done->operation,
                                       .again_count = search->options->again - 1,
                                       .again_tear = *how,
                                       .first_nth = done->nth + 1};
        tear(search->campaign->target.board, place, &golden->log, done, how, vb_cuts_seed(&cuts));
        live_on(search, &cuts, &plan);
    }
}

static void free_starts(struct vb_board *board, struct vb_cells_state *starts)
{
    for (unsigned i = 0; i < VB_STARTS_MAX; i++) {
        vb_cells_free(board, &starts[i]);
    }
    free(starts);
}

static void cut_operations(struct search *search, const struct vb_cuts *before, const struct vb_golden *golden,
                           const struct vb_cells_state *starts, uint32_t nth)
{
    const struct vb_search_options *options = search->options;
    struct vb_board *board = search->campaign->target.board;
    struct place place = {0};
    struct uncut uncut = {.at = vb_snapshot_new(board)};
    uint64_t chosen = 0;
    uint32_t first = 0; /* operation of its start */

    vb_cells_restore(board, &starts[0]);
    vb_cells_save(board, &place.cells);
    for (uint32_t i = 0; i < golden->log.count; i++) {
        const struct vb_done *done = &golden->log.done[i];
        bool mine = before->count > 0 || chosen % options->parts == options->part;
        if (i == 0 || done->nth != uncut.nth) {
            first = i;
            uncut = (struct uncut){&starts[done->nth - nth], done->nth, vb_cuts_seed(before), uncut.at, 0};
        }
        if (is_chosen(options, i)) {
            chosen++;
            if (mine) {
                cut_operation(search, before, golden, &place, &uncut, first, i);
            }
        }
        pass(board, &place, &golden->log, done);
    }
    vb_cells_free(board, &place.cells);
    vb_snapshot_free(uncut.at);
}

/* From what the cells hold: an uncut life, then one with a cut in each of its operations. */
static void search_from(struct search *search, const struct vb_cuts *before, uint32_t nth)
{
    struct vb_board *board = search->campaign->target.board;
    struct vb_golden golden = {0};
    struct vb_cells_state *starts = calloc(VB_STARTS_MAX, sizeof(*starts));
    const bool all = search->options->every == 1; /* else others are chosen in the same future */
    struct vb_history_plan plan = {.starts = starts,
                                   .first_nth = nth,
                                   .seed = vb_cuts_seed(before),
                                   .cuts_to_come = all ? search->options->depth - before->count : 0};

    if (starts == NULL) {
        abort();
    }
    board->log = &golden.log;
    vb_history_run(search->campaign, &plan, &golden.history);
    board->log = NULL;
    cut_operations(search, before, &golden, starts, nth);
    free_starts(board, starts);
    vb_golden_free(&golden);
}

static void cut_between(struct search *search, const struct vb_golden *golden, const struct vb_cells_state *starts)
{
    const struct vb_search_options *options = search->options;

    for (unsigned i = options->part; i < options->instructions; i += options->parts) {
        struct vb_cuts cuts = {.count = 1};
        uint64_t rng = i;
        uint64_t width = golden->history.instructions / options->instructions;
        cuts.items[0].instruction = 1 + i * width + sim_rng_next(&rng) % OB_MAX(width, 1u);
        cuts.items[0].tear.kind = i % 2 == 0 ? SIM_TEAR_NONE : SIM_TEAR_BITS;
        cut_live(search, &cuts, &starts[0]);
    }
}

/* At each step of handing an image over: what is in progress has not begun, or is torn; or the reset pin is pulled. */
static void cut_steps(struct search *search, const struct vb_golden *golden, const struct vb_cells_state *starts)
{
    static const struct vb_cut ways[STEP_CUTS] = {
        {.tear = {.kind = SIM_TEAR_NONE}}, {.tear = {.kind = SIM_TEAR_BITS}}, {.reset = true}};
    const struct vb_search_options *options = search->options;

    for (uint32_t i = 0; i < golden->log.step_count; i++) {
        if (!is_chosen(options, i) || i / options->every % options->parts != options->part) {
            continue;
        }
        for (unsigned way = 0; way < STEP_CUTS; way++) {
            struct vb_cuts cuts = {.count = 1, .items = {ways[way]}};
            cuts.items[0].instruction = golden->log.steps[i];
            cut_live(search, &cuts, &starts[0]);
        }
    }
}

const char *vb_search_run(struct vb_campaign *campaign, const struct vb_search_options *options,
                          void (*tell)(void *ctx, const struct vb_search_result *result), void *ctx)
{
    static struct vb_golden golden; /* one search for each process: its text may be returned */
    struct search search = {.campaign = campaign, .options = options, .tell = tell, .ctx = ctx};
    struct vb_cells_state *starts = calloc(VB_STARTS_MAX, sizeof(*starts));
    struct vb_cuts none = {0};

    search.states = calloc(options->depth > 1 ? STATES_MAX : 1, sizeof(*search.states));
    if (starts == NULL || search.states == NULL) {
        return "out of memory";
    }
    bool foresees = options->foresees && campaign->target.board->coverage == NULL;
    campaign->futures = foresees ? vb_futures_new(campaign->target.board) : NULL;
    const char *why = vb_golden_run(campaign, &golden, starts);
    if (campaign->futures != NULL) {
        vb_futures_measured(campaign->futures);
    }
    if (why == NULL) {
        bool strict = campaign->target.build != NULL;
        search.expected = strict ? golden.history.outcome : VB_OUTCOME_FAILED;
        cut_operations(&search, &none, &golden, starts, 0);
        cut_between(&search, &golden, starts);
        cut_steps(&search, &golden, starts);
        free_starts(campaign->target.board, starts);
        vb_golden_free(&golden);
    }
    free(search.states);
    return why;
}
