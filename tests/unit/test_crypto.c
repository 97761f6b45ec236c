/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <outboard/digest.h>
#include <outboard/util.h>
#include <outboard/verdict.h>

#include "../vectors/crypto_vectors.h"

static void from_hex(const char *hex, uint8_t *out, size_t len)
{
    assert_int_equal(strlen(hex), 2 * len);
    for (size_t i = 0; i < len; i++) {
        unsigned byte = 0;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
        out[i] = (uint8_t)byte;
    }
}

static void hash(const char *piece, unsigned repeat, uint8_t digest[OB_DIGEST_SIZE])
{
    struct ob_sha256 sha;
    ob_sha256_start(&sha);
    for (unsigned i = 0; i < repeat; i++) {
        ob_sha256_add(&sha, piece, (uint32_t)strlen(piece));
    }
    ob_sha256_finish(&sha, digest);
}

static void sha256_gives_the_known_answers(void **state)
{
    uint8_t expected[OB_DIGEST_SIZE];
    uint8_t digest[OB_DIGEST_SIZE];
    (void)state;
    for (size_t i = 0; i < OB_ARRAY_SIZE(sha256_vectors); i++) {
        from_hex(sha256_vectors[i].digest, expected, sizeof(expected));
        hash(sha256_vectors[i].piece, sha256_vectors[i].repeat, digest);
        assert_memory_equal(digest, expected, sizeof(expected));
    }
}

static void sha256_does_not_depend_on_how_the_message_is_cut(void **state)
{
    uint8_t message[300];
    uint8_t whole[OB_DIGEST_SIZE];
    uint8_t pieces[OB_DIGEST_SIZE];
    struct ob_sha256 sha;
    (void)state;
    for (size_t i = 0; i < sizeof(message); i++) {
        message[i] = (uint8_t)i;
    }
    ob_sha256_start(&sha);
    ob_sha256_add(&sha, message, sizeof(message));
    ob_sha256_finish(&sha, whole);
    for (uint32_t step = 1; step < sizeof(message); step++) {
        ob_sha256_start(&sha);
        for (uint32_t off = 0; off < sizeof(message); off += step) {
            ob_sha256_add(&sha, message + off, OB_MIN(step, (uint32_t)sizeof(message) - off));
        }
        ob_sha256_finish(&sha, pieces);
        assert_memory_equal(pieces, whole, sizeof(whole));
    }
}

/* A known answer, in binary. */
struct answer {
    uint8_t point[OB_P256_POINT_SIZE];
    uint8_t digest[OB_DIGEST_SIZE];
    uint8_t signature[OB_P256_SIGNATURE_SIZE];
};

static struct answer known(size_t i)
{
    struct answer answer;
    from_hex(p256_vectors[i].point, answer.point, sizeof(answer.point));
    from_hex(p256_vectors[i].signature, answer.signature, sizeof(answer.signature));
    hash(p256_vectors[i].message, 1, answer.digest);
    return answer;
}

static enum ob_verdict check(const struct answer *answer)
{
    return ob_p256_verify(answer->point, answer->digest, answer->signature);
}

static void p256_accepts_the_known_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < OB_ARRAY_SIZE(p256_vectors); i++) {
        struct answer answer = known(i);
        assert_int_equal(check(&answer), OB_VERDICT_ACCEPTED);
    }
}

static void p256_rejects_any_flipped_bit(void **state)
{
    struct answer answer = known(0);
    uint8_t *bytes = (uint8_t *)&answer;
    (void)state;
    for (size_t bit = 0; bit < sizeof(answer) * 8; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(check(&answer), OB_VERDICT_REJECTED);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void p256_rejects_numbers_out_of_range(void **state)
{
    static const uint8_t zero[32];
    uint8_t order[32];
    uint8_t prime[32];
    struct answer answer;
    (void)state;
    from_hex(P256_ORDER, order, sizeof(order));
    from_hex(P256_PRIME, prime, sizeof(prime));
    for (size_t half = 0; half <= 32; half += 32) {
        answer = known(0);
        memcpy(answer.signature + half, zero, 32);
        assert_int_equal(check(&answer), OB_VERDICT_REJECTED);
        answer = known(0);
        memcpy(answer.signature + half, order, 32);
        assert_int_equal(check(&answer), OB_VERDICT_REJECTED);
        answer = known(0);
        memcpy(answer.point + half, prime, 32);
        assert_int_equal(check(&answer), OB_VERDICT_REJECTED);
        answer = known(0);
        memcpy(answer.point + half, zero, 32);
        assert_int_equal(check(&answer), OB_VERDICT_REJECTED);
    }
    memset(&answer.signature, 0, sizeof(answer.signature));
    memset(&answer.point, 0, sizeof(answer.point));
    assert_int_equal(check(&answer), OB_VERDICT_REJECTED);
}

static void der_gives_both_numbers_right_aligned(void **state)
{
    static const uint8_t der[] = {0x30, 0x08, 0x02, 0x02, 0x12, 0x34, 0x02, 0x02, 0x00, 0x80};
    uint8_t signature[OB_P256_SIGNATURE_SIZE];
    uint8_t expected[OB_P256_SIGNATURE_SIZE] = {[30] = 0x12, [31] = 0x34, [63] = 0x80};
    (void)state;
    memset(signature, 0xaa, sizeof(signature));
    assert_true(ob_ecdsa_from_der(der, sizeof(der), signature, 32));
    assert_memory_equal(signature, expected, sizeof(expected));
}

static void der_takes_trailing_zeros_only(void **state)
{
    uint8_t der[] = {0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x02, 0x00, 0x00, 0x00};
    uint8_t signature[OB_P256_SIGNATURE_SIZE];
    (void)state;
    for (uint32_t len = 8; len <= sizeof(der); len++) {
        assert_true(ob_ecdsa_from_der(der, len, signature, 32));
    }
    der[10] = 0x30;
    assert_false(ob_ecdsa_from_der(der, sizeof(der), signature, 32));
    assert_true(ob_ecdsa_from_der(der, sizeof(der) - 1, signature, 32));
}

static void der_other_encodings_are_refused(void **state)
{
    static const struct {
        const char *what;
        uint32_t len;
        uint8_t der[12];
    } wrong[] = {
        {"nothing", 0, {0}},
        {"only a tag", 1, {0x30}},
        {"another tag", 8, {0x31, 6, 2, 1, 1, 2, 1, 2}},
        {"sequence longer than the entry", 8, {0x30, 7, 2, 1, 1, 2, 1, 2}},
        {"sequence shorter than its numbers", 8, {0x30, 5, 2, 1, 1, 2, 1, 2}},
        {"long form of a length that is short", 9, {0x30, 0x81, 6, 2, 1, 1, 2, 1, 2}},
        {"indefinite length", 10, {0x30, 0x80, 2, 1, 1, 2, 1, 2, 0, 0}},
        {"empty sequence", 2, {0x30, 0}},
        {"one number", 5, {0x30, 3, 2, 1, 1}},
        {"three numbers", 11, {0x30, 9, 2, 1, 1, 2, 1, 2, 2, 1, 3}},
        {"a number without bytes", 7, {0x30, 5, 2, 0, 2, 1, 2}},
        {"negative r", 8, {0x30, 6, 2, 1, 0x80, 2, 1, 2}},
        {"negative s", 8, {0x30, 6, 2, 1, 1, 2, 1, 0xff}},
        {"leading zero without need", 9, {0x30, 7, 2, 2, 0, 1, 2, 1, 2}},
        {"zero", 8, {0x30, 6, 2, 1, 0, 2, 1, 2}},
        {"not a number", 8, {0x30, 6, 3, 1, 1, 2, 1, 2}},
    };
    uint8_t signature[OB_P256_SIGNATURE_SIZE];
    (void)state;
    for (size_t i = 0; i < OB_ARRAY_SIZE(wrong); i++) {
        if (ob_ecdsa_from_der(wrong[i].der, wrong[i].len, signature, 32)) {
            fail_msg("accepted: %s", wrong[i].what);
        }
    }
}

static void der_numbers_above_256_bits_are_refused(void **state)
{
    uint8_t der[2 + 2 + 33 + 3] = {0x30, 2 + 33 + 3, 0x02, 33};
    uint8_t signature[OB_P256_SIGNATURE_SIZE];
    (void)state;
    der[4] = 0x00;
    der[5] = 0x80;
    der[37] = 0x02;
    der[38] = 0x01;
    der[39] = 0x01;
    assert_true(ob_ecdsa_from_der(der, sizeof(der), signature, 32));
    der[4] = 0x01;
    assert_false(ob_ecdsa_from_der(der, sizeof(der), signature, 32));
}

static void equal_looks_at_every_byte(void **state)
{
    uint8_t a[OB_DIGEST_SIZE] = {0};
    uint8_t b[OB_DIGEST_SIZE] = {0};
    (void)state;
    assert_true(ob_equal(a, b, sizeof(a)));
    for (size_t i = 0; i < sizeof(a); i++) {
        b[i] = 0x80;
        assert_false(ob_equal(a, b, sizeof(a)));
        assert_true(ob_equal(a, b, (uint32_t)i));
        b[i] = 0;
    }
}

static void verdict_is_accepted_only_if_every_word_agrees(void **state)
{
    const uint32_t number[OB_VERDICT_WORDS] = {1, 0, 0xffffffff, 0x80000000, 7, 0x12345678, 0, 0xa5a5a5a5};
    uint32_t other[OB_VERDICT_WORDS];
    (void)state;
    memcpy(other, number, sizeof(other));
    assert_int_equal(ob_verdict_compare(number, other), OB_VERDICT_ACCEPTED);
    for (unsigned bit = 0; bit < 256; bit++) {
        other[bit / 32] ^= 1u << bit % 32;
        assert_int_not_equal(ob_verdict_compare(number, other), OB_VERDICT_ACCEPTED);
        assert_int_not_equal(ob_verdict_compare(other, number), OB_VERDICT_ACCEPTED);
        other[bit / 32] ^= 1u << bit % 32;
    }
}

static void verdict_on_a_number_and_itself_is_not_accepted(void **state)
{
    const uint32_t number[OB_VERDICT_WORDS] = {1, 2, 3};
    (void)state;
    assert_int_not_equal(ob_verdict_compare(number, number), OB_VERDICT_ACCEPTED);
}

static void verdict_needs_both_answers(void **state)
{
    (void)state;
    assert_int_equal(ob_verdict_of_two(1, 1), OB_VERDICT_ACCEPTED);
    assert_int_not_equal(ob_verdict_of_two(1, 0), OB_VERDICT_ACCEPTED);
    assert_int_not_equal(ob_verdict_of_two(0, 1), OB_VERDICT_ACCEPTED);
    assert_int_equal(ob_verdict_of_two(0, 0), OB_VERDICT_REJECTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_gives_the_known_answers),
        cmocka_unit_test(sha256_does_not_depend_on_how_the_message_is_cut),
        cmocka_unit_test(p256_accepts_the_known_answers),
        cmocka_unit_test(p256_rejects_any_flipped_bit),
        cmocka_unit_test(p256_rejects_numbers_out_of_range),
        cmocka_unit_test(der_gives_both_numbers_right_aligned),
        cmocka_unit_test(der_takes_trailing_zeros_only),
        cmocka_unit_test(der_other_encodings_are_refused),
        cmocka_unit_test(der_numbers_above_256_bits_are_refused),
        cmocka_unit_test(equal_looks_at_every_byte),
        cmocka_unit_test(verdict_is_accepted_only_if_every_word_agrees),
        cmocka_unit_test(verdict_on_a_number_and_itself_is_not_accepted),
        cmocka_unit_test(verdict_needs_both_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
