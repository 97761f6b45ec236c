/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <string.h>

#include <outboard/util.h>

#include "scs_parts.h"

#define PPB 0xe0000000u
#define PPB_SIZE 0x100000u
#define SCS 0xe000e000u
#define ITM 0xe0000000u
#define DWT 0xe0001000u
#define TPIU 0xe0040000u /* and ETM behind it */

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
#define CPACR 0xd88u
#define SAU_CTRL 0xdd0u
#define SFSR 0xde4u
#define DHCSR 0xdf0u
#define DEMCR 0xdfcu
#define STIR 0xf00u

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
#define PRIORITY_BITS 0xe0u /* three bits, as on both SoCs */

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
    {DHCSR, 1, 0, 0},          /* no debugger */
    {DEMCR, 1, 0, 0xffffffff},
    {0xf34, 3, 0, 0xffffffff}, /* FPCCR, FPCAR, FPDSCR */
    {0xd40, 16, 0, 0},         /* identification: not filled in */
};

/* ---- registers ---- */

bool vb_scs_owns(uint32_t address)
{
    return address >= PPB && address - PPB < PPB_SIZE;
}

static uint32_t read_icsr(const struct vb_scs *scs)
{
    uint32_t pending = vb_scs_most_urgent(scs, PRIORITY_NONE + 1);

    return (vb_cpu_get(scs->board->cpu, VB_XPSR) & XPSR_IPSR) | pending << 12 | (pending >= VB_IRQ0 ? 1u << 22 : 0) |
           (scs->exceptions[VB_PENDSV].pending ? ICSR_PENDSVSET : 0) |
           (scs->exceptions[VB_SYSTICK].pending ? ICSR_PENDSTSET : 0);
}

static uint32_t read_shcsr(const struct vb_scs *scs)
{
    const struct vb_exception_state *exceptions = scs->exceptions;
    uint32_t value = vb_scs_peek(scs, SHCSR) & SHCSR_ENABLES;

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
    vb_scs_recount(scs);
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

/* Of interrupts that the part has not: read as zeros, and take no notice. */
static bool is_nvic(uint32_t offset)
{
    return offset >= NVIC_ISER && offset < NVIC_IPR + 496;
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

/* ITM and ETM, TPIU: nobody listens, so they take what they are told and say nothing. */
static bool is_trace(uint32_t address)
{
    return address - ITM < 0x1000u || address - TPIU < 0x2000u;
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
        return vb_scs_read_csr(scs);
    case SYST_CVR:
        return vb_scs_systick_value(scs);
    case CPUID:
        return scs->armv8m ? 0x410fd214u : 0x410fc241u;
    case ICSR:
        return read_icsr(scs);
    case AIRCR:
        return vb_scs_peek(scs, AIRCR) | AIRCR_KEY_READ << 16;
    case SHCSR:
        return read_shcsr(scs);
    case CFSR:
    case HFSR:
        return vb_scs_peek(scs, offset);
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
    if (is_nvic(offset)) {
        return 0;
    }
    if (plain_at(offset) < 0) {
        refuse(scs, SCS + offset, "read from an address that is not modelled,");
    }
    return vb_scs_peek(scs, offset);
}

uint32_t vb_scs_load(struct vb_scs *scs, uint32_t address, unsigned size)
{
    if (is_trace(address)) {
        return 0;
    }
    if (address - SCS >= 4 * VB_SCS_WORDS) {
        return load_dwt(scs, address);
    }
    uint32_t value = load_word(scs, (address - SCS) & ~3u) >> address % 4 * 8;
    return size == 4 ? value : value & ((1u << size * 8) - 1);
}

static void write_icsr(struct vb_scs *scs, uint32_t value)
{
    if ((value & ICSR_NMIPENDSET) != 0) {
        vb_scs_pend(scs, VB_NMI, true);
    }
    if ((value & (ICSR_PENDSVSET | ICSR_PENDSVCLR)) != 0) {
        vb_scs_pend(scs, VB_PENDSV, (value & ICSR_PENDSVSET) != 0);
    }
    if ((value & (ICSR_PENDSTSET | ICSR_PENDSTCLR)) != 0) {
        vb_scs_pend(scs, VB_SYSTICK, (value & ICSR_PENDSTSET) != 0);
    }
}

static void write_aircr(struct vb_scs *scs, uint32_t value)
{
    if (value >> 16 != AIRCR_KEY) {
        return; /* the part ignores it */
    }
    *vb_scs_word(scs, AIRCR) = value & AIRCR_PRIGROUP;
    if ((value & AIRCR_RESET) != 0) {
        scs->board->reset_wanted = true;
        scs->board->reset_why = VB_RESET_SOFT;
        vb_cpu_stop(scs->board->cpu);
    }
}

static void write_shcsr(struct vb_scs *scs, uint32_t value)
{
    *vb_scs_word(scs, SHCSR) = value & SHCSR_ENABLES;
    for (unsigned i = 0; i < 3; i++) {
        scs->exceptions[VB_MEMMANAGE + i].enabled = (value >> (16 + i) & 1) != 0;
    }
}

static bool store_known(struct vb_scs *scs, uint32_t offset, uint32_t value)
{
    switch (offset) {
    case SYST_CSR:
        *vb_scs_word(scs, offset) = value & (CSR_ENABLE | CSR_TICKINT | CSR_CPU_CLOCK);
        vb_scs_restart_systick(scs, vb_now(scs->board));
        return true;
    case SYST_CVR:
        scs->counted = false;
        vb_scs_restart_systick(scs, vb_now(scs->board));
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
        *vb_scs_word(scs, offset) &= ~value;
        return true;
    case STIR:
        if (VB_IRQ0 + value < scs->count) {
            vb_scs_pend(scs, VB_IRQ0 + value, true);
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
    vb_scs_recount(scs);
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
    } else if (is_nvic(offset)) {
        return;
    } else if (index >= 0) {
        uint32_t mask = plain[index].writable;
        *vb_scs_word(scs, offset) = (vb_scs_peek(scs, offset) & ~mask) | (value & mask);
    } else {
        refuse(scs, SCS + offset, "write to an address that is not modelled,");
    }
}

void vb_scs_store(struct vb_scs *scs, uint32_t address, unsigned size, uint32_t value)
{
    unsigned first;

    if (address == DWT + 4) {
        scs->cycles_zero = vb_now(scs->board) - (uint64_t)value * 2;
    } else if (address == DWT || is_trace(address)) {
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
    return vb_scs_peek(scs, VTOR);
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
            *vb_scs_word(scs, plain[i].offset + 4 * n) = plain[i].reset;
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
    if ((vb_scs_peek(scs, SYST_CSR) & CSR_ENABLE) != 0) {
        return "SysTick runs";
    }
    if (vb_mpu_is_on(&scs->mpu, false)) {
        return "the MPU is on";
    }
    return NULL;
}
