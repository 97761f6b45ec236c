/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/digest.h>
#include <outboard/tlv.h>

static void sha384_start(union ob_hash_state *state)
{
    ob_sha384_start(&state->sha512);
}

static void sha512_start(union ob_hash_state *state)
{
    ob_sha512_start(&state->sha512);
}

static void sha512_add(union ob_hash_state *state, const void *data, uint32_t len)
{
    ob_sha512_add(&state->sha512, data, len);
}

static void sha512_finish(union ob_hash_state *state, uint8_t *digest)
{
    ob_sha512_finish(&state->sha512, digest);
}

const struct ob_hash ob_hash_sha384 = {OB_TLV_SHA384, 48, sha384_start, sha512_add, sha512_finish};
const struct ob_hash ob_hash_sha512 = {OB_TLV_SHA512, 64, sha512_start, sha512_add, sha512_finish};
