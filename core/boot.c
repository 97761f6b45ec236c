/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <outboard/boot.h>
#include <outboard/log.h>
#include <outboard/util.h>

#include "jobs.h"

/* Attempts to reach the external chip before a verified primary is started in the middle of a job. */
#define PATIENCE 4u

/** State in internal flash that a job is begun. Before an installation, a trailer without a fresh unit is erased. */
static enum ob_err mark_started(const struct ob_boot *boot, const struct ob_upgrade_ctx *ctx)
{
    const struct ob_area *primary = &ctx->slots->primary;
    uint32_t align = ctx->journal.layout.align;
    enum ob_err err = ob_trailer_settle(primary, align, OB_MARK_STARTED, ctx->job.tag);

    if (err == OB_ERR_FAILED && ctx->bank == OB_BANK_INSTALL) {
        err = ob_jobs_erase_trailer(boot, ctx);
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
static enum ob_err run_group(const struct ob_boot *boot, const struct ob_group *group, struct ob_finished *finished)
{
    enum ob_err err = OB_OK;

    if (group->set != 0) {
        err = begin(boot, group);
        if (err == OB_OK) {
            err = ob_jobs_finish(boot, finished);
        }
        if (err == OB_OK && finished->swap == OB_SWAP_NONE) {
            err = OB_ERR_VERIFY; /* a mark that a cut left behind read well, and does not any more */
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
static enum ob_err update(const struct ob_boot *boot, struct ob_finished *finished)
{
    struct ob_group group;
    enum ob_err err = ob_jobs_finish(boot, finished);

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
static void end(const struct ob_finished *finished)
{
    enum ob_err err = OB_ERR_VERIFY;

    for (uint32_t attempt = 0; attempt < 2 && err != OB_OK && finished->swap != OB_SWAP_NONE; attempt++) {
        err = ob_journal_end(&finished->journal, finished->bank);
    }
}

/** The primary does not verify although nothing is unfinished: go back, or else take any image that verifies. */
static bool rescue(const struct ob_boot *boot, struct ob_finished *finished)
{
    struct ob_group group;

    end(finished); /* or what it brought in would look half done for ever */
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
static bool is_too_early(const struct ob_boot *boot, enum ob_err device, uint32_t attempt)
{
    bool begun = false;

    for (uint32_t image = 0; image < ob_jobs_images(boot); image++) {
        const struct ob_slots *slots = &boot->images[image];
        begun = begun || ob_trailer_begun(&slots->primary, ob_layout_align(&slots->primary, &slots->secondary[0]));
    }
    if (ob_jobs_images(boot) == 1) {
        return begun && attempt < PATIENCE;
    }
    /* What reads differently each time may be the mark of the leader, and not be seen just now. */
    return begun || (device == OB_ERR_VERIFY && attempt < 2 * PATIENCE);
}

enum ob_err ob_boot_run(const struct ob_boot *boot, struct ob_boot_result *result)
{
    enum ob_err err = OB_ERR_RANGE;

    if (ob_jobs_images(boot) == 0 || ob_jobs_images(boot) > OB_IMAGES_MAX) {
        return err;
    }
    *result = (struct ob_boot_result){.swap = OB_SWAP_NONE};
    struct ob_finished finished;
    finished.swap = OB_SWAP_NONE;
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
        if (device == OB_OK || (err == OB_OK && !is_too_early(boot, device, attempt))) {
            break;
        }
        err = err == OB_OK ? device : err;
        OB_LOG_ERR("An installation may be half done: waiting for the external flash");
        if (!ob_jobs_retry(boot, device, attempt)) {
            break;
        }
    }
    if (err == OB_OK) {
        end(&finished);
    }
    result->swap = finished.swap;
    OB_LOG_INF("Swap type: %s", ob_jobs_swap_text(result->swap));
    return err;
}
