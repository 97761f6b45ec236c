/* SPDX-License-Identifier: Apache-2.0 */
#include "image.h"

#include <argp.h>
#include <string.h>

#include <outboard/util.h>

#include "../commands.h"

int ob_cmd_image(int argc, char **argv)
{
    static const struct argp argp = {
        NULL,
        NULL,
        "info FILE [--json]\n"
        "verify FILE --key PEM... [--type TYPE] [--slot-size N | --partitions YML] [--json]\n"
        "key --pem PEM... [--type TYPE] --c FILE",
        "What an image made by imgtool says, whether a device would run it, and keys for the bootloader.",
        NULL,
        NULL,
        NULL};
    static const struct {
        const char *name;
        int (*run)(int argc, char **argv);
        char *full_name; /* what argp prints as the program */
    } commands[] = {
        {"info", image_cmd_info, "outboard image info"},
        {"verify", image_cmd_verify, "outboard image verify"},
        {"key", image_cmd_key, "outboard image key"},
    };
    for (size_t i = 0; argc > 1 && i < OB_ARRAY_SIZE(commands); i++) {
        if (strcmp(argv[1], commands[i].name) == 0) {
            argv[1] = commands[i].full_name;
            return commands[i].run(argc - 1, argv + 1);
        }
    }
    if (argp_parse(&argp, argc, argv, 0, NULL, NULL) == 0) {
        ob_diag_error(NULL, "image: nothing to do; say info, verify or key");
    }
    return OB_EXIT_USAGE;
}
