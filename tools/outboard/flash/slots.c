/* SPDX-License-Identifier: Apache-2.0 */
/* What lies in each slot: images and trailers. */
#include <string.h>

#include <outboard/util.h>

#include "inspect.h"

#define PLACE_MAX 0x10000u /* an image may lie one erase unit up */
#define FIELD_IMAGE_OK 1u  /* docs/SPEC.md, "Trailer" */
#define FIELD_COPY_DONE 2u
#define FIELD_SWAP_INFO 3u
#define FIELDS 5u

static const uint32_t aligns[] = {8, 16, 32};

/** Bytes that an image may take here: to the trailer, which MCUboot puts where the image leaves room. */
static uint32_t limit_of(const struct flash_device *device, const struct flash_slot *slot)
{
    const struct ob_layout *layout = &device->layout[slot->image];
    const uint32_t limit = slot->is_primary ? layout->primary_limit : layout->secondary_limit;

    return slot->is_primary || limit == 0 || device->family == FLASH_MCUBOOT ? slot->area.size : limit;
}

/** What runs was decrypted when it was installed. */
static void verify(const struct flash_device *device, const struct flash_slot *slot, const struct ob_area *area,
                   struct flash_image *found)
{
    const struct ob_keys *keys = &device->keys.keys;
    const enum ob_form form = slot->is_primary ? OB_FORM_RUNNING : OB_FORM_STORED;

    if (ob_image_verify(area, area->size, form, keys, NULL, &found->image, &found->why) == OB_VERDICT_ACCEPTED) {
        found->why = OB_OK;
    } else if (found->why == OB_ERR_UNWRAP && keys->decryption->key == NULL) {
        found->is_sealed = true;
        found->why = ob_image_foresee(area, area->size, keys, &found->image);
    }
}

static void look_at(const struct flash_device *device, struct flash_slot *slot, uint32_t at)
{
    struct flash_image *found = &slot->found[slot->found_count];
    const uint32_t limit = limit_of(device, slot);
    struct ob_area area;
    uint8_t magic[4];

    if (slot->found_count == FLASH_PLACES_MAX || at >= limit) {
        return;
    }
    area = ob_area_part(&slot->area, at, limit - at);
    *found = (struct flash_image){.at = at, .why = OB_ERR_EMPTY};
    if (ob_area_read(&area, 0, magic, sizeof(magic)) != OB_OK) {
        found->why = OB_ERR_NODEV;
    } else if (ob_get_le32(magic) == OB_IMAGE_MAGIC || ob_get_le32(magic) == OB_IMAGE_MAGIC_BIG) {
        found->is_there = true;
        verify(device, slot, &area, found);
        flash_keys_name(device, &area, found);
    }
    if (found->why == OB_OK && !found->is_sealed && slot->image == 0 && device->has_home) {
        found->why = ob_image_belongs(&found->image, &device->home);
    }
    slot->found_count += at == 0 || found->is_there;
}

/** At the beginning, one erase unit up, and where the last job put what it took out. */
static void find_images(const struct flash_device *device, struct flash_slot *slot, const struct flash_orders *orders)
{
    const struct ob_part *part = &orders->ledger.head.part[slot->image];
    const uint32_t parked = part->out_at * part->unit;
    bool seen = slot->is_primary || parked == 0;

    look_at(device, slot, 0);
    for (uint32_t i = 0; i < OB_FLASH_ERASE_SIZES && !slot->is_primary; i++) {
        const uint32_t at = slot->chip->flash.erase_sizes[i];
        if (at != 0 && at <= PLACE_MAX) {
            look_at(device, slot, at);
            seen = seen || at == parked;
        }
    }
    if (!seen) {
        look_at(device, slot, parked);
    }
}

static uint32_t field_at(const struct ob_area *area, uint32_t align, uint32_t field)
{
    return area->size - OB_MAX(OB_MAGIC_SIZE, align) - field * align;
}

void flash_trailer_read(const struct flash_device *device, uint32_t image, const struct ob_area *area,
                        struct flash_trailer *out)
{
    const struct ob_slots *slots = &device->slots[image];
    const uint32_t own = ob_layout_align(&slots->primary, &slots->secondary[0]);
    struct ob_trailer trailer = {0};

    *out = (struct flash_trailer){0};
    if (ob_trailer_read(area, own, &trailer) != OB_OK) {
        return;
    }
    *out = (struct flash_trailer){
        .magic = trailer.magic, .image_ok = trailer.image_ok, .copy_done = trailer.copy_done, .asks = OB_SWAP_NONE};
    for (uint32_t i = 0; i < OB_ARRAY_SIZE(aligns) && out->align == 0; i++) {
        if (ob_trailer_read(area, aligns[i], &trailer) == OB_OK && trailer.magic == OB_MAGIC_GOOD) {
            out->align = aligns[i];
            out->image_ok = trailer.image_ok;
            out->copy_done = trailer.copy_done;
        }
    }
    if (ob_trailer_read_request(area, own, &trailer) == OB_OK) {
        out->asks = ob_trailer_swap(&trailer);
    }
    const uint32_t align = out->align == 0 ? own : out->align;
    out->at = area->start + field_at(area, align, FIELDS - 1);
    out->size_off[0] = field_at(area, align, FIELD_SWAP_INFO + 1);
    out->size_off[1] = field_at(area, align, FIELD_SWAP_INFO + 2);
    if (ob_area_read(area, field_at(area, align, FIELD_SWAP_INFO), &out->swap_info, 1) != OB_OK) {
        out->swap_info = 0xff;
    }
}

void flash_slots_read(struct flash_device *device)
{
    struct flash_orders orders = {0};

    flash_orders_read(device, &orders);
    for (uint32_t i = 0; i < device->slot_count; i++) {
        struct flash_slot *slot = &device->slot[i];
        if (slot->is_elsewhere) {
            continue;
        }
        slot->is_known = slot->chip->path != NULL && flash_chip_knows(slot->chip, &slot->area);
        find_images(device, slot, &orders);
        flash_trailer_read(device, slot->image, &slot->area, &slot->trailer);
    }
}

bool flash_find_stray(const struct flash_device *device, enum flash_chip_id id, uint32_t *at)
{
    const struct flash_chip *chip = &device->chip[id];
    const uint32_t unit = OB_MIN(chip->flash.erase_sizes[0], 0x1000u);

    for (*at = 0; *at < chip->flash.size && chip->flash.size - *at >= OB_IMAGE_HEADER_SIZE; *at += unit) {
        const uint8_t *header = chip->bytes + *at;
        bool is_slot = false;
        for (uint32_t i = 0; i < device->slot_count; i++) {
            const struct flash_slot *slot = &device->slot[i];
            is_slot = is_slot ||
                      (slot->chip == chip && *at >= slot->area.start && *at - slot->area.start < slot->area.size &&
                       !slot->is_primary) ||
                      (slot->chip == chip && *at == slot->area.start);
        }
        if (!is_slot && ob_get_le32(header) == OB_IMAGE_MAGIC && ob_get_le16(header + 8) >= OB_IMAGE_HEADER_SIZE) {
            return true;
        }
    }
    return false;
}
