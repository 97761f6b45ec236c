/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <outboard/cipher.h>
#include <outboard/smp_updates.h>
#include <outboard/tlv.h>
#include <outboard/util.h>

#define ENTRIES_MAX 32u /* of a TLV area that are looked at */

static enum ob_smp_rc refuse(enum ob_smp_rc rc, const char *text, const char **reason)
{
    *reason = OB_SMP_REASON(text);
    return rc;
}

static enum ob_smp_rc failed(enum ob_err err, const char **reason)
{
    return refuse(err == OB_ERR_STATE ? OB_SMP_STATE : OB_SMP_UNKNOWN, ob_err_text(err), reason);
}

/** The digest that the image at the start of an area states. It is as true as what was verified there. */
static bool read_stated_digest(const struct ob_area *area, const struct ob_image *image, uint8_t digest[OB_DIGEST_SIZE])
{
    uint32_t at = image->hashed_size + OB_TLV_HEAD_SIZE;

    for (uint32_t i = 0; i < ENTRIES_MAX && at <= image->size && image->size - at >= OB_TLV_ENTRY_SIZE; i++) {
        uint8_t entry[OB_TLV_ENTRY_SIZE];
        if (ob_area_read(area, at, entry, sizeof(entry)) != OB_OK) {
            return false;
        }
        const uint16_t len = ob_get_le16(entry + 2);
        at += OB_TLV_ENTRY_SIZE;
        if (ob_get_le16(entry) == OB_TLV_SHA256 && len == OB_DIGEST_SIZE) {
            return ob_area_read(area, at, digest, OB_DIGEST_SIZE) == OB_OK;
        }
        at += len;
    }
    return false;
}

/** Of what runs: the bootloader has verified it at this start. */
static bool read_running(const struct ob_smp_updates *updates, uint32_t image, struct ob_image *out)
{
    const struct ob_area *primary = &updates->slots[image].primary;

    return primary->flash != NULL && ob_image_parse(primary, primary->size, out) == OB_OK &&
           read_stated_digest(primary, out, out->digest);
}

static uint32_t capacity_of(const struct ob_smp_updates *updates, uint32_t image, uint32_t source)
{
    const struct ob_slots *slots = &updates->slots[image];

    return ob_layout_room(&slots->primary, &slots->secondary[source], updates->max_units, updates->mode);
}

static uint32_t capacity(void *ctx, uint32_t image)
{
    return capacity_of(ctx, image, 0);
}

static enum ob_err read_state(const struct ob_smp_updates *updates, uint32_t image, struct ob_update_state *state)
{
    return ob_update_read_state(&updates->slots[image], updates->ledger, image, state);
}

/* ---- what slot 1 shows ---- */

/** What is in the update slot changes. */
static void forget(struct ob_smp_updates *updates, uint32_t image)
{
    updates->found_valid[image] = false;
}

/** Does an area begin with a whole image of ours? */
static bool verifies(const struct ob_smp_updates *updates, const struct ob_area *area, struct ob_image *out)
{
    return ob_image_foresee(area, area->size, updates->keys, out) == OB_OK;
}

/** What comes back unless the image that is on trial is confirmed. */
static bool find_way_back(const struct ob_smp_updates *updates, uint32_t image, struct ob_image *out)
{
    struct ob_area previous;

    return ob_update_previous(&updates->slots[image], updates->ledger, updates->mode, image, &previous) == OB_OK &&
           verifies(updates, &previous, out);
}

/** Look for what the update slots hold; size 0: nothing that can be shown. */
static void find_other(struct ob_smp_updates *updates, uint32_t image, bool on_trial)
{
    const struct ob_slots *slots = &updates->slots[image];
    struct ob_image found;
    bool any = on_trial && find_way_back(updates, image, &found);

    for (uint32_t i = 0; i < OB_ARRAY_SIZE(slots->secondary) && !any && !on_trial; i++) {
        const struct ob_area *secondary = &slots->secondary[i];
        any = secondary->flash != NULL && verifies(updates, secondary, &found);
    }
    updates->found[image] = any ? found : (struct ob_image){0};
    updates->found_valid[image] = true;
}

static enum ob_smp_rc read_slot_1(struct ob_smp_updates *updates, uint32_t image, const struct ob_update_state *state,
                                  struct ob_smp_slot *out)
{
    const bool on_trial = state->next == OB_SWAP_REVERT;

    const struct ob_image *found = &updates->found[image];

    if (!updates->found_valid[image]) {
        find_other(updates, image, on_trial);
    }
    if (found->size == 0) {
        return OB_SMP_NOENT;
    }
    *out = (struct ob_smp_slot){
        .version = found->version,
        .confirmed = on_trial, /* it is what comes back */
        .pending = state->next == OB_SWAP_TEST || state->next == OB_SWAP_PERMANENT,
        .permanent = state->next == OB_SWAP_PERMANENT,
    };
    memcpy(out->hash, found->digest, sizeof(out->hash));
    return OB_SMP_OK;
}

static enum ob_smp_rc read(void *ctx, uint32_t image, uint32_t slot, struct ob_smp_slot *out)
{
    struct ob_smp_updates *updates = ctx;
    struct ob_update_state state;
    struct ob_image running;
    const enum ob_err err = read_state(updates, image, &state);

    if (slot == 1) {
        return err == OB_OK ? read_slot_1(updates, image, &state, out) : OB_SMP_NOENT;
    }
    if (!read_running(updates, image, &running)) {
        return OB_SMP_NOENT;
    }
    *out = (struct ob_smp_slot){.version = running.version, .active = true, .confirmed = state.confirmed};
    memcpy(out->hash, running.digest, sizeof(out->hash));
    return OB_SMP_OK;
}

/* ---- test, confirm ---- */

/** An image in a secondary whose stated digest is `hash`: what the client means. */
static bool find_named(const struct ob_smp_updates *updates, const uint8_t hash[OB_DIGEST_SIZE], uint32_t *image,
                       uint32_t *source)
{
    for (*image = 0; *image < updates->image_count; (*image)++) {
        for (*source = 0; *source < 2; (*source)++) {
            const struct ob_area *secondary = &updates->slots[*image].secondary[*source];
            struct ob_image found;
            if (secondary->flash != NULL && ob_image_parse(secondary, secondary->size, &found) == OB_OK &&
                read_stated_digest(secondary, &found, found.digest) &&
                memcmp(found.digest, hash, OB_DIGEST_SIZE) == 0) {
                return true;
            }
        }
    }
    return false;
}

/** Would the bootloader install it? It asks the same questions again. */
static enum ob_err judge(const struct ob_smp_updates *updates, uint32_t image, uint32_t source, struct ob_image *out)
{
    const struct ob_area *secondary = &updates->slots[image].secondary[source];
    struct ob_image running;
    enum ob_err err = ob_image_foresee(secondary, secondary->size, updates->keys, out);

    if (err != OB_OK) {
        return err;
    }
    if (out->size > capacity_of(updates, image, source)) {
        return OB_ERR_SIZE;
    }
    if (!read_running(updates, image, &running)) {
        return OB_OK;
    }
    const struct ob_floor floor = {running.version, running.counter};
    return ob_floor_check(&floor, updates->guard, out);
}

static enum ob_smp_rc request(void *ctx, const uint8_t hash[OB_DIGEST_SIZE], bool permanent, const char **reason)
{
    struct ob_smp_updates *updates = ctx;
    struct ob_update_state state;
    struct ob_image offered;
    uint32_t image;
    uint32_t source;

    if (!find_named(updates, hash, &image, &source)) {
        return refuse(OB_SMP_NOENT, "no update slot holds an image with this hash", reason);
    }
    enum ob_err err = read_state(updates, image, &state);
    if (err != OB_OK) {
        return failed(err, reason);
    }
    if (state.next == OB_SWAP_REVERT) {
        return refuse(OB_SMP_STATE, "the image that runs is on trial: confirm it, or restart to go back", reason);
    }
    if (state.next == (permanent ? OB_SWAP_PERMANENT : OB_SWAP_TEST)) {
        return OB_SMP_OK;
    }
    if (state.next != OB_SWAP_NONE) {
        return refuse(OB_SMP_STATE, "it is asked for already, otherwise: upload it again to change that", reason);
    }
    err = judge(updates, image, source, &offered);
    if (err != OB_OK) {
        return refuse(OB_SMP_CORRUPT, ob_err_text(err), reason);
    }
    const struct ob_update update = {
        .slots = &updates->slots[image],
        .max_units = updates->max_units,
        .source = source,
        .size = offered.size,
        .written = offered.size,
    };
    err = ob_update_request(&update, permanent);
    return err == OB_OK ? OB_SMP_OK : failed(err, reason);
}

static enum ob_smp_rc confirm(void *ctx, const char **reason)
{
    struct ob_smp_updates *updates = ctx;
    enum ob_err err = OB_OK;

    for (uint32_t image = updates->image_count; image-- > 0 && err == OB_OK;) { /* the lowest decides */
        forget(updates, image);                                                 /* there is no way back any more */
        err = ob_update_confirm(&updates->slots[image]);
    }
    return err == OB_OK ? OB_SMP_OK : failed(err, reason);
}

/* ---- upload, erase ---- */

typedef enum ob_err begin_fn(struct ob_update *update, const struct ob_slots *slots, enum ob_mode_id mode,
                             uint32_t max_units, uint32_t size, void (*feed)(void *ctx), void *feed_ctx);

/** Make room for an update: its request goes first, whatever else is erased now. */
static enum ob_smp_rc make_room(struct ob_smp_updates *updates, begin_fn *how, uint32_t image, uint32_t size,
                                const char **reason)
{
    const struct ob_slots *slots = &updates->slots[image];

    forget(updates, image);
    if (slots->secondary[0].flash == NULL) {
        return refuse(OB_SMP_NOENT,
                      "there is no update slot: its chip does not answer, or this build has no driver for it", reason);
    }
    enum ob_err err = how(&updates->update, slots, updates->mode, updates->max_units, size, updates->feed, NULL);
    if (err == OB_ERR_STATE) {
        return refuse(OB_SMP_STATE, "the image that runs is on trial, and the way back lies in the update slot",
                      reason);
    }
    return err == OB_OK ? OB_SMP_OK : failed(err, reason);
}

static enum ob_smp_rc begin(void *ctx, uint32_t target, uint32_t size, const uint8_t header[OB_IMAGE_HEADER_SIZE],
                            bool upgrade_only, const char **reason)
{
    struct ob_smp_updates *updates = ctx;
    struct ob_version version;
    struct ob_image running;

    target %= updates->image_count; /* see OB_SMP_UPDATES_TARGETS */
    _Static_assert(sizeof(version) == 8, "a header's version is read as it is");
    memcpy(&version, header + OB_IMAGE_VERSION_OFFSET, sizeof(version));
    if (updates->slots[target].secondary[0].flash != NULL && size > capacity_of(updates, target, 0)) {
        return refuse(OB_SMP_INVALID, ob_err_text(OB_ERR_SIZE), reason);
    }
    if (read_running(updates, target, &running)) {
        if (updates->guard == OB_GUARD_VERSION && ob_version_is_older(&version, &running.version)) {
            return refuse(OB_SMP_CORRUPT, ob_err_text(OB_ERR_OLD), reason);
        }
        if (upgrade_only && !ob_version_is_older(&running.version, &version)) {
            return refuse(OB_SMP_STATE, "not newer than the image that runs", reason);
        }
    }
    return make_room(updates, ob_update_begin_progressively, target, size, reason);
}

static enum ob_err write(void *ctx, const uint8_t *data, uint32_t len)
{
    struct ob_smp_updates *updates = ctx;

    return ob_update_write(&updates->update, data, len);
}

static void erase_ahead(void *ctx)
{
    ob_update_erase_ahead(&((struct ob_smp_updates *)ctx)->update);
}

static uint32_t unit(void *ctx)
{
    const struct ob_update *update = &((struct ob_smp_updates *)ctx)->update;

    return update->slots->secondary[update->source].flash->write_size;
}

static enum ob_smp_rc end(void *ctx, const char **reason)
{
    (void)ctx;
    (void)reason;
    return OB_SMP_OK;
}

static enum ob_smp_rc erase(void *ctx, uint32_t slot, const char **reason)
{
    struct ob_smp_updates *updates = ctx;
    const uint32_t image = slot / OB_SMP_SLOTS;

    if (slot % OB_SMP_SLOTS != 1 || image >= updates->image_count) {
        return refuse(OB_SMP_INVALID, "only an update slot can be erased", reason);
    }
    return make_room(updates, ob_update_begin, image, 1, reason);
}

static enum ob_smp_rc info(void *ctx, uint32_t image, uint32_t slot, uint32_t *size, int *target)
{
    const struct ob_smp_updates *updates = ctx;
    const struct ob_slots *slots = &updates->slots[image];
    const struct ob_area *area = slot == 0 ? &slots->primary : &slots->secondary[0];

    *size = area->size;
    *target = slot == 0 ? -1 : (int)image;
    return area->flash == NULL ? OB_SMP_NOENT : OB_SMP_OK;
}

const struct ob_smp_store ob_smp_updates_store = {
    .read = read,
    .request = request,
    .confirm = confirm,
    .begin = begin,
    .write = write,
    .erase_ahead = erase_ahead,
    .unit = unit,
    .end = end,
    .erase = erase,
    .info = info,
    .capacity = capacity,
};
