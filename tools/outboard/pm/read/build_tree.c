/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "build.h"

/* Symbols of Zephyr's drivers. Source: their Kconfig files, Zephyr 3.7 and 4.0. */
static const struct {
    const char *compatible;
    const char *symbol;
} drivers[] = {
    {"jedec,spi-nor", "CONFIG_SPI_NOR"},
    {"nordic,qspi-nor", "CONFIG_NORDIC_QSPI_NOR"},
    {"nordic,nrf-spi", "CONFIG_SPI"},
    {"nordic,nrf-spim", "CONFIG_SPI"},
    {"nordic,nrf51-flash-controller", "CONFIG_SOC_FLASH_NRF"},
    {"nordic,nrf52-flash-controller", "CONFIG_SOC_FLASH_NRF"},
    {"nordic,nrf53-flash-controller", "CONFIG_SOC_FLASH_NRF"},
    {"nordic,nrf91-flash-controller", "CONFIG_SOC_FLASH_NRF"},
    {"nordic,rram-controller", "CONFIG_SOC_FLASH_NRF_RRAM"},
};

static const char *driver_of(const struct dt_node *node)
{
    for (uint32_t c = 0; c < node->compatible_count; c++) {
        for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++) {
            if (strcmp(node->compatibles[c], drivers[i].compatible) == 0) {
                return drivers[i].symbol;
            }
        }
    }
    return NULL;
}

static struct ob_yaml *text(struct ob_arena *arena, const char *value)
{
    struct ob_yaml *node = ob_arena_alloc(arena, sizeof(*node));

    *node = (struct ob_yaml){.kind = OB_YAML_SCALAR, .text = value};
    return node;
}

/** A map that grows up to a number of pairs that the caller knows. */
struct map {
    struct ob_arena *arena;
    struct ob_yaml *node;
    struct ob_yaml_pair *pairs;
};

static struct map make_map(struct ob_arena *arena, uint32_t max)
{
    struct map map = {.arena = arena, .node = ob_arena_alloc(arena, sizeof(*map.node))};

    map.pairs = ob_arena_array(arena, max, sizeof(*map.pairs));
    *map.node = (struct ob_yaml){.kind = OB_YAML_MAP, .pairs = map.pairs};
    return map;
}

static void put(struct map *map, const char *key, const struct ob_yaml *value)
{
    map->pairs[map->node->count++] = (struct ob_yaml_pair){text(map->arena, key), value};
}

static const struct ob_yaml *number(struct ob_arena *arena, uint64_t value)
{
    return text(arena, ob_arena_printf(arena, "%" PRIu64, value));
}

static const struct ob_yaml *bytes(struct ob_arena *arena, const struct dt_prop *prop)
{
    const struct ob_yaml **items = ob_arena_array(arena, prop->len, sizeof(*items));
    struct ob_yaml *list = ob_arena_alloc(arena, sizeof(*list));

    for (uint32_t i = 0; i < prop->len; i++) {
        items[i] = number(arena, prop->data[i]);
    }
    *list = (struct ob_yaml){.kind = OB_YAML_LIST, .items = items, .count = prop->len};
    return list;
}

/* What the checks read of a chip. */
static const char *const numbers[] = {"size", "erase-block-size", "write-block-size", "enter-4byte-addr"};
static const char *const byte_lists[] = {"jedec-id", "sfdp-bfp"};

static const struct ob_yaml *properties(struct ob_arena *arena, const struct dt_node *node)
{
    const size_t number_count = sizeof(numbers) / sizeof(numbers[0]);
    const size_t list_count = sizeof(byte_lists) / sizeof(byte_lists[0]);
    struct map map = make_map(arena, (uint32_t)(number_count + list_count + 1));
    const struct dt_prop *size = dt_node_prop(node, "size-in-bytes");

    for (size_t i = 0; i < number_count; i++) {
        const struct dt_prop *prop = dt_node_prop(node, numbers[i]);
        if (prop != NULL && prop->len == 4) {
            put(&map, numbers[i], number(arena, dt_prop_cell(prop, 0)));
        }
    }
    if (size != NULL && size->len == 4) {
        put(&map, "size", number(arena, 8 * (uint64_t)dt_prop_cell(size, 0)));
    }
    for (size_t i = 0; i < list_count; i++) {
        const struct dt_prop *prop = dt_node_prop(node, byte_lists[i]);
        if (prop != NULL) {
            put(&map, byte_lists[i], bytes(arena, prop));
        }
    }
    return map.node;
}

static const struct ob_yaml *labels_of(const struct dt_tree *tree, struct ob_arena *arena, const struct dt_node *node)
{
    const struct ob_yaml **items = ob_arena_array(arena, tree->labels.count, sizeof(*items));
    struct ob_yaml *list = ob_arena_alloc(arena, sizeof(*list));

    *list = (struct ob_yaml){.kind = OB_YAML_LIST, .items = items};
    for (uint32_t i = 0; i < tree->labels.count; i++) {
        if (tree->labels.items[i].node == node) {
            items[list->count++] = text(arena, tree->labels.items[i].name);
        }
    }
    return list;
}

static const struct ob_yaml *node_facts(const struct dt_tree *tree, struct ob_arena *arena, const struct dt_node *node)
{
    struct map map = make_map(arena, 6);
    const char *driver = driver_of(node);

    put(&map, "path", text(arena, node->path));
    if (node->parent != NULL) {
        put(&map, "parent", text(arena, node->parent->path));
    }
    put(&map, "okay", text(arena, node->okay ? "true" : "false"));
    if (driver != NULL) {
        put(&map, "driver", text(arena, driver));
    }
    put(&map, "labels", labels_of(tree, arena, node));
    put(&map, "properties", properties(arena, node));
    return map.node;
}

const struct ob_yaml *pm_build_tree(struct ob_arena *arena, const struct dt_tree *tree)
{
    const struct ob_yaml **items = ob_arena_array(arena, tree->count, sizeof(*items));
    struct ob_yaml *nodes = ob_arena_alloc(arena, sizeof(*nodes));
    struct map chosen = make_map(arena, tree->chosen.count);
    struct map root = make_map(arena, 2);

    for (uint32_t i = 0; i < tree->chosen.count; i++) {
        if (tree->chosen.items[i].node != NULL) {
            put(&chosen, tree->chosen.items[i].name, text(arena, tree->chosen.items[i].node->path));
        }
    }
    for (uint32_t i = 0; i < tree->count; i++) {
        items[i] = node_facts(tree, arena, &tree->nodes[i]);
    }
    *nodes = (struct ob_yaml){.kind = OB_YAML_LIST, .items = items, .count = tree->count};
    put(&root, "chosen", chosen.node);
    put(&root, "nodes", nodes);
    return root.node;
}
