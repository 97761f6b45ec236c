/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <outboard/cipher.h>
#include <outboard/upgrade.h>
#include <outboard/util.h>

/** One call. */
struct run {
    struct ob_step step;
    const struct ob_ciphers *ciphers;
    const struct ob_hooks *hooks;
    struct ob_workspace *work;
    struct ob_fault *fault;
    bool overlaps; /* the secondary's chip works while the primary is written */
};

/** Pass an error on, with the place that it is about. */
static enum ob_err at(const struct run *run, enum ob_fault_place place, const struct ob_area *area, uint32_t off,
                      enum ob_err err)
{
    if (err != OB_OK) {
        *run->fault = (struct ob_fault){.place = place, .address = area->start + off};
    }
    return err;
}

/** Where a move of this step reads, and where it writes. */
static enum ob_fault_place source_of(const struct run *run, const struct ob_move *move)
{
    return move == &run->step.in ? OB_FAULT_SECONDARY : OB_FAULT_PRIMARY;
}

static enum ob_fault_place target_of(const struct run *run, const struct ob_move *move)
{
    return move == &run->step.in ? OB_FAULT_PRIMARY : OB_FAULT_ROOM;
}

/** Read a piece from where it comes as it is to arrive: what leaves is encrypted, what comes in is decrypted. */
static enum ob_err read_source(const struct run *run, const struct ob_move *move, uint32_t done, uint8_t *data,
                               uint32_t len)
{
    bool enters = move == &run->step.in;
    const struct ob_cipher *cipher = enters ? run->ciphers->in : run->ciphers->out;
    enum ob_err err = at(run, source_of(run, move), move->from, move->from_off + done,
                         ob_area_read(move->from, move->from_off + done, data, len));

    if (OB_ENCRYPTS && cipher != NULL && err == OB_OK) {
        ob_cipher_apply(cipher, (enters ? move->to_off : move->from_off) + done, data, len);
    }
    return err;
}

static enum ob_err finish(const struct run *run, uint32_t off)
{
    const struct ob_area *to = run->step.out.to;

    return at(run, OB_FAULT_ROOM, to, off, to->flash->ops->finish(to->flash));
}

/** The next erase command of a half that is to erase [done, erase_len); 0: it has none left. */
static uint32_t next_erase(const struct ob_move *move, uint32_t done)
{
    return done < move->erase_len
               ? ob_flash_erase_fit(move->to->flash, move->to->start + move->to_off + done, move->erase_len - done)
               : 0;
}

static enum ob_err erase_both(const struct run *run)
{
    const struct ob_move *out = &run->step.out;
    const struct ob_move *in = &run->step.in;
    uint32_t out_done = 0;
    uint32_t in_done = 0;
    enum ob_err err = OB_OK;

    while (err == OB_OK && (out_done < out->erase_len || in_done < in->erase_len)) {
        const uint32_t out_size = OB_REVERTS ? next_erase(out, out_done) : 0;
        const uint32_t in_size = next_erase(in, in_done);
        const uint32_t out_off = out->to_off + out_done;
        bool started = false;
        if (out_size > 0) {
            started = OB_REVERTS && run->overlaps;
            err = started ? ob_area_start_erase(out->to, out_off, out_size) : ob_area_erase(out->to, out_off, out_size);
            err = at(run, OB_FAULT_ROOM, out->to, out_off, err);
        }
        if (err == OB_OK && in_size > 0) {
            err = at(run, OB_FAULT_PRIMARY, in->to, in->to_off + in_done,
                     ob_area_erase(in->to, in->to_off + in_done, in_size));
        }
        if (started) {
            enum ob_err finished = finish(run, out_off);
            err = err == OB_OK ? finished : err;
        }
        ob_feed(run->hooks);
        out_done += out_size;
        in_done += in_size;
    }
    return err;
}

/** Program what is not erased, in runs of whole granules: erased content costs neither time nor wear. */
static enum ob_err program(const struct ob_area *area, uint32_t off, const uint8_t *data, uint32_t len)
{
    const uint32_t granule = OB_MIN(area->flash->program_size, OB_BUFFER_SIZE);
    enum ob_err err = OB_OK;
    uint32_t run = 0; /* bytes before `at` that are still to be programmed */

    for (uint32_t at = 0; at < len && err == OB_OK; at += granule) {
        const uint32_t size = OB_MIN(granule, len - at);
        if (!ob_filled(data + at, size, area->flash->erased_value)) {
            run += size;
        } else if (run > 0) {
            err = ob_area_write(area, off + at - run, data + at - run, run);
            run = 0;
        }
    }
    return err == OB_OK && run > 0 ? ob_area_write(area, off + len - run, data + len - run, run) : err;
}

/** How much of a move is left behind `done`, at most a piece. */
static uint32_t piece(const struct ob_move *move, uint32_t done, uint32_t size)
{
    return done < move->len ? OB_MIN(size, move->len - done) : 0;
}

/** Copy a piece of both halves. The secondary is read before it is busy. */
static enum ob_err copy_piece(const struct run *run, uint32_t done, uint32_t size)
{
    const struct ob_move *out = &run->step.out;
    const struct ob_move *in = &run->step.in;
    const uint32_t out_len = OB_REVERTS ? piece(out, done, size) : 0;
    const uint32_t in_len = piece(in, done, size);
    uint8_t *out_data = run->work->out;
    uint8_t *in_data = run->work->in;
    bool started = false;
    enum ob_err err = OB_OK;

    if (in_len > 0) {
        err = read_source(run, in, done, in_data, in_len);
    }
    if (err == OB_OK && out_len > 0) {
        err = read_source(run, out, done, out_data, out_len);
    }
    if (err == OB_OK && out_len > 0 && !ob_filled(out_data, out_len, out->to->flash->erased_value)) {
        started = OB_REVERTS && run->overlaps;
        err = at(run, OB_FAULT_ROOM, out->to, out->to_off + done,
                 started ? ob_area_start_write(out->to, out->to_off + done, out_data, out_len)
                         : program(out->to, out->to_off + done, out_data, out_len));
    }
    if (err == OB_OK && in_len > 0) {
        err = at(run, OB_FAULT_PRIMARY, in->to, in->to_off + done, program(in->to, in->to_off + done, in_data, in_len));
    }
    if (started) {
        enum ob_err finished = finish(run, out->to_off + done);
        err = err == OB_OK ? finished : err;
    }
    return err;
}

static enum ob_err copy_both(const struct run *run)
{
    const uint32_t len = OB_MAX(run->step.out.len, run->step.in.len);
    const uint32_t size =
        OB_REVERTS && run->overlaps ? OB_MIN(OB_BUFFER_SIZE, run->step.out.to->flash->program_size) : OB_BUFFER_SIZE;
    enum ob_err err = OB_OK;

    for (uint32_t done = 0; done < len && err == OB_OK; done += size) {
        err = copy_piece(run, done, size);
        ob_feed(run->hooks);
    }
    return err;
}

/** Is it where it went what is where it comes from? off: the first piece that differs. */
static enum ob_err compare(const struct run *run, const struct ob_move *move, uint32_t *off, bool *equal)
{
    struct ob_workspace *work = run->work;

    *equal = true;
    for (*off = 0; *off < move->len; *off += OB_BUFFER_SIZE) {
        const uint32_t size = piece(move, *off, OB_BUFFER_SIZE);
        enum ob_err err = read_source(run, move, *off, work->in, size);
        if (err == OB_OK) {
            err = at(run, target_of(run, move), move->to, move->to_off + *off,
                     ob_area_read(move->to, move->to_off + *off, work->out, size));
        }
        if (err != OB_OK) {
            return err;
        }
        if (memcmp(work->in, work->out, size) != 0) {
            *equal = false;
            return OB_OK;
        }
        ob_feed(run->hooks);
    }
    return OB_OK;
}

/** What arrived is not what the source shows now: does the source answer differently each time? */
static bool source_is_steady(const struct run *run, const struct ob_move *move, uint32_t off)
{
    const uint32_t size = piece(move, off, OB_BUFFER_SIZE);

    return read_source(run, move, off, run->work->out, size) == OB_OK &&
           memcmp(run->work->in, run->work->out, size) == 0;
}

static enum ob_err check(const struct run *run, const struct ob_move *move)
{
    uint32_t off;
    bool equal = false;
    enum ob_err err = compare(run, move, &off, &equal);

    if (err != OB_OK || equal) {
        return err;
    }
    if (source_is_steady(run, move, off)) {
        return at(run, target_of(run, move), move->to, move->to_off + off, OB_ERR_VERIFY);
    }
    return at(run, source_of(run, move), move->from, move->from_off + off, OB_ERR_VERIFY);
}

enum ob_err ob_step_is_done(const struct ob_step *step, const struct ob_ciphers *ciphers, const struct ob_hooks *hooks,
                            struct ob_workspace *work, struct ob_fault *fault, bool *done)
{
    struct run run = {
        .step = *step, .ciphers = OB_ENCRYPTS ? ciphers : NULL, .hooks = hooks, .work = work, .fault = fault};
    uint32_t off;

    return compare(&run, &run.step.in, &off, done);
}

enum ob_err ob_step_run(const struct ob_step *step, const struct ob_ciphers *ciphers, bool whole,
                        const struct ob_hooks *hooks, struct ob_workspace *work, struct ob_fault *fault)
{
    struct run run = {
        .step = *step, .ciphers = OB_ENCRYPTS ? ciphers : NULL, .hooks = hooks, .work = work, .fault = fault};
    enum ob_err err = OB_OK;
    uint32_t off;
    bool equal = false;

    /*
     * In the primary nothing is rewritten that is right: there only a step can have left cells weakly erased or
     * programmed, and only the first step of a start may have been cut.
     */
    if (!whole && run.step.in.len > 0) {
        err = compare(&run, &run.step.in, &off, &equal);
        if (err == OB_OK && equal) {
            run.step.in = (struct ob_move){0};
        }
    }
    run.overlaps =
        OB_REVERTS && run.step.out.len > 0 && run.step.in.len > 0 && ob_area_overlaps(run.step.out.to, run.step.in.to);
    if (err == OB_OK) {
        err = erase_both(&run);
    }
    if (err == OB_OK) {
        err = copy_both(&run);
    }
    if (err == OB_OK) {
        err = OB_REVERTS ? check(&run, &run.step.out) : OB_OK;
    }
    return err == OB_OK ? check(&run, &run.step.in) : err;
}
