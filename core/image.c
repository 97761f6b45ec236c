/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/image.h>

#include <string.h>

#include <outboard/cipher.h>
#include <outboard/digest.h>
#include <outboard/signature.h>
#include <outboard/tlv.h>
#include <outboard/upgrade.h>
#include <outboard/util.h>
#include <outboard/verdict.h>

/* Bytes that are hashed between two feeds of the watchdog, where flash is read as memory. */
#define MAPPED_CHUNK 4096u

#define UUID_SIZE 16u

/* An image read once, front to back: external flash may answer differently the second time. */
struct reader {
    const struct ob_area *area;
    uint32_t pos;                   /* next byte to read */
    uint32_t end;                   /* nothing at or behind it is read; never below pos */
    const struct ob_keys *keys;     /* how it is hashed */
    union ob_hash_state *state;     /* takes every byte; NULL: nothing is hashed */
    const struct ob_cipher *cipher; /* decrypts what is read; NULL: nothing is encrypted */
    const struct ob_hooks *hooks;
};

/* The first bytes of an image, and the heads of TLV areas and entries, exactly as they are stored: little endian. */
struct header {
    uint32_t magic;
    uint32_t load_address;
    uint16_t header_size;
    uint16_t protected_size;
    uint32_t payload_size;
    uint32_t flags;
    struct ob_version version;
    uint32_t padding;
};

struct area_head {
    uint16_t magic;
    uint16_t size; /* with the head */
};

struct entry {
    uint16_t type;
    uint16_t len; /* bytes of data that follow, as the entry states it */
};

struct dependency {
    uint8_t image;
    uint8_t unused[3];
    struct ob_version version;
};

_Static_assert(sizeof(struct header) == OB_IMAGE_HEADER_SIZE, "an image header is read as it is");
_Static_assert(sizeof(struct area_head) == OB_TLV_HEAD_SIZE, "a TLV area's head is read as it is");
_Static_assert(sizeof(struct entry) == OB_TLV_ENTRY_SIZE, "a TLV's head is read as it is");
_Static_assert(sizeof(struct dependency) == 12, "a dependency is read as it is");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "images are little endian");

/* What the TLVs that nothing protects claim. Nothing of it is believed yet. */
struct claims {
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

/* What the bytes that are hashed say beside the header. */
struct content {
    struct ob_image *image;
    const struct ob_keys *keys;
    const struct ob_cipher *cipher; /* as for a reader */
    bool is_vendor;                 /* the TLV is there and as it must be */
    bool is_class;
};

static const struct ob_hash *hash_of(const struct ob_keys *keys)
{
    return OB_KEYS_TYPE(keys)->hash;
}

static enum ob_err take(struct reader *reader, void *dst, uint32_t len)
{
    if (len > reader->end - reader->pos) {
        return OB_ERR_FORMAT;
    }
    enum ob_err err = ob_area_read(reader->area, reader->pos, dst, len);
    if (err == OB_OK && OB_ENCRYPTS && reader->cipher != NULL) {
        ob_cipher_apply(reader->cipher, reader->pos, dst, len);
    }
    if (err == OB_OK) {
        reader->pos += len;
        if (reader->state != NULL) {
            hash_of(reader->keys)->add(reader->state, dst, len);
        }
    }
    return err;
}

static void feed(const struct reader *reader)
{
    if (OB_ENABLED(CONFIG_BOOT_WATCHDOG_FEED)) {
        ob_feed(reader->hooks);
    }
}

/* Hash bytes that nothing else looks at, where they are: flash that the CPU reads as memory need not be copied. */
static void pass_mapped(struct reader *reader, const uint8_t *bytes, uint32_t len)
{
    while (len > 0) {
        uint32_t part = OB_MIN(len, MAPPED_CHUNK);
        hash_of(reader->keys)->add(reader->state, bytes, part);
        feed(reader);
        reader->pos += part;
        bytes += part;
        len -= part;
    }
}

/* Pass over bytes that only the digest looks at. */
static enum ob_err pass(struct reader *reader, uint32_t len)
{
    uint8_t chunk[256];
    enum ob_err err = OB_OK;
    if (len > reader->end - reader->pos) {
        return OB_ERR_FORMAT;
    }
    if (reader->state == NULL) {
        reader->pos += len;
        return OB_OK;
    }
    const uint8_t *mapped = ob_area_mapped(reader->area, reader->pos, len);
    if (mapped != NULL && (!OB_ENCRYPTS || reader->cipher == NULL)) {
        pass_mapped(reader, mapped, len);
        return OB_OK;
    }
    while (err == OB_OK && len > 0) {
        uint32_t part = OB_MIN(len, (uint32_t)sizeof(chunk));
        err = take(reader, chunk, part);
        feed(reader);
        len -= part;
    }
    return err;
}

/* Take a part out of the room that is left. Subtracts: the sum of an image's lengths could wrap. */
static bool fits(uint32_t *room, uint32_t len)
{
    if (len > *room) {
        return false;
    }
    *room -= len;
    return true;
}

static uint16_t swap16(uint16_t value)
{
    return (uint16_t)(value << 8 | value >> 8);
}

/* imgtool -e big: for CPUs that this is not made for. The magic tells them apart from an empty slot. */
static void describe_big_endian(const struct header *header, struct ob_image *image)
{
    image->kind = OB_KIND_BIG_ENDIAN;
    image->version = header->version;
    image->version.revision = swap16(header->version.revision);
    image->version.build =
        (uint32_t)swap16((uint16_t)header->version.build) << 16 | swap16((uint16_t)(header->version.build >> 16));
}

/* Kinds of images that could only be run wrongly. OB_KIND_UNKNOWN: none of them. */
static enum ob_image_kind kind_of_flags(uint32_t flags)
{
    if ((flags & OB_IMAGE_ENCRYPTED) == OB_IMAGE_ENCRYPTED || (!OB_ENCRYPTS && (flags & OB_IMAGE_ENCRYPTED) != 0)) {
        return OB_KIND_ENCRYPTED; /* in two ways at once, or for who can decrypt */
    }
    if ((flags & OB_IMAGE_COMPRESSED) != 0) {
        return OB_KIND_COMPRESSED;
    }
    if ((flags & OB_IMAGE_NON_BOOTABLE) != 0) {
        return OB_KIND_NON_BOOTABLE;
    }
    return (flags & OB_IMAGE_RAM_LOAD) != 0 ? OB_KIND_RAM_LOAD : OB_KIND_UNKNOWN;
}

/* Everything that the header says, and whether header, payload and protected TLVs have room. */
static enum ob_err check_header(const struct header *header, uint32_t room, struct ob_image *image)
{
    const uint32_t all = room;

    if (header->magic == OB_IMAGE_MAGIC_BIG) {
        describe_big_endian(header, image);
        return OB_ERR_KIND;
    }
    if (header->magic != OB_IMAGE_MAGIC) {
        return OB_ERR_EMPTY;
    }
    image->kind = kind_of_flags(header->flags);
    image->version = header->version;
    image->flags = header->flags;
    image->load_address = header->load_address;
    image->header_size = header->header_size;
    image->payload_size = header->payload_size;
    if (image->kind != OB_KIND_UNKNOWN) {
        return OB_ERR_KIND;
    }
    if (header->header_size < OB_IMAGE_HEADER_SIZE) {
        return OB_ERR_FORMAT;
    }
    if (!fits(&room, header->header_size) || !fits(&room, header->payload_size) ||
        !fits(&room, header->protected_size) || room < OB_TLV_HEAD_SIZE) {
        return OB_ERR_SIZE;
    }
    image->hashed_size = all - room;
    return OB_OK;
}

static enum ob_err read_header(struct reader *reader, struct header *header, struct ob_image *image)
{
    enum ob_err err = take(reader, header, sizeof(*header));
    return err == OB_OK ? check_header(header, reader->end, image) : err;
}

/* The head of a TLV area. size: bytes of the entries, without the head. */
static enum ob_err read_area_head(struct reader *reader, uint32_t magic, uint32_t *size)
{
    struct area_head head;
    enum ob_err err = take(reader, &head, sizeof(head));
    if (err == OB_OK && (head.magic != magic || head.size < sizeof(head))) {
        err = OB_ERR_FORMAT;
    }
    if (err == OB_OK) {
        *size = head.size - (uint32_t)sizeof(head);
    }
    return err;
}

/* Go to the TLVs that nothing protects. Leaves the reader at the first entry, ending where the image ends. */
static enum ob_err enter_entries(struct reader *reader, struct ob_image *image)
{
    uint32_t entries_size;
    reader->pos = image->hashed_size;
    enum ob_err err = read_area_head(reader, OB_TLV_MAGIC, &entries_size);
    if (err == OB_OK && entries_size > reader->end - reader->pos) {
        err = OB_ERR_SIZE;
    }
    if (err == OB_OK) {
        reader->end = reader->pos + entries_size;
        image->size = reader->end;
    }
    return err;
}

/* ---- what the TLVs claim ---- */

/* MCUboot's allow list for the area that nothing protects, and SIG_PURE, which tells what an image is. */
static bool allowed_unprotected(uint16_t type)
{
    switch (type) {
    case OB_TLV_KEYHASH:
    case OB_TLV_PUBKEY:
    case OB_TLV_SHA256:
    case OB_TLV_SHA384:
    case OB_TLV_SHA512:
    case OB_TLV_RSA2048:
    case OB_TLV_ECDSA224:
    case OB_TLV_ECDSA:
    case OB_TLV_RSA3072:
    case OB_TLV_ED25519:
    case OB_TLV_SIG_PURE:
    case OB_TLV_ENC_RSA2048:
    case OB_TLV_ENC_KW:
    case OB_TLV_ENC_EC256:
    case OB_TLV_ENC_X25519:
    case OB_TLV_ENC_X25519_SHA512:
        return true;
    default:
        return false;
    }
}

static uint32_t signature_bit(uint16_t type)
{
    return 1u << (type - OB_TLV_RSA2048);
}

static uint32_t digest_bit(uint16_t type)
{
    return 1u << (type - OB_TLV_SHA256);
}

static enum ob_err claim_digest(struct reader *reader, const struct entry *entry, struct claims *claims)
{
    const struct ob_hash *hash = hash_of(claims->keys);
    uint8_t digest[OB_HASH_MAX];

    claims->digests |= digest_bit(entry->type);
    if (entry->type != hash->tlv) {
        return pass(reader, entry->len);
    }
    if (entry->len != hash->size) {
        claims->malformed = true;
        return pass(reader, entry->len);
    }
    enum ob_err err = take(reader, digest, hash->size);
    if (err == OB_OK) {
        claims->contradictory =
            claims->contradictory || (claims->has_digest && !ob_equal(digest, claims->digest, hash->size));
        claims->has_digest = true;
        memcpy(claims->digest, digest, hash->size);
    }
    return err;
}

static enum ob_err claim_key(struct reader *reader, uint16_t len, struct claims *claims)
{
    const struct ob_keys *keys = claims->keys;
    uint8_t hash[OB_HASH_MAX];

    claims->key = NULL;
    if (len != hash_of(keys)->size) {
        claims->malformed = true; /* unless the image turns out to be of another type */
        return pass(reader, len);
    }
    enum ob_err err = take(reader, hash, len);
    for (uint32_t i = 0; err == OB_OK && claims->key == NULL && i < keys->count; i++) {
        if (ob_equal(hash, keys->key[i].hash, len)) {
            claims->key = &keys->key[i];
        }
    }
    return err;
}

static enum ob_err claim_signature(struct reader *reader, const struct entry *entry, struct claims *claims)
{
    const struct ob_signature *type = OB_KEYS_TYPE(claims->keys);

    claims->signatures |= signature_bit(entry->type);
    if (entry->type != type->tlv || claims->key == NULL) {
        return pass(reader, entry->len); /* of another type, or of a key that this device does not know */
    }
    if (entry->len > type->size_max) {
        claims->malformed = true;
        return pass(reader, entry->len);
    }
    claims->signer = claims->key;
    claims->key = NULL;
    claims->signature_len = entry->len;
    return take(reader, claims->signature, entry->len);
}

static enum ob_err claim_pure(struct reader *reader, uint16_t len, struct claims *claims)
{
    uint8_t value = 0;

    if (len != sizeof(value)) {
        return OB_ERR_FORMAT;
    }
    enum ob_err err = take(reader, &value, sizeof(value));
    claims->pure = value == 1;
    return err == OB_OK && !claims->pure ? OB_ERR_FORMAT : err;
}

/* Where the content key is. Of several it would depend on the reader which one counts. */
static enum ob_err claim_wrapped(struct reader *reader, const struct entry *entry, struct claims *claims)
{
    const struct ob_decryption *decryption = claims->keys->decryption;

    claims->malformed = claims->malformed || claims->wraps != 0;
    claims->wraps |= 1u << (entry->type - OB_TLV_ENC_RSA2048);
    if (decryption != NULL && entry->type == decryption->wrap->tlv) {
        claims->wrapped_at = reader->pos;
        claims->wrapped_len = entry->len;
    }
    return pass(reader, entry->len);
}

static enum ob_err read_claim(struct reader *reader, struct claims *claims)
{
    struct entry entry;
    enum ob_err err = take(reader, &entry, sizeof(entry));
    if (err != OB_OK) {
        return err;
    }
    switch (entry.type) {
    case OB_TLV_SHA256:
    case OB_TLV_SHA384:
    case OB_TLV_SHA512:
        return claim_digest(reader, &entry, claims);
    case OB_TLV_KEYHASH:
        return claim_key(reader, entry.len, claims);
    case OB_TLV_RSA2048:
    case OB_TLV_ECDSA:
    case OB_TLV_RSA3072:
    case OB_TLV_ED25519:
        return claim_signature(reader, &entry, claims);
    case OB_TLV_SIG_PURE:
        return claim_pure(reader, entry.len, claims);
    case OB_TLV_ENC_RSA2048:
    case OB_TLV_ENC_KW:
    case OB_TLV_ENC_EC256:
    case OB_TLV_ENC_X25519:
    case OB_TLV_ENC_X25519_SHA512:
        return OB_ENCRYPTS ? claim_wrapped(reader, &entry, claims) : pass(reader, entry.len);
    default:
        claims->full_key = claims->full_key || entry.type == OB_TLV_PUBKEY;
        return allowed_unprotected(entry.type) ? pass(reader, entry.len) : OB_ERR_FORMAT;
    }
}

/* How an image is signed, from the types of its TLVs: the device's own way if it is among several. */
static enum ob_image_kind kind_of_claims(const struct claims *claims)
{
    static const struct {
        uint16_t signature;
        uint16_t digest;
        bool pure;
        enum ob_image_kind kind;
    } kinds[] = {
        {OB_TLV_ED25519, OB_TLV_SHA512, true, OB_KIND_ED25519_PURE},
        {OB_TLV_ED25519, OB_TLV_SHA512, false, OB_KIND_ED25519_SHA512},
        {OB_TLV_ED25519, OB_TLV_SHA256, false, OB_KIND_ED25519},
        {OB_TLV_ECDSA, OB_TLV_SHA384, false, OB_KIND_P384},
        {OB_TLV_ECDSA, OB_TLV_SHA256, false, OB_KIND_P256},
        {OB_TLV_RSA3072, OB_TLV_SHA256, false, OB_KIND_RSA3072},
        {OB_TLV_RSA2048, OB_TLV_SHA256, false, OB_KIND_RSA2048},
    };
    enum ob_image_kind kind = claims->signatures == 0 ? OB_KIND_UNSIGNED : OB_KIND_OTHER_SIGNATURE;

    for (uint32_t i = 0; i < OB_ARRAY_SIZE(kinds); i++) {
        if ((claims->signatures & signature_bit(kinds[i].signature)) != 0 && claims->pure == kinds[i].pure &&
            ((claims->digests & digest_bit(kinds[i].digest)) != 0 || kinds[i].pure) &&
            (kind == OB_KIND_OTHER_SIGNATURE || kinds[i].kind == OB_KEYS_TYPE(claims->keys)->kind)) {
            kind = kinds[i].kind;
        }
    }
    return kind;
}

/* Can these claims be proved with a key of this device? What they cannot is said before anything is hashed. */
static enum ob_err judge_claims(const struct claims *claims, struct ob_image *image)
{
    const struct ob_signature *type = OB_KEYS_TYPE(claims->keys);

    image->kind = kind_of_claims(claims);
    if (image->kind == OB_KIND_UNSIGNED) {
        return claims->digests == 0 || claims->malformed ? OB_ERR_FORMAT : OB_ERR_KEY;
    }
    if (claims->digests == 0 && !type->pure) {
        return OB_ERR_FORMAT;
    }
    if (image->kind != type->kind) {
        return OB_ERR_TYPE;
    }
    if (claims->malformed) {
        return OB_ERR_FORMAT;
    }
    if (claims->signer == NULL) {
        image->kind = claims->full_key ? OB_KIND_FULL_KEY : image->kind;
        return OB_ERR_KEY;
    }
    return claims->contradictory ? OB_ERR_DIGEST : OB_OK;
}

static enum ob_err read_claims(struct reader *reader, struct claims *claims, struct ob_image *image)
{
    enum ob_err err = enter_entries(reader, image);
    while (err == OB_OK && reader->pos < reader->end) {
        err = read_claim(reader, claims);
    }
    return err;
}

/* ---- what is encrypted ---- */

static bool is_encrypted(const struct ob_image *image)
{
    return (image->flags & OB_IMAGE_ENCRYPTED) != 0;
}

static uint32_t content_key_size(const struct ob_image *image)
{
    return (image->flags & OB_IMAGE_AES256) != 0 ? 32 : 16;
}

/* Does this device take images that are encrypted so, or not at all? Where it runs an image is decrypted. */
static enum ob_err judge_encryption(const struct ob_decryption *decryption, enum ob_form form, struct ob_image *image)
{
    enum ob_image_kind kind = image->kind;

    if (!OB_ENCRYPTS) {
        return OB_OK; /* those that are were refused for it */
    }
    if (is_encrypted(image) && decryption == NULL) {
        kind = OB_KIND_ENCRYPTED;
    } else if (form == OB_FORM_STORED && !is_encrypted(image) && decryption != NULL && decryption->required) {
        kind = OB_KIND_PLAIN;
    } else if (form == OB_FORM_STORED && is_encrypted(image) && content_key_size(image) != decryption->size) {
        kind = decryption->size == 32 ? OB_KIND_AES128 : OB_KIND_AES256;
    }
    if (kind != image->kind) {
        image->kind = kind;
        return OB_ERR_KIND;
    }
    return OB_OK;
}

static enum ob_image_kind kind_of_wraps(uint32_t wraps)
{
    static const enum ob_image_kind kinds[] = {OB_KIND_WRAP_RSA, OB_KIND_WRAP_KW, OB_KIND_WRAP_EC256,
                                               OB_KIND_WRAP_X25519, OB_KIND_WRAP_X25519_SHA512};
    enum ob_image_kind kind = OB_KIND_ENCRYPTED;

    for (uint32_t i = 0; i < OB_ARRAY_SIZE(kinds); i++) {
        kind = (wraps >> i & 1) != 0 ? kinds[i] : kind;
    }
    return kind;
}

static enum ob_err unwrap(const struct ob_area *area, const struct claims *claims, struct ob_cipher *out)
{
    const struct ob_decryption *decryption = claims->keys->decryption;
    uint8_t wrapped[OB_WRAPPED_MAX];

    if (claims->wrapped_len > sizeof(wrapped)) {
        return OB_ERR_FORMAT;
    }
    if (decryption->key == NULL) {
        return OB_ERR_UNWRAP;
    }
    enum ob_err err = ob_area_read(area, claims->wrapped_at, wrapped, claims->wrapped_len);
    if (err == OB_OK &&
        !decryption->wrap->unwrap(decryption->key, wrapped, claims->wrapped_len, out->key, decryption->size)) {
        err = OB_ERR_UNWRAP;
    }
    return err;
}

/* The cipher of an image whose TLVs were read. size 0: it is not encrypted. Zero before, and after an error. */
static enum ob_err make_cipher(const struct ob_area *area, const struct claims *claims, struct ob_image *image,
                               struct ob_cipher *out)
{
    if (!is_encrypted(image)) {
        return OB_OK;
    }
    if (claims->wrapped_len == 0) { /* unwrapped in another way, or not there at all */
        image->kind = claims->wraps == 0 ? image->kind : kind_of_wraps(claims->wraps);
        return claims->wraps == 0 ? OB_ERR_FORMAT : OB_ERR_KIND;
    }
    enum ob_err err = unwrap(area, claims, out);
    if (err != OB_OK) {
        ob_wipe(out, sizeof(*out));
        return err;
    }
    out->start = image->header_size;
    out->size = image->payload_size;
    out->key_size = claims->keys->decryption->size;
    return OB_OK;
}

/* ---- what is hashed ---- */

static enum ob_err take_dependency(struct reader *reader, struct ob_image *image)
{
    struct dependency dependency;
    enum ob_err err = take(reader, &dependency, sizeof(dependency));
    if (err == OB_OK && dependency.image < OB_IMAGES_MAX) {
        struct ob_version *needs = &image->needs[dependency.image];
        *needs = ob_version_is_older(needs, &dependency.version) ? dependency.version : *needs;
    } else if (err == OB_OK) {
        image->needs_unknown = true;
    }
    return err;
}

static enum ob_err take_counter(struct reader *reader, struct ob_image *image)
{
    image->has_counter = true;
    return take(reader, &image->counter, sizeof(image->counter));
}

static enum ob_err take_uuid(struct reader *reader, const uint8_t *expected, bool *is_expected)
{
    uint8_t uuid[UUID_SIZE];
    enum ob_err err = take(reader, uuid, sizeof(uuid));
    *is_expected = err == OB_OK && expected != NULL && ob_equal(uuid, expected, sizeof(uuid));
    return err;
}

/* Of a length that its type does not have, what is decided on it would be undefined. */
static uint32_t protected_len(uint16_t type, uint32_t len)
{
    switch (type) {
    case OB_TLV_DEPENDENCY:
        return sizeof(struct dependency);
    case OB_TLV_SEC_CNT:
        return sizeof(uint32_t);
    case OB_TLV_UUID_VID:
    case OB_TLV_UUID_CID:
        return UUID_SIZE;
    default:
        return len;
    }
}

/* What would prove something by itself belongs into the other area. */
static enum ob_err take_protected(struct reader *reader, struct content *content)
{
    struct entry entry;
    enum ob_err err = take(reader, &entry, sizeof(entry));
    if (err == OB_OK && (allowed_unprotected(entry.type) || entry.len != protected_len(entry.type, entry.len))) {
        err = OB_ERR_FORMAT;
    }
    if (err != OB_OK) {
        return err;
    }
    switch (entry.type) {
    case OB_TLV_DEPENDENCY:
        return take_dependency(reader, content->image);
    case OB_TLV_SEC_CNT:
        return take_counter(reader, content->image);
    case OB_TLV_UUID_VID:
        return take_uuid(reader, content->keys->vendor, &content->is_vendor);
    case OB_TLV_UUID_CID:
        return take_uuid(reader, content->keys->class, &content->is_class);
    default:
        return pass(reader, entry.len);
    }
}

/* The protected TLVs: all that is left up to `end`, which the header stated. */
static enum ob_err read_protected(struct reader *reader, struct content *content)
{
    uint32_t size;
    enum ob_err err = read_area_head(reader, OB_TLV_PROTECTED_MAGIC, &size);
    if (err == OB_OK && size != reader->end - reader->pos) {
        err = OB_ERR_FORMAT;
    }
    while (err == OB_OK && reader->pos < reader->end) {
        err = take_protected(reader, content);
    }
    return err;
}

/* Stack pointer and reset vector, then the rest of the payload. Never on the stack: a return address that is popped
 * from the wrong place would be the image's own entry. */
static enum ob_err read_payload(struct reader *reader, struct ob_image *image)
{
    const uint32_t vectors_size = sizeof(image->stack) + sizeof(image->entry);

    if (image->payload_size < vectors_size) {
        return pass(reader, image->payload_size);
    }
    enum ob_err err = take(reader, &image->stack, sizeof(image->stack));
    if (err == OB_OK) {
        err = take(reader, &image->entry, sizeof(image->entry));
    }
    return err == OB_OK ? pass(reader, image->payload_size - vectors_size) : err;
}

/* Everything behind the header's fields up to the end of the protected TLVs. */
static enum ob_err read_content(struct reader *reader, struct content *content)
{
    struct ob_image *image = content->image;
    reader->pos = OB_IMAGE_HEADER_SIZE;
    reader->end = image->hashed_size;
    enum ob_err err = pass(reader, image->header_size - OB_IMAGE_HEADER_SIZE);
    if (err == OB_OK) {
        err = read_payload(reader, image);
    }
    if (err == OB_OK && reader->pos < reader->end) {
        err = read_protected(reader, content);
    }
    return err;
}

/* A pure signature is over its own first half, the key and the image, as RFC 8032 has it. */
static void start_hash(struct reader *reader, const struct claims *claims, const struct header *header)
{
    const struct ob_signature *type = OB_KEYS_TYPE(claims->keys);

    hash_of(claims->keys)->start(reader->state);
    if (type->pure && claims->signer != NULL) {
        hash_of(claims->keys)->add(reader->state, claims->signature, OB_DIGEST_SIZE);
        hash_of(claims->keys)->add(reader->state, claims->signer->data, OB_DIGEST_SIZE);
    }
    hash_of(claims->keys)->add(reader->state, header, sizeof(*header));
}

/* Hash the image, and leave what its content says in it. digest: OB_HASH_MAX bytes. */
static enum ob_err hash_image(const struct ob_area *area, const struct claims *claims, const struct ob_hooks *hooks,
                              const struct header *header, struct content *content, uint8_t *digest)
{
    union ob_hash_state state;
    struct reader reader = {.area = area, .keys = claims->keys, .state = &state, .cipher = content->cipher};

    if (OB_ENABLED(CONFIG_BOOT_WATCHDOG_FEED)) {
        reader.hooks = hooks;
    }
    start_hash(&reader, claims, header);
    enum ob_err err = read_content(&reader, content);
    if (err == OB_OK) {
        hash_of(claims->keys)->finish(&state, digest);
        memcpy(content->image->digest, digest, OB_DIGEST_SIZE);
    }
    return err;
}

/* ---- the three questions ---- */

bool ob_version_is_older(const struct ob_version *a, const struct ob_version *b)
{
    if (a->major != b->major) {
        return a->major < b->major;
    }
    if (a->minor != b->minor) {
        return a->minor < b->minor;
    }
    return a->revision < b->revision;
}

static struct reader start_reader(const struct ob_area *area, uint32_t max_size)
{
    return (struct reader){.area = area, .end = OB_MIN(max_size, area->size)};
}

enum ob_err ob_image_parse(const struct ob_area *area, uint32_t max_size, struct ob_image *out)
{
    static const struct ob_keys none;
    struct reader reader = start_reader(area, max_size);
    struct reader entries = reader;
    struct header header;
    struct content content = {.image = out, .keys = &none};
    *out = (struct ob_image){0};
    enum ob_err err = read_header(&reader, &header, out);
    if (err == OB_OK) {
        err = enter_entries(&entries, out);
    }
    return err == OB_OK ? read_content(&reader, &content) : err;
}

/* Where the claims were read and judged before. */
static enum ob_err check_digest(const struct claims *claims, const struct content *content, const uint8_t *digest)
{
    const struct ob_keys *keys = claims->keys;

    if (!OB_KEYS_TYPE(keys)->pure && !ob_equal(digest, claims->digest, hash_of(keys)->size)) {
        return OB_ERR_DIGEST;
    }
    if ((keys->vendor != NULL && !content->is_vendor) || (keys->class != NULL && !content->is_class)) {
        return OB_ERR_DEVICE;
    }
    return OB_OK;
}

/* A digest of all that decides whether a signature is valid. Inlined its state would lie on the stack for as long as
 * the signature is looked at, where the stack is deepest. */
__attribute__((noinline)) static void make_proof(const struct claims *claims, const uint8_t *digest,
                                                 uint32_t proof[OB_PROOF_WORDS])
{
    const uint32_t hash_size = hash_of(claims->keys)->size;
    struct ob_sha256 sha;

    ob_sha256_start(&sha);
    ob_sha256_add(&sha, digest, hash_size);
    ob_sha256_add(&sha, claims->signer->hash, hash_size);
    ob_sha256_add(&sha, claims->signature, claims->signature_len);
    ob_sha256_finish(&sha, (uint8_t *)proof);
}

/* Was this one found before? The verdict is the comparison's own. */
static uint32_t recall(const struct ob_proofs *proofs, const uint32_t proof[OB_PROOF_WORDS])
{
    uint32_t verdict = (uint32_t)OB_VERDICT_REJECTED;

    for (uint32_t i = 0; i < OB_PROOFS; i++) {
        const uint32_t seen = ob_verdict_reload((uint32_t)ob_verdict_compare(proof, proofs->of[i], OB_PROOF_WORDS));
        verdict = ob_verdict_reload(seen) == (uint32_t)OB_VERDICT_ACCEPTED ? seen : verdict;
    }
    return verdict;
}

/* What is kept is right only together with the right verdict: a mistake on the way here is none that is remembered. */
static void remember(struct ob_proofs *proofs, const uint32_t proof[OB_PROOF_WORDS], uint32_t verdict)
{
    for (uint32_t i = 0; i < OB_PROOF_WORDS; i++) {
        proofs->of[proofs->next][i] = proof[i] ^ ob_verdict_reload(verdict) ^ (uint32_t)OB_VERDICT_ACCEPTED;
    }
    proofs->next = (proofs->next + 1) % OB_PROOFS;
}

static uint32_t check_signature(const struct claims *claims, const uint8_t *digest)
{
    struct ob_proofs *proofs = claims->keys->proofs;
    uint32_t proof[OB_PROOF_WORDS] = {UINT32_MAX}; /* not those of an empty place */
    uint32_t verdict = (uint32_t)OB_VERDICT_REJECTED;

    if (proofs != NULL) {
        make_proof(claims, digest, proof);
        verdict = ob_verdict_reload(recall(proofs, proof));
    }
    if (ob_verdict_reload(verdict) == (uint32_t)OB_VERDICT_ACCEPTED) {
        return verdict;
    }
    verdict = ob_verdict_reload((uint32_t)OB_KEYS_TYPE(claims->keys)
                                    ->verify(claims->signer->data, digest, claims->signature, claims->signature_len));
    if (proofs != NULL && ob_verdict_reload(verdict) == (uint32_t)OB_VERDICT_ACCEPTED) {
        remember(proofs, proof, verdict);
    }
    return verdict;
}

enum ob_verdict ob_image_verify(const struct ob_area *area, uint32_t max_size, enum ob_form form,
                                const struct ob_keys *keys, const struct ob_hooks *hooks, struct ob_image *out,
                                enum ob_err *why)
{
    struct reader reader = start_reader(area, max_size);
    struct header header;
    struct claims claims = {.keys = keys};
    struct ob_cipher cipher = {0};
    struct content content = {.image = out, .keys = keys};
    uint8_t digest[OB_HASH_MAX];
    enum ob_verdict verdict = OB_VERDICT_REJECTED;

    *out = (struct ob_image){0};
    *why = read_header(&reader, &header, out);
    if (*why == OB_OK) {
        *why = judge_encryption(keys->decryption, form, out);
    }
    if (*why == OB_OK) {
        *why = read_claims(&reader, &claims, out);
    }
    if (*why == OB_OK) {
        *why = judge_claims(&claims, out);
    }
    if (*why == OB_OK && OB_ENCRYPTS && form == OB_FORM_STORED) {
        *why = make_cipher(area, &claims, out, &cipher);
        content.cipher = cipher.size > 0 ? &cipher : NULL;
    }
    if (*why == OB_OK) {
        *why = hash_image(area, &claims, hooks, &header, &content, digest);
    }
    if (OB_ENCRYPTS) {
        ob_wipe(&cipher, sizeof(cipher));
    }
    if (*why == OB_OK) {
        *why = check_digest(&claims, &content, digest);
    }
    if (*why == OB_OK) {
        *why = OB_ERR_AUTH;
        out->seal = check_signature(&claims, digest);
        verdict = (enum ob_verdict)ob_verdict_reload(out->seal);
    }
    if (verdict == OB_VERDICT_ACCEPTED) {
        *why = OB_OK;
    } else if (*why == OB_OK) {
        *why = OB_ERR_AUTH; /* something went wrong on the way here */
    }
    return verdict;
}

enum ob_err ob_image_stated(const struct ob_area *area, uint32_t max_size, const struct ob_keys *keys,
                            struct ob_image *out)
{
    struct reader reader = start_reader(area, max_size);
    struct header header;
    struct claims claims = {.keys = keys};

    *out = (struct ob_image){0};
    enum ob_err err = read_header(&reader, &header, out);
    if (err == OB_OK) {
        err = read_claims(&reader, &claims, out);
    }
    if (err == OB_OK && (OB_KEYS_TYPE(keys)->pure || !claims.has_digest)) {
        err = OB_ERR_FORMAT;
    }
    memcpy(out->digest, claims.digest, OB_DIGEST_SIZE);
    return err;
}

enum ob_err ob_image_cipher(const struct ob_area *area, uint32_t max_size, const struct ob_keys *keys,
                            struct ob_cipher *out)
{
    struct reader reader = start_reader(area, max_size);
    struct header header;
    struct claims claims = {.keys = keys};
    struct ob_image image = {0};

    *out = (struct ob_cipher){0};
    enum ob_err err = read_header(&reader, &header, &image);
    if (err == OB_OK) {
        err = judge_encryption(keys->decryption, OB_FORM_STORED, &image);
    }
    if (err == OB_OK) {
        err = read_claims(&reader, &claims, &image);
    }
    return err == OB_OK ? make_cipher(area, &claims, &image, out) : err;
}

/* The digest is the signer's; whether the content has it only who can decrypt it knows. */
static enum ob_err foresee(struct reader *reader, const struct claims *claims, struct content *content)
{
    const struct ob_keys *keys = claims->keys;
    enum ob_err err = read_content(reader, content);

    if (err != OB_OK) {
        return err;
    }
    memcpy(content->image->digest, claims->digest, OB_DIGEST_SIZE);
    err = check_digest(claims, content, claims->digest);
    if (err == OB_OK && !OB_KEYS_TYPE(keys)->pure) {
        enum ob_verdict verdict =
            OB_KEYS_TYPE(keys)->verify(claims->signer->data, claims->digest, claims->signature, claims->signature_len);
        err = verdict == OB_VERDICT_ACCEPTED ? OB_OK : OB_ERR_AUTH;
    }
    return err;
}

enum ob_err ob_image_foresee(const struct ob_area *area, uint32_t max_size, const struct ob_keys *keys,
                             struct ob_image *out)
{
    struct reader reader = start_reader(area, max_size);
    struct header header;
    struct claims claims = {.keys = keys};
    struct content content = {.image = out, .keys = keys};

    *out = (struct ob_image){0};
    enum ob_err err = read_header(&reader, &header, out);
    if (err == OB_OK && !is_encrypted(out)) {
        enum ob_verdict verdict = ob_image_verify(area, max_size, OB_FORM_STORED, keys, NULL, out, &err);
        return verdict == OB_VERDICT_ACCEPTED || err != OB_OK ? err : OB_ERR_AUTH;
    }
    struct reader entries = start_reader(area, max_size);
    if (err == OB_OK) {
        err = judge_encryption(keys->decryption, OB_FORM_STORED, out);
    }
    if (err == OB_OK) {
        err = read_claims(&entries, &claims, out);
    }
    if (err == OB_OK) {
        err = judge_claims(&claims, out);
    }
    if (err == OB_OK && claims.wrapped_len == 0) {
        err = claims.wraps == 0 ? OB_ERR_FORMAT : OB_ERR_KIND;
    }
    return err == OB_OK ? foresee(&reader, &claims, &content) : err;
}
