/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_DT_STATIC_VRINGS_H
#define OUTBOARD_DT_STATIC_VRINGS_H

/* Nothing here talks to another core: names that overlays use. */
#define PRIO_COOP 0
#define PRIO_PREEMPT 1

#endif
