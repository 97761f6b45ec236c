/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "history.h"

#include <stdio.h>

#include <outboard/util.h>

#include "../memo.h"
#include "futures.h"
#include "judge.h"
#include "record.h"
#include "rng.h"

/* Start after start, and the cuts that fall into them. */

/* What happened since the last cut, in starts that are over. */
struct since {
    uint64_t operations, instructions;
};

static void arm(struct vb_board *board, const struct vb_history_plan *plan, unsigned done, const struct since *since)
{
    board->cut = (struct vb_cut){0};
    if (done < plan->cuts.count) {
        board->cut = plan->cuts.items[done];
        board->cut.operation -= OB_MIN(board->cut.operation, since->operations);
        board->cut.instruction -= OB_MIN(board->cut.instruction, since->instructions);
    } else if (plan->again != NULL && done < plan->cuts.count + plan->again_count) {
        board->cut = (struct vb_cut){.same = plan->again, .tear = plan->again_tear};
    }
}

static bool is_cut_ahead(const struct vb_board *board)
{
    return board->cut.operation > board->operations || board->cut.instruction != 0 || board->cut.same != NULL;
}

/* Until the start ends, or comes to a state in whose future was cut before: VB_END_UNTIL. */
static enum vb_end run_to_cut(struct vb_campaign *campaign, unsigned cuts)
{
    struct vb_board *board = campaign->target.board;
    enum vb_end end;

    board->pause_behind = 1;
    while ((end = vb_memo_run(campaign->memo, board)) == VB_END_UNTIL &&
           !vb_futures_searched(campaign->futures, cuts)) {
        board->pause_behind = board->operations + 1;
    }
    board->pause_behind = 0;
    return end;
}

/* Until the start ends, or comes to a state from which it is known who will run: VB_END_UNTIL. */
static enum vb_end run_start(struct vb_campaign *campaign, bool looks, struct vb_history *out)
{
    struct vb_board *board = campaign->target.board;
    struct vb_futures *futures = campaign->futures;
    enum vb_end end;

    board->pause_behind = looks ? vb_futures_next(futures) : 0;
    while ((end = vb_memo_run(campaign->memo, board)) == VB_END_UNTIL && looks) {
        const enum vb_outcome known = is_cut_ahead(board) ? VB_OUTCOME_FAILED : vb_futures_look(futures);
        if (known != VB_OUTCOME_FAILED && !vb_futures_compares(futures)) {
            out->outcome = known;
            break;
        }
        out->foreseen = known;
        board->pause_behind = known == VB_OUTCOME_FAILED ? vb_futures_next(futures) : 0;
    }
    board->pause_behind = 0;
    return end;
}

/* The power comes; or the first start goes on from a place in it, which has the cells too. */
static void begin_start(struct vb_campaign *campaign, const struct vb_history_plan *plan, uint32_t nth)
{
    struct vb_board *board = campaign->target.board;
    const struct vb_cut cut = board->cut;

    if (plan->place != NULL && nth == plan->first_nth) {
        vb_snapshot_restore(plan->place);
        board->cut = cut;
    } else {
        vb_board_power_on(board);
    }
    board->rng = sim_mix(plan->seed, nth);
    board->limit = (uint64_t)(campaign->limit_s * 1e6 * VB_TICKS_PER_US);
}

bool vb_history_come_to(struct vb_campaign *campaign, const struct vb_history_plan *plan, uint64_t operations)
{
    struct vb_board *board = campaign->target.board;

    board->cut = (struct vb_cut){0};
    vb_cells_show(board);
    begin_start(campaign, plan, plan->first_nth);
    board->pause_behind = operations;
    bool there = vb_memo_run(campaign->memo, board) == VB_END_UNTIL;
    board->pause_behind = 0;
    return there;
}

static enum vb_end start_once(struct vb_campaign *campaign, const struct vb_history_plan *plan, struct vb_history *out)
{
    struct vb_board *board = campaign->target.board;
    const uint32_t nth = plan->first_nth + out->starts;
    bool looks = campaign->futures != NULL && plan->starts == NULL && out->foreseen == VB_OUTCOME_FAILED;

    if (board->log != NULL) {
        board->log->nth = nth;
    }
    vb_cells_show(board);
    if (plan->starts != NULL) {
        vb_cells_save(board, &plan->starts[out->starts]);
    }
    if (plan->starting != NULL) {
        plan->starting(plan->ctx, nth);
    }
    begin_start(campaign, plan, nth);
    bool is_cut = campaign->futures != NULL && plan->cuts_to_come > 0;
    enum vb_end end = is_cut ? run_to_cut(campaign, plan->cuts_to_come) : run_start(campaign, looks, out);
    if (plan->ended != NULL) {
        plan->ended(plan->ctx, board->why);
    }
    return end;
}

static bool rests_as_before(struct vb_campaign *campaign, uint64_t state, struct vb_history *out)
{
    for (uint32_t i = 0; i < campaign->rests.count; i++) {
        if (campaign->rests.states[i] == state) {
            out->outcome = (enum vb_outcome)campaign->rests.outcomes[i];
            return true;
        }
    }
    return false;
}

static void remember_rest(struct vb_campaign *campaign, uint64_t state, enum vb_outcome outcome)
{
    struct vb_rests *rests = &campaign->rests;

    if (rests->count < VB_RESTS_MAX) {
        rests->states[rests->count] = state;
        rests->outcomes[rests->count++] = (uint8_t)outcome;
    }
}

static void describe_end(struct vb_campaign *campaign, struct vb_history *out)
{
    struct vb_board *board = campaign->target.board;
    char where[80];

    vb_target_place(&campaign->target, board->pc, where, sizeof(where));
    vb_judge_fail(out, "%s, at %s", board->why, where);
}

/* Is anything still to be cut? */
static bool is_armed(const struct vb_board *board)
{
    return board->cut.operation != 0 || board->cut.instruction != 0 || board->cut.same != NULL;
}

static void live(struct vb_campaign *campaign, const struct vb_history_plan *plan, struct vb_history *out)
{
    struct vb_board *board = campaign->target.board;
    unsigned cuts = 0;
    struct since since = {0};

    while (out->starts < VB_STARTS_MAX) {
        arm(board, plan, cuts, &since);
        uint64_t state = vb_cells_hash(board);
        if (plan->starts == NULL && !is_armed(board) && rests_as_before(campaign, state, out)) {
            return;
        }
        if (board->log != NULL) {
            board->log->instructions = since.instructions;
        }
        enum vb_end end = start_once(campaign, plan, out);
        out->starts++;
        uint64_t instructions = vb_cpu_instructions(board->cpu) - board->first_instruction;
        out->operations += board->operations;
        since.operations += board->operations;
        since.instructions += instructions;
        if (end == VB_END_UNTIL) {
            return;
        }
        if (end == VB_END_POWER) {
            cuts++;
            out->cuts++;
            since = (struct since){0};
            continue;
        }
        if (end != VB_END_WATCH) {
            describe_end(campaign, out);
            return;
        }
        if (!vb_judge_entry(campaign, out)) {
            return;
        }
        vb_board_settle(board); /* while the image runs */
        if (board->operations == 0) {
            remember_rest(campaign, state, out->outcome);
            return;
        }
        out->instructions += instructions;
    }
    vb_judge_fail(out, "does not come to rest: each start changes flash");
}

void vb_history_run(struct vb_campaign *campaign, const struct vb_history_plan *plan, struct vb_history *out)
{
    *out = (struct vb_history){0};
    if (campaign->futures == NULL) {
        live(campaign, plan, out);
        return;
    }
    vb_futures_begin(campaign->futures);
    live(campaign, plan, out);
    if (out->foreseen != VB_OUTCOME_FAILED && out->outcome != VB_OUTCOME_FAILED && out->outcome != out->foreseen) {
        vb_judge_fail(out, "comes to rest with another image than an earlier history did from the same state");
    }
    if (out->outcome != VB_OUTCOME_FAILED) {
        vb_futures_end(campaign->futures, out->outcome);
    }
}
