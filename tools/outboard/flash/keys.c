/* SPDX-License-Identifier: Apache-2.0 */
/* The keys that images are held against: named, or of the build; else what the images state counts. */
#include <stdlib.h>
#include <string.h>

#include <outboard/tlv.h>
#include <outboard/util.h>

#include "../image/image.h"
#include "inspect.h"

#define ENTRIES_MAX 64u

/** Without a key nobody can tell: the output says so. */
static enum ob_verdict take(const uint8_t *key, const uint8_t *digest, const uint8_t *signature, uint32_t len)
{
    (void)key;
    (void)digest;
    (void)signature;
    (void)len;
    return OB_VERDICT_ACCEPTED;
}

static uint32_t read_keyhash(const struct ob_area *area, const struct ob_image *image, uint8_t hash[OB_HASH_MAX])
{
    uint32_t at = image->hashed_size + OB_TLV_HEAD_SIZE;

    for (uint32_t i = 0; i < ENTRIES_MAX && at <= image->size && image->size - at >= OB_TLV_ENTRY_SIZE; i++) {
        uint8_t entry[OB_TLV_ENTRY_SIZE];
        if (ob_area_read(area, at, entry, sizeof(entry)) != OB_OK) {
            return 0;
        }
        const uint16_t len = ob_get_le16(entry + 2);
        at += OB_TLV_ENTRY_SIZE;
        if (ob_get_le16(entry) == OB_TLV_KEYHASH && len <= OB_HASH_MAX) {
            return ob_area_read(area, at, hash, len) == OB_OK ? len : 0;
        }
        at += len;
    }
    return 0;
}

void flash_keys_name(const struct flash_device *device, const struct ob_area *area, struct flash_image *image)
{
    const struct flash_keys *keys = &device->keys;
    uint8_t hash[OB_HASH_MAX];
    const uint32_t len = read_keyhash(area, &image->image, hash);

    for (uint32_t i = 0; i < keys->keys.count && len != 0 && keys->is_known; i++) {
        if (memcmp(keys->key[i].hash, hash, len) == 0) {
            image->signer = keys->name[i];
        }
    }
    image->demo = len == OB_DIGEST_SIZE ? image_demo_key_of(hash) : NULL;
}

static enum ob_exit read_pem(struct flash_keys *keys, const char *path)
{
    struct image_key *key = &keys->read[keys->keys.count];
    enum ob_exit rc = keys->keys.count == FLASH_KEYS_MAX ? OB_EXIT_USAGE : image_key_read(path, key);

    if (rc == OB_EXIT_OK && keys->type == NULL) {
        keys->type = image_type_for(key->algorithm, OB_KIND_NONE);
    }
    if (rc == OB_EXIT_OK && key->algorithm != keys->type->algorithm) {
        ob_diag_error(&(struct ob_loc){.file = path},
                      "is %s, but this device takes %s: a device has keys of one type; leave it out",
                      image_key_text(key->algorithm), ob_image_kind_text(keys->type->signature->kind));
        rc = OB_EXIT_USAGE;
    }
    if (rc == OB_EXIT_OK) {
        image_key_bind(key, keys->type->signature);
        keys->name[keys->keys.count] = path;
        keys->key[keys->keys.count++] = key->key;
    }
    return rc;
}

static const char *unquoted(struct ob_arena *arena, const struct pm_setting *setting)
{
    const size_t len = setting == NULL ? 0 : strlen(setting->value);

    return len < 3 ? NULL : ob_arena_text(arena, setting->value + 1, len - 2);
}

/** The type of the build's signatures; Ed25519 keys serve several. */
static const struct image_type *type_of_build(const struct pm_image *bootloader, struct ob_arena *arena)
{
    const char *name = unquoted(arena, pm_image_setting(bootloader, "CONFIG_BOOT_SIGNATURE_TYPE_NAME"));

    return name == NULL ? NULL : image_type_named(name);
}

/** What the images in the dumps state, so that the engine finds a key for each. */
static void take_stated(struct flash_device *device)
{
    struct flash_keys *keys = &device->keys;

    const struct ob_keys none = {.type = &ob_signature_p256, .decryption = &keys->decryption};

    for (uint32_t i = 0; i < device->slot_count; i++) {
        const struct flash_slot *slot = &device->slot[i];
        struct ob_image image;
        enum ob_err why;
        if (slot->chip->path == NULL ||
            ob_image_verify(&slot->area, slot->area.size, OB_FORM_RUNNING, &none, NULL, &image, &why) ==
                OB_VERDICT_ACCEPTED ||
            image.kind == OB_KIND_NONE || image.size == 0) {
            continue;
        }
        for (unsigned algorithm = 0; algorithm <= IMAGE_KEY_ED25519 && keys->type == NULL; algorithm++) {
            const struct image_type *type = image_type_for((enum image_key_algorithm)algorithm, image.kind);
            keys->type = type->signature->kind == image.kind ? type : NULL;
        }
        if (read_keyhash(&slot->area, &image, keys->stated[keys->keys.count]) != 0) {
            keys->key[keys->keys.count] = (struct ob_key){.hash = keys->stated[keys->keys.count]};
            keys->keys.count++;
        }
    }
}

/** Bytes of content keys, by the build; else by the first encrypted image. */
static uint8_t content_key_size(const struct flash_device *device)
{
    const struct pm_setting *setting = pm_image_setting(device->build->bootloader, "CONFIG_BOOT_ENCRYPT_KEY_SIZE");
    bool large = false;

    for (uint32_t i = 0; i < device->slot_count; i++) {
        uint8_t flags[4];
        large = large || (ob_area_read(&device->slot[i].area, OB_IMAGE_FLAGS_OFFSET, flags, sizeof(flags)) == OB_OK &&
                          (ob_get_le32(flags) & OB_IMAGE_ENCRYPTED) == OB_IMAGE_AES256);
    }
    return setting != NULL ? (uint8_t)strtoul(setting->value, NULL, 0) : large ? 32 : 16;
}

/** How the device's content keys are wrapped, by the build; else by the key. */
static enum ob_exit read_decryption(struct flash_device *device, const char *path, struct ob_arena *arena)
{
    const struct pm_image *bootloader = device->build->bootloader;
    struct flash_keys *keys = &device->keys;
    const char *name = unquoted(arena, pm_image_setting(bootloader, "CONFIG_BOOT_ENCRYPT_TYPE_NAME"));
    const struct image_wrap *wrap = name == NULL ? NULL : image_wrap_named(name);
    enum ob_exit rc = path == NULL ? OB_EXIT_OK : image_secret_read(path, &keys->secret);

    if (rc != OB_EXIT_OK || (path == NULL && !pm_image_is_set(bootloader, "CONFIG_BOOT_ENCRYPT_IMAGE"))) {
        return rc; /* the device takes none, or is not known to */
    }
    if (path != NULL && wrap != NULL && wrap->kind != keys->secret.kind) {
        ob_diag_error(&(struct ob_loc){.file = path},
                      "is %s, but this device's content keys are wrapped by %s; name the key that its bootloader was "
                      "built with (CONFIG_BOOT_ENCRYPTION_KEY_FILE)",
                      image_secret_text(keys->secret.kind), name);
        return OB_EXIT_USAGE;
    }
    wrap = wrap != NULL ? wrap : image_wrap_for(keys->secret.kind, 0);
    keys->decryption = (struct ob_decryption){
        .wrap = wrap->wrap,
        .key = path == NULL ? NULL : keys->secret.bytes,
        .size = keys->secret.kind == IMAGE_SECRET_KW ? (uint8_t)keys->secret.len : content_key_size(device),
        .required = pm_image_is_set(bootloader, "CONFIG_BOOT_ENCRYPT_REQUIRED"),
    };
    keys->keys.decryption = &keys->decryption;
    return OB_EXIT_OK;
}

enum ob_exit flash_keys_read(struct flash_device *device, const struct pm_words *pem, const char *secret,
                             struct ob_arena *arena)
{
    struct flash_keys *keys = &device->keys;
    enum ob_exit rc = read_decryption(device, secret, arena);

    if (rc != OB_EXIT_OK) {
        return rc;
    }
    keys->type = type_of_build(device->build->bootloader, arena);
    for (uint32_t i = 0; i < pem->count && rc == OB_EXIT_OK; i++) {
        rc = read_pem(keys, pem->v[i]);
    }
    keys->is_known = keys->keys.count > 0;
    if (!keys->is_known) {
        take_stated(device);
    }
    keys->any = keys->type == NULL ? ob_signature_p256 : *keys->type->signature;
    if (!keys->is_known) {
        keys->any.verify = take;
    }
    keys->keys.key = keys->key;
    keys->keys.type = &keys->any;
    return rc;
}
