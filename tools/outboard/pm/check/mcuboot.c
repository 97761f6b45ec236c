/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

/*
 * What MCUboot asks of two slots. Its sectors are the pages of Zephyr's flash drivers, not erase commands of the chip.
 * Where it finds fault at run time it says so in its log, if there is one, and starts the old image.
 * Source: MCUboot boot/bootutil (loader.c, swap_move.c, swap_scratch.c) and Zephyr drivers/flash, 2024.
 */

#define DEFAULT_SECTORS 128U /* BOOT_MAX_IMG_SECTORS */
#define DEFAULT_PAGE 65536U  /* ..._FLASH_LAYOUT_PAGE_SIZE of both NOR drivers */

enum mode { MODE_MOVE, MODE_OFFSET, MODE_SCRATCH, MODE_OVERWRITE, MODE_OTHER };

static enum mode mode_of(const struct pm_image *bootloader)
{
    static const struct {
        const char *symbol;
        enum mode mode;
    } modes[] = {
        {"CONFIG_SINGLE_APPLICATION_SLOT", MODE_OTHER}, {"CONFIG_BOOT_DIRECT_XIP", MODE_OTHER},
        {"CONFIG_BOOT_RAM_LOAD", MODE_OTHER},           {"CONFIG_BOOT_FIRMWARE_LOADER", MODE_OTHER},
        {"CONFIG_BOOT_UPGRADE_ONLY", MODE_OVERWRITE},   {"CONFIG_BOOT_SWAP_USING_SCRATCH", MODE_SCRATCH},
        {"CONFIG_BOOT_SWAP_USING_OFFSET", MODE_OFFSET}, {"CONFIG_BOOT_SWAP_USING_MOVE", MODE_MOVE},
    };

    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (pm_image_is_set(bootloader, modes[i].symbol)) {
            return modes[i].mode;
        }
    }
    return MODE_OTHER;
}

static const char *mode_text(enum mode mode)
{
    static const char *const texts[] = {"swap using move", "swap using offset", "swap using scratch", "overwrite only",
                                        "no update through two slots"};
    return texts[mode];
}

/** The symbol that sets a driver's page; NULL: its pages are the erase blocks of the devicetree. */
static const char *page_symbol(const struct pm_slot *slot)
{
    const char *driver = pm_node_text(slot->node, "driver");

    if (driver != NULL && strcmp(driver, "CONFIG_NORDIC_QSPI_NOR") == 0) {
        return "CONFIG_NORDIC_QSPI_NOR_FLASH_LAYOUT_PAGE_SIZE";
    }
    return driver != NULL && strcmp(driver, "CONFIG_SPI_NOR") == 0 ? "CONFIG_SPI_NOR_FLASH_LAYOUT_PAGE_SIZE" : NULL;
}

static uint32_t sector_of(const struct pm_image *bootloader, const struct pm_slot *slot)
{
    const char *symbol = page_symbol(slot);
    const struct pm_setting *setting = symbol == NULL ? NULL : pm_image_setting(bootloader, symbol);

    if (setting != NULL) {
        return (uint32_t)strtoul(setting->value, NULL, 0);
    }
    return symbol != NULL ? DEFAULT_PAGE : slot->flash.erase_sizes[0];
}

struct sectors {
    uint32_t size;
    uint32_t count;
};

static struct sectors sectors_of(const struct pm_check *check, const struct pm_slot *slot)
{
    uint32_t size = sector_of(check->bootloader, slot);

    return (struct sectors){.size = size, .count = size == 0 ? 0 : (slot->area.size + size - 1) / size};
}

static struct ob_loc place_of_page(const struct pm_check *check, const struct pm_slot *slot)
{
    const char *symbol = page_symbol(slot);
    const struct pm_setting *setting = symbol == NULL ? NULL : pm_image_setting(check->bootloader, symbol);

    return setting != NULL ? setting->at : pm_file_of(check->bootloader);
}

static void check_sizes(struct pm_check *check, const struct pm_pair *pair, enum mode mode, struct sectors primary,
                        struct sectors secondary)
{
    bool equal = mode == MODE_MOVE || mode == MODE_OFFSET;
    uint32_t large = primary.size > secondary.size ? primary.size : secondary.size;
    uint32_t small = primary.size > secondary.size ? secondary.size : primary.size;
    const struct pm_slot *chip = page_symbol(&pair->secondary) != NULL ? &pair->secondary : &pair->primary;
    struct ob_loc at = place_of_page(check, chip);

    if (small == 0 || (equal ? large == small : large % small == 0)) {
        return;
    }
    pm_finding(
        check, &at,
        "MCUboot (%s) finds sectors of %u bytes in '%s' and of %u in '%s' and installs nothing (\"Cannot upgrade: not "
        "same sector layout\"); set %s=%u in sysbuild/mcuboot.conf or child_image/mcuboot.conf",
        mode_text(mode), primary.size, pair->primary.part->name->text, secondary.size, pair->secondary.part->name->text,
        page_symbol(chip) == NULL ? "the page size" : page_symbol(chip),
        chip == &pair->secondary ? primary.size : secondary.size);
}

static void check_counts(struct pm_check *check, const struct pm_pair *pair, enum mode mode, struct sectors primary,
                         struct sectors secondary)
{
    bool fits = secondary.count == primary.count || secondary.count + 1 == primary.count ||
                (mode == MODE_OFFSET && secondary.count == primary.count + 1);

    if ((mode == MODE_MOVE || mode == MODE_OFFSET) && primary.size == secondary.size && !fits) {
        pm_finding(check, &pair->secondary.part->at,
                   "MCUboot (%s) needs as many sectors in both slots, and '%s' has %u, '%s' %u: it installs nothing "
                   "(\"Cannot upgrade: not a compatible amount of sectors\"); give both the same size",
                   mode_text(mode), pair->primary.part->name->text, primary.count, pair->secondary.part->name->text,
                   secondary.count);
    }
}

/** With a partition manager the bootloader does not know the slots when it is configured, so nothing is automatic. */
static void check_limit(struct pm_check *check, const struct pm_pair *pair, struct sectors primary,
                        struct sectors secondary)
{
    const struct pm_setting *setting = pm_image_setting(check->bootloader, "CONFIG_BOOT_MAX_IMG_SECTORS");
    bool automatic = pm_image_is_set(check->bootloader, "CONFIG_BOOT_MAX_IMG_SECTORS_AUTO");
    uint32_t limit = setting == NULL ? DEFAULT_SECTORS : (uint32_t)strtoul(setting->value, NULL, 0);
    uint32_t most = primary.count > secondary.count ? primary.count : secondary.count;
    struct ob_loc at = setting == NULL ? pm_file_of(check->bootloader) : setting->at;

    if (most > limit && !(automatic && setting == NULL)) {
        pm_finding(
            check, &at,
            "MCUboot has room for %u sectors, and '%s' has %u: it installs nothing (\"Failed reading sectors; "
            "BOOT_MAX_IMG_SECTORS=%u - too small?\"); set CONFIG_BOOT_MAX_IMG_SECTORS=%u in sysbuild/mcuboot.conf or "
            "child_image/mcuboot.conf, and sign with --max-sectors %u",
            limit, primary.count == most ? pair->primary.part->name->text : pair->secondary.part->name->text, most,
            limit, most, most);
    }
}

/** Constants lie in internal flash, which the controller's DMA cannot read. */
static void warn_source(const struct pm_check *check, const struct pm_pair *pair)
{
    static const char symbol[] = "CONFIG_NORDIC_QSPI_NOR_STACK_WRITE_BUFFER_SIZE";
    const char *driver = pm_node_text(pair->secondary.node, "driver");

    if (driver == NULL || strcmp(driver, "CONFIG_NORDIC_QSPI_NOR") != 0) {
        return;
    }
    for (uint32_t i = 0; i < check->image_count; i++) {
        const struct pm_setting *setting = pm_image_setting(&check->images[i], symbol);
        if (setting == NULL || strtoul(setting->value, NULL, 0) == 0) {
            struct ob_loc at = setting == NULL ? pm_file_of(&check->images[i]) : setting->at;
            ob_diag_warning(
                &at,
                "image '%s': %s is 0, so writing what lies in internal flash or is not aligned to words fails "
                "(-EINVAL); set it to 16 if an update cannot be requested",
                check->images[i].name, symbol);
        }
    }
}

static void print_pair(const struct pm_pair *pair, enum mode mode, struct sectors primary, struct sectors secondary)
{
    printf("%s: MCUboot, %s: %u sectors of %u bytes in region %s, for %u of %u in %s\n",
           pair->secondary.part->name->text, mode_text(mode), secondary.count, secondary.size,
           pair->secondary.part->region->name, primary.count, primary.size, pair->primary.part->name->text);
}

void pm_check_mcuboot(struct pm_check *check, bool quiet)
{
    enum mode mode = mode_of(check->bootloader);

    for (uint32_t i = 0; i < check->pairs.count; i++) {
        const struct pm_pair *pair = &check->pairs.v[i];
        struct sectors primary = sectors_of(check, &pair->primary);
        struct sectors secondary = sectors_of(check, &pair->secondary);
        if (mode != MODE_OTHER) {
            check_sizes(check, pair, mode, primary, secondary);
            check_counts(check, pair, mode, primary, secondary);
            check_limit(check, pair, primary, secondary);
        }
        if (!quiet) {
            print_pair(pair, mode, primary, secondary);
        }
    }
    if (check->pairs.count != 0) {
        warn_source(check, &check->pairs.v[0]);
    }
}
