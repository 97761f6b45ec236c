/* SPDX-License-Identifier: Apache-2.0 */
#include "keys.h"

#include <__fc_builtin.h>

#include <outboard/signature.h>
#include <outboard/tlv.h>

#include "any.h"

static volatile enum ob_verdict any_verdict;

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
    Frama_C_make_unknown((char *)digest, OB_DIGEST_SIZE);
}

static enum ob_verdict verify(const uint8_t *key, const uint8_t *digest, const uint8_t *signature, uint32_t len)
{
    //@ assert \valid_read(key + (0 .. 63)) && \valid_read(digest + (0 .. 31)) && \initialized(digest + (0 .. 31));
    //@ assert len <= OB_ECDSA_DER_MAX && (len == 0 || \valid_read(signature + (0 .. len - 1)));
    uint8_t scalars[64];
    return ob_ecdsa_from_der(signature, len, scalars, sizeof(scalars) / 2) ? any_verdict : OB_VERDICT_REJECTED;
}

static const struct ob_hash hash = {OB_TLV_SHA256, OB_DIGEST_SIZE, hash_start, hash_add, hash_finish};
static const struct ob_signature type = {
    .kind = OB_KIND_P256, .tlv = OB_TLV_ECDSA, .size_max = OB_ECDSA_DER_MAX, .hash = &hash, .verify = verify};

static uint8_t data[2][64];
static uint8_t hashes[2][OB_DIGEST_SIZE];
static uint8_t vendor[16];

struct ob_keys any_keys(void)
{
    static const struct ob_key key[2] = {{hashes[0], data[0]}, {hashes[1], data[1]}};

    Frama_C_make_unknown((char *)hashes, sizeof(hashes));
    Frama_C_make_unknown((char *)data, sizeof(data));
    Frama_C_make_unknown((char *)vendor, sizeof(vendor));
    return (struct ob_keys){.key = key, .count = any_u32() % 3, .type = &type, .vendor = any_bool() ? vendor : NULL};
}
