/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <outboard/util.h>

#include "spi_nor_parts.h"

static const struct ob_nor_result_register result_registers[] = {
    {0x20, 0xfe, 0xba, 0x70, 0x80, 0x32, 0x50}, /* Micron N25Q, MT25Q: flag status; erase, program, protection */
    {0x2c, 0x00, 0x00, 0x70, 0x80, 0x32, 0x50}, /* Micron MT35X */
    {0xc2, 0x00, 0x00, 0x2b, 0x00, 0x60, 0x00}, /* Macronix: security register; E_FAIL, P_FAIL */
};

const struct ob_nor_result_register *ob_nor_result_register(const uint8_t id[OB_SPI_NOR_ID_SIZE])
{
    for (unsigned i = 0; i < OB_ARRAY_SIZE(result_registers); i++) {
        const struct ob_nor_result_register *reg = &result_registers[i];

        if (id[0] == reg->manufacturer && (id[1] & reg->type_mask) == reg->type) {
            return reg;
        }
    }
    return NULL;
}

/** Tables that lie. Each row has a test, named after the part. */
static const struct exception {
    uint8_t id[OB_SPI_NOR_ID_SIZE];
    bool is_3_byte;     /* it claims 4 address bytes and knows only 3 */
    uint8_t slower;     /* times as long as it says, at most; 0: as it says */
    uint16_t page_size; /* bytes after which its page buffer really wraps; 0: as it says */
} exceptions[] = {
    {{0xc2, 0x25, 0x37}, true, 0, 0}, /* Macronix MX25U6432F. Zephyr issue 109502 */
    /* Macronix MX25R8035F to MX25R6435F are sold in their low-power mode; their tables tell the times of the other one.
     * Data sheet, AC characteristics of both modes. */
    {{0xc2, 0x28, 0x14}, false, 3, 0},
    {{0xc2, 0x28, 0x15}, false, 3, 0},
    {{0xc2, 0x28, 0x16}, false, 3, 0},
    {{0xc2, 0x28, 0x17}, false, 3, 0},
    /* Cypress S25FS128S, S25FS256S, S25FS512S say 512. Their ids are those of S25FL-S too, which 256 does not hurt.
     * Linux, drivers/mtd/spi-nor/spansion.c */
    {{0x01, 0x20, 0x18}, false, 0, 256},
    {{0x01, 0x02, 0x19}, false, 0, 256},
    {{0x01, 0x02, 0x20}, false, 0, 256},
};

static void slow_down(struct ob_sfdp *chip, uint32_t times)
{
    chip->program_max_us *= times;
    for (unsigned i = 0; i < OB_FLASH_ERASE_SIZES; i++) {
        chip->erase[i].max_us *= times;
    }
}

void ob_nor_correct(const uint8_t id[OB_SPI_NOR_ID_SIZE], struct ob_sfdp *chip)
{
    for (unsigned i = 0; i < OB_ARRAY_SIZE(exceptions); i++) {
        const struct exception *exception = &exceptions[i];

        if (memcmp(id, exception->id, sizeof(exception->id)) != 0) {
            continue;
        }
        chip->address = exception->is_3_byte ? OB_SFDP_ADDRESS_3 : chip->address;
        chip->page_size = exception->page_size != 0 ? exception->page_size : chip->page_size;
        slow_down(chip, OB_MAX(exception->slower, 1));
    }
}
