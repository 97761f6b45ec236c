/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <stdio.h>

#include <outboard/util.h>

#include "board_parts.h"

/* The CPU runs until something stops it; what that was decides what comes next. */

/* ---- faults ---- */

static const char *what_fault(enum vb_halt why)
{
    switch (why) {
    case VB_HALT_READ:
        return "reads where no memory is";
    case VB_HALT_WRITE:
        return "writes where no memory is";
    case VB_HALT_FETCH:
        return "executes what is no code";
    case VB_HALT_UNDEFINED:
        return "executes an undefined instruction";
    case VB_HALT_STATE:
        return "branches to an even address";
    case VB_HALT_COPROCESSOR:
        return "uses a coprocessor that is not there";
    case VB_HALT_STACK:
        return "pushes below its stack's limit";
    case VB_HALT_BKPT:
        return "comes to a breakpoint";
    default:
        return "is lost";
    }
}

#define ERASED_ADDRESS 0xfffffffeu /* all ones, as an address of Thumb code */
#define NOISE_ADDRESS (VB_RAM_NOISE * 0x01010101u & ~1u)

static bool reset_vector_is_erased(const struct vb_board *board)
{
    return ob_get_le32(board->flash + 4) == 0xffffffffu;
}

static void describe_fault(struct vb_board *board, const struct vb_halted *halted)
{
    bool has_address = halted->why == VB_HALT_READ || halted->why == VB_HALT_WRITE;

    if (has_address) {
        vb_board_end(board, VB_END_FAULT, "%s, 0x%08x", what_fault(halted->why), halted->address);
    } else if (halted->why == VB_HALT_BROKEN) {
        vb_board_end(board, VB_END_FAULT, "the emulator stopped: %s", halted->text);
    } else if (halted->why == VB_HALT_FETCH && board->pc == ERASED_ADDRESS && reset_vector_is_erased(board)) {
        vb_board_end(board, VB_END_FAULT,
                     "executes what is no code: the reset vector at 0x%08x is erased; give the file that starts first, "
                     "as a bootloader or MBR",
                     board->soc->flash_base + 4);
    } else if (halted->why == VB_HALT_FETCH && board->pc == ERASED_ADDRESS) {
        vb_board_end(board, VB_END_FAULT, "executes what is no code: it took the address out of erased flash");
    } else if (halted->why == VB_HALT_FETCH && board->pc == NOISE_ADDRESS) {
        vb_board_end(board, VB_END_FAULT,
                     "executes what is no code: it took the address out of RAM that nobody wrote since power came");
    } else {
        vb_board_end(board, VB_END_FAULT, "%s", what_fault(halted->why));
    }
}

static void enter(struct vb_board *board, unsigned exception)
{
    const char *why = vb_scs_enter(&board->scs, exception, &board->pc);

    if (why != NULL) {
        vb_board_end(board, VB_END_FAULT, "%s", why);
    }
}

static void fault(struct vb_board *board, const struct vb_halted *halted)
{
    if (!board->faults || halted->why == VB_HALT_BROKEN) {
        describe_fault(board, halted);
        return;
    }
    unsigned exception = vb_scs_fault(&board->scs, halted);
    if (exception != 0) {
        enter(board, exception);
    } else {
        board->reset_wanted = true;
        board->reset_why = VB_RESET_LOCKUP;
    }
}

/* ---- sleep ---- */

/* Will anything that is scheduled end the CPU's sleep? A device's event alone does not. */
static bool something_wakes(const struct vb_board *board)
{
    bool wakes = vb_scs_ticks(&board->scs);

    for (unsigned i = 0; i < board->device_count && !wakes; i++) {
        const struct vb_device *dev = &board->devices[i];
        bool interrupts = dev->irq >= 0 && dev->inten != 0 && vb_scs_enabled(&board->scs, dev->irq);
        wakes = dev->due != VB_NEVER && (dev->class->resets || interrupts);
    }
    return wakes;
}

static void pass_time(struct vb_board *board)
{
    uint64_t due = OB_MIN(vb_board_next_due(board), board->limit);

    if (due > vb_now(board)) {
        board->slept += due - vb_now(board);
        *vb_cpu_time(board->cpu) = due;
    }
    vb_board_tick(board);
}

/* Time passes until somebody wakes the CPU. */
static void sleep_until_event(struct vb_board *board)
{
    while (board->end == VB_END_NOT && !board->reset_wanted && !vb_scs_wakes(&board->scs)) {
        bool listens = board->listener.wait != NULL && vb_scs_enabled(&board->scs, -1);
        if (something_wakes(board)) {
            pass_time(board);
        } else if (!listens || !board->listener.wait(board->listener.ctx)) {
            vb_board_end(board, VB_END_RESTS, "sleeps, and nothing will wake it");
        } else {
            pass_time(board); /* the bytes that came take their time */
        }
    }
}

/* WFE does not wait if an event came before; a spurious one is allowed, so one is assumed when nothing else will come.
 */
static void wait_for_event(struct vb_board *board)
{
    if (board->scs.event) {
        board->scs.event = false;
    } else {
        sleep_until_event(board);
    }
}

/* ---- one run after the other ---- */

static void call_supervisor(struct vb_board *board)
{
    board->scs.exceptions[VB_SVCALL].pending = true;
    board->scs.waiting++;
    if (vb_scs_next(&board->scs) == VB_SVCALL) {
        enter(board, VB_SVCALL);
    } else {
        board->scs.exceptions[VB_SVCALL].pending = false;
        fault(board, &(struct vb_halted){.why = VB_HALT_BKPT, .pc = board->pc});
    }
}

static void leave_exception(struct vb_board *board, uint32_t exc_return)
{
    const char *why = vb_scs_leave(&board->scs, exc_return, &board->pc);

    if (why != NULL) {
        vb_board_end(board, VB_END_FAULT, "%s", why);
    }
}

static void go_on(struct vb_board *board, const struct vb_halted *halted)
{
    board->pc = halted->pc;
    if (board->broke) {
        board->broke = false;
        board->breaker.broke(board->breaker.ctx, board);
        return;
    }
    switch (halted->why) {
    case VB_HALT_ASKED:
    case VB_HALT_BLOCK:
    case VB_HALT_YIELD:
        break;
    case VB_HALT_WFI:
        sleep_until_event(board);
        break;
    case VB_HALT_WFE:
        wait_for_event(board);
        break;
    case VB_HALT_SVC:
        call_supervisor(board);
        break;
    case VB_HALT_RETURN:
        leave_exception(board, halted->pc | 1u);
        break;
    default:
        fault(board, halted);
        break;
    }
}

enum vb_end vb_board_run(struct vb_board *board)
{
    if (board->end != VB_END_NOT) {
        board->resumed = board->end == VB_END_WATCH ? board->pc : 0;
        board->end = VB_END_NOT;
    }
    while (board->end == VB_END_NOT) {
        unsigned exception = vb_scs_next(&board->scs);
        if (board->reset_wanted) {
            vb_board_reset(board);
        } else if (exception != 0) {
            enter(board, exception);
        }
        if (board->vector_is_even) {
            board->vector_is_even = false;
            vb_board_end(board, VB_END_FAULT, "the reset vector at 0x%08x is 0x%08x; an address of Thumb code is odd",
                         board->soc->flash_base + 4, board->pc);
        }
        if (board->end == VB_END_NOT) {
            struct vb_halted halted = vb_cpu_run(board->cpu, board->pc);
            go_on(board, &halted);
        }
    }
    return board->end;
}
