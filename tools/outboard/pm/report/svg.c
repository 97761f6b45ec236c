/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "picture.h"

/* Sizes in the picture's own units, about a pixel each. */
#define HEIGHT_TO_SCALE 560U /* shared by the segments in proportion to their sizes ... */
#define HEIGHT_MIN 24U       /* ... but a segment keeps room for its name */
#define ADDRESS_WIDTH 96U
#define BOX_WIDTH 250U
#define NAME_LETTERS 26 /* that fit beside the size */
#define COLUMN_WIDTH 22U
#define GAP 40U
#define TOP 56U
#define MARGIN 16U

/* Plain rules and no variables: image viewers and documentation tools know less CSS than browsers. */
static const char style[] =
    "<style>\n"
    ".pm{font:13px system-ui,-apple-system,'Segoe UI',sans-serif}.pm .head{font-weight:600;font-size:15px}\n"
    ".pm text{fill:#1b1f24}.pm .dim{fill:#4c5561;font-size:11px}.pm rect{stroke:#c4ccd6}.pm "
    ".paper{fill:#fff;stroke:none}\n"
    ".pm .bootloader{fill:#cfe0ff}.pm .image{fill:#cdeccf}.pm .slot{fill:#c9ecef}.pm .storage{fill:#fbe6b5}"
    ".pm .padding,.pm .container{fill:#eceef1}.pm .free{fill:#f7f8fa}.pm .other{fill:#ead9f7}\n"
    ".pm g:hover>rect{stroke:#1b1f24;stroke-width:2}\n"
    "@media (prefers-color-scheme:dark){.pm text{fill:#e6e9ee}.pm .dim{fill:#c3cad4}.pm rect{stroke:#3b434e}"
    ".pm .paper{fill:#14171b}.pm .bootloader{fill:#1f3a6b}.pm .image{fill:#1d4d2b}.pm .slot{fill:#164a50}"
    ".pm .storage{fill:#5c4713}.pm .padding,.pm .container{fill:#23282f}.pm .free{fill:#191d22}.pm .other{fill:#472b5c}"
    ".pm g:hover>rect{stroke:#e6e9ee}}\n"
    "</style>\n";

struct drawing {
    FILE *out;
    struct ob_arena *arena;
    const struct pm_picture *picture;
    uint32_t x;
};

static uint32_t segment_height(const struct pm_picture *picture, const struct pm_segment *segment)
{
    uint64_t height = (segment->end - segment->start) * HEIGHT_TO_SCALE / picture->region->size;

    return height < HEIGHT_MIN ? HEIGHT_MIN : (uint32_t)height;
}

/** Where an address is; addresses inside a segment do not occur. */
static uint32_t y_of(const struct pm_picture *picture, uint64_t address)
{
    uint32_t y = TOP;

    for (uint32_t i = 0; i < picture->segment_count && picture->segments[i].start < address; i++) {
        y += segment_height(picture, &picture->segments[i]);
    }
    return y;
}

static uint32_t picture_width(const struct pm_picture *picture)
{
    return ADDRESS_WIDTH + BOX_WIDTH + picture->columns * COLUMN_WIDTH + GAP;
}

/** The tooltip. Names and regions are identifiers, so nothing needs escaping. */
static void put_title(const struct drawing *d, const char *name, uint64_t start, uint64_t end)
{
    fprintf(d->out, "<title>%s\nregion %s\n0x%llx to 0x%llx\n0x%llx bytes, %s</title>", name, d->picture->region->name,
            (unsigned long long)start, (unsigned long long)end, (unsigned long long)(end - start),
            pm_bytes_text(d->arena, end - start));
}

static void put_segment(const struct drawing *d, const struct pm_segment *segment, uint32_t y)
{
    const char *name = segment->part == NULL ? "(unused)" : segment->part->name->text;
    uint32_t height = segment_height(d->picture, segment);
    uint32_t x = d->x + ADDRESS_WIDTH;

    fprintf(d->out, "<text class=\"dim\" x=\"%u\" y=\"%u\" text-anchor=\"end\">0x%llx</text>\n", x - 8, y + 11,
            (unsigned long long)segment->start);
    fputs("<g>", d->out);
    put_title(d, name, segment->start, segment->end);
    fprintf(d->out, "<rect class=\"%s\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\"/>", pm_kind_name(segment->kind), x,
            y, BOX_WIDTH, height);
    bool whole = strlen(name) <= NAME_LETTERS;
    fprintf(d->out, "<text x=\"%u\" y=\"%u\">%.*s%s</text>", x + 8, y + 16, whole ? NAME_LETTERS : NAME_LETTERS - 1,
            name, whole ? "" : "…");
    fprintf(d->out, "<text class=\"dim\" x=\"%u\" y=\"%u\" text-anchor=\"end\">%s</text></g>\n", x + BOX_WIDTH - 8,
            y + 16, pm_bytes_text(d->arena, segment->end - segment->start));
}

static void put_bracket(const struct drawing *d, const struct pm_bracket *bracket)
{
    const struct pm_part *part = bracket->part;
    uint32_t top = y_of(d->picture, part->address);
    uint32_t bottom = y_of(d->picture, pm_part_end(part));
    uint32_t x = d->x + ADDRESS_WIDTH + BOX_WIDTH + bracket->column * COLUMN_WIDTH + 2;

    fputs("<g>", d->out);
    put_title(d, part->name->text, part->address, pm_part_end(part));
    fprintf(d->out, "<rect class=\"container\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\"/>", x, top,
            COLUMN_WIDTH - 4, bottom - top);
    if (bottom - top >= 7 * strlen(part->name->text) + 12) {
        fprintf(d->out, "<text class=\"dim\" transform=\"translate(%u %u) rotate(90)\">%s</text>", x + 5, top + 6,
                part->name->text);
    }
    fputs("</g>\n", d->out);
}

static void put_picture(const struct drawing *d)
{
    const struct pm_region *region = d->picture->region;
    uint32_t x = d->x + ADDRESS_WIDTH;
    uint32_t y = TOP;

    fprintf(d->out, "<text class=\"head\" x=\"%u\" y=\"24\">%s</text>\n", x, region->name);
    fprintf(d->out, "<text class=\"dim\" x=\"%u\" y=\"42\">%s, %s free</text>\n", x,
            pm_bytes_text(d->arena, region->size), pm_bytes_text(d->arena, d->picture->free));
    for (uint32_t i = 0; i < d->picture->segment_count; i++) {
        put_segment(d, &d->picture->segments[i], y);
        y += segment_height(d->picture, &d->picture->segments[i]);
    }
    fprintf(d->out, "<text class=\"dim\" x=\"%u\" y=\"%u\" text-anchor=\"end\">0x%llx</text>\n", x - 8, y + 11,
            (unsigned long long)pm_region_end(region));
    for (uint32_t i = 0; i < d->picture->bracket_count; i++) {
        put_bracket(d, &d->picture->brackets[i]);
    }
}

void pm_report_svg(FILE *out, struct ob_arena *arena, const struct pm_picture *pictures, uint32_t count)
{
    uint32_t width = MARGIN;
    uint32_t height = 0;

    for (uint32_t i = 0; i < count; i++) {
        uint32_t bottom = y_of(&pictures[i], PM_END_MAX) + 2 * MARGIN;
        width += picture_width(&pictures[i]);
        height = bottom > height ? bottom : height;
    }
    fprintf(out,
            "<svg class=\"pm\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %u %u\" width=\"%u\" height=\"%u\" "
            "role=\"img\" aria-label=\"partitions\">\n",
            width, height, width, height);
    fputs(style, out);
    fprintf(out, "<rect class=\"paper\" x=\"0\" y=\"0\" width=\"%u\" height=\"%u\"/>\n", width, height);
    uint32_t x = MARGIN;
    for (uint32_t i = 0; i < count; i++) {
        struct drawing drawing = {out, arena, &pictures[i], x};
        put_picture(&drawing);
        x += picture_width(&pictures[i]);
    }
    fputs("</svg>\n", out);
}
