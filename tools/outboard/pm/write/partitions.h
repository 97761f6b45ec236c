/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_PM_PARTITIONS_H
#define OUTBOARD_PM_PARTITIONS_H

#include <stdio.h>

#include "../model/pm.h"

/* The finished layout as the files that the SDK's script writes. */

void pm_emit_partitions(FILE *out, const struct pm_layout *layout);
void pm_emit_regions(FILE *out, const struct pm_layout *layout);

#endif
