/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_SPI_MEM_H
#define OUTBOARD_SPI_MEM_H

#include <stdbool.h>
#include <stdint.h>

#include <outboard/err.h>

/** Which way the payload of an operation goes. */
enum ob_spi_mem_dir { OB_SPI_MEM_NONE, OB_SPI_MEM_IN, OB_SPI_MEM_OUT };

/**
 * One chip-select cycle on a serial memory: opcode, address, dummy clocks, payload.
 * The chip driver builds it, the controller executes it and knows nothing about flash.
 */
struct ob_spi_mem_op {
    uint8_t opcode;
    uint8_t address_size;  /* bytes on the wire: 0, 3 or 4, most significant first */
    uint8_t dummy_cycles;  /* clocks between address and payload, a multiple of 8 for one lane */
    uint8_t address_lanes; /* 1, 2 or 4; also for the dummy clocks */
    uint8_t data_lanes;    /* 1, 2 or 4 */
    enum ob_spi_mem_dir dir;
    uint32_t address;
    uint32_t len; /* bytes of payload */
    union {
        void *in;        /* OB_SPI_MEM_IN */
        const void *out; /* OB_SPI_MEM_OUT; anywhere the CPU can read */
    } data;
};

struct ob_spi_mem;

struct ob_spi_mem_ops {
    /**
     * Execute one operation, chip select low throughout.
     * @return OB_ERR_RANGE: the controller cannot do it (lanes, length): nothing was sent;
     *         OB_ERR_BUS, OB_ERR_TIMEOUT: the transfer broke off.
     */
    enum ob_err (*exec)(const struct ob_spi_mem *mem, const struct ob_spi_mem_op *op);
    /** Would exec() do it, length included? Asked for operations on more than one lane. NULL: one lane is all there is.
     */
    bool (*supports)(const struct ob_spi_mem *mem, const struct ob_spi_mem_op *op);
};

/** A chip select of a controller. */
struct ob_spi_mem {
    const struct ob_spi_mem_ops *ops;
    const void *ctx;       /* the controller's */
    const uint8_t *mapped; /* where the CPU reads a chip with 3-byte addresses between operations, or NULL */
    uint32_t max_len;      /* largest payload of one operation, bytes */
};

#endif
