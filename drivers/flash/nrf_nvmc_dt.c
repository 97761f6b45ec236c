/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/device_dt.h>
#include <outboard/flash.h>

#include "nrf_nvmc.h"

/** The controller needs no start-up: it is ready after a reset. */
static enum ob_err nvmc_init(const struct ob_device *dev)
{
    (void)dev;
    return OB_OK;
}

#define NVMC_SYMBOL(name, node) DT_CAT3(nrf_nvmc_, name, DT_DEP_ORD(node))

/** For the flash; its parent is the controller. */
#define NVMC_DEFINE(node)                                                                                          \
    _Static_assert(DT_PROP(node, write_block_size) == OB_NRF_NVMC_WORD, "the controller writes words of 4 bytes"); \
    static const struct ob_nrf_nvmc NVMC_SYMBOL(ctx_, node) = {                                                    \
        .regs = DT_REG_ADDR(DT_PARENT(node)),                                                                      \
        .base = DT_REG_ADDR(node),                                                                                 \
        .erase_by_write = DT_NODE_HAS_COMPAT(DT_PARENT(node), nordic_nrf53_flash_controller),                      \
    };                                                                                                             \
    static const struct ob_flash NVMC_SYMBOL(flash_, node) = {                                                     \
        .ops = &ob_nrf_nvmc_ops,                                                                                   \
        .ctx = (void *)&NVMC_SYMBOL(ctx_, node),                                                                   \
        .mapped = (const uint8_t *)DT_REG_ADDR(node),                                                              \
        .size = DT_REG_SIZE(node),                                                                                 \
        .write_size = OB_NRF_NVMC_WORD,                                                                            \
        .program_size = OB_NRF_NVMC_WORD,                                                                          \
        .erase_sizes = {DT_PROP(node, erase_block_size)},                                                          \
        .erased_value = 0xff,                                                                                      \
    };                                                                                                             \
    OB_DEVICE_DT_DEFINE(node, nvmc_init, NULL, &NVMC_SYMBOL(ctx_, node), &NVMC_SYMBOL(flash_, node))

/** Not for flash that is RAM. */
#define NVMC_DEFINE_IF_REAL(node) DT_IF(DT_NODE_HAS_COMPAT(DT_PARENT(node), zephyr_sim_flash), (), (NVMC_DEFINE(node)))

DT_FOREACH_STATUS_OKAY(soc_nv_flash, NVMC_DEFINE_IF_REAL)
