/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device of two chips that are files, with the engine's own objects: what a test wants done to it is said in words.
 *
 *     flash_device FOLDER KEY WORD...     internal.bin and external.bin in FOLDER; the log goes to stdout
 *
 * What it does not do: tear operations. The power fails between them; tests/sim has the rest.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <outboard/update.h>
#include <outboard/util.h>

#include "ram_device.h"
#include "../../tools/outboard/image/image.h"

#define BOOTLOADER_SIZE 0x10000u /* the primary lies behind it */

static struct ram_device device;
static struct image_key key;
static struct ram_power power = {.left = UINT_MAX};
static const struct ob_flash_ops *ops; /* of a chip that answers */
static uint32_t worn = UINT32_MAX;     /* a cell that reads as 0 after each erase */
static struct ram_flash *worn_in;

static void fail(const char *what, const char *word)
{
    fprintf(stderr, "flash_device: %s: %s\n", what, word);
    exit(2);
}

static void load(const char *folder, const char *name, struct ram_flash *chip)
{
    char path[4096];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (file != NULL && fread(chip->bytes, 1, RAM_FLASH_SIZE, file) != RAM_FLASH_SIZE) {
        fail("is too short", path);
    }
    if (file != NULL) {
        fclose(file);
    }
}

static void store(const char *folder, const char *name, const struct ram_flash *chip)
{
    char path[4096];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(chip->bytes, 1, RAM_FLASH_SIZE, file) != RAM_FLASH_SIZE || fclose(file) != 0) {
        fail("cannot be written", path);
    }
}

static struct image_maker read_image(const char *path)
{
    struct image_maker image = {0};
    FILE *file = fopen(path, "rb");

    if (file == NULL) {
        fail("cannot be read", path);
        return image;
    }
    image.len = (uint32_t)fread(image.bytes, 1, sizeof(image.bytes), file);
    fclose(file);
    return image;
}

static enum ob_err erase_but_one(const struct ob_flash *flash, uint32_t off, uint32_t size)
{
    enum ob_err err = ops->erase(flash, off, size);

    if (worn >= off && worn - off < size) {
        worn_in->bytes[worn] = 0;
    }
    return err;
}

static struct ob_flash_ops stuck;

static void wear(struct ram_flash *chip, const char *at)
{
    worn = (uint32_t)strtoul(at, NULL, 0);
    worn_in = chip;
    stuck = *ops;
    stuck.erase = erase_but_one;
    chip->flash.ops = &stuck;
}

/* A chip that answers so many times more. */
static enum ob_err death = OB_ERR_TIMEOUT;
static unsigned answers;

static bool is_dead(void)
{
    return answers == 0 || answers-- == 0;
}

static enum ob_err dying_read(const struct ob_flash *flash, uint32_t off, void *dst, uint32_t len)
{
    return is_dead() ? death : ops->read(flash, off, dst, len);
}

static enum ob_err dying_write(const struct ob_flash *flash, uint32_t off, const void *src, uint32_t len)
{
    return is_dead() ? death : ops->write(flash, off, src, len);
}

static enum ob_err dying_erase(const struct ob_flash *flash, uint32_t off, uint32_t size)
{
    return is_dead() ? death : ops->erase(flash, off, size);
}

static const struct ob_flash_ops dying = {.read = dying_read, .write = dying_write, .erase = dying_erase};

static enum ob_err death_of(const char *word)
{
    return strcmp(word, "bus") == 0 ? OB_ERR_BUS : strcmp(word, "failed") == 0 ? OB_ERR_FAILED : OB_ERR_TIMEOUT;
}

/* ---- a second image, which a network core takes over ---- */

static struct ram_flash staging;
static enum ob_err network_answer;

static enum ob_err take(void *ctx, const struct ob_area *from, const struct ob_image *image,
                        const struct ob_hooks *hooks)
{
    (void)ctx, (void)from, (void)image, (void)hooks;
    return network_answer;
}

static const struct ob_receiver receiver = {.take = take};

static void have_network(enum ob_err answer)
{
    ram_flash_init(&staging);
    device.slots[1].primary = (struct ob_area){.flash = &staging.flash, .size = device.slots[1].primary.size};
    device.slots[1].receiver = &receiver;
    device.boot.image_count = 2;
    network_answer = answer;
}

static void boot(unsigned left)
{
    struct ob_boot_result result;

    power.left = left;
    ram_device_log = left == UINT_MAX ? stdout : NULL;
    enum ob_err err = ob_boot_run(&device.boot, &result);
    (void)err; /* what it leaves is what the test looks at */
    power.left = UINT_MAX;
}

/** The power fails where so many steps of a job are stated to be done. */
static void boot_until(uint32_t steps)
{
    static struct ram_flash internal;
    static struct ram_flash external;
    const struct ob_records *now = &device.work.ledger.now;

    internal = device.internal;
    external = device.external;
    for (unsigned left = 1; left < 2000; left++) {
        device.internal = internal;
        device.external = external;
        boot(left);
        if (ob_ledger_read(&device.ledger, 1, &device.work.ledger) == OB_OK && now->counts && now->value == steps &&
            (steps > 0 || now->same >= OB_LEDGER_SETTLED)) {
            return;
        }
    }
    fail("a job never comes so far", "boot-until");
}

static struct image_secret secret;
static struct ob_decryption decryption = {.wrap = &ob_wrap_ec256, .size = 16};

/** It takes encrypted images; with P-256 and AES-128. */
static void have_secret(const char *path)
{
    if (image_secret_read(path, &secret) != OB_EXIT_OK) {
        fail("is no key to decrypt with", path);
    }
    decryption.key = secret.bytes;
    device.keys.decryption = &decryption;
}

static const uint8_t vendor[16] = {1}; /* that no image states */

static void must(enum ob_err err, const char *word)
{
    if (err != OB_OK) {
        fail(ob_err_text(err), word);
    }
}

static void obey(const char *word)
{
    const char *value = strchr(word, '=');
    const size_t len = value == NULL ? strlen(word) : (size_t)(value - word);
    struct image_maker image;

    value = value == NULL ? "" : value + 1;
#define IS(name) (len == strlen(name) && strncmp(word, name, len) == 0)
    if (IS("program") || IS("network-upload") || IS("download") || IS("download-for-good") || IS("upload") ||
        IS("upload-above")) {
        image = read_image(value);
    }
    if (IS("program")) {
        device_program(&device, 0, &image);
    } else if (IS("download") || IS("download-for-good")) {
        device_download(&device, 0, &image, IS("download-for-good"));
    } else if (IS("upload") || IS("upload-above")) {
        mcuboot_upload(&device, 0, IS("upload") ? 0 : 0x1000, &image);
    } else if (IS("network") || IS("network-dead")) {
        have_network(IS("network") ? OB_OK : OB_ERR_TIMEOUT);
    } else if (IS("network-upload")) {
        mcuboot_upload(&device, 1, 0, &image);
        mcuboot_request(&device, 1, false); /* it is for good all the same */
    } else if (IS("request") || IS("request-for-good")) {
        mcuboot_request(&device, 0, IS("request-for-good"));
    } else if (IS("confirm")) {
        must(ob_update_confirm(&device.slots[0]), word);
    } else if (IS("boot")) {
        boot(*value == '\0' ? UINT_MAX : (unsigned)strtoul(value, NULL, 0));
    } else if (IS("boot-until")) {
        boot_until((uint32_t)strtoul(value, NULL, 0));
    } else if (IS("erase-update-slot")) {
        must(ob_area_erase(&device.slots[0].secondary[0], 0, device.slots[0].secondary[0].size), word);
    } else if (IS("dead") || IS("dies")) {
        death = IS("dead") ? death_of(value) : OB_ERR_TIMEOUT;
        answers = IS("dead") ? 0 : (unsigned)strtoul(value, NULL, 0);
        device.external.flash.ops = &dying;
    } else if (IS("worn") || IS("worn-inside")) {
        wear(IS("worn") ? &device.external : &device.internal, value);
    } else if (IS("alive")) {
        device.external.flash.ops = ops;
    } else if (IS("decrypts")) {
        have_secret(value);
    } else if (IS("guarded") || IS("counted")) {
        device.boot.guard = IS("guarded") ? OB_GUARD_VERSION : OB_GUARD_COUNTER;
    } else if (IS("vendor")) {
        device.keys.vendor = vendor;
    } else if (IS("max-sectors")) {
        device.boot.max_units = (uint32_t)strtoul(value, NULL, 0);
    } else if (IS("small")) {
        device.slots[0].secondary[0].size = (uint32_t)strtoul(value, NULL, 0);
    } else if (IS("overwrite")) {
        device.boot.mode = &ob_mode_overwrite;
    } else {
        fail("is no such word", word);
    }
#undef IS
}

int main(int argc, char **argv)
{
    if (argc < 3 || image_key_read(argv[2], &key) != OB_EXIT_OK) {
        fail("usage: flash_device FOLDER KEY WORD...", "");
    }
    ram_device_init(&device);
    image_key_bind(&key, &ob_signature_p256);
    device.key = key.key;
    device.ledger.start = BOOTLOADER_SIZE - device.ledger.size;
    device.internal.power = device.external.power = &power;
    ops = device.external.flash.ops;
    load(argv[1], "internal.bin", &device.internal);
    load(argv[1], "external.bin", &device.external);
    for (int i = 3; i < argc; i++) {
        obey(argv[i]);
    }
    store(argv[1], "internal.bin", &device.internal);
    store(argv[1], "external.bin", &device.external);
    return 0;
}
