/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a device, without cuts: tests/sim cuts the power everywhere. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <outboard/boot.h>
#include <outboard/log.h>
#include <outboard/signature.h>
#include <outboard/update.h>
#include <outboard/util.h>

#include "image_maker.h"
#include "ram_flash.h"

#define MAX_UNITS 64u

static struct ram_flash internal;
static struct ram_flash external;
static struct ob_slots slots;
static struct ob_area ledger;
static struct ob_key key;
static struct ob_keys keys;
static struct ob_hooks hooks;
static struct ob_workspace work;
static struct ob_boot boot;
static struct image_maker old_image;
static struct image_maker new_image;

void ob_log(enum ob_log_level level, const char *format, ...)
{
    (void)level;
    (void)format;
}

/** An image of a version; the payload differs with it. */
static void make(struct image_maker *maker, uint8_t minor, uint32_t payload_size)
{
    maker_begin(maker, 0x200, payload_size);
    maker->bytes[20] = 1;
    maker->bytes[21] = minor;
    memset(maker->bytes + 0x200, minor, payload_size);
    maker_hash(maker);
    maker_add_digest(maker);
    maker_add_key(maker, 0);
    maker_sign(maker, 0, 0);
}

static int set_up(void **state)
{
    (void)state;
    ram_flash_init(&internal);
    ram_flash_init(&external);
    slots = (struct ob_slots){
        .primary = {.flash = &internal.flash, .start = 0x10000, .size = 0x20000},
        .secondary = {{.flash = &external.flash, .start = 0, .size = 0x20000}},
    };
    ledger = (struct ob_area){.flash = &internal.flash, .start = 0, .size = 0x4000};
    key = maker_key(0);
    keys = (struct ob_keys){.key = &key, .count = 1, .type = &ob_signature_p256};
    boot = (struct ob_boot){
        .mode = &ob_mode_slide,
        .keys = &keys,
        .hooks = &hooks,
        .work = &work,
        .images = &slots,
        .ledger = &ledger,
        .image_count = 1,
        .max_units = MAX_UNITS,
    };
    make(&old_image, 0, 0x4321);
    make(&new_image, 1, 0x5432);
    assert_int_equal(ob_area_write(&slots.primary, 0, old_image.bytes, old_image.len), OB_OK);
    return 0;
}

static int set_up_dual(void **state)
{
    set_up(state);
    slots.secondary[1] = (struct ob_area){.flash = &external.flash, .start = 0x20000, .size = 0x20000};
    boot.mode = &ob_mode_dual;
    return 0;
}

static void download(const struct image_maker *image, bool permanent)
{
    struct ob_update update;

    assert_int_equal(ob_update_begin(&update, &slots, boot.mode->id, MAX_UNITS, image->len, NULL, NULL), OB_OK);
    assert_int_equal(ob_update_write(&update, image->bytes, image->len), OB_OK);
    assert_int_equal(ob_update_request(&update, permanent), OB_OK);
}

/** Start; the image that runs must be this one. */
static void assert_boots(const struct image_maker *image, enum ob_swap swap)
{
    struct ob_boot_result result;

    assert_int_equal(ob_boot_run(&boot, &result), OB_OK);
    assert_int_equal(result.image.version.minor, image->bytes[21]);
    assert_int_equal(result.swap, swap);
    assert_memory_equal(internal.bytes + slots.primary.start, image->bytes, image->len);
}

static void update_that_erases_as_it_goes_is_installed(void **state)
{
    struct ob_update update;
    const struct ob_area *secondary = &slots.secondary[0];
    const uint32_t sector = ob_flash_erase_size(secondary->flash);
    const uint32_t half = ob_align_down(new_image.len / 2, secondary->flash->write_size);
    uint8_t *behind = external.bytes + secondary->start + ob_align_up(new_image.len, sector);

    (void)state;
    memset(external.bytes + secondary->start, 0xa5, secondary->size - sector);
    assert_int_equal(
        ob_update_begin_progressively(&update, &slots, boot.mode->id, MAX_UNITS, new_image.len, NULL, NULL), OB_OK);
    assert_int_equal(external.bytes[secondary->start], 0xa5); /* nobody waits for that yet */
    assert_int_equal(ob_update_write(&update, new_image.bytes, half), OB_OK);
    assert_int_equal(ob_update_write(&update, new_image.bytes + half, new_image.len - half), OB_OK);
    assert_int_equal(*behind, 0xa5);
    assert_int_equal(ob_update_request(&update, true), OB_OK);
    assert_boots(&new_image, OB_SWAP_PERMANENT);
}

/* A chip that erases by itself: what was started is done with the next access. */
static const struct ob_flash_ops *plain;
static uint32_t started_off, started_size;

static enum ob_err start_erase(const struct ob_flash *flash, uint32_t off, uint32_t size)
{
    (void)flash;
    assert_int_equal(started_size, 0); /* one at a time */
    started_off = off;
    started_size = size;
    return OB_OK;
}

static enum ob_err write_after(const struct ob_flash *flash, uint32_t off, const void *src, uint32_t len)
{
    const uint32_t size = started_size;

    started_size = 0;
    assert_int_equal(size == 0 ? OB_OK : plain->erase(flash, started_off, size), OB_OK);
    return plain->write(flash, off, src, len);
}

static void update_whose_sectors_are_erased_while_it_arrives_is_installed(void **state)
{
    const uint32_t part = 1000; /* bytes */
    struct ob_flash_ops ops = *external.flash.ops;
    struct ob_update update;

    (void)state;
    memset(external.bytes + slots.secondary[0].start, 0xa5, new_image.len);
    plain = external.flash.ops;
    ops.start_erase = start_erase;
    ops.write = write_after;
    assert_int_equal(
        ob_update_begin_progressively(&update, &slots, boot.mode->id, MAX_UNITS, new_image.len, NULL, NULL), OB_OK);
    external.flash.ops = &ops;
    for (uint32_t at = 0; at < new_image.len; at += part) {
        const unsigned waited_for = external.erase_count;
        assert_int_equal(ob_update_write(&update, new_image.bytes + at, OB_MIN(part, new_image.len - at)), OB_OK);
        assert_true(at == 0 || external.erase_count - waited_for <= 1);
        ob_update_erase_ahead(&update);
        assert_true(update.written == update.size || update.erased > update.written);
        assert_true(update.erased < update.written + 2 * ob_flash_erase_size(&external.flash));
    }
    assert_int_equal(started_size, 0); /* nothing behind its last sector */
    external.flash.ops = plain;
    assert_int_equal(ob_update_request(&update, true), OB_OK);
    assert_boots(&new_image, OB_SWAP_PERMANENT);
}

/** The newest event but n. */
static struct ob_event last_event(uint32_t n)
{
    struct ob_event event;

    assert_int_equal(ob_ledger_read(&ledger, boot.image_count, &work.ledger), OB_OK);
    assert_int_equal(ob_ledger_event(&work.ledger, n, &event), OB_OK);
    return event;
}

/* ---- two images as one transaction ---- */

static struct ob_slots pair[2];

static int set_up_pair(void **state)
{
    set_up(state);
    pair[0] = slots;
    pair[1] = (struct ob_slots){
        .primary = {.flash = &internal.flash, .start = 0x30000, .size = 0x10000},
        .secondary = {{.flash = &external.flash, .start = 0x20000, .size = 0x20000}},
    };
    boot.images = pair;
    boot.image_count = 2;
    assert_int_equal(ob_area_write(&pair[1].primary, 0, old_image.bytes, old_image.len), OB_OK);
    return 0;
}

static void download_to(const struct ob_slots *to, const struct image_maker *image)
{
    struct ob_update update;

    assert_int_equal(ob_update_begin(&update, to, boot.mode->id, MAX_UNITS, image->len, NULL, NULL), OB_OK);
    assert_int_equal(ob_update_write(&update, image->bytes, image->len), OB_OK);
    assert_int_equal(ob_update_request(&update, false), OB_OK);
}

static void pair_download(struct ob_update updates[2], const struct image_maker *image)
{
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(ob_update_begin(&updates[i], &pair[i], boot.mode->id, MAX_UNITS, image->len, NULL, NULL),
                         OB_OK);
        assert_int_equal(ob_update_write(&updates[i], image->bytes, image->len), OB_OK);
    }
}

static void assert_pair_boots(const struct image_maker *image)
{
    struct ob_boot_result result;

    assert_int_equal(ob_boot_run(&boot, &result), OB_OK);
    assert_memory_equal(internal.bytes + pair[0].primary.start, image->bytes, image->len);
    assert_memory_equal(internal.bytes + pair[1].primary.start, image->bytes, image->len);
}

static void images_of_a_transaction_come_and_go_together(void **state)
{
    (void)state;
    download_to(&pair[0], &new_image);
    download_to(&pair[1], &new_image);
    assert_pair_boots(&new_image);
    assert_pair_boots(&old_image);
    assert_pair_boots(&old_image);
}

static void member_waits_until_the_lowest_image_is_asked_for(void **state)
{
    struct ram_power power = {.left = UINT_MAX};
    struct ob_update updates[2];
    bool all = false;

    for (unsigned writes = 1; !all; writes++) {
        set_up_pair(state);
        make(&new_image, 1, 0x2345);
        pair_download(updates, &new_image);
        internal.power = external.power = &power;
        power.left = writes;
        all = ob_update_request_all(updates, 2, false) == OB_OK;
        power.left = UINT_MAX;
        assert_pair_boots(all ? &new_image : &old_image);
    }
}

static void transaction_is_confirmed_by_its_leader(void **state)
{
    (void)state;
    download_to(&pair[0], &new_image);
    download_to(&pair[1], &new_image);
    assert_pair_boots(&new_image);
    assert_int_equal(ob_update_confirm(&pair[0]), OB_OK);
    assert_pair_boots(&new_image);
}

static bool pair_holds(const struct image_maker *image)
{
    return memcmp(internal.bytes + pair[0].primary.start, image->bytes, image->len) == 0 &&
           memcmp(internal.bytes + pair[1].primary.start, image->bytes, image->len) == 0;
}

/** Start with so many writes and erases left; then, if that was not enough, once more with power. */
static bool boots_uncut(struct ram_power *power, unsigned left)
{
    struct ob_boot_result result;

    power->left = left;
    bool uncut = ob_boot_run(&boot, &result) == OB_OK && power->left > 0;
    power->left = UINT_MAX;
    if (!uncut) {
        assert_int_equal(ob_boot_run(&boot, &result), OB_OK);
    }
    return uncut;
}

/** Cut the power before each few writes and erases of an installation and of going back (the simulator does so before
 * all, and in them): never one image without the other. */
static void cuts_never_separate_the_images_of_a_transaction(void **state)
{
    struct ram_power power;
    bool uncut = false;

    for (unsigned cut = 1; !uncut; cut += 11) {
        set_up_pair(state);
        make(&new_image, 1, 0x2345);
        download_to(&pair[0], &new_image);
        download_to(&pair[1], &new_image);
        internal.power = external.power = &power;
        uncut = boots_uncut(&power, cut);
        /* Cut in the very last write, the one start has counted as their trial. */
        assert_true(pair_holds(&new_image) || pair_holds(&old_image));
        uncut = boots_uncut(&power, cut) && uncut;
        assert_true(pair_holds(&old_image) || (!uncut && pair_holds(&new_image)));
    }
}

static void one_refused_image_refuses_the_transaction(void **state)
{
    struct ob_update_state seen;

    (void)state;
    download_to(&pair[0], &new_image);
    new_image.bytes[0x300] ^= 1;
    download_to(&pair[1], &new_image);
    assert_pair_boots(&old_image);
    assert_int_equal(ob_update_read_state(&pair[1], &ledger, 1, &seen), OB_OK);
    assert_int_equal(seen.last, OB_UPDATE_REFUSED);
    assert_int_equal(seen.last_reason, OB_ERR_DIGEST);
    assert_int_equal(last_event(1).reason, -OB_ERR_STATE);
    assert_int_equal(last_event(0).reason, -OB_ERR_DIGEST);
    assert_int_equal(last_event(0).image, 1);
    assert_pair_boots(&old_image);
}

static struct ob_update_state read_state(void)
{
    struct ob_update_state state;

    assert_int_equal(ob_update_read_state(&slots, &ledger, 0, &state), OB_OK);
    return state;
}

static void nothing_to_do_writes_nothing(void **state)
{
    (void)state;
    assert_boots(&old_image, OB_SWAP_NONE);
    unsigned writes = internal.writes + external.writes;
    unsigned erases = internal.erase_count + external.erase_count;
    assert_boots(&old_image, OB_SWAP_NONE);
    assert_int_equal(internal.writes + external.writes, writes);
    assert_int_equal(internal.erase_count + external.erase_count, erases);
    assert_true(read_state().confirmed);
}

static void confirmed_update_stays(void **state)
{
    (void)state;
    download(&new_image, false);
    assert_int_equal(read_state().next, OB_SWAP_TEST);
    assert_boots(&new_image, OB_SWAP_TEST);
    assert_false(read_state().confirmed);
    assert_int_equal(read_state().next, OB_SWAP_REVERT);
    assert_int_equal(ob_update_confirm(&slots), OB_OK);
    assert_true(read_state().confirmed);
    assert_boots(&new_image, OB_SWAP_NONE);
    unsigned writes = internal.writes + external.writes;
    assert_boots(&new_image, OB_SWAP_NONE);
    assert_int_equal(internal.writes + external.writes, writes);
}

static void unconfirmed_update_goes_back(void **state)
{
    (void)state;
    download(&new_image, false);
    assert_boots(&new_image, OB_SWAP_TEST);
    assert_boots(&old_image, OB_SWAP_REVERT);
    assert_boots(&old_image, OB_SWAP_NONE);
    assert_true(read_state().confirmed);
    assert_int_equal(read_state().last, OB_UPDATE_REVERT);
    /* and the device can be updated again */
    download(&new_image, true);
    assert_boots(&new_image, OB_SWAP_PERMANENT);
    assert_boots(&new_image, OB_SWAP_NONE);
    assert_true(read_state().confirmed);
}

static void refused_update_leaves_its_reason(void **state)
{
    (void)state;
    new_image.bytes[0x300] ^= 1;
    download(&new_image, false);
    assert_boots(&old_image, OB_SWAP_NONE);
    assert_int_equal(read_state().next, OB_SWAP_NONE);
    assert_int_equal(read_state().last, OB_UPDATE_REFUSED);
    assert_int_equal(read_state().last_reason, OB_ERR_DIGEST);
    assert_int_equal(read_state().last_version.minor, 1);
}

static void update_is_not_begun_while_a_way_back_is_needed(void **state)
{
    struct ob_update update;

    (void)state;
    download(&new_image, false);
    assert_boots(&new_image, OB_SWAP_TEST);
    assert_int_equal(ob_update_begin(&update, &slots, boot.mode->id, MAX_UNITS, 100, NULL, NULL), OB_ERR_STATE);
    assert_boots(&old_image, OB_SWAP_REVERT);
}

static void overwrite_has_no_way_back(void **state)
{
    (void)state;
    boot.mode = &ob_mode_overwrite;
    download(&new_image, false);
    assert_boots(&new_image, OB_SWAP_TEST);
    assert_false(read_state().confirmed); /* how applications notice their first start */
    assert_int_equal(read_state().next, OB_SWAP_NONE);
    assert_boots(&new_image, OB_SWAP_NONE);
    assert_int_equal(ob_update_confirm(&slots), OB_OK);
    assert_true(read_state().confirmed);
    assert_boots(&new_image, OB_SWAP_NONE);
}

static void damaged_primary_is_replaced_by_what_it_replaced(void **state)
{
    (void)state;
    download(&new_image, true);
    assert_boots(&new_image, OB_SWAP_PERMANENT);
    internal.bytes[slots.primary.start + 0x400] ^= 0xff;
    assert_boots(&old_image, OB_SWAP_REVERT);
}

static void primary_without_an_image_takes_what_verifies(void **state)
{
    (void)state;
    assert_int_equal(ob_area_write(&slots.secondary[0], 0, new_image.bytes, new_image.len), OB_OK);
    memset(internal.bytes, 0xff, sizeof(internal.bytes));
    assert_boots(&new_image, OB_SWAP_PERMANENT);
    assert_true(read_state().confirmed);
}

static void dead_external_chip_does_not_stop_a_valid_primary(void **state)
{
    (void)state;
    slots.secondary[0].flash = NULL;
    assert_boots(&old_image, OB_SWAP_NONE);
}

static void equal_units_are_not_rewritten_in_the_primary(void **state)
{
    (void)state;
    new_image = old_image;
    download(&new_image, true);
    assert_boots(&new_image, OB_SWAP_PERMANENT);
    for (unsigned i = 0; i < internal.erase_count; i++) { /* the ledger and the trailer's sector */
        assert_false(internal.erases[i].off >= slots.primary.start &&
                     internal.erases[i].off < slots.primary.start + new_image.len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(update_that_erases_as_it_goes_is_installed, set_up),
        cmocka_unit_test_setup(update_whose_sectors_are_erased_while_it_arrives_is_installed, set_up),
        cmocka_unit_test_setup(nothing_to_do_writes_nothing, set_up),
        cmocka_unit_test_setup(confirmed_update_stays, set_up),
        cmocka_unit_test_setup(confirmed_update_stays, set_up_dual),
        cmocka_unit_test_setup(unconfirmed_update_goes_back, set_up),
        cmocka_unit_test_setup(unconfirmed_update_goes_back, set_up_dual),
        cmocka_unit_test_setup(refused_update_leaves_its_reason, set_up),
        cmocka_unit_test_setup(refused_update_leaves_its_reason, set_up_dual),
        cmocka_unit_test_setup(update_is_not_begun_while_a_way_back_is_needed, set_up),
        cmocka_unit_test_setup(overwrite_has_no_way_back, set_up),
        cmocka_unit_test_setup(damaged_primary_is_replaced_by_what_it_replaced, set_up),
        cmocka_unit_test_setup(primary_without_an_image_takes_what_verifies, set_up),
        cmocka_unit_test_setup(dead_external_chip_does_not_stop_a_valid_primary, set_up),
        cmocka_unit_test_setup(equal_units_are_not_rewritten_in_the_primary, set_up),
        cmocka_unit_test_setup(equal_units_are_not_rewritten_in_the_primary, set_up_dual),
        cmocka_unit_test_setup(images_of_a_transaction_come_and_go_together, set_up_pair),
        cmocka_unit_test_setup(member_waits_until_the_lowest_image_is_asked_for, set_up_pair),
        cmocka_unit_test_setup(transaction_is_confirmed_by_its_leader, set_up_pair),
        cmocka_unit_test_setup(cuts_never_separate_the_images_of_a_transaction, set_up_pair),
        cmocka_unit_test_setup(one_refused_image_refuses_the_transaction, set_up_pair),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
