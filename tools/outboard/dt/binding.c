/* SPDX-License-Identifier: Apache-2.0 */
#include "dt.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INCLUDES_MAX 8

static const char *const type_names[] = {
    [DT_BOOLEAN] = "boolean",         [DT_INT] = "int",           [DT_ARRAY] = "array",
    [DT_UINT8_ARRAY] = "uint8-array", [DT_STRING] = "string",     [DT_STRING_ARRAY] = "string-array",
    [DT_PHANDLE] = "phandle",         [DT_PHANDLES] = "phandles", [DT_PHANDLE_ARRAY] = "phandle-array",
};

#define TYPE_COUNT (sizeof(type_names) / sizeof(type_names[0]))

static const char *text_of(const struct ob_yaml *map, const char *key)
{
    const struct ob_yaml *value = ob_yaml_get(map, key);
    return value != NULL && value->kind == OB_YAML_SCALAR ? value->text : NULL;
}

static struct dt_spec *spec_for(struct dt_binding *binding, const char *name)
{
    for (uint32_t i = 0; i < binding->spec_count; i++) {
        if (strcmp(binding->specs[i].name, name) == 0) {
            return &binding->specs[i];
        }
    }
    struct dt_spec *spec = &binding->specs[binding->spec_count++];
    spec->name = name;
    return spec;
}

static enum ob_exit read_type(const struct ob_yaml *property, struct dt_spec *spec)
{
    const char *text = text_of(property, "type");
    for (size_t i = 0; text != NULL && i < TYPE_COUNT; i++) {
        if (strcmp(text, type_names[i]) == 0) {
            spec->type = (enum dt_type)i;
            return OB_EXIT_OK;
        }
    }
    ob_diag_error(&property->at,
                  "property %s: type is missing or unknown; use boolean, int, array, uint8-array, "
                  "string, string-array, phandle, phandles or phandle-array",
                  spec->name);
    return OB_EXIT_USAGE;
}

static enum ob_exit read_spec(const struct ob_yaml *property, struct dt_spec *spec)
{
    const char *required = text_of(property, "required");
    spec->required = spec->required || (required != NULL && strcmp(required, "true") == 0);
    spec->only = ob_yaml_get(property, "const");
    spec->enums = ob_yaml_get(property, "enum");
    spec->value = ob_yaml_get(property, "default");
    spec->refused = text_of(property, "refused");
    return spec->refused != NULL ? OB_EXIT_OK : read_type(property, spec);
}

static enum ob_exit read_properties(const struct ob_yaml *root, struct dt_binding *binding)
{
    const struct ob_yaml *properties = ob_yaml_get(root, "properties");
    enum ob_exit status = OB_EXIT_OK;
    for (uint32_t i = 0; properties != NULL && i < properties->count && status == OB_EXIT_OK; i++) {
        const struct ob_yaml_pair *pair = &properties->pairs[i];
        status = read_spec(pair->value, spec_for(binding, pair->key->text));
    }
    return status;
}

/* Each child-binding may have one of its own: a chain, walked down. */
static enum ob_exit read_child_bindings(struct ob_arena *arena, const struct ob_yaml *root, struct dt_binding *parent)
{
    enum ob_exit status = OB_EXIT_OK;
    const struct ob_yaml *node = ob_yaml_get(root, "child-binding");
    for (; node != NULL && status == OB_EXIT_OK; node = ob_yaml_get(node, "child-binding")) {
        struct dt_binding *child = ob_arena_array(arena, 1, sizeof(*child));
        const struct ob_yaml *properties = ob_yaml_get(node, "properties");
        *child = (struct dt_binding){.file = parent->file, .compatible = parent->compatible};
        child->specs = ob_arena_array(arena, properties == NULL ? 0 : properties->count, sizeof(*child->specs));
        status = read_properties(node, child);
        parent->child = child;
        parent = child;
    }
    return status;
}

/* The file itself, then what it includes: a list that grows while it is walked, so that nothing recurses. */
struct sources {
    const struct ob_yaml *roots[INCLUDES_MAX];
    uint32_t count;
};

static enum ob_exit add_source(struct ob_arena *arena, const char *path, struct sources *sources)
{
    if (sources->count == INCLUDES_MAX) {
        ob_diag_error(&(struct ob_loc){.file = path}, "more than %d bindings include each other", INCLUDES_MAX - 1);
        return OB_EXIT_USAGE;
    }
    const struct ob_yaml *root;
    enum ob_exit status = ob_yaml_read(arena, path, &root);
    if (status == OB_EXIT_OK && (root == NULL || root->kind != OB_YAML_MAP)) {
        ob_diag_error(&(struct ob_loc){.file = path}, "is no binding: it must be a mapping");
        status = OB_EXIT_USAGE;
    }
    if (status == OB_EXIT_OK) {
        sources->roots[sources->count++] = root;
    }
    return status;
}

/* Beside the file that includes it, else in the first folder that has it; else the former, for the message. */
static const char *find_included(struct ob_arena *arena, const struct dt_dirs *dirs, const char *own, const char *name)
{
    const char *beside = ob_arena_printf(arena, "%s/%s", own, name);
    const char *path = beside;
    for (uint32_t i = 0; i < dirs->count && access(path, F_OK) != 0; i++) {
        path = ob_arena_printf(arena, "%s/%s", dirs->v[i], name);
    }
    return access(path, F_OK) == 0 ? path : beside;
}

static enum ob_exit add_includes(struct ob_arena *arena, const struct dt_dirs *dirs, const char *own,
                                 const struct ob_yaml *root, struct sources *sources)
{
    const struct ob_yaml *include = ob_yaml_get(root, "include");
    if (include == NULL) {
        return OB_EXIT_OK;
    }
    if (include->kind == OB_YAML_SCALAR) {
        return add_source(arena, find_included(arena, dirs, own, include->text), sources);
    }
    enum ob_exit status = OB_EXIT_OK;
    for (uint32_t i = 0; i < include->count && status == OB_EXIT_OK; i++) {
        status = add_source(arena, find_included(arena, dirs, own, include->items[i]->text), sources);
    }
    return status;
}

static const char *first_text(const struct sources *sources, const char *key)
{
    for (uint32_t i = 0; i < sources->count; i++) {
        const char *text = text_of(sources->roots[i], key);
        if (text != NULL) {
            return text;
        }
    }
    return NULL;
}

static uint32_t count_properties(const struct sources *sources)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < sources->count; i++) {
        const struct ob_yaml *properties = ob_yaml_get(sources->roots[i], "properties");
        count += properties == NULL ? 0 : properties->count;
    }
    return count;
}

/* A file without `compatible` is only there to be included: it leaves binding->compatible NULL. */
static enum ob_exit read_binding(struct ob_arena *arena, const struct dt_dirs *dirs, const char *dir, const char *name,
                                 struct dt_binding *binding)
{
    struct sources sources = {.count = 0};
    *binding = (struct dt_binding){.file = ob_arena_printf(arena, "%s/%s", dir, name)};
    enum ob_exit status = add_source(arena, binding->file, &sources);
    for (uint32_t i = 0; i < sources.count && status == OB_EXIT_OK; i++) {
        status = add_includes(arena, dirs, dir, sources.roots[i], &sources);
    }
    if (status != OB_EXIT_OK) {
        return status;
    }
    binding->compatible = text_of(sources.roots[0], "compatible");
    binding->driver = first_text(&sources, "driver");
    binding->bus = first_text(&sources, "bus");
    binding->on_bus = first_text(&sources, "on-bus");
    binding->specs = ob_arena_array(arena, count_properties(&sources), sizeof(*binding->specs));
    for (uint32_t i = sources.count; i > 0 && status == OB_EXIT_OK; i--) { /* the including file has the last word */
        status = read_properties(sources.roots[i - 1], binding);
    }
    return status == OB_EXIT_OK ? read_child_bindings(arena, sources.roots[0], binding) : status;
}

static int is_binding(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);
    return len > 5 && strcmp(entry->d_name + len - 5, ".yaml") == 0;
}

static enum ob_exit read_dir(struct ob_arena *arena, const struct dt_dirs *dirs, const char *dir,
                             struct dt_bindings *bindings)
{
    struct dirent **entries;
    int count = scandir(dir, &entries, is_binding, alphasort);
    if (count < 0) {
        ob_diag_error(&(struct ob_loc){.file = dir}, "cannot be read; give the folder of the bindings");
        return OB_EXIT_USAGE;
    }
    enum ob_exit status = OB_EXIT_OK;
    struct dt_binding *items = ob_arena_array(arena, bindings->count + (size_t)count, sizeof(*items));
    if (bindings->count != 0) {
        memcpy(items, bindings->items, bindings->count * sizeof(*items));
    }
    bindings->items = items;
    for (int i = 0; i < count; i++) {
        struct dt_binding *binding = &items[bindings->count];
        if (status == OB_EXIT_OK) {
            status = read_binding(arena, dirs, dir, entries[i]->d_name, binding);
        }
        bindings->count += binding->compatible != NULL;
        free(entries[i]);
    }
    free(entries);
    return status;
}

enum ob_exit dt_bindings_read(struct ob_arena *arena, const struct dt_dirs *dirs, struct dt_bindings *bindings)
{
    enum ob_exit status = OB_EXIT_OK;
    *bindings = (struct dt_bindings){0};
    for (uint32_t i = 0; i < dirs->count && status == OB_EXIT_OK; i++) {
        status = read_dir(arena, dirs, dirs->v[i], bindings);
    }
    return status;
}
