/* SPDX-License-Identifier: Apache-2.0 */
/* What the bootloader remembers of what it did. The simulator asks the same after every cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <outboard/update.h>
#include <outboard/util.h>

#include "ram_device.h"

static struct ram_device device;
static struct image_maker image[2];

static int set_up(void **state)
{
    (void)state;
    ram_device_init(&device);
    device_image(&device, &image[0], 1, 0x2222);
    device_image(&device, &image[1], 2, 0x3333);
    device_program(&device, 0, &image[0]);
    return 0;
}

static void start(enum ob_err expected)
{
    struct ob_boot_result result;

    assert_int_equal(ob_boot_run(&device.boot, &result), expected);
}

/** The newest event but n is this one, about the image with this minor version. */
static void assert_event(uint32_t n, enum ob_event_kind kind, uint8_t minor, uint8_t what, enum ob_err reason)
{
    struct ob_event event;

    assert_int_equal(ob_update_read_event(&device.ledger, n, &event), OB_OK);
    assert_int_equal(event.kind, kind);
    assert_int_equal(event.version.minor, minor);
    assert_int_equal(event.what, what);
    assert_int_equal(event.reason, -reason);
}

static void assert_ends_at(uint32_t n)
{
    struct ob_event event;

    assert_int_equal(ob_update_read_event(&device.ledger, n, &event), OB_ERR_NOENT);
}

static void tells_what_was_asked_for_installed_and_taken_back(void **state)
{
    (void)state;
    assert_ends_at(0);
    device_download(&device, 0, &image[1], false);
    start(OB_OK);
    assert_event(0, OB_EVENT_INSTALLED, 2, OB_JOB_TEST, OB_OK);
    assert_event(1, OB_EVENT_BEGUN, 2, OB_JOB_TEST, OB_OK);
    assert_ends_at(2);
    start(OB_OK);
    assert_event(0, OB_EVENT_INSTALLED, 1, OB_JOB_REVERT, OB_OK);
    assert_event(1, OB_EVENT_GOES_BACK, 1, OB_JOB_REVERT, OB_OK);
    assert_event(2, OB_EVENT_INSTALLED, 2, OB_JOB_TEST, OB_OK);
    assert_ends_at(4);
    assert_int_equal(device_event(&device, 0).start, 2);
    assert_int_equal(device_event(&device, 2).start, 1);
}

static void tells_why_the_image_before_came_back(void **state)
{
    (void)state;
    device_download(&device, 0, &image[1], true);
    start(OB_OK);
    device.internal.bytes[device.slots[0].primary.start + 0x400] ^= 1;
    start(OB_OK);
    assert_event(0, OB_EVENT_INSTALLED, 1, OB_JOB_REVERT, OB_OK);
    assert_event(1, OB_EVENT_GOES_BACK, 1, OB_JOB_REVERT, OB_ERR_DIGEST);
}

static void last_eight_events_outlast_any_number_of_updates(void **state)
{
    (void)state;
    for (unsigned update = 0; update < 40; update++) {
        device_download(&device, 0, &image[(update + 1) % 2], true);
        start(OB_OK);
        for (uint32_t n = 0; n < OB_MIN(2 * (update + 1), OB_LEDGER_LOG); n++) {
            assert_event(n, n % 2 == 0 ? OB_EVENT_INSTALLED : OB_EVENT_BEGUN, (update + 1 + n / 2) % 2 + 1,
                         OB_JOB_PERMANENT, OB_OK);
            assert_int_equal(device_event(&device, n).number, 2 * (update + 1) - n);
        }
    }
}

static void last_eight_events_outlast_any_number_of_refusals(void **state)
{
    (void)state;
    for (unsigned round = 1; round <= 20; round++) {
        device_image(&device, &image[1], (uint8_t)(round + 1), 0x3333);
        image[1].bytes[0x400] ^= 1;
        device_download(&device, 0, &image[1], true);
        start(OB_OK);
        for (uint32_t n = 0; n < OB_MIN(round, OB_LEDGER_LOG); n++) {
            assert_event(n, OB_EVENT_REFUSED, (uint8_t)(round + 1 - n), OB_KIND_P256, OB_ERR_DIGEST);
        }
    }
}

/** Start with so many writes and erases left. */
static void start_until(unsigned left)
{
    struct ram_power power = {.left = left};
    struct ob_boot_result result;

    device.internal.power = device.external.power = &power;
    enum ob_err err = ob_boot_run(&device.boot, &result);
    (void)err;
    device.internal.power = device.external.power = NULL;
}

static bool is_begun(void)
{
    struct ob_ledger ledger;

    assert_int_equal(ob_ledger_read(&device.ledger, 1, &ledger), OB_OK);
    return ledger.now.counts && ledger.now.value == OB_RECORD_STEPS && ledger.now.same >= OB_LEDGER_SETTLED;
}

/** Download, and let the power fail where the job has just begun. */
static void begin_job(void)
{
    static struct ram_flash internal;
    static struct ram_flash external;

    device_download(&device, 0, &image[1], false);
    internal = device.internal;
    external = device.external;
    for (unsigned left = 6; !is_begun(); left++) {
        assert_true(left < 500);
        device.internal = internal;
        device.external = external;
        start_until(left);
    }
}

static void what_was_begun_and_taken_back_stays_in_the_record(void **state)
{
    (void)state;
    begin_job();
    assert_event(0, OB_EVENT_BEGUN, 2, OB_JOB_TEST, OB_OK);
    memset(device.external.bytes, 0xff, sizeof(device.external.bytes));
    start(OB_OK);
    assert_event(0, OB_EVENT_VOID, 2, OB_JOB_TEST, OB_OK);
    assert_event(1, OB_EVENT_BEGUN, 2, OB_JOB_TEST, OB_OK);
    assert_ends_at(2);
}

/** Wherever the power fails in taking it back. */
static void no_cut_costs_what_was_begun_and_taken_back(void **state)
{
    static struct ram_flash begun;

    (void)state;
    begin_job();
    begun = device.internal;
    memset(device.external.bytes, 0xff, sizeof(device.external.bytes));
    for (unsigned left = 1; left < 30; left++) {
        device.internal = begun;
        start_until(left);
        start(OB_OK);
        const uint32_t twice = device_event(&device, 1).kind == OB_EVENT_VOID; /* noted again after the cut */
        assert_event(0, OB_EVENT_VOID, 2, OB_JOB_TEST, OB_OK);
        assert_event(1 + twice, OB_EVENT_BEGUN, 2, OB_JOB_TEST, OB_OK);
        assert_ends_at(2 + twice);
    }
}

static void full_bank_takes_what_is_remembered_of_a_job_that_is_taken_back(void **state)
{
    (void)state;
    for (unsigned round = 1; round <= 6; round++) {
        begin_job();
        memset(device.external.bytes, 0xff, sizeof(device.external.bytes));
        start(OB_OK);
        assert_event(0, OB_EVENT_VOID, 2, OB_JOB_TEST, OB_OK);
        assert_event(1, OB_EVENT_BEGUN, 2, OB_JOB_TEST, OB_OK);
    }
}

static enum ob_err read_nothing(const struct ob_flash *flash, uint32_t off, void *dst, uint32_t len)
{
    (void)flash;
    (void)off;
    (void)dst;
    (void)len;
    return OB_ERR_TIMEOUT;
}

static void tells_that_it_waited_in_vain(void **state)
{
    static const struct ob_flash_ops dead = {.read = read_nothing};
    const struct ob_flash_ops *ops = device.external.flash.ops;
    struct ob_boot_result result;

    (void)state;
    begin_job();
    start_until(60); /* somewhere in the middle */
    device.external.flash.ops = &dead;
    assert_int_not_equal(ob_boot_run(&device.boot, &result), OB_OK);
    assert_event(0, OB_EVENT_WAITED, 2, OB_JOB_TEST, OB_ERR_TIMEOUT);
    device.external.flash.ops = ops;
    start(OB_OK);
    assert_event(0, OB_EVENT_INSTALLED, 2, OB_JOB_TEST, OB_OK);
}

static const struct ob_flash_ops *honest;
static uint32_t stained; /* a bank where what its erase left stands where records go */

static enum ob_err write_no_record(const struct ob_flash *flash, uint32_t off, const void *src, uint32_t len)
{
    static const uint8_t left[4];

    bool record = len == sizeof(left) && off / (device.ledger.size / OB_LEDGER_BANKS) == stained;

    return honest->write(flash, off, record ? left : src, len);
}

static void page_that_cannot_be_turned_orders_nothing(void **state)
{
    struct ob_ledger *ledger = &device.work.ledger;
    struct ob_flash_ops changed;

    (void)state;
    device_download(&device, 0, &image[1], true);
    start(OB_OK);
    honest = device.internal.flash.ops;
    changed = *honest;
    changed.write = write_no_record;
    device.internal.flash.ops = &changed;
    assert_int_equal(ob_ledger_read(&device.ledger, 1, ledger), OB_OK);
    stained = 1u - ledger->bank;
    enum ob_err err = OB_OK;
    for (uint32_t n = 0; n <= OB_LEDGER_EVENTS && err == OB_OK; n++) {
        err = ob_ledger_note(ledger, &(struct ob_event){.kind = OB_EVENT_CHIP, .address = n});
    }
    assert_int_equal(err, OB_ERR_VERIFY);
    device.internal.flash.ops = honest;
    assert_int_equal(ob_ledger_hold(ledger, 0), OB_OK);
    assert_int_equal(ob_ledger_read(&device.ledger, 1, ledger), OB_OK);
    assert_int_equal(ob_ledger_kind(ledger), OB_RECORD_QUIET);
    start(OB_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(tells_what_was_asked_for_installed_and_taken_back, set_up),
        cmocka_unit_test_setup(tells_why_the_image_before_came_back, set_up),
        cmocka_unit_test_setup(last_eight_events_outlast_any_number_of_updates, set_up),
        cmocka_unit_test_setup(last_eight_events_outlast_any_number_of_refusals, set_up),
        cmocka_unit_test_setup(what_was_begun_and_taken_back_stays_in_the_record, set_up),
        cmocka_unit_test_setup(no_cut_costs_what_was_begun_and_taken_back, set_up),
        cmocka_unit_test_setup(full_bank_takes_what_is_remembered_of_a_job_that_is_taken_back, set_up),
        cmocka_unit_test_setup(tells_that_it_waited_in_vain, set_up),
        cmocka_unit_test_setup(page_that_cannot_be_turned_orders_nothing, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
