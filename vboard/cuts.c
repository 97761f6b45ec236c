/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "cuts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rng.h"

static bool parse_number(const char **text, uint64_t *number)
{
    char *end;

    if (**text < '0' || **text > '9') {
        return false;
    }
    errno = 0;
    *number = strtoull(*text, &end, 10);
    *text = end;
    return errno == 0;
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
    for (unsigned kind = 0; kind < SIM_TEAR_ASTRAY; kind++) {
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
    if (!parse_number(text, &cut->operation) || !sim_tear_from_letter(**text, &kind) || kind >= SIM_TEAR_ASTRAY) {
        return false;
    }
    ++*text;
    cut->tear.kind = (uint8_t)kind;
    return parse_variant(text, &cut->tear);
}

/* i<instructions><letter><variant>: what is in progress in an external chip is torn so; r<instructions>: a reset */
static bool parse_instruction(const char **text, struct vb_cut *cut)
{
    enum sim_tear_kind kind = SIM_TEAR_NONE;

    cut->reset = *(*text)++ == 'r';
    if (!parse_number(text, &cut->instruction) || cut->instruction == 0) {
        return false;
    }
    if (sim_tear_from_letter(**text, &kind)) {
        ++*text;
    }
    cut->tear.kind = (uint8_t)kind;
    return parse_variant(text, &cut->tear);
}

static bool parse_cut(const char **text, struct vb_cut *cut)
{
    *cut = (struct vb_cut){.tear = {.kind = SIM_TEAR_NONE}};
    if (**text == 'i' || **text == 'r') {
        return parse_instruction(text, cut);
    }
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

static bool parse_again(const char **text, unsigned *again)
{
    uint64_t times = 0;

    if (**text != 'x') {
        return true;
    }
    ++*text;
    bool good = parse_number(text, &times) && times > 0 && times <= VB_CUTS_MAX;
    *again = (unsigned)times;
    return good;
}

bool vb_cuts_parse(const char *text, struct vb_cuts *out)
{
    *out = (struct vb_cuts){0};
    do {
        text += out->count > 0; /* the + */
        if (out->count == VB_CUTS_MAX || !parse_cut(&text, &out->items[out->count]) ||
            (out->items[out->count].operation == 0 && out->items[out->count].instruction == 0)) {
            return false;
        }
        out->count++;
    } while (*text == '+');
    return parse_again(&text, &out->again) && *text == '\0';
}

static void print_cut(const struct vb_cut *cut, char *text, size_t size)
{
    bool between = cut->instruction != 0;

    if (cut->reset) {
        snprintf(text, size, "r%llu", (unsigned long long)cut->instruction);
        return;
    }
    snprintf(text, size, "%c%llu%c%u", between ? 'i' : 'c',
             (unsigned long long)(between ? cut->instruction : cut->operation),
             sim_tear_letter((enum sim_tear_kind)cut->tear.kind), cut->tear.variant);
}

void vb_cuts_print(const struct vb_cuts *cuts, char text[VB_CUTS_TEXT])
{
    size_t len = 0;

    text[0] = '\0';
    for (unsigned i = 0; i < cuts->count && len < VB_CUTS_TEXT - 32; i++) {
        if (i > 0) {
            text[len++] = '+';
        }
        print_cut(&cuts->items[i], text + len, VB_CUTS_TEXT - len);
        len += strlen(text + len);
    }
    if (cuts->again > 1) {
        snprintf(text + len, VB_CUTS_TEXT - len, "x%u", cuts->again);
    }
}

uint64_t vb_cuts_seed(const struct vb_cuts *cuts)
{
    const struct vb_cut *first = &cuts->items[0];

    return cuts->count == 0 ? 0
                            : sim_mix(first->operation ^ first->instruction << 32,
                                      (uint64_t)first->tear.kind << 8 | first->tear.variant);
}
