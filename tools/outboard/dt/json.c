/* SPDX-License-Identifier: Apache-2.0 */
#include "dt.h"

#include <stdlib.h>
#include <string.h>

#include "../common/json.h"

static cJSON *strings_of(const struct dt_prop *prop)
{
    cJSON *array = cJSON_CreateArray();
    for (const char *text = dt_prop_string(prop, NULL); text != NULL; text = dt_prop_string(prop, text)) {
        cJSON_AddItemToArray(array, cJSON_CreateString(text));
    }
    return array;
}

static cJSON *bytes_of(const struct dt_prop *prop)
{
    cJSON *array = cJSON_CreateArray();
    for (uint32_t i = 0; i < prop->len; i++) {
        cJSON_AddItemToArray(array, cJSON_CreateNumber(prop->data[i]));
    }
    return array;
}

static cJSON *cells_of(const struct dt_prop *prop)
{
    cJSON *array = cJSON_CreateArray();
    for (uint32_t i = 0; i < prop->len / 4; i++) {
        cJSON_AddItemToArray(array, cJSON_CreateNumber(dt_prop_cell(prop, i)));
    }
    return array;
}

static cJSON *paths_of(const struct dt_tree *tree, const struct dt_prop *prop)
{
    cJSON *array = cJSON_CreateArray();
    for (uint32_t i = 0; i < prop->len / 4; i++) {
        const struct dt_node *target = dt_find_phandle(tree, dt_prop_cell(prop, i));
        cJSON_AddItemToArray(array, target == NULL ? cJSON_CreateNull() : cJSON_CreateString(target->path));
    }
    return array;
}

/** A phandle-array: each reference is a list, the path and the cells that belong to it. */
static cJSON *references_of(const struct dt_tree *tree, const struct dt_prop *prop, const struct dt_spec *spec)
{
    cJSON *array = cJSON_CreateArray();
    struct dt_reference ref = {0};
    while (dt_next_reference(tree, spec, prop, &ref)) {
        cJSON *entry = cJSON_CreateArray();
        cJSON_AddItemToArray(entry, cJSON_CreateString(ref.target->path));
        for (uint32_t cell = 0; cell < ref.count; cell++) {
            cJSON_AddItemToArray(entry, cJSON_CreateNumber(dt_prop_cell(prop, ref.at + 1 + cell)));
        }
        cJSON_AddItemToArray(array, entry);
    }
    return array;
}

static cJSON *value_of(const struct dt_tree *tree, const struct dt_prop *prop, const struct dt_spec *spec)
{
    switch (spec->type) {
    case DT_BOOLEAN:
        return cJSON_CreateTrue();
    case DT_INT:
        return cJSON_CreateNumber(dt_prop_cell(prop, 0));
    case DT_ARRAY:
        return cells_of(prop);
    case DT_UINT8_ARRAY:
        return bytes_of(prop);
    case DT_STRING:
        return cJSON_CreateString((const char *)prop->data);
    case DT_STRING_ARRAY:
        return strings_of(prop);
    case DT_PHANDLE:
    case DT_PHANDLES:
        return paths_of(tree, prop);
    case DT_PHANDLE_ARRAY:
        return references_of(tree, prop, spec);
    }
    return NULL;
}

static cJSON *default_of(const struct dt_spec *spec)
{
    uint64_t number;
    if (spec->value != NULL && spec->type == DT_INT && ob_yaml_to_u64(spec->value, &number)) {
        return cJSON_CreateNumber((double)number);
    }
    return spec->value == NULL ? NULL : cJSON_CreateString(spec->value->text);
}

static cJSON *properties_of(const struct dt_tree *tree, const struct dt_node *node)
{
    cJSON *properties = cJSON_CreateObject();
    const struct dt_binding *binding = node->binding;
    for (uint32_t i = 0; node->okay && binding != NULL && i < binding->spec_count; i++) {
        const struct dt_spec *spec = &binding->specs[i];
        const struct dt_prop *prop = dt_node_prop(node, spec->name);
        cJSON *value = prop == NULL ? default_of(spec) : value_of(tree, prop, spec);
        if (value != NULL) {
            cJSON_AddItemToObject(properties, spec->name, value);
        }
    }
    return properties;
}

static cJSON *regs_of(const struct dt_node *node)
{
    cJSON *array = cJSON_CreateArray();
    for (uint32_t i = 0; i < dt_reg_count(node); i++) {
        struct dt_reg reg = dt_reg_get(node, i);
        cJSON *pair = cJSON_CreateArray();
        cJSON_AddItemToArray(pair, cJSON_CreateNumber((double)reg.address));
        cJSON_AddItemToArray(pair, cJSON_CreateNumber((double)reg.size));
        cJSON_AddItemToArray(array, pair);
    }
    return array;
}

static cJSON *labels_of(const struct dt_tree *tree, const struct dt_node *node)
{
    cJSON *array = cJSON_CreateArray();
    for (uint32_t i = 0; i < tree->labels.count; i++) {
        if (tree->labels.items[i].node == node) {
            cJSON_AddItemToArray(array, cJSON_CreateString(tree->labels.items[i].name));
        }
    }
    return array;
}

static cJSON *text_or_null(const char *text)
{
    return text == NULL ? cJSON_CreateNull() : cJSON_CreateString(text);
}

static cJSON *node_json(const struct dt_tree *tree, const struct dt_node *node)
{
    cJSON *json = cJSON_CreateObject();
    cJSON *compatibles = cJSON_CreateArray();
    for (uint32_t i = 0; i < node->compatible_count; i++) {
        cJSON_AddItemToArray(compatibles, cJSON_CreateString(node->compatibles[i]));
    }
    cJSON_AddNumberToObject(json, "ordinal", node->ordinal);
    cJSON_AddStringToObject(json, "path", node->path);
    cJSON_AddItemToObject(json, "parent", text_or_null(node->parent == NULL ? NULL : node->parent->path));
    cJSON_AddItemToObject(json, "labels", labels_of(tree, node));
    cJSON_AddBoolToObject(json, "okay", node->okay);
    cJSON_AddItemToObject(json, "compatible", compatibles);
    cJSON_AddItemToObject(json, "driver", text_or_null(node->binding == NULL ? NULL : node->binding->driver));
    cJSON_AddItemToObject(json, "reg", regs_of(node));
    cJSON_AddItemToObject(json, "properties", properties_of(tree, node));
    return json;
}

static cJSON *names_json(const struct dt_names *names)
{
    cJSON *json = cJSON_CreateObject();
    for (uint32_t i = 0; i < names->count; i++) {
        if (names->items[i].node != NULL) {
            cJSON_AddStringToObject(json, names->items[i].name, names->items[i].node->path);
        }
    }
    return json;
}

void dt_print_json(FILE *out, const struct dt_tree *tree)
{
    cJSON *json = cJSON_CreateObject();
    cJSON *nodes = cJSON_CreateArray();
    for (uint32_t i = 0; i < tree->count; i++) {
        cJSON_AddItemToArray(nodes, node_json(tree, tree->order[i]));
    }
    cJSON_AddItemToObject(json, "chosen", names_json(&tree->chosen));
    cJSON_AddItemToObject(json, "aliases", names_json(&tree->aliases));
    cJSON_AddItemToObject(json, "nodes", nodes);
    ob_json_print(out, json);
}
