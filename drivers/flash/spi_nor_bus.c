/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/time.h>
#include <outboard/util.h>
#include <outboard/watchdog.h>

#include "spi_nor_bus.h"

enum ob_err ob_nor_exec(const struct ob_spi_nor *nor, const struct ob_spi_mem_op *op)
{
    return nor->mem->ops->exec(nor->mem, op);
}

struct ob_spi_mem_op ob_nor_op(uint8_t opcode, enum ob_spi_mem_dir dir, uint32_t len)
{
    return (struct ob_spi_mem_op){.opcode = opcode, .address_lanes = 1, .data_lanes = 1, .dir = dir, .len = len};
}

struct ob_spi_mem_op ob_nor_op_at(const struct ob_spi_nor *nor, uint8_t opcode, enum ob_spi_mem_dir dir, uint32_t off,
                                  uint32_t len)
{
    struct ob_spi_mem_op op = ob_nor_op(opcode, dir, len);

    op.address_size = nor->address_size;
    op.address = off;
    return op;
}

enum ob_err ob_nor_command(const struct ob_spi_nor *nor, uint8_t opcode)
{
    const struct ob_spi_mem_op op = ob_nor_op(opcode, OB_SPI_MEM_NONE, 0);

    return ob_nor_exec(nor, &op);
}

enum ob_err ob_nor_read_register(const struct ob_spi_nor *nor, uint8_t opcode, void *dst, uint32_t len)
{
    struct ob_spi_mem_op op = ob_nor_op(opcode, OB_SPI_MEM_IN, len);

    op.data.in = dst;
    return ob_nor_exec(nor, &op);
}

enum ob_err ob_nor_write_register(const struct ob_spi_nor *nor, uint8_t opcode, uint8_t value)
{
    struct ob_spi_mem_op op = ob_nor_op(opcode, OB_SPI_MEM_OUT, sizeof(value));

    op.data.out = &value;
    return ob_nor_exec(nor, &op);
}

enum ob_err ob_nor_enable_write(const struct ob_spi_nor *nor)
{
    uint8_t status = 0;
    enum ob_err err = ob_nor_command(nor, OB_NOR_WRITE_ENABLE);

    if (err == OB_OK) {
        err = ob_nor_read_register(nor, OB_NOR_READ_STATUS, &status, 1);
    }
    if (err == OB_OK && (status & (OB_NOR_STATUS_WRITE_ENABLED | OB_NOR_STATUS_BUSY)) != OB_NOR_STATUS_WRITE_ENABLED) {
        err = OB_ERR_NODEV;
    }
    return err;
}

/** The clock is read before the register, so a wait that was held up still sees the last answer. */
enum ob_err ob_nor_poll(const struct ob_spi_nor *nor, uint8_t opcode, uint8_t mask, uint8_t idle, uint32_t max_us,
                        uint8_t *value)
{
    uint32_t start = ob_time_us();
    enum ob_err err;
    bool late;

    do {
        late = ob_time_us() - start > max_us;
        if (OB_ENABLED(CONFIG_SPI_NOR_FEED_WATCHDOG)) {
            ob_watchdog_feed();
        }
        err = ob_nor_read_register(nor, opcode, value, 1);
        if (err != OB_OK || (*value & mask) == idle) {
            return err;
        }
    } while (!late);
    return OB_ERR_TIMEOUT;
}

enum ob_err ob_nor_wait_idle(const struct ob_spi_nor *nor, uint32_t max_us)
{
    uint8_t status;

    return ob_nor_poll(nor, OB_NOR_READ_STATUS, OB_NOR_STATUS_BUSY, 0, max_us, &status);
}

bool ob_nor_all_bytes(const uint8_t *bytes, uint32_t len, uint8_t value)
{
    uint32_t i = 0;

    while (i < len && bytes[i] == value) {
        i++;
    }
    return i == len;
}
