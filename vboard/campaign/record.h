/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_RECORD_H
#define OUTBOARD_VBOARD_RECORD_H

#include "history.h"

/** Does the bootloader's ledger in internal flash say that an image is missing? docs/SPEC.md, "Ledger", events. */
bool vb_record_says_missing(struct vb_campaign *campaign);

#endif
