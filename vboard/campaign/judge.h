/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_JUDGE_H
#define OUTBOARD_VBOARD_JUDGE_H

#include "history.h"

/** An image was entered: is it whole, and at its reset vector? false: out says what is wrong */
bool vb_judge_entry(struct vb_campaign *campaign, struct vb_history *out);

/** Does the primary slot hold this image, as the CPU sees it? false: also if there is none */
bool vb_judge_holds(const struct vb_campaign *campaign, const struct vb_image *image);

/** It failed, in its latest start: this is wrong. */
void vb_judge_fail(struct vb_history *out, const char *what, ...) __attribute__((format(printf, 2, 3)));

/** What the network core holds: the new image as far as it checks one, all that it held at first, or neither. */
enum vb_outcome vb_campaign_network_holds(const struct vb_campaign *campaign);

#endif
