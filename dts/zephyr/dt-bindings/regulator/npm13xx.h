/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_DT_NPM13XX_H
#define OUTBOARD_DT_NPM13XX_H

/* Nothing here drives the chip: names that overlays use. */
#define NPM13XX_LDSW_MODE_LDO 1
#define NPM13XX_LDSW_MODE_LDSW 2
#define NPM13XX_BUCK_MODE_AUTO 0
#define NPM13XX_BUCK_MODE_PWM 1
#define NPM13XX_BUCK_MODE_PFM 4

#endif
