/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID_MAX UINT8_MAX /* ob_flash_map_open() takes a uint8_t, as its namesakes elsewhere do */

/** Where macros go: `#define NAME value` or `NAME=value`, each name once. */
struct sink {
    FILE *out;
    bool is_header;
    const char *prefix; /* "" or "<DOMAIN>_" */
    struct pm_layout *seen;
    bool failed;
};

static void macro(struct sink *s, const char *name, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static void macro(struct sink *s, const char *name, const char *fmt, ...)
{
    uint32_t known = s->seen->names.count;
    va_list args;

    pm_name_get(s->seen, name);
    if (s->seen->names.count == known) {
        ob_diag_error(NULL, "two partitions make the same macro %s; rename one of them", name);
        s->failed = true;
    }
    fprintf(s->out, s->is_header ? "#define %s " : "%s=", name);
    va_start(args, fmt);
    vfprintf(s->out, fmt, args);
    va_end(args);
    fputc('\n', s->out);
}

static char *convert(struct ob_arena *arena, const char *text, int (*letter)(int))
{
    char *copy = ob_arena_printf(arena, "%s", text);

    for (char *c = copy; *c != '\0'; c++) {
        *c = (char)letter((unsigned char)*c);
    }
    return copy;
}

static char *upper(struct ob_arena *arena, const char *text)
{
    return convert(arena, text, toupper);
}

/** PM_<prefix><name>_<suffix> */
static const char *join(struct sink *s, const char *name, const char *suffix)
{
    return ob_arena_printf(s->seen->arena, "PM_%s%s_%s", s->prefix, name, suffix);
}

static void put_hex(struct sink *s, const char *name, uint64_t value)
{
    macro(s, name, "0x%llx", (unsigned long long)value);
}

static void put_place(struct sink *s, const struct pm_part *part, const char *name)
{
    put_hex(s, join(s, name, "OFFSET"), part->address - part->region->base);
    put_hex(s, join(s, name, "ADDRESS"), part->address);
    put_hex(s, join(s, name, "END_ADDRESS"), pm_part_end(part));
    put_hex(s, join(s, name, "SIZE"), part->size);
    macro(s, join(s, name, "NAME"), "%s", part->name->text);
}

/** Numbers in decimal, because partitions.yml does not keep how they were written. */
static void put_extra_params(struct sink *s, const struct pm_part *part, const char *name)
{
    const struct ob_yaml *params = ob_yaml_get(part->def, "extra_params");

    for (uint32_t i = 0; params != NULL && i < params->count; i++) {
        const struct ob_yaml *value = params->pairs[i].value;
        const char *suffix = ob_arena_printf(s->seen->arena, "EXTRA_PARAM_%s", params->pairs[i].key->text);
        uint64_t number;
        if (ob_yaml_to_u64(value, &number)) {
            macro(s, join(s, name, suffix), "%llu", (unsigned long long)number);
        } else {
            macro(s, join(s, name, suffix), "%s", value->text);
        }
    }
}

/** What makes the partition an entry of the flash map. */
static void put_flash_map(struct sink *s, const struct pm_part *part, const char *name, uint32_t id)
{
    const struct pm_region *region = part->region;
    const char *label = ob_arena_printf(s->seen->arena, "PM_%u_LABEL", id);
    const char *lower = convert(s->seen->arena, part->name->text, tolower);

    if (id == ID_MAX + 1) {
        ob_diag_error(&part->at, "'%s' is one partition too many: ids have 8 bits", part->name->text);
        s->failed = true;
    }
    macro(s, join(s, name, "ID"), "%u", id);
    macro(s, join(s, lower, "ID"), "%s", join(s, name, "ID"));
    macro(s, join(s, lower, "IS_ENABLED"), "1");
    macro(s, label, "%s%s", s->prefix, name);
    if (!s->is_header) {
        return;
    }
    macro(s, join(s, name, "DEV"), "%s", region->device);
    if (region->driver != NULL) {
        macro(s, join(s, name, "DEFAULT_DRIVER_KCONFIG"), "%s", region->driver);
    }
}

/** Begin a value of several words; end_words() makes the macro. */
struct words {
    FILE *out;
    char *text;
    size_t len;
};

static void begin_words(struct words *words)
{
    *words = (struct words){0};
    words->out = open_memstream(&words->text, &words->len);
}

static void add_word(struct words *words, const char *before, const char *word, const char *after)
{
    if (words->out != NULL) {
        fprintf(words->out, "%s%s%s%s", ftell(words->out) == 0 ? "" : " ", before, word, after);
    }
}

static void end_words(struct sink *s, struct words *words, const char *name, const char *quote)
{
    if (words->out == NULL || fclose(words->out) != 0) {
        ob_diag_error(NULL, "out of memory");
        s->failed = true;
        return;
    }
    macro(s, name, "%s%s%s", quote, words->text, quote);
    free(words->text);
}

static void put_span(struct sink *s, const struct pm_part *part, const char *name)
{
    struct words members;

    if (s->is_header || !part->is_container) {
        return;
    }
    begin_words(&members);
    for (uint32_t i = 0; i < part->span.count; i++) {
        add_word(&members, "", part->span.choices[i].refs[0].name->text, "");
    }
    end_words(s, &members, join(s, name, "SPAN"), "\"");
}

static void put_part(struct sink *s, const struct pm_part *part, uint32_t *id)
{
    const char *name = upper(s->seen->arena, part->name->text);

    put_place(s, part, name);
    put_extra_params(s, part, name);
    if (part->region->device != NULL) {
        put_flash_map(s, part, name, (*id)++);
    }
    put_span(s, part, name);
}

static int by_size(const struct pm_part *a, const struct pm_part *b)
{
    int order = pm_by_number(a->size, b->size);

    order = order != 0 ? order : pm_by_number(a->depth, b->depth);
    return order != 0 ? order : pm_by_name(a, b);
}

static void put_all_by_size(struct sink *s, const struct pm_domain *domain)
{
    struct pm_parts sorted = {0};
    struct words names;

    for (uint32_t i = 0; i < domain->by_address.count; i++) {
        pm_parts_add(s->seen->arena, &sorted, domain->by_address.v[i]);
    }
    pm_parts_sort(&sorted, by_size);
    begin_words(&names);
    for (uint32_t i = 0; i < sorted.count; i++) {
        add_word(&names, "", sorted.v[i]->name->text, "");
    }
    end_words(s, &names, ob_arena_printf(s->seen->arena, "PM_%sALL_BY_SIZE", s->prefix), "\"");
}

/** @return the label of a partition with that index; NULL behind the last */
static const char *label_at(const struct pm_part *part, uint32_t index)
{
    const struct ob_yaml *node = ob_yaml_get(part->def, "affiliation");

    if (node == NULL || (node->kind == OB_YAML_LIST ? index >= node->count : index > 0)) {
        return NULL;
    }
    return node->kind == OB_YAML_LIST ? node->items[index]->text : node->text;
}

static bool has_label(const struct pm_part *part, const char *label)
{
    const char *own = label_at(part, 0);

    for (uint32_t i = 1; own != NULL && strcmp(own, label) != 0; i++) {
        own = label_at(part, i);
    }
    return own != NULL;
}

static void put_label(struct sink *s, const struct pm_domain *domain, const char *label)
{
    struct words members;

    begin_words(&members);
    for (uint32_t i = 0; i < domain->by_address.count; i++) {
        const struct pm_part *part = domain->by_address.v[i];
        if (has_label(part, label)) {
            add_word(&members, "fn(", upper(s->seen->arena, part->name->text), ")");
        }
    }
    end_words(s, &members, ob_arena_printf(s->seen->arena, "PM_%sFOREACH_AFFILIATED_TO_%s(fn)", s->prefix, label), "");
}

static void put_affiliations(struct sink *s, const struct pm_domain *domain)
{
    struct pm_layout labels = {.arena = s->seen->arena};

    for (uint32_t i = 0; i < domain->by_address.count; i++) {
        const char *label = label_at(domain->by_address.v[i], 0);
        for (uint32_t j = 1; label != NULL; j++) {
            uint32_t known = labels.names.count;
            pm_name_get(&labels, label);
            if (labels.names.count != known) {
                put_label(s, domain, label);
            }
            label = label_at(domain->by_address.v[i], j);
        }
    }
}

static void put_domain(struct sink *s, const struct pm_domain *domain)
{
    uint32_t id = domain->first_id;

    for (uint32_t i = 0; i < domain->by_address.count; i++) {
        put_part(s, domain->by_address.v[i], &id);
    }
    macro(s, ob_arena_printf(s->seen->arena, "PM_%sNUM", s->prefix), "%u", id);
    put_all_by_size(s, domain);
    if (s->is_header) {
        put_affiliations(s, domain);
    }
    macro(s, ob_arena_printf(s->seen->arena, "PM_%sLAYOUT_HASH", s->prefix), "0x%08x", pm_layout_hash(&domain->layout));
}

static void put_domains(struct sink *s, const struct pm_domains *domains, const struct pm_domain *own)
{
    for (uint32_t i = 0; i < domains->count; i++) {
        const struct pm_domain *domain = &domains->v[i];
        s->prefix = domain == own ? "" : ob_arena_printf(s->seen->arena, "%s_", upper(s->seen->arena, domain->name));
        put_domain(s, domain);
    }
    s->prefix = "";
}

static const struct pm_part *find_part(const struct pm_domain *domain, const char *name)
{
    for (uint32_t i = 0; i < domain->by_address.count; i++) {
        if (strcmp(domain->by_address.v[i]->name->text, name) == 0) {
            return domain->by_address.v[i];
        }
    }
    return NULL;
}

static const struct pm_part *find_image_part(struct sink *s, const struct pm_domain *own, const char *image)
{
    const struct pm_part *part = find_part(own, image);
    const struct pm_part *inner = find_part(own, ob_arena_printf(s->seen->arena, "%s_image", image));

    if (part != NULL && !(part->is_container && strcmp(image, "app") != 0)) {
        return part;
    }
    if (part != NULL && inner != NULL) {
        ob_diag_warning(&part->at,
                        "image '%s' is placed by '%s_image', which is deprecated; give its "
                        "partition the image's name",
                        image, image);
        return inner;
    }
    if (part != NULL) {
        ob_diag_error(&part->at, "'%s' is the name of an image and of a container; rename the container", image);
    } else {
        ob_diag_error(NULL,
                      "image '%s' has no partition of its name in domain '%s'; its pm.yml has to "
                      "define one",
                      image, own->name);
    }
    return NULL;
}

static bool put_image(struct sink *s, const struct pm_domain *own, const char *image)
{
    const struct pm_part *part = find_image_part(s, own, image);
    const struct pm_part *ram = find_part(own, ob_arena_printf(s->seen->arena, "%s_sram", image));

    if (part == NULL) {
        return false;
    }
    put_hex(s, "PM_ADDRESS", part->address);
    put_hex(s, "PM_SIZE", part->size);
    macro(s, "PM_NAME", "%s", part->name->text);
    ram = ram != NULL ? ram : find_part(own, "sram_primary");
    if (ram != NULL) {
        put_hex(s, "PM_SRAM_ADDRESS", ram->address);
        put_hex(s, "PM_SRAM_SIZE", ram->size);
    }
    return true;
}

bool pm_config_header(FILE *out, const struct pm_domains *domains, const struct pm_domain *own, const char *image)
{
    struct pm_layout seen = {.arena = domains->arena};
    struct sink s = {.out = out, .is_header = true, .prefix = "", .seen = &seen};

    fputs("/* File generated by outboard pm output, do not modify */\n"
          "#ifndef PM_CONFIG_H__\n#define PM_CONFIG_H__\n",
          out);
    put_domains(&s, domains, own);
    bool ok = put_image(&s, own, image);
    fputs("#endif /* PM_CONFIG_H__ */\n", out);
    return ok && !s.failed;
}

bool pm_config_file(FILE *out, const struct pm_domains *domains, const struct pm_domain *own)
{
    struct pm_layout seen = {.arena = domains->arena};
    struct sink s = {.out = out, .prefix = "", .seen = &seen};

    put_domains(&s, domains, own);
    return !s.failed;
}

void pm_domains_number(struct pm_domains *domains)
{
    uint32_t id = 0;

    for (uint32_t i = 0; i < domains->count; i++) {
        struct pm_domain *domain = &domains->v[i];
        struct pm_parts *parts = &domain->by_address;
        domain->first_id = id;
        pm_container_depths(&domain->layout);
        for (uint32_t j = 0; j < domain->layout.parts.count; j++) {
            struct pm_part *part = domain->layout.parts.v[j];
            id += part->region->device != NULL;
            pm_parts_add(domains->arena, parts, part);
        }
        pm_parts_sort(parts, pm_by_address);
    }
}

const struct pm_domain *pm_domain_find(const struct pm_domains *domains, const char *name)
{
    for (uint32_t i = 0; i < domains->count; i++) {
        if (strcmp(domains->v[i].name, name) == 0) {
            return &domains->v[i];
        }
    }
    return NULL;
}
