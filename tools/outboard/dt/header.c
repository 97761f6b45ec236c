/* SPDX-License-Identifier: Apache-2.0 */
#include "dt.h"

#include <inttypes.h>
#include <string.h>

struct writer {
    FILE *out;
    const struct dt_tree *tree;
    const struct dt_node *node;
};

static void print_string(FILE *out, const char *text)
{
    fputc('"', out);
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\') {
            fputc('\\', out);
        }
        fputc(*c, out);
    }
    fputc('"', out);
}

static void define_flag(const struct writer *writer, const char *suffix)
{
    fprintf(writer->out, "#define %s_%s 1\n", writer->node->ident, suffix);
}

/** Number of elements of a property as its type counts them. */
static uint32_t length(const struct writer *writer, const struct dt_prop *prop, const struct dt_spec *spec)
{
    uint32_t count = 0;
    struct dt_reference ref = {0};
    switch (spec->type) {
    case DT_ARRAY:
    case DT_PHANDLES:
        return prop->len / 4;
    case DT_PHANDLE_ARRAY:
        while (dt_next_reference(writer->tree, spec, prop, &ref)) {
            count++;
        }
        return count;
    case DT_UINT8_ARRAY:
        return prop->len;
    case DT_STRING_ARRAY:
        for (const char *text = dt_prop_string(prop, NULL); text != NULL; text = dt_prop_string(prop, text)) {
            count++;
        }
        return count;
    default:
        return 1;
    }
}

static uint32_t element(const struct dt_prop *prop, enum dt_type type, uint32_t index)
{
    return type == DT_UINT8_ARRAY ? prop->data[index] : dt_prop_cell(prop, index);
}

static void define_numbers(const struct writer *writer, const char *name, const struct dt_prop *prop,
                           const struct dt_spec *spec)
{
    enum dt_type type = spec->type;
    uint32_t count = length(writer, prop, spec);
    fprintf(writer->out, "#define %s_P_%s {", writer->node->ident, name);
    for (uint32_t i = 0; i < count; i++) {
        fprintf(writer->out, "%s 0x%" PRIx32, i == 0 ? "" : ",", element(prop, type, i));
    }
    fprintf(writer->out, " }\n");
    for (uint32_t i = 0; i < count; i++) {
        fprintf(writer->out, "#define %s_P_%s_IDX_%" PRIu32 " 0x%" PRIx32 "\n", writer->node->ident, name, i,
                element(prop, type, i));
    }
}

static void define_strings(const struct writer *writer, const char *name, const struct dt_prop *prop)
{
    uint32_t i = 0;
    fprintf(writer->out, "#define %s_P_%s {", writer->node->ident, name);
    for (const char *text = dt_prop_string(prop, NULL); text != NULL; text = dt_prop_string(prop, text)) {
        fputs(i++ == 0 ? " " : ", ", writer->out);
        print_string(writer->out, text);
    }
    fprintf(writer->out, " }\n");
}

static void define_string(const struct writer *writer, const char *name, const char *text)
{
    fprintf(writer->out, "#define %s_P_%s ", writer->node->ident, name);
    print_string(writer->out, text);
    fputc('\n', writer->out);
}

/* What stands between braces above, one by one. */
static void define_foreach_element(const struct writer *writer, const char *name, const struct dt_prop *prop,
                                   const struct dt_spec *spec)
{
    uint32_t count = length(writer, prop, spec);
    fprintf(writer->out, "#define %s_P_%s_FOREACH_ELEM(fn)", writer->node->ident, name);
    for (uint32_t i = 0; i < count; i++) {
        fprintf(writer->out, " fn(%s, %s, %" PRIu32 ")", writer->node->ident, name, i);
    }
    fputc('\n', writer->out);
}

static void define_phandles(const struct writer *writer, const char *name, const struct dt_prop *prop,
                            const struct dt_spec *spec)
{
    struct dt_reference ref = {0};
    for (uint32_t i = 0; dt_next_reference(writer->tree, spec, prop, &ref); i++) {
        fprintf(writer->out, "#define %s_P_%s_IDX_%" PRIu32 "_PH %s\n", writer->node->ident, name, i,
                ref.target->ident);
        for (uint32_t cell = 0; cell < ref.count; cell++) {
            fprintf(writer->out, "#define %s_P_%s_IDX_%" PRIu32 "_VAL_%" PRIu32 " 0x%" PRIx32 "\n", writer->node->ident,
                    name, i, cell, dt_prop_cell(prop, ref.at + 1 + cell));
        }
    }
}

/** Which of the listed values the property has, or its default. */
static void define_enum(const struct writer *writer, const char *name, const struct dt_prop *prop,
                        const struct dt_spec *spec)
{
    for (uint32_t i = 0; spec->enums != NULL && i < spec->enums->count; i++) {
        const struct ob_yaml *value = spec->enums->items[i];
        bool is_it = prop != NULL ? dt_prop_has_value(prop, spec->type, value)
                                  : spec->value != NULL && strcmp(spec->value->text, value->text) == 0;
        if (is_it) {
            fprintf(writer->out, "#define %s_P_%s_ENUM_IDX %" PRIu32 "\n", writer->node->ident, name, i);
        }
    }
}

static void define_value(const struct writer *writer, const char *name, const struct dt_prop *prop,
                         const struct dt_spec *spec)
{
    switch (spec->type) {
    case DT_BOOLEAN:
        fprintf(writer->out, "#define %s_P_%s 1\n", writer->node->ident, name);
        break;
    case DT_INT:
        fprintf(writer->out, "#define %s_P_%s 0x%" PRIx32 "\n", writer->node->ident, name, dt_prop_cell(prop, 0));
        break;
    case DT_ARRAY:
    case DT_UINT8_ARRAY:
        define_numbers(writer, name, prop, spec);
        define_foreach_element(writer, name, prop, spec);
        break;
    case DT_STRING:
        define_string(writer, name, (const char *)prop->data);
        break;
    case DT_STRING_ARRAY:
        define_strings(writer, name, prop);
        break;
    case DT_PHANDLE:
    case DT_PHANDLES:
    case DT_PHANDLE_ARRAY:
        define_phandles(writer, name, prop, spec);
        define_foreach_element(writer, name, prop, spec);
        break;
    }
    fprintf(writer->out, "#define %s_P_%s_LEN %" PRIu32 "\n", writer->node->ident, name, length(writer, prop, spec));
    fprintf(writer->out, "#define %s_P_%s_EXISTS 1\n", writer->node->ident, name);
}

static void define_default(const struct writer *writer, const char *name, const struct dt_spec *spec)
{
    if (spec->type == DT_BOOLEAN) {
        fprintf(writer->out, "#define %s_P_%s 0\n", writer->node->ident, name);
    } else if (spec->type == DT_STRING && spec->value != NULL) {
        define_string(writer, name, spec->value->text);
    } else if (spec->type == DT_INT && spec->value != NULL) {
        fprintf(writer->out, "#define %s_P_%s %s\n", writer->node->ident, name, spec->value->text);
    }
    if (spec->value != NULL) {
        fprintf(writer->out, "#define %s_P_%s_LEN 1\n", writer->node->ident, name);
        fprintf(writer->out, "#define %s_P_%s_EXISTS 1\n", writer->node->ident, name);
    }
}

static void define_props(const struct writer *writer)
{
    const struct dt_binding *binding = writer->node->binding;
    for (uint32_t i = 0; binding != NULL && i < binding->spec_count; i++) {
        const struct dt_spec *spec = &binding->specs[i];
        const struct dt_prop *prop = dt_node_prop(writer->node, spec->name);
        const char *name = dt_ident(writer->tree->arena, spec->name);
        if (prop != NULL) {
            define_value(writer, name, prop, spec);
        } else {
            define_default(writer, name, spec);
        }
        define_enum(writer, name, prop, spec);
    }
}

static void define_regs(const struct writer *writer)
{
    const char *ident = writer->node->ident;
    uint32_t count = dt_reg_count(writer->node);
    fprintf(writer->out, "#define %s_REG_NUM %" PRIu32 "\n", ident, count);
    for (uint32_t i = 0; i < count; i++) {
        struct dt_reg reg = dt_reg_get(writer->node, i);
        fprintf(writer->out, "#define %s_REG_IDX_%" PRIu32 "_VAL_ADDRESS 0x%" PRIx64 "\n", ident, i, reg.address);
        fprintf(writer->out, "#define %s_REG_IDX_%" PRIu32 "_VAL_SIZE 0x%" PRIx64 "\n", ident, i, reg.size);
    }
}

static void define_foreach_child(const struct writer *writer)
{
    fprintf(writer->out, "#define %s_FOREACH_CHILD(fn)", writer->node->ident);
    for (uint32_t i = 0; i < writer->tree->count; i++) {
        if (writer->tree->order[i]->parent == writer->node) {
            fprintf(writer->out, " fn(%s)", writer->tree->order[i]->ident);
        }
    }
    fputc('\n', writer->out);
}

static void define_node(const struct writer *writer)
{
    const struct dt_node *node = writer->node;
    fprintf(writer->out, "\n/* %s */\n", node->path);
    define_flag(writer, "EXISTS");
    if (node->okay) {
        define_flag(writer, "STATUS_okay");
    }
    fprintf(writer->out, "#define %s_ORD %" PRIu32 "\n", node->ident, node->ordinal);
    fprintf(writer->out, "#define %s_ORD_STR_SORTABLE %05" PRIu32 "\n", node->ident, node->ordinal);
    if (node->parent != NULL) {
        fprintf(writer->out, "#define %s_PARENT %s\n", node->ident, node->parent->ident);
    }
    fprintf(writer->out, "#define %s_PATH ", node->ident);
    print_string(writer->out, node->path);
    fprintf(writer->out, "\n#define %s_FULL_NAME ", node->ident);
    print_string(writer->out, node->name);
    fputc('\n', writer->out);
    for (uint32_t i = 0; i < node->compatible_count; i++) {
        fprintf(writer->out, "#define %s_COMPAT_MATCHES_%s 1\n", node->ident,
                dt_ident(writer->tree->arena, node->compatibles[i]));
    }
    define_foreach_child(writer);
    define_regs(writer);
    if (node->okay) { /* only these were checked against their binding */
        define_props(writer);
    }
}

static void define_names(FILE *out, const struct dt_tree *tree, const char *kind, const struct dt_names *names)
{
    fprintf(out, "\n");
    for (uint32_t i = 0; i < names->count; i++) {
        if (names->items[i].node != NULL) {
            fprintf(out, "#define DT_%s_%s %s\n", kind, dt_ident(tree->arena, names->items[i].name),
                    names->items[i].node->ident);
        }
    }
}

static bool is_compatible(const struct dt_node *node, const char *compatible)
{
    for (uint32_t i = 0; i < node->compatible_count; i++) {
        if (strcmp(node->compatibles[i], compatible) == 0) {
            return true;
        }
    }
    return false;
}

static bool first_okay_with(const struct dt_tree *tree, const struct dt_node *node, const char *compatible)
{
    for (uint32_t i = 0; i < tree->count; i++) {
        if (tree->order[i]->okay && is_compatible(tree->order[i], compatible)) {
            return tree->order[i] == node;
        }
    }
    return false;
}

static void define_compatible(FILE *out, const struct dt_tree *tree, const char *compatible)
{
    const char *name = dt_ident(tree->arena, compatible);
    fprintf(out, "#define DT_COMPAT_HAS_OKAY_%s 1\n", name);
    fprintf(out, "#define DT_FOREACH_OKAY_%s(fn)", name);
    for (uint32_t i = 0; i < tree->count; i++) {
        if (tree->order[i]->okay && is_compatible(tree->order[i], compatible)) {
            fprintf(out, " fn(%s)", tree->order[i]->ident);
        }
    }
    fprintf(out, "\n");
}

static void define_compatibles(FILE *out, const struct dt_tree *tree)
{
    fprintf(out, "\n");
    for (uint32_t i = 0; i < tree->count; i++) {
        const struct dt_node *node = tree->order[i];
        for (uint32_t c = 0; c < node->compatible_count; c++) {
            if (first_okay_with(tree, node, node->compatibles[c])) {
                define_compatible(out, tree, node->compatibles[c]);
            }
        }
    }
}

void dt_print_header(FILE *out, const struct dt_tree *tree)
{
    fprintf(out, "/* Generated by 'outboard dt' from %s. Use it through outboard/devicetree.h. */\n", tree->file);
    for (uint32_t i = 0; i < tree->count; i++) {
        define_node(&(struct writer){.out = out, .tree = tree, .node = tree->order[i]});
    }
    define_names(out, tree, "N_NODELABEL", &tree->labels);
    define_names(out, tree, "N_ALIAS", &tree->aliases);
    define_names(out, tree, "CHOSEN", &tree->chosen);
    define_compatibles(out, tree);
    fprintf(out, "\n#define DT_FOREACH_OKAY_NODE(fn)");
    for (uint32_t i = 0; i < tree->count; i++) {
        if (tree->order[i]->okay) {
            fprintf(out, " fn(%s)", tree->order[i]->ident);
        }
    }
    fprintf(out, "\n");
}
