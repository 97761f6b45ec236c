/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An image that another processor takes over and that cannot come back: what a start does with a receiver that takes
 * it, does not answer, or says no. Without cuts: those are the simulator's, `outboard sim cuts --updateable 2
 * --handover`.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <outboard/tlv.h>
#include <outboard/update.h>
#include <outboard/util.h>

#include "ram_device.h"

#define SLOT 0x8000u

static struct ram_device device;
static struct ram_flash staging; /* the primary of image 1 */
static struct image_maker old_image, new_image, radio_image, newer_radio_image;
static const struct ob_area *const primary = &device.slots[0].primary;

/** The other processor. */
static struct {
    uint8_t bytes[SLOT]; /* what it holds; zeros: what the factory put there */
    uint32_t asked;
    uint32_t fails; /* so many times, with: */
    enum ob_err answer;
    bool primary_was_old;         /* when it was asked last */
    bool wipes_the_other_request; /* meanwhile somebody changes the external chip */
} radio;

static bool holds(const struct image_maker *maker)
{
    return memcmp(device.internal.bytes + primary->start, maker->bytes, maker->len) == 0;
}

static bool radio_holds(const struct image_maker *maker)
{
    return memcmp(radio.bytes, maker->bytes, maker->len) == 0;
}

static enum ob_err take(void *ctx, const struct ob_area *from, const struct ob_image *image,
                        const struct ob_hooks *hooks)
{
    (void)ctx;
    (void)hooks;
    radio.asked++;
    radio.primary_was_old = holds(&old_image);
    if (radio.asked <= radio.fails) {
        memset(radio.bytes, 0x55, image->size / 2);
        return radio.answer;
    }
    assert_int_equal(ob_area_read(from, 0, radio.bytes, image->size), OB_OK);
    if (radio.wipes_the_other_request) {
        memset(device.external.bytes, 0xff, SLOT);
    }
    return OB_OK;
}

static const struct ob_receiver receiver = {.take = take};

static int set_up(void **state)
{
    (void)state;
    ram_device_init(&device);
    ram_flash_init(&staging);
    memset(&radio, 0, sizeof(radio));
    device.slots[1].primary = (struct ob_area){.flash = &staging.flash, .start = 0, .size = SLOT};
    device.slots[1].receiver = &receiver;
    device.boot.image_count = 2;
    device_image(&device, &old_image, 1, 0x3321);
    device_image(&device, &new_image, 2, 0x3432);
    device_image(&device, &radio_image, 3, 0x2345);
    device_image(&device, &newer_radio_image, 4, 0x1234);
    device_program(&device, 0, &old_image);
    return 0;
}

static int set_up_overwrite(void **state)
{
    set_up(state);
    device.boot.mode = &ob_mode_overwrite;
    return 0;
}

static int set_up_guarded(void **state)
{
    set_up(state);
    device.boot.guard = OB_GUARD_VERSION;
    return 0;
}

/** Whoever updates sees nothing of the primary of image 1. */
static void ask_for(const struct image_maker *application, const struct image_maker *for_radio, bool permanent)
{
    struct ob_update updates[2];
    const struct image_maker *makers[2] = {application, for_radio};
    uint32_t count = 0;

    memset(staging.bytes, 0xff, sizeof(staging.bytes));
    for (uint32_t image = 0; image < 2; image++) {
        if (makers[image] != NULL) {
            struct ob_update *update = &updates[count++];
            assert_int_equal(
                ob_update_begin(update, &device.slots[image], device.boot.mode->id, 0, makers[image]->len, NULL, NULL),
                OB_OK);
            assert_int_equal(ob_update_write(update, makers[image]->bytes, makers[image]->len), OB_OK);
        }
    }
    assert_int_equal(ob_update_request_all(updates, count, permanent), OB_OK);
}

static void assert_boots(const struct image_maker *image, enum ob_swap swap)
{
    struct ob_boot_result result;

    memset(staging.bytes, 0xa7, sizeof(staging.bytes)); /* RAM holds what it likes */
    assert_int_equal(ob_boot_run(&device.boot, &result), OB_OK);
    assert_true(holds(image));
    assert_int_equal(result.swap, swap);
    assert_int_equal(result.image.version.minor, image->bytes[21]);
}

static bool was_noted(enum ob_event_kind kind, uint8_t image, enum ob_err reason)
{
    bool noted = false;

    for (uint32_t n = 0; n < OB_LEDGER_EVENTS; n++) {
        struct ob_event event = device_event(&device, n);
        noted = noted || (event.kind == kind && event.image == image && event.reason == -reason);
    }
    return noted;
}

/* ---- promises ---- */

static void image_is_handed_over_alone(void **state)
{
    (void)state;
    ask_for(NULL, &radio_image, true);
    assert_boots(&old_image, OB_SWAP_PERMANENT);
    assert_true(radio_holds(&radio_image));
    assert_boots(&old_image, OB_SWAP_NONE);
    assert_int_equal(radio.asked, 1);
}

static void image_is_handed_over_before_a_primary_is_touched(void **state)
{
    (void)state;
    ask_for(&new_image, &radio_image, true);
    assert_boots(&new_image, OB_SWAP_PERMANENT);
    assert_true(radio.primary_was_old && radio_holds(&radio_image));
    assert_boots(&new_image, OB_SWAP_NONE);
    assert_int_equal(radio.asked, 1);
}

static struct ob_update_state state_of(uint32_t image)
{
    struct ob_update_state state;

    assert_int_equal(ob_update_read_state(&device.slots[image], &device.ledger, image, &state), OB_OK);
    return state;
}

static void record_tells_of_each_image_what_became_of_it(void **state)
{
    (void)state;
    ask_for(NULL, &radio_image, true);
    assert_boots(&old_image, OB_SWAP_PERMANENT);
    assert_int_equal(ob_event_images(&(struct ob_event){.kind = OB_EVENT_INSTALLED, .image = 1}), 2);
    assert_int_equal(state_of(0).last, OB_UPDATE_NONE);
    ask_for(&new_image, NULL, true); /* the ledger's last job does not know of the radio any more */
    assert_boots(&new_image, OB_SWAP_PERMANENT);
    assert_int_equal(state_of(0).last, OB_UPDATE_PERMANENT);
    assert_int_equal(state_of(1).last, OB_UPDATE_PERMANENT);
    assert_int_equal(state_of(1).last_version.minor, radio_image.bytes[21]);
    ask_for(&old_image, &radio_image, true);
    assert_boots(&old_image, OB_SWAP_PERMANENT);
    struct ob_event event = device_event(&device, 0);
    assert_int_equal(event.kind, OB_EVENT_INSTALLED);
    assert_int_equal(ob_event_images(&event), 3);
    assert_int_equal(state_of(1).last_version.minor, radio_image.bytes[21]);
}

static void refusal_of_one_image_is_told_until_that_image_is_installed(void **state)
{
    static struct image_maker broken;

    (void)state;
    broken = radio_image;
    broken.bytes[0x400] ^= 1;
    ask_for(NULL, &broken, true);
    assert_boots(&old_image, OB_SWAP_NONE);
    ask_for(&new_image, NULL, true);
    assert_boots(&new_image, OB_SWAP_PERMANENT);
    assert_int_equal(state_of(1).last, OB_UPDATE_REFUSED);
    ask_for(NULL, &radio_image, true);
    assert_boots(&new_image, OB_SWAP_PERMANENT);
    assert_int_equal(state_of(1).last, OB_UPDATE_PERMANENT);
}

static void what_goes_with_it_is_for_good_and_that_is_said(void **state)
{
    (void)state;
    ask_for(&new_image, &radio_image, false);
    assert_boots(&new_image, OB_SWAP_PERMANENT);
    assert_true(was_noted(OB_EVENT_NO_WAY_BACK, 0, OB_OK) && was_noted(OB_EVENT_NO_WAY_BACK, 1, OB_OK));
    assert_boots(&new_image, OB_SWAP_NONE);
    assert_true(radio_holds(&radio_image));
}

static void application_alone_is_on_trial_as_ever(void **state)
{
    (void)state;
    ask_for(NULL, &radio_image, true);
    assert_boots(&old_image, OB_SWAP_PERMANENT);
    ask_for(&new_image, NULL, false);
    assert_boots(&new_image, OB_SWAP_TEST);
    assert_boots(&old_image, OB_SWAP_REVERT);
    assert_int_equal(radio.asked, 1);
}

static void who_is_on_trial_hands_nothing_over(void **state)
{
    (void)state;
    ask_for(&new_image, NULL, false);
    assert_boots(&new_image, OB_SWAP_TEST);
    ask_for(NULL, &radio_image, true);
    assert_boots(&old_image, OB_SWAP_REVERT);
    assert_int_equal(radio.asked, 0);
    assert_boots(&old_image, OB_SWAP_PERMANENT);
    assert_true(radio_holds(&radio_image));
}

static void receiver_is_asked_again(void **state)
{
    (void)state;
    radio.fails = 2;
    radio.answer = OB_ERR_TIMEOUT;
    ask_for(&new_image, &radio_image, true);
    assert_boots(&new_image, OB_SWAP_PERMANENT);
    assert_true(radio_holds(&radio_image));
    assert_int_equal(radio.asked, 3);
}

static void assert_costs_the_update_only(enum ob_err answer)
{
    radio.fails = 3;
    radio.answer = answer;
    ask_for(&new_image, &radio_image, true);
    assert_boots(&old_image, OB_SWAP_NONE);
    assert_int_equal(radio.asked, 3);
    assert_true(was_noted(OB_EVENT_MISSING, 1, answer));
    assert_int_equal(state_of(1).last, OB_UPDATE_MISSING);
    assert_false(was_noted(OB_EVENT_MISSING, 0, answer));
    assert_boots(&old_image, OB_SWAP_NONE);
    assert_int_equal(radio.asked, 3);
    ask_for(&new_image, &newer_radio_image, true);
    assert_boots(&new_image, OB_SWAP_PERMANENT);
    assert_true(radio_holds(&newer_radio_image));
}

static void receiver_that_never_answers_costs_the_update_and_nothing_else(void **state)
{
    (void)state;
    assert_costs_the_update_only(OB_ERR_TIMEOUT);
}

static void receiver_that_says_no_costs_the_update_and_nothing_else(void **state)
{
    (void)state;
    assert_costs_the_update_only(OB_ERR_FAILED);
}

static void old_application_stays_if_the_new_one_is_gone_behind_the_handover(void **state)
{
    struct ob_update_state told;

    (void)state;
    radio.wipes_the_other_request = true;
    ask_for(&new_image, &radio_image, true);
    assert_boots(&old_image, OB_SWAP_NONE);
    assert_true(radio_holds(&radio_image));
    assert_true(was_noted(OB_EVENT_MISSING, 0, OB_ERR_DIGEST));
    assert_int_equal(ob_update_read_state(&device.slots[1], &device.ledger, 1, &told), OB_OK);
    assert_int_equal(told.last_version.minor, 3);
    radio.wipes_the_other_request = false;
    ask_for(&new_image, &newer_radio_image, true);
    assert_boots(&new_image, OB_SWAP_PERMANENT);
}

static void older_image_than_the_one_that_was_taken_is_refused(void **state)
{
    (void)state;
    ask_for(NULL, &newer_radio_image, true);
    assert_boots(&old_image, OB_SWAP_PERMANENT);
    ask_for(NULL, &radio_image, true);
    assert_boots(&old_image, OB_SWAP_NONE);
    assert_true(was_noted(OB_EVENT_REFUSED, 1, OB_ERR_OLD) && radio_holds(&newer_radio_image));
}

/** Version 1.5, which needs image 1 from version 1.4 on. */
static void make_demanding(struct image_maker *maker)
{
    const uint8_t needs[12] = {1, 0, 0, 0, 1, 4};

    device_image_begin(&device, maker, 5, 0x2222);
    maker_protect(maker, OB_TLV_DEPENDENCY, needs, sizeof(needs));
    device_image_sign(maker);
}

static void application_that_needs_another_image_of_the_receiver_waits_for_it(void **state)
{
    static struct image_maker demanding;

    (void)state;
    make_demanding(&demanding);
    ask_for(&demanding, NULL, true); /* what the factory put there is not known */
    assert_boots(&old_image, OB_SWAP_NONE);
    ask_for(&demanding, &radio_image, true);
    assert_boots(&old_image, OB_SWAP_NONE);
    assert_true(was_noted(OB_EVENT_REFUSED, 0, OB_ERR_DEPENDS));
    assert_int_equal(radio.asked, 0);
    ask_for(NULL, &newer_radio_image, true);
    assert_boots(&old_image, OB_SWAP_PERMANENT);
    ask_for(&demanding, NULL, true);
    assert_boots(&demanding, OB_SWAP_PERMANENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(image_is_handed_over_alone, set_up),
        cmocka_unit_test_setup(image_is_handed_over_before_a_primary_is_touched, set_up),
        cmocka_unit_test_setup(image_is_handed_over_before_a_primary_is_touched, set_up_overwrite),
        cmocka_unit_test_setup(record_tells_of_each_image_what_became_of_it, set_up),
        cmocka_unit_test_setup(refusal_of_one_image_is_told_until_that_image_is_installed, set_up),
        cmocka_unit_test_setup(what_goes_with_it_is_for_good_and_that_is_said, set_up),
        cmocka_unit_test_setup(application_alone_is_on_trial_as_ever, set_up),
        cmocka_unit_test_setup(who_is_on_trial_hands_nothing_over, set_up),
        cmocka_unit_test_setup(receiver_is_asked_again, set_up),
        cmocka_unit_test_setup(receiver_that_never_answers_costs_the_update_and_nothing_else, set_up),
        cmocka_unit_test_setup(receiver_that_never_answers_costs_the_update_and_nothing_else, set_up_overwrite),
        cmocka_unit_test_setup(receiver_that_says_no_costs_the_update_and_nothing_else, set_up),
        cmocka_unit_test_setup(old_application_stays_if_the_new_one_is_gone_behind_the_handover, set_up),
        cmocka_unit_test_setup(old_application_stays_if_the_new_one_is_gone_behind_the_handover, set_up_overwrite),
        cmocka_unit_test_setup(older_image_than_the_one_that_was_taken_is_refused, set_up_guarded),
        cmocka_unit_test_setup(application_that_needs_another_image_of_the_receiver_waits_for_it, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
