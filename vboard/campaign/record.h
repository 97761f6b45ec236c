/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_RECORD_H
#define OUTBOARD_VBOARD_RECORD_H

#include "history.h"

/* An event as it is stored: docs/SPEC.md, "Ledger", events. Compared with the bootloader's own header by
 * tests/vboard/test_network.c: that header is under another licence. */
enum {
    VB_EVENT_SIZE = 32,
    VB_EVENT_CHECKED = 24, /* bytes that the check behind them covers */
    VB_EVENT_KIND = 20,
    VB_EVENT_IMAGE = 21,
    VB_EVENT_KIND_MISSING = 9,
};

/** Does the bootloader's ledger in internal flash say that this image is missing? */
bool vb_record_says_missing(struct vb_campaign *campaign, uint8_t image);

#endif
