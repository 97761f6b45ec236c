/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_DRIVERS_SPI_NOR_PARTS_H
#define OUTBOARD_DRIVERS_SPI_NOR_PARTS_H

#include "spi_nor.h"

/* What has to be known about single families of chips, because they cannot be asked for it, or answer wrongly. */

/** A register that tells whether the last program or erase failed. */
struct ob_nor_result_register {
    uint8_t manufacturer, type_mask, type; /* of the JEDEC id */
    uint8_t opcode;
    uint8_t ready_bit; /* 0: the status register is enough. Several dies in one package: it is that of one of them */
    uint8_t fail_bits;
    uint8_t clear_opcode; /* 0: the next operation clears them */
};

/** @return NULL: the chip has none */
const struct ob_nor_result_register *ob_nor_result_register(const uint8_t id[OB_SPI_NOR_ID_SIZE]);

/** Put right what the tables of this chip are known to say wrongly. */
void ob_nor_correct(const uint8_t id[OB_SPI_NOR_ID_SIZE], struct ob_sfdp *chip);

#endif
