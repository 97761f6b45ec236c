/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_SIM_IMAGES_H
#define OUTBOARD_SIM_IMAGES_H

#include <stdbool.h>
#include <stdint.h>

#include <outboard/image.h>
#include <outboard/tlv.h>

#include "wrap.h"

/** An image: header to end of TLVs. */
struct sim_image {
    uint8_t *bytes;  /* as it runs; malloc'ed */
    uint8_t *stored; /* as it is downloaded, and lies outside: encrypted, or the same */
    uint32_t size;
    bool valid;       /* the bootloader shall accept it */
    uint32_t counter; /* security counter; 0: it has none */
};

/** Bytes that an image without a security counter takes beyond its payload. */
uint32_t sim_image_overhead(void);

#define SIM_IMAGE_COUNTER_SIZE 12u
#define SIM_IMAGE_ENCRYPTED_SIZE (OB_TLV_ENTRY_SIZE + SIM_WRAPPED_SIZE)

/** The key that made-up images are signed with. It protects nothing. */
struct ob_key sim_image_key(void);

/**
 * Make up an image: random payload, really signed.
 *
 * @param size  bytes in all, at least sim_image_overhead(), with a counter SIM_IMAGE_COUNTER_SIZE more
 * @param seed  of the payload
 * @param counter  its security counter; 0: none
 */
struct sim_image sim_image_make(uint32_t size, uint32_t seed, struct ob_version version, uint32_t counter);

/** Turn a made-up image into one that is encrypted, of the same size: its payload gets shorter. Each has a key of its
 * own. */
void sim_image_encrypt(struct sim_image *image);

/** The same image but for one byte of the payload, signed again. */
struct sim_image sim_image_vary(const struct sim_image *image);

struct sim_image sim_image_copy(const struct sim_image *image);

/** Change a byte of the payload and keep the signature. */
void sim_image_damage(struct sim_image *image);

/** Below 0: a is older than b; 0: both have the same version; above 0: a is newer. */
int sim_image_compare_versions(const struct sim_image *a, const struct sim_image *b);
int sim_image_compare_counters(const struct sim_image *a, const struct sim_image *b);

/** SHA-256 of all that the digest of an image covers. */
void sim_image_digest(const struct sim_image *image, uint8_t digest[OB_DIGEST_SIZE]);

void sim_image_free(struct sim_image *image);

#endif
