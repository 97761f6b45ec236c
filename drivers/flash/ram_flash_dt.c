/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <outboard/device_dt.h>
#include <outboard/flash.h>

/*
 * Flash that is RAM: it behaves like flash, so that an image can be put there like into any slot, and another core can
 * read it. Nothing of it outlives a reset.
 */

#define ERASED 0xff

static uint8_t *bytes_of(const struct ob_flash *flash)
{
    return flash->ctx;
}

static enum ob_err ram_flash_read(const struct ob_flash *flash, uint32_t off, void *dst, uint32_t len)
{
    memcpy(dst, bytes_of(flash) + off, len);
    return OB_OK;
}

static enum ob_err ram_flash_write(const struct ob_flash *flash, uint32_t off, const void *src, uint32_t len)
{
    const uint8_t *from = src;
    uint8_t *to = bytes_of(flash) + off;

    for (uint32_t i = 0; i < len; i++) {
        to[i] &= from[i];
    }
    return OB_OK;
}

static enum ob_err ram_flash_erase(const struct ob_flash *flash, uint32_t off, uint32_t size)
{
    memset(bytes_of(flash) + off, ERASED, size);
    return OB_OK;
}

static const struct ob_flash_ops ram_flash_ops = {
    .read = ram_flash_read,
    .write = ram_flash_write,
    .erase = ram_flash_erase,
};

static enum ob_err ram_flash_init(const struct ob_device *dev)
{
    const struct ob_flash *flash = dev->api;

    memset(bytes_of(flash), ERASED, flash->size);
    return OB_OK;
}

#define RAM_FLASH_SYMBOL(name, node) DT_CAT3(ram_flash_, name, DT_DEP_ORD(node))

/* For the controller, whose only child is the flash. */
#define RAM_FLASH_CHILD(node)                                                                                \
    static uint8_t RAM_FLASH_SYMBOL(bytes_, DT_PARENT(node))[DT_REG_SIZE(node)] __attribute__((aligned(4))); \
    static const struct ob_flash RAM_FLASH_SYMBOL(flash_, DT_PARENT(node)) = {                               \
        .ops = &ram_flash_ops,                                                                               \
        .ctx = RAM_FLASH_SYMBOL(bytes_, DT_PARENT(node)),                                                    \
        .mapped = RAM_FLASH_SYMBOL(bytes_, DT_PARENT(node)),                                                 \
        .size = DT_REG_SIZE(node),                                                                           \
        .write_size = DT_PROP(node, write_block_size),                                                       \
        .program_size = DT_PROP(node, write_block_size),                                                     \
        .erase_sizes = {DT_PROP(node, erase_block_size)},                                                    \
        .erased_value = ERASED,                                                                              \
    };
#define RAM_FLASH_DEFINE(node)              \
    DT_FOREACH_CHILD(node, RAM_FLASH_CHILD) \
    OB_DEVICE_DT_DEFINE(node, ram_flash_init, NULL, NULL, &RAM_FLASH_SYMBOL(flash_, node))

DT_FOREACH_STATUS_OKAY(zephyr_sim_flash, RAM_FLASH_DEFINE)
