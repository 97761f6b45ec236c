/* SPDX-License-Identifier: Apache-2.0 */
#include "dt.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Properties that the devicetree specification gives to every node. */
static const char *const common_props[] = {
    "compatible",
    "status",
    "reg",
    "reg-names",
    "ranges",
    "phandle",
    "#address-cells",
    "#size-cells",
    "label",
    "device_type",
    "interrupts",
    "interrupt-parent",
    "interrupt-controller",
    "#interrupt-cells",
    "linux,phandle",
    /* and those that Zephyr's bindings do, of what no driver here uses */
    "interrupts-extended",
    "interrupt-names",
    "wakeup-source",
    "power-domains",
    "power-domain-names",
    "clocks",
    "clock-names",
    "dmas",
    "dma-names",
    "io-channels",
    "io-channel-names",
    "mboxes",
    "mbox-names",
    "memory-region",
    "memory-region-names",
    "memory-regions",
    "zephyr,memory-region",
    "zephyr,deferred-init",
    "zephyr,pm-device-runtime-auto",
    "zephyr,disabling-power-states",
    "easydma-maxcnt-bits",
};

struct checker {
    struct dt_tree *tree;
    enum ob_exit status;
    bool optional;           /* the node that is checked may be passed over */
    const char *reason;      /* why it has to be; NULL: it is fine */
    const char *passed_over; /* the nodes that were, for one note at the end */
    struct ob_loc at;        /* the first of them */
};

__attribute__((format(printf, 4, 5))) static void violation(struct checker *checker, const struct dt_node *node,
                                                            const char *property, const char *format, ...)
{
    va_list args;
    char text[256];
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (checker->optional) {
        checker->reason = ob_arena_printf(checker->tree->arena, "%s %s", property, text);
        return;
    }
    struct ob_loc at = dt_place_of(checker->tree, node->path, property);
    ob_diag_error(&at, "%s: %s: %s", node->path, property, text);
    checker->status = OB_EXIT_FINDING;
}

static bool is_common(const char *name)
{
    for (size_t i = 0; i < sizeof(common_props) / sizeof(common_props[0]); i++) {
        if (strcmp(name, common_props[i]) == 0) {
            return true;
        }
    }
    return false;
}

/** Of a node without a `compatible`: what the binding of its parent says about children. */
static const struct dt_binding *binding_of(const struct dt_node *node, const struct dt_bindings *bindings)
{
    for (uint32_t c = 0; c < node->compatible_count; c++) {
        for (uint32_t i = 0; i < bindings->count; i++) {
            if (strcmp(node->compatibles[c], bindings->items[i].compatible) == 0) {
                return &bindings->items[i];
            }
        }
    }
    bool described = node->compatible_count == 0 && node->parent != NULL && node->parent->binding != NULL;
    return described ? node->parent->binding->child : NULL;
}

/* Printable strings, each ended and none empty: numbers hardly ever look like that. */
static bool is_string_list(const struct dt_prop *prop)
{
    bool empty = true;
    for (uint32_t i = 0; i < prop->len; i++) {
        if (prop->data[i] == '\0' ? empty : !isprint(prop->data[i])) {
            return false;
        }
        empty = prop->data[i] == '\0';
    }
    return prop->len > 0 && empty;
}

/** Every cell belongs to a reference to a node that exists. */
static bool references_exist(const struct dt_tree *tree, const struct dt_spec *spec, const struct dt_prop *prop)
{
    struct dt_reference ref = {0};
    while (dt_next_reference(tree, spec, prop, &ref)) {
    }
    return ref.at >= prop->len / 4;
}

/** @return NULL if the value can be of the type, else what it must be */
static const char *expected_form(const struct dt_tree *tree, const struct dt_node *node, const struct dt_prop *prop,
                                 const struct dt_spec *spec)
{
    const char form = dt_form_of(tree, node->path, spec->name);
    const bool cells = prop->len > 0 && prop->len % 4 == 0 && form != '"';
    switch (spec->type) {
    case DT_BOOLEAN:
        return prop->len == 0 ? NULL : "is a boolean: present or absent; write it without a value";
    case DT_INT:
        return cells && prop->len == 4 ? NULL : "must be one number: <1>";
    case DT_ARRAY:
        return cells ? NULL : "must be a list of numbers: <1 2>";
    case DT_UINT8_ARRAY:
        return prop->len > 0 && form != '"' ? NULL : "must be bytes: [01 02]";
    case DT_STRING:
        return form != '<' && is_string_list(prop) && strlen((const char *)prop->data) + 1 == prop->len
                   ? NULL
                   : "must be one \"text\"";
    case DT_STRING_ARRAY:
        return form != '<' && is_string_list(prop) ? NULL : "must be a list of \"text\"";
    case DT_PHANDLE:
        return cells && prop->len == 4 && references_exist(tree, spec, prop)
                   ? NULL
                   : "must be one reference to a node: <&label>";
    case DT_PHANDLES:
        return cells && references_exist(tree, spec, prop) ? NULL : "must be references to nodes: <&a &b>";
    case DT_PHANDLE_ARRAY:
        return cells && references_exist(tree, spec, prop)
                   ? NULL
                   : "must be references to nodes, each with as many cells as its node says: <&gpio0 17 1>";
    }
    return NULL;
}

bool dt_prop_has_value(const struct dt_prop *prop, enum dt_type type, const struct ob_yaml *value)
{
    uint64_t number;
    switch (type) {
    case DT_INT:
        return ob_yaml_to_u64(value, &number) && number == dt_prop_cell(prop, 0);
    case DT_STRING:
        return value->kind == OB_YAML_SCALAR && strcmp(value->text, (const char *)prop->data) == 0;
    default:
        return true; /* const and enum are for numbers and text */
    }
}

static bool in_enum(const struct dt_prop *prop, const struct dt_spec *spec)
{
    for (uint32_t i = 0; i < spec->enums->count; i++) {
        if (dt_prop_has_value(prop, spec->type, spec->enums->items[i])) {
            return true;
        }
    }
    return false;
}

static void check_value(struct checker *checker, const struct dt_node *node, const struct dt_prop *prop,
                        const struct dt_spec *spec)
{
    const char *form = expected_form(checker->tree, node, prop, spec);
    if (form != NULL) {
        violation(checker, node, spec->name, "%s (%s)", form, node->binding->file);
    } else if (spec->only != NULL && !dt_prop_has_value(prop, spec->type, spec->only)) {
        violation(checker, node, spec->name, "must be %s (%s)", spec->only->text, node->binding->file);
    } else if (spec->enums != NULL && !in_enum(prop, spec)) {
        violation(checker, node, spec->name, "has a value that %s:%" PRIu32 " does not list; use one of those",
                  node->binding->file, spec->enums->at.line);
    }
}

static void check_specs(struct checker *checker, const struct dt_node *node)
{
    const struct dt_binding *binding = node->binding;
    for (uint32_t i = 0; i < binding->spec_count; i++) {
        const struct dt_spec *spec = &binding->specs[i];
        const struct dt_prop *prop = dt_node_prop(node, spec->name);
        if (prop != NULL && spec->refused != NULL) {
            violation(checker, node, spec->name, "is not supported: %s", spec->refused);
        } else if (prop != NULL) {
            check_value(checker, node, prop, spec);
        } else if (spec->required) {
            violation(checker, node, spec->name, "is missing; %s requires it for \"%s\"", binding->file,
                      binding->compatible);
        }
    }
}

static bool is_specified(const struct dt_binding *binding, const char *name)
{
    for (uint32_t i = 0; i < binding->spec_count; i++) {
        if (strcmp(binding->specs[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static void check_unknown(struct checker *checker, const struct dt_node *node)
{
    for (uint32_t i = 0; i < node->prop_count; i++) {
        const char *name = node->props[i].name;
        if (!is_common(name) && !is_specified(node->binding, name)) {
            violation(checker, node, name, "is not a property of \"%s\"; correct its name, or add it to %s",
                      node->binding->compatible, node->binding->file);
        }
    }
}

static void check_reg(struct checker *checker, const struct dt_node *node)
{
    const struct dt_prop *reg = dt_node_prop(node, "reg");
    if (reg == NULL || node->parent == NULL) {
        return;
    }
    uint32_t cells = dt_address_cells(node->parent) + dt_size_cells(node->parent);
    if (cells == 0 || reg->len % (4 * cells) != 0) {
        violation(checker, node, "reg",
                  "must have a multiple of %" PRIu32 " cells: #address-cells plus #size-cells of %s", cells,
                  node->parent->path);
    }
}

/** Memory and the partitions in it: `outboard pm from-dts` follows their ranges, nothing else reads their addresses. */
static bool is_memory(const struct dt_node *node)
{
    for (; node != NULL; node = node->parent) {
        for (uint32_t i = 0; i < node->compatible_count; i++) {
            if (strcmp(node->compatibles[i], "soc-nv-flash") == 0) {
                return true;
            }
        }
    }
    return false;
}

static bool is_identity(const struct dt_node *node, const struct dt_prop *ranges)
{
    uint32_t child = dt_address_cells(node);
    uint32_t parent = node->parent == NULL ? child : dt_address_cells(node->parent);
    uint32_t row = child + parent + dt_size_cells(node);

    for (uint32_t i = 0; row != 0 && i + row <= ranges->len / 4; i += row) {
        if (dt_prop_cells(ranges, i, child) != dt_prop_cells(ranges, i + child, parent)) {
            return false;
        }
    }
    return true;
}

/* Addresses are taken as written: a bus that shifts those of its children would need a translation. */
static void check_ranges(struct checker *checker, const struct dt_node *node)
{
    const struct dt_prop *ranges = dt_node_prop(node, "ranges");
    if (ranges != NULL && ranges->len != 0 && !is_memory(node) && !is_identity(node, ranges)) {
        violation(checker, node, "ranges",
                  "translates addresses, which is not supported; write 'ranges;' and full addresses");
    }
}

static void check_bus(struct checker *checker, const struct dt_node *node)
{
    const char *on_bus = node->binding->on_bus;
    const struct dt_binding *parent = node->parent == NULL ? NULL : node->parent->binding;
    const char *bus = parent == NULL ? NULL : parent->bus;
    if (on_bus != NULL && (bus == NULL || strcmp(on_bus, bus) != 0)) {
        violation(checker, node, "compatible",
                  "\"%s\" belongs on a bus of kind %s; move the node below such a controller",
                  node->binding->compatible, on_bus);
    }
}

/** The third byte of most chips' id is the power of two of their bytes, counted on from 0x20 as 64 MiB. */
static uint32_t power_of_id(uint8_t byte)
{
    return byte < 0x20 ? byte : byte - 0x20u + 26u;
}

/** `size` counts bits. Bytes in its place make a chip of an eighth, and a slot that may fit it by chance. */
static void check_size_is_bits(struct checker *checker, const struct dt_node *node)
{
    const struct dt_prop *id = dt_node_prop(node, "jedec-id");
    const struct dt_prop *size = dt_node_prop(node, "size");

    if (id == NULL || id->len != 3 || size == NULL || size->len != 4 || dt_node_prop(node, "sfdp-bfp") != NULL) {
        return;
    }
    uint32_t power = power_of_id(id->data[2]);
    if (power >= 16 && power < 29 && dt_prop_cell(size, 0) == UINT32_C(1) << power) {
        violation(checker, node, "size",
                  "0x%" PRIx32
                  " counts bits, and the third byte of jedec-id says as many bytes; write size = <0x%" PRIx32
                  ">, or size-in-bytes = <0x%" PRIx32 ">",
                  dt_prop_cell(size, 0), 8 * dt_prop_cell(size, 0), dt_prop_cell(size, 0));
    }
}

static void check_node(struct checker *checker, const struct dt_node *node)
{
    check_reg(checker, node);
    check_ranges(checker, node);
    if (node->binding != NULL) {
        check_specs(checker, node);
        check_unknown(checker, node);
        check_bus(checker, node);
        check_size_is_bits(checker, node);
    }
}

static void rely_on(struct dt_tree *tree, const struct dt_node *wanted)
{
    for (uint32_t i = 0; i < tree->count; i++) {
        for (const struct dt_node *node = wanted; node != NULL; node = node->parent) {
            tree->nodes[i].relied_on = tree->nodes[i].relied_on || &tree->nodes[i] == node;
        }
    }
}

/** By its driver's symbol, or by the property that UARTs have in Zephyr's bindings, as somebody's own may. */
static bool is_uart(const struct dt_binding *binding)
{
    if (binding == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < binding->spec_count; i++) {
        if (strcmp(binding->specs[i].name, "current-speed") == 0) {
            return true;
        }
    }
    return binding->driver != NULL && strncmp(binding->driver, "CONFIG_UART_", strlen("CONFIG_UART_")) == 0;
}

/** Zephyr's devicetrees choose much that nobody here asks for. */
static bool is_used_chosen(const char *name)
{
    static const char *const used[] = {"zephyr,console", "zephyr,flash", "zephyr,sram", "nordic,pm-ext-flash",
                                       "zephyr,bootloader-info"};

    for (size_t i = 0; i < sizeof(used) / sizeof(used[0]); i++) {
        if (strcmp(name, used[i]) == 0) {
            return true;
        }
    }
    return strncmp(name, "zephyr,", 7) != 0 && strncmp(name, "nordic,", 7) != 0;
}

/** What slots, console and watchdog depend on, buses included. */
static void find_relied_on(struct dt_tree *tree)
{
    for (uint32_t i = 0; i < tree->chosen.count; i++) {
        if (is_used_chosen(tree->chosen.items[i].name)) {
            rely_on(tree, tree->chosen.items[i].node);
        }
    }
    for (uint32_t i = 0; i < tree->aliases.count; i++) {
        if (strncmp(tree->aliases.items[i].name, "watchdog", 8) == 0) {
            rely_on(tree, tree->aliases.items[i].node);
        }
    }
    for (uint32_t i = 0; i < tree->count; i++) {
        const struct dt_node *node = &tree->nodes[i];
        if (node->okay && node->binding != NULL && is_specified(node->binding, "jedec-id")) {
            rely_on(tree, node);
        }
    }
}

static void pass_over(struct checker *checker, struct dt_node *node, const char *why)
{
    if (checker->passed_over == NULL) {
        checker->at = dt_place_of(checker->tree, node->path, NULL);
    }
    checker->passed_over =
        ob_arena_printf(checker->tree->arena, "%s%s%s (%s)", checker->passed_over == NULL ? "" : checker->passed_over,
                        checker->passed_over == NULL ? "" : ", ", node->path, why);
}

static bool is_plain_bus(const struct dt_node *node)
{
    return node->parent == NULL || strcmp(node->compatibles[0], "simple-bus") == 0;
}

static void check_or_pass_over(struct checker *checker, struct dt_node *node)
{
    node->okay = node->okay && (node->parent == NULL || node->parent->okay);
    if (!node->okay) {
        return;
    }
    if (node->binding == NULL && node->compatible_count != 0 && !is_plain_bus(node)) {
        pass_over(checker, node, node->compatibles[0]);
    } else if (dt_node_prop(node, "gpio-hog") != NULL) {
        pass_over(checker, node, "gpio-hog: its pin is left as it is");
    }
    checker->optional = !node->relied_on && node->binding != NULL && node->binding->driver != NULL;
    checker->reason = NULL;
    check_node(checker, node);
    if (checker->reason != NULL) {
        pass_over(checker, node, checker->reason);
        node->okay = false;
    }
    checker->optional = false;
}

/** The chip that the update slot is to lie in. */
static void check_external_flash(struct checker *checker, const struct dt_node *node, const struct ob_loc *at)
{
    if (node->binding == NULL) {
        ob_diag_error(at,
                      "%s: is chosen as nordic,pm-ext-flash, and no binding knows \"%s\", so it has neither size nor "
                      "driver here; choose another chip, or bring its binding and driver in a module (docs/PORTING.md)",
                      node->path, node->compatible_count == 0 ? "" : node->compatibles[0]);
        checker->status = OB_EXIT_FINDING;
    } else if (dt_node_prop(node, "size") == NULL && dt_node_prop(node, "size-in-bytes") == NULL) {
        ob_diag_error(at,
                      "%s: is chosen as nordic,pm-ext-flash but has no 'size'; choose a flash chip, or give it its "
                      "size in bits",
                      node->path);
        checker->status = OB_EXIT_FINDING;
    }
}

/** A chosen node that cannot do what it was chosen for. */
static void look_at_chosen(struct checker *checker, const char *name, const struct dt_node *node)
{
    struct ob_loc at = dt_place_of(checker->tree, "/chosen", name);

    if (strcmp(name, "nordic,pm-ext-flash") == 0 && node->okay) {
        check_external_flash(checker, node, &at);
    }
    if (strcmp(name, "nordic,pm-ext-flash") == 0 && !node->okay) {
        const struct dt_node *disabled = node;
        while (disabled->parent != NULL && !disabled->parent->okay) {
            disabled = disabled->parent;
        }
        struct ob_loc status = dt_place_of(checker->tree, disabled->path, "status");
        ob_diag_warning(&at,
                        "/chosen: %s: %s is disabled (%s:%" PRIu32
                        "), so there is no region external_flash; set status = "
                        "\"okay\" for it and for its bus",
                        name, node->path, status.file == NULL ? checker->tree->file : status.file, status.line);
    }
    if (strcmp(name, "zephyr,console") == 0 && node->okay && !is_uart(node->binding)) {
        ob_diag_warning(&at, "/chosen: %s: %s (%s) is no UART that is driven here, so nothing is printed; choose one",
                        name, node->path, node->compatible_count == 0 ? "no compatible" : node->compatibles[0]);
    }
}

static void check_chosen(struct checker *checker)
{
    const struct dt_names *chosen = &checker->tree->chosen;
    for (uint32_t i = 0; i < chosen->count; i++) {
        if (chosen->items[i].node == NULL && strchr(chosen->items[i].name, ',') != NULL) {
            struct ob_loc at = dt_place_of(checker->tree, "/chosen", chosen->items[i].name);
            ob_diag_error(&at, "/chosen: %s: names no node; use a reference: %s = &label;", chosen->items[i].name,
                          chosen->items[i].name);
            checker->status = OB_EXIT_FINDING;
        } else if (chosen->items[i].node != NULL) {
            look_at_chosen(checker, chosen->items[i].name, chosen->items[i].node);
        }
    }
}

enum ob_exit dt_check(struct dt_tree *tree, const struct dt_bindings *bindings)
{
    struct checker checker = {.tree = tree, .status = OB_EXIT_OK};
    for (uint32_t i = 0; i < tree->count; i++) {
        tree->nodes[i].binding = binding_of(&tree->nodes[i], bindings);
    }
    checker.status = dt_settle(tree);
    find_relied_on(tree);
    for (uint32_t i = 0; i < tree->count; i++) {
        check_or_pass_over(&checker, &tree->nodes[i]);
    }
    check_chosen(&checker);
    if (checker.passed_over != NULL) {
        ob_diag_note(&checker.at, "passed over, nothing here uses it: %s", checker.passed_over);
    }
    return checker.status;
}
