/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_IMAGE_H
#define OUTBOARD_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include <outboard/area.h>
#include <outboard/err.h>

/*
 * Images as imgtool makes them: header, payload, protected TLVs, TLVs. Every field is little endian.
 * docs/SPEC.md says which bytes.
 */

#define OB_IMAGE_MAGIC 0x96f3b83du
#define OB_IMAGE_MAGIC_BIG 0x3db8f396u /* the same in big endian */
#define OB_IMAGE_HEADER_SIZE 32u       /* the part with fields; the header itself may be longer */
#define OB_IMAGE_FLAGS_OFFSET 16u      /* in the header */
#define OB_IMAGE_VERSION_OFFSET 20u
#define OB_DIGEST_SIZE 32u /* by which an image is known: its digest, or the first bytes of a longer one */

#ifdef CONFIG_UPDATEABLE_IMAGE_NUMBER
#define OB_IMAGES_MAX CONFIG_UPDATEABLE_IMAGE_NUMBER
#else
#define OB_IMAGES_MAX 8u /* the ledger: one bit per image */
#endif

/** An image's place in an array of all: firmware for one knows it when it is compiled. */
#define OB_IMAGE_AT(image) (OB_IMAGES_MAX == 1 ? 0 : (image))

/** Header flags that matter here. */
#define OB_IMAGE_AES128 0x00000004u /* encrypted, as is the next */
#define OB_IMAGE_AES256 0x00000008u
#define OB_IMAGE_ENCRYPTED (OB_IMAGE_AES128 | OB_IMAGE_AES256)
#define OB_IMAGE_NON_BOOTABLE 0x00000010u
#define OB_IMAGE_RAM_LOAD 0x00000020u
#define OB_IMAGE_ROM_FIXED 0x00000100u
#define OB_IMAGE_COMPRESSED 0x00000e00u

/** What an image is: how it is signed, or what else keeps a device from taking it. Kept in records: append only. */
enum ob_image_kind {
    OB_KIND_NONE = 0, /* no image header was read: nothing else is known, not even a version */
    OB_KIND_UNKNOWN,  /* nothing out of the ordinary was seen before it was refused */
    OB_KIND_UNSIGNED,
    OB_KIND_RSA2048,
    OB_KIND_RSA3072,
    OB_KIND_P256,
    OB_KIND_P384,
    OB_KIND_ED25519,
    OB_KIND_ED25519_SHA512,
    OB_KIND_ED25519_PURE,
    OB_KIND_OTHER_SIGNATURE, /* a pair of signature and digest that imgtool does not make */
    OB_KIND_FULL_KEY,        /* imgtool --public-key-format full: the key itself instead of its hash */
    OB_KIND_ENCRYPTED,
    OB_KIND_COMPRESSED,
    OB_KIND_NON_BOOTABLE,
    OB_KIND_RAM_LOAD,
    OB_KIND_BIG_ENDIAN,
    OB_KIND_PLAIN, /* not encrypted, for a device that takes encrypted images only */
    OB_KIND_AES128,
    OB_KIND_AES256,
    OB_KIND_WRAP_RSA, /* encrypted, and how its content key is wrapped */
    OB_KIND_WRAP_KW,
    OB_KIND_WRAP_EC256,
    OB_KIND_WRAP_X25519,
    OB_KIND_WRAP_X25519_SHA512,
};

/** One short English noun phrase, for logs and host programs. Never NULL. */
const char *ob_image_kind_text(enum ob_image_kind kind);

struct ob_version {
    uint8_t major;
    uint8_t minor;
    uint16_t revision;
    uint32_t build;
};

/** Major, minor and revision decide. */
bool ob_version_is_older(const struct ob_version *a, const struct ob_version *b);

/** What an image says, after every length was checked against the area. */
struct ob_image {
    enum ob_image_kind kind; /* OB_KIND_NONE: nothing below is known; else the version is */
    struct ob_version version;
    uint32_t flags;
    uint32_t load_address;
    uint32_t header_size;  /* bytes: where the payload starts */
    uint32_t payload_size; /* bytes */
    uint32_t hashed_size;  /* bytes from the start that the digest covers: header, payload, protected TLVs */
    uint32_t size;         /* bytes from header to the end of the TLVs */

    /* The verdict of ob_image_verify(), as a number: see verdict.h. 0: it was not asked. */
    uint32_t seal;

    /* Of the bytes that were hashed: valid after ob_image_verify() only. */
    uint32_t stack;                         /* the first two words of the payload, a vector table: stack pointer... */
    uint32_t entry;                         /* ...and reset vector; 0 in a payload without room for them */
    uint32_t counter;                       /* security counter */
    bool has_counter;                       /* the image has one */
    bool needs_unknown;                     /* it depends on an image whose number no bootloader of this build has */
    struct ob_version needs[OB_IMAGES_MAX]; /* of each image the lowest version that it works with; 0.0.0: any */
    uint8_t digest[OB_DIGEST_SIZE];         /* computed, except by ob_image_stated() */
};

struct ob_signature;
struct ob_decryption;

/** A public key that this device trusts, made from a PEM file when the bootloader is built. */
struct ob_key {
    const uint8_t *hash; /* what a KEYHASH TLV holds: the digest of the DER key, as long as type->hash says */
    const uint8_t *data; /* as type->verify wants it */
};

#define OB_PROOF_WORDS (OB_DIGEST_SIZE / 4)
#define OB_PROOFS 2u /* the image that runs, and the one that comes in */

/** Signatures that were found valid, of each a digest of what was signed, key and signature. Cleared at each start. */
struct ob_proofs {
    uint32_t of[OB_PROOFS][OB_PROOF_WORDS];
    uint8_t next; /* to be replaced */
};

/** What a device takes. */
struct ob_keys {
    const struct ob_key *key;
    uint32_t count;
    const struct ob_signature *type;        /* of all keys, see signature.h */
    const uint8_t *vendor;                  /* 16 bytes that the TLV UUID_VID must hold; NULL: it need not be there */
    const uint8_t *class;                   /* the same for UUID_CID */
    const struct ob_decryption *decryption; /* see cipher.h; NULL: encrypted images are refused */
    struct ob_proofs *proofs; /* the same signature of the same digest is not computed again; NULL: it is */
};

/**
 * A decision on authenticity. Far apart in Hamming distance, so that a glitched or forgotten value is not "accepted".
 * Compare with OB_VERDICT_ACCEPTED only, never with "not rejected".
 */
enum ob_verdict {
    OB_VERDICT_REJECTED = 0x3a5c96e1,
    OB_VERDICT_ACCEPTED = 0x45a3691e,
};

/** How an encrypted image lies there. */
enum ob_form {
    OB_FORM_RUNNING, /* decrypted: in a primary slot. Header and TLVs still say that it is encrypted elsewhere */
    OB_FORM_STORED,  /* as imgtool wrote it: everywhere else */
};

/**
 * Parse the image at the start of an area. Reads the header and the TLV area heads.
 *
 * @param max_size  bytes that the image may take: it must end at or below this, which is at most area->size
 * @return OB_ERR_EMPTY: the magic reads erased or foreign; OB_ERR_FORMAT: a length lies; OB_ERR_KIND: compressed,
 *         not bootable, for RAM, big endian, or encrypted in a build without decryption; OB_ERR_SIZE: longer than
 * max_size; or the flash error. out is always written: on an error only kind and what it says is known.
 */
OB_MUST_CHECK enum ob_err ob_image_parse(const struct ob_area *area, uint32_t max_size, struct ob_image *out);

struct ob_hooks;

/**
 * Would this device run the image at the start of an area? Parses, looks at the TLVs (with MCUboot's allow list), finds
 * the key by its hash, decrypts and hashes, and checks the last signature that belongs to a known key. Each byte is
 * read once; the header that is parsed is the header that is hashed. What needs no hashing is decided before.
 *
 * @param form   how it lies there, if it is encrypted
 * @param hooks  CONFIG_BOOT_WATCHDOG_FEED: feed is called after every few hundred bytes; else not looked at
 * @param out  always written, as far as known: a refusal can name version and kind
 * @param why  OB_OK if accepted, else the reason; docs/SPEC.md has the table of them
 */
OB_MUST_CHECK enum ob_verdict ob_image_verify(const struct ob_area *area, uint32_t max_size, enum ob_form form,
                                              const struct ob_keys *keys, const struct ob_hooks *hooks,
                                              struct ob_image *out, enum ob_err *why);

/**
 * What the image at the start of an area says it is, its digest too, which is not computed: for recognising it when it
 * has been verified. Parameters as above.
 *
 * @return OB_ERR_FORMAT: also if it states no digest, as images with a pure signature need not
 */
OB_MUST_CHECK enum ob_err ob_image_stated(const struct ob_area *area, uint32_t max_size, const struct ob_keys *keys,
                                          struct ob_image *out);

/** Where an image that is started must lie, and what it may point to. */
struct ob_home {
    uint32_t address;     /* where the CPU sees the first byte of the primary slot */
    uint32_t header_size; /* bytes, the layout's: the image is linked for what follows */
    uint32_t ram_start;
    uint32_t ram_size; /* bytes */
};

/**
 * Was an image made for this place? One that was not would lock up the CPU, or run into its neighbour.
 *
 * @param image  as ob_image_verify() filled it
 * @return OB_ERR_HEADER_SIZE, OB_ERR_ADDRESS (ROM_FIXED), OB_ERR_STACK, OB_ERR_ENTRY: what does not belong here
 */
OB_MUST_CHECK enum ob_err ob_image_belongs(const struct ob_image *image, const struct ob_home *home);

#endif
