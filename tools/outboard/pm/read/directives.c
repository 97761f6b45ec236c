/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "../../common/file.h"
#include "load.h"

#define FILE_SIZE_MAX ((size_t)16 * 1024 * 1024) /* what the YAML reader takes */

/** No blank behind `#`, and nothing of the word left: `# if` and `#iffy` are comments that people write. */
static bool is_directive(const char *line, const char *word)
{
    size_t len = strlen(word);

    return line[0] == '#' && strncmp(line + 1, word, len) == 0 && strchr(" \t\r\n<\"", line[1 + len]) != NULL;
}

static bool check_line(const struct ob_loc *at, const char *line, bool is_static)
{
    const char *cure = is_static
                           ? "a static configuration is not preprocessed: keep one file for each case, or write its "
                             "partitions out"
                           : "this file is not preprocessed: give the one that the build made of it";

    if (is_directive(line, "ifdef") || is_directive(line, "ifndef") || is_directive(line, "endif")) {
        ob_diag_error(at, "a condition of the C preprocessor is only a comment here, so all branches would count; %s",
                      cure);
        return false;
    }
    if (is_directive(line, "include") || is_directive(line, "define")) {
        ob_diag_warning(at, "a line of the C preprocessor is only a comment here; %s", cure);
    }
    return true;
}

bool pm_no_directives(const char *path, bool is_static)
{
    struct ob_loc at = {.file = path, .line = 1, .col = 1};
    char *text;
    size_t len;
    bool ok = ob_file_read(path, FILE_SIZE_MAX, &text, &len) == OB_EXIT_OK;

    for (const char *line = text; ok && line != NULL; at.line++) {
        ok = check_line(&at, line, is_static);
        line = strchr(line, '\n');
        line = line == NULL ? NULL : line + 1;
    }
    free(text);
    return ok;
}
