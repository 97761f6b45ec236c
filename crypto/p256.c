/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/digest.h>

#include <string.h>

#include <outboard/util.h>

#include "p256-m.h"

#define DER_INTEGER 0x02
#define DER_SEQUENCE 0x30
#define SCALAR_SIZE 32u

/* Bytes not yet decoded. */
struct der {
    const uint8_t *next;
    uint32_t len;
};

/* Enter an element with a one-byte length: the two scalars need no longer one. */
static bool der_open(struct der *outer, uint8_t tag, struct der *inner)
{
    if (outer->len < 2 || outer->next[0] != tag || outer->next[1] >= 0x80 || outer->next[1] > outer->len - 2) {
        return false;
    }
    inner->next = outer->next + 2;
    inner->len = outer->next[1];
    outer->next = inner->next + inner->len;
    outer->len -= 2 + inner->len;
    return true;
}

/* A positive INTEGER in its one valid encoding, as 32 bytes. */
static bool der_scalar(struct der *der, uint8_t scalar[SCALAR_SIZE])
{
    struct der integer;
    if (!der_open(der, DER_INTEGER, &integer) || integer.len == 0 || integer.next[0] >= 0x80) {
        return false;
    }
    if (integer.next[0] == 0) {
        if (integer.len == 1 || integer.next[1] < 0x80) {
            return false; /* zero, or a leading zero that no sign bit asks for */
        }
        integer.next++;
        integer.len--;
    }
    if (integer.len > SCALAR_SIZE) {
        return false;
    }
    memset(scalar, 0, SCALAR_SIZE - integer.len);
    memcpy(scalar + SCALAR_SIZE - integer.len, integer.next, integer.len);
    return true;
}

static bool all_zero(const struct der *der)
{
    uint8_t seen = 0;
    for (uint32_t i = 0; i < der->len; i++) {
        seen |= der->next[i];
    }
    return seen == 0;
}

bool ob_p256_signature_from_der(const uint8_t *der, uint32_t len, uint8_t signature[OB_P256_SIGNATURE_SIZE])
{
    struct der rest = {der, len};
    struct der sequence;
    return der_open(&rest, DER_SEQUENCE, &sequence) && all_zero(&rest) && der_scalar(&sequence, signature) &&
           der_scalar(&sequence, signature + SCALAR_SIZE) && sequence.len == 0;
}

enum ob_verdict ob_p256_verify(const uint8_t point[OB_P256_POINT_SIZE], const uint8_t digest[OB_DIGEST_SIZE],
                               const uint8_t signature[OB_P256_SIGNATURE_SIZE])
{
    return p256_ecdsa_verify(signature, point, digest, OB_DIGEST_SIZE) == P256_SUCCESS ? OB_VERDICT_ACCEPTED
                                                                                       : OB_VERDICT_REJECTED;
}
