/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>

#include "ram_flash.h"

static bool fails(struct ram_flash *ram)
{
    return (ram->power != NULL && ram->power->left == 0) || (ram->fail_at != 0 && --ram->fail_at == 0);
}

/** The same for an operation that changes something. */
static bool fails_to_change(struct ram_flash *ram)
{
    if (ram->power != NULL && ram->power->left > 0) {
        ram->power->left--;
    }
    return fails(ram);
}

static enum ob_err ram_read(const struct ob_flash *flash, uint32_t off, void *dst, uint32_t len)
{
    struct ram_flash *ram = flash->ctx;

    assert(len > 0 && off < RAM_FLASH_SIZE && len <= RAM_FLASH_SIZE - off);
    ram->reads++;
    if (fails(ram)) {
        return OB_ERR_BUS;
    }
    memcpy(dst, ram->bytes + off, len);
    return OB_OK;
}

static enum ob_err ram_write(const struct ob_flash *flash, uint32_t off, const void *src, uint32_t len)
{
    struct ram_flash *ram = flash->ctx;
    const uint8_t *from = src;

    assert(len > 0 && off < RAM_FLASH_SIZE && len <= RAM_FLASH_SIZE - off);
    ram->writes++;
    if (fails_to_change(ram)) {
        return OB_ERR_BUS;
    }
    for (uint32_t i = 0; i < len; i++) {
        ram->bytes[off + i] &= from[i];
    }
    return OB_OK;
}

static enum ob_err ram_erase(const struct ob_flash *flash, uint32_t off, uint32_t size)
{
    struct ram_flash *ram = flash->ctx;

    assert(size == 0x1000 || size == 0x8000 || size == 0x10000);
    assert(off % size == 0 && off < RAM_FLASH_SIZE && ram->erase_count < RAM_FLASH_ERASES);
    ram->erases[ram->erase_count].off = off;
    ram->erases[ram->erase_count].size = size;
    ram->erase_count++;
    if (fails_to_change(ram)) {
        return OB_ERR_BUS;
    }
    memset(ram->bytes + off, 0xff, size);
    return OB_OK;
}

static enum ob_err ram_reset(const struct ob_flash *flash)
{
    struct ram_flash *ram = flash->ctx;

    ram->resets++;
    return OB_OK;
}

static const struct ob_flash_ops ram_ops = {
    .read = ram_read,
    .write = ram_write,
    .erase = ram_erase,
    .reset = ram_reset,
};

void ram_flash_init(struct ram_flash *ram)
{
    memset(ram, 0, sizeof(*ram));
    memset(ram->bytes, 0xff, sizeof(ram->bytes));
    ram->flash = (struct ob_flash){
        .ops = &ram_ops,
        .ctx = ram,
        .size = RAM_FLASH_SIZE,
        .write_size = 1,
        .program_size = 256,
        .erase_sizes = {0x1000, 0x8000, 0x10000},
        .erased_value = 0xff,
        .may_program_again = true,
    };
}
