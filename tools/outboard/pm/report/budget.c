/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <outboard/util.h>

#include "../../common/html.h"
#include "report.h"

#define COLUMNS 9U
#define UNKNOWN "?"
#define NONE "-"

static const char *const heads[COLUMNS] = {
    "Mode",       "Image bytes",       "Install",      "worst case", "Go back",
    "worst case", "Longest operation", "Erases P / S", "Updates",
};

struct table {
    const char *cell[PM_BUDGET_ROWS][COLUMNS];
    uint32_t rows;
    uint32_t chosen; /* row of the mode that the bootloader was built with */
};

/** Three digits are enough: "480 ms", "3.84 s", "38.4 s", "121 s". */
static const char *time_text(struct ob_arena *arena, uint64_t ns)
{
    uint64_t ms = (ns + 999999) / 1000000;
    double s = (double)ms / 1000;

    if (ms < 1000) {
        return ob_arena_printf(arena, "%llu ms", (unsigned long long)ms);
    }
    return ob_arena_printf(arena, "%.*f s", ms < 10000 ? 2 : ms < 100000 ? 1 : 0, s);
}

static const char *start_text(struct ob_arena *arena, const struct pm_budget_row *row, enum sim_bench_start start,
                              enum sim_pace pace)
{
    const struct sim_bench_cost *cost = &row->bench.start[start];

    if (!cost->done) {
        return NONE;
    }
    return row->timed ? time_text(arena, sim_bench_ns(cost, pace)) : UNKNOWN;
}

static void fill_row(struct ob_arena *arena, const struct pm_budget *budget, const struct pm_budget_row *row,
                     const char *cell[COLUMNS])
{
    const struct sim_bench_chip *chip = row->bench.start[SIM_BENCH_UPGRADE].chip;
    uint32_t updates = pm_budget_updates(budget, row);

    cell[0] = row->name;
    for (uint32_t i = 1; i < COLUMNS; i++) {
        cell[i] = NONE;
    }
    if (row->impossible != NULL) {
        return;
    }
    cell[1] = ob_arena_printf(arena, "%u", row->bench.capacity);
    cell[2] = start_text(arena, row, SIM_BENCH_UPGRADE, SIM_TYPICAL);
    cell[3] = start_text(arena, row, SIM_BENCH_UPGRADE, SIM_WORST);
    cell[4] = start_text(arena, row, SIM_BENCH_REVERT, SIM_TYPICAL);
    cell[5] = start_text(arena, row, SIM_BENCH_REVERT, SIM_WORST);
    cell[6] = row->timed ? time_text(arena, row->longest_ns) : UNKNOWN;
    cell[7] = ob_arena_printf(arena, "%u / %u", chip[SIM_INTERNAL].total_wear, chip[SIM_EXTERNAL].total_wear);
    if (!row->first) {
        cell[8] = updates == 0 ? UNKNOWN : ob_arena_printf(arena, "%u", updates);
    }
}

static void fill(struct ob_arena *arena, const struct pm_budget *budget, struct table *table)
{
    *table = (struct table){.rows = budget->row_count};
    for (uint32_t i = 0; i < budget->row_count; i++) {
        fill_row(arena, budget, &budget->row[i], table->cell[i]);
        if (budget->row[i].mode == budget->pair->mode && !budget->row[i].first) {
            table->chosen = i;
        }
    }
}

/* ---- what has to be said besides ---- */

static const char *title(struct ob_arena *arena, const struct pm_budget *budget)
{
    return ob_arena_printf(arena, "Updates of %s from %s", budget->pair->primary.part->name->text,
                           budget->pair->secondary.part->name->text);
}

/** What the table of parts quotes without its datasheet at hand. */
static const char *doubt_text(const struct sim_part *part)
{
    if (part->times_unconfirmed && part->endurance_unconfirmed) {
        return ", times and rated cycles not confirmed with its datasheet";
    }
    if (part->times_unconfirmed) {
        return ", times not confirmed with its datasheet";
    }
    return part->endurance_unconfirmed ? ", rated cycles not confirmed with its datasheet" : "";
}

static const char *part_text(struct ob_arena *arena, const struct pm_slot *slot, const struct pm_budget_part *part,
                             const char *option)
{
    const char *name = slot->part->name->text;

    if (part->why_unknown != NULL) {
        return ob_arena_printf(arena, "%s: %s; add 'sfdp-bfp' to it, or name it with --part-%s.", name,
                               part->why_unknown, option);
    }
    return ob_arena_printf(arena, "%s: %s%s%s.", name, part->part.name,
                           part->own_table ? ", times from its own table" : "", doubt_text(&part->part));
}

#define NOTES_MAX (3U + SIM_CHIPS + PM_BUDGET_ROWS)

static uint32_t notes(struct ob_arena *arena, const struct pm_budget *budget, const char *note[NOTES_MAX])
{
    uint32_t count = 0;

    note[count++] = part_text(arena, &budget->pair->primary, &budget->part[SIM_INTERNAL], "internal");
    note[count++] = part_text(arena, &budget->pair->secondary, &budget->part[SIM_EXTERNAL], "external");
    note[count++] = "Install, go back: the time of all erases and programs for an image that fills the slot; reading "
                    "and verifying come on "
                    "top.";
    note[count++] = "Longest operation: the worst case between two calls of the hook that feeds a watchdog.";
    note[count++] =
        "Erases: of the most-worn sector of primary and secondary in one update, download included. Updates: "
        "until one reaches its rated cycles.";
    for (uint32_t i = 0; i < budget->row_count; i++) {
        if (budget->row[i].impossible != NULL) {
            note[count++] =
                ob_arena_printf(arena, "Not possible here, %s: %s.", budget->row[i].name, budget->row[i].impossible);
        }
    }
    return count;
}

/* ---- terminal ---- */

static void print_cells(FILE *out, const char *mark, const char *const cell[COLUMNS], const uint32_t width[COLUMNS])
{
    fprintf(out, "%s%-*s", mark, (int)width[0], cell[0]);
    for (uint32_t i = 1; i < COLUMNS; i++) {
        fprintf(out, "  %*s", (int)width[i], cell[i]);
    }
    fputc('\n', out);
}

void pm_budget_text(FILE *out, struct ob_arena *arena, const struct pm_budget *budget)
{
    struct table table;
    uint32_t width[COLUMNS];
    const char *note[NOTES_MAX];

    fill(arena, budget, &table);
    for (uint32_t i = 0; i < COLUMNS; i++) {
        width[i] = (uint32_t)strlen(heads[i]);
        for (uint32_t k = 0; k < table.rows; k++) {
            width[i] = OB_MAX(width[i], (uint32_t)strlen(table.cell[k][i]));
        }
    }
    fprintf(out, "\n%s\n\n", title(arena, budget));
    print_cells(out, "  ", heads, width);
    for (uint32_t k = 0; k < table.rows; k++) {
        print_cells(out, k == table.chosen ? "> " : "  ", table.cell[k], width);
    }
    fputc('\n', out);
    uint32_t count = notes(arena, budget, note);
    for (uint32_t i = 0; i < count; i++) {
        fprintf(out, "  %s\n", note[i]);
    }
}

/* ---- page ---- */

static void put_cells(FILE *out, const char *tag, const char *const cell[COLUMNS])
{
    for (uint32_t i = 0; i < COLUMNS; i++) {
        fprintf(out, "<%s>%s</%s>", tag, cell[i], tag);
    }
    fputs("</tr>\n", out);
}

void pm_budget_html(FILE *out, struct ob_arena *arena, const struct pm_budget *budget)
{
    struct table table;
    const char *note[NOTES_MAX];

    fill(arena, budget, &table);
    fputs("<section class=\"budget\">\n<h2>", out);
    ob_html_put(out, title(arena, budget));
    fputs("</h2>\n<div class=\"wide\"><table>\n<thead><tr>", out);
    put_cells(out, "th", heads);
    fputs("</thead>\n<tbody>\n", out);
    for (uint32_t k = 0; k < table.rows; k++) {
        fputs(k == table.chosen ? "<tr class=\"chosen\">" : "<tr>", out);
        put_cells(out, "td", table.cell[k]);
    }
    fputs("</tbody>\n</table></div>\n", out);
    uint32_t count = notes(arena, budget, note);
    for (uint32_t i = 0; i < count; i++) {
        fputs("<p>", out);
        ob_html_put(out, note[i]);
        fputs("</p>\n", out);
    }
    fputs("</section>\n", out);
}
