/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_PM_CHECK_H
#define OUTBOARD_PM_CHECK_H

#include "../model/slots.h"

#define PM_IMAGES_MAX 16U

struct dt_tree;

/** Everything the checks look at, and what they found. */
struct pm_check {
    struct ob_arena *arena;
    struct pm_layout layout;
    struct pm_image images[PM_IMAGES_MAX];
    uint32_t image_count;
    const struct pm_image *bootloader;           /* the image named mcuboot; NULL: not given */
    const struct dt_tree *places[PM_IMAGES_MAX]; /* of each image's devicetree; NULL: not read yet */
    struct pm_pairs pairs;
    const char **findings;
    uint32_t finding_count;
};

/** Print a finding as an error, and keep it for --json. */
void pm_finding(struct pm_check *check, const struct ob_loc *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/** @return an image's .config: what a finding points to that nobody wrote a line for */
struct ob_loc pm_file_of(const struct pm_image *image);

/** @return where a property of a node was written last, else the node */
struct ob_loc pm_place_of_property(struct pm_check *check, const struct pm_image *image, const char *path,
                                   const char *property);

/** @return where a symbol was set (NULL: none), else where the slot's chip was chosen */
struct ob_loc pm_place_of_slot(struct pm_check *check, const struct pm_image *image, const struct pm_part *slot,
                               const char *symbol);

/** @return where a user changes an image; `kind`: conf or overlay */
const char *pm_source_of(struct pm_check *check, const struct pm_image *image, const char *kind);

/** Every flash that slots are in is reachable from every image. */
void pm_check_drivers(struct pm_check *check);

/** What a chip's own table says agrees with the rest of the devicetree. */
void pm_check_chips(struct pm_check *check);

/** Slots can be erased, their trailers and the ledger fit, and the largest image can be recorded. */
void pm_check_slots(struct pm_check *check);

/** The same for MCUboot as the SDK or Zephyr builds it. Says what it found about each pair of slots unless quiet. */
void pm_check_mcuboot(struct pm_check *check, bool quiet);

/** A release has an order of external partitions that another order of input files does not change. */
void pm_check_order(struct pm_check *check);

/** An update file fits the slots. @param len bytes of the signed update */
void pm_check_update(struct pm_check *check, const char *path, uint64_t len);

/** The images in their folders, NAME.elf, were linked with this layout. */
enum ob_exit pm_check_linked(struct pm_check *check);

/** Write what devices in the field rely on. */
void pm_lock_write(FILE *out, const struct pm_check *check);

/** Compare with what was written when the layout was released. */
enum ob_exit pm_lock_compare(struct pm_check *check, const char *path);

#endif
