/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <outboard/log.h>
#include <outboard/time.h>
#include <outboard/util.h>

#include "spi_nor.h"

/* Opcodes that all vendors share; JESD216D-01 names them where it describes them. */
enum {
    OP_WRITE_STATUS = 0x01,
    OP_PROGRAM = 0x02,
    OP_READ = 0x03,
    OP_WRITE_DISABLE = 0x04,
    OP_READ_STATUS = 0x05,
    OP_WRITE_ENABLE = 0x06,
    OP_PROGRAM_4BYTE = 0x12,
    OP_READ_4BYTE = 0x13,
    OP_READ_SFDP = 0x5a,
    OP_RESET_ENABLE = 0x66,
    OP_UNLOCK_ALL = 0x98,
    OP_RESET = 0x99,
    OP_READ_ID = 0x9f,
    OP_WAKE = 0xab,
    OP_ENTER_4BYTE = 0xb7,
    OP_EXIT_4BYTE = 0xe9,
    OP_MODE_RESET = 0xff,
};

#define STATUS_BUSY 0x01u
#define STATUS_WRITE_ENABLED 0x02u
#define STATUS_NOBODY 0xffu /* what an open line reads */

#define SIZE_3BYTE 0x1000000u /* bytes that 3-byte addresses reach */
#define SFDP_DUMMY_CYCLES 8

/* Longest times that no table tells before the chip can be asked: the slowest of common parts. */
#define WAKE_US 100u
#define RESET_US 100u
#define STATUS_WRITE_US 1000000u
#define START_TIMEOUT_US (CONFIG_SPI_NOR_START_TIMEOUT_MS * 1000u)

/** Registers that tell whether the last program or erase failed. Kinds of chips that have none are not listed. */
static const struct result_register {
    uint8_t manufacturer, type_mask, type; /* of the JEDEC id */
    uint8_t opcode;
    uint8_t ready_bit; /* 0: the status register is enough. Several dies in one package: it is that of one of them */
    uint8_t fail_bits;
    uint8_t clear_opcode; /* 0: the next operation clears them */
} result_registers[] = {
    {0x20, 0xfe, 0xba, 0x70, 0x80, 0x32, 0x50}, /* Micron N25Q, MT25Q: flag status; erase, program, protection */
    {0x2c, 0x00, 0x00, 0x70, 0x80, 0x32, 0x50}, /* Micron MT35X */
    {0xc2, 0x00, 0x00, 0x2b, 0x00, 0x60, 0x00}, /* Macronix: security register; E_FAIL, P_FAIL */
};

static enum ob_err exec(const struct ob_spi_nor *nor, const struct ob_spi_mem_op *op)
{
    return nor->mem->ops->exec(nor->mem, op);
}

static enum ob_err command(const struct ob_spi_nor *nor, uint8_t opcode)
{
    const struct ob_spi_mem_op op = {.opcode = opcode, .address_lanes = 1, .data_lanes = 1};

    return exec(nor, &op);
}

static enum ob_err read_register(const struct ob_spi_nor *nor, uint8_t opcode, void *dst, uint32_t len)
{
    const struct ob_spi_mem_op op = {
        .opcode = opcode,
        .address_lanes = 1,
        .data_lanes = 1,
        .dir = OB_SPI_MEM_IN,
        .len = len,
        .data.in = dst,
    };

    return exec(nor, &op);
}

/**
 * Read a register until its `mask` bits are `idle`. The clock is read before the register, so a wait that was held up
 * still sees the last answer.
 */
static enum ob_err poll(const struct ob_spi_nor *nor, uint8_t opcode, uint8_t mask, uint8_t idle, uint32_t max_us,
                        uint8_t *value)
{
    uint32_t start = ob_time_us();
    enum ob_err err;
    bool late;

    do {
        late = ob_time_us() - start > max_us;
        err = read_register(nor, opcode, value, 1);
        if (err != OB_OK || (*value & mask) == idle) {
            return err;
        }
    } while (!late);
    return OB_ERR_TIMEOUT;
}

static enum ob_err wait_idle(const struct ob_spi_nor *nor, uint32_t max_us)
{
    uint8_t status;

    return poll(nor, OP_READ_STATUS, STATUS_BUSY, 0, max_us, &status);
}

/** An idle chip that is there sets the latch; one that lost power, or a loose wire, does not. */
static enum ob_err enable_write(const struct ob_spi_nor *nor)
{
    uint8_t status = 0;
    enum ob_err err = command(nor, OP_WRITE_ENABLE);

    if (err == OB_OK) {
        err = read_register(nor, OP_READ_STATUS, &status, 1);
    }
    if (err == OB_OK && (status & (STATUS_WRITE_ENABLED | STATUS_BUSY)) != STATUS_WRITE_ENABLED) {
        err = OB_ERR_NODEV;
    }
    return err;
}

static bool has_result_register(const struct ob_spi_nor *nor, const struct result_register *reg)
{
    return nor->id[0] == reg->manufacturer && (nor->id[1] & reg->type_mask) == reg->type;
}

static enum ob_err check_result(const struct ob_spi_nor *nor, const struct result_register *reg, uint32_t max_us)
{
    uint8_t value = 0;
    enum ob_err err = poll(nor, reg->opcode, reg->ready_bit, reg->ready_bit, max_us, &value);

    /* An old part of the family lacks the register and leaves the line open. */
    if (err != OB_OK || value == STATUS_NOBODY || (value & reg->fail_bits) == 0) {
        return err;
    }
    if (reg->clear_opcode != 0) {
        err = command(nor, reg->clear_opcode);
    }
    return err == OB_OK ? OB_ERR_FAILED : err;
}

/** After a program or an erase command. */
static enum ob_err complete(const struct ob_spi_nor *nor, uint32_t max_us)
{
    enum ob_err err = wait_idle(nor, max_us);

    for (unsigned i = 0; err == OB_OK && i < OB_ARRAY_SIZE(result_registers); i++) {
        if (has_result_register(nor, &result_registers[i])) {
            err = check_result(nor, &result_registers[i], max_us);
        }
    }
    return err;
}

static enum ob_err nor_read(const struct ob_flash *flash, uint32_t off, void *dst, uint32_t len)
{
    const struct ob_spi_nor *nor = flash->ctx;
    uint8_t *to = dst;
    enum ob_err err = OB_OK;

    while (err == OB_OK && len > 0) {
        uint32_t now = OB_MIN(len, nor->mem->max_len);
        const struct ob_spi_mem_op op = {
            .opcode = nor->read_opcode,
            .address_size = nor->address_size,
            .address_lanes = 1,
            .data_lanes = 1,
            .dir = OB_SPI_MEM_IN,
            .address = off,
            .len = now,
            .data.in = to,
        };

        err = exec(nor, &op);
        off += now;
        to += now;
        len -= now;
    }
    return err;
}

/** Up to the end of a page: past it, the chip would wrap to the start of the same page. */
static enum ob_err program_page(const struct ob_spi_nor *nor, uint32_t off, const uint8_t *src, uint32_t len)
{
    const struct ob_spi_mem_op op = {
        .opcode = nor->program_opcode,
        .address_size = nor->address_size,
        .address_lanes = 1,
        .data_lanes = 1,
        .dir = OB_SPI_MEM_OUT,
        .address = off,
        .len = len,
        .data.out = src,
    };
    enum ob_err err = enable_write(nor);

    if (err == OB_OK) {
        err = exec(nor, &op);
    }
    return err == OB_OK ? complete(nor, nor->chip.program_max_us) : err;
}

static enum ob_err nor_write(const struct ob_flash *flash, uint32_t off, const void *src, uint32_t len)
{
    const struct ob_spi_nor *nor = flash->ctx;
    const uint8_t *from = src;
    enum ob_err err = OB_OK;

    while (err == OB_OK && len > 0) {
        uint32_t room = nor->chip.page_size - off % nor->chip.page_size;
        uint32_t now = OB_MIN(len, OB_MIN(room, nor->mem->max_len));

        err = program_page(nor, off, from, now);
        off += now;
        from += now;
        len -= now;
    }
    return err;
}

static enum ob_err erase_block(const struct ob_spi_nor *nor, const struct ob_sfdp_erase *type, uint32_t off)
{
    const struct ob_spi_mem_op op = {
        .opcode = nor->read_opcode == OP_READ_4BYTE ? type->opcode_4byte : type->opcode,
        .address_size = nor->address_size,
        .address_lanes = 1,
        .data_lanes = 1,
        .address = off,
    };
    enum ob_err err = enable_write(nor);

    if (err == OB_OK) {
        err = exec(nor, &op);
    }
    return err == OB_OK ? complete(nor, type->max_us) : err;
}

static enum ob_err nor_erase(const struct ob_flash *flash, uint32_t off, uint32_t size)
{
    const struct ob_spi_nor *nor = flash->ctx;

    for (unsigned i = 0; i < OB_FLASH_ERASE_SIZES; i++) {
        if (nor->chip.erase[i].size == size) {
            return erase_block(nor, &nor->chip.erase[i], off);
        }
    }
    return OB_ERR_ALIGN; /* the caller did not go through ob_flash_erase() */
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
    static const uint8_t high = 0xff;
    const struct ob_spi_mem_op mode_reset = {
        .opcode = OP_MODE_RESET,
        .address_lanes = 1,
        .data_lanes = 1,
        .dir = OB_SPI_MEM_OUT,
        .len = sizeof(high),
        .data.out = &high,
    };
    uint8_t status = 0;
    enum ob_err err = exec(nor, &mode_reset);

    if (err == OB_OK) {
        err = command(nor, OP_WAKE);
    }
    ob_delay_us(OB_MAX(config->wake_us, WAKE_US));
    if (err == OB_OK) {
        err = read_register(nor, OP_READ_STATUS, &status, 1);
    }
    /* An open line needs no wait: the id tells what it is. */
    return err == OB_OK && status != STATUS_NOBODY ? wait_idle(nor, START_TIMEOUT_US) : err;
}

static bool all_bytes(const uint8_t *bytes, uint32_t len, uint8_t value)
{
    uint32_t i = 0;

    while (i < len && bytes[i] == value) {
        i++;
    }
    return i == len;
}

static enum ob_err check_id(struct ob_spi_nor *nor)
{
    const struct ob_spi_nor_config *config = nor->dev->config;
    const uint8_t *want = config->jedec_id;
    const uint8_t *id = nor->id;
    enum ob_err err = read_register(nor, OP_READ_ID, nor->id, sizeof(nor->id));

    if (err != OB_OK) {
        return err;
    }
    if (all_bytes(id, sizeof(nor->id), 0x00) || all_bytes(id, sizeof(nor->id), 0xff)) {
        OB_LOG_ERR("%s: no chip answers", nor->dev->name);
        return OB_ERR_NODEV;
    }
    if (!all_bytes(want, sizeof(nor->id), 0) && memcmp(id, want, sizeof(nor->id)) != 0) {
        OB_LOG_ERR("Device id %02x %02x %02x does not match config %02x %02x %02x", id[0], id[1], id[2], want[0],
                   want[1], want[2]);
        return OB_ERR_NODEV;
    }
    return OB_OK;
}

static enum ob_err sfdp_read(void *ctx, uint32_t off, void *dst, uint32_t len)
{
    const struct ob_spi_nor *nor = ctx;
    const struct ob_spi_mem_op op = {
        .opcode = OP_READ_SFDP,
        .address_size = 3,
        .dummy_cycles = SFDP_DUMMY_CYCLES,
        .address_lanes = 1,
        .data_lanes = 1,
        .dir = OB_SPI_MEM_IN,
        .address = off,
        .len = len,
        .data.in = dst,
    };

    return exec(nor, &op);
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
    if (err == OB_OK && config->size != 0 && config->size != out->size) {
        OB_LOG_ERR("%s: chip has %u bytes, devicetree says %u", nor->dev->name, (unsigned)out->size,
                   (unsigned)config->size);
        return OB_ERR_NODEV;
    }
    return err;
}

/** Ends 4-byte mode, a suspended erase, burst wrap and whatever else an earlier program left on. */
static enum ob_err soft_reset(const struct ob_spi_nor *nor)
{
    enum ob_err err = command(nor, OP_RESET_ENABLE);

    if (err == OB_OK) {
        err = command(nor, OP_RESET);
    }
    ob_delay_us(RESET_US);
    return err == OB_OK ? wait_idle(nor, START_TIMEOUT_US) : err;
}

/** Some chips want the write enable latch for this and others ignore it: set it, and do not leave it set. */
static enum ob_err switch_address_mode(const struct ob_spi_nor *nor, uint8_t opcode)
{
    enum ob_err err = enable_write(nor);

    if (err == OB_OK) {
        err = command(nor, opcode);
    }
    return err == OB_OK ? command(nor, OP_WRITE_DISABLE) : err;
}

/**
 * Choose opcodes and address width, and put the chip into the mode that goes with them.
 *
 * Opcodes that always take 4 bytes are preferred to 4-byte mode: a boot ROM that reads with 3 bytes still finds its
 * chip after a reset.
 */
static enum ob_err set_addressing(struct ob_spi_nor *nor, const struct ob_sfdp *chip)
{
    const struct ob_spi_nor_config *config = nor->dev->config;
    uint8_t enter = (config->enter_4byte | chip->enter_4byte) & (OB_SFDP_ENTER_4BYTE | OB_SFDP_ENTER_4BYTE_WREN);
    bool large = chip->size > SIZE_3BYTE;

    nor->read_opcode = OP_READ;
    nor->program_opcode = OP_PROGRAM;
    nor->address_size = large || chip->address == OB_SFDP_ADDRESS_4 ? 4 : 3;
    if (chip->address == OB_SFDP_ADDRESS_4) {
        return OB_OK;
    }
    if (!large) {
        return chip->address == OB_SFDP_ADDRESS_3 ? OB_OK : switch_address_mode(nor, OP_EXIT_4BYTE);
    }
    if (chip->opcodes_4byte) {
        nor->read_opcode = OP_READ_4BYTE;
        nor->program_opcode = OP_PROGRAM_4BYTE;
        return OB_OK;
    }
    if (enter == 0) {
        OB_LOG_ERR("%s: more than 16 MiB, but no way to 4-byte addresses: set enter-4byte-addr", nor->dev->name);
        return OB_ERR_NODEV;
    }
    return switch_address_mode(nor, OP_ENTER_4BYTE);
}

/** Clear protection bits. The register is non-volatile: it is written only when such a bit is found set. */
static enum ob_err clear_lock_bits(const struct ob_spi_nor *nor, uint8_t mask)
{
    uint8_t status = 0;
    enum ob_err err = read_register(nor, OP_READ_STATUS, &status, 1);

    if (err != OB_OK || (status & mask) == 0) {
        return err;
    }
    status &= (uint8_t) ~(mask | STATUS_BUSY | STATUS_WRITE_ENABLED);
    const struct ob_spi_mem_op op = {
        .opcode = OP_WRITE_STATUS,
        .address_lanes = 1,
        .data_lanes = 1,
        .dir = OB_SPI_MEM_OUT,
        .len = sizeof(status),
        .data.out = &status,
    };

    err = enable_write(nor);
    if (err == OB_OK) {
        err = exec(nor, &op);
    }
    return err == OB_OK ? wait_idle(nor, STATUS_WRITE_US) : err;
}

static enum ob_err unlock(const struct ob_spi_nor *nor)
{
    const struct ob_spi_nor_config *config = nor->dev->config;
    enum ob_err err = config->lock_mask != 0 ? clear_lock_bits(nor, config->lock_mask) : OB_OK;

    if (err == OB_OK && config->unlock_all) {
        err = enable_write(nor);
        if (err == OB_OK) {
            err = command(nor, OP_UNLOCK_ALL);
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
};

static void publish(struct ob_spi_nor *nor, const struct ob_sfdp *chip)
{
    const struct ob_spi_nor_config *config = nor->dev->config;

    nor->chip = *chip;
    nor->flash = (struct ob_flash){
        .ops = &nor_ops,
        .ctx = nor,
        .mapped = nor->address_size == 3 ? nor->mem->mapped : NULL,
        .size = chip->size,
        .write_size = config->write_size,
        .program_size = chip->page_size,
        .erased_value = 0xff,
    };
    for (unsigned i = 0; i < OB_FLASH_ERASE_SIZES; i++) {
        nor->flash.erase_sizes[i] = chip->erase[i].size;
    }
}

static enum ob_err start(struct ob_spi_nor *nor)
{
    struct ob_sfdp chip;
    enum ob_err err = wake(nor);

    if (err == OB_OK) {
        err = check_id(nor);
    }
    if (err == OB_OK) {
        err = learn(nor, &chip);
    }
    if (err == OB_OK && chip.soft_reset) {
        err = soft_reset(nor);
    }
    if (err == OB_OK) {
        err = set_addressing(nor, &chip);
    }
    if (err == OB_OK) {
        err = unlock(nor);
    }
    if (err == OB_OK) {
        publish(nor, &chip);
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
