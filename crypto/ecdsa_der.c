/* SPDX-License-Identifier: Apache-2.0 */
/* ECDSA signatures as TLVs hold them. */
#include <outboard/digest.h>

#define DER_INTEGER 0x02
#define DER_SEQUENCE 0x30

/* Bytes not yet decoded: from pos to end. */
struct der {
    const uint8_t *bytes;
    uint32_t pos;
    uint32_t end;
};

/* Enter an element with a one-byte length: two scalars need no longer one. */
static bool der_open(struct der *outer, uint8_t tag, struct der *inner)
{
    const uint32_t pos = outer->pos;

    if (outer->end < 2 || pos > outer->end - 2 || outer->bytes[pos] != tag || outer->bytes[pos + 1] >= 0x80) {
        return false;
    }
    *inner = (struct der){.bytes = outer->bytes, .pos = pos + 2, .end = pos + 2 + outer->bytes[pos + 1]};
    if (inner->end > outer->end) {
        return false;
    }
    outer->pos = inner->end;
    return true;
}

/* Copy a number to the end of `size` bytes, zeros before it. false: it is longer. */
static bool copy_number(const struct der *number, uint8_t *scalar, uint32_t size)
{
    uint32_t from = number->end;

    while (from > number->pos && size > 0) {
        scalar[--size] = number->bytes[--from];
    }
    while (size > 0) {
        scalar[--size] = 0;
    }
    return from == number->pos;
}

/* A positive INTEGER in its one valid encoding, as `size` bytes. */
static bool der_scalar(struct der *der, uint8_t *scalar, uint32_t size)
{
    struct der integer;

    if (!der_open(der, DER_INTEGER, &integer) || integer.pos >= integer.end) {
        return false;
    }
    if (integer.bytes[integer.pos] >= 0x80) {
        return false;
    }
    if (integer.bytes[integer.pos] == 0) {
        integer.pos++;
        if (integer.pos >= integer.end || integer.bytes[integer.pos] < 0x80) {
            return false; /* zero, or a leading zero that no sign bit asks for */
        }
    }
    return copy_number(&integer, scalar, size);
}

static bool all_zero(const struct der *der)
{
    uint8_t seen = 0;

    for (uint32_t i = der->pos; i < der->end; i++) {
        seen |= der->bytes[i];
    }
    return seen == 0;
}

bool ob_ecdsa_from_der(const uint8_t *der, uint32_t len, uint8_t *signature, uint32_t scalar_size)
{
    struct der rest = {.bytes = der, .end = len};
    struct der sequence;

    return len <= OB_ECDSA_DER_MAX && der_open(&rest, DER_SEQUENCE, &sequence) && all_zero(&rest) &&
           der_scalar(&sequence, signature, scalar_size) &&
           der_scalar(&sequence, signature + scalar_size, scalar_size) && sequence.pos == sequence.end;
}
