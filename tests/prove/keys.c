/* SPDX-License-Identifier: Apache-2.0 */
#include "keys.h"

#include <__fc_builtin.h>

#include <outboard/signature.h>
#include <outboard/tlv.h>

#include "any.h"

#define KEY_SIZE 64u /* as good as any: only verify() knows what a key is */

static void hash_start(union ob_hash_state *state)
{
    Frama_C_make_unknown((char *)state, sizeof(*state));
}

static void hash_add(union ob_hash_state *state, const void *data, uint32_t len)
{
    //@ assert len == 0 || \valid_read((const uint8_t *)data + (0 .. len - 1));
    //@ assert \initialized((const uint8_t *)data) || len == 0;
    (void)data;
    (void)len;
    Frama_C_make_unknown((char *)state, sizeof(*state));
}

static void hash_finish(union ob_hash_state *state, uint8_t *digest)
{
    (void)state;
    Frama_C_make_unknown((char *)digest, OB_HASH_MAX);
}

static enum ob_verdict verify(const uint8_t *key, const uint8_t *digest, const uint8_t *signature, uint32_t len)
{
    //@ assert \valid_read(key + (0 .. KEY_SIZE - 1));
    //@ assert \valid_read(digest + (0 .. OB_HASH_MAX - 1)) && \initialized(digest + (0 .. OB_HASH_MAX - 1));
    //@ assert len == 0 || \valid_read(signature + (0 .. len - 1)) && \initialized(signature + (0 .. len - 1));
    (void)key;
    (void)digest;
    (void)signature;
    (void)len;
    return (enum ob_verdict)any_u32();
}

static const struct ob_hash hash = {OB_HASH_MAX == 32 ? OB_TLV_SHA256 : OB_TLV_SHA512, OB_HASH_MAX, hash_start,
                                    hash_add, hash_finish};

static const struct ob_signature *any_type(void)
{
    static struct ob_signature type = {.hash = &hash, .verify = verify};

    type.kind = (enum ob_image_kind)any_u32();
    type.tlv = (uint16_t)any_u32();
    type.size_max = (uint16_t)(any_u32() % (OB_SIGNATURE_MAX + 1));
    type.pure = any_bool();
    return &type;
}

struct ob_keys any_keys(void)
{
    static uint8_t data[2][KEY_SIZE];
    static uint8_t hashes[2][OB_HASH_MAX];
    static const struct ob_key key[2] = {{hashes[0], data[0]}, {hashes[1], data[1]}};
    static uint8_t uuids[2][16];
    static struct ob_proofs proofs;

    Frama_C_make_unknown((char *)hashes, sizeof(hashes));
    Frama_C_make_unknown((char *)data, sizeof(data));
    Frama_C_make_unknown((char *)uuids, sizeof(uuids));
    Frama_C_make_unknown((char *)proofs.of, sizeof(proofs.of));
    proofs.next = (uint8_t)(any_u32() % OB_PROOFS);
    return (struct ob_keys){.key = key,
                            .count = any_u32() % 3,
                            .type = any_type(),
                            .vendor = any_bool() ? uuids[0] : NULL,
                            .class = any_bool() ? uuids[1] : NULL,
                            .proofs = any_bool() ? &proofs : NULL};
}

static bool unwrap(const uint8_t *key, const uint8_t *wrapped, uint32_t len, uint8_t *out, uint32_t size)
{
    //@ assert \valid_read(key) && len <= OB_WRAPPED_MAX;
    //@ assert len == 0 || \valid_read(wrapped + (0 .. len - 1)) && \initialized(wrapped);
    (void)key;
    (void)wrapped;
    (void)len;
    Frama_C_make_unknown((char *)out, size);
    return any_bool();
}

struct ob_decryption any_decryption(void)
{
    static struct ob_key_wrap wrap = {.unwrap = unwrap};
    static const uint8_t private[1];

    wrap.kind = (enum ob_image_kind)any_u32();
    wrap.tlv = (uint16_t)any_u32();
    return (struct ob_decryption){
        .wrap = &wrap, .key = any_bool() ? private : NULL, .size = any_bool() ? 16 : 32, .required = any_bool()};
}
