/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_SIGNATURE_H
#define OUTBOARD_SIGNATURE_H

#include <stdbool.h>
#include <stdint.h>

#include <outboard/digest.h>
#include <outboard/image.h>

/** Bytes of the longest TLV with a signature that this image can check; 384 is RSA-3072's. */
#ifdef CONFIG_BOOT_SIGNATURE_SIZE_MAX
#define OB_SIGNATURE_MAX CONFIG_BOOT_SIGNATURE_SIZE_MAX
#else
#define OB_SIGNATURE_MAX 384u
#endif

/**
 * A way to sign images. A bootloader has keys of one type, and only that type's code; host programs have all.
 */
struct ob_signature {
    enum ob_image_kind kind;    /* of images that are signed so */
    uint16_t tlv;               /* of the signature */
    uint16_t size_max;          /* bytes of the TLV's data, at most OB_SIGNATURE_MAX; longer is malformed */
    bool pure;                  /* the signature is over the image, not over its digest */
    const struct ob_hash *hash; /* of images and of keys */
    /**
     * @param key  the public key, as struct ob_key holds it
     * @param digest  of the image; pure: of the first half of the signature, the key and the image
     */
    enum ob_verdict (*verify)(const uint8_t *key, const uint8_t *digest, const uint8_t *signature, uint32_t len);
};

/* RSA, PSS with a salt as long as the digest, exponent 65537. Key: modulus, then 2^(2 * bits) mod it, little endian,
 * aligned to 8 bytes. */
extern const struct ob_signature ob_signature_rsa2048;
extern const struct ob_signature ob_signature_rsa3072;
/* Key: X then Y, big endian. */
extern const struct ob_signature ob_signature_p256;
extern const struct ob_signature ob_signature_p384;
/* Key: 32 bytes as RFC 8032 has them. */
extern const struct ob_signature ob_signature_ed25519;
extern const struct ob_signature ob_signature_ed25519_sha512;
extern const struct ob_signature ob_signature_ed25519_pure;

/** The type of all keys. Firmware's is known when it is compiled: then nothing is left of what other types need. */
#ifdef OB_SIGNATURE
#define OB_KEYS_TYPE(keys) ((void)(keys), &OB_SIGNATURE)
#else
#define OB_KEYS_TYPE(keys) ((keys)->type)
#endif

#endif
