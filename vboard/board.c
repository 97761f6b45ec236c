/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "board.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <outboard/util.h>

#include "coverage.h"
#include "dev/devices.h"

#define RAM_NOISE 0xa7 /* what RAM holds when power comes: the same each time, and no value that code would like */
#define POLL_TICKS (1000u * VB_TICKS_PER_US)
#define PAGE 4096u
#define POLLS_IN_A_ROW 3u
#define POLL_GAP_TICKS \
    (50u * VB_TICKS_PER_US) /* who takes longer from one question to the next does something else too */

/* ---- time ---- */

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

static uint64_t next_due(const struct vb_board *board)
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
        uint64_t end = OB_MIN(OB_MIN(until, next_due(board)), board->limit);
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

/* At the start of a block of instructions: what has become due, and does the CPU have to turn to something else? */
static void tick(void *ctx)
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
    if (board->reset_wanted || board->end != VB_END_NOT || vb_scs_next(&board->scs) != 0) {
        vb_cpu_stop(board->cpu);
    }
    deadline = OB_MIN(deadline, next_due(board));
    vb_cpu_set_deadline(board->cpu, board->scs.waiting != 0 ? 0 : deadline);
}

void vb_board_pass(struct vb_board *board, uint64_t ticks)
{
    uint64_t end = vb_now(board) + ticks;

    while (next_due(board) <= end) {
        *vb_cpu_time(board->cpu) = OB_MAX(next_due(board), vb_now(board));
        run_events(board);
    }
    *vb_cpu_time(board->cpu) = end;
}

/* The emulator protects whole pages: of one that is divided, RAM is looked at access by access, and flash may be read
 * as where it is least protected. */
static unsigned may(void *ctx, uint32_t page, unsigned wants)
{
    struct vb_board *board = ctx;
    const struct vb_allowed allowed = vb_scs_may(&board->scs, page, VB_CPU_PAGE);
    const unsigned differs = allowed.each ^ allowed.some;

    if ((differs & VB_MAY_EXECUTE) != 0 && wants == VB_MAY_EXECUTE) {
        vb_board_end(board, VB_END_REFUSED, "executes in a page of %u bytes of which the MPU forbids a part, 0x%08x",
                     VB_CPU_PAGE, page);
    }
    return allowed.some | ((differs & (VB_MAY_READ | VB_MAY_WRITE)) != 0 ? VB_MAY_DIFFER : 0);
}

static unsigned may_here(void *ctx, uint32_t address, unsigned size)
{
    const struct vb_board *board = ctx;

    return vb_scs_may(&board->scs, address, size).each;
}

static void watch(void *ctx, uint32_t address)
{
    struct vb_board *board = ctx;

    if (address == board->resumed) {
        board->resumed = 0;
    } else if (board->listener.watch != NULL) {
        board->listener.watch(board->listener.ctx, address);
    } else {
        vb_board_end(board, VB_END_WATCH, "came to what is watched");
    }
}

static void broke(void *ctx, uint32_t address)
{
    struct vb_board *board = ctx;

    (void)address;
    board->broke = true;
}

static void step(void *ctx, uint32_t address, uint32_t size)
{
    struct vb_board *board = ctx;

    if (board->coverage != NULL) {
        vb_coverage_step(board->coverage, address, size);
    }
    if (board->listener.step != NULL) {
        board->listener.step(board->listener.ctx, address, size);
    }
}

/* ---- making one ---- */

static void add_window(struct vb_cpu_setup *setup, uint32_t base)
{
    uint32_t page = ob_align_down(base, PAGE);
    unsigned i = 0;

    while (i < VB_CPU_WINDOWS - 1 && setup->windows[i].size != 0 && setup->windows[i].base >> 28 != page >> 28) {
        i++;
    }
    uint32_t end = page + PAGE;
    if (setup->windows[i].size != 0) {
        end = OB_MAX(end, setup->windows[i].base + setup->windows[i].size);
        page = OB_MIN(page, setup->windows[i].base);
    }
    setup->windows[i].base = page;
    setup->windows[i].size = end - page;
}

static const char *make_cpu(struct vb_board *board)
{
    struct vb_cpu_setup setup = {.armv8m = board->soc->armv8m,
                                 .flash = board->flash,
                                 .flash_base = board->soc->flash_base,
                                 .flash_size = board->flash_size,
                                 .ram = board->ram,
                                 .ram_base = board->soc->ram_base,
                                 .ram_size = board->soc->ram_size};
    const char *why = NULL;

    for (unsigned i = 0; i < board->device_count; i++) {
        add_window(&setup, board->devices[i].base);
        if (board->soc->alias != 0 && board->devices[i].base >= 0x50000000u) {
            add_window(&setup, board->devices[i].base - board->soc->alias);
        }
    }
    if (board->soc->xip != 0) {
        add_window(&setup, board->soc->xip);
        add_window(&setup, board->soc->xip + VB_XIP_SIZE - PAGE);
    }
    add_window(&setup, 0xe0000000u);
    add_window(&setup, 0xe00ff000u);
    setup.ports = (struct vb_cpu_ports){.ctx = board,
                                        .may = may,
                                        .may_here = may_here,
                                        .load = vb_bus_load,
                                        .store = vb_bus_store,
                                        .store_flash = board->soc->flash_store,
                                        .tick = tick,
                                        .watch = watch,
                                        .broke = broke,
                                        .step = step};
    board->cpu = vb_cpu_new(&setup, &why);
    return why;
}

static const char *make_devices(struct vb_board *board)
{
    const struct vb_soc *soc = board->soc;

    board->devices = calloc(soc->place_count, sizeof(*board->devices));
    if (board->devices == NULL) {
        return "out of memory";
    }
    for (unsigned i = 0; i < soc->place_count; i++) {
        const struct vb_place *place = &soc->places[i];
        board->devices[i] = (struct vb_device){.class = place->class,
                                               .name = place->name,
                                               .base = place->base,
                                               .irq = place->irq,
                                               .board = board,
                                               .due = VB_NEVER};
    }
    board->device_count = soc->place_count;
    return vb_bus_new(board);
}

static bool make_flash(struct vb_board *board)
{
    board->flash = aligned_alloc(PAGE, board->flash_size);
    if (board->flash != NULL) {
        memset(board->flash, 0xff, board->flash_size);
    }
    if (board->soc->flash_chip != NULL) {
        return board->flash != NULL; /* its cells come with the chip: vb_board_add_flash_chip() */
    }
    board->internal = calloc(1, sizeof(*board->internal));
    if (board->internal != NULL) {
        sim_chip_init(board->internal, &board->soc->flash);
    }
    return board->flash != NULL && board->internal != NULL;
}

static bool make_network(struct vb_board *board)
{
    if (board->soc->network_flash == NULL) {
        return true;
    }
    board->network = calloc(1, sizeof(*board->network));
    if (board->network != NULL) {
        sim_chip_init(&board->network->cells, board->soc->network_flash);
    }
    return board->network != NULL;
}

struct vb_board *vb_board_new(const struct vb_soc *soc, const char **why)
{
    struct vb_board *board = calloc(1, sizeof(*board));

    *why = "out of memory";
    if (board == NULL) {
        return NULL;
    }
    board->soc = soc;
    board->flash_size = soc->flash.size;
    board->limit = VB_NEVER;
    board->ram = aligned_alloc(PAGE, soc->ram_size);
    if (make_flash(board) && make_network(board) && board->ram != NULL) {
        *why = make_devices(board);
    }
    if (*why == NULL) {
        *why = make_cpu(board);
    }
    if (*why != NULL) {
        vb_board_free(board);
        return NULL;
    }
    board->console = vb_find(board, "UARTE0");
    return board;
}

void vb_board_free(struct vb_board *board)
{
    if (board == NULL) {
        return;
    }
    for (unsigned i = 0; i < board->chip_count; i++) {
        vb_nor_free(board->nors[i]);
        free(board->nors[i]);
    }
    vb_cpu_free(board->cpu);
    vb_bus_free(board);
    if (board->flash_chip == NULL && board->internal != NULL) {
        sim_chip_free(board->internal);
        free(board->internal);
    }
    if (board->network != NULL) {
        sim_chip_free(&board->network->cells);
        free(board->network);
    }
    free(board->devices);
    free(board->flash);
    free(board->ram);
    free(board);
}

/* ---- ends ---- */

void vb_board_end(struct vb_board *board, enum vb_end end, const char *fmt, ...)
{
    va_list args;

    if (board->end == VB_END_NOT) {
        board->end = end;
        va_start(args, fmt);
        vsnprintf(board->why, sizeof(board->why), fmt, args);
        va_end(args);
        vb_cpu_stop(board->cpu);
    }
}

void vb_reset_request(struct vb_device *dev, enum vb_reset why)
{
    struct vb_board *board = dev->board;

    if (!board->reset_wanted) {
        board->reset_wanted = true;
        board->reset_why = why;
        vb_cpu_stop(board->cpu);
    }
}

uint8_t *vb_board_ram(const struct vb_board *board, uint32_t address, uint32_t len)
{
    const uint32_t off = address - board->soc->ram_base;

    return off < board->soc->ram_size && len <= board->soc->ram_size - off ? board->ram + off : NULL;
}

const uint8_t *vb_board_flash(const struct vb_board *board, uint32_t address, uint32_t len)
{
    const uint32_t off = address - board->soc->flash_base;

    return off < board->flash_size && len <= board->flash_size - off ? board->flash + off : NULL;
}

/** As after a reset, except that interrupts are masked: docs/PORTING.md. NULL, or what is not. */
static const char *cpu_handover(struct vb_board *board)
{
    static const struct {
        enum vb_cpu_register reg;
        uint32_t value;
        const char *why;
    } expected[] = {
        {VB_CONTROL, 0, "CONTROL is not 0: not the main stack, not privileged, or the FPU is in use"},
        {VB_PRIMASK, 1, "PRIMASK is not 1"},
        {VB_BASEPRI, 0, "BASEPRI is not 0"},
        {VB_FAULTMASK, 0, "FAULTMASK is not 0"},
    };

    for (unsigned i = 0; i < OB_ARRAY_SIZE(expected); i++) {
        if (vb_cpu_get(board->cpu, expected[i].reg) != expected[i].value) {
            return expected[i].why;
        }
    }
    uint32_t vectors = vb_scs_vectors(&board->scs);
    const uint8_t *stack = vb_board_flash(board, vectors, 4);
    if (stack == NULL || ob_get_le32(stack) != vb_cpu_get(board->cpu, VB_MSP)) {
        return "MSP is not what stands in the vector table";
    }
    return NULL;
}

void vb_board_handover(struct vb_board *board)
{
    const char *why = vb_scs_handover(&board->scs);

    if (why != NULL) {
        vb_board_end(board, VB_END_REFUSED, "when the image was entered, %s", why);
    }
    for (unsigned i = 0; i < board->device_count; i++) {
        if (board->devices[i].class->handover != NULL) {
            board->devices[i].class->handover(&board->devices[i]);
        }
    }
}

void vb_board_entry(struct vb_board *board)
{
    const char *why = cpu_handover(board);

    if (why != NULL) {
        vb_board_end(board, VB_END_REFUSED, "when the image was entered, %s", why);
    }
    vb_board_handover(board);
}

/* ---- starting ---- */

static void copy_to_ram(struct vb_board *board)
{
    const uint32_t size = OB_MIN(board->flash_size, board->soc->ram_size);

    memcpy(board->ram, board->flash, size);
    vb_cpu_ram_changed(board->cpu, 0, size);
}

static void start(struct vb_board *board, enum vb_reset why)
{
    vb_scs_reset(&board->scs, board, board->soc->armv8m, board->soc->irq_count);
    vb_bus_reset(board, why);
    vb_cpu_reset(board->cpu);
    if (board->soc->starts_in_ram) {
        copy_to_ram(board);
    }
    vb_cpu_set(board->cpu, VB_SP, ob_get_le32(board->flash) & ~3u);
    vb_cpu_set(board->cpu, VB_LR, 0xffffffffu);
    board->pc = ob_get_le32(board->flash + 4);
    board->resumed = 0;
    board->reset_wanted = false;
    vb_board_look(board);
}

void vb_board_power_on(struct vb_board *board)
{
    memset(board->ram, RAM_NOISE, board->soc->ram_size);
    vb_cpu_ram_changed(board->cpu, 0, board->soc->ram_size);
    *vb_cpu_time(board->cpu) = 0;
    board->end = VB_END_NOT;
    board->why[0] = '\0';
    board->operations = 0;
    board->first_instruction = vb_cpu_instructions(board->cpu);
    board->resets = 0;
    board->polling = (struct vb_polling){0};
    board->polling_since = 0;
    board->slept = 0;
    board->next_poll = 0;
    board->note_count = 0;
    sim_chip_start(board->internal);
    if (board->network != NULL) {
        sim_chip_start(&board->network->cells);
    }
    for (unsigned i = 0; i < board->chip_count; i++) {
        board->chips[i].power_comes(board->chips[i].ctx);
    }
    start(board, VB_RESET_POWER);
    if (board->pin_reset) {
        start(board, VB_RESET_PIN);
    }
    if (board->soc->power_on != NULL) {
        board->soc->power_on(board);
    }
}

static void reset(struct vb_board *board)
{
    board->resets++;
    if (board->listener.reset != NULL) {
        board->listener.reset(board->listener.ctx, board->reset_why);
    }
    start(board, board->reset_why);
}

/* ---- running ---- */

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

static void describe_fault(struct vb_board *board, const struct vb_halted *halted)
{
    bool has_address = halted->why == VB_HALT_READ || halted->why == VB_HALT_WRITE;

    if (has_address) {
        vb_board_end(board, VB_END_FAULT, "%s, 0x%08x", what_fault(halted->why), halted->address);
    } else if (halted->why == VB_HALT_BROKEN) {
        vb_board_end(board, VB_END_FAULT, "the emulator stopped: %s", halted->text);
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
    uint64_t due = OB_MIN(next_due(board), board->limit);

    if (due > vb_now(board)) {
        board->slept += due - vb_now(board);
        *vb_cpu_time(board->cpu) = due;
    }
    tick(board);
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
            reset(board);
        } else if (exception != 0) {
            enter(board, exception);
        }
        if (board->end == VB_END_NOT) {
            struct vb_halted halted = vb_cpu_run(board->cpu, board->pc);
            go_on(board, &halted);
        }
    }
    return board->end;
}

/* ---- the serial line ---- */

uint32_t vb_board_send(struct vb_board *board, const uint8_t *bytes, uint32_t len)
{
    uint32_t sent = 0;

    while (sent < len && board->input_to - board->input_from < VB_INPUT_SIZE) {
        board->input[board->input_to++ % VB_INPUT_SIZE] = bytes[sent++];
    }
    if (sent > 0 && board->console != NULL) {
        board->console->class->listen(board->console);
    }
    return sent;
}

bool vb_serial_next(struct vb_device *dev, uint8_t *byte)
{
    struct vb_board *board = dev->board;

    if (dev != board->console || board->input_from == board->input_to) {
        return false;
    }
    *byte = board->input[board->input_from++ % VB_INPUT_SIZE];
    if (board->listener.heard != NULL) {
        board->listener.heard(board->listener.ctx);
    }
    return true;
}

void vb_serial_say(struct vb_device *dev, uint8_t byte)
{
    struct vb_board *board = dev->board;

    if (dev == board->console && board->listener.said != NULL) {
        board->listener.said(board->listener.ctx, byte);
    }
}

/* ---- flash operations ---- */

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

void vb_board_show(struct vb_board *board, uint32_t off, uint32_t len)
{
    sim_chip_peek(board->internal, off, board->flash + off, len);
    vb_cpu_flash_changed(board->cpu, off, len);
}

/* ---- chips ---- */

bool vb_board_add_chip(struct vb_board *board, const struct nor_part *part, uint8_t sck, uint8_t csn,
                       const uint8_t io[4])
{
    struct vb_nor *nor = board->chip_count < VB_CHIPS ? calloc(1, sizeof(*nor)) : NULL;

    if (nor == NULL) {
        return false;
    }
    vb_nor_init(nor, board, part);
    nor->spi.sck = sck;
    nor->spi.csn = csn;
    memcpy(nor->spi.io, io, sizeof(nor->spi.io));
    board->nors[board->chip_count] = nor;
    board->chips[board->chip_count++] = nor->spi;
    return true;
}

bool vb_board_add_flash_chip(struct vb_board *board, const struct nor_part *part)
{
    static const uint8_t not_wired[4] = {VB_PIN_NONE, VB_PIN_NONE, VB_PIN_NONE, VB_PIN_NONE};

    if (!vb_board_add_chip(board, part, VB_PIN_NONE, VB_PIN_NONE, not_wired)) {
        return false;
    }
    board->flash_chip = board->nors[board->chip_count - 1];
    board->flash_chip->memory = VB_INTERNAL;
    board->internal = &board->flash_chip->chip.cells;
    return true;
}

struct vb_nor *vb_board_external(const struct vb_board *board)
{
    for (unsigned i = 0; i < board->chip_count; i++) {
        if (board->nors[i] != board->flash_chip) {
            return board->nors[i];
        }
    }
    return NULL;
}

const struct vb_spi_chip *vb_spi_chip_at(const struct vb_board *board, unsigned csn)
{
    for (unsigned i = 0; i < board->chip_count; i++) {
        if (board->chips[i].csn == csn) {
            return &board->chips[i];
        }
    }
    return NULL;
}

const struct vb_spi_chip *vb_spi_chip(const struct vb_board *board, unsigned n)
{
    return n < board->chip_count ? &board->chips[n] : NULL;
}
