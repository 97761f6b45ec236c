/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_PM_SLOTS_H
#define OUTBOARD_PM_SLOTS_H

#include <outboard/layout.h>

#include "chip.h"

/*
 * The slots of one updatable image and where the trailers lie in them. All arithmetic is core/layout.c's, the
 * one that the bootloader runs.
 */

#define PM_PAIRS_MAX 8U

struct pm_slot {
    const struct pm_part *part; /* NULL: there is none */
    const struct ob_yaml *node; /* of its flash device, in the bootloader's devicetree; NULL: unknown */
    struct pm_chip chip;        /* what that node says about the chip */
    struct ob_flash flash;      /* geometry only */
    struct ob_area area;
};

struct pm_pair {
    struct pm_slot primary;
    struct pm_slot secondary;
    struct pm_slot dual; /* the second external slot of CONFIG_BOOT_UPGRADE_DUAL */
    enum ob_mode_id mode;
    const struct pm_setting *max_units; /* BOOT_MAX_IMG_SECTORS; NULL: not set */
    uint32_t units_needed;
    struct ob_layout layout; /* valid if capacity is not 0 */
    uint32_t capacity;       /* largest image, bytes; 0: the slots cannot work, pm_check() says why */
};

struct pm_pairs {
    struct pm_pair v[PM_PAIRS_MAX];
    uint32_t count;
};

/** Find mcuboot_primary, mcuboot_secondary and their numbered siblings, and lay them out. */
void pm_pairs_find(struct pm_layout *layout, const struct pm_image *bootloader, struct pm_pairs *pairs);

/** Bytes of the bootloader's ledger; 0: it has none. */
uint32_t pm_ledger_size(const struct pm_image *bootloader);

/**
 * The partition that the ledger lies in: at the end of the bootloader's own, or reserved in the first primary slot.
 * NULL: the layout has no bootloader.
 */
const struct pm_part *pm_ledger_home(struct pm_layout *layout, bool *in_slot);

/** @return true if start and size are whole erase units of the device */
bool pm_slot_is_erasable(const struct pm_slot *slot);

/** @return the name a mode has in lock files and reports */
const char *pm_mode_name(enum ob_mode_id mode);

#endif
