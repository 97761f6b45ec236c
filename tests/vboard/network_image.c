/* SPDX-License-Identifier: Apache-2.0 */
#include "network_image.h"

#include <string.h>

#include <outboard/digest.h>
#include <outboard/util.h>

void network_image_make(uint8_t image[NETWORK_IMAGE_SIZE], uint32_t version)
{
    static const uint32_t info_magic[3] = {0x281ee6de, 0x8fcebb4c, 0x00003502};
    static const uint32_t check_magic[3] = {0x281ee6de, 0x86518483, 0x00013502};
    uint8_t *info = image + 0x200;
    uint8_t *check = image + NETWORK_CODE_SIZE;
    struct ob_sha256 sha;

    memset(image, 0, NETWORK_IMAGE_SIZE);
    for (uint32_t i = 0; i < NETWORK_CODE_SIZE; i++) {
        image[i] = (uint8_t)(i * 7 + version);
    }
    ob_put_le32(image, 0x21010000);
    ob_put_le32(image + 4, NETWORK_S0 + 0x401);
    memset(info, 0, 64);
    memset(check, 0, 176);
    for (unsigned i = 0; i < 3; i++) {
        ob_put_le32(info + 4 * i, info_magic[i]);
        ob_put_le32(check + 4 * i, check_magic[i]);
    }
    ob_put_le32(info + 12, 64);
    ob_put_le32(info + 16, NETWORK_CODE_SIZE);
    ob_put_le32(info + 20, version);
    ob_put_le32(info + 24, NETWORK_S0);
    ob_put_le32(info + 28, NETWORK_S0);
    ob_put_le32(info + 32, 0x9102ffff);
    ob_put_le32(check + 12, NETWORK_S0);
    ob_sha256_start(&sha);
    ob_sha256_add(&sha, image, NETWORK_CODE_SIZE);
    ob_sha256_finish(&sha, check + 16);
}
