/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <stdlib.h>
#include <string.h>

#include <outboard/util.h>

#include "board.h"
#include "rng.h"

/* Flash operations and steps as they are counted, kept and cut. */

static void *grown(void *memory, size_t size)
{
    void *larger = realloc(memory, size);

    if (larger == NULL) {
        abort(); /* a campaign that is out of memory proves nothing */
    }
    return larger;
}

static void keep_operation(struct vb_board *board, const struct vb_operation *operation)
{
    struct vb_log *log = board->log;
    uint32_t len = operation->data == NULL ? 0 : operation->len;

    if (log->count == log->room) {
        log->room = OB_MAX(1024u, log->room * 2);
        log->done = grown(log->done, log->room * sizeof(*log->done));
    }
    if (len > log->data_room - log->data_len) {
        log->data_room = OB_MAX(65536u, log->data_room * 2);
        log->data = grown(log->data, log->data_room);
    }
    log->done[log->count] =
        (struct vb_done){.operation = *operation, .start = vb_now(board), .nth = log->nth, .data_at = log->data_len};
    log->done[log->count++].operation.data = NULL; /* the caller's: see data_at */
    if (len > 0) {
        memcpy(log->data + log->data_len, operation->data, len);
        log->data_len += len;
    }
}

void vb_step(struct vb_board *board)
{
    struct vb_log *log = board->log;

    if (log == NULL) {
        return;
    }
    const uint64_t at = log->instructions + vb_cpu_instructions(board->cpu) - board->first_instruction;
    if (at == log->instructions || (log->step_count > 0 && log->steps[log->step_count - 1] == at)) {
        return;
    }
    if (log->step_count == log->step_room) {
        log->step_room = OB_MAX(64u, log->step_room * 2);
        log->steps = grown(log->steps, log->step_room * sizeof(*log->steps));
    }
    log->steps[log->step_count++] = at;
}

static bool is_same(const struct vb_operation *a, const struct vb_operation *b)
{
    return b != NULL && a->memory == b->memory && a->erase == b->erase && a->off == b->off && a->len == b->len;
}

const struct sim_tear *vb_operation(struct vb_board *board, const struct vb_operation *operation)
{
    board->operations++;
    board->cells_version++;
    board->polling_since = vb_now(board);
    if (board->operations == board->pause_behind) {
        board->pauses = true;
        vb_board_look(board);
    }
    if (board->listener.operation != NULL) {
        board->listener.operation(board->listener.ctx, operation);
    }
    if (board->log != NULL) {
        keep_operation(board, operation);
    }
    if (board->operations != board->cut.operation && !is_same(operation, board->cut.same)) {
        return NULL;
    }
    board->cut_operation = *operation;
    if (board->cut.tear.kind != SIM_TEAR_BROWNOUT) {
        vb_board_power_off(board, &board->cut.tear);
        vb_board_end(board, VB_END_POWER, "the power is cut in operation %llu", (unsigned long long)board->operations);
    }
    return &board->cut.tear;
}

bool vb_stalls(struct vb_board *board, enum vb_memory memory)
{
    struct vb_stall *stall = &board->stalls[memory];

    stall->seen++;
    return stall->at != 0 && stall->seen >= stall->at && stall->seen - stall->at < stall->count;
}

void vb_board_power_off(struct vb_board *board, const struct sim_tear *tear)
{
    for (unsigned i = 0; i < board->chip_count; i++) {
        board->chips[i].power_fails(board->chips[i].ctx, tear, &board->rng);
    }
    if (board->network != NULL) {
        vb_network_power_fails(board, tear);
    }
}

uint64_t *vb_rng(struct vb_board *board)
{
    return &board->rng;
}

bool vb_random(struct vb_board *board, uint8_t *out)
{
    *out = (uint8_t)sim_mix(sim_rng_next(&board->rng), board->random);
    return !board->random_fails;
}

void vb_board_show(struct vb_board *board, uint32_t off, uint32_t len)
{
    sim_chip_peek(board->internal, off, board->flash + off, len);
    vb_cpu_flash_changed(board->cpu, off, len);
}
