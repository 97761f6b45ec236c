/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_COVERAGE_H
#define OUTBOARD_VBOARD_COVERAGE_H

#include <stdint.h>

/*
 * Which instructions of the bootloader were executed, and where each of its jumps led: scripts/coverage_binary.py holds
 * it against the disassembly. Asked for by the environment, OUTBOARD_COVERAGE=<folder>, so that whatever runs boards
 * can be asked: each process leaves a file there.
 */

struct vb_coverage;

/** Of code in [0, size) of flash. @return NULL: nobody asks */
struct vb_coverage *vb_coverage_new(uint32_t size);

/** An instruction is about to be executed. */
void vb_coverage_step(struct vb_coverage *coverage, uint32_t address, uint32_t len);

/** Write the file, and forget. NULL does nothing. */
void vb_coverage_end(struct vb_coverage *coverage);

#endif
