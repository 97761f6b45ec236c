/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A chip whose tables lie. The input edits a real chip's SFDP: pairs of place and value. Whatever the driver makes of
 * them must hold together, and erasing, writing and reading must end.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <outboard/log.h>

#include "../../drivers/flash/spi_nor.h"
#include "nor_bus.h"
#include "sfdp_tables.h"

static struct nor_chip chip;
static struct nor_bus wire;
static struct ob_spi_nor nor;
static enum ob_err bus_status = OB_OK;
static enum ob_err nor_status;
static const struct ob_device bus = {.name = "spi", .api = &wire.mem, .status = &bus_status};
static const struct ob_spi_nor_config config = {.bus = &bus, .write_size = 1};
static const struct ob_device dev = {
    .name = "nor", .config = &config, .data = &nor, .api = &nor.flash, .status = &nor_status};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

void ob_log(enum ob_log_level level, const char *format, ...)
{
    (void)level;
    (void)format;
}

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void check_geometry(const struct ob_flash *flash)
{
    require(flash->size != 0 && flash->program_size != 0 && flash->erase_sizes[0] >= flash->program_size);
    for (unsigned i = 0; i < OB_FLASH_ERASE_SIZES && flash->erase_sizes[i] != 0; i++) {
        require(flash->size % flash->erase_sizes[i] == 0);
        require(i == 0 || (flash->erase_sizes[i] > flash->erase_sizes[i - 1] &&
                           flash->erase_sizes[i] % flash->erase_sizes[i - 1] == 0));
    }
}

static void use(const struct ob_flash *flash)
{
    uint8_t bytes[700] = {0};
    uint32_t last = flash->size - ob_flash_erase_size(flash);

    for (unsigned i = 0; i < OB_FLASH_ERASE_SIZES && flash->erase_sizes[i] != 0; i++) {
        (void)!ob_flash_erase(flash, 0, flash->erase_sizes[i]);
    }
    (void)!ob_flash_erase(flash, last, ob_flash_erase_size(flash));
    (void)!ob_flash_write(flash, last + 1, bytes, OB_MIN(sizeof(bytes), flash->size - last - 1));
    (void)!ob_flash_read(flash, last, bytes, OB_MIN(sizeof(bytes), flash->size - last));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t sfdp[sizeof(mx66l1g45g_sfdp)];
    struct nor_part type = w25q80;

    memcpy(sfdp, mx66l1g45g_sfdp, sizeof(sfdp));
    for (size_t i = 0; i + 1 < OB_MIN(size, 12u); i += 2) {
        sfdp[data[i] % sizeof(sfdp)] = data[i + 1];
    }
    type.sfdp = sfdp;
    type.sfdp_len = sizeof(sfdp);
    type.features |= NOR_RESET | NOR_4BYTE_MODE | NOR_4BYTE_OPCODES;
    nor_part_hurry(&type, 20);
    nor_chip_init(&chip, &type);
    nor_bus_init(&wire, &chip);
    if (ob_spi_nor_init(&dev) == OB_OK) {
        check_geometry(&nor.flash);
        use(&nor.flash);
    }
    nor_chip_free(&chip);
    return 0;
}
