/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "json.h"

void ob_json_print(FILE *out, cJSON *value)
{
    char *text = cJSON_Print(value);

    fprintf(out, "%s\n", text == NULL ? "{}" : text);
    cJSON_free(text);
    cJSON_Delete(value);
}
