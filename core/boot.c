/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <outboard/boot.h>
#include <outboard/log.h>
#include <outboard/util.h>

#include "jobs.h"

#define PATIENCE \
    4u /* attempts to reach the external chip before a verified primary is started in the middle of a job */

/** The job that this start has finished, and where its end is to be stated. */
struct finished {
    enum ob_swap swap; /* OB_SWAP_NONE: there was none */
    uint32_t bank;
    struct ob_journal journal;
};

static const char *swap_text(enum ob_swap swap)
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

static bool retry(const struct ob_boot *boot, enum ob_err err, uint32_t attempt)
{
    return boot->hooks->retry != NULL && boot->hooks->retry(boot->hooks->ctx, err, attempt);
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
        if (!retry(boot, err, attempt)) {
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

/** Header and mark may have been cut: they must hold before anything is destroyed. */
static enum ob_err hold(struct ob_state *state)
{
    struct ob_upgrade_ctx *ctx = &state->ctx;
    enum ob_err err = ob_journal_write(&ctx->journal, ctx->bank, &ctx->job);

    if (err == OB_OK && state->phase == OB_PHASE_RUNNING) {
        err = ob_trailer_settle(&ctx->slots->primary, ctx->journal.layout.align, OB_MARK_STARTED, ctx->job.tag);
        if (err == OB_ERR_FAILED) {
            err =
                OB_OK; /* the mark was there, now nothing can be marked: an erase was cut that follows the last step */
        }
    }
    return err;
}

static enum ob_err go_on(const struct ob_boot *boot, struct ob_state *state)
{
    enum ob_err err = hold(state);

    if (err == OB_OK) {
        err = state->ctx.job.mode == boot->mode->id ? carry_out(boot, &state->ctx) : OB_ERR_FORMAT;
    }
    return err;
}

/** What an image still lacks: the rest of a job, or only the statement that it is done. */
static enum ob_err finish_image(const struct ob_boot *boot, uint32_t image, uint8_t begun, struct finished *finished)
{
    struct ob_state state;
    bool unfinished = false;
    enum ob_err err = read_state(boot, image, &state);

    if (err == OB_OK && state.phase == OB_PHASE_DONE && !state.settled) {
        err = read_state(boot, image, &state); /* of a trailer whose erase was cut everything may read well, once */
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
    OB_LOG_INF("Image index: %u, Swap type: %s", (unsigned)image, swap_text(ob_job_swap(&state.ctx.job)));
    if (!done) {
        err = go_on(boot, &state);
    }
    if (err == OB_OK) {
        err = ob_trailer_clear_magic(state.ctx.journal.slot); /* the request that led to it is withdrawn */
    }
    if (err == OB_OK && ob_jobs_leads(boot, &state.ctx)) {
        *finished = (struct finished){ob_job_swap(&state.ctx.job), state.ctx.bank, state.ctx.journal};
    } else if (err == OB_OK) {
        err = ob_journal_end(&state.ctx.journal, state.ctx.bank);
    }
    return err;
}

/**
 * The leaders of transactions that are begun, a bit each. Found once for all members, and made to hold: a mark that a
 * cut left behind may read differently the next time.
 */
static enum ob_err find_begun(const struct ob_boot *boot, uint8_t *begun)
{
    enum ob_err err = OB_OK;

    for (uint32_t image = 0; ob_jobs_images(boot) > 1 && image < ob_jobs_images(boot) && err == OB_OK; image++) {
        struct ob_state state;
        err = read_state(boot, image, &state);
        if (err == OB_OK && state.phase == OB_PHASE_RUNNING && ob_jobs_leads(boot, &state.ctx)) {
            *begun |= (uint8_t)(1u << image);
            err = hold(&state);
        }
    }
    return err;
}

/**
 * Finish whatever was begun. From the highest image down: the leader of a transaction is the last.
 *
 * @param finished  what was finished by this start; else left alone
 */
static enum ob_err finish(const struct ob_boot *boot, struct finished *finished)
{
    uint8_t begun = 0;
    enum ob_err err = find_begun(boot, &begun);

    for (uint32_t image = ob_jobs_images(boot); image-- > 0 && err == OB_OK;) {
        err = finish_image(boot, image, begun, finished);
    }
    return err;
}

/** State in internal flash that a job is begun. Before an installation, a trailer without a fresh unit is erased. */
static enum ob_err mark_started(const struct ob_boot *boot, const struct ob_upgrade_ctx *ctx)
{
    const struct ob_area *primary = &ctx->slots->primary;
    uint32_t align = ctx->journal.layout.align;
    uint32_t limit = ctx->journal.layout.primary_limit;
    enum ob_err err = ob_trailer_settle(primary, align, OB_MARK_STARTED, ctx->job.tag);

    if (err == OB_ERR_FAILED && ctx->bank == OB_BANK_INSTALL) {
        err = ob_area_erase_fed(primary, limit, primary->size - limit, boot->hooks->feed, boot->hooks->ctx);
        if (err == OB_OK) {
            err = ob_trailer_settle(primary, align, OB_MARK_STARTED, ctx->job.tag);
        }
    }
    return err;
}

/** Begin the jobs whose headers are written: the mark of the leader, the last one, commits all of them. */
static enum ob_err begin(const struct ob_boot *boot, const struct ob_group *group)
{
    enum ob_err err = OB_OK;

    for (uint32_t image = ob_jobs_images(boot); image-- > 0 && err == OB_OK;) {
        const struct ob_slots *slots = &boot->images[image];
        struct ob_upgrade_ctx ctx = {.slots = slots, .bank = group->bank};
        if (!ob_group_has(group, image)) {
            continue;
        }
        err = ob_journal_open(&slots->primary, &slots->secondary[group->source[image]], boot->max_units, &ctx.journal);
        if (err == OB_OK) {
            err = ob_journal_read(&ctx.journal, group->bank, &ctx.job);
        }
        if (err == OB_OK) {
            err = mark_started(boot, &ctx);
        }
    }
    return err;
}

/** Begin and finish the jobs of a group, if there is one. */
static enum ob_err run_group(const struct ob_boot *boot, const struct ob_group *group, struct finished *finished)
{
    enum ob_err err = OB_OK;

    if (group->set != 0) {
        err = begin(boot, group);
        if (err == OB_OK) {
            err = finish(boot, finished);
        }
    }
    return err;
}

/** BOOT_MAX_IMG_SECTORS, or what it amounts to if it is left to the layout. */
static unsigned units_in_force(const struct ob_boot *boot, const struct ob_slots *slots)
{
    const struct ob_area *secondary = &slots->secondary[0];

    if (boot->max_units != 0) {
        return (unsigned)boot->max_units;
    }
    return (unsigned)ob_layout_units_needed(&slots->primary, secondary->flash == NULL ? &slots->primary : secondary);
}

/** What users of MCUboot know as the sign of a slot without a driver, or of a limit set too low. */
static void warn_about_layout(const struct ob_boot *boot)
{
    for (uint32_t image = 0; OB_ENABLED(CONFIG_LOG) && image < ob_jobs_images(boot); image++) {
        const struct ob_slots *slots = &boot->images[image];
        const struct ob_area *secondary = &slots->secondary[0];
        struct ob_layout layout;
        uint32_t capacity = 0;
        bool short_of_units = true;
        if (secondary->flash != NULL && ob_layout(&slots->primary, secondary, boot->max_units, &layout) == OB_OK) {
            capacity = ob_layout_capacity(&layout, &slots->primary, secondary, boot->mode->id);
            short_of_units = ob_layout_units_needed(&slots->primary, secondary) > layout.max_units;
        }
        if (short_of_units) {
            OB_LOG_WRN("Failed reading sectors; BOOT_MAX_IMG_SECTORS=%u - too small?", units_in_force(boot, slots));
        }
        if (capacity == 0) {
            OB_LOG_WRN("Cannot upgrade: not a compatible amount of sectors");
        }
    }
}

/** All that concerns the secondary slots. An error leaves it to the primaries whether the device starts. */
static enum ob_err update(const struct ob_boot *boot, struct finished *finished)
{
    struct ob_group group;
    enum ob_err err = finish(boot, finished);

    if (err == OB_OK) {
        err = ob_jobs_install(boot, false, &group);
    }
    if (err == OB_OK && group.set == 0 &&
        finished->swap == OB_SWAP_NONE) { /* what was finished only now has its chance first */
        err = ob_jobs_revert(boot, false, &group);
    }
    return err == OB_OK ? run_group(boot, &group, finished) : err;
}

static enum ob_err verify_primaries(const struct ob_boot *boot, struct ob_boot_result *result)
{
    for (uint32_t image = ob_jobs_images(boot); image-- > 0;) {
        struct ob_image found;
        enum ob_err err = ob_jobs_verify_primary(boot, image, &found);
        if (err != OB_OK) {
            OB_LOG_ERR("Image in the primary slot is not valid!");
            OB_LOG_ERR("Image index: %u: %s", (unsigned)image, ob_err_text(err));
            return err;
        }
        result->image = found;
    }
    return OB_OK;
}

/**
 * State that nothing remains to be done: what was brought in verifies, and is started now. Up to here a cut costs
 * nothing, not even the one start that it has to be confirmed in.
 */
static void end(const struct finished *finished)
{
    enum ob_err err = OB_ERR_VERIFY;

    for (uint32_t attempt = 0; attempt < 2 && err != OB_OK && finished->swap != OB_SWAP_NONE; attempt++) {
        err = ob_journal_end(&finished->journal, finished->bank);
    }
}

/** The primary does not verify although nothing is unfinished: go back, or else take any image that verifies. */
static bool rescue(const struct ob_boot *boot, struct finished *finished)
{
    struct ob_group group;
    enum ob_err err = ob_jobs_revert(boot, true, &group);

    if (err == OB_OK && group.set == 0) {
        err = ob_jobs_install(boot, true, &group);
    }
    return err == OB_OK && group.set != 0 && run_group(boot, &group, finished) == OB_OK;
}

/**
 * The external chip fails, and each primary verifies: is it too early to start? A job that was begun is finished first,
 * if the chip comes back soon. Of several images one may be new and another old: then only the chip tells.
 */
static bool is_too_early(const struct ob_boot *boot, uint32_t attempt)
{
    bool begun = false;

    for (uint32_t image = 0; image < ob_jobs_images(boot); image++) {
        const struct ob_slots *slots = &boot->images[image];
        begun = begun || ob_trailer_begun(&slots->primary, ob_layout_align(&slots->primary, &slots->secondary[0]));
    }
    return begun && (ob_jobs_images(boot) > 1 || attempt < PATIENCE);
}

enum ob_err ob_boot_run(const struct ob_boot *boot, struct ob_boot_result *result)
{
    enum ob_err err = OB_ERR_RANGE;

    if (ob_jobs_images(boot) == 0 || ob_jobs_images(boot) > OB_IMAGES_MAX) {
        return err;
    }
    *result = (struct ob_boot_result){.swap = OB_SWAP_NONE};
    struct finished finished = {.swap = OB_SWAP_NONE};
    warn_about_layout(boot);
    for (uint32_t attempt = 0;; attempt++) {
        enum ob_err device = update(boot, &finished);
        if (device != OB_OK && attempt == 0) {
            continue; /* half-programmed cells may have misled it, and not the next time */
        }
        if (device != OB_OK) {
            OB_LOG_WRN("No update possible: %s", ob_err_text(device));
        }
        err = verify_primaries(boot, result);
        if (err != OB_OK && device == OB_OK && rescue(boot, &finished)) {
            err = verify_primaries(boot, result);
        }
        if (device == OB_OK || (err == OB_OK && !is_too_early(boot, attempt))) {
            break;
        }
        err = err == OB_OK ? device : err;
        OB_LOG_ERR("An installation may be half done: waiting for the external flash");
        if (!retry(boot, device, attempt)) {
            break;
        }
    }
    if (err == OB_OK) {
        end(&finished);
    }
    result->swap = finished.swap;
    OB_LOG_INF("Swap type: %s", swap_text(result->swap));
    return err;
}
