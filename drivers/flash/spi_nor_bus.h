/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_DRIVERS_SPI_NOR_BUS_H
#define OUTBOARD_DRIVERS_SPI_NOR_BUS_H

#include "spi_nor.h"

/* Commands without an address, registers, and waits: what every part of the driver says to a chip. */

/* Opcodes that all vendors share; JESD216D-01 names them where it describes them. */
enum ob_spi_nor_opcode {
    OB_NOR_WRITE_STATUS = 0x01,
    OB_NOR_PROGRAM = 0x02,
    OB_NOR_READ = 0x03,
    OB_NOR_WRITE_DISABLE = 0x04,
    OB_NOR_READ_STATUS = 0x05,
    OB_NOR_WRITE_ENABLE = 0x06,
    OB_NOR_PROGRAM_4BYTE = 0x12,
    OB_NOR_READ_4BYTE = 0x13,
    OB_NOR_READ_BANK = 0x16,
    OB_NOR_WRITE_BANK = 0x17,
    OB_NOR_READ_STATUS_2 = 0x35,
    OB_NOR_READ_STATUS_2_S2B7 = 0x3f,
    OB_NOR_READ_SFDP = 0x5a,
    OB_NOR_RESET_ENABLE = 0x66,
    OB_NOR_UNLOCK_ALL = 0x98,
    OB_NOR_RESET = 0x99,
    OB_NOR_READ_ID = 0x9f,
    OB_NOR_WAKE = 0xab,
    OB_NOR_ENTER_4BYTE = 0xb7,
    OB_NOR_EXIT_4BYTE = 0xe9,
    OB_NOR_MODE_RESET = 0xff,
};

#define OB_NOR_STATUS_BUSY 0x01u
#define OB_NOR_STATUS_WRITE_ENABLED 0x02u
#define OB_NOR_NOBODY 0xffu /* what an open line reads */

/** An operation on one lane, its data still to be set: without address, and with one of the chip's. */
struct ob_spi_mem_op ob_nor_op(uint8_t opcode, enum ob_spi_mem_dir dir, uint32_t len);
struct ob_spi_mem_op ob_nor_op_at(const struct ob_spi_nor *nor, uint8_t opcode, enum ob_spi_mem_dir dir, uint32_t off,
                                  uint32_t len);

OB_MUST_CHECK enum ob_err ob_nor_exec(const struct ob_spi_nor *nor, const struct ob_spi_mem_op *op);
OB_MUST_CHECK enum ob_err ob_nor_command(const struct ob_spi_nor *nor, uint8_t opcode);
OB_MUST_CHECK enum ob_err ob_nor_read_register(const struct ob_spi_nor *nor, uint8_t opcode, void *dst, uint32_t len);
/** One byte, after which the chip may be busy. */
OB_MUST_CHECK enum ob_err ob_nor_write_register(const struct ob_spi_nor *nor, uint8_t opcode, uint8_t value);

/** An idle chip that is there sets the latch; one that lost power, or a loose wire, does not: OB_ERR_NODEV. */
OB_MUST_CHECK enum ob_err ob_nor_enable_write(const struct ob_spi_nor *nor);

/**
 * Read a register until its `mask` bits are `idle`, feeding the watchdog meanwhile.
 *
 * @param value  the last answer
 * @return OB_ERR_TIMEOUT: they were not after max_us
 */
OB_MUST_CHECK enum ob_err ob_nor_poll(const struct ob_spi_nor *nor, uint8_t opcode, uint8_t mask, uint8_t idle,
                                      uint32_t max_us, uint8_t *value);
OB_MUST_CHECK enum ob_err ob_nor_wait_idle(const struct ob_spi_nor *nor, uint32_t max_us);

bool ob_nor_all_bytes(const uint8_t *bytes, uint32_t len, uint8_t value);

#endif
