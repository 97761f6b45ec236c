/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <outboard/cipher.h>
#include <outboard/update.h>
#include <outboard/util.h>

#include "store.h"

#define STATES OB_ENABLED(CONFIG_BOOT_SERIAL_IMG_GRP_IMAGE_STATE)
#define SLOT_INFO OB_ENABLED(CONFIG_BOOT_SERIAL_IMG_GRP_SLOT_INFO)
#define DIRECT OB_ENABLED(CONFIG_MCUBOOT_SERIAL_DIRECT_IMAGE_UPLOAD)

static const char last_image[] = "it is the last image that verifies: another slot first";

static enum ob_smp_rc refuse(enum ob_smp_rc rc, const char *text, const char **reason)
{
    *reason = OB_SMP_REASON(text);
    return rc;
}

static const struct ob_area *area_of(const struct recovery_store *store, uint32_t image, uint32_t slot)
{
    const struct ob_slots *slots = &store->boot->images[image];

    return slot == 0 ? &slots->primary : &slots->secondary[0];
}

static uint32_t align_of(const struct recovery_store *store, uint32_t image)
{
    const struct ob_slots *slots = &store->boot->images[image];

    return ob_layout_align(&slots->primary, &slots->secondary[0]);
}

/** Bytes that an image in this slot may have. */
static uint32_t limit_of(const struct recovery_store *store, uint32_t image, uint32_t slot)
{
    return slot == 0 ? ob_layout_image_limit(area_of(store, image, slot), align_of(store, image))
                     : ob_boot_capacity(store->boot, image);
}

static void look_at(struct recovery_store *store, uint32_t image, uint32_t slot, enum ob_err *why)
{
    const struct ob_area *area = area_of(store, image, slot);
    struct ob_image *found = &store->found[image][slot];

    *why = OB_ERR_NODEV;
    store->looked[image][slot] = true;
    if (area->flash == NULL ||
        ob_image_verify(area, limit_of(store, image, slot), slot == 0 ? OB_FORM_RUNNING : OB_FORM_STORED,
                        store->boot->keys, store->boot->hooks, found, why) != OB_VERDICT_ACCEPTED) {
        *found = (struct ob_image){0};
    }
}

static bool verifies(struct recovery_store *store, uint32_t image, uint32_t slot)
{
    enum ob_err why;

    if (!store->looked[image][slot]) {
        look_at(store, image, slot, &why);
    }
    return store->found[image][slot].size != 0;
}

void recovery_store_look(struct recovery_store *store)
{
    for (uint32_t image = 0; image < store->boot->image_count; image++) {
        (void)verifies(store, image, 0);
    }
}

/** Nobody can look at what runs, and its primary is RAM: all goes by way of the update slot, where it is verified. */
static bool is_elsewhere(const struct recovery_store *store, uint32_t image)
{
    return image < store->boot->image_count && store->boot->images[image].receiver != NULL;
}

/** A slot may be overwritten if nothing in it verifies, or something else does. */
static bool may_destroy(struct recovery_store *store, uint32_t image, uint32_t slot)
{
    return is_elsewhere(store, image) || !verifies(store, image, slot) || verifies(store, image, 1 - slot);
}

static struct ob_update_state state_of(const struct recovery_store *store, uint32_t image)
{
    struct ob_update_state state;

    if (ob_update_read_state(&store->boot->images[image], store->boot->ledger, image, &state) != OB_OK) {
        state = (struct ob_update_state){.confirmed = true, .next = OB_SWAP_NONE};
    }
    return state;
}

static bool is_asked_for(const struct ob_update_state *state)
{
    return state->next == OB_SWAP_TEST || state->next == OB_SWAP_PERMANENT;
}

static void put_state(const struct ob_update_state *state, uint32_t slot, struct ob_smp_slot *out)
{
    out->active = slot == 0 && !is_asked_for(state);
    out->confirmed = slot == 0 ? state->confirmed : state->next == OB_SWAP_REVERT;
    out->pending = slot == 1 && is_asked_for(state);
    out->permanent = slot == 1 && state->next == OB_SWAP_PERMANENT;
}

static enum ob_smp_rc read(void *ctx, uint32_t image, uint32_t slot, struct ob_smp_slot *out)
{
    struct recovery_store *store = ctx;
    const struct ob_image *found = &store->found[image][slot];

    if (!verifies(store, image, slot)) {
        return OB_SMP_NOENT;
    }
    *out = (struct ob_smp_slot){.version = found->version};
    memcpy(out->hash, found->digest, sizeof(out->hash));
    if (STATES) {
        const struct ob_update_state state = state_of(store, image);
        put_state(&state, slot, out);
    }
    return OB_SMP_OK;
}

/** Withdraw what the slot was asked for, and in the primary every order about it. */
static enum ob_err erase_trailer(const struct recovery_store *store, uint32_t image, uint32_t slot)
{
    const struct ob_area *area = area_of(store, image, slot);

    if (slot == 0) {
        return ob_boot_forget(store->boot, image);
    }
    const uint32_t limit = ob_layout_limit(area, align_of(store, image));

    return ob_area_erase_fed(area, limit, area->size - limit, store->boot->hooks->feed, store->boot->hooks->ctx);
}

static enum ob_err ask_for(const struct recovery_store *store, uint32_t image, bool permanent)
{
    const uint32_t size = store->found[image][1].size;
    const struct ob_update update = {
        .slots = &store->boot->images[image],
        .max_units = store->boot->max_units,
        .size = size,
        .written = size,
    };

    return ob_update_request(&update, permanent);
}

static enum ob_smp_rc request(void *ctx, const uint8_t hash[OB_DIGEST_SIZE], bool permanent, const char **reason)
{
    struct recovery_store *store = ctx;
    uint32_t image = 0;

    while (image < store->boot->image_count &&
           (!verifies(store, image, 1) || memcmp(store->found[image][1].digest, hash, OB_DIGEST_SIZE) != 0)) {
        image++;
    }
    if (image == store->boot->image_count) {
        return refuse(OB_SMP_NOENT, "no update slot holds an image with this hash", reason);
    }
    const struct ob_update_state state = state_of(store, image);
    enum ob_err err = OB_OK;
    if (state.next == (permanent ? OB_SWAP_PERMANENT : OB_SWAP_TEST)) {
        return OB_SMP_OK;
    }
    if (is_asked_for(&state)) { /* by the upload, or otherwise by a client: the last word counts */
        err = erase_trailer(store, image, 1);
    }
    if (err == OB_OK) {
        err = ask_for(store, image, permanent);
    }
    return err == OB_OK ? OB_SMP_OK : refuse(OB_SMP_UNKNOWN, ob_err_text(err), reason);
}

static enum ob_smp_rc confirm(void *ctx, const char **reason)
{
    struct recovery_store *store = ctx;
    enum ob_err err = OB_OK;

    if (!verifies(store, 0, 0)) {
        return refuse(OB_SMP_NOENT, "nothing in the primary slot verifies", reason);
    }
    for (uint32_t image = store->boot->image_count; image-- > 0 && err == OB_OK;) {
        err = ob_update_confirm(&store->boot->images[image]);
    }
    return err == OB_OK ? OB_SMP_OK : refuse(OB_SMP_UNKNOWN, ob_err_text(err), reason);
}

static bool is_encrypted(const uint8_t header[OB_IMAGE_HEADER_SIZE])
{
    return OB_ENCRYPTS && (ob_get_le32(header + OB_IMAGE_FLAGS_OFFSET) & OB_IMAGE_ENCRYPTED) != 0;
}

/**
 * Where an upload goes. As MCUboot numbers it: the image, or with direct upload 1 and 2 for the slots of image 0, 3 and
 * 4 for those of image 1. Who names the image means its primary; it is written directly if nothing in it verifies, else
 * by way of the update slot, so that a transfer that breaks off leaves the device as it was; so does an encrypted
 * image, which is decrypted as it is installed.
 */
static void choose_slot(struct recovery_store *store, uint32_t target, bool encrypted)
{
    store->for_good = !DIRECT || target == 0;
    if (!store->for_good) {
        store->image = (target - 1) / OB_SMP_SLOTS;
        store->slot = (target - 1) % OB_SMP_SLOTS;
    } else {
        store->image = target;
        store->slot = (encrypted || verifies(store, target, 0)) && area_of(store, target, 1)->flash != NULL ? 1 : 0;
        store->for_good = store->slot == 1;
    }
    if (store->slot == 0 && is_elsewhere(store, store->image)) {
        store->slot = 1;
        store->for_good = true;
    }
}

/** Whether a slot may be written to, and why not. */
static enum ob_smp_rc check_slot(struct recovery_store *store, uint32_t image, uint32_t slot, const char **reason)
{
    if (image >= store->boot->image_count || area_of(store, image, slot)->flash == NULL ||
        (slot == 0 && is_elsewhere(store, image))) {
        return refuse(OB_SMP_NOENT, "there is no such slot, or its chip does not answer", reason);
    }
    if (!may_destroy(store, image, slot)) {
        return refuse(OB_SMP_STATE, last_image, reason);
    }
    if (slot == 1 && ob_boot_is_begun(store->boot, image)) {
        return refuse(OB_SMP_STATE, "an installation is half done: reset, and it goes on", reason);
    }
    return OB_SMP_OK;
}

static enum ob_smp_rc begin(void *ctx, uint32_t target, uint32_t size, const uint8_t header[OB_IMAGE_HEADER_SIZE],
                            bool upgrade_only, const char **reason)
{
    struct recovery_store *store = ctx;

    (void)upgrade_only; /* as in MCUboot */
    choose_slot(store, target, is_encrypted(header));
    enum ob_smp_rc rc = check_slot(store, store->image, store->slot, reason);
    if (rc != OB_SMP_OK) {
        return rc;
    }
    if (!DIRECT && is_encrypted(header) && store->slot == 0) {
        return refuse(OB_SMP_NOENT, "an encrypted image comes by way of the update slot, whose chip does not answer",
                      reason);
    }
    if (size > limit_of(store, store->image, store->slot)) {
        return refuse(OB_SMP_INVALID, ob_err_text(OB_ERR_SIZE), reason);
    }
    store->found[store->image][store->slot] = (struct ob_image){0};
    store->size = size;
    store->written = 0;
    store->erased = 0;
    enum ob_err err = erase_trailer(store, store->image, store->slot);
    return err == OB_OK ? OB_SMP_OK : refuse(OB_SMP_UNKNOWN, ob_err_text(err), reason);
}

/** Progressive: the client waits for one sector at a time. */
static enum ob_err erase_to(struct recovery_store *store, const struct ob_area *area, uint32_t end)
{
    const uint32_t to = OB_MAX(ob_align_up(end, ob_flash_erase_size(area->flash)), store->erased);
    const struct ob_hooks *hooks = store->boot->hooks;
    enum ob_err err = ob_area_erase_fed(area, store->erased, to - store->erased, hooks->feed, hooks->ctx);

    store->erased = err == OB_OK ? to : store->erased;
    return err;
}

static enum ob_err write(void *ctx, const uint8_t *data, uint32_t len)
{
    struct recovery_store *store = ctx;
    const struct ob_area *area = area_of(store, store->image, store->slot);

    if (len > store->size - store->written) {
        return OB_ERR_SIZE;
    }
    enum ob_err err = erase_to(store, area, store->written + len);
    if (err == OB_OK) {
        err = ob_area_write(area, store->written, data, len);
    }
    store->written += err == OB_OK ? len : 0;
    return err;
}

static void erase_ahead(void *ctx)
{
    struct recovery_store *store = ctx;

    ob_area_erase_ahead(area_of(store, store->image, store->slot), store->written, store->size, &store->erased);
}

static uint32_t unit(void *ctx)
{
    const struct recovery_store *store = ctx;

    return area_of(store, store->image, store->slot)->flash->write_size;
}

/** Say at once what the next start would say. */
static enum ob_smp_rc end(void *ctx, const char **reason)
{
    struct recovery_store *store = ctx;
    enum ob_err err;

    look_at(store, store->image, store->slot, &err);
    if (!verifies(store, store->image, store->slot)) {
        return refuse(OB_SMP_CORRUPT, ob_err_text(err), reason);
    }
    err = store->for_good ? ask_for(store, store->image, true) : OB_OK;
    return err == OB_OK ? OB_SMP_OK : refuse(OB_SMP_UNKNOWN, ob_err_text(err), reason);
}

static enum ob_smp_rc erase(void *ctx, uint32_t slot, const char **reason)
{
    struct recovery_store *store = ctx;
    const uint32_t image = slot / OB_SMP_SLOTS;
    enum ob_smp_rc rc = check_slot(store, image, slot % OB_SMP_SLOTS, reason);

    if (rc != OB_SMP_OK) {
        return rc;
    }
    slot %= OB_SMP_SLOTS;
    const struct ob_area *area = area_of(store, image, slot);
    store->found[image][slot] = (struct ob_image){0};
    enum ob_err err = erase_trailer(store, image, slot); /* first: an erase that is cut must not leave a request */
    if (err == OB_OK) {
        const uint32_t limit = ob_layout_image_limit(area, align_of(store, image));
        err = ob_area_erase_fed(area, 0, limit, store->boot->hooks->feed, store->boot->hooks->ctx);
    }
    return err == OB_OK ? OB_SMP_OK : refuse(OB_SMP_UNKNOWN, ob_err_text(err), reason);
}

static enum ob_smp_rc info(void *ctx, uint32_t image, uint32_t slot, uint32_t *size, int *target)
{
    const struct recovery_store *store = ctx;
    const struct ob_area *area = area_of(store, image, slot);

    *size = area->size;
    *target = DIRECT ? (int)(image * OB_SMP_SLOTS + slot + 1) : slot == 1 ? (int)image : -1;
    return area->flash == NULL ? OB_SMP_NOENT : OB_SMP_OK;
}

static uint32_t capacity(void *ctx, uint32_t image)
{
    const struct recovery_store *store = ctx;
    const uint32_t slot = area_of(store, image, 1)->flash == NULL ? 0 : 1;

    return limit_of(store, image, slot);
}

const struct ob_smp_store recovery_store_ops = {
    .read = read,
    .request = STATES ? request : NULL,
    .confirm = STATES ? confirm : NULL,
    .begin = begin,
    .write = write,
    .erase_ahead = erase_ahead,
    .unit = unit,
    .end = end,
    .erase = STATES ? erase : NULL,
    .info = SLOT_INFO ? info : NULL,
    .capacity = SLOT_INFO ? capacity : NULL,
};
