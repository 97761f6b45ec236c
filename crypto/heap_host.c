/* SPDX-License-Identifier: Apache-2.0 */
#include "heap.h"

void ob_crypto_heap_start(void)
{
}
