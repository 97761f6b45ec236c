/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <outboard/image.h>
#include <outboard/signature.h>
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
static const struct ob_keys keys = {.key = trusted, .count = OB_ARRAY_SIZE(trusted), .type = &ob_signature_p256};

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
    return ob_image_verify(&slot, max_size, OB_FORM_STORED, &keys, NULL, &image, &why);
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
    parsed.kind = image.kind; /* parsing does not look at signatures */
    parsed.seal = image.seal;
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
    assert_int_equal(ob_image_verify(&small, UINT32_MAX, OB_FORM_STORED, &keys, NULL, &image, &why),
                     OB_VERDICT_REJECTED);
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
        assert_refused(OB_ERR_KIND);
        assert_true(image.kind >= OB_KIND_ENCRYPTED && image.kind <= OB_KIND_RAM_LOAD);
        assert_int_equal(image.version.minor, 2);
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
    static const uint16_t allowed[] = {0x02, 0x11, 0x12, 0x20, 0x21, 0x23, 0x24, 0x30, 0x31, 0x32, 0x33, 0x34};
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
    static const uint16_t types[] = {0x00, 0x50, 0x60, 0x70, 0xa0, 0xffa0, 0xfffe};
    static const uint16_t proving[] = {0x01, 0x02, 0x10, 0x11, 0x22, 0x24,
                                       0x30, 0x33, 0x40, 0x74, 0x75}; /* the last three: of another length */
    ;
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
    memcpy(hash, trusted[0].hash, OB_DIGEST_SIZE);
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
    const struct ob_keys none = {.key = NULL, .count = 0, .type = &ob_signature_p256};
    (void)state;
    maker_make(&maker, 32, 40);
    store();
    assert_int_equal(ob_image_verify(&slot, SIZE, OB_FORM_STORED, &none, NULL, &image, &why), OB_VERDICT_REJECTED);
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
    assert_int_equal(ob_image_verify(&area, SIZE, OB_FORM_STORED, &keys, NULL, &image, &why), OB_VERDICT_ACCEPTED);
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

static void refused_layout_still_names_version_and_kind(void **state)
{
    (void)state;
    maker_make(&maker, 32, 40);
    maker.bytes[maker.area] ^= 1;
    image.size = 12345;
    assert_refused(OB_ERR_FORMAT);
    assert_int_equal(image.kind, OB_KIND_UNKNOWN);
    assert_int_equal(image.version.revision, 3);
    assert_int_equal(image.size, 0);
    assert_int_equal(ob_image_parse(&slot, SIZE, &image), OB_ERR_FORMAT);
    assert_int_equal(image.version.revision, 3);
}

/* Signed by key 0 as nothing but P-256 can be; the TLVs say what they like. */
static void refuse_as(uint16_t digest, uint16_t digest_len, uint16_t signature, uint16_t len, bool pure,
                      enum ob_err reason, enum ob_image_kind kind)
{
    static const uint8_t bytes[384] = {0};
    static const uint8_t one = 1;
    maker_begin(&maker, 32, 40);
    maker_hash(&maker);
    maker_add(&maker, digest, bytes, digest_len);
    if (pure) {
        maker_add(&maker, OB_TLV_SIG_PURE, &one, sizeof(one));
    }
    maker_add(&maker, OB_TLV_KEYHASH, bytes, digest_len);
    maker_add(&maker, signature, bytes, len);
    assert_refused(reason);
    assert_int_equal(image.kind, kind);
    assert_int_equal(image.version.minor, 2);
}

static void image_of_another_type_is_refused_and_named(void **state)
{
    (void)state;
    refuse_as(OB_TLV_SHA256, 32, OB_TLV_RSA2048, 256, false, OB_ERR_TYPE, OB_KIND_RSA2048);
    refuse_as(OB_TLV_SHA256, 32, OB_TLV_RSA3072, 384, false, OB_ERR_TYPE, OB_KIND_RSA3072);
    refuse_as(OB_TLV_SHA384, 48, OB_TLV_ECDSA, 103, false, OB_ERR_TYPE, OB_KIND_P384);
    refuse_as(OB_TLV_SHA256, 32, OB_TLV_ED25519, 64, false, OB_ERR_TYPE, OB_KIND_ED25519);
    refuse_as(OB_TLV_SHA512, 64, OB_TLV_ED25519, 64, false, OB_ERR_TYPE, OB_KIND_ED25519_SHA512);
    refuse_as(OB_TLV_SHA512, 64, OB_TLV_ED25519, 64, true, OB_ERR_TYPE, OB_KIND_ED25519_PURE);
    refuse_as(OB_TLV_SHA512, 64, OB_TLV_RSA2048, 256, false, OB_ERR_TYPE, OB_KIND_OTHER_SIGNATURE);
    refuse_as(OB_TLV_SHA512, 64, OB_TLV_ECDSA, 72, false, OB_ERR_TYPE, OB_KIND_OTHER_SIGNATURE);
    refuse_as(OB_TLV_SHA256, 32, OB_TLV_ECDSA, 72, true, OB_ERR_TYPE, OB_KIND_OTHER_SIGNATURE);
}

static void image_with_its_whole_key_is_refused_and_named(void **state)
{
    (void)state;
    make_unsigned();
    maker_add(&maker, OB_TLV_PUBKEY, trusted[0].data, 64);
    maker_sign(&maker, 0, 0);
    assert_refused(OB_ERR_KEY);
    assert_int_equal(image.kind, OB_KIND_FULL_KEY);
}

static void big_endian_image_is_refused_and_named(void **state)
{
    static const uint8_t version[8] = {1, 2, 0, 3, 0, 0, 1, 4};
    (void)state;
    maker_make(&maker, 32, 40);
    ob_put_le32(maker.bytes, OB_IMAGE_MAGIC_BIG);
    memcpy(maker.bytes + 20, version, sizeof(version));
    assert_refused(OB_ERR_KIND);
    assert_int_equal(image.kind, OB_KIND_BIG_ENDIAN);
    assert_int_equal(image.version.revision, 3);
    assert_int_equal(image.version.build, 260);
}

static void every_kind_has_a_text_of_its_own(void **state)
{
    (void)state;
    for (int a = OB_KIND_NONE; a <= OB_KIND_BIG_ENDIAN; a++) {
        assert_non_null(ob_image_kind_text((enum ob_image_kind)a));
        for (int b = OB_KIND_NONE; b < a; b++) {
            assert_string_not_equal(ob_image_kind_text((enum ob_image_kind)a),
                                    ob_image_kind_text((enum ob_image_kind)b));
        }
    }
    assert_string_equal(ob_image_kind_text((enum ob_image_kind)1000), "an unknown kind of image");
}

static unsigned checks;

static enum ob_verdict count_check(const uint8_t *key, const uint8_t *digest, const uint8_t *signature, uint32_t len)
{
    checks++;
    return ob_signature_p256.verify(key, digest, signature, len);
}

/* Each check takes a good part of a second on a small device: a watchdog would end the start before the last one. */
static void one_signature_is_checked_however_many_there_are(void **state)
{
    struct ob_signature counting = ob_signature_p256;
    struct ob_keys counted = keys;
    (void)state;
    counting.verify = count_check;
    counted.type = &counting;
    make_unsigned();
    for (unsigned i = 0; i < 100; i++) {
        maker_add_key(&maker, i % 2);
        maker_sign(&maker, i % 2, 0);
    }
    store();
    checks = 0;
    assert_int_equal(ob_image_verify(&slot, SIZE, OB_FORM_STORED, &counted, NULL, &image, &why), OB_VERDICT_ACCEPTED);
    assert_int_equal(checks, 1);
    maker_add(&maker, OB_TLV_ED25519, "?", 1); /* of another type: passed over */
    store();
    assert_int_equal(ob_image_verify(&slot, SIZE, OB_FORM_STORED, &counted, NULL, &image, &why), OB_VERDICT_ACCEPTED);
}

/* Remembers answers to the same question only: not what another digest, key or signature would get. */
static void signature_that_was_found_valid_is_not_checked_again(void **state)
{
    struct ob_signature counting = ob_signature_p256;
    struct ob_proofs proofs = {0};
    struct ob_keys counted = keys;
    (void)state;
    counting.verify = count_check;
    counted.type = &counting;
    counted.proofs = &proofs;
    maker_make(&maker, 0x40, 3000);
    store();
    checks = 0;
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(ob_image_verify(&slot, SIZE, OB_FORM_STORED, &counted, NULL, &image, &why),
                         OB_VERDICT_ACCEPTED);
    }
    assert_int_equal(checks, 1);
    ram.bytes[START + 100] ^= 1;
    assert_int_equal(ob_image_verify(&slot, SIZE, OB_FORM_STORED, &counted, NULL, &image, &why), OB_VERDICT_REJECTED);
    ram.bytes[START + 100] ^= 1;
    ram.bytes[START + image.size - 8] ^= 1; /* in the signature, which the digest does not cover */
    assert_int_equal(ob_image_verify(&slot, SIZE, OB_FORM_STORED, &counted, NULL, &image, &why), OB_VERDICT_REJECTED);
    assert_int_equal(checks, 2);
    assert_int_equal(why, OB_ERR_AUTH);
}

static void what_no_key_can_prove_is_not_hashed(void **state)
{
    (void)state;
    maker_begin(&maker, 32, 20000);
    maker_hash(&maker);
    maker_add_digest(&maker);
    maker_add_key(&maker, 2);
    maker_sign(&maker, 2, 0);
    assert_refused(OB_ERR_KEY);
    assert_true(ram.reads < 10);
}

static void flash_that_is_memory_is_hashed_where_it_is(void **state)
{
    (void)state;
    maker_make(&maker, 0x200, 20000);
    store();
    ram.flash.mapped = ram.bytes;
    assert_int_equal(verify_stored(SIZE), OB_VERDICT_ACCEPTED);
    assert_true(ram.reads < 20);
    for (uint32_t at = 32; at < 0x200 + 20000; at += 997) {
        ram.bytes[START + at] ^= 1;
        assert_int_equal(verify_stored(SIZE), OB_VERDICT_REJECTED);
        assert_int_equal(why, OB_ERR_DIGEST);
        ram.bytes[START + at] ^= 1;
    }
}

static void what_an_image_states_is_what_its_verification_finds(void **state)
{
    struct ob_image seen;
    (void)state;
    maker_make(&maker, 0x40, 3000);
    assert_accepted();
    ram.reads = 0;
    assert_int_equal(ob_image_stated(&slot, SIZE, &keys, &seen), OB_OK);
    assert_true(ram.reads < 20);
    assert_memory_equal(seen.digest, image.digest, OB_DIGEST_SIZE);
    assert_int_equal(seen.size, image.size);
    assert_int_equal(seen.seal, 0); /* it starts nothing */
    maker.bytes[100] ^= 1;
    store();
    assert_int_equal(ob_image_stated(&slot, SIZE, &keys, &seen), OB_OK); /* it may not be true */
    assert_memory_equal(seen.digest, image.digest, OB_DIGEST_SIZE);
}

static void add_dependency(uint8_t number, uint8_t major, uint8_t minor)
{
    const uint8_t dependency[12] = {number, 0, 0, 0, major, minor};
    maker_protect(&maker, OB_TLV_DEPENDENCY, dependency, sizeof(dependency));
}

static void dependencies_and_counter_are_told(void **state)
{
    static const uint8_t counter[4] = {9, 1};
    (void)state;
    maker_begin(&maker, 32, 40);
    add_dependency(1, 1, 2);
    add_dependency(1, 1, 1); /* less than what is needed anyway */
    add_dependency(2, 3, 0);
    maker_protect(&maker, OB_TLV_SEC_CNT, counter, sizeof(counter));
    maker_hash(&maker);
    maker_add_digest(&maker);
    maker_add_key(&maker, 0);
    maker_sign(&maker, 0, 0);
    assert_accepted();
    assert_int_equal(image.needs[1].major, 1);
    assert_int_equal(image.needs[1].minor, 2);
    assert_int_equal(image.needs[2].major, 3);
    assert_int_equal(image.needs[0].major, 0);
    assert_false(image.needs_unknown);
    assert_true(image.has_counter);
    assert_int_equal(image.counter, 265);
    maker_begin(&maker, 32, 40);
    add_dependency(OB_IMAGES_MAX, 1, 0);
    maker_hash(&maker);
    maker_add_digest(&maker);
    maker_add_key(&maker, 0);
    maker_sign(&maker, 0, 0);
    assert_accepted();
    assert_true(image.needs_unknown);
    assert_false(image.has_counter);
}

static void image_for_another_vendor_or_class_is_refused(void **state)
{
    static const uint8_t vendor[16] = {1};
    static const uint8_t class[16] = {2};
    struct ob_keys ours = keys;
    (void)state;
    for (unsigned set = 0; set < 16; set++) {
        ours.vendor = (set & 1) != 0 ? vendor : NULL;
        ours.class = (set & 2) != 0 ? class : NULL;
        maker_begin(&maker, 32, 40);
        if ((set & 4) != 0) {
            maker_protect(&maker, OB_TLV_UUID_VID, vendor, sizeof(vendor));
        }
        maker_protect(&maker, OB_TLV_UUID_CID, (set & 8) != 0 ? class : vendor, sizeof(class));
        maker_hash(&maker);
        maker_add_digest(&maker);
        maker_add_key(&maker, 0);
        maker_sign(&maker, 0, 0);
        store();
        bool good = ((set & 1) == 0 || (set & 4) != 0) && ((set & 2) == 0 || (set & 8) != 0);
        assert_int_equal(ob_image_verify(&slot, SIZE, OB_FORM_STORED, &ours, NULL, &image, &why),
                         good ? OB_VERDICT_ACCEPTED : OB_VERDICT_REJECTED);
        assert_int_equal(why, good ? OB_OK : OB_ERR_DEVICE);
    }
}

/* Where an image of header 0x200 lies in these tests, and what it then must say. */
static const struct ob_home home = {
    .address = 0x10000, .header_size = 0x200, .ram_start = 0x20000000, .ram_size = 0x8000};
static const struct ob_image at_home = {
    .header_size = 0x200, .payload_size = 0x1000, .stack = 0x20008000, .entry = 0x10241};

static void image_that_belongs_here_is_told_from_every_other(void **state)
{
    struct ob_image other = at_home;
    (void)state;
    assert_int_equal(ob_image_belongs(&at_home, &home), OB_OK);
    other.header_size = 0x400;
    assert_int_equal(ob_image_belongs(&other, &home), OB_ERR_HEADER_SIZE);
    other = at_home;
    other.load_address = 0x20000; /* without ROM_FIXED it says nothing */
    assert_int_equal(ob_image_belongs(&other, &home), OB_OK);
    other.flags = OB_IMAGE_ROM_FIXED;
    assert_int_equal(ob_image_belongs(&other, &home), OB_ERR_ADDRESS);
    other.load_address = 0x10000;
    assert_int_equal(ob_image_belongs(&other, &home), OB_OK);
    other = at_home;
    other.payload_size = 63;
    assert_int_equal(ob_image_belongs(&other, &home), OB_ERR_STACK);
}

static void stack_and_reset_vector_are_held_to_their_last_byte(void **state)
{
    static const struct {
        uint32_t stack, entry;
        enum ob_err expected;
    } rows[] = {
        {0x20000000, 0x10241, OB_ERR_STACK}, /* nothing below it */
        {0x20000004, 0x10241, OB_OK},        {0x20008000, 0x10241, OB_OK},
        {0x20008004, 0x10241, OB_ERR_STACK}, {0x20007fff, 0x10241, OB_ERR_STACK},
        {0x20007ffe, 0x10241, OB_ERR_STACK}, {0, 0x10241, OB_ERR_STACK},
        {0xffffffff, 0x10241, OB_ERR_STACK}, {0xfffffffc, 0x10241, OB_ERR_STACK},
        {0x20008000, 0x10240, OB_ERR_ENTRY}, /* not Thumb: a lock-up */
        {0x20008000, 0x10201, OB_OK},        {0x20008000, 0x101ff, OB_ERR_ENTRY},
        {0x20008000, 0x111ff, OB_OK},        {0x20008000, 0x11201, OB_ERR_ENTRY},
        {0x20008000, 0, OB_ERR_ENTRY},       {0x20008000, 0xffffffff, OB_ERR_ENTRY},
    };
    (void)state;
    for (size_t i = 0; i < OB_ARRAY_SIZE(rows); i++) {
        struct ob_image other = at_home;
        other.stack = rows[i].stack;
        other.entry = rows[i].entry;
        assert_int_equal(ob_image_belongs(&other, &home), rows[i].expected);
    }
}

static void vectors_are_those_of_the_hashed_payload(void **state)
{
    (void)state;
    maker_begin(&maker, 0x200, 100);
    ob_put_le32(maker.bytes + 0x200, 0x20008000);
    ob_put_le32(maker.bytes + 0x204, 0x10241);
    maker_hash(&maker);
    maker_add_digest(&maker);
    maker_add_key(&maker, 0);
    maker_sign(&maker, 0, 0);
    assert_accepted();
    assert_int_equal(image.stack, 0x20008000);
    assert_int_equal(image.entry, 0x10241);
    assert_int_equal(ob_image_belongs(&image, &home), OB_OK);
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
        cmocka_unit_test_setup(malformed_signature_after_a_good_one_is_refused, setup),
        cmocka_unit_test_setup(later_key_replaces_the_one_before, setup),
        cmocka_unit_test_setup(key_serves_one_signature_only, setup),
        cmocka_unit_test_setup(no_key_accepts_nothing, setup),
        cmocka_unit_test_setup(padded_signature_is_accepted_up_to_the_limit, setup),
        cmocka_unit_test_setup(padding_that_is_not_zero_is_refused, setup),
        cmocka_unit_test_setup(each_byte_is_read_once, setup),
        cmocka_unit_test_setup(every_failed_read_is_reported_and_accepts_nothing, setup),
        cmocka_unit_test_setup(refused_layout_still_names_version_and_kind, setup),
        cmocka_unit_test_setup(image_of_another_type_is_refused_and_named, setup),
        cmocka_unit_test_setup(image_with_its_whole_key_is_refused_and_named, setup),
        cmocka_unit_test_setup(big_endian_image_is_refused_and_named, setup),
        cmocka_unit_test_setup(every_kind_has_a_text_of_its_own, setup),
        cmocka_unit_test_setup(one_signature_is_checked_however_many_there_are, setup),
        cmocka_unit_test_setup(what_no_key_can_prove_is_not_hashed, setup),
        cmocka_unit_test_setup(flash_that_is_memory_is_hashed_where_it_is, setup),
        cmocka_unit_test_setup(signature_that_was_found_valid_is_not_checked_again, setup),
        cmocka_unit_test_setup(what_an_image_states_is_what_its_verification_finds, setup),
        cmocka_unit_test_setup(dependencies_and_counter_are_told, setup),
        cmocka_unit_test_setup(image_for_another_vendor_or_class_is_refused, setup),
        cmocka_unit_test_setup(image_that_belongs_here_is_told_from_every_other, setup),
        cmocka_unit_test_setup(stack_and_reset_vector_are_held_to_their_last_byte, setup),
        cmocka_unit_test_setup(vectors_are_those_of_the_hashed_payload, setup),
        cmocka_unit_test_setup(verdicts_are_far_apart, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
