/* SPDX-License-Identifier: Apache-2.0 */
/* The watcher allows what the history allows, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "beliefs.h"

static const struct sim_rules rules = {
    .revertible = true,
    .valid = {[SIM_IMAGE_A] = true, [SIM_IMAGE_B] = true, [SIM_IMAGE_C] = true},
};

static struct sim_beliefs running_a(void)
{
    struct sim_beliefs beliefs;

    sim_beliefs_set(&beliefs, &(struct sim_belief){.running = SIM_IMAGE_A});
    return beliefs;
}

/* A start after which this image runs. false: that contradicts what was known. */
static bool start_runs(struct sim_beliefs *beliefs, enum sim_image_id image)
{
    bool same[SIM_IMAGES] = {false};

    same[image] = true;
    sim_beliefs_start(beliefs, &rules);
    sim_beliefs_see_image(beliefs, same);
    return beliefs->count > 0;
}

static void without_a_request_nothing_changes(void **state)
{
    (void)state;
    struct sim_beliefs yes = running_a();
    struct sim_beliefs no = running_a();

    assert_true(start_runs(&yes, SIM_IMAGE_A));
    assert_false(start_runs(&no, SIM_IMAGE_B));
}

static void a_request_that_returned_must_be_honoured(void **state)
{
    (void)state;
    struct sim_beliefs yes = running_a();

    sim_beliefs_request(&yes, SIM_IMAGE_B, false, SIM_YES);
    struct sim_beliefs no = yes;
    assert_true(start_runs(&yes, SIM_IMAGE_B));
    assert_false(start_runs(&no, SIM_IMAGE_A));
}

static void a_request_that_was_cut_may_be_honoured_now_later_or_never(void **state)
{
    (void)state;
    struct sim_beliefs beliefs = running_a();

    sim_beliefs_request(&beliefs, SIM_IMAGE_B, true, SIM_TORN);
    struct sim_beliefs now = beliefs;
    assert_true(start_runs(&now, SIM_IMAGE_B));
    assert_true(start_runs(&beliefs, SIM_IMAGE_A));
    struct sim_beliefs later = beliefs;
    assert_true(start_runs(&later, SIM_IMAGE_B));
    assert_true(start_runs(&beliefs, SIM_IMAGE_A));
}

static void after_trouble_only_an_image_on_its_way_may_lie_there(void **state)
{
    (void)state;
    const bool b[SIM_IMAGES] = {[SIM_IMAGE_B] = true};
    const bool c[SIM_IMAGES] = {[SIM_IMAGE_C] = true};
    struct sim_beliefs beliefs = running_a();

    sim_beliefs_request(&beliefs, SIM_IMAGE_B, false, SIM_YES);
    struct sim_beliefs other = beliefs;
    sim_beliefs_see_copied(&beliefs, b);
    assert_int_equal(beliefs.count, 1);
    assert_int_equal(beliefs.belief[0].request, SIM_YES); /* still to be finished */
    sim_beliefs_see_copied(&other, c);
    assert_int_equal(other.count, 0);
}

static void rest_is_wrong_if_no_truth_allows_it(void **state)
{
    (void)state;
    struct sim_beliefs beliefs = running_a();

    assert_false(sim_beliefs_restless(&beliefs));
    sim_beliefs_request(&beliefs, SIM_IMAGE_B, false, SIM_YES);
    assert_true(sim_beliefs_restless(&beliefs));
    struct sim_beliefs resting = running_a();
    sim_beliefs_join(&beliefs, &resting);
    assert_false(sim_beliefs_restless(&beliefs));
}

static void an_invalid_image_must_be_refused(void **state)
{
    (void)state;
    struct sim_beliefs yes = running_a();

    sim_beliefs_request(&yes, SIM_IMAGE_BAD, false, SIM_YES);
    struct sim_beliefs no = yes;
    assert_true(start_runs(&yes, SIM_IMAGE_A));
    assert_false(start_runs(&no, SIM_IMAGE_BAD));
}

static void what_was_not_confirmed_must_go(void **state)
{
    (void)state;
    struct sim_beliefs yes = running_a();

    sim_beliefs_request(&yes, SIM_IMAGE_B, false, SIM_YES);
    assert_true(start_runs(&yes, SIM_IMAGE_B));
    struct sim_beliefs no = yes;
    assert_true(start_runs(&yes, SIM_IMAGE_A));
    assert_false(start_runs(&no, SIM_IMAGE_B));
}

static void what_was_confirmed_must_stay(void **state)
{
    (void)state;
    struct sim_beliefs yes = running_a();

    sim_beliefs_request(&yes, SIM_IMAGE_B, false, SIM_YES);
    assert_true(start_runs(&yes, SIM_IMAGE_B));
    sim_beliefs_confirm(&yes, SIM_YES);
    struct sim_beliefs no = yes;
    assert_true(start_runs(&yes, SIM_IMAGE_B));
    assert_false(start_runs(&no, SIM_IMAGE_A));
}

static void a_torn_confirmation_is_final_once_it_was_seen(void **state)
{
    (void)state;
    struct sim_beliefs beliefs = running_a();

    sim_beliefs_request(&beliefs, SIM_IMAGE_B, false, SIM_YES);
    assert_true(start_runs(&beliefs, SIM_IMAGE_B));
    sim_beliefs_confirm(&beliefs, SIM_TORN);
    struct sim_beliefs reverted = beliefs;
    assert_true(start_runs(&reverted, SIM_IMAGE_A));
    assert_true(start_runs(&beliefs, SIM_IMAGE_B));
    sim_beliefs_see_confirmed(&beliefs, true);
    assert_false(start_runs(&beliefs, SIM_IMAGE_A));
}

static void a_permanent_update_stays_without_confirmation(void **state)
{
    (void)state;
    struct sim_beliefs beliefs = running_a();

    sim_beliefs_request(&beliefs, SIM_IMAGE_B, true, SIM_YES);
    assert_true(start_runs(&beliefs, SIM_IMAGE_B));
    sim_beliefs_see_confirmed(&beliefs, true);
    assert_int_equal(beliefs.count, 1);
    assert_true(start_runs(&beliefs, SIM_IMAGE_B));
}

static void an_unconfirmed_image_must_not_count_as_confirmed(void **state)
{
    (void)state;
    struct sim_beliefs beliefs = running_a();

    sim_beliefs_request(&beliefs, SIM_IMAGE_B, false, SIM_YES);
    assert_true(start_runs(&beliefs, SIM_IMAGE_B));
    sim_beliefs_see_confirmed(&beliefs, true);
    assert_int_equal(beliefs.count, 0);
}

static void without_the_old_image_the_new_one_may_stay(void **state)
{
    (void)state;
    struct sim_beliefs beliefs = running_a();

    sim_beliefs_request(&beliefs, SIM_IMAGE_B, false, SIM_YES);
    assert_true(start_runs(&beliefs, SIM_IMAGE_B));
    sim_beliefs_erase(&beliefs, true, SIM_TORN);
    struct sim_beliefs reverted = beliefs;
    assert_true(start_runs(&reverted, SIM_IMAGE_A));
    assert_true(start_runs(&beliefs, SIM_IMAGE_B));
}

static void an_erased_slot_holds_no_request(void **state)
{
    (void)state;
    struct sim_beliefs beliefs = running_a();

    sim_beliefs_request(&beliefs, SIM_IMAGE_B, false, SIM_YES);
    sim_beliefs_erase(&beliefs, false, SIM_TORN);
    struct sim_beliefs half_erased = beliefs;
    assert_true(start_runs(&half_erased, SIM_IMAGE_B));
    sim_beliefs_erase(&beliefs, false, SIM_YES);
    assert_false(start_runs(&beliefs, SIM_IMAGE_B));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_request_nothing_changes),
        cmocka_unit_test(a_request_that_returned_must_be_honoured),
        cmocka_unit_test(a_request_that_was_cut_may_be_honoured_now_later_or_never),
        cmocka_unit_test(after_trouble_only_an_image_on_its_way_may_lie_there),
        cmocka_unit_test(rest_is_wrong_if_no_truth_allows_it),
        cmocka_unit_test(an_invalid_image_must_be_refused),
        cmocka_unit_test(what_was_not_confirmed_must_go),
        cmocka_unit_test(what_was_confirmed_must_stay),
        cmocka_unit_test(a_torn_confirmation_is_final_once_it_was_seen),
        cmocka_unit_test(a_permanent_update_stays_without_confirmation),
        cmocka_unit_test(an_unconfirmed_image_must_not_count_as_confirmed),
        cmocka_unit_test(without_the_old_image_the_new_one_may_stay),
        cmocka_unit_test(an_erased_slot_holds_no_request),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
