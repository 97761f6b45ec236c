/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_FLASH_H
#define OUTBOARD_FLASH_H

#include <stdbool.h>
#include <stdint.h>

#include <outboard/err.h>

struct ob_flash;

/** Erase commands a device can offer. JESD216 knows four erase types. */
#define OB_FLASH_ERASE_SIZES 4

/**
 * What a driver implements. Callers use ob_flash_read() and its siblings, which check the arguments first:
 * a driver only ever sees ranges inside the device and erases of one unit.
 *
 * Every driver must
 * - read and write single bytes at any offset (a partial write unit is padded with the erased value);
 * - write from any address that the CPU can read, also one that its DMA cannot (bounce through RAM);
 * - return from write and erase only when the chip is idle again and did not report a failure;
 * - give up after the worst-case time of the part: OB_ERR_TIMEOUT.
 */
struct ob_flash_ops {
    enum ob_err (*read)(const struct ob_flash *flash, uint32_t off, void *dst, uint32_t len);
    enum ob_err (*write)(const struct ob_flash *flash, uint32_t off, const void *src, uint32_t len);
    /** One erase command: size is one of erase_sizes, off a multiple of it. */
    enum ob_err (*erase)(const struct ob_flash *flash, uint32_t off, uint32_t size);
    /** Bring a device that failed back to idle, as at start-up. NULL: there is nothing to reset. */
    enum ob_err (*reset)(const struct ob_flash *flash);
    /*
     * Optional, all three or none: the same operations by a chip that works on its own while the CPU does something
     * else. At most one is under way: what comes before finish() waits for it first, and fails if it has failed.
     */
    enum ob_err (*start_erase)(const struct ob_flash *flash, uint32_t off, uint32_t size);
    /** One program command: [off, off + len) lies within a page of program_size. src may change once it returns. */
    enum ob_err (*start_write)(const struct ob_flash *flash, uint32_t off, const void *src, uint32_t len);
    /**
     * Wait, as write and erase do, until what was started is done.
     * @return OB_OK also if nothing was; an error: what was started left its range undefined
     */
    enum ob_err (*finish)(const struct ob_flash *flash);
};

/** A NOR flash device: writing clears bits, erasing sets whole units to the erased value. */
struct ob_flash {
    const struct ob_flash_ops *ops;
    void *ctx;                                  /* the driver's */
    const uint8_t *mapped;                      /* where the CPU can read it, or NULL */
    uint32_t size;                              /* bytes */
    uint32_t write_size;                        /* bytes of a word; 1 to 32, a power of two */
    uint32_t program_size;                      /* bytes that one program command can take, a multiple of write_size */
    uint32_t erase_sizes[OB_FLASH_ERASE_SIZES]; /* bytes, ascending, each a multiple of the one before; 0: unused */
    uint8_t erased_value;
    bool may_program_again; /* a byte, at any time, as in a page of NOR; false: its words take two programs, or one */
};

/** The smallest unit that can be erased alone. */
static inline uint32_t ob_flash_erase_size(const struct ob_flash *flash)
{
    return flash->erase_sizes[0];
}

/** Bytes of the largest erase command that starts at off and stays within len; 0: no command fits. */
uint32_t ob_flash_erase_fit(const struct ob_flash *flash, uint32_t off, uint32_t len);

/**
 * Read, any offset and length.
 * @return OB_ERR_RANGE, or the driver's error: dst is undefined.
 */
OB_MUST_CHECK enum ob_err ob_flash_read(const struct ob_flash *flash, uint32_t off, void *dst, uint32_t len);

/**
 * Program erased bytes, any offset and length.
 * @return OB_ERR_RANGE: nothing was written; a driver's error: [off, off + len) is undefined, erase it before use.
 */
OB_MUST_CHECK enum ob_err ob_flash_write(const struct ob_flash *flash, uint32_t off, const void *src, uint32_t len);

/**
 * Erase with as few and as large commands as fit.
 * @param off, len  multiples of ob_flash_erase_size(); len 0 does nothing
 * @return OB_ERR_RANGE, OB_ERR_ALIGN: nothing was erased; a driver's error: the range is undefined.
 */
OB_MUST_CHECK enum ob_err ob_flash_erase(const struct ob_flash *flash, uint32_t off, uint32_t len);

/** Reset a device after an error. */
OB_MUST_CHECK enum ob_err ob_flash_reset(const struct ob_flash *flash);

#endif
