/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/state.h>
#include <outboard/update.h>
#include <outboard/util.h>

/** The running image has a way back that only the secondary slot holds. */
static bool has_way_back(const struct ob_state *state)
{
    return state->phase == OB_PHASE_DONE && state->ctx.job.kind == OB_JOB_TEST && !state->confirmed;
}

/** In dual mode one slot holds the copy of what runs: the one it was installed from, or the other one after going back.
 */
static uint32_t free_slot(const struct ob_state *state)
{
    bool dual = state->ctx.slots->secondary[1].flash != NULL;

    if (!dual || state->phase != OB_PHASE_DONE) {
        return 0;
    }
    return state->ctx.job.kind == OB_JOB_REVERT ? state->ctx.source : 1u - state->ctx.source;
}

enum ob_err ob_update_begin(struct ob_update *update, const struct ob_slots *slots, enum ob_mode_id mode,
                            uint32_t max_units, uint32_t size, void (*feed)(void *ctx), void *feed_ctx)
{
    struct ob_state state;
    enum ob_err err = ob_state_read(slots, max_units, 0, &state);

    if (err != OB_OK) {
        return err;
    }
    const struct ob_layout *layout = &state.ctx.journal.layout;
    const uint32_t source = free_slot(&state);
    const struct ob_area *secondary = &slots->secondary[source];
    const struct ob_journal journal = {.slot = secondary, .layout = *layout};

    if (has_way_back(&state) || state.phase == OB_PHASE_RUNNING) {
        return OB_ERR_STATE;
    }
    if (size == 0 || size > ob_layout_capacity(layout, &slots->primary, secondary, mode)) {
        return OB_ERR_SIZE;
    }
    /* An erase that is cut must not leave a request, or a journal, that looks whole. */
    err = ob_trailer_clear_magic(secondary);
    if (err == OB_OK) {
        err = ob_journal_erase(&journal, feed, feed_ctx);
    }
    if (err == OB_OK) {
        err = ob_area_erase_fed(secondary, 0, layout->secondary_limit, feed, feed_ctx);
    }
    if (err == OB_OK) {
        err =
            ob_area_erase_fed(secondary, secondary->size - layout->trailer_size, layout->trailer_size, feed, feed_ctx);
    }
    if (err == OB_OK) {
        *update = (struct ob_update){.slots = slots, .max_units = max_units, .source = source, .size = size};
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
    err = ob_area_write(secondary, update->written, data, len);
    if (err == OB_OK) {
        update->written += len;
    }
    return err;
}

/** Read back what was stated: a write that fell short must not pass for another statement. */
static enum ob_err expect(const struct ob_area *slot, uint32_t align, enum ob_magic magic, enum ob_flag image_ok)
{
    struct ob_trailer trailer;
    enum ob_err err = ob_trailer_read(slot, align, &trailer);

    return err == OB_OK && (trailer.magic != magic || trailer.image_ok != image_ok) ? OB_ERR_VERIFY : err;
}

static enum ob_err expect_member(const struct ob_area *slot, uint32_t align, bool member)
{
    bool stated = false;
    enum ob_err err = ob_trailer_is_member(slot, align, &stated);

    return err == OB_OK && stated != member ? OB_ERR_VERIFY : err;
}

static enum ob_err request(const struct ob_update *update, bool permanent, bool member)
{
    const enum ob_flag image_ok = permanent ? OB_FLAG_SET : OB_FLAG_UNSET;
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
        err =
            ob_trailer_set_swap_info(secondary, layout.align, 0, permanent ? OB_SWAP_PERMANENT : OB_SWAP_TEST, member);
    }
    if (err == OB_OK) {
        err = expect(secondary, layout.align, OB_MAGIC_UNSET, image_ok);
    }
    if (err == OB_OK) {
        err = expect_member(secondary, layout.align, member);
    }
    if (err == OB_OK) {
        err = ob_trailer_set_magic(secondary, layout.align); /* this is the request */
    }
    return err == OB_OK ? expect(secondary, layout.align, OB_MAGIC_GOOD, image_ok) : err;
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

/**
 * The word that states the confirmation is not erased: it was written before, perhaps in a try that was cut. Then it
 * may read otherwise at the next start, and cannot be programmed again; the confirmed mark can.
 *
 * @param set  it reads as set: without a job, or without its chip, that is all there is to know
 */
static enum ob_err make_final(const struct ob_slots *slots, uint32_t max_units, bool set)
{
    struct ob_state state;
    enum ob_err err = ob_state_read(slots, max_units, 0, &state);

    if (err == OB_OK && state.phase != OB_PHASE_DONE) {
        err = OB_ERR_VERIFY;
    }
    if (err != OB_OK) {
        return set ? OB_OK : err;
    }
    return state.confirmed_for_good ? OB_OK : ob_state_confirm(&state);
}

enum ob_err ob_update_confirm(const struct ob_slots *slots, uint32_t max_units)
{
    struct ob_layout layout;
    struct ob_trailer trailer;
    enum ob_err err = OB_ERR_NODEV;

    if (slots->secondary[0].flash != NULL) { /* its write unit decides where the fields are */
        err = ob_layout(&slots->primary, &slots->secondary[0], max_units, &layout);
    }
    if (err == OB_OK) {
        err = ob_trailer_read(&slots->primary, layout.align, &trailer);
    }
    if (err != OB_OK || trailer.magic == OB_MAGIC_UNSET) {
        return err;
    }
    if (trailer.magic == OB_MAGIC_BAD) {
        return OB_ERR_FORMAT;
    }
    if (trailer.image_ok != OB_FLAG_UNSET) {
        return make_final(slots, max_units, trailer.image_ok == OB_FLAG_SET);
    }
    err = ob_trailer_set_image_ok(&slots->primary, layout.align);
    return err == OB_OK ? expect(&slots->primary, layout.align, OB_MAGIC_GOOD, OB_FLAG_SET) : err;
}

/** What the next start will do, as far as the trailers tell: whether it can, it finds out itself. */
static enum ob_swap next_swap(const struct ob_state *state)
{
    for (uint32_t source = 0; source < OB_ARRAY_SIZE(state->ctx.slots->secondary); source++) {
        const struct ob_area *secondary = &state->ctx.slots->secondary[source];
        struct ob_trailer trailer;
        if (secondary->flash != NULL &&
            ob_trailer_read(secondary, state->ctx.journal.layout.align, &trailer) == OB_OK &&
            trailer.magic == OB_MAGIC_GOOD && trailer.image_ok != OB_FLAG_BAD) {
            return trailer.image_ok == OB_FLAG_SET ? OB_SWAP_PERMANENT : OB_SWAP_TEST;
        }
    }
    return has_way_back(state) ? OB_SWAP_REVERT : OB_SWAP_NONE;
}

static void set_last(struct ob_update_state *out, const struct ob_job *job)
{
    out->has_last = true;
    out->last = (enum ob_job_kind)job->kind;
    out->last_reason = (enum ob_err) - job->reason;
    out->last_version = job->version;
}

enum ob_err ob_update_read_state(const struct ob_slots *slots, uint32_t max_units, struct ob_update_state *state)
{
    struct ob_state found;
    enum ob_err err = ob_state_read(slots, max_units, 0, &found);

    *state = (struct ob_update_state){.confirmed = true, .next = OB_SWAP_NONE};
    if (err != OB_OK) {
        return err;
    }
    state->confirmed = !has_way_back(&found);
    state->next = next_swap(&found);
    if (found.phase == OB_PHASE_DONE) {
        set_last(state, &found.ctx.job);
    }
    /* A refusal leaves the slot that was free, and is therefore younger than what runs. */
    for (uint32_t source = 0; source < OB_ARRAY_SIZE(slots->secondary); source++) {
        const struct ob_journal journal = {.slot = &slots->secondary[source], .layout = found.ctx.journal.layout};
        struct ob_job job;
        if (slots->secondary[source].flash != NULL && ob_journal_read(&journal, 0, &job) == OB_OK &&
            job.kind == OB_JOB_REFUSED) {
            set_last(state, &job);
        }
    }
    return OB_OK;
}
