/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any content of a slot's end, any area, any alignment: reading a trailer, and writing each of its fields, neither
 * reads nor writes where it must not.
 *
 * What it does not show: which bytes of the slot are written; tests/unit/test_trailer.c and the vectors do.
 */
#include <outboard/trailer.h>

#include "any.h"

int main(void)
{
    struct ob_flash flash = any_flash();
    const struct ob_area slot = {.flash = &flash, .start = any_u32(), .size = any_u32()};
    const struct ob_window window = {
        .image = (uint8_t)any_u32(), .swap = OB_SWAP_TEST, .copy_done = any_bool(), .image_ok = any_bool()};
    uint8_t encoded[OB_TRAILER_ENCODED_MAX];
    struct ob_trailer trailer;

    if (ob_trailer_read(&slot, any_u32(), &trailer) == OB_OK) {
        (void)(ob_trailer_on_trial(&trailer) || ob_trailer_asks(&trailer) || ob_trailer_is_member(&trailer) ||
               ob_trailer_is_blank(&trailer));
    }
    (void)!ob_trailer_read_request(&slot, any_u32(), &trailer);
    (void)!ob_trailer_set_magic(&slot, any_u32());
    (void)!ob_trailer_set_image_ok(&slot, any_u32());
    (void)!ob_trailer_set_copy_done(&slot, any_u32());
    (void)!ob_trailer_set_swap_info(&slot, any_u32(), (uint8_t)any_u32(), OB_SWAP_REVERT);
    (void)!ob_trailer_spoil(&slot, any_u32());
    for (uint32_t align = 0; align <= 32; align++) {
        (void)ob_trailer_encode(align, (uint8_t)any_u32(), &window, encoded);
    }
    return 0;
}
