/* SPDX-License-Identifier: Apache-2.0 */
#include "wait.h"

#include <outboard/time.h>

/*
 * Most often there is nothing to wait for: flash that the CPU runs from stops it while it is written. Then the clock is
 * read before the register, so a wait that was held up still sees the last answer.
 */
bool ob_wait_until_set(const volatile uint32_t *reg, uint32_t max_us)
{
    bool late;

    if (*reg != 0) {
        return true;
    }
    uint32_t start = ob_time_us();
    do {
        late = ob_time_us() - start > max_us;
        if (*reg != 0) {
            return true;
        }
    } while (!late);
    return false;
}
