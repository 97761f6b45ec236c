/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_UPGRADE_H
#define OUTBOARD_UPGRADE_H

#include <stddef.h>

#include <stdbool.h>
#include <stdint.h>

#include <outboard/journal.h>

/** The slots of one image. A secondary whose device is not there has flash == NULL. */
struct ob_slots {
    struct ob_area primary;
    struct ob_area secondary[2]; /* the second in dual mode only; else flash == NULL */
};

/** Everything that an installation works on. */
struct ob_upgrade_ctx {
    const struct ob_slots *slots;
    struct ob_journal journal; /* in the secondary whose image was asked to be installed */
    struct ob_job job;
    uint8_t image;  /* number of the image */
    uint8_t source; /* which of the secondaries that is */
    uint8_t bank;
};

/** Copy len bytes after erasing erase_len bytes at the destination. */
struct ob_step {
    const struct ob_area *from;
    const struct ob_area *to;
    uint32_t from_off;
    uint32_t to_off;
    uint32_t len;
    uint32_t erase_len; /* whole sectors, at least len */
};

/**
 * A way to install, as a list of copies. The engine executes the list and keeps the journal; it never asks what a
 * step is for. The rule that makes every step repeatable: no step destroys the source of an earlier step's *repeat*,
 * so the source of step k is untouched until the record of step k is safe.
 */
struct ob_mode {
    enum ob_mode_id id;
    bool revertible;
    /** Choose job->unit (and job->backup). OB_ERR_SIZE: these two images do not fit. */
    enum ob_err (*prepare)(struct ob_upgrade_ctx *ctx);
    uint32_t (*count)(const struct ob_job *job);
    /** The k-th step. false: there is nothing to do. */
    bool (*step)(const struct ob_upgrade_ctx *ctx, uint32_t k, struct ob_step *step);
    /** Where the image that the primary held before lies, once the job is finished. */
    struct ob_area (*previous)(const struct ob_upgrade_ctx *ctx);
};

extern const struct ob_mode ob_mode_slide;
extern const struct ob_mode ob_mode_overwrite;
extern const struct ob_mode ob_mode_dual;

/** What the engine asks of its surroundings. Each may be NULL. */
struct ob_hooks {
    void *ctx;
    /** Called after each flash command and before each verification of an image: feed the watchdog. */
    void (*feed)(void *ctx);
    /** After each step: bytes done of total. */
    void (*progress)(void *ctx, uint32_t done, uint32_t total);
    /**
     * A device failed in the middle of an installation. Wait, bring it back (ob_flash_reset()), then return true to
     * try again. NULL or false: give up until the next start.
     */
    bool (*retry)(void *ctx, enum ob_err err, uint32_t attempt);
};

static inline void ob_feed(const struct ob_hooks *hooks)
{
    if (hooks->feed != NULL) {
        hooks->feed(hooks->ctx);
    }
}

#define OB_BUFFER_SIZE 256u

/** The working memory of the engine. */
struct ob_workspace {
    uint8_t source[OB_BUFFER_SIZE];
    uint8_t target[OB_BUFFER_SIZE];
};

/**
 * Run a job from where its journal says it is to the end of its last step, then write the primary's trailer.
 *
 * The job must have been started (OB_MARK_STARTED). Every byte copied is read back. Nothing is erased or programmed
 * that need not be: see docs/DESIGN.md.
 *
 * @return OB_OK: the primary's trailer states that the job is done;
 *         a flash error: call again, it resumes.
 */
OB_MUST_CHECK enum ob_err ob_upgrade_run(const struct ob_mode *mode, const struct ob_upgrade_ctx *ctx,
                                         const struct ob_hooks *hooks, struct ob_workspace *work);

#endif
