/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "cpu.h"

#include <stdlib.h>
#include <string.h>

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
 * - Registers survive: a context saved right after uc_open() is the only reset there is.
 * - The PC is exact in the hook of protected stores and after a run; in a device's callback it is stale.
 * - WFI ends a run without an error, WFE and YIELD as an invalid instruction, both with the PC behind.
 * - What is permitted is a page's. Of one that the MPU divides, RAM is reached through a device: as with other devices
 *   the instruction ends when its first access is forbidden, so its registers are taken back.
 */

#define PAGE VB_CPU_PAGE /* of Unicorn's Arm, which a block of instructions does not cross */
#define BLOCK_BYTES PAGE /* so no block is longer */
#define EXCP_UDEF 1u     /* numbers of the interrupt hook: EXCP_* of target/arm/cpu.h */
#define EXCP_SVC 2u
#define EXCP_PREFETCH 3u
#define EXCP_DATA 4u
#define EXCP_BKPT 7u
#define EXCP_RETURN 8u
#define EXCP_NOCP 17u
#define EXCP_STATE 18u
#define EXCP_STACK 19u

#define HINT_YIELD 0xbf10u
#define HINT_WFE 0xbf20u
#define HINT_WFI 0xbf30u

#define THUMB_STATE (1u << 24) /* of XPSR */
#define IT_STATE 0x0600fc00u
#define EXC_RETURN_PAGE 0xfffffc00u
#define EXCEPTION_NUMBER 0x1ffu /* of XPSR */
#define NOWHERE 1u              /* no instruction is there */
#define PORT 0x100000000u       /* physical address of a page of the port that flash may be */
#define PORT_SIZE 4096u
#define DIVIDED 0x180000000u /* ... of RAM, for pages in which the MPU permits this here and that there */
#define KEPT 15u /* registers that an access may change before it is known to be forbidden: r0 to r12, SP, LR */

struct window {
    struct vb_cpu *cpu;
    uint32_t base;
};

struct vb_cpu {
    uc_engine *uc;
    uc_context *fresh;
    struct vb_cpu_setup setup;
    uint16_t *flash_counts; /* instructions of the block that starts at this halfword; 0: not counted yet */
    uint16_t *ram_counts;
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
    uc_hook trace;
    uc_hook breaks[VB_CPU_BREAKS];
    uint32_t breaks_at[VB_CPU_BREAKS]; /* 0: none */
    uint32_t begun_at;                 /* where the run began */
    uint32_t block_at;                 /* the block that was entered last */
    uint32_t block_size;               /* bytes */
    uint32_t block_count;              /* instructions */
};

struct vb_cpu_state {
    uc_context *context;
    uint64_t time, deadline, instructions;
};

static const int register_ids[VB_CPU_REGISTERS] = {
    UC_ARM_REG_R0,  UC_ARM_REG_R1,      UC_ARM_REG_R2,      UC_ARM_REG_R3,      UC_ARM_REG_R4,        UC_ARM_REG_R5,
    UC_ARM_REG_R6,  UC_ARM_REG_R7,      UC_ARM_REG_R8,      UC_ARM_REG_R9,      UC_ARM_REG_R10,       UC_ARM_REG_R11,
    UC_ARM_REG_R12, UC_ARM_REG_SP,      UC_ARM_REG_LR,      UC_ARM_REG_PC,      UC_ARM_REG_XPSR,      UC_ARM_REG_MSP,
    UC_ARM_REG_PSP, UC_ARM_REG_CONTROL, UC_ARM_REG_PRIMASK, UC_ARM_REG_BASEPRI, UC_ARM_REG_FAULTMASK,
};

/* ---- memory ---- */

static bool in_flash(const struct vb_cpu *cpu, uint64_t address)
{
    return address - cpu->setup.flash_base < cpu->setup.flash_size;
}

static bool in_ram(const struct vb_cpu *cpu, uint64_t address)
{
    return address - cpu->setup.ram_base < cpu->setup.ram_size;
}

/*
 * Before hooks of data accesses Unicorn works out the CPU's state at the instruction, IT block included, and leaves
 * that behind: the next block of code would begin as if it were within it, and skip instructions.
 */
static void forget_it_block(struct vb_cpu *cpu)
{
    uint32_t xpsr = vb_cpu_get(cpu, VB_XPSR);

    if ((xpsr & IT_STATE) != 0) {
        vb_cpu_set(cpu, VB_XPSR, xpsr & ~IT_STATE);
    }
}

_Static_assert((int)VB_MAY_READ == (int)UC_PROT_READ && (int)VB_MAY_WRITE == (int)UC_PROT_WRITE,
               "permissions are Unicorn's");

static unsigned may(const struct vb_cpu *cpu, uint32_t address, unsigned wants)
{
    const struct vb_cpu_ports *ports = &cpu->setup.ports;

    return ports->may == NULL ? VB_MAY_ALL : ports->may(ports->ctx, address & ~(PAGE - 1), wants);
}

/* Data: what is there says what can be done at all, the board what may be. */
static bool is_permitted(struct vb_cpu *cpu, uint32_t address, uc_mem_type type, uc_tlb_entry *entry)
{
    const int wants = type == UC_MEM_WRITE ? VB_MAY_WRITE : VB_MAY_READ;

    const unsigned allowed = may(cpu, address, (unsigned)wants);

    entry->perms &= (int)allowed | UC_PROT_EXEC;
    if ((allowed & VB_MAY_DIFFER) != 0 && in_ram(cpu, address)) {
        entry->paddr = DIVIDED + (entry->paddr - cpu->setup.ram_base);
        entry->perms = UC_PROT_READ | UC_PROT_WRITE;
        return true;
    }
    if ((entry->perms & wants) == 0) {
        cpu->fault_address = address;
        cpu->denied = wants;
        return false;
    }
    return true;
}

/*
 * Code: asked for each page once, where its blocks are entered. Not in the virtual TLB: without a page that may be
 * executed there a store to flash would not come to its hook.
 */
static bool may_execute(struct vb_cpu *cpu, uint32_t address)
{
    bool flash = in_flash(cpu, address);
    if (!flash && !in_ram(cpu, address)) {
        return true;
    }
    uint8_t *asked = flash ? &cpu->flash_open[(address - cpu->setup.flash_base) / PAGE]
                           : &cpu->ram_open[(address - cpu->setup.ram_base) / PAGE];
    if (*asked == 0 && (may(cpu, address, VB_MAY_EXECUTE) & VB_MAY_EXECUTE) != 0) {
        *asked = 1;
    }
    return *asked != 0;
}

static bool fill_tlb(uc_engine *uc, uint64_t address, uc_mem_type type, uc_tlb_entry *entry, void *user)
{
    struct vb_cpu *cpu = user;
    bool fetch = type == UC_MEM_FETCH;

    (void)uc;
    if (!fetch) { /* code goes on where an IT block reaches into the next page: it is still within it */
        forget_it_block(cpu);
    }
    entry->paddr = address & ~(uint64_t)(PAGE - 1);
    entry->perms = UC_PROT_READ | UC_PROT_WRITE;
    if (in_flash(cpu, address) && cpu->flash_is_port) {
        entry->paddr = PORT;
        return !fetch;
    }
    if (in_flash(cpu, address)) {
        entry->perms = UC_PROT_ALL; /* the mapping protects it */
    } else if (in_ram(cpu, address)) {
        uint8_t *code = &cpu->ram_code[(address - cpu->setup.ram_base) / PAGE];
        *code |= fetch;
        entry->perms = *code != 0 ? UC_PROT_ALL : UC_PROT_READ | UC_PROT_WRITE;
    } else if (fetch) {
        entry->perms = UC_PROT_READ | UC_PROT_EXEC;
        return address >= EXC_RETURN_PAGE; /* where exceptions return to */
    }
    return fetch || is_permitted(cpu, (uint32_t)address, type, entry);
}

/* ---- where the CPU meets the board ---- */

static uint64_t load(uc_engine *uc, uint64_t offset, unsigned size, void *user)
{
    const struct window *window = user;
    const struct vb_cpu_ports *ports = &window->cpu->setup.ports;

    (void)uc;
    return ports->load(ports->ctx, window->base + (uint32_t)offset, size);
}

static void store(uc_engine *uc, uint64_t offset, unsigned size, uint64_t value, void *user)
{
    const struct window *window = user;
    const struct vb_cpu_ports *ports = &window->cpu->setup.ports;

    (void)uc;
    ports->store(ports->ctx, window->base + (uint32_t)offset, size, (uint32_t)value);
}

/* ---- pages that the MPU divides ---- */

/* The first access that is forbidden ends the run behind its instruction, of which nothing more happens. */
static bool is_permitted_here(struct vb_cpu *cpu, uint32_t address, unsigned size, int wants)
{
    const struct vb_cpu_ports *ports = &cpu->setup.ports;

    if (cpu->denied == 0 && (ports->may_here(ports->ctx, address, size) & (unsigned)wants) == 0) {
        cpu->fault_address = address;
        cpu->denied = wants;
        cpu->denied_within = true;
        for (unsigned i = 0; i < KEPT; i++) {
            cpu->kept[i] = vb_cpu_get(cpu, (enum vb_cpu_register)i);
        }
        vb_cpu_stop(cpu);
    }
    return cpu->denied == 0;
}

static uint64_t load_divided(uc_engine *uc, uint64_t offset, unsigned size, void *user)
{
    struct vb_cpu *cpu = user;
    uint64_t value = 0;

    (void)uc;
    if (is_permitted_here(cpu, cpu->setup.ram_base + (uint32_t)offset, size, VB_MAY_READ)) {
        memcpy(&value, cpu->setup.ram + offset, size); /* both are little endian */
    }
    return value;
}

static void store_divided(uc_engine *uc, uint64_t offset, unsigned size, uint64_t value, void *user)
{
    struct vb_cpu *cpu = user;

    (void)uc;
    if (is_permitted_here(cpu, cpu->setup.ram_base + (uint32_t)offset, size, VB_MAY_WRITE)) {
        memcpy(cpu->setup.ram + offset, &value, size);
    }
}

static void take_back(struct vb_cpu *cpu)
{
    for (unsigned i = 0; i < KEPT; i++) {
        vb_cpu_set(cpu, (enum vb_cpu_register)i, cpu->kept[i]);
    }
}

/* Returning true without having opened the memory drops the store. */
static bool store_flash(uc_engine *uc, uc_mem_type type, uint64_t address, int size, int64_t value, void *user)
{
    struct vb_cpu *cpu = user;

    (void)uc;
    (void)type;
    forget_it_block(cpu);
    cpu->setup.ports.store_flash(cpu->setup.ports.ctx, (uint32_t)address, (unsigned)size, (uint32_t)value);
    return true;
}

static bool no_memory(uc_engine *uc, uc_mem_type type, uint64_t address, int size, int64_t value, void *user)
{
    struct vb_cpu *cpu = user;

    (void)uc;
    (void)type;
    (void)size;
    (void)value;
    cpu->fault_address = (uint32_t)address;
    return false;
}

static void interrupt(uc_engine *uc, uint32_t number, void *user)
{
    struct vb_cpu *cpu = user;

    cpu->interrupt = number + 1;
    uc_emu_stop(uc);
}

static uint16_t half(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static uint16_t count_instructions(const uint8_t *code, uint32_t size)
{
    uint16_t count = 0;

    for (uint32_t at = 0; at < size; at += vb_thumb_size(half(code + at))) {
        count++;
    }
    return count;
}

/* Blocks are cut the same way in every run, so what was counted once holds until the code changes. */
static uint32_t block_instructions(struct vb_cpu *cpu, uint32_t address, uint32_t size)
{
    uint32_t off = address - (in_flash(cpu, address) ? cpu->setup.flash_base : cpu->setup.ram_base);
    uint16_t *count = (in_flash(cpu, address) ? cpu->flash_counts : cpu->ram_counts) + off / 2;

    if (*count == 0) {
        *count = count_instructions((in_flash(cpu, address) ? cpu->setup.flash : cpu->setup.ram) + off, size);
    }
    return *count;
}

/* The one hook of blocks: of a second one each block would pay for finding out which of them it is for. */
static void enter_block(uc_engine *uc, uint64_t address, uint32_t size, void *user)
{
    struct vb_cpu *cpu = user;
    uint32_t count = block_instructions(cpu, (uint32_t)address, size);

    if (cpu->time >= cpu->deadline) {
        cpu->at_block = true;
        cpu->setup.ports.tick(cpu->setup.ports.ctx);
        cpu->at_block = false;
        if (cpu->stopped) {
            return;
        }
    }
    if (!may_execute(cpu, (uint32_t)address)) {
        cpu->denied = VB_MAY_EXECUTE;
        cpu->stopped = true;
        uc_emu_stop(uc);
        return;
    }
    cpu->time += count * cpu->ticks_per_instruction;
    cpu->instructions += count;
    cpu->block_at = (uint32_t)address;
    cpu->block_size = size;
    cpu->block_count = count;
    if ((uint32_t)address - cpu->watched_base < cpu->watched_size) {
        cpu->at_block = true;
        cpu->setup.ports.watch(cpu->setup.ports.ctx, (uint32_t)address);
        cpu->at_block = false;
    }
}

/* The block was counted as a whole when it was entered, and will be counted from here on again. */
static void take_back_rest(struct vb_cpu *cpu, uint32_t address)
{
    uint32_t gone = address - cpu->block_at;

    if (gone < cpu->block_size && (in_flash(cpu, address) || in_ram(cpu, address))) {
        const uint8_t *code = in_flash(cpu, address) ? cpu->setup.flash + (address - cpu->setup.flash_base)
                                                     : cpu->setup.ram + (address - cpu->setup.ram_base);
        uint32_t count = count_instructions(code, cpu->block_size - gone);
        cpu->time -= count * cpu->ticks_per_instruction;
        cpu->instructions -= count;
    }
}

/* The block was counted when it was entered; it is entered again when the run goes on. */
static void stop_at_break(uc_engine *uc, uint64_t address, uint32_t size, void *user)
{
    struct vb_cpu *cpu = user;

    (void)uc;
    (void)size;
    if (cpu->stopped) {
        return;
    }
    if ((uint32_t)address == cpu->begun_at) {
        cpu->begun_at = NOWHERE;
        return;
    }
    cpu->time -= cpu->block_count * cpu->ticks_per_instruction;
    cpu->instructions -= cpu->block_count;
    cpu->at_block = true;
    cpu->setup.ports.broke(cpu->setup.ports.ctx, (uint32_t)address);
    vb_cpu_stop(cpu);
    cpu->at_block = false;
}

static void step(uc_engine *uc, uint64_t address, uint32_t size, void *user)
{
    struct vb_cpu *cpu = user;

    if (cpu->stopped) {
        uc_emu_stop(uc); /* it is still running: in an IT block, or the first time was not noticed */
    } else {
        cpu->setup.ports.step(cpu->setup.ports.ctx, (uint32_t)address, size);
        if (cpu->stopped) {
            take_back_rest(cpu, (uint32_t)address);
        }
    }
}

/* ---- making one ---- */

#define UC_TRY(call)                     \
    do {                                 \
        uc_err failed_ = (call);         \
        if (failed_ != UC_ERR_OK) {      \
            return uc_strerror(failed_); \
        }                                \
    } while (0)

/* What is mapped and begins next, at start or above it; at the end of all addresses if nothing does. */
static void next_mapped(const struct vb_cpu_setup *setup, uint64_t start, uint64_t *base, uint64_t *size)
{
    const struct {
        uint32_t base, size;
    } memories[] = {{setup->flash_base, setup->flash_size}, {setup->ram_base, setup->ram_size}};

    *base = (uint64_t)1 << 32;
    *size = 0;
    for (unsigned i = 0; i < sizeof(memories) / sizeof(memories[0]); i++) {
        if (memories[i].base >= start && memories[i].base < *base) {
            *base = memories[i].base;
            *size = memories[i].size;
        }
    }
    for (unsigned i = 0; i < VB_CPU_WINDOWS && setup->windows[i].size != 0; i++) {
        if (setup->windows[i].base >= start && setup->windows[i].base < *base) {
            *base = setup->windows[i].base;
            *size = setup->windows[i].size;
        }
    }
}

/* Hooks of what is not mapped: in the gaps only, because a hook over all of the memory makes all of it slow. */
static const char *hook_gaps(struct vb_cpu *cpu)
{
    uint64_t base;
    uint64_t size;
    uc_hook hook;

    for (uint64_t start = 0; start >> 32 == 0; start = base + size) {
        next_mapped(&cpu->setup, start, &base, &size);
        if (base > start) {
            UC_TRY(uc_hook_add(cpu->uc, &hook, UC_HOOK_MEM_UNMAPPED, no_memory, cpu, start, base - 1));
        }
    }
    return NULL;
}

static const char *map(struct vb_cpu *cpu)
{
    const struct vb_cpu_setup *setup = &cpu->setup;

    UC_TRY(uc_mem_map_ptr(cpu->uc, setup->flash_base, setup->flash_size, UC_PROT_ALL, setup->flash));
    UC_TRY(uc_mem_protect(cpu->uc, setup->flash_base, setup->flash_size, UC_PROT_READ | UC_PROT_EXEC));
    UC_TRY(uc_mem_map_ptr(cpu->uc, setup->ram_base, setup->ram_size, UC_PROT_ALL, setup->ram));
    cpu->port = (struct window){.cpu = cpu, .base = setup->flash_base};
    UC_TRY(uc_mmio_map(cpu->uc, PORT, PORT_SIZE, load, &cpu->port, store, &cpu->port));
    UC_TRY(uc_mmio_map(cpu->uc, DIVIDED, setup->ram_size, load_divided, cpu, store_divided, cpu));
    for (unsigned i = 0; i < VB_CPU_WINDOWS && setup->windows[i].size != 0; i++) {
        cpu->windows[i] = (struct window){.cpu = cpu, .base = setup->windows[i].base};
        UC_TRY(uc_mmio_map(cpu->uc, setup->windows[i].base, setup->windows[i].size, load, &cpu->windows[i], store,
                           &cpu->windows[i]));
    }
    return NULL;
}

static const char *hook(struct vb_cpu *cpu)
{
    uc_hook added;
    uint64_t first = cpu->setup.flash_base;
    uint64_t last = first + cpu->setup.flash_size - 1;

    UC_TRY(uc_ctl_tlb_mode(cpu->uc, UC_TLB_VIRTUAL));
    UC_TRY(uc_hook_add(cpu->uc, &added, UC_HOOK_TLB_FILL, fill_tlb, cpu, 1, 0));
    UC_TRY(uc_hook_add(cpu->uc, &added, UC_HOOK_MEM_WRITE_PROT, store_flash, cpu, first, last));
    UC_TRY(uc_hook_add(cpu->uc, &added, UC_HOOK_INTR, interrupt, cpu, 1, 0));
    UC_TRY(uc_hook_add(cpu->uc, &added, UC_HOOK_BLOCK, enter_block, cpu, 1, 0));
    return hook_gaps(cpu);
}

static const char *open_engine(struct vb_cpu *cpu)
{
    UC_TRY(uc_open(UC_ARCH_ARM, UC_MODE_THUMB, &cpu->uc));
    UC_TRY(uc_ctl_set_cpu_model(cpu->uc, cpu->setup.armv8m ? UC_CPU_ARM_CORTEX_M33 : UC_CPU_ARM_CORTEX_M4));
    UC_TRY(uc_context_alloc(cpu->uc, &cpu->fresh));
    UC_TRY(uc_context_save(cpu->uc, cpu->fresh));
    const char *why = map(cpu);
    return why != NULL ? why : hook(cpu);
}

struct vb_cpu *vb_cpu_new(const struct vb_cpu_setup *setup, const char **why)
{
    struct vb_cpu *cpu = calloc(1, sizeof(*cpu));

    if (cpu == NULL) {
        *why = "out of memory";
        return NULL;
    }
    cpu->setup = *setup;
    cpu->deadline = UINT64_MAX;
    cpu->ticks_per_instruction = 2;
    cpu->flash_counts = calloc(setup->flash_size / 2, sizeof(*cpu->flash_counts));
    cpu->ram_counts = calloc(setup->ram_size / 2, sizeof(*cpu->ram_counts));
    cpu->ram_code = calloc(setup->ram_size / PAGE, 1);
    cpu->flash_open = calloc(setup->flash_size / PAGE, 1);
    cpu->ram_open = calloc(setup->ram_size / PAGE, 1);
    bool room = cpu->flash_counts != NULL && cpu->ram_counts != NULL && cpu->ram_code != NULL;
    *why = room && cpu->flash_open != NULL && cpu->ram_open != NULL ? open_engine(cpu) : "out of memory";
    if (*why != NULL) {
        vb_cpu_free(cpu);
        return NULL;
    }
    return cpu;
}

void vb_cpu_free(struct vb_cpu *cpu)
{
    if (cpu == NULL) {
        return;
    }
    if (cpu->fresh != NULL) {
        uc_context_free(cpu->fresh);
    }
    if (cpu->uc != NULL) {
        uc_close(cpu->uc);
    }
    free(cpu->flash_counts);
    free(cpu->ram_counts);
    free(cpu->ram_code);
    free(cpu->flash_open);
    free(cpu->ram_open);
    free(cpu);
}

/* ---- registers ---- */

void vb_cpu_reset(struct vb_cpu *cpu)
{
    uc_context_restore(cpu->uc, cpu->fresh);
    vb_cpu_set(cpu, VB_XPSR, THUMB_STATE); /* a fresh engine reads as if it were not in Thumb state */
}

uint32_t vb_cpu_get(struct vb_cpu *cpu, enum vb_cpu_register reg)
{
    uint32_t value = 0;

    uc_reg_read(cpu->uc, register_ids[reg], &value);
    return value;
}

void vb_cpu_set(struct vb_cpu *cpu, enum vb_cpu_register reg, uint32_t value)
{
    uc_reg_write(cpu->uc, register_ids[reg], &value);
}

uint32_t vb_cpu_pc(struct vb_cpu *cpu)
{
    return vb_cpu_get(cpu, VB_PC);
}

struct vb_cpu_state *vb_cpu_state_new(struct vb_cpu *cpu)
{
    struct vb_cpu_state *state = calloc(1, sizeof(*state));

    if (state == NULL || uc_context_alloc(cpu->uc, &state->context) != UC_ERR_OK) {
        free(state);
        return NULL;
    }
    return state;
}

void vb_cpu_state_free(struct vb_cpu_state *state)
{
    if (state != NULL) {
        uc_context_free(state->context);
        free(state);
    }
}

void vb_cpu_save(const struct vb_cpu *cpu, struct vb_cpu_state *out)
{
    uc_context_save(cpu->uc, out->context);
    out->time = cpu->time;
    out->deadline = cpu->deadline;
    out->instructions = cpu->instructions;
}

void vb_cpu_restore(struct vb_cpu *cpu, const struct vb_cpu_state *from)
{
    uc_context_restore(cpu->uc, from->context);
    cpu->time = from->time;
    cpu->deadline = from->deadline;
    cpu->instructions = from->instructions;
}

/* ---- running ---- */

static uint16_t half_before(const struct vb_cpu *cpu, uint32_t pc)
{
    const uint32_t address = pc - 2;

    if (in_flash(cpu, address)) {
        return half(cpu->setup.flash + (address - cpu->setup.flash_base));
    }
    return in_ram(cpu, address) ? half(cpu->setup.ram + (address - cpu->setup.ram_base)) : 0;
}

static enum vb_halt why_interrupted(uint32_t number)
{
    switch (number) {
    case EXCP_SVC:
        return VB_HALT_SVC;
    case EXCP_RETURN:
        return VB_HALT_RETURN;
    case EXCP_BKPT:
        return VB_HALT_BKPT;
    case EXCP_PREFETCH:
        return VB_HALT_FETCH;
    case EXCP_DATA:
        return VB_HALT_READ;
    case EXCP_UDEF:
        return VB_HALT_UNDEFINED;
    case EXCP_NOCP:
        return VB_HALT_COPROCESSOR;
    case EXCP_STATE:
        return VB_HALT_STATE;
    case EXCP_STACK:
        return VB_HALT_STACK;
    default:
        return VB_HALT_BROKEN;
    }
}

static enum vb_halt why_invalid(struct vb_cpu *cpu, uint32_t pc)
{
    if ((vb_cpu_get(cpu, VB_XPSR) & THUMB_STATE) == 0) {
        return VB_HALT_STATE; /* a branch to an even address */
    }
    switch (half_before(cpu, pc)) {
    case HINT_WFE:
        return VB_HALT_WFE;
    case HINT_YIELD:
        return VB_HALT_YIELD;
    default:
        return VB_HALT_UNDEFINED;
    }
}

static enum vb_halt why_denied(int wanted)
{
    return wanted == VB_MAY_EXECUTE ? VB_HALT_FETCH : wanted == VB_MAY_WRITE ? VB_HALT_WRITE : VB_HALT_READ;
}

static enum vb_halt why_failed(struct vb_cpu *cpu, uc_err err, uint32_t pc)
{
    if (pc >= EXC_RETURN_PAGE && (vb_cpu_get(cpu, VB_XPSR) & EXCEPTION_NUMBER) != 0) {
        return VB_HALT_RETURN; /* the emulator does not always know that it is in a handler, and branched there */
    }
    switch (err) {
    case UC_ERR_OK: /* nothing but WFI ends a run by itself; vb_cpu_run() ends none at an address */
        return half_before(cpu, pc) == HINT_WFI ? VB_HALT_WFI : VB_HALT_BROKEN;
    case UC_ERR_READ_UNMAPPED:
    case UC_ERR_READ_PROT:
        return VB_HALT_READ;
    case UC_ERR_WRITE_UNMAPPED:
    case UC_ERR_WRITE_PROT:
        return VB_HALT_WRITE;
    case UC_ERR_FETCH_UNMAPPED:
    case UC_ERR_FETCH_PROT:
        return VB_HALT_FETCH;
    case UC_ERR_INSN_INVALID:
        return why_invalid(cpu, pc);
    case UC_ERR_EXCEPTION:
        return in_flash(cpu, pc) || in_ram(cpu, pc) ? VB_HALT_BROKEN : VB_HALT_FETCH;
    default:
        return VB_HALT_BROKEN;
    }
}

struct vb_halted vb_cpu_run(struct vb_cpu *cpu, uint32_t pc)
{
    struct vb_halted halted = {.text = ""};

    cpu->stopped = false;
    cpu->stopped_at_block = false;
    cpu->interrupt = 0;
    cpu->fault_address = 0;
    cpu->denied = 0;
    cpu->denied_within = false;
    cpu->begun_at = pc & ~1u;
    /* A run must end somewhere: at address 0, where the vector table is and no instruction. */
    uc_err err = uc_emu_start(cpu->uc, pc | 1u, 0, 0, 0);
    halted.pc = vb_cpu_get(cpu, VB_PC);
    halted.address = cpu->fault_address;
    if (cpu->denied_within) {
        take_back(cpu);
    }
    if (cpu->denied != 0) {
        halted.why = why_denied(cpu->denied);
    } else if (cpu->stopped) {
        halted.why = cpu->stopped_at_block ? VB_HALT_BLOCK : VB_HALT_ASKED;
    } else if (cpu->interrupt != 0) {
        halted.why = why_interrupted(cpu->interrupt - 1);
    } else {
        halted.why = why_failed(cpu, err, halted.pc);
        halted.text = err == UC_ERR_OK ? "the run ended" : uc_strerror(err);
    }
    return halted;
}

void vb_cpu_stop(struct vb_cpu *cpu)
{
    if (!cpu->stopped) {
        cpu->stopped = true;
        cpu->stopped_at_block = cpu->at_block;
        uc_emu_stop(cpu->uc);
    }
}

void vb_cpu_flash_changed(struct vb_cpu *cpu, uint32_t off, uint32_t len)
{
    uint32_t first = off < BLOCK_BYTES ? 0 : off - BLOCK_BYTES;

    uint64_t address = (uint64_t)cpu->setup.flash_base + off;

    uc_ctl_remove_cache(cpu->uc, address, address + len);
    memset(cpu->flash_counts + first / 2, 0, (off + len - first + 1) / 2 * sizeof(*cpu->flash_counts));
}

void vb_cpu_flash_is_port(struct vb_cpu *cpu, bool is_port)
{
    if (cpu->flash_is_port != is_port) {
        cpu->flash_is_port = is_port;
        uc_ctl_flush_tlb(cpu->uc);
    }
}

void vb_cpu_permissions_changed(struct vb_cpu *cpu)
{
    memset(cpu->flash_open, 0, cpu->setup.flash_size / PAGE);
    memset(cpu->ram_open, 0, cpu->setup.ram_size / PAGE);
    uc_ctl_flush_tlb(cpu->uc);
}

void vb_cpu_ram_changed(struct vb_cpu *cpu, uint32_t off, uint32_t len)
{
    const uint64_t base = cpu->setup.ram_base;

    for (uint32_t page = off / PAGE; len != 0 && page <= (off + len - 1) / PAGE; page++) {
        if (cpu->ram_code[page] != 0) {
            uc_ctl_remove_cache(cpu->uc, base + page * PAGE, base + (page + 1) * PAGE);
        }
    }
}

/* ---- time ---- */

uint64_t *vb_cpu_time(struct vb_cpu *cpu)
{
    return &cpu->time;
}

void vb_cpu_set_deadline(struct vb_cpu *cpu, uint64_t deadline)
{
    cpu->deadline = deadline;
}

void vb_cpu_set_speed(struct vb_cpu *cpu, uint32_t ticks_per_instruction)
{
    cpu->ticks_per_instruction = ticks_per_instruction;
}

uint32_t vb_cpu_speed(const struct vb_cpu *cpu)
{
    return cpu->ticks_per_instruction;
}

uint64_t vb_cpu_instructions(const struct vb_cpu *cpu)
{
    return cpu->instructions;
}

void vb_cpu_skip(struct vb_cpu *cpu, uint32_t count)
{
    cpu->time += (uint64_t)count * cpu->ticks_per_instruction;
    cpu->instructions += count;
}

uint32_t vb_cpu_block_instructions(const struct vb_cpu *cpu)
{
    return cpu->block_count;
}

/* ---- watching ---- */

/* Hooks are compiled into the blocks: the caller forgets those that there are. */
static void hook_code(struct vb_cpu *cpu, uc_hook *handle, void *function, uint32_t base, uint32_t size)
{
    if (*handle != 0) {
        uc_hook_del(cpu->uc, *handle);
        *handle = 0;
    }
    if (size != 0) {
        uc_hook_add(cpu->uc, handle, UC_HOOK_CODE, function, cpu, (uint64_t)base, (uint64_t)base + size - 1);
    }
}

void vb_cpu_watch(struct vb_cpu *cpu, uint32_t base, uint32_t size)
{
    cpu->watched_base = base;
    cpu->watched_size = size;
}

void vb_cpu_trace(struct vb_cpu *cpu, uint32_t base, uint32_t size)
{
    hook_code(cpu, &cpu->trace, (void *)step, base, size);
    uc_ctl_flush_tb(cpu->uc);
}

void vb_cpu_break(struct vb_cpu *cpu, unsigned n, uint32_t address)
{
    const uint32_t before = cpu->breaks_at[n];

    hook_code(cpu, &cpu->breaks[n], (void *)stop_at_break, address, address == 0 ? 0 : 1);
    cpu->breaks_at[n] = address;
    uc_ctl_remove_cache(cpu->uc, address, address + 2);
    uc_ctl_remove_cache(cpu->uc, before, before + 2);
}
