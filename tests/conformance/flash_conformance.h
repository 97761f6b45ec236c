/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_TESTS_FLASH_CONFORMANCE_H
#define OUTBOARD_TESTS_FLASH_CONFORMANCE_H

#include <outboard/flash.h>

/* What every flash driver promises (include/outboard/flash.h), checked from outside: against any struct ob_flash, on a
 * host or on a device. Freestanding; needs 1 KiB of stack and 3 KiB of static RAM. */

#define OB_CONFORMANCE_ROM_SIZE 1024 /* bytes */

/** What became of one promise. */
struct ob_conformance_result {
    const char *promise; /* its name, as a sentence with underscores */
    bool kept;
    /* The first thing seen otherwise; meaningless when kept. */
    enum ob_err err;   /* of the call that failed; OB_OK: it succeeded, but ... */
    uint32_t off;      /* ... here */
    uint8_t want, got; /* was this instead of that */
};

struct ob_conformance {
    const struct ob_flash *flash;
    uint32_t off;       /* the range that may be overwritten; a multiple of the largest erase size */
    uint32_t len;       /* bytes, a multiple of the largest erase size, at least three of them */
    const uint8_t *rom; /* OB_CONFORMANCE_ROM_SIZE bytes as far from DMA as there are, best in internal flash */
    void (*report)(void *ctx, const struct ob_conformance_result *result);
    void *ctx;
};

/**
 * Check every promise and report each by name. No word is programmed more than twice between erases; every sector of
 * the range is erased about 30 times.
 *
 * @param broken  out: number of promises not kept
 * @return OB_ERR_RANGE, OB_ERR_ALIGN: the range does not meet the conditions above, nothing was checked
 */
OB_MUST_CHECK enum ob_err ob_flash_conformance(const struct ob_conformance *suite, unsigned *broken);

#endif
