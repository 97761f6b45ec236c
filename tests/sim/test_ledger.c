/* SPDX-License-Identifier: Apache-2.0 */
/* Ledgers that searches take for the same read the same; any other difference keeps them apart. That what follows from
 * both is the same is what DESIGN, "The ledger", says of records, and is not shown here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "history.h"
#include "ledger.h"
#include "rng.h"
#include "scenario.h"

#define ROUNDS 200u
#define UNIT 4u
#define HEAD (offsetof(struct ob_head, part) + sizeof(struct ob_part))

static struct sim_world world;
static struct sim_world_state rest;

/* A device that went through an update and its revert. */
static int set_up(void **state)
{
    struct sim_case config = {0};
    struct sim_history history;

    (void)state;
    assert_null(sim_id_parse("slide/3K:512:4:64/4K:512:1/revert/small/1/-", &config, &history));
    assert_null(sim_world_init(&world, &config, NULL));
    while (!world.watch.finished) {
        assert_true(sim_world_step(&world, NULL, 0));
    }
    sim_world_save(&world, &rest);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sim_world_state_free(&world, &rest);
    sim_world_free(&world);
    return 0;
}

static struct sim_chip *chip(void)
{
    return &world.machine.chip[SIM_INTERNAL];
}

static struct ob_ledger read_ledger(enum sim_force force)
{
    struct ob_ledger ledger;

    sim_machine_force(&world.machine, force);
    assert_int_equal(ob_ledger_read(&world.ledger, 1, &ledger), OB_OK);
    sim_machine_force(&world.machine, SIM_FORCE_NOT);
    return ledger;
}

/* Of the bank that counts, from the start of the chip. */
static uint32_t record_off(const struct ob_ledger *ledger, uint32_t unit)
{
    return ledger->bank * world.ledger.size / OB_LEDGER_BANKS + ob_ledger_records_off(1) + unit * UNIT;
}

static void assert_says_the_same(const struct ob_ledger *a, const struct ob_ledger *b)
{
    assert_int_equal(a->bank, b->bank);
    assert_int_equal(a->lurking, b->lurking);
    assert_memory_equal(&a->head, &b->head, HEAD);
    assert_int_equal(a->now.value, b->now.value);
    assert_int_equal(a->now.before, b->now.before);
    assert_int_equal(a->now.last, b->now.last);
    assert_int_equal(a->now.end, b->now.end);
    assert_true(a->now.same >= OB_LEDGER_SETTLED && b->now.same >= OB_LEDGER_SETTLED);
}

/* Torn or not, and whatever it reads as: also another record. */
static void what_lies_before_a_settled_record_makes_no_difference(void **state)
{
    const struct sim_tear torn = {SIM_TEAR_METASTABLE, 2};
    const struct ob_ledger ledger = read_ledger(SIM_FORCE_OLD);
    const uint64_t hash = sim_ledger_hash(&world);
    uint64_t rng = 1;

    (void)state;
    assert_true(ledger.now.last > OB_LEDGER_SETTLED + 2u);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        uint32_t unit = sim_rng_below(&rng, ledger.now.last - ledger.now.same - 1u);
        const uint32_t drawn = (uint32_t)sim_rng_next(&rng);
        const uint32_t record = (drawn & 0xffff) | (~drawn << 16);
        sim_chip_poke(chip(), record_off(&ledger, unit), round % 2 == 0 ? &drawn : &record, UNIT);
        if (round % 3 == 0) {
            sim_chip_program(chip(), record_off(&ledger, unit), (const uint8_t[UNIT]){0}, UNIT, &torn, &rng);
        }
        assert_true(sim_ledger_hash(&world) == hash);
        for (enum sim_force force = SIM_FORCE_OLD; force <= SIM_FORCE_NEW; force++) {
            const struct ob_ledger now = read_ledger(force);
            assert_says_the_same(&ledger, &now);
        }
    }
    sim_world_restore(&world, &rest);
}

/* Any bit of what is read, or could be written next: but for records before the value that stands, of either bank. */
static void every_other_bit_makes_a_difference(void **state)
{
    const struct ob_ledger ledger = read_ledger(SIM_FORCE_OLD);
    const uint32_t bank = record_off(&ledger, 0) - ob_ledger_records_off(1);
    const uint32_t parts = 2 * ob_head_size(1);
    const uint32_t from = record_off(&ledger, ledger.now.last - OB_LEDGER_SETTLED);
    const uint64_t hash = sim_ledger_hash(&world);
    uint32_t tried = 0;

    (void)state;
    for (uint32_t off = bank; off < bank + world.ledger.size / OB_LEDGER_BANKS; off++) {
        bool spare = off >= bank + HEAD && off < bank + parts;
        bool before = off >= record_off(&ledger, 0) && off < from;
        uint8_t byte;
        sim_chip_peek(chip(), off, &byte, 1);
        byte ^= 0x10;
        if (spare || before) { /* behind a head that is whole its second place is not read */
            continue;
        }
        sim_chip_poke(chip(), off, &byte, 1);
        assert_true(sim_ledger_hash(&world) != hash);
        byte ^= 0x10;
        sim_chip_poke(chip(), off, &byte, 1);
        tried++;
    }
    assert_true(tried > 1000);
    sim_world_restore(&world, &rest);
}

/* The same thing is remembered in a later start. */
static uint64_t note(uint8_t reason, uint32_t start)
{
    struct ob_event event = {.kind = OB_EVENT_CHIP, .reason = reason};
    struct ob_ledger ledger = read_ledger(SIM_FORCE_OLD);

    ledger.start = start;
    assert_int_equal(ob_ledger_note(&ledger, &event), OB_OK);
    uint64_t hash = sim_ledger_hash(&world);
    sim_world_restore(&world, &rest);
    return hash;
}

static void events_are_alike_by_what_they_say_and_in_which_order(void **state)
{
    (void)state;
    assert_true(note(1, 50) == note(1, 60));
    assert_true(note(1, 50) != note(2, 50));
    assert_true(note(1, 50) != sim_ledger_hash(&world));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_lies_before_a_settled_record_makes_no_difference, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_other_bit_makes_a_difference, set_up, tear_down),
        cmocka_unit_test_setup_teardown(events_are_alike_by_what_they_say_and_in_which_order, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
