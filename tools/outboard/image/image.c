/* SPDX-License-Identifier: Apache-2.0 */
#include "image.h"

#include <outboard/util.h>

#include "../commands.h"
#include "../common/subcommand.h"

int ob_cmd_image(int argc, char **argv)
{
    static const struct ob_subcommand commands[] = {
        {"info", image_cmd_info, "outboard image info", "what an image says, also one that no device would run"},
        {"verify", image_cmd_verify, "outboard image verify", "whether a device would run it, and if not, why"},
        {"decrypt", image_cmd_decrypt, "outboard image decrypt", "the image as it runs in the primary slot"},
        {"key", image_cmd_key, "outboard image key", "keys as C, for the bootloader"},
    };

    return ob_subcommand_group("outboard image", commands, OB_ARRAY_SIZE(commands), argc, argv);
}
