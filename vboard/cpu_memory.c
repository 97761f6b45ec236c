/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "cpu_parts.h"

#include <string.h>

/* What the CPU finds at an address, and what it may do there. */

#define BLOCK_BYTES PAGE /* so no block is longer */
#define IT_STATE 0x0600fc00u
#define PORT 0x100000000u /* physical address of a page of the port that flash may be */
#define PORT_SIZE 4096u
#define DIVIDED 0x180000000u /* ... of RAM, for pages in which the MPU permits this here and that there */

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
    if ((allowed & VB_MAY_DIFFER) != 0 && vb_cpu_in_ram(cpu, address)) {
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

bool vb_cpu_may_execute(struct vb_cpu *cpu, uint32_t address)
{
    bool flash = vb_cpu_in_flash(cpu, address);
    if (!flash && !vb_cpu_in_ram(cpu, address)) {
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
    if (vb_cpu_in_flash(cpu, address) && cpu->flash_is_port) {
        entry->paddr = PORT;
        return !fetch;
    }
    if (vb_cpu_in_flash(cpu, address)) {
        entry->perms = UC_PROT_ALL; /* the mapping protects it */
    } else if (vb_cpu_in_ram(cpu, address)) {
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

void vb_cpu_take_back(struct vb_cpu *cpu)
{
    for (unsigned i = 0; i < KEPT; i++) {
        vb_cpu_set(cpu, (enum vb_cpu_register)i, cpu->kept[i]);
    }
}

/* ---- stores to flash, and accesses to nothing ---- */

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

/* ---- what lies where ---- */

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

const char *vb_cpu_map(struct vb_cpu *cpu)
{
    uc_hook added;
    uint64_t first = cpu->setup.flash_base;
    uint64_t last = first + cpu->setup.flash_size - 1;
    const char *why = map(cpu);

    if (why != NULL) {
        return why;
    }
    UC_TRY(uc_ctl_tlb_mode(cpu->uc, UC_TLB_VIRTUAL));
    UC_TRY(uc_hook_add(cpu->uc, &added, UC_HOOK_TLB_FILL, fill_tlb, cpu, 1, 0));
    UC_TRY(uc_hook_add(cpu->uc, &added, UC_HOOK_MEM_WRITE_PROT, store_flash, cpu, first, last));
    return hook_gaps(cpu);
}

/* ---- changes ---- */

static void forget_tlbs(struct vb_cpu *cpu)
{
    for (unsigned engine = 0; engine < ENGINES && cpu->engines[engine] != NULL; engine++) {
        uc_ctl_flush_tlb(cpu->engines[engine]);
    }
}

void vb_cpu_flash_changed(struct vb_cpu *cpu, uint32_t off, uint32_t len)
{
    uint32_t first = off < BLOCK_BYTES ? 0 : off - BLOCK_BYTES;

    uint64_t address = (uint64_t)cpu->setup.flash_base + off;

    vb_cpu_forget_code(cpu, address, address + len);
    memset(cpu->flash_counts + first / 2, 0, (off + len - first + 1) / 2 * sizeof(*cpu->flash_counts));
}

void vb_cpu_flash_is_port(struct vb_cpu *cpu, bool is_port)
{
    if (cpu->flash_is_port != is_port) {
        cpu->flash_is_port = is_port;
        forget_tlbs(cpu);
    }
}

void vb_cpu_permissions_changed(struct vb_cpu *cpu)
{
    memset(cpu->flash_open, 0, cpu->setup.flash_size / PAGE);
    memset(cpu->ram_open, 0, cpu->setup.ram_size / PAGE);
    forget_tlbs(cpu);
}

void vb_cpu_ram_changed(struct vb_cpu *cpu, uint32_t off, uint32_t len)
{
    const uint64_t base = cpu->setup.ram_base;

    for (uint32_t page = off / PAGE; len != 0 && page <= (off + len - 1) / PAGE; page++) {
        if (cpu->ram_code[page] != 0) {
            vb_cpu_forget_code(cpu, base + page * PAGE, base + (page + 1) * PAGE);
        }
    }
}
