/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_TESTS_PROVE_KEYS_H
#define OUTBOARD_TESTS_PROVE_KEYS_H

#include <outboard/cipher.h>
#include <outboard/image.h>

/**
 * None to two keys with any content, of any type of signature; nothing is decrypted. Hash and signature check are
 * replaced by functions that read what they are given and answer anything.
 */
struct ob_keys any_keys(void);

/** Any way to wrap content keys. Unwrapping is replaced in the same way. */
struct ob_decryption any_decryption(void);

#endif
