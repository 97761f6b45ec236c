/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "board.h"

#include <string.h>

#include <outboard/util.h>

#define PPB 0xe0000000u
#define PPB_SIZE 0x100000u
#define SCS 0xe000e000u
#define DWT 0xe0001000u

#define SYST_CSR 0x010u
#define SYST_RVR 0x014u
#define SYST_CVR 0x018u
#define NVIC_ISER 0x100u
#define NVIC_ICER 0x180u
#define NVIC_ISPR 0x200u
#define NVIC_ICPR 0x280u
#define NVIC_IABR 0x300u
#define NVIC_IPR 0x400u
#define CPUID 0xd00u
#define ICSR 0xd04u
#define VTOR 0xd08u
#define AIRCR 0xd0cu
#define SCR 0xd10u
#define CCR 0xd14u
#define SHPR1 0xd18u
#define SHCSR 0xd24u
#define CFSR 0xd28u
#define HFSR 0xd2cu
#define MMFAR 0xd34u
#define BFAR 0xd38u
#define CPACR 0xd88u
#define SAU_CTRL 0xdd0u
#define SFSR 0xde4u
#define DEMCR 0xdfcu
#define STIR 0xf00u

#define CSR_ENABLE 1u
#define CSR_TICKINT 2u
#define CSR_CPU_CLOCK 4u
#define CSR_COUNTFLAG (1u << 16)
#define ICSR_NMIPENDSET (1u << 31)
#define ICSR_PENDSVSET (1u << 28)
#define ICSR_PENDSVCLR (1u << 27)
#define ICSR_PENDSTSET (1u << 26)
#define ICSR_PENDSTCLR (1u << 25)
#define AIRCR_KEY 0x05fau
#define AIRCR_KEY_READ 0xfa05u
#define AIRCR_RESET 4u
#define AIRCR_PRIGROUP 0x700u
#define SHCSR_ENABLES (7u << 16)
#define HFSR_FORCED (1u << 30)
#define HFSR_VECTTBL 2u
#define CFSR_IACCVIOL (1u << 0)
#define CFSR_DACCVIOL (1u << 1)
#define CFSR_MSTKERR (1u << 4)
#define CFSR_MMARVALID (1u << 7)
#define CFSR_IBUSERR (1u << 8)
#define CFSR_PRECISERR (1u << 9)
#define CFSR_BFARVALID (1u << 15)
#define CFSR_UNDEFINSTR (1u << 16)
#define CFSR_INVSTATE (1u << 17)
#define CFSR_NOCP (1u << 19)
#define CFSR_STKOF (1u << 20)
#define PRIORITY_BITS 0xe0u /* three bits, as on both SoCs */
#define PRIORITY_NONE 256

#define FRAME 32u /* bytes that an exception pushes */
#define XPSR_IPSR 0x1ffu
#define XPSR_T (1u << 24)
#define XPSR_ALIGNED (1u << 9)
#define CONTROL_SPSEL 2u
#define EXC_RETURN_PSP 4u
#define EXC_RETURN_THREAD 8u

/* Registers that only keep what was written. */
static const struct {
    uint16_t offset, count;
    uint32_t reset;
    uint32_t writable;
} plain[] = {
    {0x008, 1, 0, 0xffffffff}, /* ACTLR */
    {SYST_RVR, 1, 0, 0x00ffffff},
    {0x01c, 1, 0, 0}, /* CALIB */
    {VTOR, 1, 0, 0xffffff80},
    {SCR, 1, 0, 0x1e},
    {CCR, 1, 0x200, 0x0007071b},
    {0xd30, 1, 0, 0}, /* DFSR */
    {MMFAR, 2, 0, 0xffffffff},
    {0xd3c, 1, 0, 0xffffffff}, /* AFSR */
    {CPACR, 2, 0, 0xffffffff}, /* and NSACR */
    {SAU_CTRL, 1, 0, 3},
    {0xdd8, 3, 0, 0xffffffff}, /* SAU_RNR, _RBAR, _RLAR */
    {SFSR, 2, 0, 0xffffffff},  /* and SFAR */
    {DEMCR, 1, 0, 0xffffffff},
    {0xf34, 3, 0, 0xffffffff}, /* FPCCR, FPCAR, FPDSCR */
    {0xd40, 16, 0, 0},         /* identification: not filled in */
};

static uint32_t *word(struct vb_scs *scs, uint32_t offset)
{
    return &scs->words[offset / 4];
}

static uint32_t peek(const struct vb_scs *scs, uint32_t offset)
{
    return scs->words[offset / 4];
}

/* ---- pending ---- */

static bool ready(const struct vb_exception_state *exception)
{
    return exception->pending && exception->enabled;
}

/* The board looks at what is waiting before the next block of instructions. */
static void recount(struct vb_scs *scs)
{
    scs->waiting = 0;
    for (unsigned i = 1; i < scs->count; i++) {
        scs->waiting += ready(&scs->exceptions[i]);
    }
    if (scs->waiting != 0) {
        vb_board_look(scs->board);
    }
}

static void pend(struct vb_scs *scs, unsigned exception, bool pending)
{
    scs->exceptions[exception].pending = pending || scs->exceptions[exception].line;
    recount(scs);
}

void vb_scs_line(struct vb_scs *scs, unsigned irq, bool level)
{
    struct vb_exception_state *exception = &scs->exceptions[VB_IRQ0 + irq];

    if (exception->line != level) {
        exception->line = level;
        if (level) {
            pend(scs, VB_IRQ0 + irq, true);
        }
    }
}

/* ---- priorities ---- */

static int priority_of(const struct vb_scs *scs, unsigned exception)
{
    switch (exception) {
    case VB_NMI:
        return -2;
    case VB_HARDFAULT:
        return -1;
    default:
        return scs->exceptions[exception].priority;
    }
}

static int active_priority(const struct vb_scs *scs)
{
    int priority = PRIORITY_NONE;

    for (unsigned i = 1; i < scs->count; i++) {
        if (scs->exceptions[i].active) {
            priority = OB_MIN(priority, priority_of(scs, i));
        }
    }
    return priority;
}

static int masked_priority(const struct vb_scs *scs)
{
    int priority = active_priority(scs);
    uint32_t basepri = vb_cpu_get(scs->board->cpu, VB_BASEPRI) & 0xff;

    if (basepri != 0) {
        priority = OB_MIN(priority, (int)basepri);
    }
    if ((vb_cpu_get(scs->board->cpu, VB_PRIMASK) & 1) != 0) {
        priority = OB_MIN(priority, 0);
    }
    if ((vb_cpu_get(scs->board->cpu, VB_FAULTMASK) & 1) != 0) {
        priority = OB_MIN(priority, -1);
    }
    return priority;
}

static unsigned most_urgent(const struct vb_scs *scs, int below)
{
    unsigned found = 0;

    for (unsigned i = 1; i < scs->count; i++) {
        if (ready(&scs->exceptions[i]) && priority_of(scs, i) < below) {
            below = priority_of(scs, i);
            found = i;
        }
    }
    return found;
}

unsigned vb_scs_next(const struct vb_scs *scs)
{
    return scs->waiting == 0 ? 0 : most_urgent(scs, masked_priority(scs));
}

bool vb_scs_enabled(const struct vb_scs *scs, int irq)
{
    for (unsigned i = VB_IRQ0; i < scs->count; i++) {
        if (scs->exceptions[i].enabled && (irq < 0 || i == VB_IRQ0 + (unsigned)irq)) {
            return true;
        }
    }
    return false;
}

bool vb_scs_wakes(const struct vb_scs *scs)
{
    return scs->waiting != 0 && most_urgent(scs, active_priority(scs)) != 0;
}

/* ---- SysTick and the cycle counter ---- */

static uint32_t tick_ticks(const struct vb_scs *scs)
{
    return (peek(scs, SYST_CSR) & CSR_CPU_CLOCK) != 0 ? 2 : VB_TICKS_PER_US * 1000000u / 32768u;
}

bool vb_scs_ticks(const struct vb_scs *scs)
{
    return scs->systick_zero != VB_NEVER && (peek(scs, SYST_CSR) & CSR_TICKINT) != 0;
}

uint64_t vb_scs_due(const struct vb_scs *scs)
{
    return scs->systick_zero;
}

static void restart_systick(struct vb_scs *scs, uint64_t from)
{
    uint32_t reload = peek(scs, SYST_RVR);
    bool runs = (peek(scs, SYST_CSR) & CSR_ENABLE) != 0 && reload != 0;

    scs->systick_zero = runs ? from + (uint64_t)(reload + 1) * tick_ticks(scs) : VB_NEVER;
    vb_board_look(scs->board);
}

void vb_scs_tick(struct vb_scs *scs)
{
    scs->counted = true;
    restart_systick(scs, scs->systick_zero);
    if ((peek(scs, SYST_CSR) & CSR_TICKINT) != 0) {
        pend(scs, VB_SYSTICK, true);
    }
}

static uint32_t systick_value(const struct vb_scs *scs)
{
    uint64_t now = vb_now(scs->board);

    return scs->systick_zero == VB_NEVER || scs->systick_zero <= now
               ? 0
               : (uint32_t)((scs->systick_zero - now) / tick_ticks(scs)) & 0xffffff;
}

static uint32_t read_csr(struct vb_scs *scs)
{
    uint32_t value = peek(scs, SYST_CSR) | (scs->counted ? CSR_COUNTFLAG : 0);

    scs->counted = false;
    return value;
}

/* ---- registers ---- */

bool vb_scs_owns(uint32_t address)
{
    return address >= PPB && address - PPB < PPB_SIZE;
}

static uint32_t read_icsr(const struct vb_scs *scs)
{
    uint32_t pending = most_urgent(scs, PRIORITY_NONE + 1);

    return (vb_cpu_get(scs->board->cpu, VB_XPSR) & XPSR_IPSR) | pending << 12 | (pending >= VB_IRQ0 ? 1u << 22 : 0) |
           (scs->exceptions[VB_PENDSV].pending ? ICSR_PENDSVSET : 0) |
           (scs->exceptions[VB_SYSTICK].pending ? ICSR_PENDSTSET : 0);
}

static uint32_t read_shcsr(const struct vb_scs *scs)
{
    const struct vb_exception_state *exceptions = scs->exceptions;
    uint32_t value = peek(scs, SHCSR) & SHCSR_ENABLES;

    value |= exceptions[VB_MEMMANAGE].active | exceptions[VB_BUSFAULT].active << 1;
    value |= exceptions[VB_USAGEFAULT].active << 3 | exceptions[VB_SVCALL].active << 7;
    return value | exceptions[VB_PENDSV].active << 10 | exceptions[VB_SYSTICK].active << 11;
}

/* Priorities lie byte by byte, those of the architecture from exception 4 on. */
static bool priorities_at(const struct vb_scs *scs, uint32_t offset, unsigned *first)
{
    if (offset >= SHPR1 && offset < SHPR1 + 12) {
        *first = VB_MEMMANAGE + (offset - SHPR1);
        return true;
    }
    *first = VB_IRQ0 + (offset - NVIC_IPR);
    return offset >= NVIC_IPR && offset < NVIC_IPR + 240 && *first < scs->count + 3;
}

/* A bit for each interrupt: which registers of the NVIC, and which interrupts. */
static bool bits_at(const struct vb_scs *scs, uint32_t offset, uint32_t *group, unsigned *first)
{
    *group = offset & ~0x7fu;
    *first = VB_IRQ0 + (offset - *group) * 8;
    return offset >= NVIC_ISER && offset < NVIC_IABR + 0x80 && *first < scs->count;
}

static uint32_t read_bits(const struct vb_scs *scs, uint32_t group, unsigned first)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < 32 && first + i < scs->count; i++) {
        const struct vb_exception_state *exception = &scs->exceptions[first + i];
        bool bit = group < NVIC_ISPR ? exception->enabled : group < NVIC_IABR ? exception->pending : exception->active;
        value |= (uint32_t)bit << i;
    }
    return value;
}

static void write_bits(struct vb_scs *scs, uint32_t group, unsigned first, uint32_t value)
{
    for (unsigned i = 0; i < 32 && first + i < scs->count; i++) {
        struct vb_exception_state *exception = &scs->exceptions[first + i];
        if ((value >> i & 1) == 0) {
            continue;
        }
        if (group == NVIC_ISER || group == NVIC_ICER) {
            exception->enabled = group == NVIC_ISER;
        } else if (group == NVIC_ISPR || group == NVIC_ICPR) {
            exception->pending = group == NVIC_ISPR || exception->line;
        }
    }
    recount(scs);
}

static void refuse(struct vb_scs *scs, uint32_t address, const char *what)
{
    vb_board_end(scs->board, VB_END_REFUSED, "system control space: %s 0x%08x", what, address);
}

static int plain_at(uint32_t offset)
{
    for (unsigned i = 0; i < OB_ARRAY_SIZE(plain); i++) {
        if (offset >= plain[i].offset && offset < plain[i].offset + 4u * plain[i].count) {
            return (int)i;
        }
    }
    return -1;
}

static uint32_t load_mpu(struct vb_scs *scs, uint32_t offset)
{
    uint32_t value = 0;
    const char *why = vb_mpu_load(&scs->mpu, offset, &value);

    if (why != NULL) {
        refuse(scs, SCS + offset, why);
    }
    return value;
}

static void store_mpu(struct vb_scs *scs, uint32_t offset, uint32_t value)
{
    const char *why = vb_mpu_store(&scs->mpu, offset, value);

    if (why != NULL) {
        refuse(scs, SCS + offset, why);
    }
    vb_cpu_permissions_changed(scs->board->cpu);
}

static bool is_mpu(uint32_t offset)
{
    return offset >= VB_MPU_FIRST && offset <= VB_MPU_LAST;
}

static uint32_t load_dwt(struct vb_scs *scs, uint32_t address)
{
    switch (address - DWT) {
    case 0x000:
        return 0x40000001u; /* CTRL: four comparators, the cycle counter runs */
    case 0x004:
        return (uint32_t)((vb_now(scs->board) - scs->cycles_zero) / 2);
    default:
        refuse(scs, address, "read from an address that is not modelled,");
        return 0;
    }
}

static uint32_t load_word(struct vb_scs *scs, uint32_t offset)
{
    uint32_t group;
    unsigned first;

    switch (offset) {
    case 0x004: /* ICTR */
        return (scs->count - VB_IRQ0 + 31) / 32 - 1;
    case SYST_CSR:
        return read_csr(scs);
    case SYST_CVR:
        return systick_value(scs);
    case CPUID:
        return scs->armv8m ? 0x410fd214u : 0x410fc241u;
    case ICSR:
        return read_icsr(scs);
    case AIRCR:
        return peek(scs, AIRCR) | AIRCR_KEY_READ << 16;
    case SHCSR:
        return read_shcsr(scs);
    case CFSR:
    case HFSR:
        return peek(scs, offset);
    case 0xdd4: /* SAU_TYPE */
        return scs->armv8m ? 4 : 0;
    default:
        break;
    }
    if (priorities_at(scs, offset, &first)) {
        uint32_t value = 0;
        for (unsigned i = 0; i < 4 && first + i < scs->count; i++) {
            value |= (uint32_t)scs->exceptions[first + i].priority << 8 * i;
        }
        return value;
    }
    if (bits_at(scs, offset, &group, &first)) {
        return read_bits(scs, group, first);
    }
    if (is_mpu(offset)) {
        return load_mpu(scs, offset);
    }
    if (plain_at(offset) < 0) {
        refuse(scs, SCS + offset, "read from an address that is not modelled,");
    }
    return peek(scs, offset);
}

uint32_t vb_scs_load(struct vb_scs *scs, uint32_t address, unsigned size)
{
    if (address - SCS >= 4 * VB_SCS_WORDS) {
        return load_dwt(scs, address);
    }
    uint32_t value = load_word(scs, (address - SCS) & ~3u) >> address % 4 * 8;
    return size == 4 ? value : value & ((1u << size * 8) - 1);
}

static void write_icsr(struct vb_scs *scs, uint32_t value)
{
    if ((value & ICSR_NMIPENDSET) != 0) {
        pend(scs, VB_NMI, true);
    }
    if ((value & (ICSR_PENDSVSET | ICSR_PENDSVCLR)) != 0) {
        pend(scs, VB_PENDSV, (value & ICSR_PENDSVSET) != 0);
    }
    if ((value & (ICSR_PENDSTSET | ICSR_PENDSTCLR)) != 0) {
        pend(scs, VB_SYSTICK, (value & ICSR_PENDSTSET) != 0);
    }
}

static void write_aircr(struct vb_scs *scs, uint32_t value)
{
    if (value >> 16 != AIRCR_KEY) {
        return; /* the part ignores it */
    }
    *word(scs, AIRCR) = value & AIRCR_PRIGROUP;
    if ((value & AIRCR_RESET) != 0) {
        scs->board->reset_wanted = true;
        scs->board->reset_why = VB_RESET_SOFT;
        vb_cpu_stop(scs->board->cpu);
    }
}

static void write_shcsr(struct vb_scs *scs, uint32_t value)
{
    *word(scs, SHCSR) = value & SHCSR_ENABLES;
    for (unsigned i = 0; i < 3; i++) {
        scs->exceptions[VB_MEMMANAGE + i].enabled = (value >> (16 + i) & 1) != 0;
    }
}

static bool store_known(struct vb_scs *scs, uint32_t offset, uint32_t value)
{
    switch (offset) {
    case SYST_CSR:
        *word(scs, offset) = value & (CSR_ENABLE | CSR_TICKINT | CSR_CPU_CLOCK);
        restart_systick(scs, vb_now(scs->board));
        return true;
    case SYST_CVR:
        scs->counted = false;
        restart_systick(scs, vb_now(scs->board));
        return true;
    case ICSR:
        write_icsr(scs, value);
        return true;
    case AIRCR:
        write_aircr(scs, value);
        return true;
    case SHCSR:
        write_shcsr(scs, value);
        return true;
    case CFSR:
    case HFSR:
        *word(scs, offset) &= ~value;
        return true;
    case STIR:
        if (VB_IRQ0 + value < scs->count) {
            pend(scs, VB_IRQ0 + value, true);
        }
        return true;
    default:
        return false;
    }
}

static void store_priorities(struct vb_scs *scs, unsigned first, unsigned count, uint32_t value)
{
    for (unsigned i = 0; i < count && first + i < scs->count; i++) {
        scs->exceptions[first + i].priority = (uint8_t)(value >> 8 * i) & PRIORITY_BITS;
    }
    recount(scs);
}

static void store_word(struct vb_scs *scs, uint32_t offset, uint32_t value)
{
    uint32_t group;
    unsigned first;
    int index = plain_at(offset);

    if (store_known(scs, offset, value)) {
        return;
    }
    if (bits_at(scs, offset, &group, &first)) {
        write_bits(scs, group, first, value);
    } else if (is_mpu(offset)) {
        store_mpu(scs, offset, value);
    } else if (index >= 0) {
        uint32_t mask = plain[index].writable;
        *word(scs, offset) = (peek(scs, offset) & ~mask) | (value & mask);
    } else {
        refuse(scs, SCS + offset, "write to an address that is not modelled,");
    }
}

void vb_scs_store(struct vb_scs *scs, uint32_t address, unsigned size, uint32_t value)
{
    unsigned first;

    if (address == DWT + 4) {
        scs->cycles_zero = vb_now(scs->board) - (uint64_t)value * 2;
    } else if (address == DWT) {
        return; /* which events are counted: only cycles are */
    } else if (address - SCS >= 4 * VB_SCS_WORDS) {
        refuse(scs, address, "write to an address that is not modelled,");
    } else if (priorities_at(scs, address - SCS, &first)) {
        store_priorities(scs, first, size, value);
    } else if (size != 4 || address % 4 != 0) {
        refuse(scs, address, "takes whole words only:");
    } else {
        store_word(scs, address - SCS, value);
    }
}

uint32_t vb_scs_vectors(const struct vb_scs *scs)
{
    return peek(scs, VTOR);
}

/* ---- what the MPU allows ---- */

static bool mpu_is_on(const struct vb_scs *scs)
{
    return vb_mpu_is_on(&scs->mpu, scs->exceptions[VB_HARDFAULT].active || scs->exceptions[VB_NMI].active);
}

struct vb_allowed vb_scs_may(const struct vb_scs *scs, uint32_t address, uint32_t size)
{
    struct vb_allowed allowed = {VB_MAY_ALL, 0};
    const uint32_t first = ob_align_down(address, VB_MPU_GRAIN);

    for (uint32_t off = 0; off < address - first + size; off += VB_MPU_GRAIN) {
        const unsigned may = mpu_is_on(scs) ? vb_mpu_may(&scs->mpu, first + off) : vb_map_may(first + off);
        allowed.each &= may;
        allowed.some |= may;
    }
    return allowed;
}

/* ---- exceptions ---- */

static uint8_t *stack_at(struct vb_scs *scs, uint32_t address, uint32_t len)
{
    return vb_board_ram(scs->board, address, len);
}

static bool read_vector(struct vb_scs *scs, unsigned exception, uint32_t *handler)
{
    uint32_t address = vb_scs_vectors(scs) + 4 * exception;
    const uint8_t *ram = stack_at(scs, address, 4);
    const uint8_t *vector = ram != NULL ? ram : vb_board_flash(scs->board, address, 4);

    *handler = vector == NULL ? 0 : ob_get_le32(vector);
    return vector != NULL;
}

/* The MPU may be on in code, and off in what handles its faults. */
static void permissions_may_have_changed(struct vb_scs *scs)
{
    if (vb_mpu_is_on(&scs->mpu, false)) {
        vb_cpu_permissions_changed(scs->board->cpu);
    }
}

/* The frame cannot be pushed: which exception is entered instead, with a frame that holds nothing. */
static unsigned stacking_failed(struct vb_scs *scs, unsigned exception)
{
    const struct vb_exception_state *memmanage = &scs->exceptions[VB_MEMMANAGE];

    *word(scs, CFSR) |= CFSR_MSTKERR;
    if (exception == VB_HARDFAULT || exception == VB_NMI) {
        return exception;
    }
    if (memmanage->enabled && priority_of(scs, VB_MEMMANAGE) < priority_of(scs, exception)) {
        return VB_MEMMANAGE;
    }
    *word(scs, HFSR) |= HFSR_FORCED;
    return VB_HARDFAULT;
}

static void push_frame(struct vb_cpu *cpu, uint8_t *stack, uint32_t pc, uint32_t xpsr, bool aligned)
{
    static const enum vb_cpu_register order[] = {VB_R0, VB_R0 + 1, VB_R0 + 2, VB_R0 + 3, VB_R0 + 12, VB_LR};

    for (unsigned i = 0; i < OB_ARRAY_SIZE(order); i++) {
        ob_put_le32(stack + 4 * i, vb_cpu_get(cpu, order[i]));
    }
    ob_put_le32(stack + 24, pc & ~1u);
    ob_put_le32(stack + 28, (xpsr & ~XPSR_ALIGNED) | XPSR_T | (aligned ? XPSR_ALIGNED : 0));
}

/* Order matters to Unicorn: writing XPSR with an exception number switches to MSP by itself, so the stack that is in
 * use is looked at before, and SPSEL is written after. */
const char *vb_scs_enter(struct vb_scs *scs, unsigned exception, uint32_t *pc)
{
    struct vb_cpu *cpu = scs->board->cpu;
    uint32_t xpsr = vb_cpu_get(cpu, VB_XPSR);
    uint32_t sp = vb_cpu_get(cpu, VB_SP);
    bool thread = (xpsr & XPSR_IPSR) == 0;
    bool psp = thread && (vb_cpu_get(cpu, VB_CONTROL) & CONTROL_SPSEL) != 0;
    uint32_t frame = (sp - FRAME) & ~7u;
    uint8_t *stack = stack_at(scs, frame, FRAME);
    uint32_t handler;

    if (stack == NULL) {
        return "the stack is not in RAM when an exception is entered";
    }
    if ((vb_scs_may(scs, frame, FRAME).each & VB_MAY_WRITE) == 0) {
        exception = stacking_failed(scs, exception);
    } else {
        push_frame(cpu, stack, *pc, xpsr, (sp & 4) != 0);
    }
    if (!read_vector(scs, exception, &handler)) {
        return "the vector table is not in memory";
    }
    vb_cpu_set(cpu, VB_SP, frame);
    vb_cpu_set(cpu, VB_XPSR, (xpsr & ~XPSR_IPSR) | exception | XPSR_T);
    vb_cpu_set(cpu, VB_CONTROL, vb_cpu_get(cpu, VB_CONTROL) & ~CONTROL_SPSEL);
    vb_cpu_set(cpu, VB_LR, 0xfffffff1u | (thread ? EXC_RETURN_THREAD : 0) | (psp ? EXC_RETURN_PSP : 0));
    scs->exceptions[exception].active = true;
    permissions_may_have_changed(scs);
    scs->exceptions[exception].pending = exception >= VB_IRQ0 && scs->exceptions[exception].line;
    recount(scs);
    *pc = handler & ~1u;
    return (handler & 1) == 0 ? "a vector is an even address" : NULL;
}

static void restore_frame(struct vb_cpu *cpu, const uint8_t *stack, uint32_t frame)
{
    static const enum vb_cpu_register order[] = {VB_R0, VB_R0 + 1, VB_R0 + 2, VB_R0 + 3, VB_R0 + 12, VB_LR};
    uint32_t xpsr = ob_get_le32(stack + 28);

    for (unsigned i = 0; i < OB_ARRAY_SIZE(order); i++) {
        vb_cpu_set(cpu, order[i], ob_get_le32(stack + 4 * i));
    }
    vb_cpu_set(cpu, VB_SP, frame + FRAME + ((xpsr & XPSR_ALIGNED) != 0 ? 4 : 0));
}

const char *vb_scs_leave(struct vb_scs *scs, uint32_t exc_return, uint32_t *pc)
{
    struct vb_cpu *cpu = scs->board->cpu;
    unsigned exception = vb_cpu_get(cpu, VB_XPSR) & XPSR_IPSR;
    bool psp = (exc_return & EXC_RETURN_PSP) != 0;

    if (exception == 0 || exception >= scs->count || !scs->exceptions[exception].active) {
        return "returns from an exception that is not active";
    }
    scs->exceptions[exception].active = false;
    permissions_may_have_changed(scs);
    if (exception != VB_NMI) {
        vb_cpu_set(cpu, VB_FAULTMASK, 0);
    }
    uint32_t frame = vb_cpu_get(cpu, psp ? VB_PSP : VB_MSP);
    uint8_t *stack = stack_at(scs, frame, FRAME);
    if (stack == NULL) {
        return "the stack is not in RAM when an exception is left";
    }
    uint32_t xpsr = ob_get_le32(stack + 28);
    vb_cpu_set(cpu, VB_XPSR, (xpsr & ~XPSR_ALIGNED) | XPSR_T);
    vb_cpu_set(cpu, VB_CONTROL, (vb_cpu_get(cpu, VB_CONTROL) & ~CONTROL_SPSEL) | (psp ? CONTROL_SPSEL : 0));
    restore_frame(cpu, stack, frame);
    if (exception >= VB_IRQ0) {
        pend(scs, exception, scs->exceptions[exception].pending);
    }
    scs->event = true;
    *pc = ob_get_le32(stack + 24);
    return NULL;
}

/* ---- faults ---- */

/* The MPU, or the architecture's map, forbids what was done. */
static bool is_forbidden(const struct vb_scs *scs, const struct vb_halted *halted)
{
    const bool fetch = halted->why == VB_HALT_FETCH;
    const unsigned wants = fetch ? VB_MAY_EXECUTE : halted->why == VB_HALT_READ ? VB_MAY_READ : VB_MAY_WRITE;

    return (vb_scs_may(scs, fetch ? halted->pc : halted->address, 1).each & wants) == 0;
}

static unsigned classify(struct vb_scs *scs, const struct vb_halted *halted)
{
    switch (halted->why) {
    case VB_HALT_READ:
    case VB_HALT_WRITE:
        if (is_forbidden(scs, halted)) {
            *word(scs, CFSR) |= CFSR_DACCVIOL | CFSR_MMARVALID;
            *word(scs, MMFAR) = halted->address;
            return VB_MEMMANAGE;
        }
        *word(scs, CFSR) |= CFSR_PRECISERR | CFSR_BFARVALID;
        *word(scs, BFAR) = halted->address;
        return VB_BUSFAULT;
    case VB_HALT_FETCH:
        if (is_forbidden(scs, halted)) {
            *word(scs, CFSR) |= CFSR_IACCVIOL;
            return VB_MEMMANAGE;
        }
        *word(scs, CFSR) |= CFSR_IBUSERR;
        return VB_BUSFAULT;
    case VB_HALT_STATE:
        *word(scs, CFSR) |= CFSR_INVSTATE;
        return VB_USAGEFAULT;
    case VB_HALT_COPROCESSOR:
        *word(scs, CFSR) |= CFSR_NOCP;
        return VB_USAGEFAULT;
    case VB_HALT_STACK:
        *word(scs, CFSR) |= CFSR_STKOF;
        return VB_USAGEFAULT;
    case VB_HALT_BKPT:
        *word(scs, HFSR) |= HFSR_FORCED; /* no debugger listens */
        return VB_HARDFAULT;
    default:
        *word(scs, CFSR) |= CFSR_UNDEFINSTR;
        return VB_USAGEFAULT;
    }
}

unsigned vb_scs_fault(struct vb_scs *scs, const struct vb_halted *halted)
{
    unsigned exception = classify(scs, halted);
    int now = masked_priority(scs);

    if (exception != VB_HARDFAULT && (!scs->exceptions[exception].enabled || priority_of(scs, exception) >= now)) {
        *word(scs, HFSR) |= HFSR_FORCED;
        exception = VB_HARDFAULT;
    }
    return exception == VB_HARDFAULT && now <= -1 ? 0 : exception;
}

/* ---- reset and hand-over ---- */

void vb_scs_reset(struct vb_scs *scs, struct vb_board *board, bool armv8m, unsigned interrupts)
{
    memset(scs, 0, sizeof(*scs));
    scs->board = board;
    scs->armv8m = armv8m;
    scs->mpu.armv8m = armv8m;
    vb_cpu_permissions_changed(board->cpu);
    scs->count = VB_IRQ0 + interrupts;
    scs->systick_zero = VB_NEVER;
    scs->event = true; /* it may be set after a reset: code that relies on its being clear would hang on some parts */
    for (unsigned i = 0; i < OB_ARRAY_SIZE(plain); i++) {
        for (unsigned n = 0; n < plain[i].count; n++) {
            *word(scs, plain[i].offset + 4 * n) = plain[i].reset;
        }
    }
    static const uint8_t always[] = {VB_NMI, VB_HARDFAULT, VB_SVCALL, VB_PENDSV, VB_SYSTICK};
    for (unsigned i = 0; i < OB_ARRAY_SIZE(always); i++) {
        scs->exceptions[always[i]].enabled = true;
    }
}

const char *vb_scs_handover(const struct vb_scs *scs)
{
    for (unsigned i = VB_IRQ0; i < scs->count; i++) {
        if (scs->exceptions[i].enabled || scs->exceptions[i].pending) {
            return "an interrupt is enabled or pending in the NVIC";
        }
    }
    if ((peek(scs, SYST_CSR) & CSR_ENABLE) != 0) {
        return "SysTick runs";
    }
    if (vb_mpu_is_on(&scs->mpu, false)) {
        return "the MPU is on";
    }
    return NULL;
}
