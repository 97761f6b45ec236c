/* SPDX-License-Identifier: Apache-2.0 */
#include "image.h"

#include <argp.h>
#include <outboard/util.h>

#include "../commands.h"
#include "../common/subcommand.h"

int ob_cmd_image(int argc, char **argv)
{
    static const struct argp argp = {
        NULL,
        NULL,
        "info FILE [--enc-key PEM] [--json]\n"
        "verify FILE --key PEM... [--type TYPE] [--enc-key PEM] [--slot-size N | --partitions YML] [--json]\n"
        "decrypt FILE --enc-key PEM --output FILE\n"
        "key --pem PEM... [--type TYPE] --c FILE",
        "What an image made by imgtool says, whether a device would run it, and keys for the bootloader.",
        NULL,
        NULL,
        NULL};
    static const struct ob_subcommand commands[] = {
        {"info", image_cmd_info, "outboard image info", NULL},
        {"verify", image_cmd_verify, "outboard image verify", NULL},
        {"decrypt", image_cmd_decrypt, "outboard image decrypt", NULL},
        {"key", image_cmd_key, "outboard image key", NULL},
    };
    int status;

    if (ob_subcommand_run("outboard image", commands, OB_ARRAY_SIZE(commands), argc, argv, &status)) {
        return status;
    }
    if (argp_parse(&argp, argc, argv, 0, NULL, NULL) == 0) {
        ob_diag_error(NULL, "image: nothing to do; say info, verify or key");
    }
    return OB_EXIT_USAGE;
}
