/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/digest.h>

bool ob_equal(const void *a, const void *b, uint32_t len)
{
    const volatile uint8_t *left = a;
    const volatile uint8_t *right = b;
    uint8_t diff = 0;
    for (uint32_t i = 0; i < len; i++) {
        diff |= (uint8_t)(left[i] ^ right[i]);
    }
    return diff == 0;
}
