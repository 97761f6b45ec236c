/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "pm.h"

#define NAME_LEN_MAX 64U

static uint32_t hash(const char *text)
{
    uint32_t h = 2166136261U; /* FNV-1a */

    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        h = (h ^ *c) * 16777619U;
    }
    return h;
}

static struct pm_name **find_slot(struct pm_name **slots, uint32_t capacity, const char *text)
{
    uint32_t i = hash(text) & (capacity - 1);

    while (slots[i] != NULL && strcmp(slots[i]->text, text) != 0) {
        i = (i + 1) & (capacity - 1);
    }
    return &slots[i];
}

static void grow(struct pm_layout *layout)
{
    struct pm_names *names = &layout->names;
    uint32_t capacity = names->capacity == 0 ? 64 : 2 * names->capacity;
    struct pm_name **slots = ob_arena_array(layout->arena, capacity, sizeof(struct pm_name *));

    for (uint32_t i = 0; i < names->capacity; i++) {
        if (names->slots[i] != NULL) {
            *find_slot(slots, capacity, names->slots[i]->text) = names->slots[i];
        }
    }
    names->slots = slots;
    names->capacity = capacity;
}

struct pm_name *pm_name_get(struct pm_layout *layout, const char *text)
{
    struct pm_names *names = &layout->names;

    if (2 * names->count >= names->capacity) {
        grow(layout);
    }
    struct pm_name **slot = find_slot(names->slots, names->capacity, text);
    if (*slot == NULL) {
        *slot = ob_arena_alloc(layout->arena, sizeof(**slot));
        (*slot)->text = ob_arena_text(layout->arena, text, strlen(text));
        names->count++;
    }
    return *slot;
}

bool pm_name_is_valid(const char *text)
{
    const char *digits = "0123456789";
    const char *rest = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    size_t len = strlen(text);

    return len > 0 && len <= NAME_LEN_MAX && strchr(digits, text[0]) == NULL && strspn(text, rest) == len;
}

struct pm_region *pm_region_find(const struct pm_layout *layout, const char *name)
{
    for (uint32_t i = 0; i < layout->region_count; i++) {
        if (strcmp(layout->regions[i].name, name) == 0) {
            return &layout->regions[i];
        }
    }
    return NULL;
}

bool pm_is_dynamic(const struct pm_layout *layout, const struct pm_name *name)
{
    for (uint32_t i = 0; i < layout->region_count; i++) {
        if (layout->regions[i].dynamic == name) {
            return true;
        }
    }
    return false;
}
