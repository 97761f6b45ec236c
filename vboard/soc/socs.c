/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <stddef.h>

#include "../board.h"

extern const struct vb_soc vb_soc_nrf52840, vb_soc_nrf5340, vb_soc_ast1030;

const struct vb_soc *const vb_socs[] = {&vb_soc_nrf52840, &vb_soc_nrf5340, &vb_soc_ast1030, NULL};
