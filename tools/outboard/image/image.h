/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_TOOLS_IMAGE_H
#define OUTBOARD_TOOLS_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <outboard/cipher.h>
#include <outboard/digest.h>
#include <outboard/flash.h>
#include <outboard/image.h>
#include <outboard/signature.h>
#include <outboard/trailer.h>

#include "../common/diag.h"

/** An image file, and the same bytes as a slot that the core can read. */
struct image_file {
    const char *path;
    uint8_t *bytes;
    uint32_t len;   /* of the content */
    bool addressed; /* the file says where it lies: Intel HEX, UF2 */
    bool decrypted;
    struct ob_flash flash;
    struct ob_area slot;
};

/**
 * Read an image into a slot: a raw file, or the bytes from the lowest address on of one in Intel HEX or UF2.
 *
 * @param slot_size  bytes; what the file does not fill is erased. 0: as long as the file
 * @return OB_EXIT_USAGE after printing why the file cannot be used; OB_EXIT_FINDING: it is longer than the slot
 */
enum ob_exit image_file_read(struct image_file *file, const char *path, uint32_t slot_size);
void image_file_free(struct image_file *file);

/** What an image says about itself. Images that no device would run are described too. */
struct image_facts {
    struct ob_version version;
    uint32_t load_address;
    uint32_t flags;
    uint32_t header_size;
    uint32_t payload_size;
    uint32_t protected_size;   /* stated by the header */
    uint32_t protected_area;   /* offset; areas that are not there have size 0 */
    uint32_t unprotected_area; /* offset */
    uint32_t unprotected_size;
    uint32_t size;               /* header to the end of the TLVs */
    uint8_t digest[OB_HASH_MAX]; /* computed, as the image's own digest: of SHA-256 if it has none */
    const struct ob_hash *hash;  /* of the digest */
    bool encrypted;              /* the payload is, in this file: the digest is of something else */
    uint32_t trailer_align;      /* 0: the file does not end in a trailer */
    struct ob_trailer trailer;
};

/** @return NULL, or what is malformed: facts hold what could be read up to there */
const char *image_facts_read(const struct image_file *file, struct image_facts *facts);

/** Say what is malformed. @return OB_EXIT_FINDING */
enum ob_exit image_facts_print(const struct image_file *file, const char *wrong);

/** What to do about a file that cannot be read as an image, to end a message with. NULL: nothing special is known. */
const char *image_cure_of(const struct image_file *file);

/** How an image is signed, from its TLVs; OB_KIND_NONE: they cannot be read. */
enum ob_image_kind image_kind_of(const struct image_file *file);

struct image_tlv {
    uint16_t type;
    uint16_t len;
    const uint8_t *data;
};

/** The next entry of a TLV area. *off counts from the start of the file, and begins at 0. false: no more. */
bool image_tlv_next(const struct image_file *file, uint32_t area, uint32_t size, uint32_t *off, struct image_tlv *tlv);

/** Does it hold a digest of this kind? */
bool image_tlv_is_digest(const struct image_tlv *tlv, const struct ob_hash *hash);

/** @return the reference manual's name of a TLV type; "vendor" or "unknown" for the others */
const char *image_tlv_name(uint16_t type);

/** Write the names of the set flags, separated by blanks. */
void image_flag_names(uint32_t flags, char *out, size_t size);

/** What a key is for. Ed25519 keys serve three types of signatures. */
enum image_key_algorithm {
    IMAGE_KEY_RSA2048,
    IMAGE_KEY_RSA3072,
    IMAGE_KEY_P256,
    IMAGE_KEY_P384,
    IMAGE_KEY_ED25519,
};

#define IMAGE_KEY_DER_MAX 512u  /* RSA-3072: 398 */
#define IMAGE_KEY_DATA_MAX 768u /* RSA-3072: twice 384 */

/** The public half of a key. Must stay where it is: `key` points into it. */
struct image_key {
    enum image_key_algorithm algorithm;
    bool is_private; /* the file can sign */
    uint32_t der_len;
    uint32_t data_len;
    uint8_t der[IMAGE_KEY_DER_MAX]; /* in the form that imgtool hashes */
    _Alignas(8) uint8_t data[IMAGE_KEY_DATA_MAX];
    uint8_t hash[OB_HASH_MAX];
    struct ob_key key; /* set by image_key_bind() */
};

/** A type of signature, as the tool's options and the build name it. */
struct image_type {
    const char *name;   /* "ecdsa-p256" */
    const char *symbol; /* in C: "ob_signature_p256" */
    const struct ob_signature *signature;
    enum image_key_algorithm algorithm;
};

/** @return NULL: there is none of that name */
const struct image_type *image_type_named(const char *name);

/** The type for a kind of key; of several the one that an image of that kind is of, or else the first. */
const struct image_type *image_type_for(enum image_key_algorithm algorithm, enum ob_image_kind kind);

/** All names, separated by blanks. */
void image_type_names(char *out, size_t size);

/** Read the public half of a key. Other files are refused with the cure. */
enum ob_exit image_key_read(const char *path, struct image_key *out);

/** @return "an ECDSA P-256 key" */
const char *image_key_text(enum image_key_algorithm algorithm);

/** Let key->key serve for signatures of a type. */
void image_key_bind(struct image_key *key, const struct ob_signature *type);

/** Tables of structs that begin with their name, const char *. The row of this name; NULL: none. */
const void *image_row_named(const void *table, size_t count, size_t row_size, const char *name);
/** All names, with blanks between them. */
void image_row_names(const void *table, size_t count, size_t row_size, char *out, size_t size);

enum image_key_use { IMAGE_KEY_SIGNS = 1, IMAGE_KEY_ENCRYPTS = 2 };

/** What a file holds in which no key for this use was found: "a certificate". pem ends with a NUL behind len bytes. */
void image_other_key_text(const char *pem, size_t len, enum image_key_use use, char *out, size_t size);

/** Is there one key at most, with its public half or without? false after printing that it is not clear which is meant.
 */
bool image_key_is_alone(const char *path, const char *pem);

/** Random bytes in the form that Mbed TLS asks for; it blinds computations with a private key. */
int image_random(void *ctx, unsigned char *out, size_t len);

/** Whose demo key it is, which everybody has; NULL: nobody's. hash: SHA-256, of a public key's DER form or of a secret.
 */
const char *image_demo_key_of(const uint8_t hash[OB_DIGEST_SIZE]);

/** The same for a key that was read. */
const char *image_key_demo(const struct image_key *key);

/* ---- keys of encrypted images ---- */

enum image_secret_kind { IMAGE_SECRET_P256, IMAGE_SECRET_X25519, IMAGE_SECRET_RSA, IMAGE_SECRET_KW };

#define IMAGE_SECRET_MAX 768u /* RSA-2048: three times 256 */

/** What a device decrypts with. Wipe it. */
struct image_secret {
    enum image_secret_kind kind;
    uint32_t len;
    _Alignas(8) uint8_t bytes[IMAGE_SECRET_MAX]; /* as struct ob_key_wrap wants it */
};

/** A way to wrap content keys, as the tool's options and the build name it. */
struct image_wrap {
    const char *name;   /* "ecies-p256" */
    const char *symbol; /* in C: "ob_wrap_ec256" */
    const struct ob_key_wrap *wrap;
    enum image_secret_kind kind;
};

/** @return NULL: there is none of that name */
const struct image_wrap *image_wrap_named(const char *name);

/** The way that a kind of key is for; of several the one with this TLV, or else the first. */
const struct image_wrap *image_wrap_for(enum image_secret_kind kind, uint16_t tlv);

/** All names, separated by blanks. */
void image_wrap_names(char *out, size_t size);

/** Read a private key. Other files are refused with the cure. */
enum ob_exit image_secret_read(const char *path, struct image_secret *out);

/** How the content key of an image is wrapped; NULL: it holds none. */
const struct image_wrap *image_wrap_of(const struct image_file *file);

/** @return "an X25519 key" */
const char *image_secret_text(enum image_secret_kind kind);

/**
 * What a device with this private key needs, for the way that an image is encrypted in, if the key is for several.
 * @param secret  must stay where it is: *out points into it
 */
enum ob_exit image_decryption_read(const char *path, const struct image_file *file, struct image_secret *secret,
                                   struct ob_decryption *out);

/** Decrypt the payload of an image in place. @return OB_EXIT_FINDING after printing why it cannot be */
enum ob_exit image_decrypt(struct image_file *file, const char *enc_key);

/** Whose demo key it is, which everybody has; NULL: nobody's. */
const char *image_secret_demo(const struct image_secret *secret);

/**
 * What partitions.yml says about the place of image 0.
 *
 * @param slot_size  set to the bytes of mcuboot_primary
 */
enum ob_exit image_home_read(const char *path, struct ob_home *home, uint32_t *slot_size);

int image_cmd_info(int argc, char **argv);
int image_cmd_verify(int argc, char **argv);
int image_cmd_key(int argc, char **argv);
int image_cmd_decrypt(int argc, char **argv);

#endif
