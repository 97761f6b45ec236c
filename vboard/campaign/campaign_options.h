/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_CAMPAIGN_OPTIONS_H
#define OUTBOARD_VBOARD_CAMPAIGN_OPTIONS_H

#include <common/args.h>
#include <stdio.h>

#include "history.h"

/** --update, --permanent, --scenario, --old, --new, --slot, --vectors, and those of the target. Input: struct
 * vb_campaign. */
extern const struct argp vb_campaign_argp;

/** As it was on the command line, for a line that can be run again. */
void vb_campaign_print(const struct vb_campaign *campaign, FILE *out);

#endif
