/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "mpu.h"

#include <stddef.h>

#define TYPE 0xd90u
#define CTRL 0xd94u
#define RNR 0xd98u
#define RBAR 0xd9cu /* and RASR or RLAR behind it; three times more from 0xda4 on */
#define RASR_A3 0xdb8u
#define MAIR0 0xdc0u

#define CTRL_ENABLE 1u
#define CTRL_HFNMIENA 2u
#define CTRL_PRIVDEFENA 4u

/* Armv7-M. */
#define RBAR_VALID (1u << 4)
#define RASR_ENABLE 1u
#define RASR_XN (1u << 28)
#define LEAST_LOG2 5u     /* bytes of a region */
#define UNDIVIDED_LOG2 7u /* the largest without subregions */
#define SUBREGIONS_LOG2 3u

/* Armv8-M. */
#define RBAR_XN 1u
#define RBAR_READ_ONLY (1u << 2)
#define RLAR_ENABLE 1u

#define PPB 0xe0000000u /* the CPU's own registers, which the MPU does not protect */
#define PPB_END 0xe0100000u

unsigned vb_map_may(uint32_t address)
{
    bool device = (address >= 0x40000000u && address < 0x60000000u) || address >= 0xa0000000u;

    return device ? VB_MAY_READ | VB_MAY_WRITE : VB_MAY_ALL;
}

bool vb_mpu_is_on(const struct vb_mpu *mpu, bool handles_fault)
{
    return (mpu->ctrl & CTRL_ENABLE) != 0 && (!handles_fault || (mpu->ctrl & CTRL_HFNMIENA) != 0);
}

/* ---- Armv7-M: regions of a power of two, in eight parts; the highest number counts ---- */

static uint32_t size_log2(uint32_t rasr)
{
    return (rasr >> 1 & 0x1f) + 1;
}

static bool is_in_v7(uint32_t rbar, uint32_t rasr, uint32_t address)
{
    const uint32_t bits = size_log2(rasr);
    const uint64_t off = (uint64_t)address - (rbar & ~0x1fu);

    if ((rasr & RASR_ENABLE) == 0 || off >> bits != 0) {
        return false;
    }
    return bits <= UNDIVIDED_LOG2 || (rasr >> 8 >> (off >> (bits - SUBREGIONS_LOG2)) & 1) == 0;
}

static unsigned may_v7(uint32_t rasr)
{
    static const uint8_t by_ap[8] = {
        0,
        VB_MAY_ALL,
        VB_MAY_ALL,
        VB_MAY_ALL,
        0,
        VB_MAY_ALL & ~VB_MAY_WRITE,
        VB_MAY_ALL & ~VB_MAY_WRITE,
        VB_MAY_ALL & ~VB_MAY_WRITE,
    };

    return by_ap[rasr >> 24 & 7] & ((rasr & RASR_XN) != 0 ? ~VB_MAY_EXECUTE : VB_MAY_ALL);
}

/* ---- Armv8-M: from one address to another; regions must not overlap ---- */

static bool is_in_v8(uint32_t rbar, uint32_t rlar, uint32_t address)
{
    return (rlar & RLAR_ENABLE) != 0 && address >= (rbar & ~0x1fu) && address <= (rlar | 0x1fu);
}

static unsigned may_v8(uint32_t rbar)
{
    const unsigned may = (rbar & RBAR_READ_ONLY) != 0 ? VB_MAY_ALL & ~VB_MAY_WRITE : VB_MAY_ALL;

    return (rbar & RBAR_XN) != 0 ? may & ~VB_MAY_EXECUTE : may;
}

/* ---- either ---- */

unsigned vb_mpu_may(const struct vb_mpu *mpu, uint32_t address)
{
    unsigned regions = 0;
    unsigned may = 0;

    if (address >= PPB && address < PPB_END) {
        return VB_MAY_READ | VB_MAY_WRITE;
    }
    for (unsigned i = 0; i < VB_MPU_REGIONS; i++) {
        const uint32_t rbar = mpu->region[i].rbar;
        const uint32_t rasr = mpu->region[i].rasr;
        if (mpu->armv8m ? is_in_v8(rbar, rasr, address) : is_in_v7(rbar, rasr, address)) {
            may = mpu->armv8m ? may_v8(rbar) : may_v7(rasr);
            regions++;
        }
    }
    if (regions == 0) {
        return (mpu->ctrl & CTRL_PRIVDEFENA) != 0 ? vb_map_may(address) : 0;
    }
    return regions > 1 && mpu->armv8m ? 0 : may & vb_map_may(address);
}

/* ---- registers ---- */

/* Which region a register of pairs is about. */
static unsigned region_at(const struct vb_mpu *mpu, uint32_t offset)
{
    const unsigned alias = (offset - RBAR) / 8;

    return mpu->armv8m && alias > 0 ? (mpu->rnr & ~3u) + alias : mpu->rnr;
}

const char *vb_mpu_load(const struct vb_mpu *mpu, uint32_t offset, uint32_t *value)
{
    if (offset == TYPE) {
        *value = VB_MPU_REGIONS << 8;
    } else if (offset == CTRL) {
        *value = mpu->ctrl;
    } else if (offset == RNR) {
        *value = mpu->rnr;
    } else if (offset <= RASR_A3) {
        const unsigned region = region_at(mpu, offset);
        const uint32_t number = mpu->armv8m ? 0 : region; /* stands in RBAR */
        *value = (offset - RBAR) % 8 == 0 ? mpu->region[region].rbar | number : mpu->region[region].rasr;
    } else if (mpu->armv8m && offset >= MAIR0) {
        *value = mpu->mair[(offset - MAIR0) / 4];
    } else {
        return "the MPU has no such register,";
    }
    return NULL;
}

static const char *check_v7(uint32_t rbar, uint32_t rasr)
{
    const uint32_t bits = size_log2(rasr);

    if ((rasr & RASR_ENABLE) == 0) {
        return NULL;
    }
    if (bits < LEAST_LOG2) {
        return "a region of the MPU that is smaller than 32 bytes,";
    }
    if (bits <= UNDIVIDED_LOG2 && (rasr & 0xff00) != 0) {
        return "parts of a region of the MPU that is too small for them,";
    }
    if ((rasr >> 24 & 7) == 4) {
        return "a region of the MPU with reserved permissions,";
    }
    const uint32_t mask = bits == 32 ? UINT32_MAX : (1u << bits) - 1;
    return (rbar & ~0x1fu & mask) != 0 ? "a region of the MPU that is not aligned to its size," : NULL;
}

static const char *store_base(struct vb_mpu *mpu, uint32_t offset, uint32_t value)
{
    if (!mpu->armv8m && (value & RBAR_VALID) != 0) {
        mpu->rnr = value & 0xf;
        if (mpu->rnr >= VB_MPU_REGIONS) {
            return "the MPU has no such region,";
        }
    }
    mpu->region[region_at(mpu, offset)].rbar = mpu->armv8m ? value : value & ~0x1fu;
    return NULL;
}

static const char *store_attributes(struct vb_mpu *mpu, uint32_t offset, uint32_t value)
{
    const unsigned region = region_at(mpu, offset);

    mpu->region[region].rasr = value;
    return mpu->armv8m ? NULL : check_v7(mpu->region[region].rbar, value);
}

const char *vb_mpu_store(struct vb_mpu *mpu, uint32_t offset, uint32_t value)
{
    if (offset == CTRL) {
        mpu->ctrl = value & (CTRL_ENABLE | CTRL_HFNMIENA | CTRL_PRIVDEFENA);
        return (value & CTRL_HFNMIENA) != 0 && (value & CTRL_ENABLE) == 0 ? "the MPU is off, but on in faults," : NULL;
    }
    if (offset == RNR) {
        mpu->rnr = value % VB_MPU_REGIONS;
        return value >= VB_MPU_REGIONS ? "the MPU has no such region," : NULL;
    }
    if (offset >= RBAR && offset <= RASR_A3) {
        return (offset - RBAR) % 8 == 0 ? store_base(mpu, offset, value) : store_attributes(mpu, offset, value);
    }
    if (mpu->armv8m && offset >= MAIR0) {
        mpu->mair[(offset - MAIR0) / 4] = value;
        return NULL;
    }
    return "the MPU has no such register,";
}
