/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any content of slots and ledger, any areas: what the update library reads of them, and each thing that it writes,
 * neither reads nor writes where it must not.
 *
 * What it does not show: that the bootloader does what was asked for; tests/unit/test_update.c and the simulator do.
 * Ledger, trailers and the image's header are read and written by functions that are parts of their own: they come to
 * anything here.
 */
#include <__fc_builtin.h>

#include <outboard/update.h>

#include "any.h"

#define DATA 64u

/* Whatever it says, as reading it may leave it. */
enum ob_err ob_ledger_read(const struct ob_area *area, uint32_t images, struct ob_ledger *ledger)
{
    Frama_C_make_unknown((char *)ledger, sizeof(*ledger));
    ledger->area = area;
    ledger->images = (uint8_t)images;
    ledger->now.counts = any_bool();
    return any_err();
}

enum ob_err ob_ledger_event(const struct ob_ledger *ledger, uint32_t n, struct ob_event *event)
{
    (void)ledger;
    (void)n;
    if (any_bool()) {
        return OB_ERR_NOENT;
    }
    Frama_C_make_unknown((char *)event, sizeof(*event));
    return OB_OK;
}

uint8_t ob_ledger_kept(const struct ob_ledger *ledger)
{
    (void)ledger;
    return (uint8_t)any_u32();
}

enum ob_err ob_image_parse(const struct ob_area *slot, uint32_t limit, struct ob_image *out)
{
    (void)slot;
    (void)limit;
    Frama_C_make_unknown((char *)out, sizeof(*out));
    return any_err();
}

enum ob_err ob_trailer_read(const struct ob_area *slot, uint32_t align, struct ob_trailer *out)
{
    static const struct ob_trailer kinds[] = {{OB_MAGIC_GOOD, OB_FLAG_SET, OB_FLAG_UNSET},
                                              {OB_MAGIC_UNSET, OB_FLAG_BAD, OB_FLAG_SET},
                                              {OB_MAGIC_BAD, OB_FLAG_UNSET, OB_FLAG_BAD}};

    (void)slot;
    (void)align;
    *out = kinds[any_u32() % 3];
    out->image_ok = kinds[any_u32() % 3].image_ok;
    out->copy_done = kinds[any_u32() % 3].copy_done;
    return any_err();
}

enum ob_err ob_trailer_read_request(const struct ob_area *slot, uint32_t align, struct ob_trailer *out)
{
    return ob_trailer_read(slot, align, out);
}

static enum ob_err state_any(const struct ob_area *slot)
{
    //@ assert slot: \valid_read(slot) && \valid_read(slot->flash);
    (void)slot;
    return any_err();
}

enum ob_err ob_trailer_set_magic(const struct ob_area *slot, uint32_t align)
{
    (void)align;
    return state_any(slot);
}

enum ob_err ob_trailer_set_image_ok(const struct ob_area *slot, uint32_t align)
{
    return ob_trailer_set_magic(slot, align);
}

enum ob_err ob_trailer_set_copy_done(const struct ob_area *slot, uint32_t align)
{
    return ob_trailer_set_magic(slot, align);
}

enum ob_err ob_trailer_set_swap_info(const struct ob_area *slot, uint32_t align, uint8_t image, enum ob_swap swap)
{
    (void)image;
    (void)swap;
    return ob_trailer_set_magic(slot, align);
}

enum ob_err ob_trailer_spoil(const struct ob_area *slot, uint32_t align)
{
    return ob_trailer_set_magic(slot, align);
}

uint32_t ob_trailer_size(uint32_t align)
{
    return any_u32() % (8 * align + 1);
}

static void feed(void *ctx)
{
    (void)ctx;
}

static void write_update(const struct ob_slots *slots)
{
    static uint8_t data[DATA];
    struct ob_update update = {.slots = slots,
                               .max_units = any_u32(),
                               .source = any_u32() % 2,
                               .size = any_u32(),
                               .written = any_u32(),
                               .erased = any_u32()};

    Frama_C_make_unknown((char *)data, sizeof(data));
    if (slots->secondary[update.source].flash == NULL || slots->secondary[0].flash == NULL) {
        return; /* as ob_update_begin() says */
    }
    (void)!ob_update_write(&update, data, any_u32() % (DATA + 1));
    ob_update_erase_ahead(&update);
    (void)!ob_update_request(&update, any_bool());
    (void)!ob_update_request_all(&update, 1, any_bool());
}

static void read_all(const struct ob_slots *slots, const struct ob_area *ledger)
{
    struct ob_update_state state;
    struct ob_area previous;
    struct ob_event event;
    const uint32_t image = any_u32() % OB_IMAGES_MAX;

    (void)!ob_update_read_state(slots, ledger, image, &state);
    (void)!ob_update_read_event(ledger, any_u32(), &event);
    (void)!ob_update_previous(slots, ledger, any_bool() ? OB_MODE_DUAL : OB_MODE_SLIDE, image, &previous);
    (void)!ob_update_confirm(slots);
}

static struct ob_area any_area(const struct ob_flash *flash)
{
    return (struct ob_area){.flash = flash, .start = any_u32(), .size = any_u32()};
}

int main(void)
{
    const struct ob_flash flash = any_flash();
    const struct ob_slots slots = {any_area(&flash),
                                   {any_area(any_bool() ? &flash : NULL), any_area(any_bool() ? &flash : NULL)}};
    const struct ob_area ledger = any_area(any_bool() ? &flash : NULL);
    struct ob_update update;

    switch (any_u32() % 3) {
    case 0:
        read_all(&slots, &ledger);
        break;
    case 1:
        (void)!ob_update_begin(&update, &slots, any_bool() ? OB_MODE_OVERWRITE : OB_MODE_SLIDE, any_u32(), any_u32(),
                               feed, NULL);
        break;
    default:
        write_update(&slots);
        break;
    }
    return 0;
}
