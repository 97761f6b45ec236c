/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "symbols.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "common/elf.h"

/* Files are hostile: every offset is checked against the length by subtraction before it is used. */

static bool fits(size_t len, size_t off, size_t size)
{
    return off <= len && size <= len - off;
}

static bool read_section(const uint8_t *file, size_t len, unsigned index, Elf32_Shdr *out)
{
    Elf32_Ehdr header;

    memcpy(&header, file, sizeof(header));
    size_t at = header.e_shoff + (size_t)index * header.e_shentsize;
    if (index >= header.e_shnum || !fits(len, at, sizeof(*out))) {
        return false;
    }
    memcpy(out, file + at, sizeof(*out));
    return out->sh_type == SHT_NOBITS || fits(len, out->sh_offset, out->sh_size);
}

static void add_symbol(struct vb_symbols *symbols, const Elf32_Sym *symbol, const char *name)
{
    struct vb_symbol *items = realloc(symbols->items, (symbols->count + 1) * sizeof(*items));

    if (items != NULL) {
        symbols->items = items;
        items[symbols->count++] =
            (struct vb_symbol){.address = symbol->st_value & ~1u, .size = symbol->st_size, .name = strdup(name)};
    }
}

static void add_table(struct vb_symbols *symbols, const uint8_t *file, const Elf32_Shdr *table,
                      const Elf32_Shdr *strings)
{
    for (size_t at = 0; at + sizeof(Elf32_Sym) <= table->sh_size; at += sizeof(Elf32_Sym)) {
        Elf32_Sym symbol;
        memcpy(&symbol, file + table->sh_offset + at, sizeof(symbol));
        const char *name = (const char *)file + strings->sh_offset + symbol.st_name;
        bool named = symbol.st_name < strings->sh_size && memchr(name, 0, strings->sh_size - symbol.st_name) != NULL;
        if (ELF32_ST_TYPE(symbol.st_info) == STT_FUNC && symbol.st_shndx != SHN_UNDEF && named) {
            add_symbol(symbols, &symbol, name);
        }
    }
}

static int by_address(const void *a, const void *b)
{
    const struct vb_symbol *left = a;
    const struct vb_symbol *right = b;

    return left->address < right->address ? -1 : left->address > right->address;
}

void vb_symbols_add(struct vb_symbols *symbols, const uint8_t *file, size_t len)
{
    Elf32_Shdr table;
    Elf32_Shdr strings;

    if (!ob_elf_is(file, len)) {
        return;
    }
    for (unsigned i = 0; read_section(file, len, i, &table); i++) {
        if (table.sh_type == SHT_SYMTAB && read_section(file, len, table.sh_link, &strings)) {
            add_table(symbols, file, &table, &strings);
        }
    }
    if (symbols->count > 0) {
        qsort(symbols->items, symbols->count, sizeof(*symbols->items), by_address);
    }
}

void vb_symbols_free(struct vb_symbols *symbols)
{
    for (size_t i = 0; i < symbols->count; i++) {
        free(symbols->items[i].name);
    }
    free(symbols->items);
    *symbols = (struct vb_symbols){0};
}

const struct vb_symbol *vb_symbols_at(const struct vb_symbols *symbols, uint32_t address)
{
    size_t low = 0;
    size_t high = symbols->count;

    while (low < high) { /* the first one above the address */
        size_t middle = low + (high - low) / 2;
        if (symbols->items[middle].address <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == 0) {
        return NULL;
    }
    const struct vb_symbol *found = &symbols->items[low - 1];
    return address - found->address < found->size ? found : NULL;
}

const struct vb_symbol *vb_symbols_named(const struct vb_symbols *symbols, const char *name)
{
    for (size_t i = 0; i < symbols->count; i++) {
        if (strcmp(symbols->items[i].name, name) == 0) {
            return &symbols->items[i];
        }
    }
    return NULL;
}
