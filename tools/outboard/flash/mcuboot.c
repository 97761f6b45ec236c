/* SPDX-License-Identifier: Apache-2.0 */
/* MCUboot's devices: what their trailers tell. The format is the one of docs/SPEC.md, with a status below it. */
#include <stdlib.h>
#include <string.h>

#include <outboard/util.h>

#include "inspect.h"

#define STATES 3u /* of swap-move and swap-scratch; swap-offset has 2 */
#define UNITS_MAX 1024u
#define ERASED 0xff
#define TYPE_MASK 0x0fu /* of swap_info: enum ob_swap, all bits set in what is erased; the image's number is above */
#define IMAGE_SHIFT 4

const char *flash_swap_mode_text(enum flash_swap_mode mode)
{
    static const char *const text[] = {
        [FLASH_SWAP_UNKNOWN] = "swap (which one, the trailers do not tell)",
        [FLASH_SWAP_MOVE] = "swap using move",
        [FLASH_SWAP_OFFSET] = "swap using offset",
        [FLASH_SWAP_SCRATCH] = "swap using scratch",
        [FLASH_OVERWRITE] = "overwrite only",
    };

    return text[mode];
}

static enum flash_swap_mode mode_of_build(const struct pm_image *bootloader)
{
    static const struct {
        const char *symbol;
        enum flash_swap_mode mode;
    } symbols[] = {
        {"CONFIG_BOOT_SWAP_USING_MOVE", FLASH_SWAP_MOVE},
        {"CONFIG_BOOT_SWAP_USING_OFFSET", FLASH_SWAP_OFFSET},
        {"CONFIG_BOOT_SWAP_USING_SCRATCH", FLASH_SWAP_SCRATCH},
        {"CONFIG_BOOT_UPGRADE_ONLY", FLASH_OVERWRITE},
    };

    for (uint32_t i = 0; i < OB_ARRAY_SIZE(symbols); i++) {
        if (pm_image_is_set(bootloader, symbols[i].symbol)) {
            return symbols[i].mode;
        }
    }
    return FLASH_SWAP_UNKNOWN;
}

static bool is_entry(uint8_t value)
{
    return value >= 1 && value <= STATES;
}

/** The written entries, from the lowest; where that one lies, bytes from the start of the slot. */
static uint32_t read_entries(const struct flash_slot *primary, uint32_t end, uint8_t *values, uint32_t max,
                             uint32_t *first)
{
    const uint32_t step = primary->chip->flash.write_size;
    const uint32_t room = UNITS_MAX * STATES * step;
    const uint32_t lowest = end > room ? end - room : 0;
    const uint8_t *bytes = primary->chip->bytes + primary->area.start;
    uint32_t count = 0;
    uint32_t at = end;

    /* Down to the first thing that is neither erased nor an entry: there the image ends. */
    *first = end;
    while (at >= lowest + step && (bytes[at - step] == ERASED || is_entry(bytes[at - step]))) {
        at -= step;
        *first = is_entry(bytes[at]) ? at : *first;
    }
    for (at = *first; at < end && count < max; at += step) {
        if (is_entry(bytes[at])) {
            values[count++] = bytes[at];
        }
    }
    return count;
}

/** Where images are encrypted, both content keys lie between the size and the status: bytes that one may have, as it is
 * or as it was wrapped. */
static const uint32_t key_sizes[] = {16, 32, 24, 40, 80, 96, 113, 129, 256};

/** As read_entries(), of a status below this size. *end: where it ends, bytes from the start of the slot. */
static uint32_t read_status(const struct flash_device *device, const struct flash_slot *primary, uint32_t size_off,
                            uint8_t *values, uint32_t max, uint32_t *first, uint32_t *end)
{
    const struct ob_slots *slots = &device->slots[primary->image];
    const uint32_t own = ob_layout_align(&slots->primary, &slots->secondary[0]);
    const uint32_t align = primary->trailer.align == 0 ? own : primary->trailer.align;
    uint32_t read = 0;

    *end = size_off;
    if (!pm_image_is_set(device->build->bootloader, "CONFIG_BOOT_ENCRYPT_IMAGE")) {
        return read_entries(primary, *end, values, max, first);
    }
    for (uint32_t i = 0; i < OB_ARRAY_SIZE(key_sizes) && read == 0; i++) {
        *end = size_off - 2 * ob_align_up(key_sizes[i], align);
        read = read_entries(primary, *end, values, max, first);
    }
    return read;
}

/** Which algorithm writes such entries? */
static enum flash_swap_mode mode_of_entries(const uint8_t *values, uint32_t count)
{
    if (count > 0 && memchr(values, 3, count) != NULL) {
        return FLASH_SWAP_SCRATCH;
    }
    return count < 2 ? FLASH_SWAP_UNKNOWN : values[1] == 1 ? FLASH_SWAP_MOVE : FLASH_SWAP_OFFSET;
}

/** What a swap is for is stated before anything moves, and the request is erased then: without an entry it begins anew.
 */
static bool states_swap(const struct flash_trailer *trailer)
{
    const uint8_t type = trailer->swap_info & TYPE_MASK;

    return type > OB_SWAP_NONE && type <= OB_SWAP_REVERT;
}

/** Swap-scratch keeps what it has to know in the scratch's trailer while it writes those of the slots. */
static bool scratch_states_swap(const struct flash_device *device, uint32_t image)
{
    const struct pm_part *part = pm_name_get((struct pm_layout *)&device->build->layout, "mcuboot_scratch")->part;
    struct flash_trailer trailer = {0};

    for (uint32_t i = 0; i < FLASH_CHIPS && part != NULL; i++) {
        const struct flash_chip *chip = &device->chip[i];
        const struct ob_area scratch = {.flash = &chip->flash,
                                        .start = (uint32_t)(part->address - part->region->base),
                                        .size = (uint32_t)part->size};
        if (chip->region == part->region && flash_chip_knows(chip, &scratch)) {
            flash_trailer_read(device, image, &scratch, &trailer);
        }
    }
    return trailer.magic == OB_MAGIC_GOOD && states_swap(&trailer) && trailer.swap_info >> IMAGE_SHIFT == image;
}

/** MCUboot's table: the first row that matches. */
static enum ob_swap next_swap(const struct flash_trailer *primary, const struct flash_trailer *secondary,
                              enum flash_swap_mode mode)
{
    const bool asks = secondary->magic == OB_MAGIC_GOOD;

    if (asks && mode == FLASH_SWAP_OFFSET && secondary->image_ok == OB_FLAG_UNSET &&
        secondary->copy_done == OB_FLAG_SET) {
        return OB_SWAP_REVERT;
    }
    if (asks && secondary->image_ok != OB_FLAG_BAD) {
        return secondary->image_ok == OB_FLAG_SET ? OB_SWAP_PERMANENT : OB_SWAP_TEST;
    }
    bool reverts = mode != FLASH_OVERWRITE && primary->magic == OB_MAGIC_GOOD && primary->image_ok == OB_FLAG_UNSET &&
                   primary->copy_done == OB_FLAG_SET;
    return reverts ? OB_SWAP_REVERT : OB_SWAP_NONE;
}

void flash_status_read(const struct flash_device *device, uint32_t image, struct flash_status *status)
{
    const struct flash_slot *primary = flash_slot_of(device, image, true);
    const struct flash_slot *secondary = flash_slot_of(device, image, false);
    uint8_t values[64];
    uint32_t first = 0;
    uint32_t end = 0;

    *status = (struct flash_status){.mode = mode_of_build(device->build->bootloader), .next = OB_SWAP_NONE};
    if (primary->chip->path == NULL) {
        return;
    }
    const struct flash_trailer *trailer = &primary->trailer;
    uint32_t read = 0;
    for (uint32_t i = status->mode == FLASH_SWAP_OFFSET; i < OB_ARRAY_SIZE(trailer->size_off) && read == 0; i++) {
        read = read_status(device, primary, trailer->size_off[i], values, sizeof(values), &first, &end);
    }
    if (status->mode == FLASH_SWAP_UNKNOWN) {
        status->mode = mode_of_entries(values, read);
    }
    const bool offset = status->mode == FLASH_SWAP_OFFSET;
    status->next = next_swap(trailer, &secondary->trailer, status->mode);
    status->in_scratch = status->mode == FLASH_SWAP_SCRATCH && scratch_states_swap(device, image);
    status->in_progress =
        status->in_scratch ||
        (status->mode != FLASH_OVERWRITE && trailer->magic == OB_MAGIC_GOOD && trailer->copy_done == OB_FLAG_UNSET &&
         secondary->trailer.magic != OB_MAGIC_GOOD && (read > 0 || states_swap(trailer)));
    if (status->in_scratch) {
        return; /* what lies in the primary's status is an older job's, or not written yet */
    }
    if (trailer->magic == OB_MAGIC_GOOD) {
        const uint32_t size = ob_get_le32(primary->chip->bytes + primary->area.start + trailer->size_off[offset]);
        status->swap_size = size == UINT32_MAX || size > primary->area.size ? 0 : size;
    }
    status->entries = read;
    if (read > 0 && status->mode != FLASH_SWAP_UNKNOWN) {
        const uint32_t each = (offset ? 2 : STATES) * primary->chip->flash.write_size;
        status->max_units = (end - first) / each;
    }
}
