/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_DT_DT_H
#define OUTBOARD_DT_DT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "../common/arena.h"
#include "../common/diag.h"
#include "../common/yaml.h"

/** What a property holds. A devicetree blob does not say: the binding does. */
enum dt_type {
    DT_BOOLEAN,
    DT_INT,
    DT_ARRAY,       /* of 32-bit cells */
    DT_UINT8_ARRAY, /* bytes */
    DT_STRING,
    DT_STRING_ARRAY,
    DT_PHANDLE,
    DT_PHANDLES,
    DT_PHANDLE_ARRAY, /* references, each with the cells that its target asks for: <&gpio0 17 1> */
};

/** What a binding says about one property. */
struct dt_spec {
    const char *name;
    enum dt_type type;
    bool required;
    const char *refused;         /* why no node may have it, or NULL; then only the name counts */
    const struct ob_yaml *only;  /* const: the one value allowed, or NULL */
    const struct ob_yaml *enums; /* enum: list of the values allowed, or NULL */
    const struct ob_yaml *value; /* default, or NULL */
};

/** The binding of one `compatible`: what its nodes must and may have. */
struct dt_binding {
    const char *file;
    const char *compatible;
    const char *driver; /* CONFIG_ symbol that compiles the driver, or NULL */
    const char *bus;    /* kind of bus that such a node is, or NULL */
    const char *on_bus; /* kind of bus that such a node must sit on, or NULL */
    struct dt_spec *specs;
    uint32_t spec_count;
    const struct dt_binding *child; /* child-binding: of each node below one of these, or NULL */
};

struct dt_prop {
    const char *name;
    const uint8_t *data;
    uint32_t len;
};

struct dt_node {
    const char *path;
    const char *name;       /* last part of the path, with unit address; "/" for the root */
    const char *ident;      /* C identifier of the node: DT_N_S_soc_S_serial_7e784000 */
    struct dt_node *parent; /* NULL for the root */
    int offset;             /* in the blob */
    uint32_t phandle;       /* 0: none */
    bool okay;
    bool relied_on; /* a slot, the console or the watchdog depends on it */
    const char **compatibles;
    uint32_t compatible_count;
    struct dt_prop *props;
    uint32_t prop_count;
    const struct dt_binding *binding; /* of the first compatible that has one, or NULL */
    uint32_t ordinal;                 /* what a node needs has a smaller one */
    bool ordered;                     /* ordinal is valid */
};

/** A label, alias or chosen: another name of a node. */
struct dt_name {
    const char *name;
    const struct dt_node *node; /* NULL: a chosen that is no path of a node */
};

struct dt_names {
    struct dt_name *items;
    uint32_t count;
};

/** Where a node or a property was written. */
struct dt_place {
    const char *path;
    const char *prop; /* NULL: the node */
    char form;        /* of the value: a quote, `<`, `[`, or something else */
    struct ob_loc at;
};

struct dt_places {
    struct dt_place *items; /* each node before its properties */
    uint32_t count;
};

struct dt_tree {
    struct ob_arena *arena;
    const char *file; /* what messages name if the place is not known */
    struct dt_places places;
    struct dt_node *nodes;  /* as in the blob: parents first */
    struct dt_node **order; /* by ordinal */
    uint32_t count;
    struct dt_names labels;
    struct dt_names aliases;
    struct dt_names chosen;
};

struct dt_bindings {
    struct dt_binding *items;
    uint32_t count;
};

/** Read a blob. file is what messages name. @return OB_EXIT_USAGE after printing why it cannot be read */
enum ob_exit dt_tree_read(struct ob_arena *arena, const char *dtb, const char *file, struct dt_tree *tree);

/** Read what `dtc -T -T -O dts` made of the source: it tells where everything was written. */
enum ob_exit dt_places_read(struct ob_arena *arena, const char *file, struct dt_places *places);

/** Where a property was written last, else its node; just the file if that is not known. prop may be NULL. */
struct ob_loc dt_place_of(const struct dt_tree *tree, const char *path, const char *prop);

/** How the value of a property was written, as dt_place tells it: a blob does not say. 0: not known. */
char dt_form_of(const struct dt_tree *tree, const char *path, const char *prop);

#define DT_DIRS_MAX 16

/** Folders of bindings. Of two bindings for one `compatible` that of the earlier folder counts. */
struct dt_dirs {
    const char *v[DT_DIRS_MAX];
    uint32_t count;
};

/** Read every *.yaml of the folders that has a `compatible`. What it includes is in its own folder, or in one of them.
 */
enum ob_exit dt_bindings_read(struct ob_arena *arena, const struct dt_dirs *dirs, struct dt_bindings *bindings);

/** Settle what has two ways of writing: pins of connectors, sizes in bytes. Called by dt_check(). */
enum ob_exit dt_settle(struct dt_tree *tree);

/**
 * Give each node its binding and check enabled nodes against it.
 *
 * A node that nothing here drives, or that breaks its binding although no slot, console or watchdog depends on it, is
 * passed over: it counts as disabled then, and one note names all of them.
 *
 * @return OB_EXIT_FINDING after printing each violation
 */
enum ob_exit dt_check(struct dt_tree *tree, const struct dt_bindings *bindings);

/** Number the nodes so that each comes after its parent and the nodes that its phandles name. */
enum ob_exit dt_order(struct dt_tree *tree);

void dt_print_header(FILE *out, const struct dt_tree *tree);
void dt_print_json(FILE *out, const struct dt_tree *tree);

/** In a preprocessed source, put the properties of each node before its child nodes, as dtc wants them. */
enum ob_exit dt_arrange(const char *path);

struct dt_link {
    const char *nodes; /* file that dt_print_json() wrote */
    const char *image; /* name of the image, for messages */
    const char *grow;  /* cure for an image that is larger than its partition */
};

/** Run a linker and explain what it says about missing devices and lack of room. @return its exit status */
int dt_link(const struct dt_link *link, char *const command[]);

/** Text as part of a C identifier: letters and digits stay, everything else becomes `_`. */
const char *dt_ident(struct ob_arena *arena, const char *text);

const struct dt_prop *dt_node_prop(const struct dt_node *node, const char *name);

/** The index-th cell of a property; the caller knows that it is there. */
uint32_t dt_prop_cell(const struct dt_prop *prop, uint32_t index);

/** A number of several cells from the first-th on. */
uint64_t dt_prop_cells(const struct dt_prop *prop, uint32_t first, uint32_t count);

/** The next string of a string list, or the first for NULL; NULL at the end. */
const char *dt_prop_string(const struct dt_prop *prop, const char *before);

/** Is the property, whose form is right, this number or text of a binding? */
bool dt_prop_has_value(const struct dt_prop *prop, enum dt_type type, const struct ob_yaml *value);

/** Cells of an address (or size) in the `reg` of the node's children, 1 or 2. */
uint32_t dt_address_cells(const struct dt_node *node);
uint32_t dt_size_cells(const struct dt_node *node);

struct dt_reg {
    uint64_t address;
    uint64_t size;
};

/** Number of complete entries in a node's `reg`, and one of them. */
uint32_t dt_reg_count(const struct dt_node *node);
struct dt_reg dt_reg_get(const struct dt_node *node, uint32_t index);

const struct dt_node *dt_find_phandle(const struct dt_tree *tree, uint32_t phandle);

/** A reference in a property. */
struct dt_reference {
    const struct dt_node *target;
    uint32_t at;    /* its cell in the property; those that belong to it follow */
    uint32_t count; /* of those */
};

/**
 * The next reference in a property that spec describes; for the first, begin with *ref = {0}.
 * @return false at the end. In a phandle-array also where it is malformed: a node that does not exist, a target that
 * does not say how many cells it wants (`#gpio-cells` for cs-gpios), cells that are missing; ref->target is NULL then
 */
bool dt_next_reference(const struct dt_tree *tree, const struct dt_spec *spec, const struct dt_prop *prop,
                       struct dt_reference *ref);

#endif
