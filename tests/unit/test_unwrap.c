/* SPDX-License-Identifier: Apache-2.0 */
/* Content keys as imgtool 2.4.0 wrapped them. tests/interop has images of every kind, made anew each time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <outboard/cipher.h>
#include <outboard/util.h>

#include "../vectors/wrap_vectors.h"

static uint32_t from_hex(const char *hex, uint8_t *out)
{
    uint32_t len = 0;

    for (; hex[2 * len] != '\0'; len++) {
        unsigned byte = 0;
        assert_int_equal(sscanf(hex + 2 * len, "%2x", &byte), 1);
        out[len] = (uint8_t)byte;
    }
    return len;
}

/* A vector, in binary. */
struct known {
    const struct ob_key_wrap *wrap;
    _Alignas(8) uint8_t key[768];
    uint8_t wrapped[OB_WRAPPED_MAX];
    uint32_t len;
    uint8_t content[32];
    uint32_t size;
};

static struct known read_vector(size_t i)
{
    struct known known = {.wrap = wrap_vectors[i].wrap};

    from_hex(wrap_vectors[i].key, known.key);
    known.len = from_hex(wrap_vectors[i].wrapped, known.wrapped);
    known.size = from_hex(wrap_vectors[i].content, known.content);
    return known;
}

static bool unwraps(const struct known *known, const uint8_t *wrapped, uint32_t len)
{
    uint8_t out[32];

    return known->wrap->unwrap(known->key, wrapped, len, out, known->size) &&
           memcmp(out, known->content, known->size) == 0;
}

static void known_keys_are_unwrapped(void **state)
{
    (void)state;
    for (size_t i = 0; i < OB_ARRAY_SIZE(wrap_vectors); i++) {
        struct known known = read_vector(i);
        assert_true(unwraps(&known, known.wrapped, known.len));
    }
}

static void each_changed_byte_is_noticed(void **state)
{
    (void)state;
    for (size_t i = 0; i < OB_ARRAY_SIZE(wrap_vectors); i++) {
        struct known known = read_vector(i);
        uint8_t out[32];
        for (uint32_t at = 0; at < known.len; at++) {
            known.wrapped[at] ^= 0x10;
            assert_false(known.wrap->unwrap(known.key, known.wrapped, known.len, out, known.size));
            known.wrapped[at] ^= 0x10;
        }
    }
}

static void other_lengths_are_refused(void **state)
{
    uint8_t out[32];

    (void)state;
    for (size_t i = 0; i < OB_ARRAY_SIZE(wrap_vectors); i++) {
        struct known known = read_vector(i);
        assert_false(known.wrap->unwrap(known.key, known.wrapped, known.len - 1, out, known.size));
        assert_false(known.wrap->unwrap(known.key, known.wrapped, 0, out, known.size));
    }
}

static void ciphertext_is_imgtools(void **state)
{
    uint8_t clear[32];
    uint8_t stored[32];
    struct ob_cipher cipher = {.start = 5, .size = sizeof(clear)};

    (void)state;
    memset(clear, 0x41, sizeof(clear));
    for (size_t i = 0; i < OB_ARRAY_SIZE(wrap_vectors); i++) {
        if (wrap_vectors[i].payload == NULL) {
            continue;
        }
        cipher.key_size = from_hex(wrap_vectors[i].content, cipher.key);
        from_hex(wrap_vectors[i].payload, stored);
        ob_cipher_apply(&cipher, 5, stored, sizeof(stored));
        assert_memory_equal(stored, clear, sizeof(clear));
    }
}

/* Whatever pieces an image is copied in: only its payload changes, and always in the same way. */
static void pieces_make_the_same_as_the_whole(void **state)
{
    const struct ob_cipher cipher = {.start = 7, .size = 50, .key_size = 16, .key = "sixteen letters"};
    uint8_t whole[70];

    (void)state;
    memset(whole, 0, sizeof(whole));
    ob_cipher_apply(&cipher, 0, whole, sizeof(whole));
    assert_true(ob_filled(whole, 7, 0) && ob_filled(whole + 57, 13, 0) && !ob_filled(whole + 7, 1, 0));
    for (uint32_t from = 0; from < sizeof(whole); from++) {
        for (uint32_t len = 0; len <= sizeof(whole) - from; len++) {
            uint8_t piece[70] = {0};
            ob_cipher_apply(&cipher, from, piece, len);
            assert_memory_equal(piece, whole + from, len);
            assert_true(ob_filled(piece + len, sizeof(piece) - len, 0));
        }
    }
}

/* NIST SP 800-38A, F.5.1 and F.5.5, need another counter; so the block cipher alone: FIPS 197, appendix C, as the
 * stream's block whose counter is 0 is AES of zeros. */
static void zeros_are_encrypted_as_published(void **state)
{
    static const uint8_t key[32];
    uint8_t stream[16] = {0};
    uint8_t expected[16];

    (void)state;
    from_hex("66e94bd4ef8a2c3b884cfa59ca342b2e", expected); /* AES-128 of zeros with a key of zeros */
    ob_aes_ctr(key, 16, 0, stream, sizeof(stream));
    assert_memory_equal(stream, expected, sizeof(expected));
    memset(stream, 0, sizeof(stream));
    from_hex("dc95c078a2408989ad48a21492842087", expected); /* the same with AES-256 */
    ob_aes_ctr(key, 32, 0, stream, sizeof(stream));
    assert_memory_equal(stream, expected, sizeof(expected));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_keys_are_unwrapped),          cmocka_unit_test(each_changed_byte_is_noticed),
        cmocka_unit_test(other_lengths_are_refused),         cmocka_unit_test(ciphertext_is_imgtools),
        cmocka_unit_test(pieces_make_the_same_as_the_whole), cmocka_unit_test(zeros_are_encrypted_as_published),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
