/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

void image_file_argument(const char **file, char *arg, const struct argp_state *state)
{
    if (*file != NULL) {
        ob_args_error(state, "one file at a time");
    }
    *file = arg;
}

const struct image_type *image_type_argument(const char *arg, const struct argp_state *state)
{
    const struct image_type *type = image_type_named(arg);

    if (type == NULL) {
        char names[160];
        image_type_names(names, sizeof(names));
        ob_args_error(state, "--type: '%s' is none of: %s", arg, names);
    }
    return type;
}
