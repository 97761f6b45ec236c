/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "cuts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool parse_number(const char **text, uint64_t *number)
{
    char *end;

    if (**text < '0' || **text > '9') {
        return false;
    }
    *number = strtoull(*text, &end, 10);
    *text = end;
    return true;
}

static bool parse_variant(const char **text, struct sim_tear *tear)
{
    uint64_t variant = 0;

    parse_number(text, &variant);
    tear->variant = (uint8_t)variant;
    return variant < sim_tear_variants((enum sim_tear_kind)tear->kind);
}

static bool parse_kind_name(const char **text, struct sim_tear *tear)
{
    for (unsigned kind = 0; kind < SIM_TEAR_KINDS; kind++) {
        size_t len = strlen(sim_tear_name(kind));
        if (strncmp(*text, sim_tear_name(kind), len) == 0) {
            *text += len;
            tear->kind = (uint8_t)kind;
            return true;
        }
    }
    return false;
}

static bool parse_word(const char **text, struct vb_cut *cut)
{
    enum sim_tear_kind kind;

    ++*text; /* the c */
    if (!parse_number(text, &cut->operation) || !sim_tear_from_letter(**text, &kind)) {
        return false;
    }
    ++*text;
    cut->tear.kind = (uint8_t)kind;
    return parse_variant(text, &cut->tear);
}

static bool parse_cut(const char **text, struct vb_cut *cut)
{
    *cut = (struct vb_cut){.tear = {.kind = SIM_TEAR_NONE}};
    if (**text == 'c') {
        return parse_word(text, cut);
    }
    if (!parse_number(text, &cut->operation)) {
        return false;
    }
    if (**text != ':') {
        return true;
    }
    ++*text;
    return parse_kind_name(text, &cut->tear) && parse_variant(text, &cut->tear);
}

bool vb_cuts_parse(const char *text, struct vb_cuts *out)
{
    out->count = 0;
    do {
        text += out->count > 0; /* the + */
        if (out->count == VB_CUTS_MAX || !parse_cut(&text, &out->items[out->count]) ||
            out->items[out->count].operation == 0) {
            return false;
        }
        out->count++;
    } while (*text == '+');
    return *text == '\0';
}

void vb_cut_print(const struct vb_cut *cut, char text[VB_CUT_TEXT])
{
    snprintf(text, VB_CUT_TEXT, "c%llu%c%u", (unsigned long long)cut->operation,
             sim_tear_letter((enum sim_tear_kind)cut->tear.kind), cut->tear.variant);
}
