/* SPDX-License-Identifier: Apache-2.0 */
/* ECDSA signatures as TLVs hold them. */
#include <outboard/digest.h>

#include <string.h>

#define DER_INTEGER 0x02
#define DER_SEQUENCE 0x30

/* Bytes not yet decoded. */
struct der {
    const uint8_t *next;
    uint32_t len;
};

/* Enter an element with a one-byte length: two scalars need no longer one. */
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

/* A positive INTEGER in its one valid encoding, as `size` bytes. */
static bool der_scalar(struct der *der, uint8_t *scalar, uint32_t size)
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
    if (integer.len > size) {
        return false;
    }
    memset(scalar, 0, size - integer.len);
    memcpy(scalar + size - integer.len, integer.next, integer.len);
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

bool ob_ecdsa_from_der(const uint8_t *der, uint32_t len, uint8_t *signature, uint32_t scalar_size)
{
    struct der rest = {der, len};
    struct der sequence;
    return der_open(&rest, DER_SEQUENCE, &sequence) && all_zero(&rest) && der_scalar(&sequence, signature, scalar_size) &&
           der_scalar(&sequence, signature + scalar_size, scalar_size) && sequence.len == 0;
}
