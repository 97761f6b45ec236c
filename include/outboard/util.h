/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_UTIL_H
#define OUTBOARD_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * 1 where a Kconfig bool is y in this image, else 0. An expression, so both sides of an `if` always compile.
 *
 * A bool that is n is not defined at all; one that is y is defined as 1.
 */
#define OB_ENABLED(config) OB_ENABLED_1(config)
#define OB_ENABLED_1(value) OB_ENABLED_2(OB_ENABLED_ARG_##value)
#define OB_ENABLED_2(comma_or_junk) OB_ENABLED_3(comma_or_junk 1, 0, 0)
#define OB_ENABLED_3(junk, value, ...) value
#define OB_ENABLED_ARG_1 0,

#define OB_ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#define OB_MIN(a, b) ((a) < (b) ? (a) : (b))
#define OB_MAX(a, b) ((a) > (b) ? (a) : (b))

/** Round down or up to a multiple of unit, which need not be a power of two. The caller knows that the sum fits. */
static inline uint32_t ob_align_down(uint32_t value, uint32_t unit)
{
    return value - value % unit;
}

static inline uint32_t ob_align_up(uint32_t value, uint32_t unit)
{
    return ob_align_down(value + unit - 1, unit);
}

/** Number of units that hold `value` bytes. */
static inline uint32_t ob_div_up(uint32_t value, uint32_t unit)
{
    return value / unit + (value % unit != 0);
}

/** Do all bytes have this value? */
static inline bool ob_filled(const uint8_t *data, uint32_t len, uint8_t value)
{
    while (len > 0 && data[len - 1] == value) {
        len--;
    }
    return len == 0;
}

/** Overwrite a secret, whether or not anybody reads the bytes again. */
static inline void ob_wipe(void *data, size_t len)
{
    volatile uint8_t *bytes = data;

    while (len > 0) {
        bytes[--len] = 0;
    }
}

/** Little-endian fields at any alignment. */
static inline uint16_t ob_get_le16(const uint8_t src[2])
{
    return (uint16_t)(src[0] | src[1] << 8);
}

static inline uint32_t ob_get_le32(const uint8_t src[4])
{
    return (uint32_t)src[0] | (uint32_t)src[1] << 8 | (uint32_t)src[2] << 16 | (uint32_t)src[3] << 24;
}

static inline void ob_put_le16(uint8_t dst[2], uint16_t value)
{
    dst[0] = (uint8_t)value;
    dst[1] = (uint8_t)(value >> 8);
}

static inline void ob_put_le32(uint8_t dst[4], uint32_t value)
{
    ob_put_le16(dst, (uint16_t)value);
    ob_put_le16(dst + 2, (uint16_t)(value >> 16));
}

#endif
