/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_LINES_H
#define OUTBOARD_VBOARD_LINES_H

#include <stddef.h>
#include <stdint.h>

/** The line of the bootloader's source that an address comes from, as the toolchain's addr2line says; `?` if it
 * cannot. */
void vb_line_of(const char *build, uint32_t address, char *text, size_t size);

#endif
