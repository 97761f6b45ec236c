/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void pm_finding(struct pm_check *check, const struct ob_loc *at, const char *fmt, ...)
{
    va_list args;
    char *text = NULL;

    va_start(args, fmt);
    int len = vasprintf(&text, fmt, args);
    va_end(args);
    const char *finding = ob_arena_printf(check->arena, "%s", len < 0 ? "out of memory" : text);
    check->findings = ob_arena_more(check->arena, check->findings, check->finding_count, sizeof(*check->findings));
    check->findings[check->finding_count++] = finding;
    ob_diag_error(at, "%s", finding);
    free(text);
}

struct ob_loc pm_file_of(const struct pm_image *image)
{
    return (struct ob_loc){.file = image->config_path};
}

const char *pm_source_of(struct pm_check *check, const struct pm_image *image, const char *kind)
{
    if (image == &check->images[0] && image != check->bootloader) {
        return strcmp(kind, "conf") == 0 ? "prj.conf" : "app.overlay";
    }
    return ob_arena_printf(check->arena, "child_image/%s.%s or sysbuild/%s.%s", image->name, kind, image->name, kind);
}
