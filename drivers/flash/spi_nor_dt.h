/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_DRIVERS_SPI_NOR_DT_H
#define OUTBOARD_DRIVERS_SPI_NOR_DT_H

#include <stddef.h>

#include <outboard/device_dt.h>

#include "spi_nor.h"

#define OB_SPI_NOR_SYMBOL(name, node) DT_CAT3(spi_nor_, name, DT_DEP_ORD(node))

#define OB_SPI_NOR_HAS_BFP(node) (DT_NODE_HAS_PROP(node, sfdp_bfp) && !OB_ENABLED(CONFIG_SPI_NOR_SFDP_MINIMAL))

/** Ways into 4-byte addresses that the driver can use; bit 5 (opcodes of their own) if the chip's tables tell which. */
#define OB_SPI_NOR_CAN_ENTER_4BYTE(ways)                                                                   \
    ((ways) == 0 || ((ways) & (OB_SFDP_ENTER_4BYTE | OB_SFDP_ENTER_4BYTE_WREN | OB_SFDP_ENTER_4BYTE_BANK | \
                               OB_SFDP_ENTER_4BYTE_ALWAYS |                                                \
                               (OB_ENABLED(CONFIG_SPI_NOR_SFDP_RUNTIME) ? OB_SFDP_ENTER_4BYTE_OPCODES : 0u))) != 0)

#define OB_SPI_NOR_HAS_LINES(node) \
    (DT_NODE_HAS_PROP(node, wp_gpios) || DT_NODE_HAS_PROP(node, hold_gpios) || DT_NODE_HAS_PROP(node, reset_gpios))

/** The device of a node with the properties of dts/bindings/jedec,spi-nor-common.yaml. */
#define OB_SPI_NOR_DEFINE(node, write_block_size)                                                                  \
    _Static_assert(OB_SPI_NOR_CAN_ENTER_4BYTE(DT_PROP_OR(node, enter_4byte_addr, 0)),                              \
                   "enter-4byte-addr names only ways that the driver does not have: one of bits 0, 1, 3, 6");      \
    _Static_assert(OB_ENABLED(CONFIG_PINCTRL_NRF) || !OB_SPI_NOR_HAS_LINES(node),                                  \
                   "wp-gpios, hold-gpios, reset-gpios: no driver moves a pin of this SoC; tie the lines to their " \
                   "inactive level, and remove the properties");                                                   \
    static const uint8_t OB_SPI_NOR_SYMBOL(bfp_, node)[] = DT_PROP_OR(node, sfdp_bfp, {0});                        \
    static struct ob_spi_nor OB_SPI_NOR_SYMBOL(data_, node);                                                       \
    static const struct ob_spi_nor_config OB_SPI_NOR_SYMBOL(config_, node) = {                                     \
        .bus = DEVICE_DT_GET(DT_BUS(node)),                                                                        \
        .bfp = OB_SPI_NOR_HAS_BFP(node) ? OB_SPI_NOR_SYMBOL(bfp_, node) : NULL,                                    \
        .bfp_len = sizeof(OB_SPI_NOR_SYMBOL(bfp_, node)),                                                          \
        .size = DT_PROP(node, size) / 8,                                                                           \
        .wake_us = (DT_PROP_OR(node, t_exit_dpd, 0) + 999) / 1000,                                                 \
        .jedec_id = DT_PROP_OR(node, jedec_id, {0}),                                                               \
        .write_size = (write_block_size),                                                                          \
        .enter_4byte = DT_PROP_OR(node, enter_4byte_addr, 0),                                                      \
        .lock_mask = DT_PROP_OR(node, has_lock, 0),                                                                \
        .unlock_all = DT_PROP_OR(node, requires_ulbpr, 0),                                                         \
    };                                                                                                             \
    OB_DEVICE_DT_DEFINE(node, ob_spi_nor_init, &OB_SPI_NOR_SYMBOL(data_, node), &OB_SPI_NOR_SYMBOL(config_, node), \
                        &OB_SPI_NOR_SYMBOL(data_, node).flash)

#endif
