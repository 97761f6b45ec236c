/* SPDX-License-Identifier: Apache-2.0 */
#include "dt.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <libfdt.h>

#include "../common/file.h"

#define DTB_MAX_SIZE (16u << 20)
#define DEPTH_MAX 32

const char *dt_ident(struct ob_arena *arena, const char *text)
{
    char *ident = ob_arena_text(arena, text, strlen(text));
    for (char *c = ident; *c != '\0'; c++) {
        if (!isalnum((unsigned char)*c)) {
            *c = '_';
        }
    }
    return ident;
}

const struct dt_prop *dt_node_prop(const struct dt_node *node, const char *name)
{
    for (uint32_t i = 0; i < node->prop_count; i++) {
        if (strcmp(node->props[i].name, name) == 0) {
            return &node->props[i];
        }
    }
    return NULL;
}

uint32_t dt_prop_cell(const struct dt_prop *prop, uint32_t index)
{
    const uint8_t *cell = prop->data + 4 * index;
    return (uint32_t)cell[0] << 24 | (uint32_t)cell[1] << 16 | (uint32_t)cell[2] << 8 | cell[3];
}

const char *dt_prop_string(const struct dt_prop *prop, const char *before)
{
    const char *end = (const char *)prop->data + prop->len;
    const char *next = before == NULL ? (const char *)prop->data : before + strlen(before) + 1;
    if (next >= end || memchr(next, '\0', (size_t)(end - next)) == NULL) {
        return NULL;
    }
    return next;
}

static uint32_t cells_or(const struct dt_node *node, const char *name, uint32_t otherwise)
{
    const struct dt_prop *prop = dt_node_prop(node, name);
    if (prop == NULL || prop->len != 4) {
        return otherwise;
    }
    uint32_t cells = dt_prop_cell(prop, 0);
    return cells <= 2 ? cells : otherwise;
}

uint32_t dt_address_cells(const struct dt_node *node)
{
    return cells_or(node, "#address-cells", 2);
}

uint32_t dt_size_cells(const struct dt_node *node)
{
    return cells_or(node, "#size-cells", 1);
}

static uint32_t reg_cells(const struct dt_node *node)
{
    return node->parent == NULL ? 0 : dt_address_cells(node->parent) + dt_size_cells(node->parent);
}

uint32_t dt_reg_count(const struct dt_node *node)
{
    const struct dt_prop *reg = dt_node_prop(node, "reg");
    uint32_t cells = reg_cells(node);
    return reg == NULL || cells == 0 ? 0 : reg->len / (4 * cells);
}

uint64_t dt_prop_cells(const struct dt_prop *prop, uint32_t first, uint32_t count)
{
    uint64_t value = 0;
    for (uint32_t i = 0; i < count; i++) {
        value = value << 32 | dt_prop_cell(prop, first + i);
    }
    return value;
}

struct dt_reg dt_reg_get(const struct dt_node *node, uint32_t index)
{
    const struct dt_prop *reg = dt_node_prop(node, "reg");
    uint32_t address_cells = dt_address_cells(node->parent);
    uint32_t first = index * reg_cells(node);
    return (struct dt_reg){
        .address = dt_prop_cells(reg, first, address_cells),
        .size = dt_prop_cells(reg, first + address_cells, dt_size_cells(node->parent)),
    };
}

const struct dt_node *dt_find_phandle(const struct dt_tree *tree, uint32_t phandle)
{
    for (uint32_t i = 0; i < tree->count; i++) {
        if (phandle != 0 && tree->nodes[i].phandle == phandle) {
            return &tree->nodes[i];
        }
    }
    return NULL;
}

/* Cells of a specifier: the target's #gpio-cells for cs-gpios. */
static bool specifier_cells(const struct dt_tree *tree, const char *property, const struct dt_node *target,
                            uint32_t *out)
{
    const char *dash = strrchr(property, '-');
    const char *space = dash == NULL ? property : dash + 1;
    size_t len = strlen(space) - (space[strlen(space) - 1] == 's');
    const struct dt_prop *cells = dt_node_prop(target, ob_arena_printf(tree->arena, "#%.*s-cells", (int)len, space));
    if (cells == NULL || cells->len != 4) {
        return false;
    }
    *out = dt_prop_cell(cells, 0);
    return true;
}

bool dt_next_reference(const struct dt_tree *tree, const struct dt_spec *spec, const struct dt_prop *prop,
                       struct dt_reference *ref)
{
    uint32_t cells = prop->len / 4;
    uint32_t at = ref->target == NULL ? 0 : ref->at + 1 + ref->count;
    *ref = (struct dt_reference){.at = at};
    if (at >= cells) {
        return false;
    }
    const struct dt_node *target = dt_find_phandle(tree, dt_prop_cell(prop, at));
    if (target == NULL) {
        return false;
    }
    if (spec->type == DT_PHANDLE_ARRAY &&
        (!specifier_cells(tree, spec->name, target, &ref->count) || ref->count > cells - at - 1)) {
        return false;
    }
    ref->target = target;
    return true;
}

/* libfdt follows an alias of an alias without an end, so here one leads to a path. */
static int path_offset(const void *fdt, const char *path)
{
    const char *from_root = path[0] == '/' ? path : fdt_get_alias_namelen(fdt, path, (int)strcspn(path, "/"));

    return from_root != NULL && from_root[0] == '/' ? fdt_path_offset(fdt, path) : -FDT_ERR_BADPATH;
}

static const struct dt_node *find_path(const struct dt_tree *tree, const void *fdt, const char *path)
{
    int offset = path_offset(fdt, path);
    for (uint32_t i = 0; i < tree->count; i++) {
        if (offset >= 0 && tree->nodes[i].offset == offset) {
            return &tree->nodes[i];
        }
    }
    return NULL;
}

static void read_props(struct dt_tree *tree, const void *fdt, struct dt_node *node)
{
    int offset;
    uint32_t count = 0;
    fdt_for_each_property_offset(offset, fdt, node->offset)
    {
        count++;
    }
    node->props = ob_arena_array(tree->arena, count, sizeof(*node->props));
    fdt_for_each_property_offset(offset, fdt, node->offset)
    {
        struct dt_prop *prop = &node->props[node->prop_count++];
        int len;
        prop->data = fdt_getprop_by_offset(fdt, offset, &prop->name, &len);
        prop->len = (uint32_t)len;
    }
}

static bool is_okay(const struct dt_node *node)
{
    const struct dt_prop *status = dt_node_prop(node, "status");
    const char *text = status == NULL ? "okay" : dt_prop_string(status, NULL);
    return text != NULL && (strcmp(text, "okay") == 0 || strcmp(text, "ok") == 0);
}

static void read_compatibles(struct dt_tree *tree, struct dt_node *node)
{
    const struct dt_prop *prop = dt_node_prop(node, "compatible");
    if (prop == NULL) {
        return;
    }
    node->compatibles = ob_arena_array(tree->arena, prop->len, sizeof(*node->compatibles));
    for (const char *text = dt_prop_string(prop, NULL); text != NULL; text = dt_prop_string(prop, text)) {
        node->compatibles[node->compatible_count++] = text;
    }
}

static void read_node(struct dt_tree *tree, const void *fdt, int offset, struct dt_node *parent, struct dt_node *node)
{
    node->offset = offset;
    node->parent = parent;
    node->phandle = fdt_get_phandle(fdt, offset);
    node->name = parent == NULL ? "/" : fdt_get_name(fdt, offset, NULL);
    if (parent == NULL) {
        node->path = "/";
        node->ident = "DT_N";
    } else {
        const char *dir = parent->parent == NULL ? "" : parent->path;
        node->path = ob_arena_printf(tree->arena, "%s/%s", dir, node->name);
        node->ident = ob_arena_printf(tree->arena, "%s_S_%s", parent->ident, dt_ident(tree->arena, node->name));
    }
    read_props(tree, fdt, node);
    read_compatibles(tree, node);
    node->okay = (parent == NULL || parent->okay) && is_okay(node); /* what is on a disabled bus cannot be reached */
}

/* Tables that dtc and the devicetree specification put beside the hardware; they describe no node. */
static bool is_table(const char *name)
{
    static const char *const tables[] = {"__symbols__", "__fixups__", "__local_fixups__", "aliases", "chosen"};
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        if (strcmp(name, tables[i]) == 0) {
            return true;
        }
    }
    return false;
}

static uint32_t count_nodes(const void *fdt)
{
    uint32_t count = 0;
    for (int offset = 0; offset >= 0; offset = fdt_next_node(fdt, offset, NULL)) {
        count++;
    }
    return count;
}

static enum ob_exit read_nodes(struct dt_tree *tree, const void *fdt)
{
    struct dt_node *open[DEPTH_MAX]; /* the node that is open at each depth */
    int depth = 0;
    bool in_table = false;
    tree->nodes = ob_arena_array(tree->arena, count_nodes(fdt), sizeof(*tree->nodes));
    for (int offset = 0; offset >= 0 && depth >= 0; offset = fdt_next_node(fdt, offset, &depth)) {
        if (depth >= DEPTH_MAX) {
            ob_diag_error(&(struct ob_loc){.file = tree->file}, "nodes are nested deeper than %d", DEPTH_MAX);
            return OB_EXIT_USAGE;
        }
        in_table = depth == 1 ? is_table(fdt_get_name(fdt, offset, NULL)) : in_table && depth > 1;
        if (!in_table) {
            struct dt_node *node = &tree->nodes[tree->count++];
            read_node(tree, fdt, offset, depth == 0 ? NULL : open[depth - 1], node);
            open[depth] = node;
        }
    }
    return OB_EXIT_OK;
}

/* The properties of a table: each names a node by its path or alias. */
static struct dt_names read_names(const struct dt_tree *tree, const void *fdt, const char *table)
{
    struct dt_names names = {0};
    int offset;
    int node = fdt_path_offset(fdt, table);
    uint32_t count = 0;
    fdt_for_each_property_offset(offset, fdt, node)
    {
        count++;
    }
    names.items = ob_arena_array(tree->arena, count, sizeof(*names.items));
    fdt_for_each_property_offset(offset, fdt, node)
    {
        struct dt_prop prop;
        int len;
        prop.data = fdt_getprop_by_offset(fdt, offset, &prop.name, &len);
        prop.len = (uint32_t)len;
        const char *path = dt_prop_string(&prop, NULL);
        if (path != NULL) {
            names.items[names.count++] = (struct dt_name){.name = prop.name, .node = find_path(tree, fdt, path)};
        }
    }
    return names;
}

enum ob_exit dt_tree_read(struct ob_arena *arena, const char *dtb, const char *file, struct dt_tree *tree)
{
    *tree = (struct dt_tree){.arena = arena, .file = file};
    char *data;
    size_t len;
    enum ob_exit status = ob_file_read(dtb, DTB_MAX_SIZE, &data, &len);
    if (status != OB_EXIT_OK) {
        return status;
    }
    char *fdt = ob_arena_alloc(arena, len);
    memcpy(fdt, data, len);
    free(data);
    if (fdt_check_full(fdt, len) != 0) {
        ob_diag_error(&(struct ob_loc){.file = dtb}, "is not a complete devicetree blob; make it with dtc -O dtb");
        return OB_EXIT_USAGE;
    }
    status = read_nodes(tree, fdt);
    if (status == OB_EXIT_OK) {
        tree->labels = read_names(tree, fdt, "/__symbols__");
        tree->aliases = read_names(tree, fdt, "/aliases");
        tree->chosen = read_names(tree, fdt, "/chosen");
    }
    return status;
}
