/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decode whatever stands for a DER signature. What is accepted must be the one encoding of its numbers: encoding them
 * again gives the same bytes, followed by zeros.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <outboard/digest.h>

#include "image_maker.h"

static void check(const uint8_t *der, size_t size)
{
    uint8_t signature[OB_P256_SIGNATURE_SIZE];
    uint8_t again[MAKER_DER_MAX];
    if (!ob_ecdsa_from_der(der, (uint32_t)size, signature, 32)) {
        return;
    }
    size_t len = maker_der(signature, again);
    if (size < len || memcmp(again, der, len) != 0) {
        abort();
    }
    for (size_t i = len; i < size; i++) {
        if (der[i] != 0) {
            abort();
        }
    }
}

/* A frame of the right shape around the input: pure noise would hardly ever be one. */
static void check_framed(const uint8_t *data, size_t size)
{
    uint8_t der[2 + 2 * (2 + 64)];
    size_t first = size > 0 ? data[0] % 40 : 0;
    size_t second = size > 1 ? data[1] % 40 : 0;
    if (size < 2 + first + second) {
        return;
    }
    der[0] = 0x30;
    der[1] = (uint8_t)(4 + first + second);
    der[2] = 0x02;
    der[3] = (uint8_t)first;
    memcpy(der + 4, data + 2, first);
    der[4 + first] = 0x02;
    der[5 + first] = (uint8_t)second;
    memcpy(der + 6 + first, data + 2 + first, second);
    check(der, 6 + first + second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check(data, size);
    check_framed(data, size);
    return 0;
}
