/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RECOVERY_STORE_H
#define RECOVERY_STORE_H

#include <outboard/boot.h>
#include <outboard/smp.h>

/** The images of a device that is being recovered. */
struct recovery_store {
    const struct ob_boot *boot;
    struct ob_image found[OB_IMAGES_MAX][OB_SMP_SLOTS]; /* size 0: nothing that verifies */
    bool looked[OB_IMAGES_MAX][OB_SMP_SLOTS];           /* found is valid */

    /* The upload that is under way. */
    uint32_t image;
    uint32_t slot;
    uint32_t size;
    uint32_t written;
    uint32_t erased; /* bytes from the start of the slot */
    bool for_good;   /* the client named the image, not the slot: the update is asked for when it is complete */
};

/** Its ctx is a struct recovery_store. */
extern const struct ob_smp_store recovery_store_ops;

/** Find out what lies in the primary slots, once. The others are looked at when somebody asks. */
void recovery_store_look(struct recovery_store *store);

#endif
