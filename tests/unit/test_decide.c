/* SPDX-License-Identifier: Apache-2.0 */
/* What a start does next, for everything that it can find out. Says nothing of how it finds out, or does it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <outboard/util.h>

#include "../../core/decide.h"

/* ---- all findings about one image ---- */

#define BASES                                                   \
    {                                                           \
        6, 3, 2, 2, 2, 2, 4, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2, 2 \
    }
#define FIELDS 19u

static uint32_t combinations(void)
{
    static const uint32_t bases[FIELDS] = BASES;
    uint32_t all = 1;

    for (uint32_t i = 0; i < FIELDS; i++) {
        all *= bases[i];
    }
    return all;
}

static struct ob_findings make(uint32_t number)
{
    static const uint32_t bases[FIELDS] = BASES;
    uint32_t digit[FIELDS];

    for (uint32_t i = 0; i < FIELDS; i++) {
        digit[i] = number % bases[i];
        number /= bases[i];
    }
    return (struct ob_findings){
        .progress = (enum ob_progress)digit[0],
        .view = (enum ob_view)digit[1],
        .chip_fails = digit[2] != 0 || digit[3] != 0,
        .inside_fails = digit[3] != 0,
        .patient = digit[4] != 0,
        .fresh = digit[5] != 0,
        .revertible = digit[13] != 0,
        .swaps_unseen = digit[17] != 0,
        .count = 1,
        .image = {{.primary = (enum ob_primary)digit[6],
                   .asks = (enum ob_asks)digit[7],
                   .trial = (enum ob_trial)digit[8],
                   .offer = (enum ob_offer)digit[9],
                   .previous = (enum ob_previous)digit[10],
                   .outgoing = digit[11] != 0 && digit[6] == OB_PRIMARY_WHOLE,
                   .incoming = digit[14] != 0 && digit[6] == OB_PRIMARY_WHOLE,
                   .receiver = digit[15] != 0,
                   .stale = digit[12] != 0,
                   .above = digit[16] != 0 && digit[6] == OB_PRIMARY_WHOLE,
                   .unstated = digit[18] != 0}},
    };
}

static bool is_begun(const struct ob_findings *found)
{
    return found->progress != OB_PROGRESS_NONE && found->progress != OB_PROGRESS_DONE;
}

/** Call for each combination for which nothing more has to be read. */
static void for_all_decided(void (*check)(const struct ob_findings *found, enum ob_act act))
{
    for (uint32_t number = 0; number < combinations(); number++) {
        const struct ob_findings found = make(number);
        if (ob_needs(&found).kind == OB_NEED_NOTHING) {
            check(&found, ob_decide(&found).act);
        }
    }
}

/* ---- promises ---- */

static void check_started(const struct ob_findings *found, enum ob_act act)
{
    if (act == OB_ACT_START) {
        assert_int_equal(found->image[0].primary, OB_PRIMARY_WHOLE);
    }
}

static void nothing_is_started_that_does_not_verify(void **state)
{
    (void)state;
    for_all_decided(check_started);
}

static void check_quiet(const struct ob_findings *found, enum ob_act act)
{
    if (found->progress == OB_PROGRESS_NONE && found->chip_fails && found->image[0].primary == OB_PRIMARY_WHOLE) {
        /* That it was confirmed is stated first: internal flash is enough for that. */
        bool keeps = found->image[0].trial == OB_TRIAL_CONFIRMED && !found->inside_fails;
        assert_int_equal(act, keeps ? OB_ACT_KEEP : OB_ACT_START);
    }
}

static void untouched_primary_starts_however_the_chip_fails(void **state)
{
    (void)state;
    for_all_decided(check_quiet);
}

static void check_fresh(const struct ob_findings *found, enum ob_act act)
{
    bool whole = found->image[0].primary == OB_PRIMARY_WHOLE;

    if (found->progress == OB_PROGRESS_NONE && found->fresh && whole) {
        assert_int_not_equal(act, OB_ACT_RAISE);
        assert_false(act == OB_ACT_REVERT || act == OB_ACT_LOSE || act == OB_ACT_INSTALL || act == OB_ACT_REFUSE);
    }
}

static void what_was_installed_has_its_chance_first(void **state)
{
    (void)state;
    for_all_decided(check_fresh);
}

static void check_going_back(const struct ob_findings *found, enum ob_act act)
{
    const struct ob_found *image = &found->image[0];

    if (act == OB_ACT_REVERT) {
        assert_true(found->revertible && image->previous == OB_PREVIOUS_WHOLE);
        assert_true(image->trial == OB_TRIAL_OPEN || image->primary == OB_PRIMARY_BROKEN);
        assert_false(is_begun(found) || found->chip_fails);
    }
    if (act == OB_ACT_LOSE) {
        assert_true(image->trial == OB_TRIAL_OPEN && image->previous == OB_PREVIOUS_GONE);
    }
}

static void nothing_goes_back_from_what_is_confirmed_or_to_what_is_not_there(void **state)
{
    (void)state;
    for_all_decided(check_going_back);
}

static void check_installing(const struct ob_findings *found, enum ob_act act)
{
    const struct ob_found *image = &found->image[0];

    if (act == OB_ACT_INSTALL) {
        assert_int_equal(image->offer, OB_OFFER_FITS);
        assert_true(image->asks != OB_ASKS_NO || image->primary == OB_PRIMARY_BROKEN);
        assert_true(image->primary != OB_PRIMARY_STATED || found->swaps_unseen);
        assert_false(image->primary == OB_PRIMARY_BROKEN && image->unstated);
    }
    if (act == OB_ACT_REFUSE) {
        assert_int_equal(image->primary, OB_PRIMARY_WHOLE);
    }
    if (act == OB_ACT_INSTALL || act == OB_ACT_REFUSE) {
        assert_false(is_begun(found) || found->chip_fails);
    }
}

static void only_what_fits_and_was_asked_for_or_rescues_is_installed(void **state)
{
    (void)state;
    for_all_decided(check_installing);
}

static void check_job(const struct ob_findings *found, enum ob_act act)
{
    if (is_begun(found)) {
        assert_true(act == OB_ACT_RESUME || act == OB_ACT_VOID || act == OB_ACT_ABANDON || act == OB_ACT_WAIT ||
                    act == OB_ACT_START);
        assert_true(act != OB_ACT_START || found->image[0].outgoing || found->image[0].incoming);
    }
    if (act == OB_ACT_VOID || act == OB_ACT_ABANDON) { /* a primary that may have changed is never left */
        assert_true(found->progress == OB_PROGRESS_UNTOUCHED ||
                    (found->progress == OB_PROGRESS_MAYBE && found->image[0].outgoing));
        assert_int_equal(found->view, OB_VIEW_DIFFERS);
        bool handed = found->image[0].receiver && !found->image[0].outgoing;
        assert_int_equal(act, handed ? OB_ACT_ABANDON : OB_ACT_VOID); /* nor what was handed over forgotten */
    }
}

static void job_that_is_begun_goes_on_before_anything_else(void **state)
{
    (void)state;
    for_all_decided(check_job);
}

/** Set a field that was not read to each of its values: the act must stay the same. */
static void check_unread(const struct ob_findings *found, enum ob_act act)
{
    struct ob_findings other = *found;

    for (unsigned value = 0; value < 3; value++) {
        other = *found;
        if (found->image[0].offer == OB_OFFER_UNREAD) {
            other.image[0].offer = (enum ob_offer)value;
            assert_int_equal(ob_decide(&other).act, act);
        }
        other = *found;
        if (found->image[0].previous == OB_PREVIOUS_UNREAD) {
            other.image[0].previous = (enum ob_previous)value;
            assert_int_equal(ob_decide(&other).act, act);
        }
        other = *found;
        if (found->view == OB_VIEW_UNREAD) {
            other.view = (enum ob_view)value;
            assert_int_equal(ob_decide(&other).act, act);
        }
    }
    other = *found;
    if (found->image[0].primary == OB_PRIMARY_UNREAD) {
        other.image[0].primary = OB_PRIMARY_WHOLE;
        assert_int_equal(ob_decide(&other).act, act);
    }
}

static void nothing_hangs_on_what_was_not_read(void **state)
{
    (void)state;
    for_all_decided(check_unread);
}

/** Reading what is needed comes to an end, whatever is read. */
static void what_is_needed_is_read_once(void **state)
{
    (void)state;
    for (uint32_t number = 0; number < combinations(); number++) {
        const struct ob_findings found = make(number);
        const struct ob_need need = ob_needs(&found);
        switch (need.kind) {
        case OB_NEED_STATED:
            assert_int_equal(found.image[0].primary, OB_PRIMARY_UNREAD);
            assert_int_not_equal(found.image[0].asks, OB_ASKS_NO);
            break;
        case OB_NEED_PRIMARY:
            assert_true(found.image[0].primary == OB_PRIMARY_UNREAD || found.image[0].primary == OB_PRIMARY_STATED);
            break;
        case OB_NEED_VIEW:
            assert_int_equal(found.view, OB_VIEW_UNREAD);
            break;
        case OB_NEED_OFFER:
            assert_int_equal(found.image[0].offer, OB_OFFER_UNREAD);
            break;
        case OB_NEED_PREVIOUS:
            assert_int_equal(found.image[0].previous, OB_PREVIOUS_UNREAD);
            break;
        default:
            break;
        }
    }
}

/* ---- several images ---- */

/** A found image that wants a certain act, alone. */
static struct ob_found wanting(enum ob_act act)
{
    const struct ob_found quiet = {.primary = OB_PRIMARY_WHOLE};
    struct ob_found found = quiet;

    switch (act) {
    case OB_ACT_KEEP:
        found.trial = OB_TRIAL_CONFIRMED;
        break;
    case OB_ACT_CLEAR:
        found.stale = true;
        break;
    case OB_ACT_TIDY:
        found.spoilt = true;
        break;
    case OB_ACT_REFUSE:
        found.asks = OB_ASKS_TEST;
        found.offer = OB_OFFER_REFUSED;
        break;
    case OB_ACT_INSTALL:
        found.asks = OB_ASKS_TEST;
        found.offer = OB_OFFER_FITS;
        break;
    case OB_ACT_REVERT:
        found.trial = OB_TRIAL_OPEN;
        found.previous = OB_PREVIOUS_WHOLE;
        break;
    case OB_ACT_LOSE:
        found.trial = OB_TRIAL_OPEN;
        found.previous = OB_PREVIOUS_GONE;
        break;
    case OB_ACT_RAISE:
        found.above = true;
        break;
    case OB_ACT_STOP:
        found.primary = OB_PRIMARY_BROKEN;
        found.offer = OB_OFFER_REFUSED;
        found.previous = OB_PREVIOUS_GONE;
        break;
    default:
        break;
    }
    return found;
}

static struct ob_decision decide_two(enum ob_act first, enum ob_act second)
{
    const struct ob_findings found = {
        .count = 2, .patient = true, .revertible = true, .image = {wanting(first), wanting(second)}};

    assert_int_equal(ob_needs(&found).kind, OB_NEED_NOTHING);
    return ob_decide(&found);
}

/** In which order two images get what they want, if it is not the same: each act before all that are behind it. */
static void one_act_at_a_time_in_a_fixed_order(void **state)
{
    static const enum ob_act order[] = {OB_ACT_KEEP,    OB_ACT_RAISE, OB_ACT_CLEAR,  OB_ACT_TIDY, OB_ACT_REFUSE,
                                        OB_ACT_INSTALL, OB_ACT_LOSE,  OB_ACT_REVERT, OB_ACT_START};

    (void)state;
    for (uint32_t a = 0; a < OB_ARRAY_SIZE(order); a++) {
        for (uint32_t b = a; b < OB_ARRAY_SIZE(order); b++) {
            assert_int_equal(decide_two(order[a], order[b]).act, order[a]);
            assert_int_equal(decide_two(order[b], order[a]).act, order[a]);
        }
    }
}

static void refused_member_refuses_all_that_ask(void **state)
{
    (void)state;
    assert_int_equal(decide_two(OB_ACT_INSTALL, OB_ACT_REFUSE).set, 3);
    assert_int_equal(decide_two(OB_ACT_INSTALL, OB_ACT_INSTALL).set, 3);
    assert_int_equal(decide_two(OB_ACT_REVERT, OB_ACT_REVERT).set, 3);
    assert_int_equal(decide_two(OB_ACT_INSTALL, OB_ACT_REVERT).set, 1);
}

/** Old and new of a transaction do not belong together. */
static void what_is_on_trial_goes_back_as_a_whole_or_stays(void **state)
{
    struct ob_findings found = {
        .count = 2, .patient = true, .revertible = true, .image = {wanting(OB_ACT_LOSE), wanting(OB_ACT_REVERT)}};

    (void)state;
    assert_int_equal(ob_decide(&found).act, OB_ACT_LOSE);
    assert_int_equal(ob_decide(&found).set, 3);
    found.image[1].primary = OB_PRIMARY_BROKEN; /* it cannot stay */
    assert_int_equal(ob_decide(&found).act, OB_ACT_LOSE);
    assert_int_equal(ob_decide(&found).set, 1);
    found.image[0].trial = OB_TRIAL_NO;
    assert_int_equal(ob_decide(&found).act, OB_ACT_REVERT);
    assert_int_equal(ob_decide(&found).set, 2);
}

static void nothing_is_thrown_away_while_a_primary_is_broken(void **state)
{
    (void)state;
    assert_int_equal(decide_two(OB_ACT_REFUSE, OB_ACT_STOP).act, OB_ACT_STOP);
    assert_int_equal(decide_two(OB_ACT_TIDY, OB_ACT_STOP).act, OB_ACT_STOP);
    assert_int_equal(decide_two(OB_ACT_INSTALL, OB_ACT_STOP).act, OB_ACT_INSTALL);
}

static void who_is_on_trial_goes_back_before_anything_is_handed_over(void **state)
{
    struct ob_findings found = {
        .count = 2, .patient = true, .revertible = true, .image = {wanting(OB_ACT_REVERT), wanting(OB_ACT_INSTALL)}};

    (void)state;
    assert_int_equal(ob_decide(&found).act, OB_ACT_INSTALL);
    found.image[1].receiver = true;
    assert_int_equal(ob_decide(&found).act, OB_ACT_REVERT);
    found.image[0].asks = OB_ASKS_TEST; /* it asks for both */
    found.image[0].offer = OB_OFFER_FITS;
    assert_int_equal(ob_decide(&found).act, OB_ACT_REVERT);
    found.image[0].trial = OB_TRIAL_NO;
    assert_int_equal(ob_decide(&found).act, OB_ACT_INSTALL);
    assert_int_equal(ob_decide(&found).set, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_started_that_does_not_verify),
        cmocka_unit_test(untouched_primary_starts_however_the_chip_fails),
        cmocka_unit_test(what_was_installed_has_its_chance_first),
        cmocka_unit_test(nothing_goes_back_from_what_is_confirmed_or_to_what_is_not_there),
        cmocka_unit_test(only_what_fits_and_was_asked_for_or_rescues_is_installed),
        cmocka_unit_test(job_that_is_begun_goes_on_before_anything_else),
        cmocka_unit_test(nothing_hangs_on_what_was_not_read),
        cmocka_unit_test(what_is_needed_is_read_once),
        cmocka_unit_test(one_act_at_a_time_in_a_fixed_order),
        cmocka_unit_test(refused_member_refuses_all_that_ask),
        cmocka_unit_test(what_is_on_trial_goes_back_as_a_whole_or_stays),
        cmocka_unit_test(nothing_is_thrown_away_while_a_primary_is_broken),
        cmocka_unit_test(who_is_on_trial_goes_back_before_anything_is_handed_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
