/* SPDX-License-Identifier: Apache-2.0 */
/* Power fails, and the external chip does, exactly where it was armed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "machine.h"

static const struct sim_geometry internal = {
    .size = 4096, .erase_sizes = {1024}, .write_size = 4, .program_size = 4, .program_limit = 2};
static const struct sim_geometry external = {.size = 8192, .erase_sizes = {4096}, .write_size = 1, .program_size = 256};

struct fixture {
    struct sim_machine machine;
    uint32_t reached; /* how far the code came */
    enum ob_err err;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    memset(&fixture, 0, sizeof(fixture));
    sim_machine_init(&fixture.machine, &internal, &external, 1);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    sim_machine_free(&fixture->machine);
    return 0;
}

/* Five operations: two words inside, one erase and two pages outside. */
static void code(void *arg)
{
    struct fixture *fixture = arg;
    const struct ob_flash *in = &fixture->machine.chip[SIM_INTERNAL].flash;
    const struct ob_flash *out = &fixture->machine.chip[SIM_EXTERNAL].flash;
    uint8_t data[300] = {0};

    fixture->err = ob_flash_write(in, 0, data, 8);
    fixture->reached = 1;
    if (fixture->err == OB_OK) {
        fixture->err = ob_flash_erase(out, 0, 4096);
        fixture->reached = 2;
    }
    if (fixture->err == OB_OK) {
        fixture->err = ob_flash_write(out, 0, data, 300);
        fixture->reached = 3;
    }
    if (fixture->err == OB_OK) {
        fixture->err = ob_flash_read(out, 0, data, 1);
        fixture->reached = 4;
    }
}

static enum sim_end run_with(struct fixture *fixture, const struct sim_event *event)
{
    sim_machine_start(&fixture->machine, false);
    fixture->machine.events = event;
    fixture->machine.event_count = event != NULL;
    fixture->reached = 0;
    return sim_machine_run(&fixture->machine, code, fixture);
}

static void each_program_and_erase_command_is_an_operation(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(run_with(fixture, NULL), SIM_END_RETURNED);
    assert_int_equal(fixture->machine.op, 5);
    assert_int_equal(fixture->machine.access, 4); /* outside: erase, two pages, a read */
    assert_int_equal(fixture->reached, 4);
}

static void power_fails_in_the_operation_that_was_armed(void **state)
{
    struct fixture *fixture = *state;
    static const uint32_t reached[] = {0, 0, 1, 2, 2};

    for (uint32_t op = 1; op <= 5; op++) {
        struct sim_event event = {.kind = SIM_EVENT_CUT, .at = op, .tear = {SIM_TEAR_NONE, 0}};
        fixture->machine.op = 0;
        assert_int_equal(run_with(fixture, &event), SIM_END_POWER);
        assert_int_equal(fixture->reached, reached[op - 1]);
        assert_int_equal(fixture->machine.op, op);
    }
}

static void a_brownout_goes_unnoticed(void **state)
{
    struct fixture *fixture = *state;
    struct sim_event event = {.kind = SIM_EVENT_CUT, .at = 1, .tear = {SIM_TEAR_BROWNOUT, 0}};
    uint8_t byte;

    assert_int_equal(run_with(fixture, &event), SIM_END_RETURNED);
    assert_int_equal(fixture->err, OB_OK);
    assert_true(sim_machine_disturbed(&fixture->machine));
    sim_chip_peek(&fixture->machine.chip[SIM_INTERNAL], 0, &byte, 1);
    assert_int_equal(byte, 0xff);
}

static void a_fault_fails_one_access(void **state)
{
    struct fixture *fixture = *state;
    struct sim_event event = {.kind = SIM_FAULT_ONCE, .at = 1};

    assert_int_equal(run_with(fixture, &event), SIM_END_RETURNED);
    assert_int_not_equal(fixture->err, OB_OK);
    assert_int_equal(fixture->reached, 2);
    assert_int_equal(run_with(fixture, NULL), SIM_END_RETURNED);
    assert_int_equal(fixture->err, OB_OK);
}

static void a_dead_chip_answers_again_after_the_next_start_only(void **state)
{
    struct fixture *fixture = *state;
    struct sim_event event = {.kind = SIM_FAULT_DEAD, .at = 1};

    run_with(fixture, &event);
    fixture->machine.event_count = 0;
    assert_int_equal(sim_machine_run(&fixture->machine, code, fixture), SIM_END_RETURNED);
    assert_int_not_equal(fixture->err, OB_OK);
    run_with(fixture, NULL);
    assert_int_equal(fixture->err, OB_OK);
}

static void a_wrong_read_reports_success(void **state)
{
    struct fixture *fixture = *state;
    struct sim_event event = {.kind = SIM_FAULT_WRONG, .at = 4};

    assert_int_equal(run_with(fixture, &event), SIM_END_RETURNED);
    assert_int_equal(fixture->err, OB_OK);
    assert_true(fixture->machine.trouble.faulty);
}

static void an_absent_chip_is_no_device(void **state)
{
    struct fixture *fixture = *state;

    sim_machine_start(&fixture->machine, true);
    assert_int_equal(sim_machine_run(&fixture->machine, code, fixture), SIM_END_RETURNED);
    assert_int_equal(fixture->err, OB_ERR_NODEV);
    assert_int_equal(fixture->reached, 2);
}

/* ---- two chips at work ---- */

/* An erase outside (4 KiB) beside two words inside, then a page outside beside a word inside. */
static void overlapping_code(void *arg)
{
    struct fixture *fixture = arg;
    const struct ob_flash *in = &fixture->machine.chip[SIM_INTERNAL].flash;
    const struct ob_flash *out = &fixture->machine.chip[SIM_EXTERNAL].flash;
    uint8_t data[16] = {0};

    fixture->err = out->ops->start_erase(out, 0, 4096);
    fixture->err |= ob_flash_write(in, 0, data, 8);
    fixture->err |= out->ops->finish(out);
    fixture->err |= out->ops->start_write(out, 0, data, sizeof(data));
    memset(data, 0xff, sizeof(data)); /* the source may change */
    data[0] = 0;
    fixture->err |= ob_flash_write(in, 8, data, 4);
    fixture->err |= out->ops->finish(out);
    fixture->err |= out->ops->finish(out); /* harmless */
}

static void an_operation_that_was_started_is_seen_when_it_is_finished(void **state)
{
    struct fixture *fixture = *state;
    enum sim_chip_id chip;
    uint8_t byte;

    sim_machine_start(&fixture->machine, false);
    assert_int_equal(sim_machine_run(&fixture->machine, overlapping_code, fixture), SIM_END_RETURNED);
    assert_int_equal(fixture->err, OB_OK);
    assert_int_equal(fixture->machine.op, 5);
    assert_null(sim_machine_violation(&fixture->machine, &chip));
    sim_chip_peek(&fixture->machine.chip[SIM_EXTERNAL], 15, &byte, 1);
    assert_int_equal(byte, 0);
}

static void what_runs_side_by_side_takes_as_long_as_the_longer_one(void **state)
{
    struct fixture *fixture = *state;
    struct sim_chip *chip = fixture->machine.chip;

    chip[SIM_INTERNAL].timing[SIM_TYPICAL] =
        (struct sim_timing){.program_first_ns = 100, .program_next_ns = 100, .timed_word = 4};
    chip[SIM_EXTERNAL].timing[SIM_TYPICAL] =
        (struct sim_timing){.erase_us = {1}, .program_first_ns = 30, .timed_word = 256};
    sim_machine_start(&fixture->machine, false);
    sim_machine_run(&fixture->machine, overlapping_code, fixture);
    assert_int_equal(fixture->machine.ns[SIM_TYPICAL], 1000 + 100);
}

static void a_cut_tears_both_operations(void **state)
{
    struct fixture *fixture = *state;
    const struct sim_event event = {
        .kind = SIM_EVENT_CUT, .at = 5, .tear = {SIM_TEAR_NONE, 0}, .beside = {SIM_TEAR_PREFIX, 0}};
    uint8_t bytes[16];

    sim_machine_start(&fixture->machine, false);
    fixture->machine.events = &event;
    fixture->machine.event_count = 1;
    assert_int_equal(sim_machine_run(&fixture->machine, overlapping_code, fixture), SIM_END_POWER);
    assert_true(fixture->machine.two_at_once);
    sim_chip_peek(&fixture->machine.chip[SIM_EXTERNAL], 0, bytes, sizeof(bytes));
    assert_int_equal(bytes[7], 0);
    assert_int_equal(bytes[8], 0xff);
    sim_chip_peek(&fixture->machine.chip[SIM_INTERNAL], 8, bytes, 1);
    assert_int_equal(bytes[0], 0xff);
}

static void read_while_it_works(void *arg)
{
    struct fixture *fixture = arg;
    const struct ob_flash *out = &fixture->machine.chip[SIM_EXTERNAL].flash;
    uint8_t byte;

    fixture->err = out->ops->start_erase(out, 0, 4096);
    fixture->err |= ob_flash_read(out, 4096, &byte, 1);
    fixture->err |= out->ops->finish(out);
}

static void start_and_leave(void *arg)
{
    struct fixture *fixture = arg;
    const struct ob_flash *out = &fixture->machine.chip[SIM_EXTERNAL].flash;

    fixture->err = out->ops->start_erase(out, 0, 4096);
}

static void a_chip_at_work_is_left_alone_and_waited_for(void **state)
{
    struct fixture *fixture = *state;
    enum sim_chip_id chip;

    sim_machine_run(&fixture->machine, read_while_it_works, fixture);
    assert_non_null(sim_machine_violation(&fixture->machine, &chip));
    assert_int_equal(chip, SIM_EXTERNAL);
    sim_machine_forgive(&fixture->machine);
    sim_machine_run(&fixture->machine, start_and_leave, fixture);
    assert_non_null(sim_machine_violation(&fixture->machine, &chip));
}

static void loop_for_ever(void *arg)
{
    const struct sim_machine *machine = arg;
    uint8_t byte;

    for (;;) {
        if (ob_flash_read(&machine->chip[SIM_INTERNAL].flash, 0, &byte, 1) != OB_OK) {
            return;
        }
    }
}

static void code_that_never_ends_is_found_out(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(sim_machine_run(&fixture->machine, loop_for_ever, &fixture->machine), SIM_END_HUNG);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(each_program_and_erase_command_is_an_operation),
        TEST(power_fails_in_the_operation_that_was_armed),
        TEST(a_brownout_goes_unnoticed),
        TEST(a_fault_fails_one_access),
        TEST(a_dead_chip_answers_again_after_the_next_start_only),
        TEST(a_wrong_read_reports_success),
        TEST(an_absent_chip_is_no_device),
        TEST(an_operation_that_was_started_is_seen_when_it_is_finished),
        TEST(what_runs_side_by_side_takes_as_long_as_the_longer_one),
        TEST(a_cut_tears_both_operations),
        TEST(a_chip_at_work_is_left_alone_and_waited_for),
        TEST(code_that_never_ends_is_found_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
