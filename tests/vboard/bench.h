/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_TESTS_VBOARD_BENCH_H
#define OUTBOARD_TESTS_VBOARD_BENCH_H

#include "board.h"
#include "dev/nor.h"

/* A development kit without a program: the test does what the CPU would do. */

extern struct vb_board *bench;

/** @param name  "nRF52840" or "nRF5340"; the kit's chip on the kit's pins */
void bench_begin(const char *name);

/** The same with another chip, or none (NULL). */
void bench_begin_with(const char *name, const struct nor_part *part);
int bench_end(void **state);

struct nor_chip *bench_chip(void);

uint32_t bench_read(uint32_t address);
void bench_write(uint32_t address, uint32_t value);
void bench_pass_us(uint64_t us);

/** Time passes until the register holds the value; fails if that takes longer than `us`. */
void bench_wait(uint32_t address, uint32_t value, uint64_t us);

/** The run has ended because of something that contains this text; it goes on. */
void bench_assert_refused(const char *text);

/** Nothing was refused. */
void bench_assert_fine(void);

/** Reset as SYSRESETREQ does. */
void bench_soft_reset(void);

uint8_t *bench_ram(uint32_t address);

#endif
