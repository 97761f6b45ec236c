/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <outboard/image.h>
#include <outboard/util.h>

#include "image_maker.h"
#include "ram_flash.h"

#define START 0x1000u
#define SIZE 0x9000u

static struct image_maker maker;
static struct ram_flash ram;
static const struct ob_area slot = {.flash = &ram.flash, .start = START, .size = SIZE};

/* Keys 0 and 1 are the device's, key 2 is a stranger's. */
static struct ob_key trusted[2];
static const struct ob_keys keys = {.key = trusted, .count = OB_ARRAY_SIZE(trusted)};

static struct ob_image image;
static enum ob_err why;

static int setup(void **state)
{
    (void)state;
    trusted[0] = maker_key(0);
    trusted[1] = maker_key(1);
    memset(&image, 0, sizeof(image));
    return 0;
}

static void store(void)
{
    ram_flash_init(&ram);
    memcpy(ram.bytes + START, maker.bytes, maker.len);
}

static enum ob_verdict verify_stored(uint32_t max_size)
{
    return ob_image_verify(&slot, max_size, &keys, NULL, &image, &why);
}

static enum ob_verdict verify(void)
{
    store();
    return verify_stored(SIZE);
}

#define assert_accepted() assert_int_equal(verify(), OB_VERDICT_ACCEPTED)
#define assert_refused(reason)                           \
    do {                                                 \
        assert_int_equal(verify(), OB_VERDICT_REJECTED); \
        assert_int_equal(why, reason);                   \
    } while (0)

static void signed_image_is_accepted_and_described(void **state)
{
    (void)state;
    maker_make(&maker, 0x200, 1000);
    assert_accepted();
    assert_int_equal(why, OB_OK);
    assert_int_equal(image.version.major, 1);
    assert_int_equal(image.version.minor, 2);
    assert_int_equal(image.version.revision, 3);
    assert_int_equal(image.version.build, 4);
    assert_int_equal(image.header_size, 0x200);
    assert_int_equal(image.payload_size, 1000);
    assert_int_equal(image.hashed_size, 0x200 + 1000 + 12);
    assert_int_equal(image.size, maker.len);
    assert_memory_equal(image.digest, maker.digest, OB_DIGEST_SIZE);
}

static void parse_agrees_with_verify_and_leaves_the_digest_zero(void **state)
{
    static const uint8_t zero[OB_DIGEST_SIZE];
    struct ob_image parsed;
    (void)state;
    maker_make(&maker, 0x40, 500);
    assert_accepted();
    assert_int_equal(ob_image_parse(&slot, SIZE, &parsed), OB_OK);
    assert_memory_equal(parsed.digest, zero, sizeof(zero));
    memcpy(parsed.digest, image.digest, sizeof(parsed.digest));
    assert_memory_equal(&parsed, &image, sizeof(image));
}

static void sizes_around_the_buffers_are_accepted(void **state)
{
    static const uint16_t headers[] = {32, 33, 255, 256, 257, 288, 512};
    static const uint32_t payloads[] = {0, 1, 63, 64, 255, 256, 257, 4096, 20000};
    (void)state;
    for (size_t i = 0; i < OB_ARRAY_SIZE(headers); i++) {
        for (size_t j = 0; j < OB_ARRAY_SIZE(payloads); j++) {
            maker_make(&maker, headers[i], payloads[j]);
            assert_accepted();
        }
    }
}

static void image_without_protected_area_is_accepted(void **state)
{
    (void)state;
    maker_begin(&maker, 32, 100);
    maker_hash(&maker);
    maker_add_digest(&maker);
    maker_add_key(&maker, 1);
    maker_sign(&maker, 1, 0);
    assert_accepted();
    assert_int_equal(image.hashed_size, 132);
}

static void every_flipped_bit_of_the_image_is_refused(void **state)
{
    (void)state;
    maker_make(&maker, 32, 40);
    for (uint32_t bit = 0; bit < maker.len * 8; bit++) {
        maker.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(verify(), OB_VERDICT_REJECTED);
        assert_int_not_equal(why, OB_OK);
        maker.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_accepted();
}

static void every_cut_is_refused(void **state)
{
    (void)state;
    maker_make(&maker, 32, 40);
    for (uint32_t len = 0; len < maker.len; len++) {
        store();
        memset(ram.bytes + START + len, 0xff, maker.len - len); /* never written */
        assert_int_equal(verify_stored(SIZE), OB_VERDICT_REJECTED);
        store();
        assert_int_equal(verify_stored(len), OB_VERDICT_REJECTED); /* does not fit */
    }
    store();
    assert_int_equal(verify_stored(maker.len), OB_VERDICT_ACCEPTED);
}

static void too_large_is_told_from_malformed(void **state)
{
    (void)state;
    maker_make(&maker, 32, 4000);
    store();
    assert_int_equal(verify_stored(maker.len - 1), OB_VERDICT_REJECTED);
    assert_int_equal(why, OB_ERR_SIZE);
    assert_int_equal(verify_stored(maker.area + 3), OB_VERDICT_REJECTED); /* no room for the head of the TLVs */
    assert_int_equal(why, OB_ERR_SIZE);
    assert_int_equal(ob_image_parse(&slot, 2000, &image), OB_ERR_SIZE);
    assert_int_equal(ob_image_parse(&slot, 31, &image), OB_ERR_FORMAT);
}

static void size_limit_above_the_area_is_the_area(void **state)
{
    const struct ob_area small = {.flash = &ram.flash, .start = START, .size = 0x1000};
    (void)state;
    maker_make(&maker, 32, 0x1000);
    store();
    assert_int_equal(ob_image_verify(&small, UINT32_MAX, &keys, NULL, &image, &why), OB_VERDICT_REJECTED);
    assert_int_equal(why, OB_ERR_SIZE);
}

static void erased_and_foreign_slots_are_empty(void **state)
{
    (void)state;
    maker.len = 0;
    assert_refused(OB_ERR_EMPTY);
    maker_make(&maker, 32, 40);
    ob_put_le32(maker.bytes, 0x96f3b83c); /* the format before this one */
    assert_refused(OB_ERR_EMPTY);
}

static void header_shorter_than_its_fields_is_refused(void **state)
{
    (void)state;
    maker_make(&maker, 32, 40);
    ob_put_le16(maker.bytes + 8, 31);
    assert_refused(OB_ERR_FORMAT);
    ob_put_le16(maker.bytes + 8, 0);
    assert_refused(OB_ERR_FORMAT);
}

static void lengths_that_wrap_are_refused_without_reading_there(void **state)
{
    static const uint32_t payloads[] = {UINT32_MAX,      UINT32_MAX - 31, UINT32_MAX - 32,
                                        UINT32_MAX - 43, 0x80000000,      SIZE};
    (void)state;
    for (size_t i = 0; i < OB_ARRAY_SIZE(payloads); i++) {
        maker_make(&maker, 32, 40);
        ob_put_le32(maker.bytes + 12, payloads[i]);
        assert_refused(OB_ERR_SIZE);
        assert_int_equal(ram.reads, 1);
    }
}

static void images_of_kinds_not_supported_are_refused(void **state)
{
    static const uint32_t flags[] = {0x4, 0x8, 0xc, 0x10, 0x20, 0x200, 0x400, 0x600, 0x800};
    (void)state;
    for (size_t i = 0; i < OB_ARRAY_SIZE(flags); i++) {
        maker_begin(&maker, 32, 40);
        maker_set_flags(&maker, flags[i]);
        maker_hash(&maker);
        maker_add_digest(&maker);
        maker_add_key(&maker, 0);
        maker_sign(&maker, 0, 0);
        assert_refused(OB_ERR_FORMAT);
    }
}

static void fixed_rom_address_is_accepted(void **state)
{
    (void)state;
    maker_begin(&maker, 32, 40);
    maker_set_flags(&maker, 0x100);
    maker_hash(&maker);
    maker_add_digest(&maker);
    maker_add_key(&maker, 0);
    maker_sign(&maker, 0, 0);
    assert_accepted();
}

/* A normal image, ready for a lie about its protected area, which lies at offset 72. */
static void make_with_protected_area(void)
{
    maker_make(&maker, 32, 40);
    assert_int_equal(ob_get_le16(maker.bytes + 72), OB_TLV_PROTECTED_MAGIC);
}

static void protected_area_that_differs_from_the_header_is_refused(void **state)
{
    (void)state;
    make_with_protected_area();
    ob_put_le16(maker.bytes + 10, 0); /* there is one, the header denies it */
    assert_refused(OB_ERR_FORMAT);
    ob_put_le16(maker.bytes + 10, 11);
    assert_refused(OB_ERR_FORMAT);
    ob_put_le16(maker.bytes + 10, 13);
    assert_refused(OB_ERR_FORMAT);
    ob_put_le16(maker.bytes + 10, 3);
    assert_refused(OB_ERR_FORMAT);
    ob_put_le16(maker.bytes + 10, 12);
    assert_accepted();
    ob_put_le16(maker.bytes + 72, OB_TLV_MAGIC);
    assert_refused(OB_ERR_FORMAT);
}

static void protected_entry_that_passes_its_area_is_refused(void **state)
{
    (void)state;
    make_with_protected_area();
    ob_put_le16(maker.bytes + 78, 5);
    assert_refused(OB_ERR_FORMAT);
    ob_put_le16(maker.bytes + 78, 3); /* one byte left: less than an entry */
    assert_refused(OB_ERR_FORMAT);
    ob_put_le16(maker.bytes + 78, 0xffff);
    assert_refused(OB_ERR_FORMAT);
}

static void unprotected_area_that_lies_is_refused(void **state)
{
    static const struct {
        uint16_t total;
        enum ob_err reason;
    } lies[] = {
        {0, OB_ERR_FORMAT},    {3, OB_ERR_FORMAT}, {4, OB_ERR_FORMAT}, /* no entries: no digest */
        {5, OB_ERR_FORMAT},                                            /* ends inside an entry's head */
        {8, OB_ERR_FORMAT},                                            /* ends before the data */
        {40, OB_ERR_KEY},                                              /* ends after the digest */
        {0xffff, OB_ERR_SIZE},
    };
    (void)state;
    for (size_t i = 0; i < OB_ARRAY_SIZE(lies); i++) {
        maker_make(&maker, 32, 40);
        ob_put_le16(maker.bytes + maker.area + 2, lies[i].total);
        assert_refused(lies[i].reason);
    }
}

static void area_longer_than_its_entries_is_refused(void **state)
{
    (void)state;
    maker_make(&maker, 32, 40);
    ob_put_le16(maker.bytes + maker.area + 2, (uint16_t)(maker.len - maker.area + 1));
    assert_refused(OB_ERR_FORMAT);
}

/* Hashed, with digest: ready for keys and signatures. */
static void make_unsigned(void)
{
    maker_begin(&maker, 32, 40);
    maker_hash(&maker);
    maker_add_digest(&maker);
}

static void unprotected_types_follow_the_allow_list(void **state)
{
    static const uint16_t allowed[] = {0x02, 0x11, 0x12, 0x20, 0x21, 0x23, 0x24, 0x30, 0x31, 0x32, 0x33};
    (void)state;
    for (uint32_t type = 0; type < 0x200; type++) {
        bool expected = type == OB_TLV_ECDSA; /* of a key not named: skipped */
        for (size_t i = 0; i < OB_ARRAY_SIZE(allowed); i++) {
            expected = expected || allowed[i] == type;
        }
        if (type == OB_TLV_SHA256 || type == OB_TLV_KEYHASH) {
            continue;
        }
        make_unsigned();
        maker_add(&maker, (uint16_t)type, "data", 4);
        maker_add_key(&maker, 0);
        maker_sign(&maker, 0, 0);
        assert_int_equal(verify(), expected ? OB_VERDICT_ACCEPTED : OB_VERDICT_REJECTED);
        assert_int_equal(why, expected ? OB_OK : OB_ERR_FORMAT);
    }
}

static void protected_types_are_free_except_those_that_prove(void **state)
{
    static const uint16_t types[] = {0x00, 0x40, 0x50, 0x60, 0x70, 0x74, 0xa0, 0xffa0, 0xfffe};
    static const uint16_t proving[] = {0x01, 0x02, 0x10, 0x11, 0x22, 0x24, 0x30, 0x33};
    (void)state;
    for (size_t i = 0; i < OB_ARRAY_SIZE(types) + OB_ARRAY_SIZE(proving); i++) {
        bool free_type = i < OB_ARRAY_SIZE(types);
        maker_begin(&maker, 32, 40);
        maker_protect(&maker, free_type ? types[i] : proving[i - OB_ARRAY_SIZE(types)], "data", 4);
        maker_hash(&maker);
        maker_add_digest(&maker);
        maker_add_key(&maker, 0);
        maker_sign(&maker, 0, 0);
        assert_int_equal(verify(), free_type ? OB_VERDICT_ACCEPTED : OB_VERDICT_REJECTED);
    }
}

static void digest_of_another_length_or_missing_is_refused(void **state)
{
    (void)state;
    maker_begin(&maker, 32, 40);
    maker_hash(&maker);
    maker_add(&maker, OB_TLV_SHA256, maker.digest, 31);
    maker_add_key(&maker, 0);
    maker_sign(&maker, 0, 0);
    assert_refused(OB_ERR_FORMAT);
    maker_begin(&maker, 32, 40);
    maker_hash(&maker);
    maker_add_key(&maker, 0);
    maker_sign(&maker, 0, 0);
    assert_refused(OB_ERR_FORMAT);
}

static void changed_content_is_a_digest_error_and_names_the_version(void **state)
{
    (void)state;
    maker_make(&maker, 32, 40);
    maker.bytes[40] ^= 1;
    assert_refused(OB_ERR_DIGEST);
    assert_int_equal(image.version.minor, 2);
    assert_int_equal(image.size, maker.len);
}

static void second_digest_that_differs_is_refused(void **state)
{
    static const uint8_t other[OB_DIGEST_SIZE];
    (void)state;
    maker_make(&maker, 32, 40);
    maker_add(&maker, OB_TLV_SHA256, other, sizeof(other));
    assert_refused(OB_ERR_DIGEST);
}

static void key_hash_must_have_its_exact_length(void **state)
{
    static const uint16_t lens[] = {0, 1, 31, 33, 64};
    uint8_t hash[64] = {0};
    (void)state;
    memcpy(hash, trusted[0].hash, sizeof(trusted[0].hash));
    for (size_t i = 0; i < OB_ARRAY_SIZE(lens); i++) {
        make_unsigned();
        maker_add(&maker, OB_TLV_KEYHASH, hash, lens[i]);
        maker_sign(&maker, 0, 0);
        assert_refused(OB_ERR_FORMAT);
    }
}

static void unsigned_and_strangers_images_are_refused_for_their_key(void **state)
{
    (void)state;
    make_unsigned();
    assert_refused(OB_ERR_KEY);
    maker_add_key(&maker, 0);
    assert_refused(OB_ERR_KEY);
    make_unsigned();
    maker_add_key(&maker, 2);
    maker_sign(&maker, 2, 0);
    assert_refused(OB_ERR_KEY);
}

static void signature_before_its_key_counts_for_nothing(void **state)
{
    (void)state;
    make_unsigned();
    maker_sign(&maker, 0, 0);
    maker_add_key(&maker, 0);
    assert_refused(OB_ERR_KEY);
}

static void signature_by_another_key_than_named_is_refused(void **state)
{
    (void)state;
    make_unsigned();
    maker_add_key(&maker, 0);
    maker_sign(&maker, 2, 0);
    assert_refused(OB_ERR_AUTH);
    make_unsigned();
    maker_add_key(&maker, 0);
    maker_sign(&maker, 1, 0); /* trusted, but not the one named */
    assert_refused(OB_ERR_AUTH);
}

static void strangers_signature_beside_ours_does_not_matter(void **state)
{
    (void)state;
    make_unsigned();
    maker_add_key(&maker, 2);
    maker_sign(&maker, 2, 0);
    maker_add_key(&maker, 1);
    maker_sign(&maker, 1, 0);
    assert_accepted();
    maker_add_key(&maker, 2);
    maker_sign(&maker, 2, 0);
    assert_accepted();
}

static void last_checked_signature_counts(void **state)
{
    (void)state;
    make_unsigned();
    maker_add_key(&maker, 0);
    maker_sign(&maker, 0, 0);
    maker_add_key(&maker, 1);
    maker_sign(&maker, 2, 0);
    assert_refused(OB_ERR_AUTH);
    make_unsigned();
    maker_add_key(&maker, 1);
    maker_sign(&maker, 2, 0);
    maker_add_key(&maker, 0);
    maker_sign(&maker, 0, 0);
    assert_accepted();
}

/* Each check takes a good part of a second on a small device: a watchdog would end the start before the last one. */
static void more_signatures_than_keys_are_refused(void **state)
{
    (void)state;
    make_unsigned();
    for (unsigned i = 0; i < OB_ARRAY_SIZE(trusted); i++) {
        maker_add_key(&maker, 0);
        maker_sign(&maker, 0, 0);
    }
    assert_accepted();
    maker_add_key(&maker, 0);
    maker_sign(&maker, 0, 0);
    assert_refused(OB_ERR_FORMAT);
}

static void malformed_signature_after_a_good_one_is_refused(void **state)
{
    (void)state;
    make_unsigned();
    maker_add_key(&maker, 0);
    maker_sign(&maker, 0, 0);
    maker_add_key(&maker, 1);
    maker_add(&maker, OB_TLV_ECDSA, "no DER", 6);
    assert_refused(OB_ERR_AUTH);
}

static void later_key_replaces_the_one_before(void **state)
{
    (void)state;
    make_unsigned();
    maker_add_key(&maker, 0);
    maker_add_key(&maker, 2);
    maker_sign(&maker, 0, 0);
    assert_refused(OB_ERR_KEY);
    make_unsigned();
    maker_add_key(&maker, 0);
    maker_add_key(&maker, 1);
    maker_sign(&maker, 1, 0);
    assert_accepted();
}

static void key_serves_one_signature_only(void **state)
{
    (void)state;
    make_unsigned();
    maker_add_key(&maker, 0);
    maker_sign(&maker, 0, 0);
    maker_sign(&maker, 2, 0); /* not selected: skipped */
    assert_accepted();
}

static void no_key_accepts_nothing(void **state)
{
    const struct ob_keys none = {.key = NULL, .count = 0};
    (void)state;
    maker_make(&maker, 32, 40);
    store();
    assert_int_equal(ob_image_verify(&slot, SIZE, &none, NULL, &image, &why), OB_VERDICT_REJECTED);
    assert_int_equal(why, OB_ERR_KEY);
}

/* The last entry, a signature with zeros after it, gets another length. */
static void resize_signature(uint32_t entry, uint16_t len)
{
    maker.len = entry + OB_TLV_ENTRY_SIZE + len;
    ob_put_le16(maker.bytes + entry + 2, len);
    ob_put_le16(maker.bytes + maker.area + 2, (uint16_t)(maker.len - maker.area));
}

static void padded_signature_is_accepted_up_to_the_limit(void **state)
{
    (void)state;
    make_unsigned();
    maker_add_key(&maker, 0);
    uint32_t entry = maker.len;
    maker_sign(&maker, 0, 100);
    for (uint16_t len = 72; len <= 128; len++) {
        resize_signature(entry, len);
        assert_accepted();
    }
    resize_signature(entry, 129);
    assert_refused(OB_ERR_FORMAT);
}

static void padding_that_is_not_zero_is_refused(void **state)
{
    (void)state;
    make_unsigned();
    maker_add_key(&maker, 0);
    maker_sign(&maker, 0, 2);
    maker.bytes[maker.len - 1] = 1;
    assert_refused(OB_ERR_AUTH);
}

/* Answers differently from the second read of a byte on, as hostile external flash may. */
struct fickle {
    struct ram_flash *ram;
    uint8_t seen[RAM_FLASH_SIZE];
};

static enum ob_err fickle_read(const struct ob_flash *flash, uint32_t off, void *dst, uint32_t len)
{
    struct fickle *fickle = flash->ctx;
    uint8_t *bytes = dst;
    for (uint32_t i = 0; i < len; i++) {
        bytes[i] = fickle->ram->bytes[off + i] ^ fickle->seen[off + i];
        fickle->seen[off + i] = 0x55;
    }
    return OB_OK;
}

static void each_byte_is_read_once(void **state)
{
    static struct fickle fickle;
    const struct ob_flash_ops ops = {.read = fickle_read};
    struct ob_flash flash;
    const struct ob_area area = {.flash = &flash, .start = START, .size = SIZE};
    (void)state;
    maker_make(&maker, 0x100, 1000);
    store();
    fickle.ram = &ram;
    flash = ram.flash;
    flash.ops = &ops;
    flash.ctx = &fickle;
    assert_int_equal(ob_image_verify(&area, SIZE, &keys, NULL, &image, &why), OB_VERDICT_ACCEPTED);
}

static void every_failed_read_is_reported_and_accepts_nothing(void **state)
{
    (void)state;
    maker_make(&maker, 0x100, 1000);
    assert_accepted();
    unsigned reads = ram.reads;
    for (unsigned n = 1; n <= reads; n++) {
        store();
        ram.fail_at = n;
        assert_int_equal(verify_stored(SIZE), OB_VERDICT_REJECTED);
        assert_int_equal(why, OB_ERR_BUS);
    }
}

static void refused_layout_leaves_the_output(void **state)
{
    (void)state;
    maker_make(&maker, 32, 40);
    maker.bytes[maker.area] ^= 1;
    image.size = 12345;
    assert_refused(OB_ERR_FORMAT);
    assert_int_equal(image.size, 12345);
    assert_int_equal(ob_image_parse(&slot, SIZE, &image), OB_ERR_FORMAT);
    assert_int_equal(image.size, 12345);
}

static void verdicts_are_far_apart(void **state)
{
    (void)state;
    assert_true(__builtin_popcount((unsigned)OB_VERDICT_ACCEPTED ^ (unsigned)OB_VERDICT_REJECTED) >= 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(signed_image_is_accepted_and_described, setup),
        cmocka_unit_test_setup(parse_agrees_with_verify_and_leaves_the_digest_zero, setup),
        cmocka_unit_test_setup(sizes_around_the_buffers_are_accepted, setup),
        cmocka_unit_test_setup(image_without_protected_area_is_accepted, setup),
        cmocka_unit_test_setup(every_flipped_bit_of_the_image_is_refused, setup),
        cmocka_unit_test_setup(every_cut_is_refused, setup),
        cmocka_unit_test_setup(too_large_is_told_from_malformed, setup),
        cmocka_unit_test_setup(size_limit_above_the_area_is_the_area, setup),
        cmocka_unit_test_setup(erased_and_foreign_slots_are_empty, setup),
        cmocka_unit_test_setup(header_shorter_than_its_fields_is_refused, setup),
        cmocka_unit_test_setup(lengths_that_wrap_are_refused_without_reading_there, setup),
        cmocka_unit_test_setup(images_of_kinds_not_supported_are_refused, setup),
        cmocka_unit_test_setup(fixed_rom_address_is_accepted, setup),
        cmocka_unit_test_setup(protected_area_that_differs_from_the_header_is_refused, setup),
        cmocka_unit_test_setup(protected_entry_that_passes_its_area_is_refused, setup),
        cmocka_unit_test_setup(unprotected_area_that_lies_is_refused, setup),
        cmocka_unit_test_setup(area_longer_than_its_entries_is_refused, setup),
        cmocka_unit_test_setup(unprotected_types_follow_the_allow_list, setup),
        cmocka_unit_test_setup(protected_types_are_free_except_those_that_prove, setup),
        cmocka_unit_test_setup(digest_of_another_length_or_missing_is_refused, setup),
        cmocka_unit_test_setup(changed_content_is_a_digest_error_and_names_the_version, setup),
        cmocka_unit_test_setup(second_digest_that_differs_is_refused, setup),
        cmocka_unit_test_setup(key_hash_must_have_its_exact_length, setup),
        cmocka_unit_test_setup(unsigned_and_strangers_images_are_refused_for_their_key, setup),
        cmocka_unit_test_setup(signature_before_its_key_counts_for_nothing, setup),
        cmocka_unit_test_setup(signature_by_another_key_than_named_is_refused, setup),
        cmocka_unit_test_setup(strangers_signature_beside_ours_does_not_matter, setup),
        cmocka_unit_test_setup(last_checked_signature_counts, setup),
        cmocka_unit_test_setup(more_signatures_than_keys_are_refused, setup),
        cmocka_unit_test_setup(malformed_signature_after_a_good_one_is_refused, setup),
        cmocka_unit_test_setup(later_key_replaces_the_one_before, setup),
        cmocka_unit_test_setup(key_serves_one_signature_only, setup),
        cmocka_unit_test_setup(no_key_accepts_nothing, setup),
        cmocka_unit_test_setup(padded_signature_is_accepted_up_to_the_limit, setup),
        cmocka_unit_test_setup(padding_that_is_not_zero_is_refused, setup),
        cmocka_unit_test_setup(each_byte_is_read_once, setup),
        cmocka_unit_test_setup(every_failed_read_is_reported_and_accepts_nothing, setup),
        cmocka_unit_test_setup(refused_layout_leaves_the_output, setup),
        cmocka_unit_test_setup(verdicts_are_far_apart, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
