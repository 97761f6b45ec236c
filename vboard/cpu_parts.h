/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_CPU_PARTS_H
#define OUTBOARD_VBOARD_CPU_PARTS_H

#include "cpu.h"

#include <stddef.h>

#include <unicorn/unicorn.h>

/*
 * Unicorn 2.1.4, with what was found out by running it; tests/vboard/test_cpu.c holds each of these.
 *
 * - UC_MODE_MCLASS makes every CPU a Cortex-M33: the mode is THUMB and the model decides.
 * - A store into protected memory lands all the same if the memory was mapped protected: it is mapped open, then
 * closed.
 * - A store is slow for ever if its page may be executed, or if any memory hook covers its address: only the virtual
 * TLB can say that RAM is not executed from. Windows to devices are mapped as such and have no hook.
 * - Instructions that were translated stay until uc_ctl_remove_cache() names each page, first and last address
 * included.
 * - Registers survive: a context saved right after uc_open() is the only reset there is. One engine's context may be
 *   restored in another, but it has pointers that uc_close() frees: before that each gets one of its own back.
 * - The PC is exact in the hook of protected stores and after a run; in a device's callback it is stale.
 * - WFI ends a run without an error, WFE and YIELD as an invalid instruction, both with the PC behind.
 * - What is permitted is a page's. Of one that the MPU divides, RAM is reached through a device: as with other devices
 *   the instruction ends when its first access is forbidden, so its registers are taken back.
 */

#define PAGE VB_CPU_PAGE /* of Unicorn's Arm, which a block of instructions does not cross */
#define KEPT 15u         /* registers that an access may change before it is known to be forbidden: r0 to r12, SP, LR */
#define THUMB_STATE (1u << 24) /* of XPSR */
#define EXC_RETURN_PAGE 0xfffffc00u

#define UC_TRY(call)                     \
    do {                                 \
        uc_err failed_ = (call);         \
        if (failed_ != UC_ERR_OK) {      \
            return uc_strerror(failed_); \
        }                                \
    } while (0)

struct window {
    struct vb_cpu *cpu;
    uint32_t base;
};

/* Of a block of instructions that was executed; 0: none was. */
struct block_count {
    uint16_t size; /* bytes */
    uint16_t instructions;
};

/*
 * What is hooked is compiled into the blocks, and taking it out again would mean to compile all of them anew: one
 * engine runs, the other one traces. They share memory and take turns with the registers.
 */
enum engine { RUNS, TRACES, ENGINES };

struct vb_cpu {
    uc_engine *uc;               /* that has the registers now */
    uc_engine *engines[ENGINES]; /* NULL: nothing was traced yet */
    uc_context *fresh[ENGINES];
    uc_context *moving; /* registers, from one engine to the other */
    struct vb_cpu_setup setup;
    struct block_count *flash_counts; /* of the block that starts at this halfword */
    struct block_count *ram_counts;
    uint8_t *ram_code;   /* pages that were executed from */
    uint8_t *flash_open; /* pages of which it is known that they may be executed */
    uint8_t *ram_open;
    uint64_t time;
    uint64_t deadline;
    uint64_t instructions;
    uint32_t ticks_per_instruction;
    bool stopped;
    bool stopped_at_block;
    bool at_block;      /* a port is called at the start of a block */
    uint32_t interrupt; /* of the interrupt hook, + 1; 0: none */
    uint32_t fault_address;
    int denied;         /* VB_MAY_*: what was not permitted; 0: nothing */
    bool denied_within; /* ... in a part of a page: the instruction goes on, so registers are kept */
    uint32_t kept[KEPT];
    struct window windows[VB_CPU_WINDOWS];
    struct window port;
    bool flash_is_port;
    uint32_t watched_base, watched_size;
    uint32_t traced_base, traced_size;
    bool traces_blocks; /* only */
    uc_hook trace;
    uc_hook breaks[ENGINES][VB_CPU_BREAKS];
    uint32_t breaks_at[VB_CPU_BREAKS]; /* 0: none */
    uint64_t break_bits;               /* one for each of them: most instructions have another */
    uint32_t begun_at;                 /* where the run began */
    uint32_t block_at;                 /* the block that was entered last */
    uint32_t block_size;               /* bytes */
    uint32_t block_count;              /* instructions */
};

static inline bool vb_cpu_in_flash(const struct vb_cpu *cpu, uint64_t address)
{
    return address - cpu->setup.flash_base < cpu->setup.flash_size;
}

static inline bool vb_cpu_in_ram(const struct vb_cpu *cpu, uint64_t address)
{
    return address - cpu->setup.ram_base < cpu->setup.ram_size;
}

static inline uint16_t vb_cpu_half(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] | bytes[1] << 8);
}

/*
 * Code: asked for each page once, where its blocks are entered. Not in the virtual TLB: without a page that may be
 * executed there a store to flash would not come to its hook.
 */
bool vb_cpu_may_execute(struct vb_cpu *cpu, uint32_t address);

/** Instructions from..to were translated by any engine: they are forgotten. */
void vb_cpu_forget_code(struct vb_cpu *cpu, uint64_t from, uint64_t to);

/** Map memory, windows and ports of cpu->uc. @return NULL, or what the emulator objects to */
const char *vb_cpu_map(struct vb_cpu *cpu);

/** The registers as they were before the access that was denied within a page. */
void vb_cpu_take_back(struct vb_cpu *cpu);

enum vb_halt vb_cpu_why_interrupted(uint32_t number);
enum vb_halt vb_cpu_why_denied(int wanted);
enum vb_halt vb_cpu_why_failed(struct vb_cpu *cpu, uc_err err, uint32_t pc);

#endif
