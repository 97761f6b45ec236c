/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "report.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <outboard/util.h>

#include "campaign_options.h"
#include "common/file.h"
#include "common/html.h"

#define WIDTH 1200.0 /* of the picture, in its own units */
#define LEFT 90.0
#define LANE 90.0 /* height of a chip's */
#define LANE_GAP 40.0
#define TICKS_PER_S (1e6 * VB_TICKS_PER_US)

void vb_report_add(struct vb_report *report, const struct vb_search_result *result)
{
    const struct vb_cut *cut = &result->cuts.items[0];

    if (report->count == report->room) {
        report->room = OB_MAX(1024u, report->room * 2);
        report->entries = realloc(report->entries, report->room * sizeof(*report->entries));
        if (report->entries == NULL) {
            abort();
        }
    }
    report->entries[report->count++] = (struct vb_report_entry){.operation = (uint32_t)cut->operation,
                                                                .instruction = cut->instruction,
                                                                .tear = cut->tear,
                                                                .outcome = (uint8_t)result->history.outcome,
                                                                .starts = (uint8_t)result->history.starts};
    if (result->history.outcome == VB_OUTCOME_FAILED && report->failure_count < VB_REPORT_FAILURES) {
        report->failures = realloc(report->failures, (report->failure_count + 1) * sizeof(*report->failures));
        if (report->failures == NULL) {
            abort();
        }
        report->failures[report->failure_count++] = *result;
    }
}

void vb_report_free(struct vb_report *report)
{
    free(report->entries);
    free(report->failures);
}

/* ---- what the picture shows ---- */

/* What came of all cuts in one operation: the worst of them. */
enum fate { FATE_NOT_CUT, FATE_OLD, FATE_NEW, FATE_EITHER, FATE_FAILED, FATES };

static const struct {
    const char *class;
    const char *text;
} fates[FATES] = {
    [FATE_NOT_CUT] = {"x", "not cut"},
    [FATE_OLD] = {"o", "at rest the old image runs"},
    [FATE_NEW] = {"n", "at rest the new image runs"},
    [FATE_EITHER] = {"e", "the one or the other, by the tear"},
    [FATE_FAILED] = {"f", "a failure"},
};

static enum fate worse(enum fate fate, enum vb_outcome outcome)
{
    enum fate next = outcome == VB_OUTCOME_FAILED ? FATE_FAILED : outcome == VB_OUTCOME_OLD ? FATE_OLD : FATE_NEW;

    if (fate == FATE_NOT_CUT || fate == next || next == FATE_FAILED) {
        return next;
    }
    return fate == FATE_FAILED ? FATE_FAILED : FATE_EITHER;
}

struct page {
    FILE *out;
    const struct vb_golden *golden;
    uint8_t *fates;   /* enum fate of each operation */
    uint64_t *starts; /* time at which each start begins, one after the other */
    uint64_t end;
    bool network; /* its core does something, too */
};

static uint64_t time_of(const struct page *page, const struct vb_done *done)
{
    return page->starts[done->nth] + done->start;
}

/* Starts follow each other without a gap: each ends with its last operation. */
static void lay_out(struct page *page)
{
    const struct vb_log *log = &page->golden->log;

    for (uint32_t i = 0; i < log->count; i++) {
        uint64_t end = time_of(page, &log->done[i]) + log->done[i].operation.ticks;
        page->end = OB_MAX(page->end, end);
        for (uint32_t nth = log->done[i].nth + 1; nth < VB_STARTS_MAX; nth++) {
            page->starts[nth] = page->end;
        }
    }
}

static double x_of(const struct page *page, uint64_t time)
{
    return LEFT + (WIDTH - LEFT) * (double)time / (double)OB_MAX(page->end, 1u);
}

static double y_of(uint8_t memory)
{
    return 20 + memory * (LANE + LANE_GAP);
}

/* One path for each kind of fate and chip: a page of ten thousand operations stays small. */
static void draw_operations(const struct page *page, uint8_t memory, enum fate fate)
{
    const struct vb_log *log = &page->golden->log;
    bool any = false;

    for (uint32_t i = 0; i < log->count; i++) {
        const struct vb_done *done = &log->done[i];
        if (done->operation.memory != memory || page->fates[i] != fate) {
            continue;
        }
        double x = x_of(page, time_of(page, done));
        double width = OB_MAX(x_of(page, time_of(page, done) + done->operation.ticks) - x, 0.4);
        double height = done->operation.erase ? LANE : LANE * 0.6;
        fprintf(page->out, "%sM%.1f %.0fh%.1fv%.0fh-%.1fz", any ? "" : "<path d=\"", x, y_of(memory) + LANE - height,
                width, height, width);
        any = true;
    }
    if (any) {
        fprintf(page->out, "\" class=\"%s\"><title>%s</title></path>\n", fates[fate].class, fates[fate].text);
    }
}

static uint8_t last_lane(const struct page *page)
{
    return page->network ? VB_NETWORK : VB_EXTERNAL;
}

static void draw_axis(const struct page *page)
{
    double seconds = (double)page->end / TICKS_PER_S;
    double step = seconds > 20 ? 5 : seconds > 4 ? 1 : seconds > 0.8 ? 0.2 : 0.02;
    double bottom = y_of(last_lane(page)) + LANE + 12;

    for (double at = 0; at <= seconds; at += step) {
        double x = x_of(page, (uint64_t)(at * TICKS_PER_S));
        fprintf(page->out, "<path class=\"axis\" d=\"M%.1f 20V%.0f\"/><text x=\"%.1f\" y=\"%.0f\">%.3g s</text>\n", x,
                bottom, x, bottom + 14, at);
    }
    for (uint32_t nth = 1; nth < VB_STARTS_MAX && page->starts[nth] < page->end; nth++) {
        double x = x_of(page, page->starts[nth]);
        fprintf(page->out, "<path class=\"start\" d=\"M%.1f 8V%.0f\"/><text x=\"%.1f\" y=\"14\">start %u</text>\n", x,
                bottom, x + 3, nth + 1);
    }
}

static void draw(const struct page *page)
{
    fprintf(page->out, "<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"Flash operations over time\">\n",
            WIDTH + 10, y_of(last_lane(page)) + LANE + 60);
    draw_axis(page);
    for (uint8_t memory = VB_INTERNAL; memory <= last_lane(page); memory++) {
        fprintf(page->out, "<text class=\"lane\" x=\"0\" y=\"%.0f\">%s</text>\n", y_of(memory) + LANE / 2,
                vb_memory_name((enum vb_memory)memory));
        for (enum fate fate = FATE_NOT_CUT; fate < FATES; fate++) {
            draw_operations(page, memory, fate);
        }
    }
    fputs("</svg>\n<p class=\"legend\">", page->out);
    for (enum fate fate = FATE_NOT_CUT; fate < FATES; fate++) {
        fprintf(page->out, "<span class=\"key %s\"></span>%s", fates[fate].class, fates[fate].text);
    }
    fputs("</p>\n<p>Tall bars are erases, low ones programs; time is the board's.</p>\n", page->out);
}

/* ---- text ---- */

static void put_command(FILE *out, const struct vb_campaign *campaign, const char *command)
{
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);

    if (memory != NULL) {
        vb_campaign_print(campaign, memory);
        fclose(memory);
        fprintf(out, "outboard board %s ", command);
        ob_html_put(out, text);
        free(text);
    }
}

static void put_failures(FILE *out, const struct vb_report *report, const struct vb_campaign *campaign)
{
    char word[VB_CUTS_TEXT];

    if (report->failure_count == 0) {
        fputs("<p>No failure.</p>\n", out);
        return;
    }
    fputs("<h2>Failures</h2>\n<p>Each can be lived through again: <code>", out);
    put_command(out, campaign, "run");
    fputs(" --cut WORD</code></p>\n<table><tr><th>word</th><th>start</th><th>what</th></tr>\n", out);
    for (uint32_t i = 0; i < report->failure_count; i++) {
        vb_cuts_print(&report->failures[i].cuts, word);
        fprintf(out, "<tr><td><code>%s</code></td><td>%u</td><td>", word, report->failures[i].history.starts);
        ob_html_put(out, report->failures[i].history.why);
        fputs("</td></tr>\n", out);
    }
    fputs("</table>\n", out);
}

static void put_tears(FILE *out, const struct vb_report *report)
{
    uint64_t counts[SIM_TEAR_KINDS][3] = {0};

    for (uint32_t i = 0; i < report->count; i++) {
        counts[report->entries[i].tear.kind][report->entries[i].outcome]++;
    }
    fputs("<table><tr><th>what the operation left</th><th>old</th><th>new</th><th>failures</th></tr>\n", out);
    for (unsigned kind = 0; kind < SIM_TEAR_ASTRAY; kind++) {
        fprintf(out, "<tr><td>%s</td><td>%llu</td><td>%llu</td><td>%llu</td></tr>\n", sim_tear_name(kind),
                (unsigned long long)counts[kind][VB_OUTCOME_OLD], (unsigned long long)counts[kind][VB_OUTCOME_NEW],
                (unsigned long long)counts[kind][VB_OUTCOME_FAILED]);
    }
    fputs("</table>\n", out);
}

static const char head[] =
    "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Power cuts</title>\n<style>\n"
    "body{font:15px/1.5 system-ui,sans-serif;max-width:80em;margin:2em auto;padding:0 1em;color:#222;background:#fff}\n"
    "svg{width:100%;height:auto}text{font:11px system-ui,sans-serif;fill:#555}.lane{font-size:13px;fill:#222}\n"
    ".axis{stroke:#ddd}.start{stroke:#888;stroke-dasharray:4 3}table{border-collapse:collapse;margin:1em 0}\n"
    "td,th{border-bottom:1px solid #ddd;padding:.2em .8em;text-align:left}code{background:#f3f3f3;padding:.1em .3em}\n"
    ".key{display:inline-block;width:1em;height:.8em;margin:0 .4em 0 1em}.x{fill:#c8c8c8;background:#c8c8c8}\n"
    ".o{fill:#3b6fb5;background:#3b6fb5}.n{fill:#3a9150;background:#3a9150}.e{fill:#c9962b;background:#c9962b}\n"
    ".f{fill:#c0332b;background:#c0332b}\n</style>\n";

static void put_page(const struct page *page, const struct vb_report *report, const struct vb_campaign *campaign,
                     double seconds)
{
    FILE *out = page->out;
    uint64_t failures = 0;

    for (uint32_t i = 0; i < report->count; i++) {
        failures += report->entries[i].outcome == VB_OUTCOME_FAILED;
    }
    fprintf(out, "%s<h1>%u power cuts, %llu failures</h1>\n<p><code>", head, report->count,
            (unsigned long long)failures);
    put_command(out, campaign, "cuts");
    fprintf(
        out,
        "</code></p>\n<p>%s, %u flash operations in %u starts without a cut; %.0f s of the host. After each cut the "
        "board "
        "was started again until a start changed nothing, and the image that ran was compared byte for byte. This is a "
        "model: nothing here has run on hardware.</p>\n",
        campaign->target.description.soc->name, page->golden->log.count, page->golden->history.starts, seconds);
    draw(page);
    put_tears(out, report);
    put_failures(out, report, campaign);
    fputs("</html>\n", out);
}

static void find_fates(struct page *page, const struct vb_report *report)
{
    for (uint32_t i = 0; i < report->count; i++) {
        const struct vb_report_entry *entry = &report->entries[i];
        if (entry->operation != 0 && entry->operation <= page->golden->log.count) {
            uint8_t *fate = &page->fates[entry->operation - 1];
            *fate = (uint8_t)worse((enum fate) * fate, (enum vb_outcome)entry->outcome);
        }
    }
}

enum ob_exit vb_report_check(const char *path)
{
    struct stat file;
    const char *slash = strrchr(path, '/');
    char folder[PATH_MAX] = ".";
    const char *why = NULL;

    if (slash != NULL) {
        snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path + 1), path);
    }
    if (stat(path, &file) == 0 && !S_ISREG(file.st_mode)) {
        why = "is no file";
    } else if (access(folder, W_OK) != 0) {
        why = strerror(errno);
    }
    if (why != NULL) {
        ob_diag_error(&(struct ob_loc){.file = path}, "no page can be written there: %s", why);
    }
    return why == NULL ? OB_EXIT_OK : OB_EXIT_USAGE;
}

enum ob_exit vb_report_write(const struct vb_report *report, const char *path, const struct vb_campaign *campaign,
                             const struct vb_golden *golden, double seconds)
{
    char *text = NULL;
    size_t size = 0;
    uint64_t starts[VB_STARTS_MAX] = {0};
    struct page page = {.out = open_memstream(&text, &size),
                        .golden = golden,
                        .starts = starts,
                        .network = campaign->network_update.path != NULL};

    page.fates = calloc(golden->log.count + 1u, sizeof(*page.fates));
    if (page.out == NULL || page.fates == NULL) {
        ob_diag_error(NULL, "board: out of memory");
        return OB_EXIT_USAGE;
    }
    lay_out(&page);
    find_fates(&page, report);
    put_page(&page, report, campaign, seconds);
    fclose(page.out);
    const struct ob_file_text file = {.path = path, .data = text, .len = size};
    enum ob_exit status = ob_file_write_all(&file, 1);
    free(text);
    free(page.fates);
    return status;
}
