/* SPDX-License-Identifier: Apache-2.0 */
/* Which encrypted images this device takes, and the content key that they bring. */
#include "image_parts.h"

static uint32_t content_key_size(const struct ob_image *image)
{
    return (image->flags & OB_IMAGE_AES256) != 0 ? 32 : 16;
}

enum ob_err ob_image_judge_encryption(const struct ob_decryption *decryption, enum ob_form form, struct ob_image *image)
{
    enum ob_image_kind kind = image->kind;

    if (!OB_ENCRYPTS) {
        return OB_OK; /* those that are were refused for it */
    }
    if (ob_image_is_encrypted(image) && decryption == NULL) {
        kind = OB_KIND_ENCRYPTED;
    } else if (form == OB_FORM_STORED && !ob_image_is_encrypted(image) && decryption != NULL && decryption->required) {
        kind = OB_KIND_PLAIN;
    } else if (form == OB_FORM_STORED && ob_image_is_encrypted(image) && content_key_size(image) != decryption->size) {
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

static enum ob_err unwrap(const struct ob_area *area, const struct ob_claims *claims, struct ob_cipher *out)
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

enum ob_err ob_image_make_cipher(const struct ob_area *area, const struct ob_claims *claims, struct ob_image *image,
                                 struct ob_cipher *out)
{
    if (!ob_image_is_encrypted(image)) {
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
