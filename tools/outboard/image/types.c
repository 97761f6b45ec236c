/* SPDX-License-Identifier: Apache-2.0 */
#include "image.h"

#include <outboard/util.h>

static const struct image_type types[] = {
    {"ecdsa-p256", "ob_signature_p256", &ob_signature_p256, IMAGE_KEY_P256},
    {"ecdsa-p384", "ob_signature_p384", &ob_signature_p384, IMAGE_KEY_P384},
    {"rsa-2048", "ob_signature_rsa2048", &ob_signature_rsa2048, IMAGE_KEY_RSA2048},
    {"rsa-3072", "ob_signature_rsa3072", &ob_signature_rsa3072, IMAGE_KEY_RSA3072},
    {"ed25519", "ob_signature_ed25519", &ob_signature_ed25519, IMAGE_KEY_ED25519},
    {"ed25519-sha512", "ob_signature_ed25519_sha512", &ob_signature_ed25519_sha512, IMAGE_KEY_ED25519},
    {"ed25519-pure", "ob_signature_ed25519_pure", &ob_signature_ed25519_pure, IMAGE_KEY_ED25519},
};

const struct image_type *image_type_named(const char *name)
{
    return image_row_named(types, OB_ARRAY_SIZE(types), sizeof(types[0]), name);
}

const struct image_type *image_type_for(enum image_key_algorithm algorithm, enum ob_image_kind kind)
{
    const struct image_type *first = NULL;

    for (size_t i = OB_ARRAY_SIZE(types); i-- > 0;) {
        if (types[i].algorithm == algorithm && (first == NULL || first->signature->kind != kind)) {
            first = &types[i];
        }
    }
    return first;
}

void image_type_names(char *out, size_t size)
{
    image_row_names(types, OB_ARRAY_SIZE(types), sizeof(types[0]), out, size);
}

const char *image_key_text(enum image_key_algorithm algorithm)
{
    static const char *const text[] = {
        [IMAGE_KEY_RSA2048] = "an RSA-2048 key", [IMAGE_KEY_RSA3072] = "an RSA-3072 key",
        [IMAGE_KEY_P256] = "an ECDSA P-256 key", [IMAGE_KEY_P384] = "an ECDSA P-384 key",
        [IMAGE_KEY_ED25519] = "an Ed25519 key",
    };

    return text[algorithm];
}
