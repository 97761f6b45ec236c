/* SPDX-License-Identifier: Apache-2.0 */
/* What the TLVs claim that nothing protects: digest, key, signature, content key. */
#include <string.h>

#include "image_parts.h"

bool ob_tlv_is_claim(uint16_t type)
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

static enum ob_err claim_digest(struct ob_reader *reader, const struct ob_tlv *entry, struct ob_claims *claims)
{
    const struct ob_hash *hash = ob_hash_of(claims->keys);
    uint8_t digest[OB_HASH_MAX];

    claims->digests |= digest_bit(entry->type);
    if (entry->type != hash->tlv) {
        return ob_reader_pass(reader, entry->len);
    }
    if (entry->len != hash->size) {
        claims->malformed = true;
        return ob_reader_pass(reader, entry->len);
    }
    enum ob_err err = ob_reader_take(reader, digest, hash->size);
    if (err == OB_OK) {
        claims->contradictory =
            claims->contradictory || (claims->has_digest && !ob_equal(digest, claims->digest, hash->size));
        claims->has_digest = true;
        memcpy(claims->digest, digest, hash->size);
    }
    return err;
}

static enum ob_err claim_key(struct ob_reader *reader, uint16_t len, struct ob_claims *claims)
{
    const struct ob_keys *keys = claims->keys;
    uint8_t hash[OB_HASH_MAX];

    claims->key = NULL;
    if (len != ob_hash_of(keys)->size) {
        claims->malformed = true; /* unless the image turns out to be of another type */
        return ob_reader_pass(reader, len);
    }
    enum ob_err err = ob_reader_take(reader, hash, len);
    for (uint32_t i = 0; err == OB_OK && claims->key == NULL && i < keys->count; i++) {
        if (ob_equal(hash, keys->key[i].hash, len)) {
            claims->key = &keys->key[i];
        }
    }
    return err;
}

static enum ob_err claim_signature(struct ob_reader *reader, const struct ob_tlv *entry, struct ob_claims *claims)
{
    const struct ob_signature *type = OB_KEYS_TYPE(claims->keys);

    claims->signatures |= signature_bit(entry->type);
    if (entry->type != type->tlv || claims->key == NULL) {
        return ob_reader_pass(reader, entry->len); /* of another type, or of a key that this device does not know */
    }
    if (entry->len > type->size_max) {
        claims->malformed = true;
        return ob_reader_pass(reader, entry->len);
    }
    claims->signer = claims->key;
    claims->key = NULL;
    claims->signature_len = entry->len;
    return ob_reader_take(reader, claims->signature, entry->len);
}

static enum ob_err claim_pure(struct ob_reader *reader, uint16_t len, struct ob_claims *claims)
{
    uint8_t value = 0;

    if (len != sizeof(value)) {
        return OB_ERR_FORMAT;
    }
    enum ob_err err = ob_reader_take(reader, &value, sizeof(value));
    claims->pure = value == 1;
    return err == OB_OK && !claims->pure ? OB_ERR_FORMAT : err;
}

/* Where the content key is. Of several it would depend on the reader which one counts. */
static enum ob_err claim_wrapped(struct ob_reader *reader, const struct ob_tlv *entry, struct ob_claims *claims)
{
    const struct ob_decryption *decryption = claims->keys->decryption;

    claims->malformed = claims->malformed || claims->wraps != 0;
    claims->wraps |= 1u << (entry->type - OB_TLV_ENC_RSA2048);
    if (decryption != NULL && entry->type == decryption->wrap->tlv) {
        claims->wrapped_at = reader->pos;
        claims->wrapped_len = entry->len;
    }
    return ob_reader_pass(reader, entry->len);
}

static enum ob_err read_claim(struct ob_reader *reader, struct ob_claims *claims)
{
    struct ob_tlv entry;
    enum ob_err err = ob_reader_take(reader, &entry, sizeof(entry));
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
        return OB_ENCRYPTS ? claim_wrapped(reader, &entry, claims) : ob_reader_pass(reader, entry.len);
    default:
        claims->full_key = claims->full_key || entry.type == OB_TLV_PUBKEY;
        return ob_tlv_is_claim(entry.type) ? ob_reader_pass(reader, entry.len) : OB_ERR_FORMAT;
    }
}

/* How an image is signed, from the types of its TLVs: the device's own way if it is among several. */
static enum ob_image_kind kind_of_claims(const struct ob_claims *claims)
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

enum ob_err ob_claims_judge(const struct ob_claims *claims, struct ob_image *image)
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

enum ob_err ob_claims_enter(struct ob_reader *reader, struct ob_image *image)
{
    uint32_t entries_size;
    reader->pos = image->hashed_size;
    enum ob_err err = ob_tlvs_enter(reader, OB_TLV_MAGIC, &entries_size);
    if (err == OB_OK && entries_size > reader->end - reader->pos) {
        err = OB_ERR_SIZE;
    }
    if (err == OB_OK) {
        reader->end = reader->pos + entries_size;
        image->size = reader->end;
    }
    return err;
}

enum ob_err ob_claims_read(struct ob_reader *reader, struct ob_claims *claims, struct ob_image *image)
{
    enum ob_err err = ob_claims_enter(reader, image);
    while (err == OB_OK && reader->pos < reader->end) {
        err = read_claim(reader, claims);
    }
    return err;
}
