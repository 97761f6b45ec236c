/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/smp.h>

#include <stddef.h>
#include <string.h>

#include <zcbor_encode.h>

#include <outboard/util.h>

#include "cbor.h"
#include "offers.h"

enum {
    ID_STATE = 0,
    ID_UPLOAD = 1,
    ID_ERASE = 5,
    ID_SLOT_INFO = 6,
};

#define ENTRIES_MAX 6u       /* of a list: three images with two slots */
#define PAIRS_MAX 10u        /* of an entry */
#define VERSION_TEXT_MAX 24u /* 255.255.65535.4294967295 */

static enum ob_smp_rc room(bool fits)
{
    return fits ? OB_SMP_OK : OB_SMP_MSGSIZE;
}

/** Decimal digits of a number, at the end of what is there. */
static char *put_decimal(char *to, uint32_t value)
{
    uint32_t divisor = 1;

    while (value / divisor > 9) {
        divisor *= 10;
    }
    for (; divisor > 0; divisor /= 10) {
        *to++ = (char)('0' + value / divisor % 10);
    }
    return to;
}

static void version_text(const struct ob_version *version, char text[VERSION_TEXT_MAX + 1])
{
    char *end = put_decimal(text, version->major);

    *end++ = '.';
    end = put_decimal(end, version->minor);
    *end++ = '.';
    end = put_decimal(end, version->revision);
    if (version->build != 0) {
        *end++ = '.';
        end = put_decimal(end, version->build);
    }
    *end = '\0';
}

static bool put_states(zcbor_state_t *out, const struct ob_smp_slot *slot)
{
    return ob_smp_put_bool(out, "bootable", true) && ob_smp_put_bool(out, "pending", slot->pending) &&
           ob_smp_put_bool(out, "confirmed", slot->confirmed) && ob_smp_put_bool(out, "active", slot->active) &&
           ob_smp_put_bool(out, "permanent", slot->permanent);
}

static bool put_slot(zcbor_state_t *out, const struct ob_smp_images *images, uint32_t image, uint32_t slot)
{
    struct ob_smp_slot found;
    char version[VERSION_TEXT_MAX + 1];

    if (images->store->read(images->ctx, image, slot, &found) != OB_SMP_OK) {
        return true;
    }
    version_text(&found.version, version);
    bool fits = zcbor_map_start_encode(out, PAIRS_MAX);
    if (images->image_count > 1) {
        fits = fits && ob_smp_put_uint(out, "image", image);
    }
    fits = fits && ob_smp_put_uint(out, "slot", slot) && ob_smp_put_text(out, "version", version);
    if (OB_SMP_HASH) {
        fits = fits && ob_smp_put_bytes(out, "hash", found.hash, sizeof(found.hash));
    }
    if (OB_SMP_STATES) {
        fits = fits && put_states(out, &found);
    }
    return fits && zcbor_map_end_encode(out, PAIRS_MAX);
}

static enum ob_smp_rc list(struct ob_smp_command *command, const struct ob_smp_images *images)
{
    zcbor_state_t *out = command->out;
    bool fits = ob_smp_put_key(out, "images") && zcbor_list_start_encode(out, ENTRIES_MAX);

    for (uint32_t i = 0; i < images->image_count * OB_SMP_SLOTS && fits; i++) {
        fits = put_slot(out, images, i / OB_SMP_SLOTS, i % OB_SMP_SLOTS);
    }
    return room(fits && zcbor_list_end_encode(out, ENTRIES_MAX));
}

/** Is it the hash of what runs as image 0? */
static bool is_running(const struct ob_smp_images *images, const struct zcbor_string *hash)
{
    struct ob_smp_slot primary;

    return images->store->read(images->ctx, 0, 0, &primary) == OB_SMP_OK && primary.active &&
           memcmp(primary.hash, hash->value, sizeof(primary.hash)) == 0;
}

static enum ob_smp_rc set_state(struct ob_smp_command *command, struct ob_smp_images *images)
{
    struct state {
        struct zcbor_string hash;
        bool confirm;
    } state = {0};
    static const struct ob_smp_field fields[] = {
        {"hash", OB_SMP_BYTES, offsetof(struct state, hash)},
        {"confirm", OB_SMP_BOOL, offsetof(struct state, confirm)},
    };
    uint32_t found;
    enum ob_smp_rc rc;

    if (!ob_smp_decode(command->in, fields, OB_ARRAY_SIZE(fields), &state, &found)) {
        return OB_SMP_INVALID;
    }
    const bool has_hash = state.hash.len != 0; /* an empty one means what runs, as none does */
    if ((!has_hash && !state.confirm) || (has_hash && state.hash.len != OB_DIGEST_SIZE)) {
        command->reason = OB_SMP_REASON("name an image by its hash of 32 bytes, or confirm the one that runs");
        return OB_SMP_INVALID;
    }
    bool running = !has_hash || is_running(images, &state.hash);
    if (running && !state.confirm) {
        command->reason = OB_SMP_REASON("this image runs already");
        return OB_SMP_STATE;
    }
    if (running) {
        rc = images->store->confirm(images->ctx, &command->reason);
    } else {
        rc = images->store->request(images->ctx, state.hash.value, state.confirm, &command->reason);
    }
    return rc == OB_SMP_OK ? list(command, images) : rc;
}

/** What the first request of an upload says, or a later one. */
struct chunk {
    uint32_t off;
    uint32_t size; /* 0: it does not say, or it says so */
    uint32_t target;
    struct zcbor_string data;
    struct zcbor_string sha; /* len 0: none */
    bool upgrade_only;
};

static bool decode_chunk(struct ob_smp_command *command, struct chunk *chunk)
{
    static const struct ob_smp_field fields[] = {
        {"off", OB_SMP_UINT, offsetof(struct chunk, off)},
        {"data", OB_SMP_BYTES, offsetof(struct chunk, data)},
        {"len", OB_SMP_UINT, offsetof(struct chunk, size)},
        {"image", OB_SMP_UINT, offsetof(struct chunk, target)},
        {"sha", OB_SMP_BYTES, offsetof(struct chunk, sha)},
        {"upgrade", OB_SMP_BOOL, offsetof(struct chunk, upgrade_only)},
    };
    const uint32_t needed = 1u << 0 | 1u << 1; /* off, data */
    uint32_t found;

    return ob_smp_decode(command->in, fields, OB_ARRAY_SIZE(fields), chunk, &found) && (found & needed) == needed;
}

/** The client lost its connection, and begins again with the same file. */
static bool is_resumed(const struct ob_smp_images *images, const struct chunk *chunk)
{
    return images->size != 0 && images->has_sha && chunk->sha.len == sizeof(images->sha) &&
           memcmp(chunk->sha.value, images->sha, sizeof(images->sha)) == 0 && chunk->size == images->size &&
           chunk->target == images->target && images->done < images->size;
}

static enum ob_smp_rc begin(struct ob_smp_images *images, const struct chunk *chunk, const char **reason)
{
    if (chunk->size == 0 || chunk->target >= images->target_count) {
        *reason = OB_SMP_REASON(chunk->size != 0 ? "there is no such image" : "the first part must state the length");
        return OB_SMP_INVALID;
    }
    if (chunk->data.len < OB_IMAGE_HEADER_SIZE || chunk->size < OB_IMAGE_HEADER_SIZE ||
        ob_get_le32(chunk->data.value) != OB_IMAGE_MAGIC) {
        *reason = OB_SMP_REASON("the first part is not the beginning of an image");
        return OB_SMP_INVALID;
    }
    images->size = 0;
    enum ob_smp_rc rc =
        images->store->begin(images->ctx, chunk->target, chunk->size, chunk->data.value, chunk->upgrade_only, reason);
    if (rc == OB_SMP_OK) {
        images->size = chunk->size;
        images->done = 0;
        images->target = chunk->target;
        images->has_sha = chunk->sha.len == sizeof(images->sha);
        if (images->has_sha) {
            memcpy(images->sha, chunk->sha.value, sizeof(images->sha));
        }
    }
    return rc;
}

/** Write what is a whole number of write units, or the end; the client sends the rest again. */
static enum ob_smp_rc take(struct ob_smp_images *images, const struct zcbor_string *data, const char **reason)
{
    const uint32_t left = images->size - images->done;
    uint32_t len = (uint32_t)data->len;

    if (data->len > left) {
        *reason = OB_SMP_REASON("more than the length that was stated");
        return OB_SMP_INVALID;
    }
    if (len < left) {
        len = ob_align_down(len, images->store->unit(images->ctx));
    }
    enum ob_err err = images->store->write(images->ctx, data->value, len);
    if (err != OB_OK) {
        images->size = 0;
        *reason = OB_SMP_REASON(ob_err_text(err));
        return OB_SMP_UNKNOWN;
    }
    images->done += len;
    return images->done == images->size ? images->store->end(images->ctx, reason) : OB_SMP_OK;
}

static enum ob_smp_rc upload(struct ob_smp_command *command, struct ob_smp_images *images)
{
    struct chunk chunk = {0};
    enum ob_smp_rc rc = OB_SMP_OK;

    if (!decode_chunk(command, &chunk)) {
        return OB_SMP_INVALID;
    }
    if (chunk.off == 0 && !is_resumed(images, &chunk)) {
        rc = begin(images, &chunk, &command->reason);
    }
    if (rc == OB_SMP_OK && images->size == 0) {
        command->reason = OB_SMP_REASON("no upload is under way");
        rc = OB_SMP_STATE;
    }
    if (rc == OB_SMP_OK && chunk.off == images->done) { /* else the client is told where to go on */
        rc = take(images, &chunk.data, &command->reason);
    }
    if (rc == OB_SMP_OK && images->done < images->size) {
        command->then = (struct ob_smp_then){images->store->erase_ahead, images->ctx};
    }
    return rc == OB_SMP_OK ? room(ob_smp_put_uint(command->out, "off", images->done)) : rc;
}

static enum ob_smp_rc erase(struct ob_smp_command *command, struct ob_smp_images *images)
{
    uint32_t slot = 1;
    static const struct ob_smp_field field = {"slot", OB_SMP_UINT, 0};
    uint32_t found;

    if (!ob_smp_decode(command->in, &field, 1, &slot, &found)) {
        return OB_SMP_INVALID;
    }
    images->size = 0;
    return images->store->erase(images->ctx, slot, &command->reason);
}

static bool put_slot_info(zcbor_state_t *out, const struct ob_smp_images *images, uint32_t image, uint32_t slot)
{
    uint32_t size;
    int target;

    if (images->store->info(images->ctx, image, slot, &size, &target) != OB_SMP_OK) {
        return true;
    }
    bool fits = zcbor_map_start_encode(out, PAIRS_MAX) && ob_smp_put_uint(out, "slot", slot) &&
                ob_smp_put_uint(out, "size", size);
    if (target >= 0) {
        fits = fits && ob_smp_put_uint(out, "upload_image_id", (uint32_t)target);
    }
    return fits && zcbor_map_end_encode(out, PAIRS_MAX);
}

static bool put_image_info(zcbor_state_t *out, const struct ob_smp_images *images, uint32_t image)
{
    uint32_t capacity = images->store->capacity(images->ctx, image);
    bool fits = zcbor_map_start_encode(out, PAIRS_MAX) && ob_smp_put_uint(out, "image", image) &&
                ob_smp_put_key(out, "slots") && zcbor_list_start_encode(out, OB_SMP_SLOTS);

    for (uint32_t slot = 0; slot < OB_SMP_SLOTS && fits; slot++) {
        fits = put_slot_info(out, images, image, slot);
    }
    fits = fits && zcbor_list_end_encode(out, OB_SMP_SLOTS);
    if (capacity != 0) {
        fits = fits && ob_smp_put_uint(out, "max_image_size", capacity);
    }
    return fits && zcbor_map_end_encode(out, PAIRS_MAX);
}

static enum ob_smp_rc slot_info(struct ob_smp_command *command, const struct ob_smp_images *images)
{
    zcbor_state_t *out = command->out;
    bool fits = ob_smp_put_key(out, "images") && zcbor_list_start_encode(out, ENTRIES_MAX);

    for (uint32_t image = 0; image < images->image_count && fits; image++) {
        fits = put_image_info(out, images, image);
    }
    return room(fits && zcbor_list_end_encode(out, ENTRIES_MAX));
}

enum ob_smp_rc ob_smp_images_handle(struct ob_smp_command *command, void *ctx)
{
    if (command->id == ID_STATE && !command->write) {
        return list(command, ctx);
    }
    if (OB_SMP_STATES && command->id == ID_STATE) {
        return set_state(command, ctx);
    }
    if (command->id == ID_UPLOAD && command->write) {
        return upload(command, ctx);
    }
    if (OB_SMP_STATES && command->id == ID_ERASE && command->write) {
        return erase(command, ctx);
    }
    if (OB_SMP_SLOT_INFO && command->id == ID_SLOT_INFO && !command->write) {
        return slot_info(command, ctx);
    }
    return OB_SMP_NOTSUP;
}
