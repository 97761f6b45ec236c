/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any content, any area, any size, any keys: parsing an image, verifying it, decrypting it as it is hashed where it is
 * encrypted, and what else is asked of one neither reads nor writes where it must not.
 *
 * What it does not show: that the verdict is right; that is what tests are for. Unwrapping a content key (unwrap.c) and
 * checking a signature (signatures.c). Flash that the CPU reads as memory.
 */
#include <outboard/cipher.h>
#include <outboard/image.h>

#include "any.h"
#include "keys.h"

static void ask(const struct ob_area *area, const struct ob_keys *keys)
{
    const enum ob_form form = any_bool() ? OB_FORM_STORED : OB_FORM_RUNNING;
    struct ob_home home = {any_u32(), any_u32(), any_u32(), any_u32()};
    struct ob_image image;
    struct ob_cipher cipher;
    enum ob_err why;

    if (ob_image_parse(area, any_u32(), &image) == OB_OK) {
        (void)!ob_image_belongs(&image, &home);
    }
    if (ob_image_verify(area, any_u32(), form, keys, NULL, &image, &why) == OB_VERDICT_ACCEPTED) {
        (void)!ob_image_belongs(&image, &home);
    }
    (void)!ob_image_stated(area, any_u32(), keys, &image);
    (void)!ob_image_foresee(area, any_u32(), keys, &image);
    (void)!ob_image_cipher(area, any_u32(), keys, &cipher);
    (void)ob_image_kind_text(image.kind);
}

int main(void)
{
    const struct ob_flash flash = any_flash();
    const struct ob_area area = {.flash = &flash, .start = any_u32(), .size = any_u32(), .twice = OB_READS_TWICE};
    const struct ob_decryption decryption = any_decryption();
    struct ob_keys keys = any_keys();

    ask(&area, &keys);
    keys.decryption = &decryption;
    ask(&area, &keys);
    return 0;
}
