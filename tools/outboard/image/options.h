/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_TOOLS_IMAGE_OPTIONS_H
#define OUTBOARD_TOOLS_IMAGE_OPTIONS_H

#include "../common/args.h"

#include "image.h"

/* What the command lines of several subcommands have in common. A mistake ends the program with a message. */

/** The one FILE of a command line. */
void image_file_argument(const char **file, char *arg, const struct argp_state *state);

/** --type */
const struct image_type *image_type_argument(const char *arg, const struct argp_state *state);

#endif
