/* SPDX-License-Identifier: Apache-2.0 */
/* Boot information: the bytes are MCUboot's, and whatever lies there is read within its bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <outboard/boot_info.h>
#include <outboard/util.h>

static const struct ob_boot_info told = {
    .mode = OB_INFO_MODE_SWAP,
    .signature = OB_INFO_SIGNATURE_P256,
    .recovery = OB_INFO_RECOVERY_SERIAL,
    .version = {.major = 1, .minor = 2, .revision = 0x304, .build = 5},
    .image_count = 2,
    .size_max = {0xf3000, 0x20000},
    .counts = true,
    .counter = {7, 0x01020304},
};

/* By hand, from docs/SPEC.md. */
static const uint8_t stored[] = {
    0x16, 0x20, 68, 0,                                     /* magic, all bytes */
    0x00, 0x20, 1,  0, 3,                                  /* mode */
    0x01, 0x20, 1,  0, 2,                                  /* signature */
    0x02, 0x20, 1,  0, 1,                                  /* recovery */
    0x03, 0x20, 1,  0, 0,                                  /* slot */
    0x04, 0x20, 8,  0, 1,    2,    4,    3,    5, 0, 0, 0, /* version */
    0x05, 0x20, 4,  0, 0x00, 0x30, 0x0f, 0x00,             /* largest image 0 */
    0x06, 0x20, 4,  0, 0x00, 0x00, 0x02, 0x00,             /* ... 1 */
    0x10, 0x20, 4,  0, 7,    0,    0,    0,                /* counters */
    0x11, 0x20, 4,  0, 4,    3,    2,    1,
};

static void bytes_are_mcuboots(void **state)
{
    uint8_t out[OB_BOOT_INFO_SIZE_MAX];

    (void)state;
    assert_int_equal(ob_boot_info_encode(&told, out, sizeof(out)), sizeof(stored));
    assert_memory_equal(out, stored, sizeof(stored));
}

static void what_was_written_is_read(void **state)
{
    struct ob_boot_info info;

    (void)state;
    assert_int_equal(ob_boot_info_decode(stored, sizeof(stored), &info), OB_OK);
    assert_memory_equal(&info, &told, sizeof(info));
}

static void signature_that_mcuboot_has_no_number_for_is_not_said(void **state)
{
    struct ob_boot_info info = told;
    uint8_t out[OB_BOOT_INFO_SIZE_MAX];

    (void)state;
    info.signature = OB_INFO_SIGNATURE_UNSAID;
    assert_int_equal(ob_boot_info_encode(&info, out, sizeof(out)), sizeof(stored) - 5);
    assert_int_equal(ob_boot_info_decode(out, sizeof(out), &info), OB_OK);
    assert_int_equal(info.signature, OB_INFO_SIGNATURE_UNSAID);
}

static void without_room_nothing_is_said(void **state)
{
    uint8_t out[sizeof(stored)];

    (void)state;
    for (uint32_t size = 0; size < sizeof(stored); size++) {
        struct ob_boot_info info;
        memset(out, 0xa5, sizeof(out));
        assert_int_equal(ob_boot_info_encode(&told, out, size), 0);
        assert_true(ob_filled(out + size, sizeof(out) - size, 0xa5));
        assert_int_equal(ob_boot_info_decode(out, size, &info), OB_ERR_EMPTY);
    }
}

static void each_byte_may_lie(void **state)
{
    uint8_t bytes[sizeof(stored)];

    (void)state;
    for (uint32_t at = 0; at < sizeof(stored); at++) {
        for (unsigned value = 0; value < 256; value++) {
            struct ob_boot_info info = {.slot = 0xee};
            memcpy(bytes, stored, sizeof(bytes));
            bytes[at] = (uint8_t)value;
            enum ob_err err = ob_boot_info_decode(bytes, sizeof(bytes), &info); /* sanitizers look */
            assert_true(err == OB_OK || info.slot == 0xee);
            assert_true(info.image_count <= OB_IMAGES_MAX);
        }
    }
}

static void lengths_beyond_the_end_are_refused(void **state)
{
    struct ob_boot_info info;
    uint8_t bytes[sizeof(stored)];

    (void)state;
    assert_int_equal(ob_boot_info_decode(stored, sizeof(stored) - 1, &info), OB_ERR_FORMAT);
    memcpy(bytes, stored, sizeof(bytes));
    bytes[sizeof(bytes) - 6] = 5;
    assert_int_equal(ob_boot_info_decode(bytes, sizeof(bytes), &info), OB_ERR_FORMAT);
    memcpy(bytes, stored, sizeof(bytes));
    bytes[0] = 0;
    assert_int_equal(ob_boot_info_decode(bytes, sizeof(bytes), &info), OB_ERR_EMPTY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_mcuboots),
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(signature_that_mcuboot_has_no_number_for_is_not_said),
        cmocka_unit_test(without_room_nothing_is_said),
        cmocka_unit_test(each_byte_may_lie),
        cmocka_unit_test(lengths_beyond_the_end_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
