/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include <outboard/layout.h>
#include <outboard/trailer.h>
#include <outboard/util.h>

#define ALIGN_MIN 8u /* BOOT_MAX_ALIGN's bounds in MCUboot's trailer format */
#define ALIGN_MAX 32u

static uint32_t erase_size(const struct ob_area *area)
{
    return ob_flash_erase_size(area->flash);
}

uint32_t ob_layout_align(const struct ob_area *primary, const struct ob_area *secondary)
{
    uint32_t write_size = secondary->flash != NULL ? secondary->flash->write_size : 1;

    return OB_MAX(ALIGN_MIN, OB_MAX(primary->flash->write_size, write_size));
}

uint32_t ob_layout_unit(const struct ob_area *primary, const struct ob_area *secondary)
{
    return OB_MAX(erase_size(primary), erase_size(secondary));
}

uint32_t ob_layout_units_needed(const struct ob_area *primary, const struct ob_area *secondary)
{
    return ob_div_up(primary->size, ob_layout_unit(primary, secondary));
}

uint32_t ob_layout_limit(const struct ob_area *slot, uint32_t align)
{
    const uint32_t tail = ob_align_up(ob_trailer_size(align), erase_size(slot));

    return tail < slot->size ? slot->size - tail : slot->size;
}

struct ob_area ob_layout_reserved(const struct ob_area *slot)
{
    const uint32_t end = ob_layout_limit(slot, ALIGN_MAX);
    const uint32_t size = OB_MIN(slot->reserved, end);

    return ob_area_part(slot, end - size, size);
}

uint32_t ob_layout_image_limit(const struct ob_area *slot, uint32_t align)
{
    return slot->reserved == 0 ? ob_layout_limit(slot, align) : ob_layout_reserved(slot).start - slot->start;
}

enum ob_err ob_layout(const struct ob_area *primary, const struct ob_area *secondary, uint32_t max_units,
                      struct ob_layout *out)
{
    if (max_units == 0) {
        max_units = ob_layout_units_needed(primary, secondary);
    }
    if (max_units > OB_MAX_UNITS) {
        return OB_ERR_RANGE;
    }
    struct ob_layout layout = {
        .align = ob_layout_align(primary, secondary),
        .max_units = max_units,
    };
    layout.primary_limit = ob_layout_image_limit(primary, layout.align);
    layout.secondary_limit = ob_layout_limit(secondary, layout.align);
    if (layout.primary_limit == primary->size || layout.secondary_limit == secondary->size) {
        return OB_ERR_SIZE;
    }
    *out = layout;
    return OB_OK;
}

uint32_t ob_layout_capacity(const struct ob_layout *layout, const struct ob_area *primary,
                            const struct ob_area *secondary, enum ob_mode_id mode)
{
    uint32_t unit = ob_layout_unit(primary, secondary);
    uint32_t room = ob_align_down(layout->secondary_limit, unit);
    uint32_t spare = mode == OB_MODE_SLIDE ? unit : 0;
    uint32_t recordable = OB_MIN(layout->max_units, UINT32_MAX / unit) * unit;

    if (mode != OB_MODE_SLIDE) {
        room = layout->secondary_limit;
    }
    if (room <= spare) {
        return 0;
    }
    return OB_MIN(OB_MIN(layout->primary_limit, recordable), room - spare);
}

uint32_t ob_layout_room(const struct ob_area *primary, const struct ob_area *secondary, uint32_t max_units,
                        enum ob_mode_id mode)
{
    struct ob_layout layout;
    bool fits = primary->flash != NULL && secondary->flash != NULL &&
                ob_layout(primary, secondary, max_units, &layout) == OB_OK;

    return fits ? ob_layout_capacity(&layout, primary, secondary, mode) : 0;
}

uint32_t ob_layout_steps(const struct ob_layout *layout, const struct ob_area *primary, const struct ob_area *secondary,
                         enum ob_mode_id mode)
{
    if (mode == OB_MODE_HANDOVER) {
        return 2;
    }
    return (mode == OB_MODE_OVERWRITE ? 1 : 2) * OB_MIN(layout->max_units, ob_layout_units_needed(primary, secondary));
}
