/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zcbor as its headers promise it, not as it is written: it finds anything, stays within the payload, and what it says
 * is a string can be read in full. fuzz_smp executes the real one.
 */
#include <__fc_builtin.h>

#include <zcbor_decode.h>
#include <zcbor_encode.h>

#include "any.h"

#define TEXT_MAX 64u

static uint8_t text[TEXT_MAX];

static bool step(zcbor_state_t *state)
{
    const uint32_t left = state->payload < state->payload_end ? (uint32_t)(state->payload_end - state->payload) : 0;

    if (left == 0 || any_bool()) {
        return false;
    }
    state->payload = any_bool() ? state->payload_end : state->payload + 1;
    return true;
}

void zcbor_new_decode_state(zcbor_state_t *state_array, size_t n_states, const uint8_t *payload, size_t payload_len,
                            size_t elem_count, uint8_t *elem_state, size_t elem_state_bytes)
{
    //@ assert read: payload_len == 0 || \valid_read(payload + (0 .. payload_len - 1));
    (void)n_states;
    (void)elem_count;
    (void)elem_state;
    (void)elem_state_bytes;
    state_array->payload = payload;
    state_array->payload_end = payload + payload_len;
}

void zcbor_new_encode_state(zcbor_state_t *state_array, size_t n_states, uint8_t *payload, size_t payload_len,
                            size_t elem_count)
{
    //@ assert room: payload_len == 0 || \valid(payload + (0 .. payload_len - 1));
    (void)n_states;
    (void)elem_count;
    state_array->payload_mut = payload;
    state_array->payload_end = payload + payload_len;
}

static bool find_text(zcbor_state_t *state, struct zcbor_string *result)
{
    Frama_C_make_unknown((char *)text, sizeof(text));
    result->value = text; /* also if it then says that there is none */
    result->len = any_u32() % (TEXT_MAX + 1);
    return step(state);
}

bool zcbor_map_start_decode(zcbor_state_t *state)
{
    return step(state);
}

bool zcbor_list_start_decode(zcbor_state_t *state)
{
    return step(state);
}

bool zcbor_list_end_decode(zcbor_state_t *state)
{
    (void)state;
    return any_bool();
}

bool zcbor_map_end_decode(zcbor_state_t *state)
{
    (void)state;
    return any_bool();
}

bool zcbor_array_at_end(zcbor_state_t *state)
{
    (void)state;
    return any_bool();
}

bool zcbor_tag_decode(zcbor_state_t *state, uint32_t *result)
{
    *result = any_u32();
    return step(state);
}

bool zcbor_any_skip(zcbor_state_t *state, void *unused)
{
    (void)unused;
    return step(state);
}

bool zcbor_uint32_decode(zcbor_state_t *state, uint32_t *result)
{
    *result = any_u32();
    return step(state);
}

bool zcbor_bool_decode(zcbor_state_t *state, bool *result)
{
    *result = any_bool();
    return step(state);
}

bool zcbor_bstr_decode(zcbor_state_t *state, struct zcbor_string *result)
{
    return find_text(state, result);
}

bool zcbor_tstr_decode(zcbor_state_t *state, struct zcbor_string *result)
{
    return find_text(state, result);
}

bool zcbor_map_start_encode(zcbor_state_t *state, size_t max_num)
{
    (void)max_num;
    return step(state);
}

bool zcbor_map_end_encode(zcbor_state_t *state, size_t max_num)
{
    (void)max_num;
    return step(state);
}

bool zcbor_tstr_encode_ptr(zcbor_state_t *state, const char *str, size_t len)
{
    //@ assert read: len == 0 || \valid_read(str + (0 .. len - 1));
    (void)str;
    (void)len;
    return step(state);
}

bool zcbor_bstr_encode_ptr(zcbor_state_t *state, const char *str, size_t len)
{
    return zcbor_tstr_encode_ptr(state, str, len);
}

bool zcbor_uint32_put(zcbor_state_t *state, uint32_t input)
{
    (void)input;
    return step(state);
}

bool zcbor_bool_put(zcbor_state_t *state, bool input)
{
    (void)input;
    return step(state);
}
