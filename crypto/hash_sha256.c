/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/digest.h>
#include <outboard/tlv.h>

static void sha256_start(union ob_hash_state *state)
{
    ob_sha256_start(&state->sha256);
}

static void sha256_add(union ob_hash_state *state, const void *data, uint32_t len)
{
    ob_sha256_add(&state->sha256, data, len);
}

static void sha256_finish(union ob_hash_state *state, uint8_t *digest)
{
    ob_sha256_finish(&state->sha256, digest);
}

const struct ob_hash ob_hash_sha256 = {OB_TLV_SHA256, 32, sha256_start, sha256_add, sha256_finish};
