/* SPDX-License-Identifier: Apache-2.0 */
/* A NOR chip in memory: the engine works on it as on a device. */
#include <stdlib.h>
#include <string.h>

#include <outboard/util.h>

#include "inspect.h"

#define ERASED 0xff
#define PROGRAM_SIZE 256u

static struct flash_chip *chip_of(const struct ob_flash *flash)
{
    return flash->ctx;
}

static enum ob_err read(const struct ob_flash *flash, uint32_t off, void *dst, uint32_t len)
{
    const struct flash_chip *chip = chip_of(flash);

    if (chip->path == NULL) {
        return OB_ERR_NODEV;
    }
    memcpy(dst, chip->bytes + off, len);
    return OB_OK;
}

static enum ob_err write(const struct ob_flash *flash, uint32_t off, const void *src, uint32_t len)
{
    struct flash_chip *chip = chip_of(flash);
    const uint8_t *from = src;

    if (chip->path == NULL) {
        return OB_ERR_NODEV;
    }
    for (uint32_t i = 0; i < len; i++) {
        chip->bytes[off + i] &= from[i];
    }
    chip->changes++;
    return OB_OK;
}

static enum ob_err erase(const struct ob_flash *flash, uint32_t off, uint32_t size)
{
    struct flash_chip *chip = chip_of(flash);

    if (chip->path == NULL) {
        return OB_ERR_NODEV;
    }
    memset(chip->bytes + off, ERASED, size);
    chip->changes++;
    return OB_OK;
}

static const struct ob_flash_ops ops = {.read = read, .write = write, .erase = erase};

static void *must(void *memory)
{
    if (memory == NULL) {
        ob_diag_error(NULL, "out of memory");
        exit(OB_EXIT_USAGE);
    }
    return memory;
}

void flash_chip_init(struct flash_chip *chip, const char *name, uint32_t size)
{
    *chip = (struct flash_chip){
        .name = name,
        .bytes = must(malloc((size_t)size + 1)),
        .known = must(calloc((size_t)size + 1, 1)),
        .flash = {.ops = &ops, .size = size, .program_size = PROGRAM_SIZE, .erased_value = ERASED},
    };
    memset(chip->bytes, ERASED, size);
}

void flash_chip_copy(struct flash_chip *copy, const struct flash_chip *chip)
{
    *copy = *chip;
    copy->bytes = must(malloc((size_t)chip->flash.size + 1));
    memcpy(copy->bytes, chip->bytes, chip->flash.size);
    copy->known = NULL;
    copy->flash.ctx = copy;
    copy->changes = 0;
}

void flash_chip_free(struct flash_chip *chip)
{
    free(chip->bytes);
    free(chip->known);
}

bool flash_chip_is_filled(const struct flash_chip *chip, uint8_t value)
{
    return ob_filled(chip->bytes, chip->flash.size, value);
}

bool flash_chip_knows(const struct flash_chip *chip, const struct ob_area *area)
{
    return area->start <= chip->flash.size && area->size <= chip->flash.size - area->start &&
           memchr(chip->known + area->start, 0, area->size) == NULL;
}
