/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_SYMBOLS_H
#define OUTBOARD_VBOARD_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Names of functions, from the symbol tables of ELF files. */

struct vb_symbol {
    uint32_t address; /* without the Thumb bit */
    uint32_t size;
    char *name;
};

struct vb_symbols {
    struct vb_symbol *items; /* by address */
    size_t count;
};

/** Add an ELF file's functions. A file that is no such ELF adds none. */
void vb_symbols_add(struct vb_symbols *symbols, const uint8_t *file, size_t len);
void vb_symbols_free(struct vb_symbols *symbols);

/** The function that an address lies in; NULL: none that is known. */
const struct vb_symbol *vb_symbols_at(const struct vb_symbols *symbols, uint32_t address);
const struct vb_symbol *vb_symbols_named(const struct vb_symbols *symbols, const char *name);

#endif
