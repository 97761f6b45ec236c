/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_BOOT_H
#define OUTBOARD_BOOT_H

#include <outboard/upgrade.h>
#include <outboard/util.h>

/** A bootloader's facts, all the caller's. Best a constant: then the compiler leaves out what does not apply. */
struct ob_boot {
    const struct ob_mode *mode;
    const struct ob_keys *keys;
    const struct ob_hooks *hooks;
    const struct ob_slots *images; /* image_count of them; image 0 is the one that is started */
    const struct ob_area *ledger;  /* in internal flash: ob_ledger_size(); flash == NULL: nothing can be installed */
    const struct ob_home *home;    /* where image 0 must belong; NULL: it is not started by its vector table */
    uint32_t image_count;          /* 1 to OB_IMAGES_MAX */
    uint32_t max_units;            /* BOOT_MAX_IMG_SECTORS; 0: as many as the slots need */
    enum ob_guard guard;           /* of downgrades */
    struct ob_workspace *work;
};

/** How firmware installs, as it is configured. */
#define OB_MODE                                                  \
    (OB_ENABLED(CONFIG_BOOT_UPGRADE_ONLY)   ? &ob_mode_overwrite \
     : OB_ENABLED(CONFIG_BOOT_UPGRADE_DUAL) ? &ob_mode_dual      \
                                            : &ob_mode_slide)

/** How a device installs, and its guard. Of firmware the compiler knows both, and leaves out what others need. */
#ifdef CONFIG_UPDATEABLE_IMAGE_NUMBER
#define OB_BOOT_MODE(boot) ((void)(boot), OB_MODE)
#define OB_BOOT_GUARD(boot) ((void)(boot), OB_GUARD)
#else
#define OB_BOOT_MODE(boot) ((boot)->mode)
#define OB_BOOT_GUARD(boot) ((boot)->guard)
#endif

/** What is started. */
struct ob_boot_result {
    struct ob_image image; /* image 0, verified where it runs */
    enum ob_swap swap;     /* what this start did */
    /* The verdicts on images 1, 2, ... as numbers, see verdict.h. A receiver's counts as valid. */
    uint32_t further[OB_IMAGES_MAX];
};

/**
 * One start: finish what was interrupted, install what was requested, go back from what was not confirmed, and verify
 * every primary. Calling it again at any point, after any number of power cuts, goes on where the flash says.
 *
 * @return OB_OK: all primaries verified, jump to image 0;
 *         else there is nothing that may be started: the reason that image 0 (or the image whose log line precedes) was
 *         refused, or the flash error that ended an unfinished installation.
 */
OB_MUST_CHECK enum ob_err ob_boot_run(const struct ob_boot *boot, struct ob_boot_result *result);

/** Bytes of the largest image with this number that can be installed now; 0: none. */
uint32_t ob_boot_capacity(const struct ob_boot *boot, uint32_t image);

/** Is an installation, or going back, of this image half done? Then its primary may hold anything. */
bool ob_boot_is_begun(const struct ob_boot *boot, uint32_t image);

/**
 * Somebody is about to program the primary of this image: no order about it counts any more, nor one that concerns it
 * with others, and there is no way back. The floor stays.
 */
OB_MUST_CHECK enum ob_err ob_boot_forget(const struct ob_boot *boot, uint32_t image);

#endif
