/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include <outboard/util.h>

#include "spi_nor_address.h"
#include "spi_nor_bus.h"
#include "spi_nor_facts.h"
#include "spi_nor_lanes.h"

#define LONG_RUN 64u /* bytes from which the lanes are worth it */

/** Where a chip tells whether four lanes are on. Kinds that do not let it be read are not listed. */
static const struct quad_enable {
    uint8_t kind; /* enum ob_sfdp_quad */
    uint8_t opcode, mask;
} quad_enables[] = {
    {OB_SFDP_QUAD_S1B6, OB_NOR_READ_STATUS, 0x40},
    {OB_SFDP_QUAD_S2B7, OB_NOR_READ_STATUS_2_S2B7, 0x80},
    {OB_SFDP_QUAD_S2B1V5, OB_NOR_READ_STATUS_2, 0x02},
    {OB_SFDP_QUAD_S2B1V6, OB_NOR_READ_STATUS_2, 0x02},
};

/** The bit is non-volatile, and changes what two pins do: who built the board decides about it. It is only looked at.
 */
static enum ob_err find_quad(const struct ob_spi_nor *nor, bool *is_on)
{
    uint8_t value = 0;
    enum ob_err err = OB_OK;

    *is_on = nor->chip.quad == OB_SFDP_QUAD_NONE; /* there is no such bit */
    for (unsigned i = 0; err == OB_OK && i < OB_ARRAY_SIZE(quad_enables); i++) {
        if (quad_enables[i].kind == nor->chip.quad) {
            err = ob_nor_read_register(nor, quad_enables[i].opcode, &value, 1);
            *is_on = value != OB_NOR_NOBODY && (value & quad_enables[i].mask) != 0;
        }
    }
    return err;
}

static struct ob_spi_mem_op read_op(const struct ob_spi_nor *nor, const struct ob_sfdp_read *read, uint32_t off,
                                    void *dst, uint32_t len)
{
    struct ob_spi_mem_op op = ob_nor_op_at(nor, read->opcode, OB_SPI_MEM_IN, off, len);

    op.dummy_cycles = read->dummy_cycles;
    op.address_lanes = read->address_lanes;
    op.data_lanes = read->data_lanes;
    op.data.in = dst;
    return op;
}

static bool controller_can(const struct ob_spi_nor *nor, const struct ob_sfdp_read *read)
{
    const struct ob_spi_mem_op op = read_op(nor, read, 0, NULL, LONG_RUN);

    return read->opcode != 0 && nor->mem->ops->supports(nor->mem, &op);
}

enum ob_err ob_nor_choose_lanes(struct ob_spi_nor *nor)
{
    bool has_quad = false;
    enum ob_err err = OB_OK;

    nor->lanes = (struct ob_sfdp_read){0};
    if (nor->mem->ops->supports == NULL || (OB_NOR_LARGE && nor->read_opcode != OB_NOR_READ)) {
        return OB_OK; /* opcodes with four address bytes have other relatives, which no controller here knows */
    }
    err = find_quad(nor, &has_quad);
    for (unsigned i = 0; err == OB_OK && nor->lanes.opcode == 0 && i < OB_SFDP_READS; i++) {
        const struct ob_sfdp_read *read = &nor->chip.reads[i];

        if ((read->data_lanes < 4 || has_quad) && controller_can(nor, read)) {
            nor->lanes = *read;
        }
    }
    return err;
}

enum ob_err ob_nor_read(const struct ob_spi_nor *nor, uint32_t off, void *dst, uint32_t len)
{
    uint8_t *to = dst;
    enum ob_err err = OB_OK;

    while (err == OB_OK && nor->lanes.opcode != 0 && len >= LONG_RUN) {
        uint32_t now = OB_MIN(len, nor->mem->max_len);
        const struct ob_spi_mem_op op = read_op(nor, &nor->lanes, off, to, now);

        err = ob_nor_exec(nor, &op);
        off += now;
        to += now;
        len -= now;
    }
    return err == OB_OK ? ob_nor_read_array(nor, off, to, len) : err;
}
