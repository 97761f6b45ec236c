/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_TLV_H
#define OUTBOARD_TLV_H

/*
 * The two areas of tagged entries that follow an image's payload. Each begins with a head: u16 magic, u16 bytes of the
 * whole area with its head. Each entry is u16 type, u16 bytes of data, data; packed, without alignment.
 */

#define OB_TLV_HEAD_SIZE 4u  /* of an area */
#define OB_TLV_ENTRY_SIZE 4u /* of an entry, before its data */
#define OB_TLV_PROTECTED_MAGIC 0x6908u
#define OB_TLV_MAGIC 0x6907u

enum ob_tlv_type {
    /* Only in the unprotected area, which the digest does not cover. */
    OB_TLV_KEYHASH = 0x01,
    OB_TLV_PUBKEY = 0x02,
    OB_TLV_SHA256 = 0x10,
    OB_TLV_SHA384 = 0x11,
    OB_TLV_SHA512 = 0x12,
    OB_TLV_RSA2048 = 0x20,
    OB_TLV_ECDSA224 = 0x21,
    OB_TLV_ECDSA = 0x22,
    OB_TLV_RSA3072 = 0x23,
    OB_TLV_ED25519 = 0x24,
    OB_TLV_SIG_PURE = 0x25,
    OB_TLV_ENC_RSA2048 = 0x30,
    OB_TLV_ENC_KW = 0x31,
    OB_TLV_ENC_EC256 = 0x32,
    OB_TLV_ENC_X25519 = 0x33,
    OB_TLV_ENC_X25519_SHA512 = 0x34,
    /* Only in the protected area, where every other type is accepted too. */
    OB_TLV_DEPENDENCY = 0x40,
    OB_TLV_SEC_CNT = 0x50,
    OB_TLV_BOOT_RECORD = 0x60,
    OB_TLV_DECOMP_SIZE = 0x70,
    OB_TLV_DECOMP_SHA = 0x71,
    OB_TLV_DECOMP_SIGNATURE = 0x72,
    OB_TLV_COMP_DEC_SIZE = 0x73,
    OB_TLV_UUID_VID = 0x74,
    OB_TLV_UUID_CID = 0x75,
};

#endif
