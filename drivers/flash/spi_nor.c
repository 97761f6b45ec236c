/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <outboard/log.h>
#include <outboard/time.h>
#include <outboard/util.h>

#include "spi_nor_address.h"
#include "spi_nor_bus.h"
#include "spi_nor_facts.h"
#include "spi_nor_lanes.h"
#include "spi_nor_parts.h"

/* Longest times that no table tells before the chip can be asked: the slowest of common parts. */
#define WAKE_US 100u
#define RESET_US 100u
#define STATUS_WRITE_US 1000000u
#define START_TIMEOUT_US (CONFIG_SPI_NOR_START_TIMEOUT_MS * 1000u)

static enum ob_err check_result(const struct ob_spi_nor *nor, const struct ob_nor_result_register *reg, uint32_t max_us)
{
    uint8_t value = 0;
    enum ob_err err = ob_nor_poll(nor, reg->opcode, reg->ready_bit, reg->ready_bit, max_us, &value);

    /* An old part of the family lacks the register and leaves the line open. */
    if (err != OB_OK || value == OB_NOR_NOBODY || (value & reg->fail_bits) == 0) {
        return err;
    }
    if (reg->clear_opcode != 0) {
        err = ob_nor_command(nor, reg->clear_opcode);
    }
    return err == OB_OK ? OB_ERR_FAILED : err;
}

/** Wait for a program or an erase that was sent. */
static enum ob_err complete(const struct ob_spi_nor *nor, uint32_t max_us)
{
    const struct ob_nor_result_register *reg = ob_nor_result_register(nor->id);
    enum ob_err err = ob_nor_wait_idle(nor, max_us);

    return err == OB_OK && reg != NULL ? check_result(nor, reg, max_us) : err;
}

enum ob_err ob_nor_read_array(const struct ob_spi_nor *nor, uint32_t off, void *dst, uint32_t len)
{
    uint8_t *to = dst;
    enum ob_err err = OB_OK;

    while (err == OB_OK && len > 0) {
        uint32_t now = OB_MIN(len, nor->mem->max_len);
        struct ob_spi_mem_op op = ob_nor_op_at(nor, nor->read_opcode, OB_SPI_MEM_IN, off, now);

        op.data.in = to;
        err = ob_nor_exec(nor, &op);
        off += now;
        to += now;
        len -= now;
    }
    return err;
}

static enum ob_err nor_finish(const struct ob_flash *flash)
{
    struct ob_spi_nor *nor = flash->ctx;
    uint32_t max_us = nor->under_way_us;

    nor->under_way_us = 0;
    return max_us != 0 ? complete(nor, max_us) : OB_OK;
}

static enum ob_err nor_read(const struct ob_flash *flash, uint32_t off, void *dst, uint32_t len)
{
    enum ob_err err = nor_finish(flash);

    return err == OB_OK ? ob_nor_read(flash->ctx, off, dst, len) : err;
}

/** A chip takes no command while it is busy. */
static enum ob_err enable_write(struct ob_spi_nor *nor)
{
    enum ob_err err = nor_finish(&nor->flash);

    return err == OB_OK ? ob_nor_enable_write(nor) : err;
}

/** How much of [off, off + len) one command programs: past the end of a page, it would wrap to its start. */
static uint32_t program_fit(const struct ob_spi_nor *nor, uint32_t off, uint32_t len)
{
    uint32_t room = nor->chip.page_size - off % nor->chip.page_size;

    return OB_MIN(len, OB_MIN(room, nor->mem->max_len));
}

/** Of what program_fit() allows. */
static enum ob_err start_program(struct ob_spi_nor *nor, uint32_t off, const uint8_t *src, uint32_t len)
{
    struct ob_spi_mem_op op = ob_nor_op_at(nor, nor->program_opcode, OB_SPI_MEM_OUT, off, len);

    op.data.out = src;
    enum ob_err err = enable_write(nor);
    if (err == OB_OK) {
        err = ob_nor_exec(nor, &op);
    }
    if (err == OB_OK) {
        nor->under_way_us = nor->chip.program_max_us;
    }
    return err;
}

static enum ob_err program(struct ob_spi_nor *nor, uint32_t off, const uint8_t *src, uint32_t len)
{
    enum ob_err err = start_program(nor, off, src, len);

    if (err == OB_OK) {
        err = nor_finish(&nor->flash);
    }
    return err == OB_OK && !nor->is_proven ? ob_nor_confirm_addressing(nor, off, src, len) : err;
}

static enum ob_err nor_write(const struct ob_flash *flash, uint32_t off, const void *src, uint32_t len)
{
    struct ob_spi_nor *nor = flash->ctx;
    const uint8_t *from = src;
    enum ob_err err = OB_OK;

    while (err == OB_OK && len > 0) {
        uint32_t now = program_fit(nor, off, len);

        err = program(nor, off, from, now);
        off += now;
        from += now;
        len -= now;
    }
    return err;
}

/** All at once, unless the controller cannot send that much or the addressing has yet to be proven. */
static enum ob_err nor_start_write(const struct ob_flash *flash, uint32_t off, const void *src, uint32_t len)
{
    struct ob_spi_nor *nor = flash->ctx;

    return nor->is_proven && program_fit(nor, off, len) == len ? start_program(nor, off, src, len)
                                                               : nor_write(flash, off, src, len);
}

static enum ob_err nor_start_erase(const struct ob_flash *flash, uint32_t off, uint32_t size)
{
    struct ob_spi_nor *nor = flash->ctx;
    unsigned i = 0;

    while (nor->chip.erase[i].size != size) {
        if (++i == OB_FLASH_ERASE_SIZES) {
            return OB_ERR_ALIGN; /* the caller did not go through ob_flash_erase() */
        }
    }
    const struct ob_spi_mem_op op = ob_nor_op_at(nor, nor->chip.erase[i].opcode, OB_SPI_MEM_NONE, off, 0);
    enum ob_err err = enable_write(nor);

    if (err == OB_OK) {
        err = ob_nor_exec(nor, &op);
    }
    if (err == OB_OK) {
        nor->under_way_us = nor->chip.erase[i].max_us;
    }
    return err;
}

static enum ob_err nor_erase(const struct ob_flash *flash, uint32_t off, uint32_t size)
{
    enum ob_err err = nor_start_erase(flash, off, size);

    return err == OB_OK ? nor_finish(flash) : err;
}

/**
 * Leave continuous read and deep power-down, and let what is running end.
 *
 * Sixteen clocks with the line high end the continuous read modes (JESD216D-01, 6.4.18: 0-4-4 mode exit) and are no
 * command to a chip in its normal mode.
 */
static enum ob_err wake(const struct ob_spi_nor *nor)
{
    const struct ob_spi_nor_config *config = nor->dev->config;
    uint8_t status = 0;
    enum ob_err err = ob_nor_write_register(nor, OB_NOR_MODE_RESET, 0xff);

    if (err == OB_OK) {
        err = ob_nor_command(nor, OB_NOR_WAKE);
    }
    ob_delay_us(OB_MAX(config->wake_us, WAKE_US));
    if (err == OB_OK) {
        err = ob_nor_read_register(nor, OB_NOR_READ_STATUS, &status, 1);
    }
    /* An open line needs no wait: the id tells what it is. */
    return err == OB_OK && status != OB_NOR_NOBODY ? ob_nor_wait_idle(nor, START_TIMEOUT_US) : err;
}

static enum ob_err check_id(struct ob_spi_nor *nor)
{
    const struct ob_spi_nor_config *config = nor->dev->config;
    const uint8_t *want = config->jedec_id;
    const uint8_t *id = nor->id;
    enum ob_err err = ob_nor_read_register(nor, OB_NOR_READ_ID, nor->id, sizeof(nor->id));

    if (err != OB_OK) {
        return err;
    }
    if (ob_nor_all_bytes(id, sizeof(nor->id), 0x00) || ob_nor_all_bytes(id, sizeof(nor->id), 0xff)) {
        OB_LOG_ERR("%s: no chip answers", nor->dev->name);
        return OB_ERR_NODEV;
    }
    if (!ob_nor_all_bytes(want, sizeof(nor->id), 0) && memcmp(id, want, sizeof(nor->id)) != 0) {
        OB_LOG_ERR("Device id %02x %02x %02x does not match config %02x %02x %02x", id[0], id[1], id[2], want[0],
                   want[1], want[2]);
        return OB_ERR_NODEV;
    }
    return OB_OK;
}

static enum ob_err sfdp_read(void *ctx, uint32_t off, void *dst, uint32_t len)
{
    return ob_nor_read_sfdp(ctx, off, dst, len);
}

static enum ob_err read_own_tables(struct ob_spi_nor *nor, struct ob_sfdp *out)
{
    const struct ob_sfdp_source source = {.read = sfdp_read, .ctx = nor};

    return OB_ENABLED(CONFIG_SPI_NOR_SFDP_RUNTIME) ? ob_sfdp_read(&source, out) : OB_ERR_FORMAT;
}

/** The chip's tables, else the devicetree's, else what holds for every chip of that size. */
static enum ob_err learn(struct ob_spi_nor *nor, struct ob_sfdp *out)
{
    const struct ob_spi_nor_config *config = nor->dev->config;
    enum ob_err err = read_own_tables(nor, out);

    if (err == OB_ERR_FORMAT && config->bfp != NULL) {
        err = ob_sfdp_parse_bfp(config->bfp, config->bfp_len, out);
    } else if (err == OB_ERR_FORMAT && config->size != 0) {
        ob_sfdp_assume(config->size, out);
        err = OB_OK;
    }
    if (err == OB_ERR_FORMAT) {
        OB_LOG_ERR("%s: chip and devicetree do not tell the size", nor->dev->name);
        return OB_ERR_NODEV;
    }
    if (err == OB_OK) {
        ob_nor_correct(nor->id, out);
    }
    if (err == OB_OK && config->size != 0 && config->size != out->size) {
        OB_LOG_ERR("%s: chip has %u bytes, devicetree says %u", nor->dev->name, (unsigned)out->size,
                   (unsigned)config->size);
        return OB_ERR_NODEV;
    }
    return err;
}

/** Ends a suspended erase, burst wrap and whatever else an earlier program left on. */
static enum ob_err soft_reset(struct ob_spi_nor *nor)
{
    enum ob_err err = ob_nor_command(nor, OB_NOR_RESET_ENABLE);

    if (err == OB_OK) {
        err = ob_nor_command(nor, OB_NOR_RESET);
    }
    ob_delay_us(RESET_US);
    if (err == OB_OK) {
        err = ob_nor_wait_idle(nor, START_TIMEOUT_US);
    }
    return err == OB_OK ? ob_nor_leave_4byte_mode(nor) : err; /* it may start in it */
}

/** Clear protection bits. The register is non-volatile: it is written only when such a bit is found set. */
static enum ob_err clear_lock_bits(const struct ob_spi_nor *nor, uint8_t mask)
{
    uint8_t status = 0;
    enum ob_err err = ob_nor_read_register(nor, OB_NOR_READ_STATUS, &status, 1);

    if (err != OB_OK || (status & mask) == 0) {
        return err;
    }
    status &= (uint8_t) ~(mask | OB_NOR_STATUS_BUSY | OB_NOR_STATUS_WRITE_ENABLED);
    err = ob_nor_enable_write(nor);
    if (err == OB_OK) {
        err = ob_nor_write_register(nor, OB_NOR_WRITE_STATUS, status);
    }
    return err == OB_OK ? ob_nor_wait_idle(nor, STATUS_WRITE_US) : err;
}

static enum ob_err unlock(const struct ob_spi_nor *nor)
{
    const struct ob_spi_nor_config *config = nor->dev->config;
    enum ob_err err = OB_NOR_LOCK_BITS && config->lock_mask != 0 ? clear_lock_bits(nor, config->lock_mask) : OB_OK;

    if (OB_NOR_LOCKED_BLOCKS && err == OB_OK && config->unlock_all) {
        err = ob_nor_enable_write(nor);
        if (err == OB_OK) {
            err = ob_nor_command(nor, OB_NOR_UNLOCK_ALL);
        }
    }
    return err;
}

static enum ob_err nor_reset(const struct ob_flash *flash);

static const struct ob_flash_ops nor_ops = {
    .read = nor_read,
    .write = nor_write,
    .erase = nor_erase,
    .reset = nor_reset,
    .start_erase = nor_start_erase,
    .start_write = nor_start_write,
    .finish = nor_finish,
};

/** The erases that go with the addressing, under the opcodes that they have then. */
static void choose_erases(struct ob_spi_nor *nor)
{
    struct ob_sfdp_erase *erase = nor->chip.erase;
    unsigned count = 0;

    for (unsigned i = 0; i < OB_FLASH_ERASE_SIZES; i++) {
        struct ob_sfdp_erase type = erase[i];

        if (OB_NOR_LARGE && nor->read_opcode == OB_NOR_READ_4BYTE) {
            type.size = type.opcode_4byte != 0 ? type.size : 0;
            type.opcode = type.opcode_4byte;
        }
        erase[i].size = 0;
        if (type.size != 0) {
            erase[count++] = type;
        }
    }
}

static void publish(struct ob_spi_nor *nor, const struct ob_sfdp *chip)
{
    const struct ob_spi_nor_config *config = nor->dev->config;

    nor->chip = *chip;
    choose_erases(nor);
    nor->flash = (struct ob_flash){
        .ops = &nor_ops,
        .ctx = nor,
        .mapped = nor->address_size == 3 ? nor->mem->mapped : NULL,
        .size = chip->size,
        .write_size = config->write_size,
        .program_size = chip->page_size,
        .erased_value = 0xff,
        .may_program_again = true,
    };
    for (unsigned i = 0; i < OB_FLASH_ERASE_SIZES; i++) {
        nor->flash.erase_sizes[i] = nor->chip.erase[i].size;
    }
}

static enum ob_err start(struct ob_spi_nor *nor)
{
    struct ob_sfdp chip;
    enum ob_err err = wake(nor);

    nor->under_way_us = 0;
    if (err == OB_OK) {
        err = check_id(nor);
    }
    if (err == OB_OK) {
        err = ob_nor_leave_4byte_mode(nor);
    }
    if (err == OB_OK) {
        err = learn(nor, &chip);
    }
    if (err == OB_OK && chip.soft_reset) {
        err = soft_reset(nor);
    }
    if (err == OB_OK) {
        err = ob_nor_set_addressing(nor, &chip);
    }
    if (err == OB_OK) {
        err = unlock(nor);
    }
    if (err == OB_OK) {
        publish(nor, &chip);
        err = ob_nor_choose_lanes(nor);
    }
    return err;
}

static enum ob_err nor_reset(const struct ob_flash *flash)
{
    return start(flash->ctx);
}

enum ob_err ob_spi_nor_init(const struct ob_device *dev)
{
    const struct ob_spi_nor_config *config = dev->config;
    struct ob_spi_nor *nor = dev->data;

    if (!ob_device_ready(config->bus)) {
        return *config->bus->status;
    }
    nor->dev = dev;
    nor->mem = config->bus->api;
    return start(nor);
}
