/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_JOBS_H
#define CORE_JOBS_H

#include <outboard/boot.h>
#include <outboard/state.h>

/*
 * How a start turns what it finds in flash into jobs (jobs.c), finishes those that were begun (finish.c) and withdraws
 * those that never were (withdraw.c). boot.c is the start.
 */

/** The images that one job, or one transaction of several, is about. */
struct ob_group {
    uint8_t set; /* a bit each; 0: there is nothing to do */
    uint8_t bank;
    enum ob_job_kind kind;
    uint8_t source[OB_IMAGES_MAX]; /* which secondary holds the journal */
};

/** For one image the compiler leaves out all that transactions need. */
static inline uint32_t ob_jobs_images(const struct ob_boot *boot)
{
    return OB_IMAGES_MAX == 1 ? 1 : boot->image_count;
}

static inline bool ob_group_has(const struct ob_group *group, uint32_t image)
{
    return (group->set >> image & 1) != 0;
}

/** Is this the image of its transaction that is begun last and finished last? */
static inline bool ob_jobs_leads(const struct ob_boot *boot, const struct ob_upgrade_ctx *ctx)
{
    return ob_jobs_images(boot) == 1 || ctx->image == ob_state_leader(&ctx->job);
}

/** The job that a start has finished, and where its end is to be stated. */
struct ob_finished {
    enum ob_swap swap; /* OB_SWAP_NONE: there was none */
    uint32_t bank;
    struct ob_journal journal;
};

/** Wait for a device that failed; false: the surroundings have no patience left. */
static inline bool ob_jobs_retry(const struct ob_boot *boot, enum ob_err err, uint32_t attempt)
{
    return boot->hooks->retry != NULL && boot->hooks->retry(boot->hooks->ctx, err, attempt);
}

const char *ob_jobs_swap_text(enum ob_swap swap);

/**
 * Finish whatever was begun. From the highest image down: the leader of a transaction is the last.
 *
 * @param finished  what was finished by this start; else left alone
 */
OB_MUST_CHECK enum ob_err ob_jobs_finish(const struct ob_boot *boot, struct ob_finished *finished);

/** Erase the trailer of the primary slot, and with it all marks. */
OB_MUST_CHECK enum ob_err ob_jobs_erase_trailer(const struct ob_boot *boot, const struct ob_upgrade_ctx *ctx);

/** Verify the image in the primary slot, where it runs. */
OB_MUST_CHECK enum ob_err ob_jobs_verify_primary(const struct ob_boot *boot, uint32_t image, struct ob_image *out);

/**
 * Look for requests, verify the images asked for and write the journals' headers; nothing else is touched.
 *
 * All the images asked for at one start form one transaction: if one of them is refused, all are, and the reasons are
 * recorded.
 *
 * @param rescue  the primary does not verify: install, for good, whatever verifies
 * @param group   set is 0 if nothing is asked for, or what was asked for was refused
 * @return a flash error: nothing was decided, the request stays
 */
OB_MUST_CHECK enum ob_err ob_jobs_install(const struct ob_boot *boot, bool rescue, struct ob_group *group);

/**
 * Look for installations that were not confirmed, verify the images they replaced where they lie, and write the
 * journals' headers for going back.
 *
 * @param rescue  go back although it was confirmed: what the primary holds does not verify any more
 * @param group   set is 0 if there is nothing to go back from, or nothing to go back to
 */
OB_MUST_CHECK enum ob_err ob_jobs_revert(const struct ob_boot *boot, bool rescue, struct ob_group *group);

/**
 * Before a transaction is begun, and when there is none to begin: withdraw the headers of all others that never were. A
 * cut fell between the marks of members and that of the leader, and now the request is not read any more, or another.
 *
 * @param group  whose images keep their headers
 */
OB_MUST_CHECK enum ob_err ob_jobs_withdraw_others(const struct ob_boot *boot, const struct ob_group *group);

#endif
