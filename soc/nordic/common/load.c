/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>

#include "start.h"

/* Code runs from flash; initialised data is copied to RAM before anything uses it. Bounds from the linker script. */
extern const uint32_t ob_data_load[];
extern uint32_t ob_data_start[];
extern uint32_t ob_data_end[];

_Noreturn void ob_reset(void);
_Noreturn void ob_load(void);

_Noreturn void ob_load(void)
{
    const uint32_t *from = ob_data_load;
    for (uint32_t *to = ob_data_start; to < ob_data_end; to++) {
        *to = *from++;
    }
    ob_nrf_start();
    ob_reset();
}
