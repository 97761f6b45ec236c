/* SPDX-License-Identifier: Apache-2.0 */
#include <mbedtls/memory_buffer_alloc.h>

#include "heap.h"

#define HEAP_SIZE 4096u /* test_heap.c measures what one verification takes */

void ob_crypto_heap_start(void)
{
    static unsigned char heap[HEAP_SIZE] __attribute__((aligned(8)));

    mbedtls_memory_buffer_alloc_init(heap, sizeof(heap));
}
