/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_TESTS_VBOARD_NETWORK_IMAGE_H
#define OUTBOARD_TESTS_VBOARD_NETWORK_IMAGE_H

#include <stdint.h>

#define NETWORK_S0 0x01008800u
#define NETWORK_CODE_SIZE 0x1900u
#define NETWORK_IMAGE_SIZE (NETWORK_CODE_SIZE + 176u)

/** An application of the network core as its bootloader wants it: vectors, fw_info, validation info with its hash. */
void network_image_make(uint8_t image[NETWORK_IMAGE_SIZE], uint32_t version);

#endif
