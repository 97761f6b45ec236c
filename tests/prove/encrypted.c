/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same of encrypted images: finding the content key among any TLVs, and reading with any cipher.
 *
 * What it does not show: unwrapping itself (unwrap.c), and a whole verification that decrypts, for which Eva takes too
 * many states: it is that of image.c, with bytes read as they are here.
 */
#include <__fc_builtin.h>

#include "../../core/image_parts.h"
#include "any.h"
#include "keys.h"

static bool unwrap(const uint8_t *key, const uint8_t *wrapped, uint32_t len, uint8_t *out, uint32_t size)
{
    //@ assert len <= OB_WRAPPED_MAX && \valid_read(wrapped + (0 .. len - 1));
    (void)key;
    (void)wrapped;
    (void)len;
    Frama_C_make_unknown((char *)out, size);
    return any_bool();
}

static const struct ob_key_wrap wrap = {.kind = OB_KIND_WRAP_EC256, .tlv = OB_TLV_ENC_EC256, .unwrap = unwrap};

/* Bytes of an image, with any cipher. */
static void read_some(const struct ob_area *area, const struct ob_keys *keys)
{
    static uint8_t bytes[100];
    struct ob_cipher cipher = {any_u32(), any_u32(), 16};
    union ob_hash_state state;
    const uint32_t end = any_u32();
    struct ob_reader reader = {area, (uint32_t)(any_u32() % (end + 1ull)), end, keys, &state, &cipher};

    ob_hash_of(keys)->start(&state);
    (void)!ob_reader_take(&reader, bytes, any_u32() % (sizeof(bytes) + 1));
    (void)!ob_reader_pass(&reader, any_u32());
}

int main(void)
{
    static const uint8_t private[32];
    struct ob_flash flash = any_flash();
    struct ob_area area = {.flash = &flash, .start = any_u32(), .size = any_u32()};
    const struct ob_decryption decryption = {&wrap, any_bool() ? private : NULL, 16, any_bool()};
    struct ob_keys keys = any_keys();
    struct ob_cipher cipher;

    keys.decryption = &decryption;
    if (any_bool()) {
        (void)!ob_image_cipher(&area, any_u32(), &keys, &cipher);
    } else {
        read_some(&area, &keys);
    }
    return 0;
}
