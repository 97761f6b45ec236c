/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/image.h>
#include <outboard/util.h>

const char *ob_image_kind_text(enum ob_image_kind kind)
{
    static const char *const text[] = {
        [OB_KIND_NONE] = "no image",
        [OB_KIND_UNKNOWN] = "an image",
        [OB_KIND_UNSIGNED] = "an unsigned image",
        [OB_KIND_RSA2048] = "RSA-2048 with SHA-256",
        [OB_KIND_RSA3072] = "RSA-3072 with SHA-256",
        [OB_KIND_P256] = "ECDSA P-256 with SHA-256",
        [OB_KIND_P384] = "ECDSA P-384 with SHA-384",
        [OB_KIND_ED25519] = "Ed25519 with SHA-256",
        [OB_KIND_ED25519_SHA512] = "Ed25519 with SHA-512",
        [OB_KIND_ED25519_PURE] = "pure Ed25519",
        [OB_KIND_OTHER_SIGNATURE] = "an unknown pair of signature and digest",
        [OB_KIND_FULL_KEY] = "an image with a full public key",
        [OB_KIND_ENCRYPTED] = "an encrypted image",
        [OB_KIND_COMPRESSED] = "a compressed image",
        [OB_KIND_NON_BOOTABLE] = "an image that is not bootable",
        [OB_KIND_RAM_LOAD] = "an image to be loaded into RAM",
        [OB_KIND_BIG_ENDIAN] = "a big-endian image",
    };

    return (uint32_t)kind < OB_ARRAY_SIZE(text) ? text[kind] : "an unknown kind of image";
}
