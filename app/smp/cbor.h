/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OB_SMP_CBOR_H
#define OB_SMP_CBOR_H

#include <stdbool.h>
#include <stdint.h>

#include <zcbor_common.h>

/* Reading and writing the maps of requests and answers. */

#define OB_SMP_NESTING 4u /* maps and lists inside each other, in a request or an answer */

enum ob_smp_type {
    OB_SMP_UINT,  /* uint32_t */
    OB_SMP_BOOL,  /* bool */
    OB_SMP_BYTES, /* struct zcbor_string, into the request */
    OB_SMP_TEXT,  /* struct zcbor_string, into the request; not terminated */
};

/** One pair that a command knows. */
struct ob_smp_field {
    const char *key;
    uint8_t type; /* enum ob_smp_type */
    uint8_t at;   /* where its value goes: bytes from the start of `values` */
};

/**
 * Read a request's map. Keys that are not asked for are passed over.
 * @param values  what the request does not have is left alone
 * @param found   bit n: it has field n
 * @return false: malformed, a value of another type, the same key twice
 */
bool ob_smp_decode(zcbor_state_t *in, const struct ob_smp_field *fields, uint32_t count, void *values, uint32_t *found);

/** Add a pair to an open map. @return false: there is no room */
bool ob_smp_put_uint(zcbor_state_t *out, const char *key, uint32_t value);
bool ob_smp_put_bool(zcbor_state_t *out, const char *key, bool value);
bool ob_smp_put_text(zcbor_state_t *out, const char *key, const char *text);
bool ob_smp_put_bytes(zcbor_state_t *out, const char *key, const uint8_t *data, uint32_t len);

/** Add the key of a list or map that follows. */
bool ob_smp_put_key(zcbor_state_t *out, const char *key);

#endif
