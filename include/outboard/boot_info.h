/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_BOOT_INFO_H
#define OUTBOARD_BOOT_INFO_H

#include <stdbool.h>
#include <stdint.h>

#include <outboard/err.h>
#include <outboard/image.h>

/*
 * What the bootloader tells the application at each start, in RAM that both leave alone: MCUboot's shared data, boot
 * information. Zephyr's blinfo_lookup() reads it too. Byte by byte in docs/SPEC.md.
 */

/** As MCUboot numbers it. */
enum ob_info_mode {
    OB_INFO_MODE_OVERWRITE = 2,
    OB_INFO_MODE_SWAP = 3, /* without a scratch partition: slide, dual */
};

enum ob_info_signature {
    OB_INFO_SIGNATURE_RSA = 1,
    OB_INFO_SIGNATURE_P256 = 2,
    OB_INFO_SIGNATURE_ED25519 = 3,
    OB_INFO_SIGNATURE_UNSAID = 0xff, /* MCUboot has no number for it */
};

enum ob_info_recovery { OB_INFO_RECOVERY_NONE = 0, OB_INFO_RECOVERY_SERIAL = 1 };

struct ob_boot_info {
    uint8_t mode;
    uint8_t signature;
    uint8_t recovery;
    uint8_t slot;              /* that runs: 0 */
    struct ob_version version; /* of the bootloader */
    uint32_t image_count;
    uint32_t size_max[OB_IMAGES_MAX]; /* bytes of the largest image that can be installed, header to end of TLVs */
    bool counts;                      /* counter[] says something */
    uint32_t counter[OB_IMAGES_MAX];  /* security counter below which nothing is taken */
};

#define OB_BOOT_INFO_SIZE_MAX (48u + 16u * OB_IMAGES_MAX)

/**
 * @param size  bytes of out
 * @return bytes written; 0: there is no room for all of it, and nothing is
 */
uint32_t ob_boot_info_encode(const struct ob_boot_info *info, uint8_t *out, uint32_t size);

/**
 * @param bytes  what the bootloader may have left, size bytes
 * @return OB_ERR_EMPTY: it left nothing; OB_ERR_FORMAT: a length lies
 */
OB_MUST_CHECK enum ob_err ob_boot_info_decode(const uint8_t *bytes, uint32_t size, struct ob_boot_info *out);

/** What the bootloader left for this application (CONFIG_RETENTION_BOOTLOADER_INFO). @return as above */
OB_MUST_CHECK enum ob_err ob_boot_info_read(struct ob_boot_info *out);

#endif
