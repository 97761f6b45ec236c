/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <string.h>

#include <outboard/log.h>
#include <outboard/util.h>

#include "jobs.h"

/** Trouble with a device, which may pass, and not a fact about what is stored on it. */
static bool is_device_error(enum ob_err err)
{
    return err <= OB_ERR_NOENT && err >= OB_ERR_VERIFY;
}

/** Verify an image; its authenticity as an error code for those who only decide what to do next. */
static enum ob_err verify(const struct ob_boot *boot, const struct ob_area *area, uint32_t max_size,
                          struct ob_image *out)
{
    enum ob_err why = OB_ERR_AUTH;

    ob_feed(boot->hooks);
    return ob_image_verify(area, max_size, boot->keys, boot->hooks, out, &why) == OB_VERDICT_ACCEPTED ? OB_OK : why;
}

enum ob_err ob_jobs_verify_primary(const struct ob_boot *boot, uint32_t image, struct ob_image *out)
{
    const struct ob_area *primary = &boot->images[image].primary;

    return verify(boot, primary, primary->size, out);
}

enum ob_err ob_jobs_erase_trailer(const struct ob_boot *boot, const struct ob_upgrade_ctx *ctx)
{
    const struct ob_area *primary = &ctx->slots->primary;
    const uint32_t limit = ctx->journal.layout.primary_limit;

    return ob_area_erase_fed(primary, limit, primary->size - limit, boot->hooks->feed, boot->hooks->ctx);
}

/* ---- requests ---- */

/**
 * Is there something to install in a secondary slot: what was asked for or, when the primary does not verify, whatever
 * may lie there? Of two slots the first. A member of a transaction waits for a lower image. Lower images come first.
 */
static enum ob_err find_request(const struct ob_boot *boot, uint32_t image, bool rescue, struct ob_group *group)
{
    const struct ob_slots *slots = &boot->images[image];
    struct ob_image running;
    bool anything = rescue && ob_jobs_verify_primary(boot, image, &running) != OB_OK;
    enum ob_err err = OB_OK;

    for (uint32_t i = OB_ARRAY_SIZE(slots->secondary); i-- > 0 && err == OB_OK;) {
        struct ob_layout layout;
        struct ob_trailer trailer = {0};
        if (slots->secondary[i].flash == NULL) {
            continue;
        }
        err = ob_layout(&slots->primary, &slots->secondary[i], boot->max_units, &layout);
        if (err == OB_OK) {
            err = ob_trailer_read(&slots->secondary[i], layout.align, &trailer);
        }
        bool asked = trailer.magic == OB_MAGIC_GOOD && trailer.image_ok != OB_FLAG_BAD;
        bool lowest = (group->set & ((1u << image) - 1)) == 0;
        if (err == OB_OK && asked && lowest && ob_jobs_images(boot) > 1) {
            bool member = false;
            err = ob_trailer_is_member(&slots->secondary[i], layout.align, &member);
            asked = !member;
        }
        if (err == OB_OK && (asked || anything)) {
            group->set |= (uint8_t)(1u << image);
            group->source[image] = (uint8_t)i;
            if (lowest) {
                group->kind = asked && trailer.image_ok != OB_FLAG_SET ? OB_JOB_TEST : OB_JOB_PERMANENT;
            }
        }
    }
    return err;
}

static enum ob_err find_all(const struct ob_boot *boot, bool rescue, struct ob_group *group)
{
    enum ob_err err = OB_OK;

    *group = (struct ob_group){.bank = OB_BANK_INSTALL};
    for (uint32_t image = 0; image < ob_jobs_images(boot) && err == OB_OK; image++) {
        err = find_request(boot, image, rescue, group);
    }
    return err;
}

/** Of several images none may be overlooked because of one byte misread. */
static enum ob_err find_requests(const struct ob_boot *boot, bool rescue, struct ob_group *group)
{
    struct ob_group again;
    enum ob_err err = find_all(boot, rescue, group);

    if (err == OB_OK && ob_jobs_images(boot) > 1) {
        err = find_all(boot, rescue, &again);
        if (err == OB_OK && (again.set != group->set || again.kind != group->kind)) {
            err = OB_ERR_VERIFY;
        }
    }
    return err;
}

static bool is_older(const struct ob_version *a, const struct ob_version *b)
{
    if (a->major != b->major) {
        return a->major < b->major;
    }
    if (a->minor != b->minor) {
        return a->minor < b->minor;
    }
    return a->revision < b->revision;
}

/** In dual mode: does the other slot lack a copy of what runs? */
static bool needs_backup(const struct ob_boot *boot, const struct ob_upgrade_ctx *ctx)
{
    struct ob_image copy;

    if (boot->mode->id != OB_MODE_DUAL || ctx->job.out_size == 0) {
        return false;
    }
    const struct ob_area previous = boot->mode->previous(ctx);
    return verify(boot, &previous, previous.size, &copy) != OB_OK ||
           memcmp(copy.digest, ctx->job.out_digest, OB_DIGEST_SIZE) != 0;
}

/** Verify the image that is asked for, and make it a job. */
static enum ob_err plan_install(const struct ob_boot *boot, struct ob_upgrade_ctx *ctx)
{
    const struct ob_area *secondary = ctx->journal.slot;
    struct ob_job *job = &ctx->job;
    struct ob_image incoming = {0};
    struct ob_image running;
    uint32_t room = OB_MIN(ctx->journal.layout.primary_limit, ctx->journal.layout.secondary_limit);
    enum ob_err err = verify(boot, secondary, room, &incoming);

    if (err != OB_OK) {
        err = verify(boot, secondary, room, &incoming); /* one byte misread must not cost the request */
    }
    job->version = incoming.version; /* also of one that is refused */
    if (err != OB_OK) {
        return err;
    }
    job->in_size = incoming.size;
    memcpy(job->in_digest, incoming.digest, OB_DIGEST_SIZE);
    if (ob_jobs_verify_primary(boot, ctx->image, &running) == OB_OK) {
        job->out_size = running.size;
        memcpy(job->out_digest, running.digest, OB_DIGEST_SIZE);
        if (boot->downgrade_prevention && is_older(&incoming.version, &running.version)) {
            return OB_ERR_OLD;
        }
    }
    if (job->out_size == 0) {
        job->kind = OB_JOB_PERMANENT; /* there is nothing to go back to */
    }
    job->backup = needs_backup(boot, ctx);
    return boot->mode->prepare(ctx);
}

/** Let a job's header be all that the journal holds. */
static enum ob_err write_anew(const struct ob_boot *boot, const struct ob_upgrade_ctx *ctx, struct ob_job *job)
{
    enum ob_err err = ob_journal_erase(&ctx->journal, boot->hooks->feed, boot->hooks->ctx);

    return err == OB_OK ? ob_journal_write(&ctx->journal, OB_BANK_INSTALL, job) : err;
}

/** Withdraw a request and leave the reason where the application finds it. */
static enum ob_err refuse(const struct ob_boot *boot, const struct ob_upgrade_ctx *ctx, enum ob_err reason)
{
    struct ob_job record = {
        .kind = OB_JOB_REFUSED,
        .mode = ctx->job.mode,
        .reason = (uint8_t)-reason,
        .version = ctx->job.version,
    };
    enum ob_err err = write_anew(boot, ctx, &record);

    OB_LOG_ERR("Image in the secondary slot is not valid!");
    OB_LOG_ERR("Image index: %u, version %u.%u.%u refused: %s", (unsigned)ctx->image, record.version.major,
               record.version.minor, record.version.revision, ob_err_text(reason));
    return err == OB_OK ? ob_trailer_clear_magic(ctx->journal.slot) : err;
}

/** The work of one image on a request: all but the header. */
static enum ob_err context(const struct ob_boot *boot, const struct ob_group *group, uint32_t image,
                           struct ob_upgrade_ctx *ctx)
{
    const struct ob_slots *slots = &boot->images[image];

    *ctx = (struct ob_upgrade_ctx){
        .slots = slots,
        .image = (uint8_t)image,
        .source = group->source[image],
        .bank = group->bank,
        .job = {.kind = boot->mode->revertible ? group->kind : OB_JOB_PERMANENT,
                .mode = boot->mode->id,
                .group = group->set},
    };
    return ob_journal_open(&slots->primary, &slots->secondary[ctx->source], boot->max_units, &ctx->journal);
}

/** One image of a transaction is refused: so are the others, and before it, so that it is seen again after a cut. */
static enum ob_err refuse_all(const struct ob_boot *boot, struct ob_group *group, const struct ob_upgrade_ctx *bad,
                              enum ob_err reason)
{
    enum ob_err err = OB_OK;

    for (uint32_t image = 0; ob_jobs_images(boot) > 1 && image < ob_jobs_images(boot) && err == OB_OK; image++) {
        struct ob_upgrade_ctx ctx;
        if (ob_group_has(group, image) && image != bad->image) {
            err = context(boot, group, image, &ctx);
            if (err == OB_OK) {
                err = refuse(boot, &ctx, OB_ERR_STATE);
            }
        }
    }
    group->set = 0;
    return err == OB_OK ? refuse(boot, bad, reason) : err;
}

/**
 * Does the journal hold just this job, and nothing done of it? Then a start was cut before. The mark of its begin may
 * lurk, half programmed: were the header torn now, both might be read some day, and the header not the next.
 */
static bool is_waiting(const struct ob_upgrade_ctx *ctx)
{
    const size_t from = offsetof(struct ob_job, kind);
    struct ob_progress progress;
    struct ob_job held;

    return ob_journal_read(&ctx->journal, ctx->bank, &held) == OB_OK &&
           memcmp(&held.kind, &ctx->job.kind, offsetof(struct ob_job, tag) - from) == 0 &&
           ob_journal_progress(&ctx->journal, ctx->bank, &progress) == OB_OK && progress.end == 0;
}

static enum ob_err write_header(const struct ob_boot *boot, struct ob_upgrade_ctx *ctx)
{
    enum ob_err err = is_waiting(ctx) ? ob_journal_write(&ctx->journal, ctx->bank, &ctx->job) : OB_ERR_VERIFY;

    return err == OB_ERR_VERIFY ? write_anew(boot, ctx, &ctx->job) : err;
}

/** The first image of a group, its leader, gives the tag to all. */
static void name_group(const struct ob_boot *boot, struct ob_upgrade_ctx *ctx, uint8_t group_tag[OB_TAG_SIZE])
{
    if (ob_jobs_images(boot) > 1) {
        if (ob_jobs_leads(boot, ctx)) {
            memcpy(group_tag, ctx->job.in_digest, OB_TAG_SIZE);
        }
        memcpy(ctx->job.group_tag, group_tag, OB_TAG_SIZE);
    }
}

/**
 * Does a reason not to install withdraw the request? Not if a device failed, and not while the primary does not verify:
 * then what looks like a bad request may be an installation whose journal was misread, and must not be touched.
 */
static bool is_final(const struct ob_boot *boot, const struct ob_upgrade_ctx *ctx, enum ob_err reason)
{
    struct ob_image running;

    return !is_device_error(reason) && ob_jobs_verify_primary(boot, ctx->image, &running) == OB_OK;
}

enum ob_err ob_jobs_install(const struct ob_boot *boot, bool rescue, struct ob_group *group)
{
    uint8_t group_tag[OB_TAG_SIZE] = {0};
    enum ob_err err = find_requests(boot, rescue, group);

    if (err == OB_OK && ob_jobs_images(boot) > 1) {
        err = ob_jobs_withdraw_others(boot, group);
    }
    for (uint32_t image = 0; image < ob_jobs_images(boot) && err == OB_OK; image++) {
        struct ob_upgrade_ctx ctx;
        if (!ob_group_has(group, image)) {
            continue;
        }
        err = context(boot, group, image, &ctx);
        if (err == OB_OK) {
            err = plan_install(boot, &ctx);
            if (err != OB_OK && is_final(boot, &ctx, err)) {
                return refuse_all(boot, group, &ctx, err);
            }
        }
        name_group(boot, &ctx, group_tag);
        if (err == OB_OK) {
            err = write_header(boot, &ctx);
        }
    }
    return err;
}

/* ---- going back ---- */

/** Turn the job that brought in what runs into the job that undoes it. */
static enum ob_err plan_revert(const struct ob_boot *boot, struct ob_upgrade_ctx *ctx)
{
    const struct ob_area area = boot->mode->previous(ctx);
    struct ob_job *job = &ctx->job;
    const uint32_t undone_size = job->in_size;
    struct ob_image previous;
    enum ob_err err = verify(boot, &area, area.size, &previous);

    if (err == OB_OK && memcmp(previous.digest, job->out_digest, OB_DIGEST_SIZE) != 0) {
        err = OB_ERR_DIGEST;
    }
    if (err != OB_OK) {
        return err;
    }
    job->kind = OB_JOB_REVERT;
    job->backup = 0;
    job->version = previous.version;
    job->in_size = job->out_size;
    job->out_size = undone_size;
    memcpy(job->out_digest, job->in_digest, OB_DIGEST_SIZE);
    memcpy(job->in_digest, previous.digest, OB_DIGEST_SIZE);
    ctx->bank = OB_BANK_REVERT;
    return OB_OK;
}

/** The job of `state` leads its transaction and can be undone. */
static bool can_revert(const struct ob_boot *boot, const struct ob_state *state)
{
    const struct ob_upgrade_ctx *ctx = &state->ctx;

    return boot->mode->revertible && state->phase == OB_PHASE_DONE && ctx->bank == OB_BANK_INSTALL &&
           ob_jobs_leads(boot, ctx) && ctx->job.out_size != 0;
}

/** Is going back due, or begun already? A confirmation seen here is made final. */
static enum ob_err revert_is_due(const struct ob_boot *boot, const struct ob_state *state, bool rescue, bool *due)
{
    const struct ob_upgrade_ctx *ctx = &state->ctx;
    enum ob_err err = OB_OK;
    /* Everything begun was finished before: this is a mark whose write was cut, and that could not be read then. */
    bool begun = state->phase == OB_PHASE_RUNNING && ctx->bank == OB_BANK_REVERT && ob_jobs_leads(boot, ctx);

    *due = begun || (can_revert(boot, state) && (rescue || (ctx->job.kind == OB_JOB_TEST && !state->confirmed)));
    if (!*due && state->phase == OB_PHASE_DONE && state->confirmed && !state->confirmed_for_good) {
        /* A confirmation that was cut may have read as missing before, and going back have been begun. */
        err = ob_state_confirm(state);
    }
    return err;
}

/** Does every member still hold what the leader goes back from? OB_ERR_STATE: one was installed alone since. */
static enum ob_err check_together(const struct ob_boot *boot, const struct ob_upgrade_ctx *leader)
{
    enum ob_err err = OB_OK;

    for (uint32_t image = leader->image + 1u; image < ob_jobs_images(boot) && err == OB_OK; image++) {
        struct ob_state member;
        if ((leader->job.group >> image & 1) == 0) {
            continue;
        }
        err = ob_state_read(&boot->images[image], boot->max_units, (uint8_t)image, &member);
        /* Its header for going back may have been written already, before a cut. */
        const uint8_t *expected = member.ctx.bank == leader->bank ? leader->job.group_tag : leader->job.out_digest;
        if (err == OB_OK && memcmp(member.ctx.job.group_tag, expected, OB_TAG_SIZE) != 0) {
            err = OB_ERR_STATE;
        }
    }
    return err;
}

/**
 * Write the headers of all images of the transaction that the image of `state` leads. What was read of it when the
 * decision was made is what is used: a mark that a cut left behind may read differently the second time.
 *
 * @param state  overwritten
 */
static enum ob_err revert_group(const struct ob_boot *boot, struct ob_state *state, struct ob_group *group)
{
    uint8_t group_tag[OB_TAG_SIZE] = {0};
    const uint8_t set = state->ctx.job.group;
    const uint32_t leader = state->ctx.image;

    for (uint32_t image = leader; image < ob_jobs_images(boot); image++) {
        enum ob_err err = OB_OK;
        if ((set >> image & 1) == 0) {
            continue;
        }
        if (image != leader) {
            err = ob_state_read(&boot->images[image], boot->max_units, (uint8_t)image, state);
        }
        if (err == OB_OK && state->ctx.bank == OB_BANK_INSTALL) {
            err = plan_revert(boot, &state->ctx);
            if (err == OB_OK) {
                name_group(boot, &state->ctx, group_tag);
                err = ob_journal_write(&state->ctx.journal, state->ctx.bank, &state->ctx.job);
            }
        }
        if (err != OB_OK) {
            return err;
        }
        group->source[image] = state->ctx.source;
    }
    group->set = set;
    return OB_OK;
}

enum ob_err ob_jobs_revert(const struct ob_boot *boot, bool rescue, struct ob_group *group)
{
    *group = (struct ob_group){.bank = OB_BANK_REVERT, .kind = OB_JOB_REVERT};
    for (uint32_t image = 0; image < ob_jobs_images(boot); image++) {
        struct ob_state state;
        bool due = false;
        enum ob_err err = ob_state_read(&boot->images[image], boot->max_units, (uint8_t)image, &state);
        if (err == OB_OK) {
            err = revert_is_due(boot, &state, rescue, &due);
        }
        if (err == OB_OK && due) {
            err = check_together(boot, &state.ctx);
            err = err == OB_OK ? revert_group(boot, &state, group) : err;
            if (err != OB_OK && !is_device_error(err)) {
                OB_LOG_WRN("Image index: %u is not confirmed, but the image to go back to is not there: %s",
                           (unsigned)image, ob_err_text(err));
                err = OB_OK;
            }
        }
        if (err != OB_OK || group->set != 0) {
            return err;
        }
    }
    /* A confirmation may have become final just now: nothing goes back any more. */
    return ob_jobs_images(boot) > 1 ? ob_jobs_withdraw_others(boot, group) : OB_OK;
}
