/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_SIM_WRAP_H
#define OUTBOARD_SIM_WRAP_H

#include <stdint.h>

#include <outboard/digest.h>

/*
 * What imgtool does to encrypt an image for a device with a P-256 key: the other side of crypto/wrap_ec256.c, for
 * images that simulations and tests make up.
 */

#define SIM_CONTENT_KEY_SIZE 16u
#define SIM_WRAPPED_SIZE (1u + OB_P256_POINT_SIZE + OB_DIGEST_SIZE + SIM_CONTENT_KEY_SIZE)

/** The device's private key. It protects nothing. */
extern const uint8_t sim_device_key[OB_P256_SCALAR_SIZE];

/**
 * Wrap a content key.
 * @param ephemeral  a private number of the image's own
 */
void sim_wrap(const uint8_t ephemeral[OB_P256_SCALAR_SIZE], const uint8_t key[SIM_CONTENT_KEY_SIZE],
              uint8_t out[SIM_WRAPPED_SIZE]);

#endif
