/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <outboard/util.h>

#include "devices.h"

/*
 * nRF5340: addresses that have no name. The vendor's start-up code writes and reads them for anomalies 46, 140 and 160,
 * UART drivers read two for anomaly 44; anything else there is refused. Nobody outside knows what they do.
 */

static const struct vb_register low[] = {
    {.offset = 0x2118, .access = VB_WRITE_ONLY, .name = "(anomaly 160) 0x50002118"},
    {.offset = 0x2124, .access = VB_WRITE_ONLY, .name = "(anomaly 160) 0x50002124"},
    {.offset = 0x212c, .access = VB_WRITE_ONLY, .name = "(anomaly 160) 0x5000212c"},
    {.offset = 0x470c, .access = VB_WRITE_ONLY, .name = "(anomaly 160) 0x5000470c"},
    {.offset = 0x493c, .access = VB_WRITE_ONLY, .name = "(anomaly 160) 0x5000493c"},
};
static const struct vb_register middle[] = {
    {.offset = 0x2420, .access = VB_READ_ONLY, .name = "(anomaly 140) 0x50032420"},
    {.offset = 0x254c, .access = VB_WRITE_ONLY, .name = "(anomaly 46) 0x5003254c"},
    {.offset = 0x9e04, .access = VB_WRITE_ONLY, .name = "(anomaly 160) 0x50039e04"},
    {.offset = 0x9e08, .access = VB_WRITE_ONLY, .name = "(anomaly 160) 0x50039e08"},
};
static const struct vb_register high[] = {
    {.offset = 0x1110, .access = VB_WRITE_ONLY, .name = "(anomaly 160) 0x50101110"}};
static const struct vb_register highest[] = {
    {.offset = 0x12a0, .access = VB_WRITE_ONLY, .name = "(anomaly 160) 0x502012a0"}};
/** Is a transmitter or receiver still on from before? A UARTE that was left as it should be says no. */
static const struct vb_register uarte[] = {
    {.offset = 0xd64, .access = VB_READ_ONLY, .name = "(anomaly 44) 0x564"},
    {.offset = 0xd68, .access = VB_READ_ONLY, .name = "(anomaly 44) 0x568"},
};

const struct vb_class vb_class_errata53[5] = {
    {.name = "(no name)", .registers = low, .register_count = OB_ARRAY_SIZE(low)},
    {.name = "(no name)", .registers = middle, .register_count = OB_ARRAY_SIZE(middle)},
    {.name = "(no name)", .registers = high, .register_count = OB_ARRAY_SIZE(high)},
    {.name = "(no name)", .registers = highest, .register_count = OB_ARRAY_SIZE(highest)},
    {.name = "(no name)", .registers = uarte, .register_count = OB_ARRAY_SIZE(uarte)},
};
