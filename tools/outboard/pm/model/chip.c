/* SPDX-License-Identifier: Apache-2.0 */
#include "chip.h"

void pm_chip_read(const struct ob_yaml *node, struct pm_chip *chip)
{
    chip->bfp_len = pm_node_bytes(node, "sfdp-bfp", chip->bfp, sizeof(chip->bfp));
    chip->is_usable = chip->bfp_len != 0 && ob_sfdp_parse_bfp(chip->bfp, chip->bfp_len, &chip->sfdp) == OB_OK;
}

uint32_t pm_chip_erase_unit(const struct pm_chip *chip, const struct pm_image *image, const struct ob_yaml *node)
{
    uint64_t unit = pm_node_number(node, "erase-block-size", 4096);

    if (chip->is_usable && !pm_image_is_set(image, "CONFIG_SPI_NOR_SFDP_MINIMAL")) {
        return chip->sfdp.erase[0].size;
    }
    return unit == 0 || unit > UINT32_MAX / 2 ? 4096 : (uint32_t)unit;
}
