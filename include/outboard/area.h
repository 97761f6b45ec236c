/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_AREA_H
#define OUTBOARD_AREA_H

#include <stdbool.h>
#include <stdint.h>

#include <outboard/err.h>
#include <outboard/flash.h>

/** A contiguous piece of one flash device. Offsets count from its first byte. */
struct ob_area {
    const struct ob_flash *flash; /* borrowed: the board keeps it alive */
    uint32_t start;               /* bytes from the start of the device, a multiple of its smallest erase size */
    uint32_t size;                /* bytes, a multiple of the smallest erase size */
    uint32_t reserved;            /* of a slot: bytes in front of its trailer that are not for images; else 0 */
    bool twice;                   /* each read is made twice, and has to find the same: OB_ERR_VERIFY */
};

/** Is anything read twice? From firmware that can always go back the compiler leaves it out. */
#if defined(CONFIG_UPDATEABLE_IMAGE_NUMBER) && !defined(CONFIG_BOOT_UPGRADE_ONLY)
#define OB_READS_TWICE 0
#else
#define OB_READS_TWICE 1
#endif

/** The part of an area from off, len bytes long. The caller knows that it is inside. */
struct ob_area ob_area_part(const struct ob_area *area, uint32_t off, uint32_t len);

/** Where the CPU reads the range as memory; NULL: it cannot, it is to be read twice, or the range leaves the area. */
const uint8_t *ob_area_mapped(const struct ob_area *area, uint32_t off, uint32_t len);

/** Like their ob_flash_ namesakes, inside the area: OB_ERR_RANGE if the range leaves it. */
OB_MUST_CHECK enum ob_err ob_area_read(const struct ob_area *area, uint32_t off, void *dst, uint32_t len);
OB_MUST_CHECK enum ob_err ob_area_write(const struct ob_area *area, uint32_t off, const void *src, uint32_t len);
OB_MUST_CHECK enum ob_err ob_area_erase(const struct ob_area *area, uint32_t off, uint32_t len);

/** Do operations on `area` go on by themselves while `other` is erased and programmed? */
bool ob_area_overlaps(const struct ob_area *area, const struct ob_area *other);

/** Start one erase or program command of such an area: see struct ob_flash_ops, whose finish() ends it. */
OB_MUST_CHECK enum ob_err ob_area_start_erase(const struct ob_area *area, uint32_t off, uint32_t size);
OB_MUST_CHECK enum ob_err ob_area_start_write(const struct ob_area *area, uint32_t off, const void *src, uint32_t len);

/**
 * Start to erase the next unit behind *erased, which then counts as erased, unless a unit is erased ahead of `written`
 * already or none is left before `end`. Only where erases go on by themselves; what fails is told by the next access.
 */
void ob_area_erase_ahead(const struct ob_area *area, uint32_t written, uint32_t end, uint32_t *erased);

#define OB_LOOKS 8u         /* at what a cut may have left half programmed: it reads differently each time */
#define OB_WINDOW_LOOKS 16u /* the same, at the primary's trailer: reads inside cost next to nothing */

/**
 * Write and read back, for what others rely on at once.
 * @return OB_ERR_VERIFY: they read differently
 */
OB_MUST_CHECK enum ob_err ob_area_write_checked(const struct ob_area *area, uint32_t off, const void *src,
                                                uint32_t len);

/** Like ob_area_erase(), calling feed(ctx) after each erase command: a watchdog never waits for more than one. feed may
 * be NULL. */
OB_MUST_CHECK enum ob_err ob_area_erase_fed(const struct ob_area *area, uint32_t off, uint32_t len,
                                            void (*feed)(void *ctx), void *ctx);

/**
 * Does every byte of the range read as erased? Costs reads only.
 * A range that reads erased may be weakly erased after a power cut: see docs/DESIGN.md before relying on it.
 */
OB_MUST_CHECK enum ob_err ob_area_blank(const struct ob_area *area, uint32_t off, uint32_t len, bool *blank);

#endif
