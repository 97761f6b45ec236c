/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A start with nothing to do, for counting its instructions: the slots are memory. The primary is read as internal
 * flash is, where it is mapped; reading the secondary costs a copy. `make bench` puts the image there and counts up to
 * _exit.
 */
#include <stdint.h>
#include <string.h>

#include <outboard/boot.h>
#include <outboard/keys.h>

#define SLOT_SIZE 0x84000u
#define PRIMARY ((const uint8_t *)0x00100000)
#define SECONDARY ((const uint8_t *)0x00200000)

int start(void);

static enum ob_err read_memory(const struct ob_flash *flash, uint32_t off, void *dst, uint32_t len)
{
    memcpy(dst, (const uint8_t *)flash->ctx + off, len);
    return OB_OK;
}

static enum ob_err refuse_write(const struct ob_flash *flash, uint32_t off, const void *src, uint32_t len)
{
    (void)flash;
    (void)off;
    (void)src;
    (void)len;
    return OB_ERR_BUS;
}

static enum ob_err refuse_erase(const struct ob_flash *flash, uint32_t off, uint32_t size)
{
    (void)flash;
    (void)off;
    (void)size;
    return OB_ERR_BUS;
}

static const struct ob_flash_ops ops = {.read = read_memory, .write = refuse_write, .erase = refuse_erase};
static const struct ob_flash internal = {.ops = &ops,
                                         .ctx = (void *)PRIMARY,
                                         .mapped = PRIMARY,
                                         .size = SLOT_SIZE,
                                         .write_size = 4,
                                         .program_size = 4,
                                         .erase_sizes = {4096},
                                         .erased_value = 0xff};
static const struct ob_flash external = {.ops = &ops,
                                         .ctx = (void *)SECONDARY,
                                         .size = SLOT_SIZE,
                                         .write_size = 4,
                                         .program_size = 256,
                                         .erase_sizes = {4096},
                                         .erased_value = 0xff};
static const struct ob_slots slots = {.primary = {&internal, 0, SLOT_SIZE}, .secondary = {{&external, 0, SLOT_SIZE}}};
static struct ob_workspace work;
static const struct ob_hooks hooks;

static const struct ob_boot boot = {
    .mode = &ob_mode_slide,
    .keys = &ob_keys,
    .hooks = &hooks,
    .work = &work,
    .images = &slots,
    .image_count = 1,
};

/* 0: the image may run, and nothing was done. */
int start(void)
{
    struct ob_boot_result result;

    return ob_boot_run(&boot, &result) == OB_OK && result.swap == OB_SWAP_NONE ? 0 : 1;
}
