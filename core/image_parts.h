/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_IMAGE_PARTS_H
#define CORE_IMAGE_PARTS_H

#include <outboard/cipher.h>
#include <outboard/digest.h>
#include <outboard/image.h>
#include <outboard/signature.h>
#include <outboard/tlv.h>
#include <outboard/upgrade.h>
#include <outboard/util.h>

/*
 * What the files about an image need of each other: the questions (image.c), its bytes and header (image_read.c), what
 * the TLVs claim that nothing protects (image_claims.c), its cipher (image_cipher.c), what is hashed (image_content.c).
 */

/* ---- image_read.c ---- */

/** An image read once, front to back: external flash may answer differently the second time. */
struct ob_reader {
    const struct ob_area *area;
    uint32_t pos;                   /* next byte to read */
    uint32_t end;                   /* nothing at or behind it is read; never below pos */
    const struct ob_keys *keys;     /* how it is hashed */
    union ob_hash_state *state;     /* takes every byte; NULL: nothing is hashed */
    const struct ob_cipher *cipher; /* decrypts what is read; NULL: nothing is encrypted */
    const struct ob_hooks *hooks;
};

static inline struct ob_reader ob_reader_start(const struct ob_area *area, uint32_t max_size)
{
    return (struct ob_reader){.area = area, .end = OB_MIN(max_size, area->size)};
}

static inline const struct ob_hash *ob_hash_of(const struct ob_keys *keys)
{
    return OB_KEYS_TYPE(keys)->hash;
}

/** Read bytes. @return OB_ERR_FORMAT: there are not so many, or the flash error */
OB_MUST_CHECK enum ob_err ob_reader_take(struct ob_reader *reader, void *dst, uint32_t len);

/** Pass over bytes that only the digest looks at. Returns as above. */
OB_MUST_CHECK enum ob_err ob_reader_pass(struct ob_reader *reader, uint32_t len);

/* The first bytes of an image, and the head of a TLV, exactly as they are stored: little endian. */
struct ob_header {
    uint32_t magic;
    uint32_t load_address;
    uint16_t header_size;
    uint16_t protected_size;
    uint32_t payload_size;
    uint32_t flags;
    struct ob_version version;
    uint32_t padding;
};

struct ob_tlv {
    uint16_t type;
    uint16_t len; /* bytes of data that follow, as it states */
};

_Static_assert(sizeof(struct ob_header) == OB_IMAGE_HEADER_SIZE, "an image header is read as it is");
_Static_assert(sizeof(struct ob_tlv) == OB_TLV_ENTRY_SIZE, "a TLV's head is read as it is");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "images are little endian");

/** The header, with everything that it says, and whether header, payload and protected TLVs have room. */
OB_MUST_CHECK enum ob_err ob_header_read(struct ob_reader *reader, struct ob_header *header, struct ob_image *image);

/** The head of an area of TLVs. size: bytes of them, without the head. */
OB_MUST_CHECK enum ob_err ob_tlvs_enter(struct ob_reader *reader, uint32_t magic, uint32_t *size);

/* ---- image_claims.c ---- */

/** What the TLVs that nothing protects claim. Nothing of it is believed yet. */
struct ob_claims {
    const struct ob_keys *keys;
    uint32_t signatures;      /* types of signatures that are there: a bit for each of OB_TLV_RSA2048 and following */
    uint32_t digests;         /* types of digests: a bit for each of OB_TLV_SHA256 and following */
    bool full_key;            /* there is a whole public key */
    bool pure;                /* the signature is said to be over the image */
    uint32_t wraps;           /* types of wrapped content keys: a bit for each of OB_TLV_ENC_RSA2048 and following */
    uint32_t wrapped_at;      /* where the one is that this device can unwrap: its data ... */
    uint16_t wrapped_len;     /* ... and bytes of it; 0: there is none */
    bool malformed;           /* an entry of a type that this device looks at has an impossible length */
    bool contradictory;       /* two digests differ */
    const struct ob_key *key; /* named by the last KEYHASH, used up by the next signature; NULL: none */
    const struct ob_key *signer; /* of the last signature of a known key; NULL: there is none */
    uint16_t signature_len;      /* of that one */
    bool has_digest;
    uint8_t digest[OB_HASH_MAX]; /* stated */
    uint8_t signature[OB_SIGNATURE_MAX];
};

/** Is it a type that belongs where nothing protects it? MCUboot's list, and SIG_PURE, which tells what an image is. */
bool ob_tlv_is_claim(uint16_t type);

/** Go to the claims. Leaves the reader at the first one, ending where the image ends. */
OB_MUST_CHECK enum ob_err ob_claims_enter(struct ob_reader *reader, struct ob_image *image);

/** Go there, and read them all. */
OB_MUST_CHECK enum ob_err ob_claims_read(struct ob_reader *reader, struct ob_claims *claims, struct ob_image *image);

/** Can they be proved with a key of this device? What they cannot is said before anything is hashed. */
OB_MUST_CHECK enum ob_err ob_claims_judge(const struct ob_claims *claims, struct ob_image *image);

/* ---- image_cipher.c ---- */

static inline bool ob_image_is_encrypted(const struct ob_image *image)
{
    return (image->flags & OB_IMAGE_ENCRYPTED) != 0;
}

/** Does this device take images that are encrypted so, or not at all? Where it runs an image is decrypted. */
/*@ requires \valid(image) && (decryption == \null || \valid_read(decryption));
    assigns image->kind \from image->kind, image->flags, form;
    ensures \result == OB_OK || \result == OB_ERR_KIND; */
OB_MUST_CHECK enum ob_err ob_image_judge_encryption(const struct ob_decryption *decryption, enum ob_form form,
                                                    struct ob_image *image);

/** The cipher of an image whose TLVs were read. size 0: it is not encrypted. Zero before, and after an error. */
OB_MUST_CHECK enum ob_err ob_image_make_cipher(const struct ob_area *area, const struct ob_claims *claims,
                                               struct ob_image *image, struct ob_cipher *out);

/* ---- image_content.c ---- */

/** What the bytes that are hashed say beside the header. */
struct ob_content {
    struct ob_image *image;
    const struct ob_keys *keys;
    const struct ob_cipher *cipher; /* as for a reader */
    bool is_vendor;                 /* the TLV is there and as it must be */
    bool is_class;
};

/** Everything behind the header's fields up to the end of the protected TLVs. */
OB_MUST_CHECK enum ob_err ob_content_read(struct ob_reader *reader, struct ob_content *content);

/** Hash the image, and leave what its content says in it. digest: OB_HASH_MAX bytes */
OB_MUST_CHECK enum ob_err ob_content_hash(const struct ob_area *area, const struct ob_claims *claims,
                                          const struct ob_hooks *hooks, const struct ob_header *header,
                                          struct ob_content *content, uint8_t *digest);

#endif
