/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_CPU_H
#define OUTBOARD_VBOARD_CPU_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A Cortex-M4 or M33 without its system control space: instructions, flash that is written through the board only, RAM,
 * windows to devices, and time. Only cpu*.c know Unicorn; what they work around is told in cpu_parts.h.
 */

#define VB_CPU_WINDOWS 8u
#define VB_CPU_BREAKS 10u
#define VB_CPU_PAGE 1024u

enum vb_cpu_register {
    VB_R0,
    VB_SP = 13, /* the active one */
    VB_LR,
    VB_PC,
    VB_XPSR,
    VB_MSP,
    VB_PSP,
    VB_CONTROL,
    VB_PRIMASK,
    VB_BASEPRI,
    VB_FAULTMASK,
    VB_CPU_REGISTERS
};

/** Why vb_cpu_run() came back. */
enum vb_halt {
    VB_HALT_ASKED, /* vb_cpu_stop(), from a device: pc is the access, and must not be gone on from */
    VB_HALT_BLOCK, /* vb_cpu_stop(), from tick() or watch(): pc is the next instruction */
    VB_HALT_WFI,   /* pc is behind it, as for the next two */
    VB_HALT_WFE,
    VB_HALT_YIELD,
    VB_HALT_SVC,    /* pc is behind it */
    VB_HALT_RETURN, /* a value of EXC_RETURN was branched to: lr holds it */
    VB_HALT_BKPT,   /* pc is at it, as for the following */
    VB_HALT_READ,   /* address: where no memory is; or the page, or the place in RAM, where it is forbidden, as for the
                       next two. Registers are as before */
    VB_HALT_WRITE,  /* ... or where flash cannot be written like that */
    VB_HALT_FETCH,
    VB_HALT_UNDEFINED,
    VB_HALT_STATE,       /* a branch to an even address */
    VB_HALT_COPROCESSOR, /* none, or not enabled */
    VB_HALT_STACK,       /* below MSPLIM or PSPLIM */
    VB_HALT_BROKEN,      /* the emulator gave up; text says how */
};

struct vb_halted {
    enum vb_halt why;
    uint32_t pc;
    uint32_t address;
    const char *text;
};

struct vb_cpu;

/* What may be done to memory; together a set. */
enum {
    VB_MAY_READ = 1,
    VB_MAY_WRITE = 2,
    VB_MAY_EXECUTE = 4,
    VB_MAY_ALL = 7,
    VB_MAY_DIFFER = 8, /* of a page: reading or writing is not the same in all of it */
};

/** Where the CPU meets the board. All get ctx. */
struct vb_cpu_ports {
    void *ctx;
    /** What may be done in a page of VB_CPU_PAGE bytes, until vb_cpu_permissions_changed(); NULL: anything. */
    unsigned (*may)(void *ctx, uint32_t page, unsigned wants);
    /** In a page of RAM where that differs: what may be done with all of these bytes. */
    unsigned (*may_here)(void *ctx, uint32_t address, unsigned size);
    uint32_t (*load)(void *ctx, uint32_t address, unsigned size);
    void (*store)(void *ctx, uint32_t address, unsigned size, uint32_t value);
    /** A store to flash; it changes nothing by itself. pc: of the instruction. */
    void (*store_flash)(void *ctx, uint32_t address, unsigned size, uint32_t value);
    /** time has reached deadline, at the start of a block of instructions. Must move the deadline, or stop. */
    void (*tick)(void *ctx);
    /** The first instruction of a block within the watched range is about to run. */
    void (*watch)(void *ctx, uint32_t address);
    /** The instruction at a breakpoint is about to run: the run ends there, unless it has just begun there. */
    void (*broke)(void *ctx, uint32_t address);
    /** Each instruction, if tracing: see vb_cpu_trace(). */
    void (*step)(void *ctx, uint32_t address, uint32_t size);
    /** In its place, the first instruction of a block, if only blocks are traced: see vb_cpu_trace_blocks(). */
    void (*block)(void *ctx, uint32_t address);
};

struct vb_cpu_setup {
    bool armv8m;    /* Cortex-M33, else M4 */
    uint8_t *flash; /* of the caller, page aligned */
    uint32_t flash_base, flash_size;
    uint8_t *ram;
    uint32_t ram_base, ram_size;
    struct {
        uint32_t base, size; /* multiples of 4 KiB */
    } windows[VB_CPU_WINDOWS];
    struct vb_cpu_ports ports;
};

/** @return NULL if the emulator cannot be had; *why says the reason */
struct vb_cpu *vb_cpu_new(const struct vb_cpu_setup *setup, const char **why);
void vb_cpu_free(struct vb_cpu *cpu);

/** Registers as after power on; memory, time and translated code stay. */
void vb_cpu_reset(struct vb_cpu *cpu);

uint32_t vb_cpu_get(struct vb_cpu *cpu, enum vb_cpu_register reg);
void vb_cpu_set(struct vb_cpu *cpu, enum vb_cpu_register reg, uint32_t value);

/** Registers, time and what was counted, between two instructions; memory is the caller's. new: NULL if there is no
 * memory */
struct vb_cpu_state;
struct vb_cpu_state *vb_cpu_state_new(struct vb_cpu *cpu);
void vb_cpu_state_free(struct vb_cpu_state *state);
void vb_cpu_save(const struct vb_cpu *cpu, struct vb_cpu_state *out);
void vb_cpu_restore(struct vb_cpu *cpu, const struct vb_cpu_state *from);

/** Run from pc. */
struct vb_halted vb_cpu_run(struct vb_cpu *cpu, uint32_t pc);

/** Within a port: come back from vb_cpu_run(). After the instruction for load, store and store_flash; at once for tick
 * and watch; before it for step, but behind an IT block if it lies in one. */
void vb_cpu_stop(struct vb_cpu *cpu);

/** Bytes of flash changed: instructions that were translated are forgotten. */
void vb_cpu_flash_changed(struct vb_cpu *cpu, uint32_t off, uint32_t len);

/** Is flash, as the CPU sees it, a port from now on: loads and stores anywhere in it go to ports.load() and
 * ports.store(), and nothing can be executed from it? Else it is memory again. */
void vb_cpu_flash_is_port(struct vb_cpu *cpu, bool is_port);

/** ports.may() would answer differently than before. */
void vb_cpu_permissions_changed(struct vb_cpu *cpu);

/** Bytes of RAM changed, but not by the CPU. */
void vb_cpu_ram_changed(struct vb_cpu *cpu, uint32_t off, uint32_t len);

/** Time in ticks, and when ports.tick() is called. The board adds to it what buses and flash take. */
uint64_t *vb_cpu_time(struct vb_cpu *cpu);
void vb_cpu_set_deadline(struct vb_cpu *cpu, uint64_t deadline);
void vb_cpu_set_speed(struct vb_cpu *cpu, uint32_t ticks_per_instruction);
uint32_t vb_cpu_speed(const struct vb_cpu *cpu);

/** So many instructions do nothing but take their time. */
void vb_cpu_skip(struct vb_cpu *cpu, uint32_t count);

/** Instructions since the CPU was made, a block's at its start. */
uint64_t vb_cpu_instructions(const struct vb_cpu *cpu);

/** Instructions of the block that was entered last: within ports.watch, of that one. */
uint32_t vb_cpu_block_instructions(const struct vb_cpu *cpu);

/** Call ports.watch() for blocks in [base, base + size); size 0: for none. */
void vb_cpu_watch(struct vb_cpu *cpu, uint32_t base, uint32_t size);

/** Call ports.step() for instructions in [base, base + size); size 0: for none. Within it pc is exact in all ports. */
void vb_cpu_trace(struct vb_cpu *cpu, uint32_t base, uint32_t size);

/** From now on call ports.block() where blocks of what is traced begin, and not ports.step(): that is much quicker, and
 * vb_cpu_instructions() counts. false: ports.step() again. */
void vb_cpu_trace_blocks(struct vb_cpu *cpu, bool only);

/** The n-th breakpoint; address 0: none. Where a block of instructions begins: a function, what a call returns to. */
void vb_cpu_break(struct vb_cpu *cpu, unsigned n, uint32_t address);

/** The program counter, from within ports.store_flash or while tracing; elsewhere see vb_halted. */
uint32_t vb_cpu_pc(struct vb_cpu *cpu);

/** Bytes of the instruction whose first halfword this is. */
static inline unsigned vb_thumb_size(uint16_t first)
{
    return first >> 11 >= 0x1d ? 4 : 2;
}

#endif
