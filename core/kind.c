/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/cipher.h>
#include <outboard/util.h>

/* What only a device that takes encrypted images has to say. */
#define IF_ENCRYPTS(text) (OB_ENCRYPTS ? (text) : "an encrypted image")

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
        [OB_KIND_PLAIN] = IF_ENCRYPTS("an image that is not encrypted"),
        [OB_KIND_AES128] = IF_ENCRYPTS("an image encrypted with AES-128"),
        [OB_KIND_AES256] = IF_ENCRYPTS("an image encrypted with AES-256"),
        [OB_KIND_WRAP_RSA] = IF_ENCRYPTS("an image encrypted with RSA-OAEP"),
        [OB_KIND_WRAP_KW] = IF_ENCRYPTS("an image encrypted with AES-KW"),
        [OB_KIND_WRAP_EC256] = IF_ENCRYPTS("an image encrypted with ECIES-P256"),
        [OB_KIND_WRAP_X25519] = IF_ENCRYPTS("an image encrypted with ECIES-X25519"),
        [OB_KIND_WRAP_X25519_SHA512] = IF_ENCRYPTS("an image encrypted with ECIES-X25519 and SHA-512"),
    };

    return (uint32_t)kind < OB_ARRAY_SIZE(text) ? text[kind] : "an unknown kind of image";
}
