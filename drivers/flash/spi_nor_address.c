/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <outboard/log.h>
#include <outboard/util.h>

#include "spi_nor_address.h"
#include "spi_nor_bus.h"
#include "spi_nor_facts.h"

#define SFDP_DUMMY_CYCLES 8
#define SFDP_SIGNATURE "SFDP"
#define SIGNATURE_SIZE 4u
#define BANK_4BYTE 0x80u /* bank register: all commands take 4 address bytes */

#define SAMPLE 16u /* bytes */
#define SPOTS 64u  /* where they are looked for: a chip that is blank in all of them costs a few ms */

/* ---- the mode ---- */

/** Some chips want the write enable latch for this and others ignore it: set it, and do not leave it set. */
static enum ob_err switch_mode(const struct ob_spi_nor *nor, uint8_t opcode)
{
    enum ob_err err = ob_nor_enable_write(nor);

    if (err == OB_OK) {
        err = ob_nor_command(nor, opcode);
    }
    return err == OB_OK ? ob_nor_command(nor, OB_NOR_WRITE_DISABLE) : err;
}

static enum ob_err set_bank(const struct ob_spi_nor *nor, uint8_t value)
{
    uint8_t now = 0;
    enum ob_err err = ob_nor_enable_write(nor);

    if (err == OB_OK) {
        err = ob_nor_write_register(nor, OB_NOR_WRITE_BANK, value);
    }
    if (err == OB_OK) {
        err = ob_nor_command(nor, OB_NOR_WRITE_DISABLE);
    }
    if (err == OB_OK) {
        err = ob_nor_read_register(nor, OB_NOR_READ_BANK, &now, 1);
    }
    return err == OB_OK && (now & BANK_4BYTE) != value ? OB_ERR_NODEV : err;
}

/* ---- the tables ---- */

enum ob_err ob_nor_read_sfdp(const struct ob_spi_nor *nor, uint32_t off, void *dst, uint32_t len)
{
    struct ob_spi_mem_op op = ob_nor_op_at(nor, OB_NOR_READ_SFDP, OB_SPI_MEM_IN, off, len);

    op.address_size = nor->sfdp_address_size;
    op.dummy_cycles = SFDP_DUMMY_CYCLES;
    op.data.in = dst;
    return ob_nor_exec(nor, &op);
}

/** 4 if the signature is found with that, and only with that; else 3, as JESD216 has it. */
static enum ob_err find_tables(struct ob_spi_nor *nor)
{
    uint8_t signature[SIGNATURE_SIZE];

    for (nor->sfdp_address_size = 3; nor->sfdp_address_size <= 4; nor->sfdp_address_size++) {
        enum ob_err err = ob_nor_read_sfdp(nor, 0, signature, sizeof(signature));

        if (err != OB_OK || memcmp(signature, SFDP_SIGNATURE, sizeof(signature)) == 0) {
            return err;
        }
    }
    nor->sfdp_address_size = 3;
    return OB_OK;
}

enum ob_err ob_nor_leave_4byte_mode(struct ob_spi_nor *nor)
{
    const struct ob_spi_nor_config *config = nor->dev->config;
    enum ob_err err = ob_nor_command(nor, OB_NOR_EXIT_4BYTE);

    if (err == OB_OK) {
        err = switch_mode(nor, OB_NOR_EXIT_4BYTE);
    }
    if (OB_NOR_BANK && err == OB_OK && (config->enter_4byte & OB_SFDP_ENTER_4BYTE_BANK) != 0) {
        err = set_bank(nor, 0);
    }
    return err == OB_OK && OB_ENABLED(CONFIG_SPI_NOR_SFDP_RUNTIME) ? find_tables(nor) : err;
}

/* ---- the proof ---- */

enum proof { PROOF_NONE, PROOF_RIGHT, PROOF_WRONG };

/** Does a place read as it did? Cells that a cut left half erased read differently each time. */
static enum ob_err look_again(const struct ob_spi_nor *nor, uint32_t off, const uint8_t *before, uint32_t len,
                              bool *steady)
{
    uint8_t again[SAMPLE + 1];
    enum ob_err err = ob_nor_read_array(nor, off, again, len);

    *steady = err == OB_OK && memcmp(again, before, len) == 0;
    return err;
}

/**
 * Two reads that differ by one byte of address overlap in all bytes but one, unless the chip counts its address bytes
 * otherwise than we do: then it takes the two addresses for places that are the same, or 256 bytes apart. Where all
 * bytes are equal, or do not read the same twice, that cannot be told.
 *
 * @param off  off and off + 1 differ in the last address byte only
 */
static enum ob_err look(const struct ob_spi_nor *nor, uint32_t off, enum proof *proof)
{
    uint8_t here[SAMPLE + 1];
    uint8_t next[SAMPLE];
    bool steady;
    enum ob_err err = ob_nor_read_array(nor, off, here, sizeof(here));

    if (err == OB_OK) {
        err = ob_nor_read_array(nor, off + 1, next, sizeof(next));
    }
    if (err != OB_OK) {
        return err;
    }
    if (memcmp(here + 1, next, sizeof(next)) == 0) {
        *proof = ob_nor_all_bytes(next, sizeof(next), next[0]) ? PROOF_NONE : PROOF_RIGHT;
        return OB_OK;
    }
    err = look_again(nor, off, here, sizeof(here), &steady);
    if (err == OB_OK && steady) {
        err = look_again(nor, off + 1, next, sizeof(next), &steady);
    }
    *proof = steady ? PROOF_WRONG : PROOF_NONE;
    return err;
}

static enum ob_err look_around(const struct ob_spi_nor *nor, uint32_t size, enum proof *proof)
{
    enum ob_err err = OB_OK;

    *proof = PROOF_NONE;
    for (uint32_t i = 0; err == OB_OK && *proof == PROOF_NONE && i < SPOTS; i++) {
        err = look(nor, i * (size / SPOTS), proof);
    }
    return err;
}

/** A chip of up to 16 MiB that was not in the mode that its tables let us expect shows it in the other one. */
static enum ob_err prove(struct ob_spi_nor *nor, const struct ob_sfdp *chip)
{
    enum proof proof;
    enum ob_err err = look_around(nor, chip->size, &proof);

    if (err == OB_OK && proof == PROOF_WRONG && chip->size <= OB_NOR_SIZE_3BYTE) {
        nor->address_size = nor->address_size == 3 ? 4 : 3;
        err = look_around(nor, chip->size, &proof);
        proof = proof == PROOF_RIGHT ? PROOF_RIGHT : PROOF_WRONG;
    }
    if (err == OB_OK && proof == PROOF_WRONG) {
        OB_LOG_ERR("%s: reads of neighbouring addresses do not fit together: 3 or 4 address bytes?", nor->dev->name);
        err = OB_ERR_NODEV;
    }
    nor->is_proven = proof == PROOF_RIGHT;
    return err;
}

enum ob_err ob_nor_confirm_addressing(struct ob_spi_nor *nor, uint32_t off, const uint8_t *src, uint32_t len)
{
    uint8_t bytes[SAMPLE];
    enum proof proof = PROOF_NONE;
    enum ob_err err = ob_nor_read_array(nor, off, bytes, OB_MIN(len, sizeof(bytes)));

    for (uint32_t i = 0; err == OB_OK && i < OB_MIN(len, sizeof(bytes)); i++) {
        err = (bytes[i] & (uint8_t)~src[i]) == 0 ? OB_OK : OB_ERR_VERIFY;
    }
    if (err == OB_OK) {
        off -= off % 256 == 0 ? OB_MIN(off, 2u) : 1; /* so that a single byte that was written makes a difference */
        err = look(nor, OB_MIN(off, nor->flash.size - SAMPLE - 1), &proof);
    }
    if (err == OB_OK && proof == PROOF_WRONG) {
        err = OB_ERR_VERIFY;
    }
    nor->is_proven = err == OB_OK && proof == PROOF_RIGHT;
    return err;
}

/* ---- the choice ---- */

/** Of one that needs more than three. Opcodes that always take 4 bytes are preferred to 4-byte mode: a boot ROM that
 * reads with 3 bytes still finds its chip after a reset. */
static enum ob_err address_large(struct ob_spi_nor *nor, const struct ob_sfdp *chip)
{
    const struct ob_spi_nor_config *config = nor->dev->config;
    uint8_t ways = config->enter_4byte | (chip->enter_4byte == OB_SFDP_ENTER_4BYTE_BLANK ? 0 : chip->enter_4byte);
    bool by_command = (ways & (OB_SFDP_ENTER_4BYTE | OB_SFDP_ENTER_4BYTE_WREN)) != 0;
    bool by_bank = (ways & OB_SFDP_ENTER_4BYTE_BANK) != 0;

    if (chip->address == OB_SFDP_ADDRESS_4 || (ways & OB_SFDP_ENTER_4BYTE_ALWAYS) != 0) {
        return OB_OK;
    }
    /* Without the smallest erase among them, the mode is better than the opcodes. */
    if (chip->opcodes_4byte && (chip->erase[0].opcode_4byte != 0 || !(by_command || by_bank))) {
        nor->read_opcode = OB_NOR_READ_4BYTE;
        nor->program_opcode = OB_NOR_PROGRAM_4BYTE;
        return OB_OK;
    }
    if (by_command) {
        return switch_mode(nor, OB_NOR_ENTER_4BYTE);
    }
    if (by_bank) {
        return set_bank(nor, BANK_4BYTE);
    }
    OB_LOG_ERR("%s: more than 16 MiB, but no way to 4-byte addresses: set enter-4byte-addr", nor->dev->name);
    return OB_ERR_NODEV;
}

enum ob_err ob_nor_set_addressing(struct ob_spi_nor *nor, const struct ob_sfdp *chip)
{
    bool is_held_in_4 = nor->sfdp_address_size == 4;
    bool is_large = OB_NOR_LARGE && chip->size > OB_NOR_SIZE_3BYTE;
    enum ob_err err = OB_OK;

    nor->read_opcode = OB_NOR_READ;
    nor->program_opcode = OB_NOR_PROGRAM;
    nor->address_size = is_large || is_held_in_4 || chip->address == OB_SFDP_ADDRESS_4 ? 4 : 3;
    if (is_large) {
        err = address_large(nor, chip);
    }
    return err == OB_OK ? prove(nor, chip) : err;
}
