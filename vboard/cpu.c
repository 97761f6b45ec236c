/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "cpu_parts.h"

#include <stdlib.h>

#define NOWHERE 1u /* no instruction is there */

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

/* ---- blocks of instructions ---- */

static void interrupt(uc_engine *uc, uint32_t number, void *user)
{
    struct vb_cpu *cpu = user;

    cpu->interrupt = number + 1;
    uc_emu_stop(uc);
}

static uint16_t count_instructions(const uint8_t *code, uint32_t size)
{
    uint16_t count = 0;

    for (uint32_t at = 0; at < size; at += vb_thumb_size(vb_cpu_half(code + at))) {
        count++;
    }
    return count;
}

/* What was counted once holds until the code changes, or the block that starts there ends elsewhere: Unicorn cuts long
 * ones as it has room. */
static uint32_t block_instructions(struct vb_cpu *cpu, uint32_t address, uint32_t size)
{
    uint32_t off = address - (vb_cpu_in_flash(cpu, address) ? cpu->setup.flash_base : cpu->setup.ram_base);
    struct block_count *known = (vb_cpu_in_flash(cpu, address) ? cpu->flash_counts : cpu->ram_counts) + off / 2;

    if (known->size != size) {
        const uint8_t *code = (vb_cpu_in_flash(cpu, address) ? cpu->setup.flash : cpu->setup.ram) + off;
        *known = (struct block_count){.size = (uint16_t)size, .instructions = (uint16_t)count_instructions(code, size)};
    }
    return known->instructions;
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
    if (!vb_cpu_may_execute(cpu, (uint32_t)address)) {
        cpu->denied = VB_MAY_EXECUTE;
        cpu->stopped = true;
        uc_emu_stop(uc);
        return;
    }
    if (cpu->traces_blocks && (uint32_t)address - cpu->traced_base < cpu->traced_size) {
        cpu->at_block = true;
        cpu->setup.ports.block(cpu->setup.ports.ctx, (uint32_t)address);
        cpu->at_block = false;
        if (cpu->stopped) {
            return;
        }
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

    if (gone < cpu->block_size && (vb_cpu_in_flash(cpu, address) || vb_cpu_in_ram(cpu, address))) {
        const uint8_t *code = vb_cpu_in_flash(cpu, address) ? cpu->setup.flash + (address - cpu->setup.flash_base)
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

static uint64_t break_bit(uint32_t address)
{
    return 1ull << (address / 2 % 64);
}

static bool is_break(const struct vb_cpu *cpu, uint32_t address)
{
    for (unsigned n = 0; (cpu->break_bits & break_bit(address)) != 0 && n < VB_CPU_BREAKS; n++) {
        if (cpu->breaks_at[n] == address) {
            return true;
        }
    }
    return false;
}

/* The one hook of what is traced, breakpoints included: a second one would cost each instruction as much again. */
static void step(uc_engine *uc, uint64_t address, uint32_t size, void *user)
{
    struct vb_cpu *cpu = user;

    if (is_break(cpu, (uint32_t)address)) {
        stop_at_break(uc, address, size, user);
    }
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

static const char *hook(struct vb_cpu *cpu)
{
    uc_hook added;

    UC_TRY(uc_hook_add(cpu->uc, &added, UC_HOOK_INTR, interrupt, cpu, 1, 0));
    UC_TRY(uc_hook_add(cpu->uc, &added, UC_HOOK_BLOCK, enter_block, cpu, 1, 0));
    return NULL;
}

/* It has the registers now, as after power on. */
static const char *open_engine(struct vb_cpu *cpu, enum engine engine)
{
    UC_TRY(uc_open(UC_ARCH_ARM, UC_MODE_THUMB, &cpu->engines[engine]));
    cpu->uc = cpu->engines[engine];
    UC_TRY(uc_ctl_set_cpu_model(cpu->uc, cpu->setup.armv8m ? UC_CPU_ARM_CORTEX_M33 : UC_CPU_ARM_CORTEX_M4));
    UC_TRY(uc_context_alloc(cpu->uc, &cpu->fresh[engine]));
    UC_TRY(uc_context_save(cpu->uc, cpu->fresh[engine]));
    const char *why = vb_cpu_map(cpu);
    return why != NULL ? why : hook(cpu);
}

static const char *open_first(struct vb_cpu *cpu)
{
    const char *why = open_engine(cpu, RUNS);

    if (why == NULL) {
        UC_TRY(uc_context_alloc(cpu->uc, &cpu->moving));
    }
    return why;
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
    *why = room && cpu->flash_open != NULL && cpu->ram_open != NULL ? open_first(cpu) : "out of memory";
    if (*why != NULL) {
        vb_cpu_free(cpu);
        return NULL;
    }
    return cpu;
}

static void close_engine(struct vb_cpu *cpu, enum engine engine)
{
    if (cpu->fresh[engine] != NULL) {
        uc_context_restore(cpu->engines[engine], cpu->fresh[engine]);
        uc_context_free(cpu->fresh[engine]);
    }
    if (cpu->engines[engine] != NULL) {
        uc_close(cpu->engines[engine]);
    }
}

void vb_cpu_free(struct vb_cpu *cpu)
{
    if (cpu == NULL) {
        return;
    }
    for (unsigned engine = 0; engine < ENGINES; engine++) {
        close_engine(cpu, engine);
    }
    if (cpu->moving != NULL) {
        uc_context_free(cpu->moving);
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
    uc_context_restore(cpu->uc, cpu->fresh[RUNS]);
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
        vb_cpu_take_back(cpu);
    }
    if (cpu->denied != 0) {
        halted.why = vb_cpu_why_denied(cpu->denied);
    } else if (cpu->stopped) {
        halted.why = cpu->stopped_at_block ? VB_HALT_BLOCK : VB_HALT_ASKED;
    } else if (cpu->interrupt != 0) {
        halted.why = vb_cpu_why_interrupted(cpu->interrupt - 1);
    } else {
        halted.why = vb_cpu_why_failed(cpu, err, halted.pc);
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

/* What the other engine wrote to RAM this one has not seen. */
static void hand_over(struct vb_cpu *cpu, enum engine engine)
{
    if (cpu->uc != cpu->engines[engine]) {
        uc_context_save(cpu->uc, cpu->moving);
        cpu->uc = cpu->engines[engine];
        uc_context_restore(cpu->uc, cpu->moving);
        vb_cpu_ram_changed(cpu, 0, cpu->setup.ram_size);
    }
}

static void open_second(struct vb_cpu *cpu)
{
    uc_context_save(cpu->uc, cpu->moving);
    if (open_engine(cpu, TRACES) != NULL) {
        abort(); /* as the first one could be had, there is no memory */
    }
    uc_context_restore(cpu->uc, cpu->moving);
}

/* Hooks are compiled into the blocks: the caller forgets those that there are. */
static void hook_code(struct vb_cpu *cpu, enum engine engine, uc_hook *handle, void *function, uint32_t base,
                      uint32_t size)
{
    uc_engine *uc = cpu->engines[engine];

    if (*handle != 0) {
        uc_hook_del(uc, *handle);
        *handle = 0;
    }
    if (size != 0) {
        uc_hook_add(uc, handle, UC_HOOK_CODE, function, cpu, (uint64_t)base, (uint64_t)base + size - 1);
    }
}

void vb_cpu_watch(struct vb_cpu *cpu, uint32_t base, uint32_t size)
{
    cpu->watched_base = base;
    cpu->watched_size = size;
}

static void hook_break(struct vb_cpu *cpu, unsigned n)
{
    const uint32_t address = cpu->breaks_at[n];

    for (unsigned engine = 0; engine < ENGINES && cpu->engines[engine] != NULL; engine++) {
        bool steps = engine == TRACES && address - cpu->traced_base < cpu->traced_size;
        hook_code(cpu, engine, &cpu->breaks[engine][n], (void *)stop_at_break, address, address != 0 && !steps ? 1 : 0);
    }
}

void vb_cpu_trace(struct vb_cpu *cpu, uint32_t base, uint32_t size)
{
    cpu->traced_base = base;
    cpu->traced_size = size;
    cpu->traces_blocks = false;
    if (size == 0) {
        hand_over(cpu, RUNS);
        return;
    }
    if (cpu->engines[TRACES] == NULL) {
        open_second(cpu);
    }
    hook_code(cpu, TRACES, &cpu->trace, (void *)step, base, size);
    for (unsigned n = 0; n < VB_CPU_BREAKS; n++) {
        hook_break(cpu, n);
    }
    uc_ctl_flush_tb(cpu->engines[TRACES]);
    hand_over(cpu, TRACES);
}

void vb_cpu_trace_blocks(struct vb_cpu *cpu, bool only)
{
    cpu->traces_blocks = only;
    hand_over(cpu, only ? RUNS : TRACES);
}

void vb_cpu_forget_code(struct vb_cpu *cpu, uint64_t from, uint64_t to)
{
    for (unsigned engine = 0; engine < ENGINES && cpu->engines[engine] != NULL; engine++) {
        uc_ctl_remove_cache(cpu->engines[engine], from, to);
    }
}

void vb_cpu_break(struct vb_cpu *cpu, unsigned n, uint32_t address)
{
    const uint32_t before = cpu->breaks_at[n];

    cpu->breaks_at[n] = address;
    cpu->break_bits = 0;
    for (unsigned i = 0; i < VB_CPU_BREAKS; i++) {
        cpu->break_bits |= break_bit(cpu->breaks_at[i]);
    }
    hook_break(cpu, n);
    vb_cpu_forget_code(cpu, address, address + 2);
    vb_cpu_forget_code(cpu, before, before + 2);
}
