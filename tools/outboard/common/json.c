/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "json.h"

#include "diag.h"

void ob_json_print(FILE *out, cJSON *value)
{
    char *text = cJSON_Print(value);

    if (out == stdout) {
        ob_diag_json_printed();
    }
    fprintf(out, "%s\n", text == NULL ? "{}" : text);
    cJSON_free(text);
    cJSON_Delete(value);
}
