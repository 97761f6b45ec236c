/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_COMMON_JSON_H
#define OUTBOARD_COMMON_JSON_H

#include <cjson/cJSON.h>
#include <stdio.h>

/** Print a value with a line end behind it, and free it. */
void ob_json_print(FILE *out, cJSON *value);

#endif
