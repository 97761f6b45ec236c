/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_MPU_H
#define OUTBOARD_VBOARD_MPU_H

#include <stdbool.h>
#include <stdint.h>

#include "cpu.h"

/*
 * The memory protection unit of Armv7-M (PMSAv7) and Armv8-M (PMSAv8), eight regions. Sources: Armv7-M Architecture
 * Reference Manual, B3.5; Armv8-M, B9 and D1.2. Not there: what memory types do, and unprivileged code.
 */

#define VB_MPU_REGIONS 8u
#define VB_MPU_GRAIN 32u
#define VB_MPU_FIRST 0xd90u /* offsets in the system control space */
#define VB_MPU_LAST 0xdc4u

struct vb_mpu {
    bool armv8m;
    uint32_t ctrl, rnr;
    uint32_t mair[2];
    struct {
        uint32_t rbar;
        uint32_t rasr; /* Armv8-M: RLAR */
    } region[VB_MPU_REGIONS];
};

/** @return NULL, or why the part has no such register, or forbids this value */
const char *vb_mpu_load(const struct vb_mpu *mpu, uint32_t offset, uint32_t *value);
const char *vb_mpu_store(struct vb_mpu *mpu, uint32_t offset, uint32_t value);

/** Is it on? handles_fault: in HardFault or NMI */
bool vb_mpu_is_on(const struct vb_mpu *mpu, bool handles_fault);

/** What privileged code may do to the 32 bytes in which the address lies, while the MPU is on. */
unsigned vb_mpu_may(const struct vb_mpu *mpu, uint32_t address);

/** Without the MPU: the architecture's map. */
unsigned vb_map_may(uint32_t address);

#endif
