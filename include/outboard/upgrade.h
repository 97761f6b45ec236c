/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_UPGRADE_H
#define OUTBOARD_UPGRADE_H

#include <stddef.h>

#include <stdbool.h>
#include <stdint.h>

#include <outboard/layout.h>
#include <outboard/ledger.h>
#include <outboard/trailer.h>

/** Can a mode of this build go back? From firmware that only overwrites the compiler leaves out what would. */
#define OB_REVERTS (!OB_ENABLED(CONFIG_BOOT_UPGRADE_ONLY))

#if defined(CONFIG_UPDATEABLE_IMAGE_NUMBER) && !defined(CONFIG_BOOT_RECEIVER)
#define OB_RECEIVERS 0 /* firmware none of whose images has one */
#else
#define OB_RECEIVERS 1
#endif

struct ob_hooks;

/**
 * Who takes an image over that does not run here: another processor, with flash of its own that nobody here can read.
 * It keeps no old image.
 */
struct ob_receiver {
    void *ctx;
    const struct ob_home *home; /* where it must belong; NULL: that is not looked at */
    uint32_t capacity;          /* bytes of a payload; 0: as many as the slots hold */
    /**
     * Hand over the image that the primary holds, which was verified there. Can be repeated at any time.
     *
     * @return OB_OK: it has stored the image and found it whole;
     *         OB_ERR_TIMEOUT: it does not answer; OB_ERR_FAILED: it says that it did not take it. Nobody knows what it
     *         holds then.
     */
    enum ob_err (*take)(void *ctx, const struct ob_area *primary, const struct ob_image *image,
                        const struct ob_hooks *hooks);
};

#if defined(CONFIG_UPDATEABLE_IMAGE_NUMBER) && !defined(CONFIG_BOOT_UPGRADE_DUAL)
#define OB_SECONDARIES 1u /* firmware that does not install in dual mode */
#else
#define OB_SECONDARIES 2u
#endif

/** The slots of one image. A secondary whose device is not there has flash == NULL. */
struct ob_slots {
    struct ob_area primary;             /* with a receiver: RAM, which holds the image while it is handed over */
    struct ob_area secondary[2];        /* the second in dual mode only; else flash == NULL */
    const struct ob_receiver *receiver; /* NULL: the image runs in the primary */
};

/** The secondary with this number, 0 or 1: firmware that knows only one does not look it up. */
static inline const struct ob_area *ob_secondary(const struct ob_slots *slots, uint32_t source)
{
    return &slots->secondary[OB_SECONDARIES == 1 ? 0 : source];
}

/** Copy len bytes after erasing erase_len bytes at the destination. */
struct ob_move {
    const struct ob_area *from;
    const struct ob_area *to;
    uint32_t from_off;
    uint32_t to_off;
    uint32_t len;       /* 0: there is nothing to do */
    uint32_t erase_len; /* whole sectors, at least len */
};

/**
 * What is done between two records: either half may be missing. Both halves may be done at the same time, or one after
 * the other, or again: no half destroys the source of either, and what they destroy was needed by none but steps whose
 * records are safe.
 */
struct ob_step {
    struct ob_move out; /* the outgoing image leaves the primary */
    struct ob_move in;  /* the incoming image enters it */
};

struct ob_cipher;

/** What the images of a step are encrypted with outside the primary; NULL: they are not. */
struct ob_ciphers {
    const struct ob_cipher *out;
    const struct ob_cipher *in;
};

/** One image of a job. */
struct ob_task {
    const struct ob_slots *slots;
    struct ob_layout layout;
    struct ob_part *part;
};

/** A way to install, as a list of steps. The engine executes the list; it never asks what a step is for. */
struct ob_mode {
    enum ob_mode_id id;
    bool revertible;
    /**
     * Choose part->unit, in_at and out_at (and backup), for an incoming image at in_off in its secondary.
     * @return OB_ERR_SIZE: these two images do not fit; with out_size 0 the incoming one alone might
     */
    enum ob_err (*prepare)(const struct ob_task *task, uint32_t in_off);
    uint32_t (*count)(const struct ob_part *part);
    void (*step)(const struct ob_task *task, uint32_t k, struct ob_step *step);
    /** Where the outgoing image lies once the job is finished. */
    struct ob_area (*previous)(const struct ob_task *task);
    /** Turn the part of a finished job into the one that undoes it. */
    void (*turn)(struct ob_part *part);
};

extern const struct ob_mode ob_mode_slide;
extern const struct ob_mode ob_mode_overwrite;
extern const struct ob_mode ob_mode_dual;
extern const struct ob_mode ob_mode_handover; /* of images with a receiver, whatever the mode of the others */

/** Bytes of unit i that an image of this size has; 0: it ends before. */
uint32_t ob_unit_part(uint32_t size, uint32_t unit, uint32_t i);

/** Exchange the two images of a part, and make it one that goes back. */
void ob_part_exchange(struct ob_part *part);

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
    struct ob_image image; /* the one that was looked at last */
    struct ob_ledger ledger;
    struct ob_head next; /* the head of a job that is being planned */
    struct ob_proofs proofs;
    uint8_t in[OB_BUFFER_SIZE];
    uint8_t out[OB_BUFFER_SIZE];
};

enum ob_fault_place {
    OB_FAULT_PRIMARY,   /* where the incoming image goes, or the outgoing one is read */
    OB_FAULT_ROOM,      /* where the outgoing image goes */
    OB_FAULT_SECONDARY, /* where the incoming image is read: the chip answers differently each time, or not at all */
};

/** What a step failed at. */
struct ob_fault {
    enum ob_fault_place place;
    uint32_t address; /* bytes from the start of the device */
};

/**
 * Do a step. Every byte copied is read back, and its source a second time. In the primary images lie decrypted, and
 * each byte at its place in the image.
 *
 * @param whole  the step may have been cut before: do all of it; else sectors of the primary that are right are left
 * @param fault  written on an error
 * @return OB_ERR_FAILED, OB_ERR_VERIFY: a cell does not take what is written: try again, it may be worn;
 *         else the flash error
 */
OB_MUST_CHECK enum ob_err ob_step_run(const struct ob_step *step, const struct ob_ciphers *ciphers, bool whole,
                                      const struct ob_hooks *hooks, struct ob_workspace *work, struct ob_fault *fault);

/** Does the primary hold already what a step brings in? */
OB_MUST_CHECK enum ob_err ob_step_is_done(const struct ob_step *step, const struct ob_ciphers *ciphers,
                                          const struct ob_hooks *hooks, struct ob_workspace *work,
                                          struct ob_fault *fault, bool *done);

#endif
