/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd.h"

#include "../commands.h"
#include "../common/subcommand.h"

static const struct ob_subcommand commands[] = {
    {"resolve", pm_cmd_resolve, "outboard pm resolve", "lay out partitions: partitions.yml, regions.yml"},
    {"output", pm_cmd_output, "outboard pm output", "make pm_config.h and pm.config from a layout"},
    {"check", pm_cmd_check, "outboard pm check", "find at build time what would fail on a device"},
    {"lock", pm_cmd_lock, "outboard pm lock", "record a released layout for later checks"},
    {"report", pm_cmd_report, "outboard pm report", "show a layout in the terminal, as SVG or as a page"},
    {"from-dts", pm_cmd_from_dts, "outboard pm from-dts", "make a pm_static.yml from devicetree partitions"},
};

int ob_cmd_pm(int argc, char **argv)
{
    return ob_subcommand_group("outboard pm", commands, sizeof(commands) / sizeof(commands[0]), argc, argv);
}
