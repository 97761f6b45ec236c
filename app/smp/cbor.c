/* SPDX-License-Identifier: Apache-2.0 */
#include "cbor.h"

#include <string.h>

#include <zcbor_decode.h>
#include <zcbor_encode.h>

#define FIELDS_MAX 32u /* one bit each */
#define CBOR_NULL 0xf6u

/* zcbor_any_skip() can end behind the payload: of a string cut short it counts the head twice. */
static bool skip_scalar(zcbor_state_t *in)
{
    if (in->payload >= in->payload_end) {
        return false;
    }
    zcbor_major_type_t type = ZCBOR_MAJOR_TYPE(*in->payload);
    return type != ZCBOR_MAJOR_TYPE_MAP && type != ZCBOR_MAJOR_TYPE_LIST && zcbor_any_skip(in, NULL) &&
           in->payload <= in->payload_end;
}

/* Also, it calls itself for each level of nesting, and how many there are is the client's choice: this takes the levels
 * as they come, and those beyond what the state can hold are malformed. */
static bool skip_value(zcbor_state_t *in)
{
    uint32_t depth = 0;
    bool ok = true;

    do {
        uint32_t tag;
        while (zcbor_tag_decode(in, &tag)) {
        }
        if (zcbor_map_start_decode(in) || zcbor_list_start_decode(in)) {
            depth++;
        } else {
            ok = skip_scalar(in);
        }
        while (ok && depth > 0 && zcbor_array_at_end(in)) {
            ok = zcbor_list_end_decode(in);
            depth--;
        }
    } while (ok && depth > 0);
    return ok;
}

static bool decode_value(zcbor_state_t *in, uint8_t type, void *value)
{
    switch (type) {
    case OB_SMP_UINT:
        return zcbor_uint32_decode(in, value);
    case OB_SMP_BOOL:
        return zcbor_bool_decode(in, value);
    case OB_SMP_BYTES:
        return zcbor_bstr_decode(in, value);
    case OB_SMP_TEXT:
        return zcbor_tstr_decode(in, value);
    default:
        return false;
    }
}

/** It says as much as a key that is left out: mcumgr confirms what runs with a hash of null. */
static bool is_null(const zcbor_state_t *in)
{
    return in->payload < in->payload_end && *in->payload == CBOR_NULL;
}

static uint32_t find(const struct ob_smp_field *fields, uint32_t count, const struct zcbor_string *key)
{
    uint32_t i = 0;

    while (i < count && (strlen(fields[i].key) != key->len || memcmp(fields[i].key, key->value, key->len) != 0)) {
        i++;
    }
    return i;
}

bool ob_smp_decode(zcbor_state_t *in, const struct ob_smp_field *fields, uint32_t count, void *values, uint32_t *found)
{
    *found = 0;
    if (zcbor_payload_at_end(in)) { /* some clients leave an empty map out */
        return true;
    }
    if (count > FIELDS_MAX || !zcbor_map_start_decode(in)) {
        return false;
    }
    while (!zcbor_array_at_end(in)) {
        struct zcbor_string key;
        if (!zcbor_tstr_decode(in, &key)) {
            return false;
        }
        uint32_t i = find(fields, count, &key);
        //@ split i; // make prove: each value goes to its own field
        if (i == count || is_null(in)) {
            if (!skip_value(in)) {
                return false;
            }
            continue;
        }
        if ((*found >> i & 1) != 0 || !decode_value(in, fields[i].type, (uint8_t *)values + fields[i].at)) {
            return false;
        }
        *found |= 1u << i;
    }
    return zcbor_map_end_decode(in);
}

bool ob_smp_put_key(zcbor_state_t *out, const char *key)
{
    return zcbor_tstr_encode_ptr(out, key, strlen(key));
}

bool ob_smp_put_uint(zcbor_state_t *out, const char *key, uint32_t value)
{
    return ob_smp_put_key(out, key) && zcbor_uint32_put(out, value);
}

bool ob_smp_put_bool(zcbor_state_t *out, const char *key, bool value)
{
    return ob_smp_put_key(out, key) && zcbor_bool_put(out, value);
}

bool ob_smp_put_text(zcbor_state_t *out, const char *key, const char *text)
{
    return ob_smp_put_key(out, key) && zcbor_tstr_encode_ptr(out, text, strlen(text));
}

bool ob_smp_put_bytes(zcbor_state_t *out, const char *key, const uint8_t *data, uint32_t len)
{
    return ob_smp_put_key(out, key) && zcbor_bstr_encode_ptr(out, (const char *)data, len);
}
