/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_COMMON_ELF_H
#define OUTBOARD_COMMON_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** One loadable piece of an ELF file, by the address where it lies in flash. */
struct ob_elf_segment {
    uint32_t address;
    const uint8_t *data;
    uint32_t len;
};

/** Is this an ELF file for a 32-bit little-endian Arm? */
bool ob_elf_is(const uint8_t *file, size_t len);

/** Does the file hold all that its program headers name? */
bool ob_elf_is_whole(const uint8_t *file, size_t len);

/** The n-th segment (from 0) that holds bytes. false: there are fewer, or the file is cut short. */
bool ob_elf_segment(const uint8_t *file, size_t len, unsigned n, struct ob_elf_segment *out);

#endif
