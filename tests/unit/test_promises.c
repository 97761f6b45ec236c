/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the engine promises against the world: updaters that nobody here wrote, images of any size, from anywhere, and
 * chips that forget, lie or wear out. Small inputs, without cuts: tests/sim tries these with cuts in them.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <outboard/update.h>
#include <outboard/util.h>

#include "ram_device.h"

#define SECTOR 0x1000u
#define SLOT 0x8000u
#define CAPACITY 0x6000u /* a sector for the trailer, one to slide */

static struct ram_device device;
static struct image_maker old_image; /* 1.1, runs */
static struct image_maker new_image; /* 1.2 */
static struct image_maker other;     /* what a test makes */
static const struct ob_area *const primary = &device.slots[0].primary;
static const struct ob_area *const secondary = &device.slots[0].secondary[0];

static int set_up(void **state)
{
    (void)state;
    ram_device_init(&device);
    device_image(&device, &old_image, 1, 0x3321);
    device_image(&device, &new_image, 2, 0x3432);
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

static int set_up_two_images(void **state)
{
    set_up(state);
    device.boot.image_count = 2;
    device_program(&device, 1, &old_image);
    return 0;
}

static bool holds(uint32_t image, const struct image_maker *maker)
{
    return memcmp(device.internal.bytes + device.slots[image].primary.start, maker->bytes, maker->len) == 0;
}

/** Start; this image runs. */
static void assert_boots(const struct image_maker *image, enum ob_swap swap)
{
    struct ob_boot_result result;

    assert_int_equal(ob_boot_run(&device.boot, &result), OB_OK);
    assert_int_equal(result.image.version.minor, image->bytes[21]);
    assert_int_equal(result.swap, swap);
    assert_true(holds(0, image));
}

static void assert_starts_nothing(void)
{
    struct ob_boot_result result;

    assert_int_not_equal(ob_boot_run(&device.boot, &result), OB_OK);
}

static void assert_refused(const struct image_maker *running, enum ob_err reason)
{
    assert_boots(running, OB_SWAP_NONE);
    assert_int_equal(device_event(&device, 0).kind, OB_EVENT_REFUSED);
    assert_int_equal(device_event(&device, 0).reason, -reason);
    assert_boots(running, OB_SWAP_NONE);
}

static struct ob_update_state state_of(uint32_t image)
{
    struct ob_update_state state;

    assert_int_equal(ob_update_read_state(&device.slots[image], &device.ledger, image, &state), OB_OK);
    return state;
}

/* Installs, can be asked again and goes back: nothing has ended this device's updates. */
static void assert_can_be_updated(const struct image_maker *running, uint8_t minor)
{
    device_image(&device, &other, minor, 0x2345);
    device_download(&device, 0, &other, false);
    assert_boots(&other, OB_SWAP_TEST);
    assert_boots(running, OB_SWAP_REVERT);
    device_download(&device, 0, &other, true);
    assert_boots(&other, OB_SWAP_PERMANENT);
    assert_boots(&other, OB_SWAP_NONE);
}

/* ---- sizes ---- */

static void capacity_is_known(void **state)
{
    struct ob_layout layout;

    (void)state;
    assert_int_equal(ob_layout(primary, secondary, 0, &layout), OB_OK);
    assert_int_equal(ob_layout_capacity(&layout, primary, secondary, OB_MODE_SLIDE), CAPACITY);
    assert_int_equal(layout.secondary_limit, SLOT - SECTOR);
}

static void what_is_reserved_in_a_slot_is_not_for_images(void **state)
{
    struct ob_area slot = *primary;
    struct ob_layout layout;

    (void)state;
    slot.reserved = 2 * SECTOR;
    assert_int_equal(ob_layout_reserved(&slot).start, slot.start + SLOT - 3 * SECTOR);
    assert_int_equal(ob_layout_reserved(&slot).size, 2 * SECTOR);
    assert_int_equal(ob_layout(&slot, secondary, 0, &layout), OB_OK);
    assert_int_equal(layout.primary_limit, SLOT - 3 * SECTOR);
    assert_int_equal(ob_layout_limit(&slot, layout.align), SLOT - SECTOR); /* its trailer stays where clients know it */
    assert_int_equal(ob_layout_capacity(&layout, &slot, secondary, OB_MODE_OVERWRITE), SLOT - 3 * SECTOR);

    slot.reserved = SLOT; /* all but the trailer */
    assert_int_equal(ob_layout_reserved(&slot).start, slot.start);
    assert_int_equal(ob_layout(&slot, secondary, 0, &layout), OB_OK);
    assert_int_equal(ob_layout_capacity(&layout, &slot, secondary, OB_MODE_OVERWRITE), 0);
}

static void image_above_the_capacity_is_refused_and_the_next_update_installs(void **state)
{
    (void)state;
    device_image(&device, &other, 2, CAPACITY + 0x100); /* it ends below the trailer's sector */
    mcuboot_upload(&device, 0, 0, &other);
    assert_true(mcuboot_request(&device, 0, true));
    assert_refused(&old_image, OB_ERR_SIZE);
    assert_can_be_updated(&old_image, 3);
}

static void rescue_takes_nothing_above_the_capacity(void **state)
{
    (void)state;
    memset(device.internal.bytes + primary->start, 0, 0x100);
    device_image(&device, &other, 2, CAPACITY + 0x100);
    mcuboot_upload(&device, 0, 0, &other);
    assert_starts_nothing();
    mcuboot_upload(&device, 0, 0, &new_image);
    assert_boots(&new_image, OB_SWAP_PERMANENT);
    assert_can_be_updated(&new_image, 3);
}

static void assert_big_image_is_replaced_for_good(uint32_t payload_size)
{
    static uint8_t before[SLOT];

    device_image(&device, &old_image, 1, payload_size);
    device_program(&device, 0, &old_image);
    memcpy(before, device.internal.bytes + primary->start, SLOT);
    assert_boots(&old_image, OB_SWAP_NONE);
    assert_boots(&old_image, OB_SWAP_NONE);
    assert_memory_equal(before, device.internal.bytes + primary->start, SLOT);

    mcuboot_upload(&device, 0, 0, &new_image);
    assert_true(mcuboot_request(&device, 0, false));
    assert_boots(&new_image, OB_SWAP_PERMANENT);
    assert_int_equal(device_event(&device, 2).kind, OB_EVENT_NO_WAY_BACK); /* begun, installed */
    assert_true(state_of(0).confirmed);
    assert_boots(&new_image, OB_SWAP_NONE);
    assert_can_be_updated(&new_image, 3);
}

static void running_image_above_the_capacity_is_updated_for_good(void **state)
{
    (void)state;
    assert_big_image_is_replaced_for_good(CAPACITY + 0x100);
}

static void running_image_that_reaches_into_the_trailers_sector_is_updated_for_good(void **state)
{
    (void)state;
    assert_big_image_is_replaced_for_good(SLOT - SECTOR + 0x100);
}

/* ---- what updaters do ---- */

/** Download and request what runs, six times. The last time costs no more than the third. */
static void assert_can_be_asked_for_again(bool permanent, bool uploads)
{
    unsigned reads[6];

    assert_boots(&old_image, OB_SWAP_NONE);
    mcuboot_upload(&device, 0, 0, &new_image);
    assert_true(mcuboot_request(&device, 0, true));
    assert_boots(&new_image, OB_SWAP_PERMANENT);
    for (unsigned i = 0; i < OB_ARRAY_SIZE(reads); i++) {
        if (uploads || i == 0) {
            mcuboot_upload(&device, 0, 0, &new_image);
        }
        reads[i] = device.external.reads;
        assert_true(mcuboot_request(&device, 0, permanent));
        assert_boots(&new_image, permanent ? OB_SWAP_PERMANENT : OB_SWAP_TEST);
        if (!permanent) {
            assert_int_equal(ob_update_confirm(&device.slots[0]), OB_OK);
        }
        assert_boots(&new_image, OB_SWAP_NONE);
        assert_true(state_of(0).confirmed);
        reads[i] = device.external.reads - reads[i];
    }
    assert_true(reads[5] <= reads[2]);
    assert_can_be_updated(&new_image, 3);
}

static void running_image_may_be_asked_for_again_and_again_for_good(void **state)
{
    (void)state;
    assert_can_be_asked_for_again(true, true);
}

static void running_image_may_be_tested_again_and_again(void **state)
{
    (void)state;
    assert_can_be_asked_for_again(false, true);
}

static void running_image_may_be_asked_for_again_without_an_upload(void **state)
{
    (void)state;
    assert_can_be_asked_for_again(true, false);
}

static void running_image_on_trial_may_be_asked_for_again(void **state)
{
    (void)state;
    mcuboot_upload(&device, 0, 0, &new_image);
    assert_true(mcuboot_request(&device, 0, false));
    assert_boots(&new_image, OB_SWAP_TEST);
    for (unsigned i = 0; i < 4; i++) {
        mcuboot_upload(&device, 0, 0, &new_image);
        assert_true(mcuboot_request(&device, 0, false));
        assert_boots(&new_image, OB_SWAP_TEST);
    }
    assert_int_equal(ob_update_confirm(&device.slots[0]), OB_OK);
    assert_boots(&new_image, OB_SWAP_NONE);
    assert_can_be_updated(&new_image, 3);
}

static void assert_next_request_works(void)
{
    assert_int_equal(device_trailer(secondary).magic, OB_MAGIC_UNSET);
    assert_int_equal(device_trailer(secondary).image_ok, OB_FLAG_UNSET);
}

static bool is_listed(uint32_t at)
{
    return ob_get_le32(device.external.bytes + secondary->start + at) == OB_IMAGE_MAGIC;
}

static void secondarys_trailer_reads_unset_when_the_application_starts(void **state)
{
    (void)state;
    device_download(&device, 0, &new_image, true);
    assert_boots(&new_image, OB_SWAP_PERMANENT);
    assert_next_request_works();
    device_image(&device, &other, 3, 0x2345);
    device_download(&device, 0, &other, false);
    assert_boots(&other, OB_SWAP_TEST);
    assert_next_request_works();
    assert_boots(&new_image, OB_SWAP_REVERT);
    assert_next_request_works();
    other.bytes[0x300] ^= 1;
    device_download(&device, 0, &other, false);
    assert_boots(&new_image, OB_SWAP_NONE);
    assert_next_request_works();
}

static void bad_trailer_of_the_secondary_is_mended(void **state)
{
    (void)state;
    device.external.bytes[secondary->start + secondary->size - 5] = 0;
    assert_false(mcuboot_request(&device, 0, false));
    assert_boots(&old_image, OB_SWAP_NONE);
    assert_next_request_works();
}

/** What a cut left of a request that was being made, or erased: else the next one would be misread. */
static void remains_of_a_request_are_erased(void **state)
{
    uint8_t *image_ok = device.external.bytes + secondary->start + secondary->size - 24;

    (void)state;
    *image_ok = 0x7f;
    assert_boots(&old_image, OB_SWAP_NONE);
    assert_next_request_works();
    assert_true(mcuboot_request(&device, 0, true)); /* magic first */
    *image_ok = 0x03;
    assert_boots(&old_image, OB_SWAP_NONE);
    assert_next_request_works();
}

static void refused_image_is_not_listed_any_more(void **state)
{
    (void)state;
    new_image.bytes[0x300] ^= 1;
    mcuboot_upload(&device, 0, 0, &new_image);
    assert_true(mcuboot_request(&device, 0, false));
    assert_true(is_listed(0));
    assert_refused(&old_image, OB_ERR_DIGEST);
    assert_false(is_listed(0));
}

/** From one unit up to the start of the slot, where clients look for what they can ask for again. */
static void image_one_unit_up_is_installed_goes_back_and_comes_again(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        mcuboot_upload(&device, 0, SECTOR, &new_image);
        assert_true(mcuboot_request(&device, 0, false));
        assert_boots(&new_image, OB_SWAP_TEST);
        assert_memory_equal(device.external.bytes + secondary->start, old_image.bytes, old_image.len);
        assert_boots(&old_image, OB_SWAP_REVERT);
        assert_boots(&old_image, OB_SWAP_NONE);
    }
}

static void replaced_image_may_be_asked_for_by_hand(void **state)
{
    (void)state;
    mcuboot_upload(&device, 0, SECTOR, &new_image);
    assert_true(mcuboot_request(&device, 0, true));
    assert_boots(&new_image, OB_SWAP_PERMANENT);
    assert_true(is_listed(0));
    assert_true(mcuboot_request(&device, 0, true));
    assert_boots(&old_image, OB_SWAP_PERMANENT);
    assert_boots(&old_image, OB_SWAP_NONE);
}

/* ---- the way back ---- */

static void begin_trial(void)
{
    device_download(&device, 0, &new_image, false);
    assert_boots(&new_image, OB_SWAP_TEST);
    assert_int_equal(state_of(0).next, OB_SWAP_REVERT);
}

static void erase_end_of_secondary(uint32_t len)
{
    assert_int_equal(ob_area_erase(secondary, secondary->size - len, len), OB_OK);
}

static void trial_goes_back_though_the_trailers_sector_was_erased(void **state)
{
    (void)state;
    begin_trial();
    erase_end_of_secondary(SECTOR);
    assert_boots(&old_image, OB_SWAP_REVERT);
    assert_boots(&old_image, OB_SWAP_NONE);
}

static void trial_goes_back_though_the_trailers_64_kib_were_erased(void **state)
{
    (void)state;
    device.external.flash.erase_sizes[1] = 0;
    device.external.flash.erase_sizes[2] = 0;
    device.slots[0].secondary[0].size = 0x20000;
    begin_trial();
    erase_end_of_secondary(0x10000);
    assert_boots(&old_image, OB_SWAP_REVERT);
    assert_boots(&old_image, OB_SWAP_NONE);
}

static void assert_stays_and_says_so(void)
{
    assert_boots(&new_image, OB_SWAP_NONE);
    assert_int_equal(device_event(&device, 0).kind, OB_EVENT_NO_WAY_BACK);
    assert_int_equal(device_event(&device, 0).version.minor, 2);
    assert_int_equal(device_trailer(primary).magic, OB_MAGIC_UNSET);
    assert_int_equal(state_of(0).next, OB_SWAP_NONE);
    assert_true(state_of(0).confirmed);
    assert_boots(&new_image, OB_SWAP_NONE);
}

static void trial_whose_way_back_was_erased_stays_and_says_so(void **state)
{
    (void)state;
    begin_trial();
    erase_end_of_secondary(SLOT);
    assert_stays_and_says_so();
    assert_can_be_updated(&new_image, 3);
}

static void trial_goes_back_to_no_other_signed_image(void **state)
{
    (void)state;
    begin_trial();
    device_image(&device, &other, 0, 0x3321);
    for (uint32_t at = 0; at + other.len < SLOT - SECTOR; at += 4 * SECTOR) {
        memcpy(device.external.bytes + secondary->start + at, other.bytes, other.len);
    }
    memcpy(device.external.bytes + secondary->start + 2 * SECTOR, other.bytes, other.len);
    assert_stays_and_says_so();
}

/* ---- what the external chip holds ---- */

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 16;
}

/** What somebody who knows everything but the keys may leave there: noise, banks of one value, images of any age. */
static void forge(uint32_t seed)
{
    uint32_t random = seed;
    uint8_t *slot = device.external.bytes + secondary->start;

    for (uint32_t i = 0; i < SLOT; i++) {
        slot[i] = seed % 4 == 0 ? (uint8_t)next_random(&random) : seed % 4 == 1 ? 0xff : (uint8_t)seed;
    }
    for (uint32_t n = 0; n < next_random(&random) % 3; n++) {
        const struct image_maker *image = next_random(&random) % 2 == 0 ? &old_image : &other;
        memcpy(slot + next_random(&random) % 3 * SECTOR, image->bytes, image->len);
    }
    memset(slot + SLOT - OB_MAGIC_SIZE, (int)next_random(&random), OB_MAGIC_SIZE);
}

static void nothing_but_a_request_for_a_valid_image_changes_what_runs(void **state)
{
    static uint8_t before[SLOT];

    (void)state;
    device_image(&device, &other, 0, 0x3321);
    begin_trial();
    assert_int_equal(ob_update_confirm(&device.slots[0]), OB_OK);
    assert_boots(&new_image, OB_SWAP_NONE);
    memcpy(before, device.internal.bytes + primary->start, SLOT);
    for (uint32_t seed = 1; seed < 200; seed++) {
        forge(seed);
        assert_boots(&new_image, OB_SWAP_NONE);
        assert_boots(&new_image, OB_SWAP_NONE);
        assert_memory_equal(before, device.internal.bytes + primary->start, SLOT);
        assert_true(state_of(0).confirmed);
    }
}

/* ---- chips that answer as they like ---- */

static const struct ob_flash_ops *honest;
static struct ob_flash_ops changed;
static unsigned commands; /* so far */
static unsigned turns_at; /* the read from which the other one is shown; 0: any may show either */
static uint32_t coin;     /* what decides then */
static bool erased[RAM_FLASH_SIZE / SECTOR];
static uint32_t stuck_address; /* of a byte that does not erase any more */
static unsigned feeds;

static void change(struct ram_flash *chip, enum ob_err (*read)(const struct ob_flash *, uint32_t, void *, uint32_t),
                   enum ob_err (*erase)(const struct ob_flash *, uint32_t, uint32_t))
{
    honest = chip->flash.ops;
    changed = *honest;
    changed.read = read != NULL ? read : changed.read;
    changed.erase = erase != NULL ? erase : changed.erase;
    chip->flash.ops = &changed;
    commands = 0;
}

static void change_chip(enum ob_err (*read)(const struct ob_flash *, uint32_t, void *, uint32_t),
                        enum ob_err (*erase)(const struct ob_flash *, uint32_t, uint32_t))
{
    change(&device.external, read, erase);
}

/** Until a sector is erased, the other image may be shown there. */
static enum ob_err read_two_faces(const struct ob_flash *flash, uint32_t off, void *dst, uint32_t len)
{
    uint8_t *bytes = dst;
    enum ob_err err = honest->read(flash, off, dst, len);
    bool lies = turns_at == 0 ? next_random(&coin) % 2 == 0 : commands >= turns_at;

    commands++;
    for (uint32_t at = off; at < off + len && lies && at < other.len; at++) {
        bytes[at - off] = erased[at / SECTOR] ? bytes[at - off] : other.bytes[at];
    }
    return err;
}

static enum ob_err erase_one_face(const struct ob_flash *flash, uint32_t off, uint32_t size)
{
    for (uint32_t at = off; at < off + size; at += SECTOR) {
        erased[at / SECTOR] = true;
    }
    return honest->erase(flash, off, size);
}

/** @return reads that the start took */
static unsigned start_with_two_faces(void **state, const struct ob_mode *mode, bool settles)
{
    struct ob_boot_result result;

    set_up_guarded(state);
    device.boot.mode = mode;
    do { /* a signature takes 70 to 72 bytes */
        device_image(&device, &other, 0, 0x3432);
    } while (other.len != new_image.len);
    device_download(&device, 0, &new_image, false);
    memset(erased, 0, sizeof(erased));
    change_chip(read_two_faces, erase_one_face);
    enum ob_err err = ob_boot_run(&device.boot, &result);
    unsigned reads = commands;
    assert_true(err != OB_OK || result.image.version.minor != 0);
    assert_true(err == OB_OK || !settles);
    for (unsigned i = 0; i < 3; i++) {
        err = ob_boot_run(&device.boot, &result);
        assert_true(err != OB_OK || result.image.version.minor != 0);
        assert_true(err == OB_OK || !settles);
    }
    return reads;
}

static void what_is_installed_is_what_was_verified(void **state)
{
    turns_at = UINT_MAX;
    const unsigned reads = start_with_two_faces(state, &ob_mode_slide, true);
    assert_int_equal(device_event(&device, 0).kind, OB_EVENT_INSTALLED);
    for (turns_at = 1; turns_at <= reads; turns_at += 7) {
        start_with_two_faces(state, &ob_mode_slide, true);
    }
}

/** Where nothing is kept, nothing may be left to start. */
static void what_was_not_verified_makes_way(void **state)
{
    bool lost = false;

    turns_at = UINT_MAX;
    const unsigned reads = start_with_two_faces(state, &ob_mode_overwrite, true);
    for (turns_at = 1; turns_at <= reads; turns_at += 5) {
        start_with_two_faces(state, &ob_mode_overwrite, false);
        lost = lost || device_event(&device, 0).kind == OB_EVENT_CHIP;
    }
    assert_true(lost);
}

static void chip_that_answers_differently_each_time_installs_nothing_old(void **state)
{
    turns_at = 0;
    for (uint32_t seed = 1; seed <= 50; seed++) {
        coin = seed;
        start_with_two_faces(state, &ob_mode_slide, false);
    }
}

/** One byte of the image is right at each second read only. */
static enum ob_err read_with_flickering_byte(const struct ob_flash *flash, uint32_t off, void *dst, uint32_t len)
{
    const uint32_t at = secondary->start + 2 * SECTOR + 0x55;
    enum ob_err err = honest->read(flash, off, dst, len);

    if (off <= at && at - off < len && commands++ % 2 != 0) {
        ((uint8_t *)dst)[at - off] ^= 0x10;
    }
    return err;
}

static void image_that_flickers_replaces_nothing_that_is_not_kept(void **state)
{
    (void)state;
    device_image(&device, &new_image, 2, 0x3321);
    device_download(&device, 0, &new_image, true);
    change_chip(read_with_flickering_byte, NULL);
    assert_boots(&old_image, OB_SWAP_NONE);
    assert_int_equal(device_event(&device, 0).kind, OB_EVENT_REFUSED);
    assert_int_equal(device_event(&device, 0).reason, -OB_ERR_DIGEST);
    assert_int_equal(state_of(0).next, OB_SWAP_NONE);
}

static enum ob_err erase_with_stuck_cell(const struct ob_flash *flash, uint32_t off, uint32_t size)
{
    enum ob_err err = honest->erase(flash, off, size);

    if (stuck_address >= off && stuck_address - off < size) {
        device.external.bytes[stuck_address] = 0;
    }
    return err;
}

static void cell_of_the_free_room_costs_the_update_and_no_more(void **state)
{
    (void)state;
    device_image(&device, &new_image, 2, 0x3321);
    device_download(&device, 0, &new_image, false);
    stuck_address = secondary->start + 5 * SECTOR + 0x210; /* where the end of what runs goes first */
    change_chip(NULL, erase_with_stuck_cell);
    assert_boots(&old_image, OB_SWAP_NONE);
    assert_int_equal(device_event(&device, 0).kind, OB_EVENT_CHIP);
    assert_int_equal(device_event(&device, 0).address / SECTOR, stuck_address / SECTOR);
    assert_int_equal(state_of(0).next, OB_SWAP_NONE);
    unsigned erases = device.external.erase_count;
    assert_boots(&old_image, OB_SWAP_NONE);
    assert_int_equal(device.external.erase_count, erases);
}

static void cell_that_fails_half_way_costs_the_way_back_and_no_more(void **state)
{
    (void)state;
    device_image(&device, &new_image, 2, 0x3321);
    device_download(&device, 0, &new_image, false);
    stuck_address = secondary->start + 3 * SECTOR + 0x210;
    change_chip(NULL, erase_with_stuck_cell);
    assert_boots(&new_image, OB_SWAP_TEST);
    assert_int_equal(device_event(&device, 1).kind, OB_EVENT_CHIP);
    assert_int_equal(device_event(&device, 1).address / SECTOR, stuck_address / SECTOR);
    assert_stays_and_says_so();
}

/** Flip a cell of the request in image 0's secondary: bits count from `from` bytes before the slot's end. */
static void flip_cell(uint32_t from, uint32_t bit)
{
    device.external.bytes[secondary->start + secondary->size - from + bit / 8] ^= (uint8_t)(1u << bit % 8);
}

static enum ob_swap read_request(void)
{
    struct ob_trailer trailer;

    assert_int_equal(ob_trailer_read_request(secondary, ALIGN, &trailer), OB_OK);
    return !ob_trailer_asks(&trailer)        ? OB_SWAP_NONE
           : trailer.image_ok == OB_FLAG_SET ? OB_SWAP_PERMANENT
                                             : OB_SWAP_TEST;
}

static void request_with_a_worn_cell_asks_for_the_same(void **state)
{
    (void)state;
    for (unsigned permanent = 0; permanent < 2; permanent++) {
        const enum ob_swap asked = permanent ? OB_SWAP_PERMANENT : OB_SWAP_TEST;
        device_download(&device, 0, &new_image, permanent);
        for (uint32_t bit = 0; bit < 8 * OB_MAGIC_SIZE; bit++) {
            flip_cell(OB_MAGIC_SIZE, bit);
            assert_int_equal(read_request(), asked);
            flip_cell(OB_MAGIC_SIZE, (bit + 9) % (8 * OB_MAGIC_SIZE));
            assert_int_equal(read_request(), OB_SWAP_NONE);
            flip_cell(OB_MAGIC_SIZE, (bit + 9) % (8 * OB_MAGIC_SIZE));
            flip_cell(OB_MAGIC_SIZE, bit);
        }
        for (uint32_t bit = 0; bit < 8; bit++) {
            flip_cell(OB_MAGIC_SIZE + ALIGN, bit);
            assert_int_equal(read_request(), asked);
            flip_cell(OB_MAGIC_SIZE + ALIGN, bit);
        }
    }
    flip_cell(OB_MAGIC_SIZE, 5);
    assert_int_equal(state_of(0).next, OB_SWAP_PERMANENT);
    assert_boots(&new_image, OB_SWAP_PERMANENT);
    assert_next_request_works();
    flip_cell(OB_MAGIC_SIZE, 5); /* a client would take it for damaged */
    assert_boots(&new_image, OB_SWAP_NONE);
    assert_next_request_works();
}

/* ---- a withdrawal that may be cut ---- */

static enum ob_err erase_no_request(const struct ob_flash *flash, uint32_t off, uint32_t size)
{
    if (off == secondary->start + SLOT - SECTOR) {
        commands++;
        assert_int_not_equal(device_trailer(secondary).magic, OB_MAGIC_GOOD);
    }
    return honest->erase(flash, off, size);
}

/** An erase that is cut may show at any later start what was there before it. */
static void magic_is_gone_before_its_request_is_erased(void **state)
{
    (void)state;
    honest = device.external.flash.ops;
    changed = *honest;
    changed.erase = erase_no_request;
    new_image.bytes[0x300] ^= 1;
    mcuboot_upload(&device, 0, 0, &new_image);
    assert_true(mcuboot_request(&device, 0, false));
    device.external.flash.ops = &changed;
    commands = 0;
    assert_refused(&old_image, OB_ERR_DIGEST);
    assert_int_equal(commands, 1);
}

/* ---- a job whose end does not verify ---- */

static unsigned spoils; /* how often it happens still */

/** The erase for the primary's trailer, which follows the last step, takes a byte of the image along. */
static enum ob_err erase_and_spoil(const struct ob_flash *flash, uint32_t off, uint32_t size)
{
    if (off == primary->start + SLOT - SECTOR && spoils > 0) {
        spoils--;
        commands++;
        device.internal.bytes[primary->start + 0x1234] = (uint8_t)~new_image.bytes[0x1234];
    }
    return honest->erase(flash, off, size);
}

static void spoil_the_end(unsigned times)
{
    honest = device.internal.flash.ops;
    changed = *honest;
    changed.erase = erase_and_spoil;
    device.internal.flash.ops = &changed;
    commands = 0;
    spoils = times;
}

static void end_that_does_not_verify_once_is_copied_again(void **state)
{
    (void)state;
    device.boot.mode = &ob_mode_overwrite; /* where the image that was verified still lies outside */
    device_download(&device, 0, &new_image, true);
    spoil_the_end(1);
    assert_boots(&new_image, OB_SWAP_PERMANENT);
    assert_int_equal(commands, 1);
    assert_int_equal(device_event(&device, 0).kind, OB_EVENT_INSTALLED);
}

static void end_that_does_not_verify_brings_back_what_was_kept(void **state)
{
    struct ob_boot_result result;

    (void)state;
    device_download(&device, 0, &new_image, false);
    spoil_the_end(1);
    assert_int_equal(ob_boot_run(&device.boot, &result), OB_OK);
    assert_int_equal(result.image.version.minor, 1);
    assert_true(holds(0, &old_image));
    assert_int_equal(state_of(0).last, OB_UPDATE_REFUSED);
    assert_int_equal(state_of(0).last_reason, OB_ERR_DIGEST);
    assert_can_be_updated(&old_image, 3);
}

/** Old and new cannot be had: nothing starts, a bounded number of attempts later, and the next good image does. */
static void end_that_never_verifies_starts_nothing_until_an_image_comes(void **state)
{
    (void)state;
    device_download(&device, 0, &new_image, true);
    spoil_the_end(UINT_MAX);
    assert_starts_nothing();
    assert_in_range(commands, 1, 8);
    spoils = 0;
    device_download(&device, 0, &new_image, true);
    assert_boots(&new_image, OB_SWAP_PERMANENT);
}

static enum ob_err read_too_late(const struct ob_flash *flash, uint32_t off, void *dst, uint32_t len)
{
    (void)flash;
    (void)off;
    (void)dst;
    (void)len;
    commands++;
    return OB_ERR_TIMEOUT;
}

static enum ob_err erase_too_late(const struct ob_flash *flash, uint32_t off, uint32_t size)
{
    (void)flash;
    (void)off;
    (void)size;
    commands++;
    return OB_ERR_TIMEOUT;
}

/** Each costs at most the longest time that a driver allows: docs/DESIGN.md makes a bound in seconds of it. */
static void chip_that_never_answers_is_asked_a_few_times_only(void **state)
{
    (void)state;
    device_download(&device, 0, &new_image, false);
    change_chip(read_too_late, erase_too_late);
    assert_boots(&old_image, OB_SWAP_NONE);
    assert_in_range(commands, 1, 8);
}

static enum ob_err erase_and_be_counted(const struct ob_flash *flash, uint32_t off, uint32_t size)
{
    assert_true(commands <= feeds); /* of one command the watchdog knows the time, of two it does not */
    commands = feeds + 1;
    return honest->erase(flash, off, size);
}

static void count_feed(void *ctx)
{
    (void)ctx;
    feeds++;
}

static void watchdog_is_fed_between_any_two_erases(void **state)
{
    (void)state;
    feeds = 0;
    device.hooks.feed = count_feed;
    device_download(&device, 0, &new_image, false);
    change_chip(NULL, erase_and_be_counted);
    assert_boots(&new_image, OB_SWAP_TEST);
    assert_boots(&old_image, OB_SWAP_REVERT);
    assert_true(feeds > 10);
}

/* ---- the floor ---- */

static void install_for_good(const struct image_maker *image)
{
    device_download(&device, 0, image, true);
    assert_boots(image, OB_SWAP_PERMANENT);
}

static void break_primary(void)
{
    device.internal.bytes[primary->start + 0x400] ^= 0xff;
}

static void older_image_is_refused(void **state)
{
    (void)state;
    device_image(&device, &other, 0, 0x2345);
    device_download(&device, 0, &other, true);
    assert_refused(&old_image, OB_ERR_OLD);
    install_for_good(&new_image);
    device_download(&device, 0, &old_image, true);
    assert_refused(&new_image, OB_ERR_OLD);
}

static void older_image_is_refused_though_what_runs_is_broken(void **state)
{
    (void)state;
    install_for_good(&new_image);
    mcuboot_upload(&device, 0, 0, &old_image);
    assert_true(mcuboot_request(&device, 0, true));
    break_primary();
    assert_starts_nothing();
    assert_false(holds(0, &old_image));
}

static void rescue_takes_nothing_below_the_floor(void **state)
{
    (void)state;
    install_for_good(&new_image);
    mcuboot_upload(&device, 0, 0, &old_image);
    memset(device.internal.bytes + primary->start, 0xff, SLOT);
    assert_starts_nothing();
    mcuboot_upload(&device, 0, 0, &new_image);
    assert_boots(&new_image, OB_SWAP_PERMANENT);
}

static void rescue_takes_nothing_below_what_a_factory_programmed(void **state)
{
    (void)state;
    device_program(&device, 0, &new_image);
    assert_boots(&new_image, OB_SWAP_NONE);
    const unsigned erases = device.internal.erase_count;
    assert_boots(&new_image, OB_SWAP_NONE);
    assert_int_equal(device.internal.erase_count, erases); /* it is stated once */
    mcuboot_upload(&device, 0, 0, &old_image);
    memset(device.internal.bytes + primary->start, 0xff, SLOT);
    assert_starts_nothing();
    mcuboot_upload(&device, 0, 0, &new_image);
    assert_boots(&new_image, OB_SWAP_PERMANENT);
}

static void nothing_rescues_before_a_floor_was_stated(void **state)
{
    (void)state;
    device_program(&device, 0, &new_image);
    break_primary();
    mcuboot_upload(&device, 0, 0, &old_image);
    assert_starts_nothing();
    mcuboot_upload(&device, 0, 0, &new_image);
    assert_starts_nothing();
    device_program(&device, 0, &new_image);
    assert_boots(&new_image, OB_SWAP_NONE);
    break_primary();
    mcuboot_upload(&device, 0, 0, &new_image);
    assert_boots(&new_image, OB_SWAP_PERMANENT);
}

/** Whatever a fault made of the first bank. */
static void what_no_job_brought_is_not_on_trial_and_raises_the_floor(void **state)
{
    struct ob_ledger ledger;
    struct ob_head head = {0};

    (void)state;
    device_program(&device, 0, &new_image);
    assert_int_equal(ob_ledger_read(&device.ledger, 1, &ledger), OB_OK);
    assert_int_equal(ob_ledger_begin(&ledger, &head, OB_RECORD_QUIET, NULL), OB_OK);
    mcuboot_upload(&device, 0, 0, &old_image);
    assert_true(mcuboot_request(&device, 0, true));
    assert_refused(&new_image, OB_ERR_OLD);
}

static void confirmed_image_never_goes_back_below_itself(void **state)
{
    (void)state;
    begin_trial();
    assert_int_equal(ob_update_confirm(&device.slots[0]), OB_OK);
    assert_boots(&new_image, OB_SWAP_NONE);
    break_primary();
    assert_starts_nothing();
    assert_false(holds(0, &old_image));
}

static void trial_goes_back_to_what_was_confirmed_before(void **state)
{
    (void)state;
    begin_trial();
    assert_boots(&old_image, OB_SWAP_REVERT);
    assert_boots(&old_image, OB_SWAP_NONE);
}

/* ---- several images ---- */

/** Needs version 1.<minor> of another image. */
static void make_dependent(struct image_maker *maker, uint8_t minor, uint8_t on, uint8_t needs)
{
    const uint8_t dependency[12] = {[0] = on, [4] = 1, [5] = needs};

    device_image_begin(&device, maker, minor, 0x2345);
    maker_protect(maker, OB_TLV_DEPENDENCY, dependency, sizeof(dependency));
    device_image_sign(maker);
}

static void unmet_dependency_refuses(void **state)
{
    (void)state;
    make_dependent(&other, 2, 1, 2);
    device_download(&device, 0, &other, false);
    assert_refused(&old_image, OB_ERR_DEPENDS);
    assert_false(is_listed(0));
}

static void dependency_on_an_image_that_is_not_here_refuses(void **state)
{
    (void)state;
    make_dependent(&other, 2, OB_IMAGES_MAX, 0);
    device_download(&device, 0, &other, false);
    assert_refused(&old_image, OB_ERR_DEPENDS);
}

static void dependency_is_met_by_what_runs_or_comes_too(void **state)
{
    (void)state;
    make_dependent(&other, 2, 1, 1);
    device_download(&device, 0, &other, true);
    assert_boots(&other, OB_SWAP_PERMANENT);
    make_dependent(&other, 3, 1, 2);
    device_download(&device, 0, &other, true);
    device_download(&device, 1, &new_image, true);
    assert_boots(&other, OB_SWAP_PERMANENT);
    assert_true(holds(1, &new_image));
}

static void trials_of_different_starts_go_back_together(void **state)
{
    (void)state;
    device_download(&device, 1, &new_image, false);
    assert_boots(&old_image, OB_SWAP_TEST);
    assert_true(holds(1, &new_image));
    device_download(&device, 0, &new_image, false);
    assert_boots(&new_image, OB_SWAP_TEST);
    assert_true(holds(1, &new_image));
    assert_boots(&old_image, OB_SWAP_REVERT);
    assert_true(holds(1, &old_image));
    assert_boots(&old_image, OB_SWAP_NONE);
}

static void overwrite_leaves_image_ok_to_the_application(void **state)
{
    (void)state;
    device_download(&device, 0, &new_image, false);
    assert_boots(&new_image, OB_SWAP_TEST);
    assert_int_equal(device_trailer(primary).magic, OB_MAGIC_GOOD);
    assert_int_equal(device_trailer(primary).image_ok, OB_FLAG_UNSET);
    assert_boots(&new_image, OB_SWAP_NONE);
    assert_int_equal(device_trailer(primary).image_ok, OB_FLAG_UNSET);
    assert_int_equal(ob_update_confirm(&device.slots[0]), OB_OK);
    assert_int_equal(device_trailer(primary).image_ok, OB_FLAG_SET);
    assert_boots(&new_image, OB_SWAP_NONE);
}

/** Where programs of a word are counted. Returns where the magic lies. */
static uint8_t *ask_as_member(void)
{
    device.external.flash.write_size = 4;
    device.external.flash.may_program_again = false;
    assert_int_equal(ob_trailer_set_copy_done(secondary, ALIGN), OB_OK);
    assert_int_equal(ob_trailer_set_magic(secondary, ALIGN), OB_OK);
    return device.external.bytes + secondary->start + SLOT - OB_MAGIC_SIZE;
}

/** Else an erase that is cut as well could show a magic that is good, and no member's mark. */
static void magic_of_a_member_is_programmed_over_once_whatever_a_cut_left(void **state)
{
    uint8_t *magic = ask_as_member();

    (void)state;
    memset(magic + 5, 0xff, OB_MAGIC_SIZE - 5); /* cut */
    assert_int_equal(ob_trailer_spoil(secondary, ALIGN), OB_OK);
    assert_true(ob_filled(magic, OB_MAGIC_SIZE, 0));
    magic[3] = 0x40; /* the erase was cut */
    assert_int_equal(ob_trailer_spoil(secondary, ALIGN), OB_OK);
    assert_int_equal(magic[3], 0x40);
}

static void magic_of_a_member_is_programmed_over_though_power_failed_in_the_mark(void **state)
{
    uint8_t *magic = ask_as_member();
    uint8_t *mark = magic - 4 * ALIGN;

    (void)state;
    memcpy(mark, "\x00\x7f\xff\xff\xff\x0f\xff\xff", 8); /* in either word: nobody knows what began after the second */
    assert_int_equal(ob_trailer_spoil(secondary, ALIGN), OB_OK);
    assert_int_equal(device_trailer(secondary).magic, OB_MAGIC_GOOD);
    memset(mark + 4, 0xff, 4);
    assert_int_equal(ob_trailer_spoil(secondary, ALIGN), OB_OK);
    assert_true(ob_filled(mark + 4, 4, 0) && ob_filled(magic, OB_MAGIC_SIZE, 0));
    assert_int_equal(mark[1], 0x7f);
}

/** Else an erase that is cut as well could show a magic that is good, and a request for good as one on trial. */
static void magic_is_programmed_over_before_its_erase_where_bytes_may_be_programmed_again(void **state)
{
    const uint8_t *magic = device.external.bytes + secondary->start + SLOT - OB_MAGIC_SIZE;

    (void)state;
    device.external.flash.write_size = 4; /* what its controller takes; the chip behind it counts nothing */
    assert_int_equal(ob_trailer_set_magic(secondary, ALIGN), OB_OK);
    assert_int_equal(ob_trailer_spoil(secondary, ALIGN), OB_OK);
    assert_true(ob_filled(magic, OB_MAGIC_SIZE, 0));
}

static bool flickers; /* a cut left a field of internal flash half programmed, until it is erased */
static uint32_t flickers_at;

static enum ob_err erase_what_flickers(const struct ob_flash *flash, uint32_t off, uint32_t size)
{
    flickers = flickers && !(off <= flickers_at && flickers_at - off < size);
    return honest->erase(flash, off, size);
}

static void let_flicker(uint32_t address, enum ob_err (*read)(const struct ob_flash *, uint32_t, void *, uint32_t))
{
    flickers = true;
    flickers_at = address;
    commands = 0;
    change(&device.internal, read, erase_what_flickers);
}

/** The erase of the primary's trailer was cut: most looks find it blank. */
static enum ob_err read_rarely_as_on_trial(const struct ob_flash *flash, uint32_t off, void *dst, uint32_t len)
{
    enum ob_err err = honest->read(flash, off, dst, len);

    if (flickers && off == flickers_at && ++commands % 12 != 0) {
        memset(dst, 0xff, len);
    }
    return err;
}

static void what_is_confirmed_is_never_taken_for_a_trial_by_a_trailer_that_flickers(void **state)
{
    struct ob_update update;

    (void)state;
    device_download(&device, 0, &new_image, false);
    assert_boots(&new_image, OB_SWAP_TEST);
    assert_int_equal(ob_update_confirm(&device.slots[0]), OB_OK);
    assert_boots(&new_image, OB_SWAP_NONE);
    device.internal.bytes[primary->start + SLOT - OB_MAGIC_SIZE - ALIGN] = 0xff;
    let_flicker(primary->start + SLOT - OB_MAGIC_SIZE, read_rarely_as_on_trial);
    assert_boots(&new_image, OB_SWAP_NONE);
    assert_int_equal(device_trailer(primary).magic, OB_MAGIC_UNSET);
    assert_int_equal(ob_update_begin(&update, &device.slots[0], OB_MODE_SLIDE, 0, new_image.len, NULL, NULL), OB_OK);
}

/** A cut left it half programmed: it reads as set and as erased by turns. */
static enum ob_err read_cut_confirmation(const struct ob_flash *flash, uint32_t off, void *dst, uint32_t len)
{
    enum ob_err err = honest->read(flash, off, dst, len);

    if (flickers && off == flickers_at) {
        *(uint8_t *)dst = ++commands % 2 == 0 ? 1 : 0xff;
    }
    return err;
}

/** Two images came as one, and the second one's confirmation is cut before the first one's, which counts, is given. */
static void cut_members_confirmation(void)
{
    struct ob_update updates[2];

    device.boot.mode = &ob_mode_overwrite;
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(
            ob_update_begin(&updates[i], &device.slots[i], OB_MODE_OVERWRITE, 0, new_image.len, NULL, NULL), OB_OK);
        assert_int_equal(ob_update_write(&updates[i], new_image.bytes, new_image.len), OB_OK);
    }
    assert_int_equal(ob_update_request_all(updates, 2, false), OB_OK);
    assert_boots(&new_image, OB_SWAP_TEST);
    let_flicker(device.slots[1].primary.start + SLOT - OB_MAGIC_SIZE - ALIGN, read_cut_confirmation);
    assert_int_equal(ob_update_confirm(&device.slots[1]), OB_ERR_VERIFY);
}

static void update_is_begun_though_a_confirmation_flickers(void **state)
{
    struct ob_update update;

    (void)state;
    cut_members_confirmation();
    assert_int_equal(ob_update_begin(&update, &device.slots[1], OB_MODE_OVERWRITE, 0, new_image.len, NULL, NULL),
                     OB_OK);
}

static void confirmation_of_a_member_that_was_cut_is_given_after_a_start(void **state)
{
    (void)state;
    cut_members_confirmation();
    assert_boots(&new_image, OB_SWAP_NONE);
    assert_false(state_of(0).confirmed);
    assert_int_equal(ob_update_confirm(&device.slots[1]), OB_OK);
    assert_int_equal(ob_update_confirm(&device.slots[0]), OB_OK);
    assert_boots(&new_image, OB_SWAP_NONE);
    assert_true(state_of(0).confirmed);
    assert_true(state_of(1).confirmed);
}

/* ---- images that do not belong here, or are of another kind ---- */

static void assert_made_for_elsewhere(uint32_t field, uint32_t value, enum ob_err reason)
{
    device_image_begin(&device, &other, 2, 0x2345);
    ob_put_le32(other.bytes + field, value);
    device_image_sign(&other);
    device_download(&device, 0, &other, true);
    assert_refused(&old_image, reason);
}

static void image_that_would_lock_up_the_cpu_is_refused(void **state)
{
    (void)state;
    assert_made_for_elsewhere(0x200, device.home.ram_start - 4, OB_ERR_STACK);
    assert_made_for_elsewhere(0x200, device.home.ram_start + device.home.ram_size + 8, OB_ERR_STACK);
    assert_made_for_elsewhere(0x204, device.home.address + 0x101, OB_ERR_ENTRY);
    assert_made_for_elsewhere(0x204, device.home.address + SLOT + 1, OB_ERR_ENTRY);
    assert_made_for_elsewhere(0x204, device.home.address + 0x300, OB_ERR_ENTRY);
    assert_made_for_elsewhere(16, OB_IMAGE_ROM_FIXED, OB_ERR_ADDRESS);
    assert_can_be_updated(&old_image, 3);
}

static void image_with_another_header_size_is_refused(void **state)
{
    (void)state;
    maker_make(&other, 0x400, 0x2345);
    device_download(&device, 0, &other, true);
    assert_refused(&old_image, OB_ERR_HEADER_SIZE);
}

static void rescue_takes_no_image_that_does_not_belong_here(void **state)
{
    (void)state;
    maker_make(&other, 0x400, 0x2345);
    mcuboot_upload(&device, 0, 0, &other);
    memset(device.internal.bytes + primary->start, 0xff, SLOT);
    assert_starts_nothing();
}

static void assert_event_tells(const struct image_maker *image, enum ob_err reason, enum ob_image_kind kind)
{
    device_download(&device, 0, image, true);
    assert_refused(&old_image, reason);
    const struct ob_event event = device_event(&device, 0);
    assert_int_equal(event.version.major, 1);
    assert_int_equal(event.version.minor, 2);
    assert_int_equal(event.what, kind);
    assert_int_equal(state_of(0).last, OB_UPDATE_REFUSED);
    assert_int_equal(state_of(0).last_version.minor, 2);
    assert_int_equal(state_of(0).last_kind, kind);
}

static void begin_unsigned(uint32_t flags)
{
    device_image_begin(&device, &other, 2, 0x2345);
    maker_set_flags(&other, flags);
    maker_hash(&other);
    maker_add_digest(&other);
}

static void refused_image_is_told_by_version_and_kind(void **state)
{
    static const uint8_t signature[256] = {1};

    (void)state;
    begin_unsigned(0);
    assert_event_tells(&other, OB_ERR_KEY, OB_KIND_UNSIGNED);
    begin_unsigned(4);
    assert_event_tells(&other, OB_ERR_KIND, OB_KIND_ENCRYPTED);
    begin_unsigned(0x200);
    assert_event_tells(&other, OB_ERR_KIND, OB_KIND_COMPRESSED);
    begin_unsigned(OB_IMAGE_RAM_LOAD);
    assert_event_tells(&other, OB_ERR_KIND, OB_KIND_RAM_LOAD);
    begin_unsigned(0);
    maker_add_key(&other, 0);
    maker_add(&other, OB_TLV_RSA2048, signature, 256);
    assert_event_tells(&other, OB_ERR_TYPE, OB_KIND_RSA2048);
    begin_unsigned(0);
    maker_add_key(&other, 0);
    maker_add(&other, OB_TLV_ED25519, signature, 64);
    assert_event_tells(&other, OB_ERR_TYPE, OB_KIND_ED25519);
    begin_unsigned(0);
    ob_put_le32(other.bytes, OB_IMAGE_MAGIC_BIG);
    assert_event_tells(&other, OB_ERR_KIND, OB_KIND_BIG_ENDIAN);
}

#define PROMISE(function, fixture) cmocka_unit_test_setup(function, fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PROMISE(capacity_is_known, set_up),
        PROMISE(what_is_reserved_in_a_slot_is_not_for_images, set_up),
        PROMISE(image_above_the_capacity_is_refused_and_the_next_update_installs, set_up),
        PROMISE(rescue_takes_nothing_above_the_capacity, set_up),
        PROMISE(running_image_above_the_capacity_is_updated_for_good, set_up),
        PROMISE(running_image_that_reaches_into_the_trailers_sector_is_updated_for_good, set_up),
        PROMISE(running_image_may_be_asked_for_again_and_again_for_good, set_up),
        PROMISE(running_image_may_be_tested_again_and_again, set_up),
        PROMISE(running_image_may_be_asked_for_again_without_an_upload, set_up),
        PROMISE(running_image_on_trial_may_be_asked_for_again, set_up),
        PROMISE(secondarys_trailer_reads_unset_when_the_application_starts, set_up),
        PROMISE(bad_trailer_of_the_secondary_is_mended, set_up),
        PROMISE(remains_of_a_request_are_erased, set_up),
        PROMISE(magic_is_gone_before_its_request_is_erased, set_up),
        PROMISE(refused_image_is_not_listed_any_more, set_up),
        PROMISE(image_one_unit_up_is_installed_goes_back_and_comes_again, set_up),
        PROMISE(replaced_image_may_be_asked_for_by_hand, set_up),
        PROMISE(trial_goes_back_though_the_trailers_sector_was_erased, set_up),
        PROMISE(trial_goes_back_though_the_trailers_64_kib_were_erased, set_up),
        PROMISE(trial_whose_way_back_was_erased_stays_and_says_so, set_up),
        PROMISE(trial_goes_back_to_no_other_signed_image, set_up),
        PROMISE(nothing_but_a_request_for_a_valid_image_changes_what_runs, set_up),
        PROMISE(what_is_installed_is_what_was_verified, set_up),
        PROMISE(what_was_not_verified_makes_way, set_up),
        PROMISE(chip_that_answers_differently_each_time_installs_nothing_old, set_up),
        PROMISE(image_that_flickers_replaces_nothing_that_is_not_kept, set_up_overwrite),
        PROMISE(cell_of_the_free_room_costs_the_update_and_no_more, set_up),
        PROMISE(cell_that_fails_half_way_costs_the_way_back_and_no_more, set_up),
        PROMISE(request_with_a_worn_cell_asks_for_the_same, set_up),
        PROMISE(end_that_does_not_verify_once_is_copied_again, set_up),
        PROMISE(end_that_does_not_verify_brings_back_what_was_kept, set_up),
        PROMISE(end_that_never_verifies_starts_nothing_until_an_image_comes, set_up_overwrite),
        PROMISE(chip_that_never_answers_is_asked_a_few_times_only, set_up),
        PROMISE(watchdog_is_fed_between_any_two_erases, set_up),
        PROMISE(older_image_is_refused, set_up_guarded),
        PROMISE(older_image_is_refused_though_what_runs_is_broken, set_up_guarded),
        PROMISE(rescue_takes_nothing_below_the_floor, set_up_guarded),
        PROMISE(rescue_takes_nothing_below_what_a_factory_programmed, set_up_guarded),
        PROMISE(nothing_rescues_before_a_floor_was_stated, set_up_guarded),
        PROMISE(what_no_job_brought_is_not_on_trial_and_raises_the_floor, set_up_guarded),
        PROMISE(confirmed_image_never_goes_back_below_itself, set_up_guarded),
        PROMISE(trial_goes_back_to_what_was_confirmed_before, set_up_guarded),
        PROMISE(unmet_dependency_refuses, set_up_two_images),
        PROMISE(dependency_on_an_image_that_is_not_here_refuses, set_up_two_images),
        PROMISE(dependency_is_met_by_what_runs_or_comes_too, set_up_two_images),
        PROMISE(trials_of_different_starts_go_back_together, set_up_two_images),
        PROMISE(overwrite_leaves_image_ok_to_the_application, set_up_overwrite),
        PROMISE(magic_of_a_member_is_programmed_over_once_whatever_a_cut_left, set_up),
        PROMISE(magic_of_a_member_is_programmed_over_though_power_failed_in_the_mark, set_up),
        PROMISE(magic_is_programmed_over_before_its_erase_where_bytes_may_be_programmed_again, set_up),
        PROMISE(what_is_confirmed_is_never_taken_for_a_trial_by_a_trailer_that_flickers, set_up),
        PROMISE(update_is_begun_though_a_confirmation_flickers, set_up_two_images),
        PROMISE(confirmation_of_a_member_that_was_cut_is_given_after_a_start, set_up_two_images),
        PROMISE(image_that_would_lock_up_the_cpu_is_refused, set_up),
        PROMISE(image_with_another_header_size_is_refused, set_up),
        PROMISE(rescue_takes_no_image_that_does_not_belong_here, set_up),
        PROMISE(refused_image_is_told_by_version_and_kind, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
