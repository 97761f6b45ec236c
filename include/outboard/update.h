/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_UPDATE_H
#define OUTBOARD_UPDATE_H

#include <stdbool.h>
#include <stdint.h>

#include <outboard/upgrade.h>
#include <outboard/util.h>

/*
 * The application's side of an update: write it, request it, confirm it, read what became of it.
 * Plain functions over the slots; they need no thread, no heap and no operating system.
 * A cut inside any of them leaves what runs untouched.
 */

/**
 * The way to install that the bootloader of this build was configured for (enum ob_mode_id). The build hands the choice
 * to the application; one that is built elsewhere says it itself: compiled with CONFIG_BOOT_UPGRADE_ONLY=1 or
 * CONFIG_BOOT_UPGRADE_DUAL=1.
 */
#define OB_MODE_CONFIGURED                                      \
    (OB_ENABLED(CONFIG_BOOT_UPGRADE_ONLY)   ? OB_MODE_OVERWRITE \
     : OB_ENABLED(CONFIG_BOOT_UPGRADE_DUAL) ? OB_MODE_DUAL      \
                                            : OB_MODE_SLIDE)

/** An update on its way into a secondary slot. */
struct ob_update {
    const struct ob_slots *slots;
    uint32_t max_units; /* BOOT_MAX_IMG_SECTORS, the bootloader's value */
    uint32_t source;    /* which secondary */
    uint32_t size;      /* bytes announced */
    uint32_t written;   /* bytes so far */
    uint32_t erased;    /* bytes from the start of the slot */
};

/** What the bootloader did last. */
enum ob_update_last {
    OB_UPDATE_NONE = OB_JOB_NONE,
    OB_UPDATE_TEST = OB_JOB_TEST,           /* installed for a trial */
    OB_UPDATE_PERMANENT = OB_JOB_PERMANENT, /* installed for good */
    OB_UPDATE_REVERT = OB_JOB_REVERT,       /* went back */
    OB_UPDATE_REFUSED,                      /* refused to install */
    OB_UPDATE_MISSING, /* could not be installed, and what was before may be gone, or others that belong to it are there
                        */
};

/** What the flash says about the running image and the last installation. */
struct ob_update_state {
    bool confirmed;                 /* what runs will stay; true for a factory image as well */
    enum ob_swap next;              /* what the next start will do */
    enum ob_update_last last;       /* OB_UPDATE_NONE: the fields below say nothing */
    enum ob_err last_reason;        /* why it was refused, or is missing; else OB_OK */
    enum ob_image_kind last_kind;   /* what the image is that was refused */
    struct ob_version last_version; /* of the image that it was about; all zero: several were installed as one, and only
                                       the lowest one's is known, unless that was the last job */
};

/**
 * Choose a free slot and erase all of it: a slot must be erased completely before a download. In dual mode the free
 * slot is the one that does not hold the copy of what runs.
 *
 * @param size  bytes of the signed image
 * @return OB_ERR_SIZE: can never be installed: nothing was erased;
 *         OB_ERR_STATE: the running image is not confirmed, its way back would be lost: nothing was erased;
 *         OB_ERR_NODEV: no secondary slot; or the flash error.
 * @param feed  called after each erase command: feed the watchdog, show progress; may be NULL
 */
OB_MUST_CHECK enum ob_err ob_update_begin(struct ob_update *update, const struct ob_slots *slots, enum ob_mode_id mode,
                                          uint32_t max_units, uint32_t size, void (*feed)(void *ctx), void *feed_ctx);

/**
 * The same, but of the slot only its request is erased; each other sector just before it is written, so that nobody
 * waits long. What lies behind the update stays, and is worth nothing.
 */
OB_MUST_CHECK enum ob_err ob_update_begin_progressively(struct ob_update *update, const struct ob_slots *slots,
                                                        enum ob_mode_id mode, uint32_t max_units, uint32_t size,
                                                        void (*feed)(void *ctx), void *feed_ctx);

/**
 * Append bytes: a multiple of the slot's write unit, except for the last ones.
 * @return OB_ERR_SIZE: more than announced, OB_ERR_ALIGN: the last ones were written already: nothing was written;
 *         or the flash error.
 */
OB_MUST_CHECK enum ob_err ob_update_write(struct ob_update *update, const void *data, uint32_t len);

/**
 * Let the chip erase what comes next while the caller waits for more bytes; a chip that cannot work by itself does
 * nothing. What fails is told by the next access.
 */
void ob_update_erase_ahead(struct ob_update *update);

/**
 * Ask the bootloader to install what was written at the next start. One write states it: a cut before leaves no
 * request.
 * @param permanent  false: go back unless confirmed
 * @return OB_ERR_STATE: not all bytes announced were written;
 *         OB_ERR_VERIFY: what was stated reads back differently: begin again
 */
OB_MUST_CHECK enum ob_err ob_update_request(const struct ob_update *update, bool permanent);

/**
 * Ask for several images as one: all are installed, or none is. The bootloader waits with the others until the first is
 * asked for, whose request is the last to be written. To withdraw them, begin a new update of the first one first.
 *
 * @param updates  count of them, the one of the lowest image first
 * @return as ob_update_request(); then nothing is asked for
 */
OB_MUST_CHECK enum ob_err ob_update_request_all(const struct ob_update *updates, uint32_t count, bool permanent);

/**
 * Keep what runs: each image is confirmed by itself. Harmless when there is nothing to confirm.
 * @return OB_ERR_FORMAT: the trailer is damaged; OB_ERR_VERIFY: it reads differently each time, a confirmation was cut:
 *         restart. Nothing was confirmed.
 */
OB_MUST_CHECK enum ob_err ob_update_confirm(const struct ob_slots *slots);

/**
 * Read only. A secondary that cannot be read counts as empty.
 * @param image   whose slots these are
 * @param ledger  the bootloader's; flash == NULL: this application cannot read it, and nothing is known of the last
 *                installation
 */
OB_MUST_CHECK enum ob_err ob_update_read_state(const struct ob_slots *slots, const struct ob_area *ledger,
                                               uint32_t image, struct ob_update_state *state);

/**
 * The record of what the bootloader did: what was asked for, installed, taken back and refused, and what failed. At
 * least the last OB_LEDGER_LOG events; one whose write was cut may be missing, or there twice.
 *
 * @param n  0: the newest
 * @return OB_ERR_NOENT: there are not so many
 */
OB_MUST_CHECK enum ob_err ob_update_read_event(const struct ob_area *ledger, uint32_t n, struct ob_event *event);

/**
 * Where the image is that the bootloader would go back to.
 * @return OB_ERR_NOENT: there is none. That it is still whole is for the caller to find out.
 */
OB_MUST_CHECK enum ob_err ob_update_previous(const struct ob_slots *slots, const struct ob_area *ledger,
                                             enum ob_mode_id mode, uint32_t image, struct ob_area *previous);

#endif
