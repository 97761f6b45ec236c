/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_SMP_UPDATES_H
#define OUTBOARD_SMP_UPDATES_H

#include <outboard/keys.h>
#include <outboard/smp.h>
#include <outboard/update.h>

/** The images of an application that runs: uploads go to the update slot, over outboard/update.h. */
struct ob_smp_updates {
    const struct ob_slots *slots; /* image_count of them; a slot that could not be opened has flash == NULL */
    uint32_t image_count;
    const struct ob_area *ledger; /* the bootloader's; flash == NULL: it cannot be read */
    const struct ob_keys *keys;   /* the bootloader's: what it would refuse is refused when it is asked for */
    enum ob_mode_id mode;         /* the bootloader's */
    uint32_t max_units;           /* BOOT_MAX_IMG_SECTORS, the bootloader's */
    enum ob_guard guard;          /* the bootloader's */
    void (*feed)(void *ctx);      /* called after each erase command; may be NULL */

    /* Its own: the upload that is under way, and what was found out about slot 1 since it was last written. */
    struct ob_update update;
    struct ob_image found[OB_IMAGES_MAX];
    bool found_valid[OB_IMAGES_MAX];
};

/**
 * What an upload may name: the image. Some clients name the slot instead (smpmgr upgrade --slot 1): of a single image
 * both mean the same.
 */
#define OB_SMP_UPDATES_TARGETS(image_count) ((image_count) == 1 ? OB_SMP_SLOTS : (image_count))

/** Its ctx is a struct ob_smp_updates. */
extern const struct ob_smp_store ob_smp_updates_store;

#endif
