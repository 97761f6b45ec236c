/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/state.h>
#include <outboard/util.h>

/** Classify the job of one bank. OB_ERR_EMPTY: there is none. */
static enum ob_err read_bank(struct ob_state *state)
{
    struct ob_upgrade_ctx *ctx = &state->ctx;
    const struct ob_area *primary = &ctx->slots->primary;
    uint32_t marks[OB_MARK_KINDS];
    struct ob_progress progress;
    enum ob_err err = ob_journal_read(&ctx->journal, ctx->bank, &ctx->job);

    if (err == OB_OK && ctx->job.kind == OB_JOB_REFUSED) {
        err = OB_ERR_EMPTY;
    }
    if (err == OB_OK) {
        err = ob_trailer_marks(primary, ctx->journal.layout.align, ctx->job.tag, marks);
    }
    if (err == OB_OK) {
        err = ob_journal_progress(&ctx->journal, ctx->bank, &progress);
    }
    if (err != OB_OK) {
        return err;
    }
    /* One mark may have been cut, or have survived an erase that was: then the trailer is not yet relied on, and made
     * anew. */
    const bool ended = progress.next == OB_RECORD_ENDED;
    const uint32_t needed = ended ? 1 : 2;
    if (marks[OB_MARK_DONE] >= needed && state->primary.magic == OB_MAGIC_GOOD) {
        state->phase = OB_PHASE_DONE;
    } else if (ended) {
        state->phase = OB_PHASE_NONE; /* it ended, and since then the primary was programmed by somebody else */
    } else if (marks[OB_MARK_STARTED] > 0) {
        state->phase = OB_PHASE_RUNNING;
    } else if (progress.next == OB_RECORD_COPIED) {
        state->phase = OB_PHASE_COPIED;
    }
    state->settled = progress.ends >= 2; /* stated last: the marks are complete by then */
    state->confirmed = marks[OB_MARK_CONFIRMED] > 0 || state->primary.image_ok == OB_FLAG_SET;
    state->confirmed_for_good = marks[OB_MARK_CONFIRMED] >= 2 || ctx->job.kind != OB_JOB_TEST;
    return OB_OK;
}

enum ob_err ob_state_read(const struct ob_slots *slots, uint32_t max_units, uint8_t image, struct ob_state *out)
{
    uint32_t secondaries = slots->secondary[1].flash != NULL ? 2 : 1;
    enum ob_err err;

    *out = (struct ob_state){.ctx = {.slots = slots, .image = image}};
    if (slots->secondary[0].flash == NULL) {
        return OB_ERR_NODEV;
    }
    err = ob_journal_open(&slots->primary, &slots->secondary[0], max_units, &out->ctx.journal);
    if (err == OB_OK) {
        err = ob_trailer_read(&slots->primary, out->ctx.journal.layout.align, &out->primary);
    }
    /* A job that is under way has precedence over one that is complete, and going back over what it goes back from. */
    for (uint32_t i = 0; i < secondaries * OB_JOURNAL_BANKS && err == OB_OK; i++) {
        struct ob_state found = *out;
        found.phase = OB_PHASE_NONE;
        found.ctx.source = (uint8_t)(i / OB_JOURNAL_BANKS);
        found.ctx.journal.slot = &slots->secondary[found.ctx.source];
        found.ctx.bank = (uint8_t)(OB_JOURNAL_BANKS - 1 - i % OB_JOURNAL_BANKS);
        err = read_bank(&found);
        if (err == OB_OK && found.phase != OB_PHASE_NONE && (out->phase == OB_PHASE_NONE || found.phase < out->phase)) {
            *out = found;
        }
        err = err == OB_ERR_EMPTY ? OB_OK : err;
    }
    if (err != OB_OK) {
        out->phase = OB_PHASE_NONE;
    }
    return err;
}

enum ob_err ob_state_confirm(const struct ob_state *state)
{
    const struct ob_upgrade_ctx *ctx = &state->ctx;
    enum ob_err err = ob_journal_retire(&ctx->journal, OB_BANK_REVERT);

    if (err == OB_OK) {
        err = ob_trailer_settle(&ctx->slots->primary, ctx->journal.layout.align, OB_MARK_CONFIRMED, ctx->job.tag);
    }
    return err;
}

uint8_t ob_state_leader(const struct ob_job *job)
{
    uint8_t leader = 0;

    while (leader < 7 && (job->group >> leader & 1) == 0) {
        leader++;
    }
    return leader;
}
