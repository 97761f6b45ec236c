/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_CIPHER_H
#define OUTBOARD_CIPHER_H

#include <stdbool.h>
#include <stdint.h>

#include <outboard/image.h>
#include <outboard/util.h>

/*
 * Encrypted images, as imgtool sign --encrypt makes them: AES in counter mode over the payload, with a content key of
 * the image's own, which a TLV holds, wrapped for the device. Header and TLVs are readable; digest and signature are
 * over the plaintext. A content key is in RAM only, and never longer than it is needed.
 */

/** Bytes of the longest content key in this image. */
#ifdef CONFIG_BOOT_ENCRYPT_KEY_SIZE
#define OB_CONTENT_KEY_MAX CONFIG_BOOT_ENCRYPT_KEY_SIZE
#else
#define OB_CONTENT_KEY_MAX 32
#endif

/** Can this image decrypt? An expression: what is said and done about encrypted images is left out where it is false.
 */
#define OB_ENCRYPTS (OB_CONTENT_KEY_MAX > 0)

#define OB_WRAPPED_MAX 256u /* bytes of the longest TLV with a content key: RSA-2048's */

/** What turns the stored form of one image into the one that runs, and back. */
struct ob_cipher {
    uint32_t start; /* of the payload: bytes from the image's first */
    uint32_t size;  /* of the payload; 0: nothing is encrypted */
    uint32_t key_size;
    uint8_t key[OB_MAX(OB_CONTENT_KEY_MAX, 1)];
};

/**
 * Encrypt or decrypt bytes of an image: both are the same.
 * @param off  of the first one in the image; what is not payload stays as it is
 */
/*@ requires \valid_read(cipher) && cipher->key_size <= OB_CONTENT_KEY_MAX && \valid(data + (0 .. len - 1));
    assigns data[0 .. len - 1] \from data[0 .. len - 1], *cipher, off; */
void ob_cipher_apply(const struct ob_cipher *cipher, uint32_t off, uint8_t *data, uint32_t len);

#define OB_CIPHER_CHECK_SIZE 8u

/** What a cipher can be recognised by: a hash, from which nothing follows about its key. All zero: nothing is
 * encrypted. */
void ob_cipher_check(const struct ob_cipher *cipher, uint8_t check[OB_CIPHER_CHECK_SIZE]);

/** AES in counter mode. pos: bytes of the stream before data; the counter begins at 0. */
/*@ requires \valid_read(key + (0 .. key_size - 1)) && \valid(data + (0 .. len - 1));
    assigns data[0 .. len - 1] \from data[0 .. len - 1], key[0 .. key_size - 1], pos; */
void ob_aes_ctr(const uint8_t *key, uint32_t key_size, uint32_t pos, uint8_t *data, uint32_t len);

/** A way to wrap content keys. A bootloader knows one; host programs know all. */
struct ob_key_wrap {
    enum ob_image_kind kind; /* of images whose content key is wrapped so */
    uint16_t tlv;
    /**
     * @param key      the device's secret, as struct ob_decryption holds it
     * @param wrapped  the TLV's data
     * @param out      size bytes: the content key
     * @return false: malformed, or wrapped for another device
     */
    bool (*unwrap)(const uint8_t *key, const uint8_t *wrapped, uint32_t len, uint8_t *out, uint32_t size);
};

/* Elliptic curves. Key: 32 bytes, the private number: of P-256 big endian, of X25519 as RFC 7748 has it. */
extern const struct ob_key_wrap ob_wrap_ec256;
extern const struct ob_key_wrap ob_wrap_x25519;
extern const struct ob_key_wrap ob_wrap_x25519_sha512;
/* RSA-2048 with OAEP and SHA-256. Key: modulus, 2^(2 * 2048) mod it, private exponent, little endian, aligned to 8. */
extern const struct ob_key_wrap ob_wrap_rsa;
/* RFC 3394. Key: as long as content keys are. */
extern const struct ob_key_wrap ob_wrap_kw;

/** What a device needs for encrypted images. */
struct ob_decryption {
    const struct ob_key_wrap *wrap;
    const uint8_t *key; /* secret. NULL: not here, as in an application: nothing can be decrypted */
    uint8_t size;       /* of content keys: 16 or 32 bytes */
    bool required;      /* images that are not encrypted are not installed */
};

/**
 * The cipher of the image at the start of an area, from its header and TLVs. Whether the image is genuine is not looked
 * at: whoever relies on it compares ob_cipher_check().
 *
 * @return OB_OK: also of an image that is not encrypted; OB_ERR_UNWRAP: its content key is wrapped for another device;
 *         OB_ERR_FORMAT: there is none; as ob_image_verify(); or the flash error. Then *out is wiped.
 */
OB_MUST_CHECK enum ob_err ob_image_cipher(const struct ob_area *area, uint32_t max_size, const struct ob_keys *keys,
                                          struct ob_cipher *out);

/**
 * What can be told of an encrypted image without its key, by an application: all but that the content is what the
 * digest says. Of an image that is not encrypted, all.
 *
 * @param out  digest: the one that the image states
 * @return as ob_image_verify() says it
 */
OB_MUST_CHECK enum ob_err ob_image_foresee(const struct ob_area *area, uint32_t max_size, const struct ob_keys *keys,
                                           struct ob_image *out);

#endif
