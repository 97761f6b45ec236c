/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_DRIVERS_SPI_NOR_H
#define OUTBOARD_DRIVERS_SPI_NOR_H

#include <outboard/device.h>
#include <outboard/flash.h>
#include <outboard/spi_mem.h>

#include "sfdp.h"

#define OB_SPI_NOR_ID_SIZE 3

/** What the devicetree says about a chip. Absent facts are 0: the chip's own tables decide then. */
struct ob_spi_nor_config {
    const struct ob_device *bus;          /* api: const struct ob_spi_mem */
    const uint8_t *bfp;                   /* sfdp-bfp, for a chip without SFDP, or NULL */
    uint32_t bfp_len;                     /* bytes */
    uint32_t size;                        /* bytes */
    uint32_t wake_us;                     /* from deep power-down to the next command (t-exit-dpd) */
    uint8_t jedec_id[OB_SPI_NOR_ID_SIZE]; /* all 0: not compared */
    uint8_t write_size;                   /* reported in struct ob_flash; the chip itself programs single bytes */
    uint8_t enter_4byte;                  /* enter-4byte-addr: OB_SFDP_ENTER_4BYTE... */
    uint8_t lock_mask;                    /* has-lock: status register bits that must be 0 */
    bool unlock_all;                      /* requires-ulbpr: blocks are locked at power-up, 0x98 opens them */
};

/** A chip at run time. The devicetree glue places it; everything in it is found at start-up. */
struct ob_spi_nor {
    const struct ob_device *dev;
    const struct ob_spi_mem *mem;
    uint32_t under_way_us; /* longest time of the program or erase that was started; 0: none */
    uint8_t id[OB_SPI_NOR_ID_SIZE];
    uint8_t sfdp_address_size; /* bytes */
    uint8_t address_size;      /* bytes */
    uint8_t read_opcode;
    uint8_t program_opcode;
    bool is_proven;            /* a read has shown that the chip takes that many address bytes */
    struct ob_sfdp_read lanes; /* the read of long runs; opcode 0: as all others */
    struct ob_sfdp chip;
    struct ob_flash flash; /* the device's api */
};

/**
 * Bring a chip from any state, also one left by an earlier program, to idle, and learn what it is.
 *
 * @param dev  config: struct ob_spi_nor_config; data: struct ob_spi_nor, whose flash is the api
 * @return OB_ERR_NODEV: nothing answers, or it is not the chip that the devicetree describes (the log says which);
 *         OB_ERR_TIMEOUT: still busy with something from before the reset;
 *         errors of the bus.
 */
OB_MUST_CHECK enum ob_err ob_spi_nor_init(const struct ob_device *dev);

#endif
