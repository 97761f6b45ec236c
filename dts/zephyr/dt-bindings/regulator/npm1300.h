/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_DT_NPM1300_H
#define OUTBOARD_DT_NPM1300_H

/* Nothing here drives the chip: names that overlays use. */
#define NPM1300_LDSW_MODE_LDO 1
#define NPM1300_LDSW_MODE_LDSW 2
#define NPM1300_BUCK_MODE_AUTO 0
#define NPM1300_BUCK_MODE_PWM 1
#define NPM1300_BUCK_MODE_PFM 4

#endif
