/* SPDX-License-Identifier: Apache-2.0 */
/* What an earlier start began and did not finish. */
#include <string.h>

#include <outboard/boot.h>
#include <outboard/log.h>
#include <outboard/util.h>

#include "jobs.h"

#define LOOKS 8u /* at a trailer, before what it says is relied on for the first time */

const char *ob_jobs_swap_text(enum ob_swap swap)
{
    static const char *const text[] = {
        [OB_SWAP_NONE] = "none",
        [OB_SWAP_TEST] = "test",
        [OB_SWAP_PERMANENT] = "perm",
        [OB_SWAP_REVERT] = "revert",
    };

    return text[swap];
}

static enum ob_err read_state(const struct ob_boot *boot, uint32_t image, struct ob_state *state)
{
    return ob_state_read(&boot->images[image], boot->max_units, (uint8_t)image, state);
}

/** Nothing else may happen before a job that was begun is complete: go on as long as the surroundings have patience. */
static enum ob_err carry_out(const struct ob_boot *boot, const struct ob_upgrade_ctx *ctx)
{
    for (uint32_t attempt = 1;; attempt++) {
        enum ob_err err = ob_upgrade_run(boot->mode, ctx, boot->hooks, boot->work);
        if (err == OB_OK) {
            return OB_OK;
        }
        OB_LOG_ERR("Installation interrupted: %s", ob_err_text(err));
        if (!ob_jobs_retry(boot, err, attempt)) {
            return err;
        }
    }
}

static bool same_group(const struct ob_job *a, const struct ob_job *b)
{
    return memcmp(a->group_tag, b->group_tag, sizeof(a->group_tag)) == 0;
}

/** Of a member of a transaction: is its leader, which is begun last, among those that are begun? */
static enum ob_err is_led(const struct ob_boot *boot, const struct ob_state *state, uint8_t begun, bool *out)
{
    const struct ob_job *job = &state->ctx.job;
    const uint8_t leader = ob_state_leader(job);
    struct ob_state other;
    enum ob_err err = OB_OK;

    *out = (begun >> leader & 1) != 0;
    if (*out) {
        err = read_state(boot, leader, &other);
        *out = same_group(&other.ctx.job, job);
    }
    return err;
}

/** Before the leader of a transaction goes on: has every other image of it arrived? One may have been misread. */
static enum ob_err check_members(const struct ob_boot *boot, const struct ob_job *leader)
{
    enum ob_err err = OB_OK;

    for (uint32_t image = ob_state_leader(leader) + 1u; image < ob_jobs_images(boot) && err == OB_OK; image++) {
        struct ob_state member;
        if ((leader->group >> image & 1) != 0) {
            err = read_state(boot, image, &member);
            bool arrived = member.phase == OB_PHASE_DONE && same_group(&member.ctx.job, leader);
            err = err == OB_OK && !arrived ? OB_ERR_VERIFY : err;
        }
    }
    return err;
}

/** No mark in internal flash vouches for the journal: does the image itself? */
static bool is_copied(const struct ob_boot *boot, const struct ob_state *state)
{
    struct ob_image held;

    return ob_jobs_verify_primary(boot, state->ctx.image, &held) == OB_OK &&
           memcmp(held.digest, state->ctx.job.in_digest, OB_DIGEST_SIZE) == 0;
}

static enum ob_err is_unfinished(const struct ob_boot *boot, const struct ob_state *state, uint8_t begun, bool *out)
{
    const uint32_t image = state->ctx.image;
    bool begins = ob_jobs_images(boot) == 1 || (begun >> image & 1) != 0;

    *out = false;
    if (ob_jobs_images(boot) > 1 && begins && state->phase != OB_PHASE_RUNNING) {
        return OB_ERR_VERIFY; /* misread: its members have gone before */
    }
    switch (state->phase) {
    case OB_PHASE_RUNNING:
        if (!ob_jobs_leads(boot, &state->ctx)) {
            return is_led(boot, state, begun, out);
        }
        /* A leader whose mark changes its mind has left its members behind, unless all was copied. */
        *out = begins || is_copied(boot, state);
        return *out ? check_members(boot, &state->ctx.job) : OB_ERR_VERIFY;
    case OB_PHASE_COPIED:
        *out = is_copied(boot, state);
        return OB_OK;
    case OB_PHASE_DONE:
        *out = !state->settled;
        return OB_OK;
    default:
        return OB_OK;
    }
}

/** A start that found the job ended has begun to plan going back from it. */
static bool goes_back(const struct ob_state *state)
{
    struct ob_job job;

    return state->ctx.bank == OB_BANK_INSTALL && ob_journal_read(&state->ctx.journal, OB_BANK_REVERT, &job) == OB_OK;
}

/**
 * Header and mark may have been cut: they must hold before anything is destroyed.
 *
 * @param units  of the mark that shall hold, if so many are fresh
 */
static enum ob_err hold(struct ob_state *state, uint32_t units)
{
    struct ob_upgrade_ctx *ctx = &state->ctx;
    enum ob_err err = ob_journal_write(&ctx->journal, ctx->bank, &ctx->job);

    if (err == OB_OK && state->phase == OB_PHASE_RUNNING) {
        err =
            ob_trailer_settle_in(&ctx->slots->primary, ctx->journal.layout.align, OB_MARK_STARTED, ctx->job.tag, units);
        if (err == OB_ERR_FAILED) {
            err =
                OB_OK; /* the mark was there, now nothing can be marked: an erase was cut that follows the last step */
        }
    }
    return err;
}

static enum ob_err go_on(const struct ob_boot *boot, struct ob_state *state)
{
    enum ob_err err = hold(state, OB_MARKS_SETTLED);

    if (err == OB_OK) {
        err = state->ctx.job.mode == boot->mode->id ? carry_out(boot, &state->ctx) : OB_ERR_FORMAT;
    }
    return err;
}

/** What an image still lacks: the rest of a job, or only the statement that it is done. */
static enum ob_err finish_image(const struct ob_boot *boot, uint32_t image, uint8_t begun, struct ob_finished *finished)
{
    struct ob_state state;
    bool unfinished = false;
    enum ob_err err = read_state(boot, image, &state);

    /* Of a trailer whose erase was cut everything may read well, once. */
    for (uint32_t look = 1; look < LOOKS && err == OB_OK && state.phase == OB_PHASE_DONE && !state.settled; look++) {
        err = read_state(boot, image, &state);
    }
    if (err == OB_OK) {
        err = is_unfinished(boot, &state, begun, &unfinished);
    }
    if (err != OB_OK || !unfinished) {
        return err;
    }
    const bool done = state.phase == OB_PHASE_DONE;
    if (done && goes_back(&state)) {
        return OB_OK; /* it only looks as if the end had not been stated before */
    }
    OB_LOG_INF("Image index: %u, Swap type: %s", (unsigned)image, ob_jobs_swap_text(ob_job_swap(&state.ctx.job)));
    if (!done) {
        err = go_on(boot, &state);
    }
    if (err == OB_OK) {
        err = ob_trailer_clear_magic(state.ctx.journal.slot); /* the request that led to it is withdrawn */
    }
    if (err == OB_OK && ob_jobs_leads(boot, &state.ctx)) {
        if (ob_jobs_images(boot) > 1 && finished->swap != OB_SWAP_NONE) { /* the leader of another transaction */
            err = ob_journal_end(&finished->journal, finished->bank);
        }
        *finished = (struct ob_finished){ob_job_swap(&state.ctx.job), state.ctx.bank, state.ctx.journal};
    } else if (err == OB_OK) {
        err = ob_journal_end(&state.ctx.journal, state.ctx.bank);
    }
    return err;
}

/**
 * The leaders of transactions that are begun, a bit each. Found once for all members, and made to hold in all units: a
 * mark that a cut left behind may read differently the next time, and without the external chip these tell all.
 */
static enum ob_err find_begun(const struct ob_boot *boot, uint8_t *begun)
{
    enum ob_err err = OB_OK;

    for (uint32_t image = 0; ob_jobs_images(boot) > 1 && image < ob_jobs_images(boot) && err == OB_OK; image++) {
        struct ob_state state;
        err = read_state(boot, image, &state);
        if (err == OB_OK && state.phase == OB_PHASE_RUNNING && ob_jobs_leads(boot, &state.ctx)) {
            *begun |= (uint8_t)(1u << image);
            err = hold(&state, OB_MARKS);
        }
    }
    return err;
}

enum ob_err ob_jobs_finish(const struct ob_boot *boot, struct ob_finished *finished)
{
    uint8_t begun = 0;
    enum ob_err err = find_begun(boot, &begun);

    for (uint32_t image = ob_jobs_images(boot); image-- > 0 && err == OB_OK;) {
        err = finish_image(boot, image, begun, finished);
    }
    return err;
}
