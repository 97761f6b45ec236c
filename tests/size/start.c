/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A start with nothing to do, for counting its instructions: the slots are memory. The primary is read as internal
 * flash is, where it is mapped; reading the secondary costs a copy. `make bench` puts the image there, and counts the
 * second start: the first one writes down what it found.
 */
#include <stdint.h>
#include <string.h>

#include <outboard/boot.h>
#include <outboard/keys.h>

#define SLOT_SIZE 0x84000u
#define LEDGER_SIZE 0x2000u /* behind the primary, in the same device */
#define PRIMARY ((uint8_t *)0x00100000)
#define SECONDARY ((uint8_t *)0x00200000)

int start(void);

static enum ob_err read_memory(const struct ob_flash *flash, uint32_t off, void *dst, uint32_t len)
{
    memcpy(dst, (uint8_t *)flash->ctx + off, len);
    return OB_OK;
}

static enum ob_err write_memory(const struct ob_flash *flash, uint32_t off, const void *src, uint32_t len)
{
    memcpy((uint8_t *)flash->ctx + off, src, len);
    return OB_OK;
}

static enum ob_err erase_memory(const struct ob_flash *flash, uint32_t off, uint32_t size)
{
    memset((uint8_t *)flash->ctx + off, flash->erased_value, size);
    return OB_OK;
}

static const struct ob_flash_ops ops = {.read = read_memory, .write = write_memory, .erase = erase_memory};
static const struct ob_flash internal = {.ops = &ops,
                                         .ctx = PRIMARY,
                                         .mapped = PRIMARY,
                                         .size = SLOT_SIZE + LEDGER_SIZE,
                                         .write_size = 4,
                                         .program_size = 4,
                                         .erase_sizes = {4096},
                                         .erased_value = 0xff};
static const struct ob_flash external = {.ops = &ops,
                                         .ctx = SECONDARY,
                                         .size = SLOT_SIZE,
                                         .write_size = 4,
                                         .program_size = 256,
                                         .erase_sizes = {4096},
                                         .erased_value = 0xff};
static const struct ob_slots slots = {.primary = {&internal, 0, SLOT_SIZE}, .secondary = {{&external, 0, SLOT_SIZE}}};
static const struct ob_area ledger = {&internal, SLOT_SIZE, LEDGER_SIZE};
static struct ob_workspace work;
static const struct ob_hooks hooks;

static const struct ob_boot boot = {
    .mode = &ob_mode_slide,
    .keys = &ob_keys,
    .hooks = &hooks,
    .work = &work,
    .images = &slots,
    .ledger = &ledger,
    .image_count = 1,
};

/* 0: the image may run, and nothing was done. */
int start(void)
{
    struct ob_boot_result result;

    return ob_boot_run(&boot, &result) == OB_OK && result.swap == OB_SWAP_NONE ? 0 : 1;
}
