/* SPDX-License-Identifier: Apache-2.0 */
#include "picture.h"

#define LINES_PER_REGION 16U /* what a region that needs no extra lines takes; every segment gets at least one */
#define NAME_WIDTH 30
#define BYTES_WIDTH 10

struct glyphs {
    const char *line;
    const char *side;
    const char *top_left, *top_right, *mid_left, *mid_right, *low_left, *low_right;
};

static const struct glyphs utf8_glyphs = {"─", "│", "┌", "┐", "├", "┤", "└", "┘"};
static const struct glyphs ascii_glyphs = {"-", "|", "+", "+", "+", "+", "+", "+"};

static const char *const colours[] = {
    [PM_KIND_BOOTLOADER] = "\x1b[34m", [PM_KIND_IMAGE] = "\x1b[32m",  [PM_KIND_SLOT] = "\x1b[36m",
    [PM_KIND_STORAGE] = "\x1b[33m",    [PM_KIND_PADDING] = "\x1b[2m", [PM_KIND_FREE] = "\x1b[2m",
    [PM_KIND_OTHER] = "\x1b[35m",
};

struct page {
    FILE *out;
    struct ob_arena *arena;
    const struct pm_picture *picture;
    const struct glyphs *glyphs;
    bool colour;
};

/** What stands in a column at a line between segments. */
static const char *joint(const struct page *p, uint32_t column, uint64_t address)
{
    bool begins = false;
    bool ends = false;

    for (uint32_t i = 0; i < p->picture->bracket_count; i++) {
        const struct pm_bracket *bracket = &p->picture->brackets[i];
        if (bracket->column != column) {
            continue;
        }
        if (bracket->part->address < address && address < pm_part_end(bracket->part)) {
            return p->glyphs->side;
        }
        begins = begins || bracket->part->address == address;
        ends = ends || pm_part_end(bracket->part) == address;
    }
    if (begins && ends) {
        return p->glyphs->mid_right;
    }
    return begins ? p->glyphs->top_right : ends ? p->glyphs->low_right : " ";
}

static void print_labels(const struct page *p, uint64_t address)
{
    for (uint32_t i = 0; i < p->picture->bracket_count; i++) {
        const struct pm_part *part = p->picture->brackets[i].part;
        if (part->address == address) {
            fprintf(p->out, " %s (%s)", part->name->text, pm_bytes_text(p->arena, part->size));
        }
    }
}

static void print_line(const struct page *p, uint64_t address, const char *left, const char *right)
{
    fprintf(p->out, "  0x%08llx %s", (unsigned long long)address, left);
    for (int i = 0; i < NAME_WIDTH + BYTES_WIDTH + 3; i++) {
        fputs(p->glyphs->line, p->out);
    }
    fputs(right, p->out);
    for (uint32_t column = 0; column < p->picture->columns; column++) {
        fprintf(p->out, " %s", joint(p, column, address));
    }
    print_labels(p, address);
    fputc('\n', p->out);
}

static void print_sides(const struct page *p, const struct pm_segment *segment)
{
    for (uint32_t column = 0; column < p->picture->columns; column++) {
        const char *side = " ";
        for (uint32_t i = 0; i < p->picture->bracket_count; i++) {
            const struct pm_bracket *bracket = &p->picture->brackets[i];
            if (bracket->column == column && bracket->part->address <= segment->start &&
                pm_part_end(bracket->part) >= segment->end) {
                side = p->glyphs->side;
            }
        }
        fprintf(p->out, " %s", side);
    }
}

static void print_body(const struct page *p, const struct pm_segment *segment, uint32_t lines)
{
    const char *name = segment->part == NULL ? "(unused)" : segment->part->name->text;
    const char *size = pm_bytes_text(p->arena, segment->end - segment->start);

    for (uint32_t i = 0; i < lines; i++) {
        fprintf(p->out, "%13s%s%s %-*.*s %*s %s%s", "", p->glyphs->side, p->colour ? colours[segment->kind] : "",
                NAME_WIDTH, NAME_WIDTH, i == 0 ? name : "", BYTES_WIDTH, i == 0 ? size : "", p->colour ? "\x1b[0m" : "",
                p->glyphs->side);
        print_sides(p, segment);
        fputc('\n', p->out);
    }
}

static void print_region(const struct page *p)
{
    const struct pm_region *region = p->picture->region;
    const struct glyphs *g = p->glyphs;

    fprintf(p->out, "%s  0x%llx..0x%llx  %s, %s free%s%s\n", region->name, (unsigned long long)region->base,
            (unsigned long long)pm_region_end(region), pm_bytes_text(p->arena, region->size),
            pm_bytes_text(p->arena, p->picture->free), region->device == NULL ? "" : "  ",
            region->device == NULL ? "" : region->device);
    for (uint32_t i = 0; i < p->picture->segment_count; i++) {
        const struct pm_segment *segment = &p->picture->segments[i];
        uint64_t lines = (segment->end - segment->start) * LINES_PER_REGION / region->size;
        print_line(p, segment->start, i == 0 ? g->top_left : g->mid_left, i == 0 ? g->top_right : g->mid_right);
        print_body(p, segment, lines == 0 ? 1 : (uint32_t)lines);
    }
    print_line(p, pm_region_end(region), g->low_left, g->low_right);
}

void pm_report_text(FILE *out, struct ob_arena *arena, const struct pm_picture *pictures, uint32_t count, bool colour,
                    bool utf8)
{
    for (uint32_t i = 0; i < count; i++) {
        struct page page = {out, arena, &pictures[i], utf8 ? &utf8_glyphs : &ascii_glyphs, colour};
        fputs(i == 0 ? "" : "\n", out);
        print_region(&page);
    }
}
