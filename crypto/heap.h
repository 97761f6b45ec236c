/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OB_CRYPTO_HEAP_H
#define OB_CRYPTO_HEAP_H

/**
 * Mbed TLS' elliptic curves allocate their numbers. Before each verification: forget all that was allocated.
 *
 * In firmware (heap_static.c) they come from an array of a size that suffices for one verification; a host program has
 * a heap (heap_host.c).
 */
void ob_crypto_heap_start(void);

#endif
