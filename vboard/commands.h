/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_COMMANDS_H
#define OUTBOARD_VBOARD_COMMANDS_H

#include "common/diag.h"

/* What follows `outboard board`. Each returns an enum ob_exit; argv[0] is for messages. */
int vb_cmd_run(int argc, char **argv);
int vb_cmd_cuts(int argc, char **argv);
int vb_cmd_glitch(int argc, char **argv);
int vb_cmd_count(int argc, char **argv);
int vb_cmd_registers(int argc, char **argv);

#endif
