/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "board.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <outboard/util.h>

#include "dev/devices.h"

/* From addresses to registers, and what may be done to them. */

#define PAGE 4096u
#define WORDS (PAGE / 4u)
#define BUCKETS 512u /* more than twice the pages of any SoC */
#define EVENTS 0x100u
#define EVENTS_END 0x180u

struct slot {
    struct vb_device *dev;
    const struct vb_register *reg;
    uint16_t value; /* index in dev->values */
    uint16_t offset;
};

struct page {
    uint32_t number;
    struct slot *slots; /* NULL: this bucket is free */
};

struct vb_bus {
    struct page pages[BUCKETS];
};

/* ---- tables of registers ---- */

static unsigned elements(const struct vb_register *reg)
{
    return reg->count == 0 ? 1 : reg->count;
}

static uint32_t offset_of(const struct vb_register *reg, unsigned element)
{
    return reg->offset + element * (reg->stride == 0 ? 4u : reg->stride);
}

static unsigned value_count(const struct vb_class *class)
{
    unsigned count = 0;

    for (unsigned i = 0; i < class->register_count; i++) {
        count += elements(&class->registers[i]);
    }
    return count;
}

uint32_t vb_value_size(const struct vb_device *dev)
{
    return value_count(dev->class) * (uint32_t)sizeof(*dev->values);
}

static struct page *bucket(const struct vb_bus *bus, uint32_t number)
{
    uint32_t at = number * 2654435761u >> 23;

    while (bus->pages[at].slots != NULL && bus->pages[at].number != number) {
        at = (at + 1) % BUCKETS;
    }
    return (struct page *)&bus->pages[at];
}

static const struct slot *find(const struct vb_bus *bus, uint32_t address)
{
    const struct page *page = bucket(bus, address / PAGE);

    if (page->slots == NULL) {
        return NULL;
    }
    const struct slot *slot = &page->slots[address % PAGE / 4];
    return slot->dev == NULL ? NULL : slot;
}

/* The slot of a device's own register: a mistake in the device's code if there is none. */
static const struct slot *own(const struct vb_device *dev, uint32_t off)
{
    const struct slot *slot = find(dev->board->bus, dev->base + off);

    if (slot == NULL || slot->dev != dev) {
        fprintf(stderr, "vboard: %s has no register at 0x%03x\n", dev->name, off);
        abort();
    }
    return slot;
}

uint32_t vb_get(const struct vb_device *dev, uint32_t off)
{
    return dev->values[own(dev, off)->value];
}

void vb_set(struct vb_device *dev, uint32_t off, uint32_t value)
{
    dev->values[own(dev, off)->value] = value;
}

const char *vb_register_name(const struct vb_device *dev, uint32_t off)
{
    return own(dev, off)->reg->name;
}

static bool add_register(struct vb_bus *bus, struct vb_device *dev, const struct vb_register *reg, unsigned value)
{
    for (unsigned i = 0; i < elements(reg); i++) {
        uint32_t address = dev->base + offset_of(reg, i);
        struct page *page = bucket(bus, address / PAGE);
        if (page->slots == NULL) {
            page->number = address / PAGE;
            page->slots = calloc(WORDS, sizeof(*page->slots));
        }
        if (page->slots == NULL) {
            return false;
        }
        page->slots[address % PAGE / 4] = (struct slot){
            .dev = dev, .reg = reg, .value = (uint16_t)(value + i), .offset = (uint16_t)offset_of(reg, i)};
    }
    return true;
}

/* States and registers of all devices, in one piece of memory: a snapshot is one copy. */
static bool give_memory(struct vb_board *board)
{
    size_t size = 0;

    for (unsigned i = 0; i < board->device_count; i++) {
        const struct vb_class *class = board->devices[i].class;
        size += ob_align_up((uint32_t) class->state_size, 16) + ob_align_up(value_count(class) * 4, 16);
    }
    board->arena = calloc(1, size);
    board->arena_size = size;
    uint8_t *at = board->arena;
    for (unsigned i = 0; at != NULL && i < board->device_count; i++) {
        struct vb_device *dev = &board->devices[i];
        dev->state = at;
        at += ob_align_up((uint32_t)dev->class->state_size, 16);
        dev->values = (uint32_t *)(void *)at;
        at += ob_align_up(value_count(dev->class) * 4, 16);
    }
    return at != NULL;
}

const char *vb_bus_new(struct vb_board *board)
{
    bool fits = give_memory(board);

    board->bus = calloc(1, sizeof(*board->bus));
    fits = fits && board->bus != NULL;
    for (unsigned i = 0; fits && i < board->device_count; i++) {
        struct vb_device *dev = &board->devices[i];
        unsigned value = 0;
        for (unsigned r = 0; fits && r < dev->class->register_count; r++) {
            fits = add_register(board->bus, dev, &dev->class->registers[r], value);
            value += elements(&dev->class->registers[r]);
        }
    }
    return fits ? NULL : "out of memory";
}

void vb_bus_free(struct vb_board *board)
{
    for (unsigned i = 0; board->bus != NULL && i < BUCKETS; i++) {
        free(board->bus->pages[i].slots);
    }
    free(board->bus);
    free(board->arena);
}

/* What is in memory (FICR, UICR) outlives all but the power, as far as this model keeps it. */
static void reset_registers(struct vb_device *dev, enum vb_reset why)
{
    unsigned value = 0;

    for (unsigned r = 0; r < dev->class->register_count; r++) {
        const struct vb_register *reg = &dev->class->registers[r];
        for (unsigned i = 0; i < elements(reg); i++, value++) {
            if (reg->access != VB_MEMORY || why == VB_RESET_POWER) {
                dev->values[value] = reg->reset;
            }
        }
    }
}

void vb_bus_reset(struct vb_board *board, enum vb_reset why)
{
    for (unsigned i = 0; i < board->device_count; i++) {
        struct vb_device *dev = &board->devices[i];
        if (why == VB_RESET_POWER) {
            memset(dev->state, 0, dev->class->state_size);
        }
        reset_registers(dev, why);
        dev->inten = 0;
        dev->due = VB_NEVER;
        vb_irq(dev, false);
    }
    for (unsigned i = 0; i < board->device_count; i++) { /* all registers first: one device may look at another */
        if (board->devices[i].class->reset != NULL) {
            board->devices[i].class->reset(&board->devices[i], why);
        }
    }
}

/* ---- events and interrupts ---- */

static bool interrupts(const struct vb_device *dev)
{
    unsigned value = 0;

    for (unsigned r = 0; r < dev->class->register_count; r++) {
        const struct vb_register *reg = &dev->class->registers[r];
        for (unsigned i = 0; i < elements(reg); i++, value++) {
            uint32_t bit = (offset_of(reg, i) - EVENTS) / 4;
            if (reg->access == VB_EVENT && bit < 32 && (dev->inten >> bit & 1) != 0 && dev->values[value] != 0) {
                return true;
            }
        }
    }
    return false;
}

static void update_interrupt(struct vb_device *dev)
{
    if (dev->irq >= 0) {
        vb_irq(dev, dev->inten != 0 && interrupts(dev));
    }
}

void vb_event(struct vb_device *dev, uint32_t off)
{
    vb_set(dev, off, 1);
    update_interrupt(dev);
}

void vb_irq(struct vb_device *dev, bool level)
{
    if (dev->irq >= 0) {
        vb_scs_line(&dev->board->scs, (unsigned)dev->irq, level);
    }
}

/* ---- accesses ---- */

static void element_name(const struct slot *slot, char *text, size_t size)
{
    if (elements(slot->reg) == 1) {
        snprintf(text, size, "%s.%s", slot->dev->name, slot->reg->name);
    } else {
        unsigned stride = slot->reg->stride == 0 ? 4u : slot->reg->stride;
        snprintf(text, size, "%s.%s[%u]", slot->dev->name, slot->reg->name,
                 (slot->offset - slot->reg->offset) / stride);
    }
}

static void refuse(struct vb_board *board, const struct slot *slot, const char *what)
{
    char name[80];

    element_name(slot, name, sizeof(name));
    vb_board_end(board, VB_END_REFUSED, "%s %s", name, what);
}

static struct vb_device *device_of_page(const struct vb_board *board, uint32_t address)
{
    const struct page *page = bucket(board->bus, address / PAGE);

    for (unsigned i = 0; page->slots != NULL && i < WORDS; i++) {
        if (page->slots[i].dev != NULL) {
            return page->slots[i].dev;
        }
    }
    return NULL;
}

static const char *stranger_at(const struct vb_soc *soc, uint32_t address)
{
    for (unsigned i = 0; i < soc->stranger_count; i++) {
        if (address / PAGE == soc->strangers[i].base / PAGE ||
            (soc->alias != 0 && (address + soc->alias) / PAGE == soc->strangers[i].base / PAGE)) {
            return soc->strangers[i].name;
        }
    }
    return NULL;
}

static void refuse_unknown(struct vb_board *board, uint32_t address, const char *how)
{
    const struct vb_device *dev = device_of_page(board, address);
    const char *stranger = stranger_at(board->soc, address);

    if (dev == NULL && stranger != NULL) {
        vb_board_end(board, VB_END_REFUSED, "%s 0x%08x: %s is not modelled", how, address, stranger);
    } else if (dev == NULL) {
        vb_board_end(board, VB_END_REFUSED, "%s 0x%08x: the %s has no device there that is known", how, address,
                     board->soc->name);
    } else {
        vb_board_end(board, VB_END_REFUSED, "%s 0x%08x: %s has no register at offset 0x%03x that is known", how,
                     address, dev->name, address - dev->base);
    }
}

/* The slot of an access that is allowed so far; NULL: the run has ended. */
static const struct slot *reach(struct vb_board *board, uint32_t address, unsigned size, const char *how)
{
    const struct slot *slot = find(board->bus, address);
    const char *why = NULL;

    if (slot == NULL && board->soc->alias != 0) {
        slot = find(board->bus, address + board->soc->alias);
    }
    if (slot == NULL) {
        refuse_unknown(board, address, how);
    } else if (slot->reg->access != VB_MEMORY && (size != 4 || address % 4 != 0)) {
        refuse(board, slot, "takes whole words only");
    } else if (board->soc->permits != NULL && !board->soc->permits(board, slot->dev, address, &why)) {
        refuse(board, slot, why);
    } else {
        return slot;
    }
    return NULL;
}

static uint32_t read_slot(struct vb_board *board, const struct slot *slot)
{
    struct vb_device *dev = slot->dev;
    uint32_t stored = dev->values[slot->value];

    switch (slot->reg->access) {
    case VB_TASK:
        return 0;
    case VB_EVENT:
        if (stored == 0 && dev->due != VB_NEVER) {
            vb_polled(board, &board->polling, dev->due); /* an event comes no earlier than the device does something */
        }
        return dev->class->read == NULL ? stored : dev->class->read(dev, slot->offset, stored);
    case VB_WRITE_ONLY:
        refuse(board, slot, "is written only");
        return 0;
    case VB_INTEN:
    case VB_INTENSET:
    case VB_INTENCLR:
        return dev->inten;
    default:
        return dev->class->read == NULL ? stored : dev->class->read(dev, slot->offset, stored);
    }
}

/* Start-up code copies all of FICR, whatever it holds. */
static bool is_erased_word(const struct vb_board *board, uint32_t address)
{
    struct vb_device *dev = find(board->bus, address) == NULL ? device_of_page(board, address) : NULL;

    if (dev == NULL || !dev->class->is_flash) {
        return false;
    }
    vb_note(dev, "words that are not modelled are read, as erased");
    return true;
}

static bool is_xip(const struct vb_board *board, uint32_t address)
{
    return board->soc->xip != 0 && address - board->soc->xip < VB_XIP_SIZE;
}

uint32_t vb_bus_load(void *ctx, uint32_t address, unsigned size)
{
    struct vb_board *board = ctx;

    if (vb_scs_owns(address)) {
        return vb_scs_load(&board->scs, address, size);
    }
    if (board->end != VB_END_NOT) {
        return 0;
    }
    if (is_xip(board, address)) {
        return board->soc->xip_load(board, address - board->soc->xip, size);
    }
    if (vb_board_flash(board, address, size) != NULL) {
        return board->soc->flash_load(board, address, size);
    }
    if (is_erased_word(board, address)) {
        return 0xffffffffu >> (32 - 8 * size);
    }
    const struct slot *slot = reach(board, address, size, "read from");
    if (slot == NULL) {
        return 0;
    }
    uint32_t value = read_slot(board, slot) >> address % 4 * 8;
    return size == 4 ? value : value & ((1u << size * 8) - 1);
}

static uint32_t call_write(const struct slot *slot, uint32_t value)
{
    struct vb_device *dev = slot->dev;

    return dev->class->write == NULL ? value : dev->class->write(dev, slot->offset, value);
}

static void write_inten(const struct slot *slot, uint32_t value)
{
    struct vb_device *dev = slot->dev;
    uint8_t access = slot->reg->access;

    dev->inten = access == VB_INTEN ? value : access == VB_INTENSET ? dev->inten | value : dev->inten & ~value;
    update_interrupt(dev);
}

static void write_slot(struct vb_board *board, const struct slot *slot, uint32_t value)
{
    uint32_t *stored = &slot->dev->values[slot->value];

    switch (slot->reg->access) {
    case VB_READ_ONLY:
        refuse(board, slot, "is read only");
        break;
    case VB_TASK:
        if (value != 0) {
            call_write(slot, value);
        }
        break;
    case VB_EVENT:
        *stored = call_write(slot, value & 1);
        update_interrupt(slot->dev);
        break;
    case VB_INTEN:
    case VB_INTENSET:
    case VB_INTENCLR:
        write_inten(slot, value);
        break;
    default:
        if (((value ^ *stored) & slot->reg->reserved) != 0) {
            refuse(board, slot, "has reserved bits, which must be written as they read");
            break;
        }
        *stored = call_write(slot, value);
        break;
    }
}

static void store_xip(struct vb_board *board, uint32_t address, unsigned size, uint32_t value)
{
    if (board->soc->xip_store != NULL) {
        board->soc->xip_store(board, address - board->soc->xip, size, value);
    } else {
        vb_board_end(board, VB_END_REFUSED, "write to 0x%08x: the external chip cannot be written through XIP",
                     address);
    }
}

void vb_bus_store(void *ctx, uint32_t address, unsigned size, uint32_t value)
{
    struct vb_board *board = ctx;

    if (vb_scs_owns(address)) {
        vb_scs_store(&board->scs, address, size, value);
        return;
    }
    if (board->end != VB_END_NOT) {
        return;
    }
    if (is_xip(board, address)) {
        store_xip(board, address, size, value);
        return;
    }
    if (vb_board_flash(board, address, size) != NULL) {
        board->soc->flash_store(board, address, size, value);
        return;
    }
    const struct slot *slot = reach(board, address, size, "write to");
    if (slot == NULL) {
        return;
    }
    if (slot->reg->access == VB_MEMORY) {
        board->soc->flash_store(board, address, size, value);
    } else if (slot->reg->access == VB_WRITE_ONCE && slot->dev->values[slot->value] != slot->reg->reset) {
        refuse(board, slot, "is written once between resets");
    } else {
        write_slot(board, slot, value);
    }
}

/* ---- what devices ask for ---- */

struct vb_device *vb_find(struct vb_board *board, const char *name)
{
    for (unsigned i = 0; i < board->device_count; i++) {
        if (strcmp(board->devices[i].name, name) == 0) {
            return &board->devices[i];
        }
    }
    return NULL;
}

static void say(struct vb_device *dev, const char *fmt, va_list args, char text[VB_WHY_SIZE])
{
    int len = snprintf(text, VB_WHY_SIZE, "%s: ", dev->name);

    vsnprintf(text + len, VB_WHY_SIZE - (size_t)len, fmt, args);
}

void vb_refuse(struct vb_device *dev, const char *fmt, ...)
{
    char text[VB_WHY_SIZE];
    va_list args;

    va_start(args, fmt);
    say(dev, fmt, args, text);
    va_end(args);
    vb_board_end(dev->board, VB_END_REFUSED, "%s", text);
}

void vb_note(struct vb_device *dev, const char *fmt, ...)
{
    struct vb_board *board = dev->board;
    char text[VB_WHY_SIZE];
    va_list args;

    va_start(args, fmt);
    say(dev, fmt, args, text);
    va_end(args);
    for (unsigned i = 0; i < board->note_count; i++) {
        if (strcmp(board->notes[i], text) == 0) {
            return;
        }
    }
    if (board->note_count < VB_NOTES) {
        memcpy(board->notes[board->note_count++], text, sizeof(text));
    }
}

static uint8_t *dma(struct vb_device *dev, uint32_t address, uint32_t len)
{
    struct vb_board *board = dev->board;
    uint8_t *ram = vb_board_ram(board, address, len);

    if (ram == NULL) {
        vb_refuse(dev, "DMA reaches RAM only, not %u bytes at 0x%08x", len, address);
    }
    return ram;
}

bool vb_dma_read(struct vb_device *dev, uint32_t address, void *dst, uint32_t len)
{
    const uint8_t *from = dma(dev, address, len);

    if (from != NULL) {
        memcpy(dst, from, len);
    }
    return from != NULL;
}

bool vb_dma_write(struct vb_device *dev, uint32_t address, const void *src, uint32_t len)
{
    uint8_t *to = dma(dev, address, len);

    if (to != NULL) {
        memcpy(to, src, len);
        vb_cpu_ram_changed(dev->board->cpu, address - dev->board->soc->ram_base, len);
    }
    return to != NULL;
}
