/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_DEVICETREE_H
#define OUTBOARD_DEVICETREE_H

/*
 * The devicetree of this image, with the names that Zephyr gives these macros. A node is a macro argument:
 * DT_NODELABEL(uart5), DT_CHOSEN(zephyr_console), DT_ALIAS(led0), DT_PARENT(node). Names of properties, chosen and
 * compatibles are written with `_` for every character that is no letter or digit.
 *
 * Values come from `outboard dt`, which checked them against dts/bindings.
 */

#include <devicetree_generated.h>

#include <outboard/util.h>

#define DT_CAT(a, b) DT_CAT_1(a, b)
#define DT_CAT_1(a, b) a##b
#define DT_CAT3(a, b, c) DT_CAT3_1(a, b, c)
#define DT_CAT3_1(a, b, c) a##b##c
#define DT_CAT4(a, b, c, d) DT_CAT4_1(a, b, c, d)
#define DT_CAT4_1(a, b, c, d) a##b##c##d

/** Expands to `yes` if flag is defined as 1, else to `no`. Each may be anything, in parentheses. */
#define DT_IF(flag, yes, no) DT_CAT(DT_IF_, OB_ENABLED(flag))(yes, no)
#define DT_IF_1(yes, no) DT_UNWRAP yes
#define DT_IF_0(yes, no) DT_UNWRAP no
#define DT_UNWRAP(...) __VA_ARGS__

/** fn(node) for each node below one, in the order of ordinals. */
#define DT_FOREACH_CHILD(node, fn) DT_CAT(node, _FOREACH_CHILD)(fn)

/* Nodes */
#define DT_ROOT DT_N
#define DT_NODELABEL(label) DT_CAT(DT_N_NODELABEL_, label)
#define DT_ALIAS(alias) DT_CAT(DT_N_ALIAS_, alias)
#define DT_CHOSEN(chosen) DT_CAT(DT_CHOSEN_, chosen)
#define DT_HAS_CHOSEN(chosen) DT_NODE_EXISTS(DT_CHOSEN(chosen))
#define DT_PARENT(node) DT_CAT(node, _PARENT)
#define DT_BUS(node) DT_PARENT(node)
#define DT_PHANDLE(node, prop) DT_PHANDLE_BY_IDX(node, prop, 0)
#define DT_PHANDLE_BY_IDX(node, prop, index) DT_CAT(DT_CAT4(node, _P_, prop, _IDX_), DT_CAT(index, _PH))

/* About a node: 1 or 0, also for a node that does not exist */
#define DT_NODE_EXISTS(node) OB_ENABLED(DT_CAT(node, _EXISTS))
#define DT_NODE_HAS_STATUS_OKAY(node) OB_ENABLED(DT_CAT(node, _STATUS_okay))
#define DT_NODE_HAS_COMPAT(node, compat) OB_ENABLED(DT_CAT3(node, _COMPAT_MATCHES_, compat))
#define DT_NODE_HAS_PROP(node, prop) OB_ENABLED(DT_CAT4(node, _P_, prop, _EXISTS))

/** Ordinal: a node's is larger than those of the nodes that it needs. */
#define DT_DEP_ORD(node) DT_CAT(node, _ORD)
#define DT_NODE_PATH(node) DT_CAT(node, _PATH)
#define DT_NODE_FULL_NAME(node) DT_CAT(node, _FULL_NAME)

/* Properties. A boolean is 1 or 0; arrays and bytes are brace initialisers. */
#define DT_PROP(node, prop) DT_CAT3(node, _P_, prop)
#define DT_PROP_OR(node, prop, otherwise) DT_IF(DT_CAT4(node, _P_, prop, _EXISTS), (DT_PROP(node, prop)), (otherwise))
/** Which of the values that the binding lists, from 0. */
#define DT_ENUM_IDX(node, prop) DT_CAT4(node, _P_, prop, _ENUM_IDX)
#define DT_ENUM_IDX_OR(node, prop, otherwise) \
    DT_IF(DT_CAT4(node, _P_, prop, _EXISTS), (DT_ENUM_IDX(node, prop)), (otherwise))
#define DT_PROP_LEN(node, prop) DT_CAT4(node, _P_, prop, _LEN)
#define DT_PROP_BY_IDX(node, prop, index) DT_CAT(DT_CAT4(node, _P_, prop, _IDX_), index)

/** fn(node, prop, index) for each element of an array. */
#define DT_FOREACH_PROP_ELEM(node, prop, fn) DT_CAT4(node, _P_, prop, _FOREACH_ELEM)(fn)

/** A phandle-array's specifier, cell by cell; of `...-gpios` the pin and its flags. */
#define DT_PHA_CELL_BY_IDX(node, prop, index, cell) DT_CAT(DT_CAT4(node, _P_, prop, _IDX_), DT_CAT3(index, _VAL_, cell))
#define DT_GPIO_PIN(node, prop) DT_PHA_CELL_BY_IDX(node, prop, 0, 0)
#define DT_GPIO_FLAGS(node, prop) DT_PHA_CELL_BY_IDX(node, prop, 0, 1)

/* reg */
#define DT_NUM_REGS(node) DT_CAT(node, _REG_NUM)
#define DT_REG_ADDR(node) DT_REG_ADDR_BY_IDX(node, 0)
#define DT_REG_SIZE(node) DT_REG_SIZE_BY_IDX(node, 0)
#define DT_REG_ADDR_BY_IDX(node, index) DT_CAT4(node, _REG_IDX_, index, _VAL_ADDRESS)
#define DT_REG_SIZE_BY_IDX(node, index) DT_CAT4(node, _REG_IDX_, index, _VAL_SIZE)

/* Enabled nodes of a compatible */
#define DT_HAS_COMPAT_STATUS_OKAY(compat) OB_ENABLED(DT_CAT(DT_COMPAT_HAS_OKAY_, compat))

/** fn(node) for each enabled node of a compatible, in the order of ordinals; nothing if there is none. */
#define DT_FOREACH_STATUS_OKAY(compat, fn) \
    DT_IF(DT_CAT(DT_COMPAT_HAS_OKAY_, compat), (DT_CAT(DT_FOREACH_OKAY_, compat)(fn)), ())

#endif
