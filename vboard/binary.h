/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_BINARY_H
#define OUTBOARD_VBOARD_BINARY_H

#include <stdint.h>

#include "common/diag.h"
#include "symbols.h"

/** A chip that binaries are put into: what a programmer would have in its buffer. */
struct vb_buffer {
    const char *what; /* for messages: "the nRF52840's flash" */
    uint32_t base;    /* address of the first byte, as ELF and HEX files see it */
    uint32_t size;    /* bytes */
    uint8_t *data;
    const struct vb_buffer *beside; /* another memory that the same file may have bytes for; NULL: none */
};

/**
 * Put an ELF, Intel HEX, UF2 or raw file into a buffer and those beside it. Which one it is, its content tells.
 *
 * @param spec     `FILE` or `FILE@ADDR`: ADDR is where a raw file begins; others know their addresses
 * @param symbols  gets an ELF file's names; may be NULL
 * @return OB_EXIT_USAGE after printing what is wrong: nothing was put
 */
enum ob_exit vb_binary_put(const char *spec, const struct vb_buffer *buffer, struct vb_symbols *symbols);

#endif
