/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <outboard/util.h>

#include "board_parts.h"
#include "dev/devices.h"

#define POLL_TICKS (1000u * VB_TICKS_PER_US)
#define POLLS_IN_A_ROW 3u
#define POLL_GAP_TICKS \
    (50u * VB_TICKS_PER_US) /* who takes longer from one question to the next does something else too */

uint64_t vb_now(const struct vb_board *board)
{
    return *vb_cpu_time(board->cpu);
}

void vb_stall(struct vb_board *board, uint64_t ticks)
{
    *vb_cpu_time(board->cpu) += ticks;
}

uint64_t vb_slept(const struct vb_board *board)
{
    return board->slept;
}

void vb_board_settle(struct vb_board *board)
{
    for (unsigned i = 0; i < board->chip_count; i++) {
        struct nor_chip *chip = &board->nors[i]->chip;
        chip->now_us = OB_MAX(chip->now_us, chip->busy_until_us);
        nor_chip_peek(chip, 0);
    }
}

void vb_board_look(struct vb_board *board)
{
    if (board->cpu != NULL) {
        vb_cpu_set_deadline(board->cpu, 0);
    }
}

void vb_schedule(struct vb_device *dev, uint64_t when)
{
    dev->due = when;
    vb_board_look(dev->board);
}

uint64_t vb_board_next_due(const struct vb_board *board)
{
    uint64_t due = vb_scs_due(&board->scs);

    for (unsigned i = 0; i < board->device_count; i++) {
        due = OB_MIN(due, board->devices[i].due);
    }
    return due;
}

void vb_polled(struct vb_board *board, struct vb_polling *polling, uint64_t until)
{
    uint64_t now = vb_now(board);
    bool in_a_row =
        polling->until == until && now - polling->at < POLL_GAP_TICKS && polling->at >= board->polling_since;

    *polling = (struct vb_polling){.until = until, .at = now, .count = in_a_row ? polling->count + 1 : 1};
    if (polling->count >= POLLS_IN_A_ROW) {
        uint64_t end = OB_MIN(OB_MIN(until, vb_board_next_due(board)), board->limit);
        polling->at = OB_MAX(end, now);
        *vb_cpu_time(board->cpu) = polling->at;
    }
}

static void run_events(struct vb_board *board)
{
    for (unsigned i = 0; i < board->device_count; i++) {
        struct vb_device *dev = &board->devices[i];
        if (dev->due <= vb_now(board)) {
            dev->due = VB_NEVER;
            dev->class->event(dev);
        }
    }
    if (vb_scs_due(&board->scs) <= vb_now(board)) {
        vb_scs_tick(&board->scs);
    }
}

/* @return when to look again: no earlier can that instruction be reached */
static uint64_t cut_between(struct vb_board *board)
{
    uint64_t count = vb_cpu_instructions(board->cpu) - board->first_instruction;

    if (count >= board->cut.instruction && board->cut.reset) {
        board->cut = (struct vb_cut){0};
        board->reset_wanted = true;
        board->reset_why = VB_RESET_PIN;
        return VB_NEVER;
    }
    if (count >= board->cut.instruction) {
        vb_board_power_off(board, &board->cut.tear);
        vb_board_end(board, VB_END_POWER, "the power is cut behind instruction %llu", (unsigned long long)count);
        return 0;
    }
    return vb_now(board) + (board->cut.instruction - count) * vb_cpu_speed(board->cpu);
}

void vb_board_tick(void *ctx)
{
    struct vb_board *board = ctx;
    uint64_t deadline = board->limit;

    vb_cpu_set_deadline(board->cpu, VB_NEVER);
    run_events(board);
    if (board->listener.poll != NULL) {
        if (vb_now(board) >= board->next_poll) {
            board->next_poll = vb_now(board) + POLL_TICKS;
            board->listener.poll(board->listener.ctx);
        }
        deadline = OB_MIN(deadline, board->next_poll);
    }
    if (board->cut.instruction != 0) {
        deadline = OB_MIN(deadline, cut_between(board));
    }
    if (vb_now(board) >= board->limit) {
        vb_board_end(board, VB_END_LIMIT, "its time is over");
    }
    if (board->pauses) {
        board->pauses = false;
        vb_board_end(board, VB_END_UNTIL, "so many operations have begun");
    }
    if (board->reset_wanted || board->end != VB_END_NOT || vb_scs_next(&board->scs) != 0) {
        vb_cpu_stop(board->cpu);
    }
    deadline = OB_MIN(deadline, vb_board_next_due(board));
    vb_cpu_set_deadline(board->cpu, board->scs.waiting != 0 ? 0 : deadline);
}

void vb_board_pass(struct vb_board *board, uint64_t ticks)
{
    uint64_t end = vb_now(board) + ticks;

    while (vb_board_next_due(board) <= end) {
        *vb_cpu_time(board->cpu) = OB_MAX(vb_board_next_due(board), vb_now(board));
        run_events(board);
    }
    *vb_cpu_time(board->cpu) = end;
}
