/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_KEYS_H
#define OUTBOARD_KEYS_H

#include <stdbool.h>

#include <outboard/image.h>

/** The keys whose images this bootloader runs. `outboard image key` writes the C file from PEM files. */
extern const struct ob_keys ob_keys;

/** One of them is a demo key, for which the private half is public: anybody can sign for this device. Say so. */
extern const bool ob_keys_demo;

/** So is the one that images are decrypted with: anybody can read what is encrypted for this device. Say so. */
extern const bool ob_decryption_demo;

#endif
