/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_DT_NRF5X_REGULATOR_H
#define OUTBOARD_DT_NRF5X_REGULATOR_H

/* Nothing here switches the regulators: names that overlays use. */
#define NRF5X_REG_MODE_LDO 0
#define NRF5X_REG_MODE_DCDC 1

#endif
