/* SPDX-License-Identifier: Apache-2.0 */
/* Several images: what was planned together, and never begun. */
#include <string.h>

#include <outboard/util.h>

#include "jobs.h"

/** Going back stays possible until the image that leads the transaction is confirmed for good. */
static enum ob_err may_go_back(const struct ob_boot *boot, const struct ob_upgrade_ctx *ctx, bool *out)
{
    const uint8_t image = ob_state_leader(&ctx->job);
    struct ob_state leader = {0};
    enum ob_err err = OB_OK;

    if (image < ob_jobs_images(boot)) { /* the header is not ours if not */
        err = ob_state_read(&boot->images[image], boot->max_units, image, &leader);
    }
    bool open = leader.phase == OB_PHASE_DONE && !leader.confirmed_for_good;
    *out = ob_jobs_leads(boot, ctx) || leader.phase == OB_PHASE_RUNNING || open;
    return err;
}

/** A header that waits for a mark which never came: nothing is recorded, and it is not the job that `state` found. */
static enum ob_err is_forgotten(const struct ob_boot *boot, const struct ob_upgrade_ctx *ctx,
                                const struct ob_state *state, bool *out)
{
    struct ob_progress progress;
    bool needed = false;

    *out = false;
    if (ctx->job.kind == OB_JOB_REFUSED ||
        (state->phase == OB_PHASE_DONE && memcmp(state->ctx.job.tag, ctx->job.tag, OB_TAG_SIZE) == 0)) {
        return OB_OK;
    }
    enum ob_err err = ob_journal_progress(&ctx->journal, ctx->bank, &progress);
    if (err == OB_OK && ctx->bank == OB_BANK_REVERT) {
        err = may_go_back(boot, ctx, &needed);
    }
    *out = err == OB_OK && !needed && progress.next == 0;
    return err;
}

/**
 * Withdraw one header. A member that was marked has begun nothing without its leader, but without the external chip
 * its marks would look as if it had.
 */
static enum ob_err withdraw(const struct ob_boot *boot, const struct ob_upgrade_ctx *ctx)
{
    enum ob_err err = OB_OK;

    if (!ob_jobs_leads(boot, ctx) && ob_trailer_begun(&ctx->slots->primary, ctx->journal.layout.align)) {
        err = ob_jobs_erase_trailer(boot, ctx);
    }
    return err == OB_OK ? ob_journal_retire(&ctx->journal, ctx->bank) : err;
}

static enum ob_err withdraw_forgotten(const struct ob_boot *boot, uint32_t image)
{
    const struct ob_slots *slots = &boot->images[image];
    struct ob_state state;
    enum ob_err err = ob_state_read(slots, boot->max_units, (uint8_t)image, &state);

    for (uint32_t i = 0; i < OB_ARRAY_SIZE(slots->secondary) * OB_JOURNAL_BANKS && err == OB_OK; i++) {
        struct ob_upgrade_ctx ctx = state.ctx;
        bool forgotten = false;
        ctx.bank = (uint8_t)(i % OB_JOURNAL_BANKS);
        ctx.journal.slot = &slots->secondary[i / OB_JOURNAL_BANKS];
        if (ctx.journal.slot->flash == NULL) {
            break;
        }
        err = ob_journal_read(&ctx.journal, ctx.bank, &ctx.job);
        if (err == OB_OK) {
            err = is_forgotten(boot, &ctx, &state, &forgotten);
        }
        if (forgotten) {
            err = withdraw(boot, &ctx);
        }
        err = err == OB_ERR_EMPTY ? OB_OK : err;
    }
    return err;
}

enum ob_err ob_jobs_withdraw_others(const struct ob_boot *boot, const struct ob_group *group)
{
    enum ob_err err = OB_OK;

    for (uint32_t image = 0; image < ob_jobs_images(boot) && err == OB_OK; image++) { /* a leader before its members */
        if (!ob_group_has(group, image)) {
            err = withdraw_forgotten(boot, image);
        }
    }
    return err;
}
