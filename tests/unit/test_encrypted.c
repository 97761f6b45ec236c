/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a device whose images are encrypted: what the external chip holds, at every write and erase of every
 * mode. Cells that tear and chips that lie are the simulator's; here each operation is done or not.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <outboard/boot.h>
#include <outboard/cipher.h>
#include <outboard/log.h>
#include <outboard/signature.h>
#include <outboard/update.h>
#include <outboard/util.h>

#include "image_maker.h"
#include "ram_flash.h"
#include "wrap.h"

#define MAX_UNITS 64u
#define HEADER 0x200u
#define BLOCK 16u
#define USED 0x20000u   /* bytes of the external chip */
#define REACHES 100000u /* more writes and erases than anything here makes */

static struct ram_flash internal;
static struct ram_flash external;
static struct ob_slots slots;
static struct ob_area ledger;
static struct ob_key key;
static struct ob_decryption decryption;
static struct ob_keys keys;
static struct ob_hooks hooks;
static struct ob_workspace work;
static struct ob_boot boot;

/** An image as it runs, and as it travels. */
struct pair {
    struct image_maker running;
    struct image_maker stored;
};

static struct pair old_image;
static struct pair new_image;
static struct pair plain_image;

void ob_log(enum ob_log_level level, const char *format, ...)
{
    (void)level;
    (void)format;
}

/** No two blocks of any payload are alike, so that each can be looked for. */
static void fill(struct image_maker *maker, uint8_t minor, uint32_t payload_size)
{
    maker_begin(maker, HEADER, payload_size);
    maker->bytes[20] = 1;
    maker->bytes[21] = minor;
    for (uint32_t at = 0; at < payload_size; at += 4) {
        uint8_t word[4];
        ob_put_le32(word, (uint32_t)minor << 24 | at);
        memcpy(maker->bytes + HEADER + at, word, OB_MIN(sizeof(word), payload_size - at));
    }
}

static void finish(struct image_maker *maker)
{
    maker_hash(maker);
    maker_add_digest(maker);
    maker_add_key(maker, 0);
    maker_sign(maker, 0, 0);
}

static void content_key(uint8_t minor, uint8_t out[SIM_CONTENT_KEY_SIZE])
{
    memset(out, 0xa0 + minor, SIM_CONTENT_KEY_SIZE);
}

static void wrap(uint8_t minor, uint8_t out[SIM_WRAPPED_SIZE])
{
    uint8_t ephemeral[OB_P256_SCALAR_SIZE];
    uint8_t content[SIM_CONTENT_KEY_SIZE];

    memset(ephemeral, 0x30 + minor, sizeof(ephemeral));
    content_key(minor, content);
    sim_wrap(ephemeral, content, out);
}

static void make(struct pair *pair, uint8_t minor, uint32_t payload_size)
{
    uint8_t wrapped[SIM_WRAPPED_SIZE];
    uint8_t content[SIM_CONTENT_KEY_SIZE];

    fill(&pair->running, minor, payload_size);
    maker_set_flags(&pair->running, OB_IMAGE_AES128);
    finish(&pair->running);
    wrap(minor, wrapped);
    maker_add(&pair->running, OB_TLV_ENC_EC256, wrapped, sizeof(wrapped));
    pair->stored = pair->running;
    content_key(minor, content);
    ob_aes_ctr(content, sizeof(content), 0, pair->stored.bytes + HEADER, payload_size);
}

static int set_up(void **state)
{
    (void)state;
    ram_flash_init(&internal);
    ram_flash_init(&external);
    slots = (struct ob_slots){
        .primary = {.flash = &internal.flash, .start = 0x10000, .size = 0x10000},
        .secondary = {{.flash = &external.flash, .start = 0, .size = 0x10000}},
    };
    ledger = (struct ob_area){.flash = &internal.flash, .start = 0, .size = 0x4000};
    key = maker_key(0);
    decryption = (struct ob_decryption){.wrap = &ob_wrap_ec256, .key = sim_device_key, .size = SIM_CONTENT_KEY_SIZE};
    keys = (struct ob_keys){.key = &key, .count = 1, .type = &ob_signature_p256, .decryption = &decryption};
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
    if (old_image.running.len == 0) {
        make(&old_image, 0, 0x2321);
        make(&new_image, 1, 0x3434);
        fill(&plain_image.running, 2, 0x2224);
        finish(&plain_image.running);
        plain_image.stored = plain_image.running;
    }
    assert_int_equal(ob_area_write(&slots.primary, 0, old_image.running.bytes, old_image.running.len), OB_OK);
    return 0;
}

static int set_up_dual(void **state)
{
    set_up(state);
    slots.secondary[1] = (struct ob_area){.flash = &external.flash, .start = 0x10000, .size = 0x10000};
    boot.mode = &ob_mode_dual;
    return 0;
}

static int set_up_overwrite(void **state)
{
    set_up(state);
    boot.mode = &ob_mode_overwrite;
    return 0;
}

static void download(const struct pair *image, bool permanent)
{
    struct ob_update update;

    assert_int_equal(ob_update_begin(&update, &slots, boot.mode->id, MAX_UNITS, image->stored.len, NULL, NULL), OB_OK);
    assert_int_equal(ob_update_write(&update, image->stored.bytes, image->stored.len), OB_OK);
    assert_int_equal(ob_update_request(&update, permanent), OB_OK);
}

static bool runs(const struct pair *image)
{
    return memcmp(internal.bytes + slots.primary.start, image->running.bytes, image->running.len) == 0;
}

static void assert_boots(const struct pair *image, enum ob_swap swap)
{
    struct ob_boot_result result;

    assert_int_equal(ob_boot_run(&boot, &result), OB_OK);
    assert_int_equal(result.swap, swap);
    assert_true(runs(image));
}

/** The newest event but n. */
static struct ob_event event_before(uint32_t n)
{
    struct ob_event event;

    assert_int_equal(ob_ledger_read(&ledger, boot.image_count, &work.ledger), OB_OK);
    assert_int_equal(ob_ledger_event(&work.ledger, n, &event), OB_OK);
    return event;
}

static struct ob_event last_event(void)
{
    return event_before(0);
}

/** Is a block of the payload of either encrypted image anywhere in the external chip? A block says where it belongs. */
static bool shows_a_block(void)
{
    const struct pair *const secrets[] = {&old_image, &new_image};

    for (uint32_t off = 0; off + BLOCK <= USED; off += 4) {
        for (size_t i = 0; i < OB_ARRAY_SIZE(secrets); i++) {
            const uint8_t *image = secrets[i]->running.bytes;
            const uint32_t payload = ob_get_le32(image + 12);
            const uint32_t at = ob_get_le32(external.bytes + off) & 0xffffff;
            if (at % 4 == 0 && at + BLOCK <= payload && memcmp(external.bytes + off, image + HEADER + at, BLOCK) == 0) {
                return true;
            }
        }
    }
    return false;
}

static void update_is_decrypted_into_the_primary(void **state)
{
    (void)state;
    download(&new_image, true);
    assert_boots(&new_image, OB_SWAP_PERMANENT);
    assert_boots(&new_image, OB_SWAP_NONE);
}

static void what_leaves_the_primary_is_what_was_downloaded(void **state)
{
    struct ob_area previous;

    (void)state;
    download(&new_image, false);
    assert_boots(&new_image, OB_SWAP_TEST);
    assert_int_equal(ob_update_previous(&slots, &ledger, boot.mode->id, 0, &previous), OB_OK);
    assert_memory_equal(external.bytes + previous.start, old_image.stored.bytes, old_image.stored.len);
    assert_boots(&old_image, OB_SWAP_REVERT);
    assert_false(shows_a_block());
    download(&new_image, false);
    assert_boots(&new_image, OB_SWAP_TEST);
    assert_int_equal(ob_update_confirm(&slots), OB_OK);
    assert_boots(&new_image, OB_SWAP_NONE);
}

/** Live through a trial and going back, with a cut before the n-th write or erase. @return nothing was cut */
static bool live(struct ram_power *power, unsigned cut)
{
    struct ob_boot_result result;
    bool uncut = true;

    for (unsigned start = 0; start < 4; start++) {
        power->left = start < 2 && uncut ? cut : REACHES;
        if (ob_boot_run(&boot, &result) != OB_OK) {
            uncut = false;
        } else {
            uncut = uncut && power->left > 0;
            cut = power->left;
        }
        power->left = REACHES;
        if (shows_a_block()) {
            fail_msg("a block in the clear");
        }
    }
    return uncut;
}

/** keeps: no block of a payload in the clear outside. Also one update after the other, from both sides of a slide. */
static void no_cut_shows_a_block(void **state)
{
    int (*const modes[])(void **) = {set_up, set_up_dual, set_up_overwrite};
    struct ram_power power = {.left = REACHES};

    for (size_t mode = 0; mode < OB_ARRAY_SIZE(modes); mode++) {
        bool uncut = false;
        for (unsigned cut = 1; !uncut; cut += 61) {
            modes[mode](state);
            download(&new_image, false);
            internal.power = external.power = &power;
            uncut = live(&power, cut);
            assert_true(runs(&old_image) || runs(&new_image));
            assert_true(boot.mode->revertible ? !uncut || runs(&old_image) : runs(&new_image));
        }
    }
}

static void image_without_a_key_does_not_leave(void **state)
{
    (void)state;
    assert_int_equal(ob_area_erase(&slots.primary, 0, slots.primary.size), OB_OK);
    assert_int_equal(ob_area_write(&slots.primary, 0, plain_image.running.bytes, plain_image.running.len), OB_OK);
    download(&new_image, false);
    assert_boots(&new_image, OB_SWAP_PERMANENT);
    assert_int_equal(event_before(2).kind, OB_EVENT_NO_WAY_BACK); /* begun, installed */
    assert_boots(&new_image, OB_SWAP_NONE);
}

static void plain_update_goes_back_and_never_leaves(void **state)
{
    (void)state;
    download(&plain_image, false);
    assert_boots(&plain_image, OB_SWAP_TEST);
    assert_boots(&old_image, OB_SWAP_REVERT);
    assert_false(shows_a_block());
    assert_boots(&old_image, OB_SWAP_NONE);
}

static void plain_update_is_refused_where_encryption_is_required(void **state)
{
    (void)state;
    decryption.required = true;
    download(&plain_image, false);
    assert_boots(&old_image, OB_SWAP_NONE);
    assert_int_equal(last_event().kind, OB_EVENT_REFUSED);
    assert_int_equal(last_event().reason, -OB_ERR_KIND);
    assert_int_equal(last_event().what, OB_KIND_PLAIN);
}

static void update_for_another_device_is_refused(void **state)
{
    static const uint8_t other[OB_P256_SCALAR_SIZE] = "this is the key of another devic";

    (void)state;
    decryption.key = other;
    download(&new_image, false);
    assert_boots(&old_image, OB_SWAP_NONE);
    assert_int_equal(last_event().reason, -OB_ERR_UNWRAP);
}

/** Where image bytes lie outside: replace the wrapped key of an image by one that an attacker knows. */
static unsigned replace_key(uint8_t of, uint8_t by)
{
    uint8_t theirs[SIM_WRAPPED_SIZE];
    uint8_t ours[SIM_WRAPPED_SIZE];
    unsigned count = 0;

    wrap(of, ours);
    wrap(by, theirs);
    for (uint32_t off = 0; off + sizeof(ours) <= USED; off++) {
        if (memcmp(external.bytes + off, ours, sizeof(ours)) == 0) {
            memcpy(external.bytes + off, theirs, sizeof(theirs));
            count++;
        }
    }
    return count;
}

/** Is anything of a payload readable outside for who knows this key? */
static bool shows_a_block_to(uint8_t minor)
{
    uint8_t content[SIM_CONTENT_KEY_SIZE];
    static uint8_t clear[0x3434];

    content_key(minor, content);
    memcpy(clear, old_image.running.bytes + HEADER, 0x2321);
    ob_aes_ctr(content, sizeof(content), 0, clear, 0x2321);
    for (uint32_t off = 0; off + BLOCK <= USED; off++) {
        for (uint32_t at = 0; at + BLOCK <= 0x2321; at += BLOCK) {
            if (memcmp(external.bytes + off, clear + at, BLOCK) == 0) {
                return true;
            }
        }
    }
    return false;
}

/** The chip exchanges the key of the image that leaves, in the middle of a job: nothing is encrypted with that one. */
static void key_that_the_chip_exchanged_is_not_used(void **state)
{
    struct ram_power power = {.left = REACHES};
    struct ob_boot_result result;
    unsigned replaced = 0;
    bool uncut = false;

    for (unsigned cut = 1; !uncut; cut += 29) {
        set_up(state);
        download(&new_image, false);
        internal.power = external.power = &power;
        power.left = cut;
        uncut = ob_boot_run(&boot, &result) == OB_OK && power.left > 0;
        power.left = REACHES;
        replaced += uncut ? 0 : replace_key(0, 7);
        assert_int_equal(ob_boot_run(&boot, &result), OB_OK);
        assert_false(shows_a_block_to(7));
        assert_false(shows_a_block());
    }
    assert_true(replaced > 0);
}

static unsigned reads_left; /* until the chip exchanges the key of the image that comes in */
static enum ob_err (*true_read)(const struct ob_flash *flash, uint32_t off, void *dst, uint32_t len);

static enum ob_err exchanging_read(const struct ob_flash *flash, uint32_t off, void *dst, uint32_t len)
{
    if (reads_left > 0 && --reads_left == 0) {
        replace_key(1, 7);
    }
    return true_read(flash, off, dst, len);
}

/** It exchanges it in an image that comes in, between two reads: what arrived would leave encrypted with it. */
static void key_that_arrives_is_the_one_that_decrypted(void **state)
{
    struct ob_flash_ops ops;
    unsigned reads = 1;
    uint8_t theirs[SIM_WRAPPED_SIZE];

    wrap(7, theirs);
    for (bool all = false; !all; reads += 6) {
        struct ob_boot_result result;
        set_up(state);
        download(&new_image, true);
        ops = *external.flash.ops;
        true_read = ops.read;
        ops.read = exchanging_read;
        external.flash.ops = &ops;
        reads_left = reads;
        enum ob_err err = ob_boot_run(&boot, &result);
        all = reads_left > 0;
        reads_left = 0;
        const uint8_t *arrived = internal.bytes + slots.primary.start + new_image.running.len - sizeof(theirs);
        bool stays = err == OB_OK && result.image.version.minor == 1;
        assert_false(stays && memcmp(arrived, theirs, sizeof(theirs)) == 0);
    }
    assert_true(reads > 100);
}

static uint32_t coin;
static bool torn;
static enum ob_err (*true_erase)(const struct ob_flash *flash, uint32_t off, uint32_t size);

static uint32_t torn_byte(void)
{
    return slots.secondary[0].start + new_image.stored.len - SIM_WRAPPED_SIZE;
}

/** A byte of the wrapped key reads as it pleases: its program was cut. */
static enum ob_err flickering_read(const struct ob_flash *flash, uint32_t off, void *dst, uint32_t len)
{
    enum ob_err err = true_read(flash, off, dst, len);

    if (torn && off <= torn_byte() && torn_byte() - off < len) {
        coin = coin * 1103515245u + 12345u;
        ((uint8_t *)dst)[torn_byte() - off] ^= coin >> 31 != 0 ? 0xff : 0;
    }
    return err;
}

static enum ob_err healing_erase(const struct ob_flash *flash, uint32_t off, uint32_t size)
{
    torn = torn && !(off <= torn_byte() && torn_byte() - off < size);
    return true_erase(flash, off, size);
}

/** Whatever a start finds, it installs or refuses: nothing is left that is asked for at each start again. */
static void key_that_flickers_is_not_waited_for(void **state)
{
    unsigned refused = 0;

    for (uint32_t seed = 1; seed <= 40; seed++) {
        struct ob_flash_ops ops;
        struct ob_boot_result result;
        struct ob_update_state told;
        set_up(state);
        download(&new_image, true);
        ops = *external.flash.ops;
        true_read = ops.read;
        true_erase = ops.erase;
        ops.read = flickering_read;
        ops.erase = healing_erase;
        external.flash.ops = &ops;
        torn = true;
        coin = seed;
        assert_int_equal(ob_boot_run(&boot, &result), OB_OK);
        assert_int_equal(ob_update_read_state(&slots, &ledger, 0, &told), OB_OK);
        assert_int_equal(told.next, OB_SWAP_NONE);
        refused += told.last == OB_UPDATE_REFUSED && told.last_reason == OB_ERR_UNWRAP;
    }
    assert_true(refused > 0);
}

static void application_foresees_what_it_cannot_decrypt(void **state)
{
    const struct ob_decryption none = {.wrap = &ob_wrap_ec256, .size = SIM_CONTENT_KEY_SIZE};
    const struct ob_keys without = {.key = &key, .count = 1, .type = &ob_signature_p256, .decryption = &none};
    struct ob_image image;
    struct ob_area secondary;

    (void)state;
    download(&new_image, false);
    secondary = slots.secondary[0];
    assert_int_equal(ob_image_foresee(&secondary, secondary.size, &without, &image), OB_OK);
    assert_int_equal(image.version.minor, 1);
    assert_int_equal(image.size, new_image.stored.len);
    assert_memory_equal(image.digest, new_image.running.digest, OB_DIGEST_SIZE);
    external.bytes[new_image.running.area + 10] ^= 1; /* the stated digest: the signature is not of it */
    assert_int_equal(ob_image_foresee(&secondary, secondary.size, &without, &image), OB_ERR_AUTH);
}

static void second_wrapped_key_is_refused(void **state)
{
    static struct pair two;
    uint8_t wrapped[SIM_WRAPPED_SIZE];

    (void)state;
    two = new_image;
    wrap(7, wrapped);
    maker_add(&two.stored, OB_TLV_ENC_EC256, wrapped, sizeof(wrapped));
    download(&two, false);
    assert_boots(&old_image, OB_SWAP_NONE);
    assert_int_equal(last_event().reason, -OB_ERR_FORMAT);
}

static void encrypted_image_without_its_key_is_refused(void **state)
{
    static struct pair bare;

    (void)state;
    fill(&bare.stored, 1, 0x1000);
    maker_set_flags(&bare.stored, OB_IMAGE_AES128);
    finish(&bare.stored);
    download(&bare, false);
    assert_boots(&old_image, OB_SWAP_NONE);
    assert_int_equal(last_event().reason, -OB_ERR_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(update_is_decrypted_into_the_primary, set_up),
        cmocka_unit_test_setup(update_is_decrypted_into_the_primary, set_up_dual),
        cmocka_unit_test_setup(update_is_decrypted_into_the_primary, set_up_overwrite),
        cmocka_unit_test_setup(what_leaves_the_primary_is_what_was_downloaded, set_up),
        cmocka_unit_test_setup(what_leaves_the_primary_is_what_was_downloaded, set_up_dual),
        cmocka_unit_test(no_cut_shows_a_block),
        cmocka_unit_test_setup(image_without_a_key_does_not_leave, set_up),
        cmocka_unit_test_setup(image_without_a_key_does_not_leave, set_up_dual),
        cmocka_unit_test_setup(plain_update_goes_back_and_never_leaves, set_up),
        cmocka_unit_test_setup(plain_update_goes_back_and_never_leaves, set_up_dual),
        cmocka_unit_test_setup(plain_update_is_refused_where_encryption_is_required, set_up),
        cmocka_unit_test_setup(update_for_another_device_is_refused, set_up),
        cmocka_unit_test(key_that_the_chip_exchanged_is_not_used),
        cmocka_unit_test(key_that_arrives_is_the_one_that_decrypted),
        cmocka_unit_test(key_that_flickers_is_not_waited_for),
        cmocka_unit_test_setup(application_foresees_what_it_cannot_decrypt, set_up),
        cmocka_unit_test_setup(second_wrapped_key_is_refused, set_up),
        cmocka_unit_test_setup(encrypted_image_without_its_key_is_refused, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
