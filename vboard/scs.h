/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_SCS_H
#define OUTBOARD_VBOARD_SCS_H

#include <stdbool.h>
#include <stdint.h>

#include "cpu.h"
#include "mpu.h"

/*
 * The CPU's own corner: system control space, SysTick, NVIC, cycle counter, and what exceptions do. Unicorn has none of
 * it: it says what happened, this decides what follows. Source: Armv7-M and Armv8-M Architecture Reference Manuals,
 * B1.5, B3.2. Not there: the effect of the SAU (its registers are), lazy stacking of the FPU, debug.
 */

#define VB_EXCEPTIONS 128u /* 16 of the architecture, then the SoC's interrupts */
#define VB_SCS_WORDS 1024u

enum vb_exception {
    VB_NMI = 2,
    VB_HARDFAULT = 3,
    VB_MEMMANAGE = 4,
    VB_BUSFAULT = 5,
    VB_USAGEFAULT = 6,
    VB_SVCALL = 11,
    VB_PENDSV = 14,
    VB_SYSTICK = 15,
    VB_IRQ0 = 16,
};

struct vb_board;

struct vb_exception_state {
    bool enabled, pending, active, line;
    uint8_t priority;
};

struct vb_scs {
    struct vb_board *board;
    bool armv8m;
    unsigned count; /* exceptions that there are */
    struct vb_exception_state exceptions[VB_EXCEPTIONS];
    uint32_t waiting;             /* how many are pending and enabled */
    uint32_t words[VB_SCS_WORDS]; /* plain registers of the page 0xe000e000 */
    struct vb_mpu mpu;
    uint64_t systick_zero; /* time at which the counter comes to 0; VB_NEVER: it does not run */
    uint64_t cycles_zero;  /* time at which CYCCNT was 0 */
    bool counted;          /* COUNTFLAG */
    bool event;            /* the event register of WFE */
};

void vb_scs_reset(struct vb_scs *scs, struct vb_board *board, bool armv8m, unsigned interrupts);

bool vb_scs_owns(uint32_t address);
uint32_t vb_scs_load(struct vb_scs *scs, uint32_t address, unsigned size);
void vb_scs_store(struct vb_scs *scs, uint32_t address, unsigned size, uint32_t value);

/** An interrupt's line is high or low; it stays pending while it is high. */
void vb_scs_line(struct vb_scs *scs, unsigned irq, bool level);

/** When SysTick needs vb_scs_tick(). */
uint64_t vb_scs_due(const struct vb_scs *scs);
/** Does SysTick run, and interrupt? */
bool vb_scs_ticks(const struct vb_scs *scs);
void vb_scs_tick(struct vb_scs *scs);

/** The exception that would be taken now; 0: none. */
unsigned vb_scs_next(const struct vb_scs *scs);

/** Is an interrupt of the SoC enabled? irq -1: any */
bool vb_scs_enabled(const struct vb_scs *scs, int irq);

/** Is there one that ends WFI? PRIMASK does not count. */
bool vb_scs_wakes(const struct vb_scs *scs);

/**
 * Enter an exception, or return from one.
 * @param pc  where the CPU is to go on afterwards; out: where it goes on now
 * @return NULL, or why it cannot (the stack is not in RAM, the vector is not in memory)
 */
const char *vb_scs_enter(struct vb_scs *scs, unsigned exception, uint32_t *pc);
const char *vb_scs_leave(struct vb_scs *scs, uint32_t exc_return, uint32_t *pc);

/** Which exception the CPU takes for a fault, with its registers set; 0: none can be taken, the CPU locks up. */
unsigned vb_scs_fault(struct vb_scs *scs, const struct vb_halted *halted);

/* What may be done with each of some bytes, and with some of them: sets of VB_MAY_*. */
struct vb_allowed {
    unsigned each, some;
};

/** ... now, with the bytes from an address on. */
struct vb_allowed vb_scs_may(const struct vb_scs *scs, uint32_t address, uint32_t size);

/** Is everything as an image expects it that is entered? NULL, or what is not. */
const char *vb_scs_handover(const struct vb_scs *scs);

uint32_t vb_scs_vectors(const struct vb_scs *scs);

#endif
