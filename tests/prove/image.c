/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any content, any area, any size: parsing and verifying an image neither reads nor writes where it must not.
 *
 * What it does not show: that the verdict is right; that is what tests are for.
 */
#include <outboard/image.h>

#include "any.h"
#include "keys.h"

int main(void)
{
    struct ob_flash flash = any_flash();
    struct ob_area area = {.flash = &flash, .start = any_u32(), .size = any_u32()};
    struct ob_keys keys = any_keys();
    struct ob_home home = {any_u32(), any_u32(), any_u32(), any_u32()};
    struct ob_image image;
    enum ob_err why;

    if (ob_image_parse(&area, any_u32(), &image) == OB_OK) {
        (void)ob_image_belongs(&image, &home);
    }
    if (ob_image_verify(&area, any_u32(), OB_FORM_STORED, &keys, NULL, &image, &why) == OB_VERDICT_ACCEPTED) {
        (void)ob_image_belongs(&image, &home);
    }
    (void)!ob_image_stated(&area, any_u32(), &keys, &image);
    (void)ob_image_kind_text(image.kind);
    return 0;
}
