/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <outboard/upgrade.h>
#include <outboard/util.h>

_Static_assert(OB_TRAILER_ENCODED_MAX <= OB_BUFFER_SIZE, "the trailer is made in the workspace");

/** One call of ob_upgrade_run(). */
struct run {
    const struct ob_mode *mode;
    const struct ob_upgrade_ctx *ctx;
    const struct ob_hooks *hooks;
    struct ob_workspace *work;
};

static enum ob_err erase(const struct run *run, const struct ob_area *area, uint32_t off, uint32_t len)
{
    return ob_area_erase_fed(area, off, len, run->hooks->feed, run->hooks->ctx);
}

/** Program what is not erased, granule by granule, so that erased content costs neither time nor wear. */
static enum ob_err program(const struct ob_area *area, uint32_t off, const uint8_t *data, uint32_t len,
                           uint32_t granule)
{
    enum ob_err err = OB_OK;

    for (uint32_t at = 0; at < len && err == OB_OK; at += granule) {
        uint32_t size = OB_MIN(granule, len - at);
        if (!ob_filled(data + at, size, area->flash->erased_value)) {
            err = ob_area_write(area, off + at, data + at, size);
        }
    }
    return err;
}

static enum ob_err compare(const struct run *run, const struct ob_step *step, bool *equal)
{
    struct ob_workspace *work = run->work;
    bool same = true;

    for (uint32_t done = 0; done < step->len && same;) {
        uint32_t size = OB_MIN(OB_BUFFER_SIZE, step->len - done);
        enum ob_err err = ob_area_read(step->from, step->from_off + done, work->source, size);
        if (err == OB_OK) {
            err = ob_area_read(step->to, step->to_off + done, work->target, size);
        }
        if (err != OB_OK) {
            return err;
        }
        same = memcmp(work->source, work->target, size) == 0;
        done += size;
    }
    *equal = same;
    return OB_OK;
}

/** Copy, then compare all of it: what arrived with what is there now, for either side may have been misread. */
static enum ob_err copy(const struct run *run, const struct ob_step *step)
{
    uint32_t granule = OB_MIN(step->to->flash->program_size, OB_BUFFER_SIZE);
    bool equal = false;
    enum ob_err err = OB_OK;

    for (uint32_t done = 0; done < step->len && err == OB_OK;) {
        uint32_t size = OB_MIN(OB_BUFFER_SIZE, step->len - done);
        err = ob_area_read(step->from, step->from_off + done, run->work->source, size);
        if (err == OB_OK) {
            err = program(step->to, step->to_off + done, run->work->source, size, granule);
        }
        ob_feed(run->hooks);
        done += size;
    }
    if (err == OB_OK) {
        err = compare(run, step, &equal);
    }
    return err == OB_OK && !equal ? OB_ERR_VERIFY : err;
}

/** The part of a step from `off` (whole sectors of the destination), at most len bytes long. */
static struct ob_step part(const struct ob_step *step, uint32_t off, uint32_t len)
{
    struct ob_step part = *step;

    part.from_off += off;
    part.to_off += off;
    part.len = OB_MIN(len, step->len - off);
    part.erase_len = OB_MIN(len, step->erase_len - off);
    return part;
}

static enum ob_err rewrite(const struct run *run, const struct ob_step *step)
{
    enum ob_err err = erase(run, step->to, step->to_off, step->erase_len);

    return err == OB_OK ? copy(run, step) : err;
}

static enum ob_err rewrite_part(const struct run *run, const struct ob_step *step, uint32_t off, uint32_t len)
{
    const struct ob_step changed = part(step, off, len);

    return len > 0 ? rewrite(run, &changed) : OB_OK;
}

/** Rewrite only the sectors that differ. Neighbours are taken together: a larger erase command may fit. */
static enum ob_err rewrite_changed(const struct run *run, const struct ob_step *step)
{
    uint32_t sector = ob_flash_erase_size(step->to->flash);
    uint32_t changed = 0; /* bytes before `at` that are still to be rewritten */
    uint32_t at = 0;
    enum ob_err err = OB_OK;

    while (at < step->len && err == OB_OK) {
        const struct ob_step one = part(step, at, sector);
        bool equal = false;
        err = compare(run, &one, &equal);
        if (err == OB_OK && equal) {
            err = rewrite_part(run, step, at - changed, changed);
            changed = 0;
        } else {
            changed += sector;
        }
        at += sector;
    }
    return err == OB_OK ? rewrite_part(run, step, at - changed, changed) : err;
}

/**
 * The first step after a start may have been cut: it is done in full. If its destination is complete, then its record
 * may have been begun as well, and must not appear once the destination is erased.
 */
static enum ob_err resume(const struct run *run, const struct ob_step *step, struct ob_progress *progress)
{
    bool complete = false;
    enum ob_err err = compare(run, step, &complete);

    if (err == OB_OK && complete) {
        err = ob_journal_spoil(&run->ctx->journal, run->ctx->bank, progress);
    }
    return err == OB_OK ? rewrite(run, step) : err;
}

/**
 * In the primary nothing is rewritten that is equal: there, only a step of a job can have left cells weakly erased or
 * programmed, and a step is never left before it is complete. In the secondary applications erase too.
 */
static enum ob_err execute(const struct run *run, const struct ob_step *step)
{
    return step->to == &run->ctx->slots->primary ? rewrite_changed(run, step) : rewrite(run, step);
}

static enum ob_err copy_all(const struct run *run)
{
    const struct ob_journal *journal = &run->ctx->journal;
    const uint32_t bank = run->ctx->bank;
    const uint32_t count = run->mode->count(&run->ctx->job);
    struct ob_progress progress;
    bool first = true;
    enum ob_err err = ob_journal_progress(journal, bank, &progress);

    if (err == OB_OK) { /* the last record may have been cut: make it last */
        err = ob_journal_repeat(journal, bank, &progress);
    }
    for (uint32_t k = progress.next; k < count && err == OB_OK; k++) {
        struct ob_step step;
        if (run->mode->step(run->ctx, k, &step)) {
            err = first ? resume(run, &step, &progress) : execute(run, &step);
            first = false;
            if (err == OB_OK) {
                err = ob_journal_append(journal, bank, &progress, k + 1);
            }
        }
        if (err == OB_OK && run->hooks->progress != NULL) {
            run->hooks->progress(run->hooks->ctx, k + 1, count);
        }
    }
    if (err == OB_OK && progress.next < OB_RECORD_COPIED) {
        err = ob_journal_append(journal, bank, &progress, OB_RECORD_COPIED);
    }
    return err;
}

/** The primary's trailer, from its erase: a cut anywhere in it repeats all of it, so no word is programmed twice. */
static enum ob_err write_trailer(const struct run *run)
{
    const struct ob_upgrade_ctx *ctx = run->ctx;
    const struct ob_area *primary = &ctx->slots->primary;
    struct ob_workspace *work = run->work;
    uint32_t len = ob_trailer_encode(ctx->journal.layout.align, primary->flash->erased_value, ctx->image,
                                     ob_job_swap(&ctx->job), work->source);
    uint32_t limit = ctx->journal.layout.primary_limit;
    enum ob_err err = erase(run, primary, limit, primary->size - limit);

    if (err == OB_OK && ob_trailer_begun(primary, ctx->journal.layout.align)) {
        err = OB_ERR_VERIFY; /* the erase fell short: the next job could not be marked */
    }
    if (err == OB_OK) {
        /* Field by field: image_ok is the application's to program, and a word may not be programmed twice. */
        err = program(primary, primary->size - len, work->source, len, ctx->journal.layout.align);
    }
    if (err == OB_OK) {
        err = ob_area_read(primary, primary->size - len, work->target, len);
    }
    if (err == OB_OK && memcmp(work->source, work->target, len) != 0) {
        err = OB_ERR_VERIFY;
    }
    return err == OB_OK ? ob_trailer_settle(primary, ctx->journal.layout.align, OB_MARK_DONE, ctx->job.tag) : err;
}

enum ob_err ob_upgrade_run(const struct ob_mode *mode, const struct ob_upgrade_ctx *ctx, const struct ob_hooks *hooks,
                           struct ob_workspace *work)
{
    struct run run = {
        .mode = mode,
        .ctx = ctx,
        .hooks = hooks,
        .work = work,
    };
    enum ob_err err = copy_all(&run);

    return err == OB_OK ? write_trailer(&run) : err;
}
