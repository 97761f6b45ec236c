/* SPDX-License-Identifier: Apache-2.0 */
#include "dt.h"

#include <inttypes.h>
#include <string.h>

/*
 * Two ways of writing that mean another one, settled before anybody reads a property: a pin of a connector is the pin
 * behind it (gpio-map, devicetree specification 2.5), and size-in-bytes is size, which counts bits.
 */

#define PIN_CELLS 2U /* pin and flags: #gpio-cells of every connector and port here */

static void put_cell(uint8_t *cell, uint32_t value)
{
    for (uint32_t i = 0; i < 4; i++) {
        cell[i] = (uint8_t)(value >> (24 - 8 * i));
    }
}

static uint32_t cell_or(const struct dt_node *node, const char *name, uint32_t index, uint32_t otherwise)
{
    const struct dt_prop *prop = dt_node_prop(node, name);

    return prop == NULL || prop->len < 4 * (index + 1) ? otherwise : dt_prop_cell(prop, index);
}

/** The row of a connector's map for a pin: the cells of the connector's side, a port, the cells of the port's side. */
static bool find_row(const struct dt_node *connector, const struct dt_prop *map, uint32_t pin, uint32_t *row)
{
    uint32_t mask = cell_or(connector, "gpio-map-mask", 0, UINT32_MAX);
    const uint32_t cells = 2 * PIN_CELLS + 1;

    for (*row = 0; *row + cells <= map->len / 4; *row += cells) {
        if ((dt_prop_cell(map, *row) & mask) == (pin & mask)) {
            return true;
        }
    }
    return false;
}

/** Put the port's pin in the place of the connector's; flags that the connector passes on stay. */
static void settle_pin(const struct dt_node *connector, uint8_t *cells)
{
    const struct dt_prop *map = dt_node_prop(connector, "gpio-map");
    const struct dt_prop here = {.data = cells, .len = 4 * (1 + PIN_CELLS)};
    uint32_t row;

    if (map == NULL || !find_row(connector, map, dt_prop_cell(&here, 1), &row)) {
        return;
    }
    uint32_t pass = cell_or(connector, "gpio-map-pass-thru", 1, 0);
    uint32_t flags = dt_prop_cell(map, row + PIN_CELLS + 2);
    put_cell(cells + 8, (dt_prop_cell(&here, 2) & pass) | (flags & ~pass));
    put_cell(cells, dt_prop_cell(map, row + PIN_CELLS));
    put_cell(cells + 4, dt_prop_cell(map, row + PIN_CELLS + 1));
}

static bool names_pins(const char *name)
{
    size_t len = strlen(name);

    return strcmp(name, "gpios") == 0 || (len > 6 && strcmp(name + len - 6, "-gpios") == 0);
}

static void settle_pins(struct dt_tree *tree, struct dt_prop *prop)
{
    uint8_t *cells = ob_arena_alloc(tree->arena, prop->len);

    memcpy(cells, prop->data, prop->len);
    for (uint32_t at = 0; at + 4 * (1 + PIN_CELLS) <= prop->len; at += 4 * (1 + PIN_CELLS)) {
        const struct dt_prop here = {.data = cells + at, .len = 4};
        const struct dt_node *target = dt_find_phandle(tree, dt_prop_cell(&here, 0));
        if (target == NULL || cell_or(target, "#gpio-cells", 0, 0) != PIN_CELLS) {
            return;
        }
        settle_pin(target, cells + at);
    }
    prop->data = cells;
}

static enum ob_exit settle_size(struct dt_tree *tree, struct dt_node *node)
{
    const struct dt_prop *bytes = dt_node_prop(node, "size-in-bytes");

    if (bytes == NULL || bytes->len != 4 || node->binding == NULL) {
        return OB_EXIT_OK;
    }
    struct ob_loc at = dt_place_of(tree, node->path, "size-in-bytes");
    if (dt_node_prop(node, "size") != NULL) {
        ob_diag_error(&at, "%s: size-in-bytes: there is a 'size' too; keep one of them", node->path);
        return OB_EXIT_FINDING;
    }
    uint32_t value = dt_prop_cell(bytes, 0);
    if (value >= UINT32_MAX / 8) {
        ob_diag_error(&at, "%s: size-in-bytes: 0x%" PRIx32 " is more than the drivers address; at most 256 MiB",
                      node->path, value);
        return OB_EXIT_FINDING;
    }
    struct dt_prop *props = ob_arena_array(tree->arena, node->prop_count + 1, sizeof(*props));
    uint8_t *bits = ob_arena_alloc(tree->arena, 4);
    put_cell(bits, 8 * value);
    memcpy(props, node->props, node->prop_count * sizeof(*props));
    props[node->prop_count++] = (struct dt_prop){.name = "size", .data = bits, .len = 4};
    node->props = props;
    return OB_EXIT_OK;
}

enum ob_exit dt_settle(struct dt_tree *tree)
{
    enum ob_exit status = OB_EXIT_OK;

    for (uint32_t i = 0; i < tree->count; i++) {
        struct dt_node *node = &tree->nodes[i];
        for (uint32_t p = 0; p < node->prop_count; p++) {
            if (names_pins(node->props[p].name)) {
                settle_pins(tree, &node->props[p]);
            }
        }
        if (settle_size(tree, node) != OB_EXIT_OK) {
            status = OB_EXIT_FINDING;
        }
    }
    return status;
}
