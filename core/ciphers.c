/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the images of a job are encrypted with. A content key is nowhere but in its image's TLV, wrapped for this
 * device, so each start unwraps it again, from where the TLV lies by then. There the external chip might show another
 * one, wrapped by somebody who wants to know what is encrypted with it next: so the ledger holds by what each cipher is
 * recognised.
 */
#include <string.h>

#include <outboard/util.h>

#include "start.h"

/** An image of a job, read as one although its units lie in two places. */
struct pieces {
    const struct ob_start *start;
    struct ob_task task;
    enum ob_side side;
    uint32_t done; /* steps of this image */
};

static const struct ob_mode *mode_of(const struct ob_start *start, const struct ob_task *task)
{
    return ob_start_mode(start, (uint32_t)(task->slots - start->boot->images));
}

/** Nothing is moved if both images are the same. */
static bool is_moved(const struct ob_part *part)
{
    return memcmp(part->in_digest, part->out_digest, OB_DIGEST_SIZE) != 0;
}

/** Where an image's bytes are from `off` on, in a piece of one area. */
static struct ob_area find_piece(const struct pieces *pieces, uint32_t off)
{
    const struct ob_task *task = &pieces->task;
    const struct ob_mode *mode = mode_of(pieces->start, task);
    const uint32_t steps = mode->count(task->part);

    for (uint32_t k = 0; k < steps; k++) {
        struct ob_step step;
        mode->step(task, k, &step);
        const struct ob_move *move = pieces->side == OB_SIDE_IN ? &step.in : &step.out;
        const uint32_t at = pieces->side == OB_SIDE_IN ? move->to_off : move->from_off; /* in the primary, as in it */
        if (off >= at && off - at < move->len) {
            return k < pieces->done ? ob_area_part(move->to, move->to_off + off - at, move->len - (off - at))
                                    : ob_area_part(move->from, move->from_off + off - at, move->len - (off - at));
        }
    }
    const struct ob_area previous = mode->previous(task); /* it is not moved: it was there before */
    return ob_area_part(&previous, off, previous.size - off);
}

static enum ob_err read_pieces(const struct ob_flash *flash, uint32_t off, void *dst, uint32_t len)
{
    uint8_t *bytes = dst;
    enum ob_err err = OB_OK;

    while (len > 0 && err == OB_OK) {
        const struct ob_area piece = find_piece(flash->ctx, off);
        const uint32_t size = OB_MIN(len, piece.size);
        err = size > 0 ? ob_area_read(&piece, 0, bytes, size) : OB_ERR_RANGE;
        bytes += size;
        off += size;
        len -= size;
    }
    return err;
}

static const struct ob_flash_ops pieces_ops = {.read = read_pieces};

/** Read the cipher of an image of a part, of which so many steps are done. */
static enum ob_err read_cipher(const struct ob_start *start, uint32_t image, struct ob_part *part, enum ob_side side,
                               uint32_t done, struct ob_cipher *out)
{
    struct pieces pieces = {.start = start, .side = side, .done = done};
    const uint32_t size = side == OB_SIDE_IN ? part->in_size : part->out_size;
    const struct ob_flash flash = {.ops = &pieces_ops, .ctx = &pieces, .size = size};
    const struct ob_area area = {.flash = &flash, .size = size};
    enum ob_err err = ob_start_task(start, image, part, &pieces.task);

    *out = (struct ob_cipher){0};
    ob_feed(start->boot->hooks);
    return err == OB_OK ? ob_image_cipher(&area, size, start->boot->keys, out) : err;
}

#define LOOKS 3u

/** By what a planned image is recognised: as two looks agree, for one byte misread must cost nothing. */
static enum ob_err read_check(const struct ob_start *start, uint32_t image, struct ob_part *part, enum ob_side side,
                              uint8_t check[OB_CIPHER_CHECK_SIZE])
{
    uint8_t before[OB_CIPHER_CHECK_SIZE];
    enum ob_err err = OB_ERR_UNWRAP;
    bool agreed = false;

    for (uint32_t look = 0; look < LOOKS && !agreed && !ob_err_is_device(err); look++) {
        const enum ob_err last = err;
        struct ob_cipher cipher;
        memcpy(before, check, sizeof(before));
        err = read_cipher(start, image, part, side, 0, &cipher);
        ob_cipher_check(&cipher, check);
        agreed = look > 0 && err == last && memcmp(before, check, sizeof(before)) == 0;
        ob_wipe(&cipher, sizeof(cipher));
    }
    return err;
}

static bool is_nothing(const uint8_t check[OB_CIPHER_CHECK_SIZE])
{
    return ob_filled(check, OB_CIPHER_CHECK_SIZE, 0);
}

/** How many steps of an image are complete; while it is put back, how many of its units are still outside. */
static uint32_t steps_done(const struct ob_start *start, uint32_t image)
{
    const uint32_t done = ob_ledger_steps(start->ledger);
    bool undoes = ob_ledger_kind(start->ledger) == OB_RECORD_UNDONE && done > 0;

    return ob_start_share(start, image, undoes ? done - 1 : done);
}

enum ob_err ob_cipher_find(const struct ob_start *start, uint32_t image, enum ob_side side, struct ob_cipher *out)
{
    struct ob_part *part = ob_start_part(start, image);
    const uint8_t *expected = side == OB_SIDE_IN ? part->in_check : part->out_check;
    uint8_t check[OB_CIPHER_CHECK_SIZE];
    enum ob_err err = OB_ERR_UNWRAP;

    if (is_nothing(expected)) {
        *out = (struct ob_cipher){0};
        return OB_OK;
    }
    for (uint32_t look = 0; look < 2 && err != OB_OK && !ob_err_is_device(err); look++) {
        err = read_cipher(start, image, part, side, steps_done(start, image), out);
        if (err == OB_OK) {
            ob_cipher_check(out, check);
            err = memcmp(check, expected, sizeof(check)) != 0 ? OB_ERR_UNWRAP : OB_OK;
        }
    }
    if (err == OB_OK || ob_err_is_device(err)) {
        return err;
    }
    ob_wipe(out, sizeof(*out));
    return OB_ERR_UNWRAP;
}

static bool is_moved_out(const struct ob_start *start, const struct ob_task *task)
{
    const struct ob_mode *mode = mode_of(start, task);
    bool moved = false;

    for (uint32_t k = 0; k < mode->count(task->part) && !moved; k++) {
        struct ob_step step;
        mode->step(task, k, &step);
        moved = step.out.len > 0;
    }
    return moved;
}

/** What leaves the primary leaves it encrypted, or stays. */
static enum ob_err note_outgoing(const struct ob_start *start, uint32_t image, struct ob_part *part)
{
    struct ob_task task;
    enum ob_err err = ob_start_task(start, image, part, &task);

    if (err == OB_OK) {
        err = read_check(start, image, part, OB_SIDE_OUT, part->out_check);
    }
    if (ob_err_is_device(err)) {
        return err;
    }
    if (err != OB_OK || (is_nothing(part->out_check) && is_moved_out(start, &task))) {
        part->out_size = 0;
    }
    return OB_OK;
}

/** It is replaced and not kept; by its key it can be told whether that has begun. */
static enum ob_err note_replaced(const struct ob_start *start, uint32_t image, struct ob_part *part)
{
    const struct ob_area *primary = &ob_start_slots(start, image)->primary;
    struct ob_cipher cipher;

    if (ob_start_receiver(start, image) == NULL &&
        ob_image_cipher(primary, primary->size, start->boot->keys, &cipher) == OB_OK) {
        ob_cipher_check(&cipher, part->out_check);
        ob_wipe(&cipher, sizeof(cipher));
    }
    return OB_OK;
}

enum ob_err ob_ciphers_note(const struct ob_start *start, uint32_t image)
{
    struct ob_part *part = ob_start_next(start, image);

    if (!ob_start_encrypts(start) || !is_moved(part)) {
        return OB_OK;
    }
    enum ob_err err = part->out_size > 0 ? note_outgoing(start, image, part) : note_replaced(start, image, part);
    return err == OB_OK ? read_check(start, image, part, OB_SIDE_IN, part->in_check) : err;
}

void ob_ciphers_turn(const struct ob_start *start, uint32_t image)
{
    struct ob_part *part = ob_start_next(start, image);
    bool known = start->found.image[OB_IMAGE_AT(image)].primary == OB_PRIMARY_WHOLE && !is_nothing(part->out_check);

    if (ob_start_encrypts(start) && !known) {
        part->out_size = 0;
    }
}

enum ob_err ob_cipher_compare(const struct ob_start *start, uint32_t image, enum ob_side side)
{
    const struct ob_area *primary = &ob_start_slots(start, image)->primary;
    const struct ob_part *part = ob_start_part(start, image);
    const uint8_t *expected = side == OB_SIDE_IN ? part->in_check : part->out_check;
    uint8_t check[OB_CIPHER_CHECK_SIZE];
    struct ob_cipher cipher;

    if (!ob_start_encrypts(start) || is_nothing(expected)) {
        return OB_OK;
    }
    enum ob_err err = ob_image_cipher(primary, primary->size, start->boot->keys, &cipher);
    if (err == OB_OK) {
        ob_cipher_check(&cipher, check);
        ob_wipe(&cipher, sizeof(cipher));
    }
    return err == OB_OK && memcmp(check, expected, sizeof(check)) != 0 ? OB_ERR_UNWRAP : err;
}
