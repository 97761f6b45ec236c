/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <pm_config.h>

#include <outboard/flash_map.h>
#include <outboard/ledger.h>
#include <outboard/ledger_place.h>
#include <outboard/log.h>
#include <outboard/slots.h>

#define LEDGER_IN_SLOT OB_LEDGER_IN_SLOT(PM_MCUBOOT_SIZE)
#define NO_SLOT 255u /* not an id: there are fewer partitions */

#ifndef PM_MCUBOOT_SECONDARY_DUAL_ID
#define PM_MCUBOOT_SECONDARY_DUAL_ID NO_SLOT
#endif
#ifndef PM_MCUBOOT_SECONDARY_1_DUAL_ID
#define PM_MCUBOOT_SECONDARY_1_DUAL_ID NO_SLOT
#endif
#ifndef PM_MCUBOOT_SECONDARY_2_DUAL_ID
#define PM_MCUBOOT_SECONDARY_2_DUAL_ID NO_SLOT
#endif

#if defined(CONFIG_NRF53_MCUBOOT_PRIMARY_1_RAM_FLASH) && !defined(CONFIG_MCUBOOT)
#define BLANK_SIZE PM_MCUBOOT_PRIMARY_1_SIZE /* of image 1: RAM of the bootloader, which is gone when it has jumped */
#else
#define BLANK_SIZE 0
#endif

/* By image: primary, secondary, the other secondary. */
static const uint8_t slot_ids[][3] = {
    {PM_MCUBOOT_PRIMARY_ID, PM_MCUBOOT_SECONDARY_ID, PM_MCUBOOT_SECONDARY_DUAL_ID},
#ifdef PM_MCUBOOT_PRIMARY_1_ID
    {PM_MCUBOOT_PRIMARY_1_ID, PM_MCUBOOT_SECONDARY_1_ID, PM_MCUBOOT_SECONDARY_1_DUAL_ID},
#endif
#ifdef PM_MCUBOOT_PRIMARY_2_ID
    {PM_MCUBOOT_PRIMARY_2_ID, PM_MCUBOOT_SECONDARY_2_ID, PM_MCUBOOT_SECONDARY_2_DUAL_ID},
#endif
};

/* ---- a slot that only the bootloader sees ---- */

static enum ob_err read_blank(const struct ob_flash *flash, uint32_t off, void *dst, uint32_t len)
{
    (void)off;
    memset(dst, flash->erased_value, len);
    return OB_OK;
}

static enum ob_err write_blank(const struct ob_flash *flash, uint32_t off, const void *src, uint32_t len)
{
    (void)flash, (void)off, (void)src, (void)len;
    return OB_ERR_NODEV;
}

static enum ob_err erase_blank(const struct ob_flash *flash, uint32_t off, uint32_t size)
{
    (void)flash, (void)off, (void)size;
    return OB_ERR_NODEV;
}

static const struct ob_flash_ops blank_ops = {.read = read_blank, .write = write_blank, .erase = erase_blank};

/** The geometry of the bootloader's, so that updates for it can be laid out. */
static const struct ob_flash blank = {
    .ops = &blank_ops,
    .size = BLANK_SIZE,
    .write_size = 4,
    .program_size = 4,
    .erase_sizes = {4096},
    .erased_value = 0xff,
};

static enum ob_err open_slot(unsigned image, unsigned slot, uint8_t id, struct ob_area *area)
{
    *area = (struct ob_area){0};
    if (id == NO_SLOT) {
        return OB_OK;
    }
    if (BLANK_SIZE != 0 && image == 1 && slot == 0) {
        *area = (struct ob_area){.flash = &blank, .size = BLANK_SIZE};
        return OB_OK;
    }
    enum ob_err err = ob_flash_map_open(id, area);
    if (LEDGER_IN_SLOT && image == 0 && slot == 0) {
        area->reserved = CONFIG_BOOT_LEDGER_SIZE;
    }
    return err;
}

enum ob_err ob_slots_open(unsigned image, struct ob_slots *slots)
{
    struct ob_area *const areas[] = {&slots->primary, &slots->secondary[0], &slots->secondary[1]};
    enum ob_err result = OB_OK;

    if (image >= OB_ARRAY_SIZE(slot_ids)) {
        return OB_ERR_RANGE;
    }
    for (unsigned slot = 0; slot < OB_ARRAY_SIZE(areas); slot++) {
        uint8_t id = slot_ids[image][slot];
        enum ob_err err = open_slot(image, slot, id, areas[slot]);
        if (err != OB_OK) {
            OB_LOG_WRN("Failed to open flash area ID %u (image %u slot %u): %s", id, image, slot, ob_err_text(err));
            result = err;
        }
    }
    return result;
}

static enum ob_err open_ledger_in_slot(struct ob_area *ledger)
{
    struct ob_area primary;
    enum ob_err err = open_slot(0, 0, PM_MCUBOOT_PRIMARY_ID, &primary);

    return err == OB_OK ? ob_ledger_in_slot(&primary, ledger) : err;
}

static enum ob_err open_ledger_at_home(struct ob_area *ledger)
{
    struct ob_area home;
    enum ob_err err = ob_flash_map_open(PM_MCUBOOT_ID, &home);

    if (err == OB_OK) {
        *ledger = ob_area_part(&home, home.size - CONFIG_BOOT_LEDGER_SIZE, CONFIG_BOOT_LEDGER_SIZE);
    }
    return err;
}

enum ob_err ob_ledger_open(struct ob_area *ledger)
{
    enum ob_err err = LEDGER_IN_SLOT ? open_ledger_in_slot(ledger) : open_ledger_at_home(ledger);

    if (err != OB_OK) {
        *ledger = (struct ob_area){0};
    }
    return err;
}
