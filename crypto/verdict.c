/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/verdict.h>

/* Halves of the mask: each of two ways contributes one, if it agrees and has come to its end. */
#define FIRST_HALF 0x2d96a53cu
#define SECOND_HALF (OB_VERDICT_MASK ^ FIRST_HALF)
/* Where a verdict starts is no number by itself: a load that is skipped would leave what the caller has in that
 * register, which may be the accepted one. */
#define REJECTED_FIRST 0x9be3172du
#define REJECTED_SECOND ((uint32_t)OB_VERDICT_REJECTED ^ REJECTED_FIRST)
#define STEP 0x01000193u /* odd: sums of it that come out the same have the same number of terms */

/* The half, if nothing differs and all words were looked at; else 0: two that are wrong must not make up for each
 * other. */
static uint32_t half(uint32_t mask, uint32_t difference, uint32_t steps)
{
    const uint32_t wrong = ob_verdict_reload(difference) | (ob_verdict_reload(steps) ^ (OB_VERDICT_WORDS * STEP));

    return mask & (((wrong | (0u - wrong)) >> 31) - 1);
}

static uint32_t upwards(const uint32_t *a, const uint32_t *b)
{
    uint32_t difference = a == b;
    uint32_t steps = 0;

    for (uint32_t i = 0; i < OB_VERDICT_WORDS; i++) {
        difference |= a[i] ^ b[i];
        steps = ob_verdict_reload(steps) + STEP; /* step by step: not as the product that is expected */
    }
    return half(FIRST_HALF, difference, steps);
}

static uint32_t downwards(const uint32_t *a, const uint32_t *b)
{
    uint32_t difference = a == b;
    uint32_t steps = 0;

    for (uint32_t i = OB_VERDICT_WORDS; i-- > 0;) {
        difference |= a[i] - b[i];
        steps = ob_verdict_reload(steps) + STEP; /* step by step: not as the product that is expected */
    }
    return half(SECOND_HALF, difference, steps);
}

enum ob_verdict ob_verdict_compare(const uint32_t a[OB_VERDICT_WORDS], const uint32_t b[OB_VERDICT_WORDS])
{
    ob_verdict_delay();
    const uint32_t first = ob_verdict_reload(REJECTED_FIRST) ^ ob_verdict_reload(upwards(a, b));
    ob_verdict_delay();
    const uint32_t second = ob_verdict_reload(REJECTED_SECOND) ^ ob_verdict_reload(downwards(a, b));
    return (enum ob_verdict)(first ^ second);
}

enum ob_verdict ob_verdict_of_two(uint32_t first, uint32_t second)
{
    uint32_t one = ob_verdict_reload(REJECTED_FIRST) ^ (FIRST_HALF & (0u - ob_verdict_reload(first)));

    ob_verdict_delay();
    one = ob_verdict_reload(one); /* side by side one fault would skip both masks */
    const uint32_t other = ob_verdict_reload(REJECTED_SECOND) ^ (SECOND_HALF & (0u - ob_verdict_reload(second)));
    return (enum ob_verdict)(one ^ other);
}
