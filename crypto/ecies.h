/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OB_CRYPTO_ECIES_H
#define OB_CRYPTO_ECIES_H

#include <outboard/digest.h>

#define ECIES_SECRET_SIZE 32u

/**
 * The second half of ECIES as imgtool has it: from a shared secret to the content key.
 *
 * @param secret  wiped
 * @param tag     hash->size bytes, followed by the wrapped key of `size` bytes
 */
OB_MUST_CHECK bool ob_ecies_open(const struct ob_hash *hash, uint8_t secret[ECIES_SECRET_SIZE], const uint8_t *tag,
                                 uint8_t *out, uint32_t size);

#endif
