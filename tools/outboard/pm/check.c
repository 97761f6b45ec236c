/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void pm_finding(struct pm_check *check, const struct ob_loc *at, const char *fmt, ...)
{
    va_list args;
    char *text = NULL;

    va_start(args, fmt);
    int len = vasprintf(&text, fmt, args);
    va_end(args);
    const char **findings = ob_arena_array(check->arena, check->finding_count + 1, sizeof(*findings));
    if (check->finding_count != 0) {
        memcpy(findings, check->findings, check->finding_count * sizeof(*findings));
    }
    check->findings = findings;
    findings[check->finding_count++] = ob_arena_printf(check->arena, "%s", len < 0 ? "out of memory" : text);
    ob_diag_error(at, "%s", findings[check->finding_count - 1]);
    free(text);
}

/* ---- Reachable: what would be "Failed to open flash area" on the device, or a linker error ---- */

static struct ob_loc file_of(const struct pm_image *image)
{
    return (struct ob_loc){.file = image->config_path};
}

/** Where a user changes an image; `kind`: conf or overlay. */
static const char *source_of(struct pm_check *check, const struct pm_image *image, const char *kind)
{
    if (image == &check->images[0] && image != check->bootloader) {
        return strcmp(kind, "conf") == 0 ? "prj.conf" : "app.overlay";
    }
    return ob_arena_printf(check->arena, "child_image/%s.%s or sysbuild/%s.%s", image->name, kind, image->name, kind);
}

#define DEPTH_MAX 16 /* of a chip in the devicetree: a bus in a bus is rare */

/** @return the node that a node is below; NULL: none */
static const struct ob_yaml *parent_of(const struct pm_image *image, const struct ob_yaml *node)
{
    const char *parent = pm_node_text(node, "parent");
    return parent == NULL ? NULL : pm_image_node(image, parent);
}

/** @return path of the chip or of the bus above it that is not okay; NULL: all are */
static const char *disabled_node(const struct pm_image *image, const struct ob_yaml *node)
{
    for (uint32_t depth = 0; node != NULL && depth < DEPTH_MAX; depth++) {
        const char *okay = pm_node_text(node, "okay");
        if (okay == NULL || strcmp(okay, "true") != 0) {
            return pm_node_text(node, "path");
        }
        node = parent_of(image, node);
    }
    return NULL;
}

/** @return the node; NULL after a finding */
static const struct ob_yaml *check_device(struct pm_check *check, const struct pm_image *image,
                                          const struct pm_part *slot)
{
    struct ob_loc at = file_of(image);
    const char *device = slot->region->device;
    const char *path = pm_image_device_path(image, device);
    const struct ob_yaml *node = path == NULL ? NULL : pm_image_node(image, path);

    if (node == NULL) {
        pm_finding(check, &at, "image '%s' cannot open '%s': its devicetree has no %s; add it in %s too", image->name,
                   slot->name->text, device, source_of(check, image, "overlay"));
        return NULL;
    }
    const char *disabled = disabled_node(image, node);
    if (disabled != NULL) {
        pm_finding(check, &at, "image '%s' cannot open '%s': node %s is not okay; set status = \"okay\" in %s",
                   image->name, slot->name->text, disabled, source_of(check, image, "overlay"));
        return NULL;
    }
    return node;
}

static void check_region_driver(struct pm_check *check, const struct pm_image *image, const struct pm_part *slot)
{
    struct ob_loc at = file_of(image);
    const char *symbol = slot->region->driver;

    if (symbol != NULL && !pm_image_is_set(image, symbol)) {
        pm_finding(check, &at,
                   "image '%s' cannot open '%s': %s is not set, so region '%s' is not in its flash map; enable the "
                   "driver of that flash in %s",
                   image->name, slot->name->text, symbol, slot->region->name, source_of(check, image, "conf"));
    }
}

/** The user says that the driver comes from elsewhere: only the linker can tell. */
static bool driver_is_granted(const struct pm_image *image, const struct pm_part *slot)
{
    return slot->region->driver != NULL && strcmp(slot->region->driver, "CONFIG_PM_EXTERNAL_FLASH_HAS_DRIVER") == 0 &&
           pm_image_is_set(image, "CONFIG_PM_OVERRIDE_EXTERNAL_DRIVER_CHECK");
}

/** Chip and bus: a missing one is an undefined reference to `__device_dts_ord_<n>'. */
static void check_node_driver(struct pm_check *check, const struct pm_image *image, const struct ob_yaml *node)
{
    for (uint32_t depth = 0; node != NULL && depth < DEPTH_MAX; depth++) {
        const char *symbol = pm_node_text(node, "driver");
        struct ob_loc at = file_of(image);
        if (symbol != NULL && !pm_image_is_set(image, symbol)) {
            pm_finding(check, &at, "image '%s' has no driver for %s: %s is not set; set it in %s", image->name,
                       pm_node_text(node, "path"), symbol, source_of(check, image, "conf"));
        }
        node = parent_of(image, node);
    }
}

/** DMA often reads RAM only. The driver that moves the bytes, the chip's or its bus', tells Kconfig that it copies. */
static void check_source(struct pm_check *check, const struct pm_image *image, const struct ob_yaml *chip)
{
    const char *last = NULL; /* the outermost driver */
    struct ob_loc at = file_of(image);
    const struct ob_yaml *node = chip;

    for (uint32_t depth = 0; node != NULL && depth < DEPTH_MAX; depth++) {
        const char *driver = pm_node_text(node, "driver");
        if (driver != NULL && pm_image_is_set(image, ob_arena_printf(check->arena, "%s_SOURCE_ANYWHERE", driver))) {
            return;
        }
        last = driver == NULL ? last : driver;
        node = parent_of(image, node);
    }
    if (last == NULL) {
        pm_finding(check, &at,
                   "image '%s': no binding names the driver of %s, so nobody says that it can write data that lies in "
                   "internal flash; name its symbol with `driver:` in the binding of the chip or its bus",
                   image->name, pm_node_text(chip, "path"));
        return;
    }
    pm_finding(check, &at,
               "image '%s': no driver of %s says that it can write data that lies in internal flash, as records and "
               "constants do: with DMA such writes fail; let it copy through RAM, then state so beside %s in its "
               "Kconfig: config %s_SOURCE_ANYWHERE, def_bool %s",
               image->name, pm_node_text(chip, "path"), last, last + strlen("CONFIG_"), last + strlen("CONFIG_"));
}

static void check_chip_size(struct pm_check *check, const struct pm_image *image, const struct pm_part *slot,
                            const struct ob_yaml *node)
{
    uint64_t bytes = pm_node_number(node, "size", 0) / 8;
    struct ob_loc at = file_of(image);

    if (bytes != 0 && slot->region->size > bytes) {
        pm_finding(
            check, &at,
            "region '%s' has 0x%llx bytes but %s of image '%s' only 0x%llx; correct the node's `size` (in bits) in "
            "all images, for internal flash also CONFIG_FLASH_SIZE",
            slot->region->name, (unsigned long long)slot->region->size, pm_node_text(node, "path"), image->name,
            (unsigned long long)bytes);
    }
}

static void check_same_node(struct pm_check *check, const struct pm_image *image, const struct pm_part *slot)
{
    const char *own = pm_image_device_path(image, slot->region->device);
    const char *other = pm_image_device_path(&check->images[0], slot->region->device);
    struct ob_loc at = file_of(image);

    if (own != NULL && other != NULL && strcmp(own, other) != 0) {
        pm_finding(check, &at,
                   "images '%s' and '%s' have region '%s' on different chips: %s and %s; choose the same node in both",
                   check->images[0].name, image->name, slot->region->name, other, own);
    }
}

static const struct ob_yaml *chip_fact(const struct ob_yaml *node, const char *fact)
{
    return ob_yaml_get(ob_yaml_get(node, "properties"), fact);
}

/** One place on a bus but two descriptions: an overlay reached one image only, and one driver refuses the chip. */
static void check_same_chip(struct pm_check *check, const struct pm_image *image, const struct ob_yaml *node)
{
    static const char *const facts[] = {"jedec-id", "size", "erase-block-size", "write-block-size"};
    const struct ob_yaml *other = pm_image_node(&check->images[0], pm_node_text(node, "path"));
    struct ob_loc at = file_of(image);

    for (size_t i = 0; other != NULL && i < sizeof(facts) / sizeof(facts[0]); i++) {
        const struct ob_yaml *a = chip_fact(node, facts[i]);
        const struct ob_yaml *b = chip_fact(other, facts[i]);
        if ((a == NULL) != (b == NULL) || (a != NULL && !ob_yaml_equal(a, b))) {
            pm_finding(check, &at, "images '%s' and '%s' have a different %s of %s; use the same devicetree in both",
                       check->images[0].name, image->name, facts[i], pm_node_text(node, "path"));
        }
    }
}

static void check_slot_in_image(struct pm_check *check, const struct pm_image *image, const struct pm_part *slot)
{
    if (slot == NULL || slot->region->device == NULL) {
        return;
    }
    check_region_driver(check, image, slot);
    const struct ob_yaml *node = check_device(check, image, slot);
    if (node != NULL && !driver_is_granted(image, slot)) {
        check_node_driver(check, image, node);
        check_source(check, image, node);
    }
    if (node != NULL) {
        check_chip_size(check, image, slot, node);
        check_same_node(check, image, slot);
        check_same_chip(check, image, node);
    }
}

/** Two regions on one chip: both begin at its first byte, so a download would erase the bootloader. */
static void check_own_chip(struct pm_check *check, const struct pm_image *image, const struct pm_pair *pair)
{
    const struct pm_region *inner = pair->primary.part->region;
    const struct pm_region *outer = pair->secondary.part->region;
    const char *path = outer->device == NULL ? NULL : pm_image_device_path(image, outer->device);
    const char *taken = inner->device == NULL ? NULL : pm_image_device_path(image, inner->device);
    struct ob_loc at = file_of(image);

    if (inner != outer && path != NULL && taken != NULL && strcmp(path, taken) == 0) {
        pm_finding(check, &at, "regions '%s' and '%s' of image '%s' are the same chip, %s; choose another for %s in %s",
                   inner->name, outer->name, image->name, path, outer->device, source_of(check, image, "overlay"));
    }
}

void pm_check_drivers(struct pm_check *check)
{
    for (uint32_t i = 0; i < check->image_count; i++) {
        const struct pm_part *last = NULL; /* one message for each device is enough */
        for (uint32_t j = 0; j < check->pairs.count; j++) {
            const struct pm_pair *pair = &check->pairs.v[j];
            const struct pm_part *slots[] = {pair->primary.part, pair->secondary.part};
            check_own_chip(check, &check->images[i], pair);
            for (uint32_t k = 0; k < 2; k++) {
                if (last == NULL || slots[k]->region != last->region) {
                    check_slot_in_image(check, &check->images[i], slots[k]);
                    last = slots[k];
                }
            }
        }
    }
}

/* ---- Usable: what would be a refused or unfinished update on the device ---- */

static void check_erasable(struct pm_check *check, const struct pm_slot *slot)
{
    const struct pm_part *part = slot->part;

    if (part == NULL || part->region->device == NULL || pm_slot_is_erasable(slot)) {
        return;
    }
    pm_finding(check, &part->at,
               "'%s' at offset 0x%x with 0x%x bytes is not made of whole erase units of 0x%x bytes: erasing it would "
               "erase a neighbour; align it, and give it and what comes before it sizes that are multiples",
               part->name->text, slot->area.start, slot->area.size, slot->flash.erase_sizes[0]);
}

static void check_units(struct pm_check *check, const struct pm_pair *pair)
{
    const struct pm_part *part = pair->primary.part;
    unsigned long units = pair->max_units == NULL ? 0 : strtoul(pair->max_units->value, NULL, 0);

    if (pair->units_needed > OB_MAX_UNITS) {
        pm_finding(check, &part->at,
                   "'%s' has %u erase units of 0x%x bytes, more than the %u that can be recorded; make it smaller",
                   part->name->text, pair->units_needed, ob_layout_unit(&pair->primary.area, &pair->secondary.area),
                   OB_MAX_UNITS);
    } else if (units != 0 && units < pair->units_needed) {
        pm_finding(check, &pair->max_units->at,
                   "CONFIG_BOOT_MAX_IMG_SECTORS is %lu, but '%s' has %u erase units of 0x%x bytes; set it to %u, or to "
                   "0 for as many as the layout needs, in child_image/mcuboot.conf",
                   units, part->name->text, pair->units_needed,
                   ob_layout_unit(&pair->primary.area, &pair->secondary.area), pair->units_needed);
    }
}

static void check_room(struct pm_check *check, const struct pm_pair *pair)
{
    const struct pm_part *part = pair->secondary.part;

    if (pair->capacity == 0 && pair->units_needed != 0 && pair->units_needed <= OB_MAX_UNITS) {
        pm_finding(
            check, &part->at,
            "'%s' and '%s' have no room for an image beside their trailers, the journal and the spare unit; make "
            "both slots larger",
            pair->primary.part->name->text, part->name->text);
    }
}

static void check_dual(struct pm_check *check, const struct pm_pair *pair)
{
    const struct pm_part *dual = pair->dual.part;

    if (pair->mode != OB_MODE_DUAL || pair->primary.part != check->pairs.v[0].primary.part) {
        return;
    }
    if (dual == NULL) {
        pm_finding(check, &pair->secondary.part->at,
                   "CONFIG_BOOT_UPGRADE_DUAL needs a second slot, 'mcuboot_secondary_dual'; add it beside '%s' in the "
                   "static configuration",
                   pair->secondary.part->name->text);
    } else if (dual->size != pair->secondary.part->size || dual->region != pair->secondary.part->region) {
        pm_finding(check, &dual->at, "'%s' has to be as large as '%s' and in the same region", dual->name->text,
                   pair->secondary.part->name->text);
    }
}

/** Storage that does not start on an erase unit loses a neighbour's bytes when it is erased. */
static void warn_unaligned_storage(const struct pm_check *check, const struct pm_slot *slot)
{
    uint32_t unit = slot->flash.erase_sizes[0];

    for (uint32_t i = 0; unit != 0 && i < check->layout.parts.count; i++) {
        const struct pm_part *part = check->layout.parts.v[i];
        uint64_t offset = part->address - part->region->base;
        if (part->region == slot->part->region && strstr(part->name->text, "_storage") != NULL &&
            (offset % unit != 0 || part->size % unit != 0)) {
            ob_diag_warning(&part->at,
                            "'%s' at offset 0x%llx with 0x%llx bytes is not made of whole erase units of 0x%x bytes; "
                            "align it",
                            part->name->text, (unsigned long long)offset, (unsigned long long)part->size, unit);
        }
    }
}

void pm_check_slots(struct pm_check *check)
{
    for (uint32_t i = 0; i < check->pairs.count; i++) {
        const struct pm_pair *pair = &check->pairs.v[i];
        check_erasable(check, &pair->primary);
        check_erasable(check, &pair->secondary);
        check_erasable(check, &pair->dual);
        check_units(check, pair);
        check_room(check, pair);
        check_dual(check, pair);
    }
    if (check->pairs.count != 0) {
        const struct pm_pair *pair = &check->pairs.v[0];
        warn_unaligned_storage(check, &pair->primary);
        if (pair->secondary.part->region != pair->primary.part->region) {
            warn_unaligned_storage(check, &pair->secondary);
        }
    }
}

void pm_check_update(struct pm_check *check, const char *path, uint64_t len)
{
    struct ob_loc at = {.file = path};

    if (check->pairs.count == 0 || check->pairs.v[0].capacity == 0) {
        pm_finding(check, &at, "there are no slots that could take an update");
    } else if (len > check->pairs.v[0].capacity) {
        const struct pm_pair *pair = &check->pairs.v[0];
        pm_finding(
            check, &at,
            "the update has %llu bytes, %llu more than '%s' can install (%u): trailer, journal and spare unit of "
            "mode '%s' take the rest of the slot; make the image smaller or the slots larger",
            (unsigned long long)len, (unsigned long long)(len - pair->capacity), pair->secondary.part->name->text,
            pair->capacity, pm_mode_name(pair->mode));
    }
}
