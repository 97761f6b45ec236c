/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_TESTS_IMAGE_MAKER_H
#define OUTBOARD_TESTS_IMAGE_MAKER_H

#include <outboard/digest.h>
#include <outboard/image.h>
#include <outboard/tlv.h>

#define MAKER_MAX 0x8000u

/** Test keys: number 0 to MAKER_KEYS - 1. */
#define MAKER_KEYS 3

/** An image under construction: begin, protect*, hash, then add, add_key and sign in any order, end. */
struct image_maker {
    uint8_t bytes[MAKER_MAX];
    uint32_t len;
    uint32_t area; /* offset of the open TLV area's head */
    uint8_t digest[OB_DIGEST_SIZE];
};

/** Header of version 1.2.3+4 and a payload of the given length. */
void maker_begin(struct image_maker *maker, uint16_t header_size, uint32_t payload_size);
void maker_set_flags(struct image_maker *maker, uint32_t flags);
/** Add a protected TLV. */
void maker_protect(struct image_maker *maker, uint16_t type, const void *data, uint16_t len);
/** The hashed part is complete: compute the digest and open the unprotected area. */
void maker_hash(struct image_maker *maker);
/** Add a TLV to the open area; the head says so. */
void maker_add(struct image_maker *maker, uint16_t type, const void *data, uint16_t len);
void maker_add_digest(struct image_maker *maker);
void maker_add_key(struct image_maker *maker, unsigned key);
/** Sign the digest and append `zeros` zero bytes to the signature. */
void maker_sign(struct image_maker *maker, unsigned key, unsigned zeros);

/** The DER form of a signature. @return its bytes */
#define MAKER_DER_MAX 72
uint32_t maker_der(const uint8_t signature[OB_P256_SIGNATURE_SIZE], uint8_t der[MAKER_DER_MAX]);

/** Everything that a normal image has, signed with key 0. */
void maker_make(struct image_maker *maker, uint16_t header_size, uint32_t payload_size);

/** The public half of a test key. */
struct ob_key maker_key(unsigned key);

#endif
