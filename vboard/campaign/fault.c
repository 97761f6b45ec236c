/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "fault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <outboard/util.h>

#include "../cpu.h"

/* Encodings: Armv7-M Architecture Reference Manual, A5 and A7.7. */

#define NOP2 0xbf00u
#define NOP4_FIRST 0xf3afu
#define NOP4_SECOND 0x8000u
#define COND_ALWAYS 0xeu
#define WORD_VARIANT 4 /* of VB_FAULT_FETCH: the aligned word with the first byte; the next one is that of the last */

static const char *const model_names[] = {"skip1", "skip2", "branch", "r0", "fetch", "null"};

/* ---- code ---- */

static uint16_t half_at(struct vb_code code, uint32_t address)
{
    return address <= code.size - 2 ? ob_get_le16(code.bytes + address) : 0;
}

static uint32_t size_at(struct vb_code code, uint32_t address)
{
    return vb_thumb_size(half_at(code, address));
}

/* How many instructions an IT instruction is about; 0: it is none, but a hint. */
static uint32_t it_members(uint16_t half)
{
    uint32_t mask = half & 0xfu;
    uint32_t members = 4;

    if ((half & 0xff00u) != 0xbf00u || mask == 0) {
        return 0;
    }
    while ((mask & 1) == 0) {
        mask >>= 1;
        members--;
    }
    return members;
}

struct vb_unit vb_unit_at(struct vb_code code, uint32_t address)
{
    struct vb_unit unit = {.address = address, .members = it_members(half_at(code, address))};

    unit.size = size_at(code, address);
    for (uint32_t i = 0; i < unit.members; i++) {
        unit.size += size_at(code, address + unit.size);
    }
    return unit;
}

uint32_t vb_call_before(struct vb_code code, uint32_t address)
{
    bool is_bl = address >= 4 && (half_at(code, address - 4) & 0xf800u) == 0xf000u &&
                 (half_at(code, address - 2) & 0xd000u) == 0xd000u;
    bool is_blx = address >= 2 && (half_at(code, address - 2) & 0xff87u) == 0x4780u;

    return is_bl ? address - 4 : is_blx ? address - 2 : 0;
}

/* ---- what can be done to an instruction ---- */

/* Bits to invert so that its condition counts the other way; 0: it has none. */
static uint32_t condition_bits(struct vb_code code, uint32_t address)
{
    const uint16_t first = half_at(code, address);
    const uint16_t second = half_at(code, address + 2);

    if ((first & 0xf000u) == 0xd000u && (first >> 8 & 0xfu) < COND_ALWAYS) {
        return 0x0100u; /* B, encoding T1 */
    }
    if ((first & 0xf800u) == 0xf000u && (second & 0xd000u) == 0x8000u && (first >> 6 & 0xfu) < COND_ALWAYS) {
        return 0x0040u; /* B, encoding T3 */
    }
    if ((first & 0xf500u) == 0xb100u) {
        return 0x0800u; /* CBZ, CBNZ */
    }
    if (it_members(first) != 0 && (first >> 4 & 0xfu) != COND_ALWAYS) {
        const uint32_t lowest = (first & 0xfu) & (0u - (first & 0xfu));
        return 0x0010u | (0xfu & ~(2 * lowest - 1)); /* of all that depends on it */
    }
    return 0;
}

static void add(struct vb_fault *out, unsigned *count, uint32_t address, enum vb_fault_model model, int variant)
{
    if (*count < VB_UNIT_FAULTS) {
        out[(*count)++] = (struct vb_fault){.address = address, .model = (uint8_t)model, .variant = (int8_t)variant};
    }
}

static void add_fetches(struct vb_fault *out, unsigned *count, uint32_t address, uint32_t size)
{
    for (uint32_t byte = 0; byte < size; byte++) {
        add(out, count, address, VB_FAULT_FETCH, (int)byte);
    }
    add(out, count, address, VB_FAULT_FETCH, WORD_VARIANT);
    if ((address & 3) + size > 4) {
        add(out, count, address, VB_FAULT_FETCH, WORD_VARIANT + 1);
    }
}

unsigned vb_unit_faults(struct vb_code code, const struct vb_unit *unit, unsigned models, bool returned,
                        struct vb_fault out[VB_UNIT_FAULTS])
{
    unsigned count = 0;

    for (uint32_t at = unit->address; at < unit->address + unit->size; at += size_at(code, at)) {
        for (unsigned model = VB_FAULT_SKIP1; model <= VB_FAULT_SKIP2; model++) {
            if ((models >> model & 1) != 0) {
                add(out, &count, at, (enum vb_fault_model)model, 0);
            }
        }
        if ((models >> VB_FAULT_BRANCH & 1) != 0 && condition_bits(code, at) != 0) {
            add(out, &count, at, VB_FAULT_BRANCH, 0);
        }
        if ((models >> VB_FAULT_FETCH & 1) != 0) {
            add_fetches(out, &count, at, size_at(code, at));
        }
    }
    for (int result = -1; returned && (models >> VB_FAULT_R0 & 1) != 0 && result <= 1; result++) {
        add(out, &count, unit->address, VB_FAULT_R0, result);
    }
    return count;
}

/* ---- what it does ---- */

static void put_half(uint8_t *to, uint32_t half)
{
    to[0] = (uint8_t)half;
    to[1] = (uint8_t)(half >> 8);
}

static void patch_nops(struct vb_code code, struct vb_effect *effect, uint32_t end)
{
    while (effect->patch_at + effect->patch_size < end) {
        uint8_t *to = effect->patch + effect->patch_size;
        const uint32_t size = size_at(code, effect->patch_at + effect->patch_size);
        put_half(to, size == 2 ? NOP2 : NOP4_FIRST);
        if (size == 4) {
            put_half(to + 2, NOP4_SECOND);
        }
        effect->patch_size += size;
    }
}

/* Outside of IT blocks to skip is to begin behind. */
static void skip(struct vb_code code, const struct vb_unit *unit, const struct vb_fault *fault,
                 struct vb_effect *effect)
{
    uint32_t end = fault->address + size_at(code, fault->address);

    if (fault->model == VB_FAULT_SKIP2) {
        end += size_at(code, end);
    }
    if (fault->address == unit->address) {
        effect->start = end;
        effect->nops = fault->model == VB_FAULT_SKIP2 ? 2 : 1;
    } else {
        effect->patch_at = fault->address;
        patch_nops(code, effect, end);
    }
}

static void copy_code(struct vb_code code, struct vb_effect *effect, uint32_t at, uint32_t size)
{
    effect->patch_at = at;
    effect->patch_size = size;
    memcpy(effect->patch, code.bytes + at, size);
}

static void zero_fetch(struct vb_code code, const struct vb_fault *fault, struct vb_effect *effect)
{
    const uint32_t word = ob_align_down(fault->address, 4);

    if (fault->variant < WORD_VARIANT) {
        copy_code(code, effect, fault->address + (uint32_t)fault->variant, 1);
    } else {
        copy_code(code, effect, word + (fault->variant > WORD_VARIANT ? 4 : 0), 4);
    }
    memset(effect->patch, 0, effect->patch_size);
}

struct vb_effect vb_fault_effect(struct vb_code code, const struct vb_unit *unit, const struct vb_fault *fault)
{
    struct vb_effect effect = {.start = unit->address};

    switch (fault->model) {
    case VB_FAULT_SKIP1:
    case VB_FAULT_SKIP2:
        skip(code, unit, fault, &effect);
        break;
    case VB_FAULT_BRANCH:
        copy_code(code, &effect, fault->address, 2);
        put_half(effect.patch, ob_get_le16(effect.patch) ^ condition_bits(code, fault->address));
        break;
    case VB_FAULT_R0:
        effect.sets_r0 = true;
        effect.r0 = (uint32_t)fault->variant;
        break;
    case VB_FAULT_FETCH:
        zero_fetch(code, fault, &effect);
        break;
    default:
        break;
    }
    return effect;
}

/* ---- words ---- */

const char *vb_fault_model_name(enum vb_fault_model model)
{
    return model_names[model];
}

void vb_fault_print(const struct vb_fault *fault, char text[VB_FAULT_TEXT])
{
    const char *name = model_names[fault->model];

    if (fault->model == VB_FAULT_R0) {
        snprintf(text, VB_FAULT_TEXT, "0x%08x:%s=%d", fault->address, name, fault->variant);
    } else if (fault->model == VB_FAULT_FETCH) {
        snprintf(text, VB_FAULT_TEXT, "0x%08x:%s%d", fault->address, name, fault->variant);
    } else {
        snprintf(text, VB_FAULT_TEXT, "0x%08x:%s", fault->address, name);
    }
}

static bool parse_variant(const char *text, struct vb_fault *out)
{
    char *end;
    long value = 0;

    if (out->model == VB_FAULT_R0 && *text++ != '=') {
        return false;
    }
    if (out->model == VB_FAULT_R0 || out->model == VB_FAULT_FETCH) {
        value = strtol(text, &end, 10);
        if (end == text) {
            return false;
        }
        text = end;
    }
    out->variant = (int8_t)value;
    bool fits = out->model == VB_FAULT_R0 ? value >= -1 && value <= 1 : value >= 0 && value <= WORD_VARIANT + 1;
    return *text == '\0' && fits;
}

bool vb_fault_parse(const char *text, struct vb_fault *out)
{
    char *end;
    unsigned long address = strtoul(text, &end, 16);

    if (end == text || *end != ':' || address > UINT32_MAX) {
        return false;
    }
    out->address = (uint32_t)address;
    for (unsigned model = 0; model < OB_ARRAY_SIZE(model_names); model++) {
        const size_t len = strlen(model_names[model]);
        if (strncmp(end + 1, model_names[model], len) == 0) {
            out->model = (uint8_t)model;
            return parse_variant(end + 1 + len, out);
        }
    }
    return false;
}
