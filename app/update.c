/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <outboard/update.h>
#include <outboard/util.h>

/** Do both areas hold the same bytes from `at` up to `end`? */
static enum ob_err is_same(const struct ob_area *a, const struct ob_area *b, uint32_t at, uint32_t end, bool *copy)
{
    enum ob_err err = OB_OK;

    *copy = *copy && end <= b->size;
    while (at < end && *copy && err == OB_OK) {
        uint8_t chunk[2][64];
        const uint32_t len = OB_MIN((uint32_t)sizeof(chunk[0]), end - at);
        err = ob_area_read(a, at, chunk[0], len);
        if (err == OB_OK) {
            err = ob_area_read(b, at, chunk[1], len);
        }
        *copy = err == OB_OK && memcmp(chunk[0], chunk[1], len) == 0;
        at += len;
    }
    return err;
}

/** Does a secondary begin with the image that runs? There its payload is encrypted, if it is: what is signed tells. */
static enum ob_err is_copy(const struct ob_area *primary, const struct ob_image *running,
                           const struct ob_area *secondary, bool *copy)
{
    bool encrypted = (running->flags & OB_IMAGE_ENCRYPTED) != 0;
    enum ob_err err = OB_OK;

    *copy = true;
    if (encrypted) {
        err = is_same(primary, secondary, 0, running->header_size, copy);
    }
    const uint32_t from = encrypted ? running->header_size + running->payload_size : 0;
    return err == OB_OK ? is_same(primary, secondary, from, running->size, copy) : err;
}

/** In dual mode one slot holds the copy of what runs; the other one is free. */
static enum ob_err free_slot(const struct ob_slots *slots, uint32_t *source)
{
    struct ob_image running;
    bool copy = false;
    enum ob_err err = OB_OK;

    *source = 0;
    if (slots->secondary[1].flash != NULL && ob_image_parse(&slots->primary, slots->primary.size, &running) == OB_OK) {
        err = is_copy(&slots->primary, &running, &slots->secondary[0], &copy);
        *source = copy ? 1 : 0;
    }
    return err;
}

/** What the primary's trailer says, if that is the same each time. */
static enum ob_err read_window(const struct ob_slots *slots, struct ob_trailer *out)
{
    const uint32_t align = ob_layout_align(&slots->primary, &slots->secondary[0]);
    enum ob_err err = ob_trailer_read(&slots->primary, align, out);

    for (uint32_t look = 1; look < OB_WINDOW_LOOKS && err == OB_OK; look++) {
        struct ob_trailer again;
        err = ob_trailer_read(&slots->primary, align, &again);
        if (err == OB_OK && (again.magic != out->magic || again.image_ok != out->image_ok)) {
            err = OB_ERR_VERIFY;
        }
    }
    return err;
}

/**
 * Does what runs go back unless it is confirmed? A confirmation that was cut reads differently each time: that one look
 * says so is enough, and where none does there is no way back to lose.
 */
static enum ob_err is_on_trial(const struct ob_slots *slots, bool *trial)
{
    const uint32_t align = ob_layout_align(&slots->primary, &slots->secondary[0]);
    enum ob_err err = OB_OK;

    *trial = false;
    for (uint32_t look = 0; look < OB_WINDOW_LOOKS && err == OB_OK; look++) {
        struct ob_trailer window;
        err = ob_trailer_read(&slots->primary, align, &window);
        *trial = *trial || (err == OB_OK && ob_trailer_on_trial(&window));
    }
    return err;
}

/** Read back what was stated: a write that fell short must not pass for another statement. */
static enum ob_err expect(const struct ob_area *slot, uint32_t align, struct ob_trailer expected)
{
    /* What is programmed next, where programs of a word are counted, must be erased to the last cell. */
    bool strict = expected.magic == OB_MAGIC_UNSET && !slot->flash->may_program_again;
    struct ob_trailer trailer;
    enum ob_err err = strict ? ob_trailer_read(slot, align, &trailer) : ob_trailer_read_request(slot, align, &trailer);
    bool same = err == OB_OK && trailer.magic == expected.magic && trailer.image_ok == expected.image_ok &&
                trailer.copy_done == expected.copy_done;

    return err == OB_OK && !same ? OB_ERR_VERIFY : err;
}

enum ob_err ob_update_begin_progressively(struct ob_update *update, const struct ob_slots *slots, enum ob_mode_id mode,
                                          uint32_t max_units, uint32_t size, void (*feed)(void *ctx), void *feed_ctx)
{
    struct ob_layout layout;
    uint32_t source;
    bool trial;
    enum ob_err err = OB_ERR_NODEV;

    if (slots->secondary[0].flash != NULL) {
        err = ob_layout(&slots->primary, &slots->secondary[0], max_units, &layout);
    }
    if (err == OB_OK) {
        err = is_on_trial(slots, &trial);
    }
    if (err == OB_OK) {
        err = free_slot(slots, &source);
    }
    if (err != OB_OK) {
        return err;
    }
    const struct ob_area *secondary = &slots->secondary[source];
    if (trial) {
        return OB_ERR_STATE;
    }
    if (size == 0 || size > ob_layout_capacity(&layout, &slots->primary, secondary, mode)) {
        return OB_ERR_SIZE;
    }
    /* Requests first, in both slots: nothing is asked for that is erased in part, or by a word that was cut. */
    for (uint32_t i = 0; i < OB_ARRAY_SIZE(slots->secondary) && err == OB_OK; i++) {
        const struct ob_area *any = &slots->secondary[i];
        if (any->flash != NULL) {
            err = ob_trailer_spoil(any, layout.align);
        }
        if (any->flash != NULL && err == OB_OK) {
            err = ob_area_erase_fed(any, layout.secondary_limit, any->size - layout.secondary_limit, feed, feed_ctx);
        }
        if (any->flash != NULL && err == OB_OK) {
            err = expect(any, layout.align, (struct ob_trailer){0});
        }
    }
    if (err == OB_OK) {
        *update = (struct ob_update){.slots = slots, .max_units = max_units, .source = source, .size = size};
    }
    return err;
}

/** Up to its request, which is erased already. */
static uint32_t limit_of(const struct ob_update *update)
{
    struct ob_layout layout;

    enum ob_err err = ob_layout(&update->slots->primary, &update->slots->secondary[0], update->max_units, &layout);

    return err == OB_OK ? layout.secondary_limit : 0;
}

enum ob_err ob_update_begin(struct ob_update *update, const struct ob_slots *slots, enum ob_mode_id mode,
                            uint32_t max_units, uint32_t size, void (*feed)(void *ctx), void *feed_ctx)
{
    enum ob_err err = ob_update_begin_progressively(update, slots, mode, max_units, size, feed, feed_ctx);

    if (err == OB_OK) {
        const struct ob_area *secondary = &slots->secondary[update->source];
        const uint32_t limit = limit_of(update);
        err = ob_area_erase_fed(secondary, 0, limit, feed, feed_ctx);
        update->erased = err == OB_OK ? limit : 0;
    }
    return err;
}

/** Sector by sector up to here, but for the request. */
static enum ob_err erase_ahead(struct ob_update *update, const struct ob_area *secondary, uint32_t end)
{
    const uint32_t limit = limit_of(update);
    enum ob_err err = OB_OK;

    while (update->erased < OB_MIN(end, limit) && err == OB_OK) {
        const uint32_t len = OB_MIN(ob_flash_erase_size(secondary->flash), limit - update->erased);
        err = ob_area_erase(secondary, update->erased, len);
        update->erased += err == OB_OK ? len : 0;
    }
    return err;
}

enum ob_err ob_update_write(struct ob_update *update, const void *data, uint32_t len)
{
    const struct ob_area *secondary = &update->slots->secondary[update->source];
    enum ob_err err;

    if (len > update->size - update->written) {
        return OB_ERR_SIZE;
    }
    if (update->written % secondary->flash->write_size != 0) {
        return OB_ERR_ALIGN;
    }
    err = erase_ahead(update, secondary, update->written + len);
    if (err == OB_OK) {
        err = ob_area_write(secondary, update->written, data, len);
    }
    if (err == OB_OK) {
        update->written += len;
    }
    return err;
}

void ob_update_erase_ahead(struct ob_update *update)
{
    const struct ob_area *secondary = &update->slots->secondary[update->source];

    ob_area_erase_ahead(secondary, update->written, OB_MIN(update->size, limit_of(update)), &update->erased);
}

static enum ob_err request(const struct ob_update *update, bool permanent, bool member)
{
    struct ob_trailer stated = {.image_ok = permanent ? OB_FLAG_SET : OB_FLAG_UNSET,
                                .copy_done = member ? OB_FLAG_SET : OB_FLAG_UNSET};
    const struct ob_slots *slots = update->slots;
    const struct ob_area *secondary = &slots->secondary[update->source];
    struct ob_layout layout;
    enum ob_err err;

    if (update->size == 0 || update->written != update->size) {
        return OB_ERR_STATE;
    }
    err = ob_layout(&slots->primary, secondary, update->max_units, &layout);
    if (err == OB_OK && permanent) {
        err = ob_trailer_set_image_ok(secondary, layout.align);
    }
    if (err == OB_OK) {
        err = ob_trailer_set_swap_info(secondary, layout.align, 0, permanent ? OB_SWAP_PERMANENT : OB_SWAP_TEST);
    }
    if (err == OB_OK && member) {
        err = ob_trailer_set_copy_done(secondary, layout.align);
    }
    if (err == OB_OK) {
        err = expect(secondary, layout.align, stated);
    }
    if (err == OB_OK) {
        err = ob_trailer_set_magic(secondary, layout.align); /* this is the request */
    }
    stated.magic = OB_MAGIC_GOOD;
    return err == OB_OK ? expect(secondary, layout.align, stated) : err;
}

enum ob_err ob_update_request(const struct ob_update *update, bool permanent)
{
    return request(update, permanent, false);
}

enum ob_err ob_update_request_all(const struct ob_update *updates, uint32_t count, bool permanent)
{
    enum ob_err err = OB_OK;

    for (uint32_t i = count; i-- > 0 && err == OB_OK;) {
        err = request(&updates[i], permanent, i > 0);
    }
    return err;
}

enum ob_err ob_update_confirm(const struct ob_slots *slots)
{
    const uint32_t align = ob_layout_align(&slots->primary, &slots->secondary[0]);
    struct ob_trailer window;
    enum ob_err err = slots->secondary[0].flash == NULL ? OB_ERR_NODEV /* its write unit decides where the fields are */
                                                        : read_window(slots, &window);

    if (err != OB_OK || window.magic == OB_MAGIC_UNSET || window.image_ok == OB_FLAG_SET) {
        return err;
    }
    if (window.magic == OB_MAGIC_BAD || window.image_ok == OB_FLAG_BAD) {
        return OB_ERR_FORMAT;
    }
    err = ob_trailer_set_image_ok(&slots->primary, align);
    if (err == OB_OK) {
        err = read_window(slots, &window);
    }
    return err == OB_OK && window.image_ok != OB_FLAG_SET ? OB_ERR_VERIFY : err;
}

/** What the next start will do, as far as the trailers tell: whether it can, it finds out itself. */
static enum ob_swap next_swap(const struct ob_slots *slots, const struct ob_trailer *window)
{
    const uint32_t align = ob_layout_align(&slots->primary, &slots->secondary[0]);

    for (uint32_t source = 0; source < OB_ARRAY_SIZE(slots->secondary); source++) {
        const struct ob_area *secondary = &slots->secondary[source];
        struct ob_trailer trailer;
        if (secondary->flash != NULL && ob_trailer_read_request(secondary, align, &trailer) == OB_OK &&
            ob_trailer_asks(&trailer)) {
            return ob_trailer_swap(&trailer);
        }
    }
    return ob_trailer_on_trial(window) ? OB_SWAP_REVERT : OB_SWAP_NONE;
}

static bool is_about(const struct ob_event *event, uint32_t image)
{
    return (ob_event_images(event) >> image & 1) != 0;
}

/** The last job that the image had a part in, if it was not the last of all. */
static bool find_installed(const struct ob_ledger *ledger, uint32_t image, struct ob_event *event)
{
    bool found = false;

    for (uint32_t n = 0; !found && ob_ledger_event(ledger, n, event) == OB_OK; n++) {
        found = event->kind == OB_EVENT_INSTALLED && is_about(event, image);
    }
    return found;
}

/** Refused or missing, behind the last job that the image had a part in. One whose write was cut may be there at one
 * look, and not at the next. */
static bool find_failure(const struct ob_ledger *ledger, uint32_t image, struct ob_event *event)
{
    bool found = false;

    for (uint32_t look = 0; look < OB_LOOKS && !found; look++) {
        bool job = false;
        for (uint32_t n = 0; !found && !job && ob_ledger_event(ledger, n, event) == OB_OK; n++) {
            found = event->image == image && (event->kind == OB_EVENT_REFUSED || event->kind == OB_EVENT_MISSING);
            job = is_about(event, image) && (event->kind == OB_EVENT_GOES_BACK ||
                                             (event->kind == OB_EVENT_INSTALLED && event->what != OB_JOB_REVERT));
        }
    }
    return found;
}

/** The last thing that the bootloader did, or refused to do. */
static enum ob_err read_ledger(const struct ob_area *area, uint32_t image, struct ob_update_state *state)
{
    struct ob_ledger ledger;
    struct ob_event event;
    enum ob_err err = ob_ledger_read(area, 1, &ledger);

    if (err != OB_OK || !ledger.now.counts) {
        return err;
    }
    const struct ob_part *part = &ledger.head.part[image];
    state->confirmed = state->confirmed || (ob_ledger_kept(&ledger) >> image & 1) != 0;
    if (part->in_size != 0) {
        state->last = (enum ob_update_last)part->kind;
        state->last_version = part->version;
    } else if (find_installed(&ledger, image, &event)) {
        state->last = (enum ob_update_last)event.what;
        state->last_version = event.image == image ? event.version : (struct ob_version){0};
    }
    if (find_failure(&ledger, image, &event)) {
        state->last = event.kind == OB_EVENT_REFUSED ? OB_UPDATE_REFUSED : OB_UPDATE_MISSING;
        state->last_reason = (enum ob_err) - event.reason;
        state->last_kind = (enum ob_image_kind)event.what;
        state->last_version = event.version;
    }
    return OB_OK;
}

enum ob_err ob_update_read_state(const struct ob_slots *slots, const struct ob_area *ledger, uint32_t image,
                                 struct ob_update_state *state)
{
    struct ob_trailer window;
    enum ob_err err = read_window(slots, &window);

    *state = (struct ob_update_state){.next = OB_SWAP_NONE};
    if (err == OB_OK || err == OB_ERR_VERIFY) { /* a confirmation that was cut counts as not given yet */
        state->confirmed = err == OB_OK && (window.magic == OB_MAGIC_UNSET || window.image_ok == OB_FLAG_SET);
        state->next = next_swap(slots, &window);
        err = OB_OK;
    }
    return err == OB_OK && ledger->flash != NULL ? read_ledger(ledger, image, state) : err;
}

enum ob_err ob_update_read_event(const struct ob_area *ledger_area, uint32_t n, struct ob_event *event)
{
    struct ob_ledger ledger;
    enum ob_err err = ledger_area->flash == NULL ? OB_ERR_NOENT : ob_ledger_read(ledger_area, 1, &ledger);

    return err == OB_OK ? ob_ledger_event(&ledger, n, event) : err;
}

enum ob_err ob_update_previous(const struct ob_slots *slots, const struct ob_area *ledger_area, enum ob_mode_id mode,
                               uint32_t image, struct ob_area *previous)
{
    struct ob_ledger ledger;
    enum ob_err err = ledger_area->flash == NULL ? OB_ERR_NOENT : ob_ledger_read(ledger_area, 1, &ledger);

    if (err != OB_OK) {
        return err;
    }
    const struct ob_part *part = &ledger.head.part[image];
    const uint32_t source = mode == OB_MODE_DUAL ? 1u - part->source : part->source;
    const uint32_t at = part->out_at * part->unit;
    if (!ledger.now.counts || part->out_size == 0 || source > 1 || slots->secondary[source].flash == NULL ||
        at >= slots->secondary[source].size) {
        return OB_ERR_NOENT;
    }
    *previous = ob_area_part(&slots->secondary[source], at, slots->secondary[source].size - at);
    return OB_OK;
}
