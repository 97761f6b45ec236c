/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_PM_CHIP_H
#define OUTBOARD_PM_CHIP_H

#include "../../../../drivers/flash/sfdp.h"
#include "facts.h"

#define PM_BFP_BYTES_MAX 256U

/** What the devicetree says about a flash chip: its basic flash parameter table (`sfdp-bfp`), as the driver decodes it.
 */
struct pm_chip {
    uint8_t bfp[PM_BFP_BYTES_MAX];
    uint32_t bfp_len;    /* bytes; 0: there is none */
    bool is_usable;      /* the driver accepts the table */
    struct ob_sfdp sfdp; /* valid if it does */
};

void pm_chip_read(const struct ob_yaml *node, struct pm_chip *chip);

/**
 * The smallest unit that the driver of an image erases: of the table, unless the image assumes
 * (CONFIG_SPI_NOR_SFDP_MINIMAL); else `erase-block-size`, 4096 if there is none.
 */
uint32_t pm_chip_erase_unit(const struct pm_chip *chip, const struct pm_image *image, const struct ob_yaml *node);

#endif
