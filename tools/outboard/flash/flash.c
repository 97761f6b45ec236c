/* SPDX-License-Identifier: Apache-2.0 */
#include "../commands.h"
#include "../common/subcommand.h"
#include "inspect.h"

static const struct ob_subcommand commands[] = {
    {"inspect", flash_cmd_inspect, "outboard flash inspect", "what dumps of a device say, and what to do"},
};

int ob_cmd_flash(int argc, char **argv)
{
    return ob_subcommand_group("outboard flash", commands, sizeof(commands) / sizeof(commands[0]), argc, argv);
}
