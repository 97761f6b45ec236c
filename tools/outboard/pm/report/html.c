/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Partitions</title>\n"
    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n<style>\n"
    "body{margin:24px;font:14px system-ui,-apple-system,'Segoe UI',sans-serif;background:#fff;color:#1b1f24}\n"
    "h1{font-size:20px}figure{margin:0;overflow-x:auto}table{border-collapse:collapse;margin-top:24px}\n"
    "th,td{padding:4px 12px;border-bottom:1px solid #c4ccd6;text-align:right;font-variant-numeric:tabular-nums}\n"
    "th:first-child,td:first-child,th:nth-child(2),td:nth-child(2){text-align:left}\n"
    "h2{font-size:15px;margin-top:32px}.budget table{margin-top:0}.wide{overflow-x:auto}.budget .chosen "
    "td{font-weight:600}"
    ".budget p{margin:6px 0;color:#4c5561}\n"
    "meter{width:120px}tr:hover td{background:#f0f3f7}\n"
    "@media (prefers-color-scheme:dark){body{background:#14171b;color:#e6e9ee}th,td{border-color:#3b434e}"
    "tr:hover td{background:#1f242b}.budget "
    "p{color:#98a2b0}}\n</style>\n</head>\n<body>\n<h1>Partitions</h1>\n<figure>\n";

static const char table_head[] =
    "</figure>\n<table>\n<thead><tr><th>Partition</th><th>Region</th><th>Address</th><th>End</th>"
    "<th>Bytes</th><th>Size</th><th>Share</th></tr></thead>\n<tbody>\n";

static void put_row(FILE *out, struct ob_arena *arena, const struct pm_region *region, const char *name, uint64_t start,
                    uint64_t end)
{
    unsigned long long size = end - start;
    unsigned long long permille = size * 1000 / region->size;

    fprintf(out,
            "<tr><td>%s</td><td>%s</td><td>0x%llx</td><td>0x%llx</td><td>0x%llx</td><td>%s</td>"
            "<td><meter max=\"1000\" value=\"%llu\">%llu.%llu %%</meter></td></tr>\n",
            name, region->name, (unsigned long long)start, (unsigned long long)end, size, pm_bytes_text(arena, size),
            permille, permille / 10, permille % 10);
}

static void put_rows(FILE *out, struct ob_arena *arena, const struct pm_picture *picture)
{
    uint32_t bracket = 0;

    for (uint32_t i = 0; i < picture->segment_count; i++) {
        const struct pm_segment *segment = &picture->segments[i];
        const char *name = segment->part == NULL ? "(unused)" : segment->part->name->text;
        while (bracket < picture->bracket_count && picture->brackets[bracket].part->address <= segment->start) {
            const struct pm_part *part = picture->brackets[bracket++].part;
            put_row(out, arena, picture->region, part->name->text, part->address, pm_part_end(part));
        }
        put_row(out, arena, picture->region, name, segment->start, segment->end);
    }
}

void pm_report_html(FILE *out, const struct pm_report *report)
{
    fputs(head, out);
    pm_report_svg(out, report->arena, report->pictures, report->picture_count);
    fputs(table_head, out);
    for (uint32_t i = 0; i < report->picture_count; i++) {
        put_rows(out, report->arena, &report->pictures[i]);
    }
    fputs("</tbody>\n</table>\n", out);
    for (uint32_t i = 0; i < report->budget_count; i++) {
        pm_budget_html(out, report->arena, &report->budgets[i]);
    }
    fputs("</body>\n</html>\n", out);
}
