/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the security counter promises (docs/SPEC.md, "The floor"). Small inputs; with cuts of every kind and chips that
 * lie: the scenarios `counter` and `counted` of `outboard sim cuts`. Versions are tests/unit/test_promises.c's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <outboard/update.h>
#include <outboard/util.h>

#include "ram_device.h"

#define SIZE 0x2345u

static struct ram_device device;
static struct image_maker runs;  /* version 1.5, counter 5 */
static struct image_maker next;  /* version 1.4, counter 6 */
static struct image_maker lower; /* version 1.9, counter 4 */
static struct image_maker bare;  /* version 1.8, none */

static void make(struct image_maker *maker, uint8_t minor, uint32_t counter)
{
    uint8_t stored[4];

    device_image_begin(&device, maker, minor, SIZE);
    if (counter != 0) {
        ob_put_le32(stored, counter);
        maker_protect(maker, OB_TLV_SEC_CNT, stored, sizeof(stored));
    }
    device_image_sign(maker);
}

static int make_all(void **state)
{
    (void)state;
    ram_device_init(&device);
    make(&runs, 5, 5);
    make(&next, 4, 6);
    make(&lower, 9, 4);
    make(&bare, 8, 0);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    ram_device_init(&device);
    device.boot.guard = OB_GUARD_ENFORCED;
    device_program(&device, 0, &runs);
    return 0;
}

static int set_up_by_counter(void **state)
{
    set_up(state);
    device.boot.guard = OB_GUARD_COUNTER;
    return 0;
}

static uint32_t stated_counter(void)
{
    struct ob_ledger ledger;

    assert_int_equal(ob_ledger_read(&device.ledger, 1, &ledger), OB_OK);
    return ledger.head.part[0].floor.counter;
}

static void assert_boots(const struct image_maker *image, enum ob_swap swap)
{
    struct ob_boot_result result;

    assert_int_equal(ob_boot_run(&device.boot, &result), OB_OK);
    assert_int_equal(result.image.version.minor, image->bytes[21]);
    assert_int_equal(result.swap, swap);
}

static void assert_starts_nothing(enum ob_err why)
{
    struct ob_boot_result result;

    assert_int_equal(ob_boot_run(&device.boot, &result), why);
}

static void assert_refused(const struct image_maker *image)
{
    device_download(&device, 0, image, true);
    assert_boots(&runs, OB_SWAP_NONE);
    assert_int_equal(device_event(&device, 0).kind, OB_EVENT_REFUSED);
    assert_int_equal(device_event(&device, 0).reason, -OB_ERR_COUNTER);
    assert_int_equal(device_event(&device, 0).version.minor, image->bytes[21]);
}

static void lower_counter_is_refused_whatever_the_version_is(void **state)
{
    (void)state;
    assert_refused(&lower);
    device_download(&device, 0, &next, true);
    assert_boots(&next, OB_SWAP_PERMANENT);
}

static void image_without_a_counter_is_refused(void **state)
{
    (void)state;
    assert_refused(&bare);
}

static void image_without_a_counter_is_not_started_where_counters_are_enforced(void **state)
{
    (void)state;
    device_program(&device, 0, &bare);
    assert_starts_nothing(OB_ERR_COUNTER);
    device.boot.guard = OB_GUARD_COUNTER;
    assert_boots(&bare, OB_SWAP_NONE);
}

static void first_start_states_what_came_from_the_factory(void **state)
{
    (void)state;
    assert_boots(&runs, OB_SWAP_NONE);
    assert_int_equal(stated_counter(), 5);
    unsigned erases = device.internal.erase_count;
    assert_boots(&runs, OB_SWAP_NONE);
    assert_int_equal(device.internal.erase_count, erases);
}

static void what_runs_is_held_against_what_ran_before(void **state)
{
    (void)state;
    assert_boots(&runs, OB_SWAP_NONE);
    device_program(&device, 0, &lower);
    assert_starts_nothing(OB_ERR_COUNTER);
    mcuboot_upload(&device, 0, 0, &lower);
    assert_starts_nothing(OB_ERR_COUNTER);
    mcuboot_upload(&device, 0, 0, &runs);
    assert_boots(&runs, OB_SWAP_PERMANENT);
}

static void trial_does_not_raise_and_its_confirmation_does(void **state)
{
    (void)state;
    device_download(&device, 0, &next, false);
    assert_boots(&next, OB_SWAP_TEST);
    assert_boots(&runs, OB_SWAP_REVERT);
    device_download(&device, 0, &next, false);
    assert_boots(&next, OB_SWAP_TEST);
    assert_int_equal(ob_update_confirm(&device.slots[0]), OB_OK);
    assert_boots(&next, OB_SWAP_NONE);
    device_program(&device, 0, &runs);
    assert_starts_nothing(OB_ERR_COUNTER);
}

static void broken_image_is_not_rescued_by_one_with_a_lower_counter(void **state)
{
    (void)state;
    device_download(&device, 0, &next, false);
    assert_boots(&next, OB_SWAP_TEST);
    assert_int_equal(ob_update_confirm(&device.slots[0]), OB_OK);
    assert_boots(&next, OB_SWAP_NONE);
    device.internal.bytes[device.slots[0].primary.start + 0x400] ^= 0xff;
    assert_starts_nothing(OB_ERR_DIGEST);
}

static struct ram_power power;

/** Start with a supply for so many writes and erases. @return it was not enough */
static bool start_and_cut(unsigned left)
{
    struct ob_boot_result result;

    power.left = left;
    device.internal.power = &power;
    device.external.power = &power;
    enum ob_err err = ob_boot_run(&device.boot, &result);
    device.internal.power = NULL;
    device.external.power = NULL;
    return err != OB_OK || power.left == 0;
}

static bool is_begun(void)
{
    struct ob_ledger ledger;

    assert_int_equal(ob_ledger_read(&device.ledger, 1, &ledger), OB_OK);
    return ledger.now.counts && ledger.now.value == OB_RECORD_STEPS && ledger.head.set != 0;
}

/** The new image has not come yet: what runs must start as long as its chip is away. */
static void job_that_is_begun_raises_nothing(void **state)
{
    static struct ram_power off;

    for (unsigned left = 1; !is_begun(); left++) {
        set_up(state);
        device_download(&device, 0, &next, true);
        assert_true(start_and_cut(left));
    }
    device.external.power = &off;
    assert_boots(&runs, OB_SWAP_NONE);
    device.external.power = NULL;
    assert_boots(&next, OB_SWAP_PERMANENT);
}

static void cut_leaves_the_counter_that_was_or_that_comes(void **state)
{
    bool cut = true;

    for (unsigned left = 1; cut; left++) {
        set_up(state);
        assert_boots(&runs, OB_SWAP_NONE);
        device_program(&device, 0, &next);
        cut = start_and_cut(left);
        assert_in_range(stated_counter(), 5, 6);
        assert_boots(&next, OB_SWAP_NONE);
        assert_int_equal(stated_counter(), 6);
    }
}

static void counter_instead_of_the_version(void **state)
{
    (void)state;
    assert_refused(&lower);
    assert_refused(&bare);
    device_program(&device, 0, &bare);
    device_download(&device, 0, &next, true);
    assert_boots(&next, OB_SWAP_PERMANENT);
}

#define PROMISE(function) cmocka_unit_test_setup(function, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PROMISE(lower_counter_is_refused_whatever_the_version_is),
        PROMISE(image_without_a_counter_is_refused),
        PROMISE(image_without_a_counter_is_not_started_where_counters_are_enforced),
        PROMISE(first_start_states_what_came_from_the_factory),
        PROMISE(what_runs_is_held_against_what_ran_before),
        PROMISE(trial_does_not_raise_and_its_confirmation_does),
        PROMISE(broken_image_is_not_rescued_by_one_with_a_lower_counter),
        PROMISE(job_that_is_begun_raises_nothing),
        PROMISE(cut_leaves_the_counter_that_was_or_that_comes),
        cmocka_unit_test_setup(counter_instead_of_the_version, set_up_by_counter),
    };

    return cmocka_run_group_tests(tests, make_all, NULL);
}
