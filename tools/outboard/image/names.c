/* SPDX-License-Identifier: Apache-2.0 */
#include "image.h"

#include <stdio.h>
#include <string.h>

#include <outboard/tlv.h>
#include <outboard/util.h>

const char *image_tlv_name(uint16_t type)
{
    static const struct {
        uint16_t type;
        const char *name;
    } names[] = {
        {OB_TLV_KEYHASH, "KEYHASH"},
        {OB_TLV_PUBKEY, "PUBKEY"},
        {OB_TLV_SHA256, "SHA256"},
        {OB_TLV_SHA384, "SHA384"},
        {OB_TLV_SHA512, "SHA512"},
        {OB_TLV_RSA2048, "RSA2048_PSS"},
        {OB_TLV_ECDSA224, "ECDSA224"},
        {OB_TLV_ECDSA, "ECDSA_SIG"},
        {OB_TLV_RSA3072, "RSA3072_PSS"},
        {OB_TLV_ED25519, "ED25519"},
        {OB_TLV_SIG_PURE, "SIG_PURE"},
        {OB_TLV_ENC_RSA2048, "ENC_RSA2048"},
        {OB_TLV_ENC_KW, "ENC_KW"},
        {OB_TLV_ENC_EC256, "ENC_EC256"},
        {OB_TLV_ENC_X25519, "ENC_X25519"},
        {OB_TLV_ENC_X25519_SHA512, "ENC_X25519_SHA512"},
        {OB_TLV_DEPENDENCY, "DEPENDENCY"},
        {OB_TLV_SEC_CNT, "SEC_CNT"},
        {OB_TLV_BOOT_RECORD, "BOOT_RECORD"},
        {OB_TLV_DECOMP_SIZE, "DECOMP_SIZE"},
        {OB_TLV_DECOMP_SHA, "DECOMP_SHA"},
        {OB_TLV_DECOMP_SIGNATURE, "DECOMP_SIGNATURE"},
        {OB_TLV_COMP_DEC_SIZE, "COMP_DEC_SIZE"},
        {OB_TLV_UUID_VID, "UUID_VID"},
        {OB_TLV_UUID_CID, "UUID_CID"},
    };
    for (size_t i = 0; i < OB_ARRAY_SIZE(names); i++) {
        if (names[i].type == type) {
            return names[i].name;
        }
    }
    return (type & 0xff) >= 0xa0 && (type & 0xff) != 0xff ? "vendor" : "unknown";
}

void image_flag_names(uint32_t flags, char *out, size_t size)
{
    static const struct {
        uint32_t flag;
        const char *name;
    } names[] = {
        {0x1, "PIC"},
        {0x4, "ENCRYPTED_AES128"},
        {0x8, "ENCRYPTED_AES256"},
        {OB_IMAGE_NON_BOOTABLE, "NON_BOOTABLE"},
        {OB_IMAGE_RAM_LOAD, "RAM_LOAD"},
        {0x100, "ROM_FIXED"},
        {0x200, "COMPRESSED_LZMA1"},
        {0x400, "COMPRESSED_LZMA2"},
        {0x800, "COMPRESSED_ARM_THUMB"},
    };
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < OB_ARRAY_SIZE(names); i++) {
        if ((flags & names[i].flag) != 0 && used < size) {
            used += (size_t)snprintf(out + used, size - used, "%s%s", used == 0 ? "" : " ", names[i].name);
        }
    }
}

static const char *row_name(const void *table, size_t row_size, size_t i)
{
    return *(const char *const *)((const char *)table + i * row_size);
}

const void *image_row_named(const void *table, size_t count, size_t row_size, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(row_name(table, row_size, i), name) == 0) {
            return (const char *)table + i * row_size;
        }
    }
    return NULL;
}

void image_row_names(const void *table, size_t count, size_t row_size, char *out, size_t size)
{
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < count && used < size; i++) {
        used += (size_t)snprintf(out + used, size - used, "%s%s", i == 0 ? "" : " ", row_name(table, row_size, i));
    }
}
