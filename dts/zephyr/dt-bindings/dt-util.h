/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_DT_UTIL_H
#define OUTBOARD_DT_UTIL_H

/* What every devicetree of Zephyr has without asking for it. */
#define DT_SIZE_K(x) ((x) * 1024)
#define DT_SIZE_M(x) (DT_SIZE_K(x) * 1024)
#define DT_FREQ_K(x) ((x) * 1000)
#define DT_FREQ_M(x) (DT_FREQ_K(x) * 1000)
#define DT_ADDR(x) 0x##x
#define BIT(n) (1 << (n))

#endif
