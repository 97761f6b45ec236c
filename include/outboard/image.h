/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_IMAGE_H
#define OUTBOARD_IMAGE_H

#include <stdint.h>

#include <outboard/area.h>
#include <outboard/err.h>

/*
 * Images as imgtool makes them: header, payload, protected TLVs, TLVs. Every field is little endian.
 * docs/SPEC.md says which bytes.
 */

#define OB_IMAGE_MAGIC 0x96f3b83du
#define OB_IMAGE_HEADER_SIZE 32u /* the part with fields; the header itself may be longer */
#define OB_DIGEST_SIZE 32u       /* SHA-256 */

/** Header flags that matter here. */
#define OB_IMAGE_ENCRYPTED 0x0000000cu
#define OB_IMAGE_NON_BOOTABLE 0x00000010u
#define OB_IMAGE_RAM_LOAD 0x00000020u
#define OB_IMAGE_COMPRESSED 0x00000e00u
/** Images that this bootloader could only run wrongly. */
#define OB_IMAGE_UNSUPPORTED (OB_IMAGE_ENCRYPTED | OB_IMAGE_NON_BOOTABLE | OB_IMAGE_RAM_LOAD | OB_IMAGE_COMPRESSED)

struct ob_version {
    uint8_t major;
    uint8_t minor;
    uint16_t revision;
    uint32_t build;
};

/** What a header and the TLV area heads say, after every length was checked against the area. */
struct ob_image {
    struct ob_version version;
    uint32_t flags;
    uint32_t header_size;           /* bytes: where the payload starts */
    uint32_t payload_size;          /* bytes */
    uint32_t hashed_size;           /* bytes from the start that the digest covers: header, payload, protected TLVs */
    uint32_t size;                  /* bytes from header to the end of the TLVs */
    uint8_t digest[OB_DIGEST_SIZE]; /* computed, not read; valid after ob_image_verify() only */
};

/** A public key that this device trusts, made from a PEM file when the bootloader is built. */
struct ob_key {
    uint8_t hash[OB_DIGEST_SIZE]; /* SHA-256 of the DER SubjectPublicKeyInfo: what a KEYHASH TLV holds */
    uint8_t point[64];            /* P-256: X then Y, big endian */
};

struct ob_keys {
    const struct ob_key *key;
    uint32_t count;
};

/**
 * A decision on authenticity. Far apart in Hamming distance, so that a glitched or forgotten value is not "accepted".
 * Compare with OB_VERDICT_ACCEPTED only, never with "not rejected".
 */
enum ob_verdict {
    OB_VERDICT_REJECTED = 0x3a5c96e1,
    OB_VERDICT_ACCEPTED = 0x45a3691e,
};

/**
 * Parse the image at the start of an area. Reads the header and the TLV area heads.
 *
 * @param max_size  bytes that the image may take: it must end at or below this, which is at most area->size
 * @return OB_ERR_EMPTY: the magic reads erased or foreign; OB_ERR_FORMAT: a length lies, a flag is contradictory;
 *         OB_ERR_SIZE: longer than max_size; or the flash error. out is written on OB_OK only; its digest is zero.
 */
OB_MUST_CHECK enum ob_err ob_image_parse(const struct ob_area *area, uint32_t max_size, struct ob_image *out);

struct ob_hooks;

/**
 * Would this device run the image at the start of an area? Parses, hashes, walks the TLVs (with MCUboot's allow list),
 * finds the key by its hash and checks the ECDSA-P256 signature. Each byte of the hashed part is read once; the header
 * that is parsed is the header that is hashed.
 *
 * @param hooks  CONFIG_BOOT_WATCHDOG_FEED: feed is called after every few hundred bytes; else not looked at
 * @param why  OB_OK if accepted, else the reason: OB_ERR_EMPTY, _FORMAT, _SIZE, _DIGEST, _KEY, _AUTH or a flash error
 * @param out  written if accepted; also filled as far as parsed when parsing succeeded but authenticity failed,
 *             so that a refusal can name the version
 */
OB_MUST_CHECK enum ob_verdict ob_image_verify(const struct ob_area *area, uint32_t max_size, const struct ob_keys *keys,
                                              const struct ob_hooks *hooks, struct ob_image *out, enum ob_err *why);

#endif
