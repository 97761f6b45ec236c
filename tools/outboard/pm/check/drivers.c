/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "check.h"

/* Every flash that slots are in is reachable: else "Failed to open flash area" on the device, or a linker error. */

#define DEPTH_MAX 16 /* of a chip in the devicetree: a bus in a bus is rare */

/** @return the node that a node is below; NULL: none */
static const struct ob_yaml *parent_of(const struct pm_image *image, const struct ob_yaml *node)
{
    const char *parent = pm_node_text(node, "parent");
    return parent == NULL ? NULL : pm_image_node(image, parent);
}

/** @return path of the chip or of the bus above it that was disabled, which disables all below; NULL: all are okay */
static const char *disabled_node(const struct pm_image *image, const struct ob_yaml *node)
{
    const char *disabled = NULL;

    for (uint32_t depth = 0; node != NULL && depth < DEPTH_MAX; depth++) {
        const char *okay = pm_node_text(node, "okay");
        if (okay == NULL || strcmp(okay, "true") != 0) {
            disabled = pm_node_text(node, "path");
        }
        node = parent_of(image, node);
    }
    return disabled;
}

/** @return the node; NULL after a finding */
static const struct ob_yaml *check_device(struct pm_check *check, const struct pm_image *image,
                                          const struct pm_part *slot)
{
    struct ob_loc at = pm_place_of_slot(check, image, slot, NULL);
    const char *device = slot->region->device;
    const char *path = pm_image_device_path(image, device);
    const struct ob_yaml *node = path == NULL ? NULL : pm_image_node(image, path);

    if (node == NULL) {
        pm_finding(check, &at, "image '%s' cannot open '%s': its devicetree has no %s; add it in %s too", image->name,
                   slot->name->text, device, pm_source_of(check, image, "overlay"));
        return NULL;
    }
    const char *disabled = disabled_node(image, node);
    if (disabled != NULL) {
        at = pm_place_of_property(check, image, disabled, "status");
        pm_finding(check, &at, "image '%s' cannot open '%s': node %s is not okay; set status = \"okay\" in %s",
                   image->name, slot->name->text, disabled, pm_source_of(check, image, "overlay"));
        return NULL;
    }
    return node;
}

static void check_region_driver(struct pm_check *check, const struct pm_image *image, const struct pm_part *slot)
{
    const char *symbol = slot->region->driver;
    struct ob_loc at = pm_place_of_slot(check, image, slot, symbol);

    if (symbol != NULL && !pm_image_is_set(image, symbol)) {
        pm_finding(check, &at,
                   "image '%s' cannot open '%s': %s is not set, so region '%s' is not in its flash map; enable the "
                   "driver of that flash in %s",
                   image->name, slot->name->text, symbol, slot->region->name, pm_source_of(check, image, "conf"));
    }
}

/** The user says that the driver comes from elsewhere: only the linker can tell. */
static bool driver_is_granted(const struct pm_image *image, const struct pm_part *slot)
{
    return slot->region->driver != NULL && strcmp(slot->region->driver, "CONFIG_PM_EXTERNAL_FLASH_HAS_DRIVER") == 0 &&
           pm_image_is_set(image, "CONFIG_PM_OVERRIDE_EXTERNAL_DRIVER_CHECK");
}

/** Chip and bus: a missing one is an undefined reference to `__device_dts_ord_<n>'. */
static void check_node_driver(struct pm_check *check, const struct pm_image *image, const struct pm_part *slot,
                              const struct ob_yaml *node)
{
    for (uint32_t depth = 0; node != NULL && depth < DEPTH_MAX; depth++) {
        const char *symbol = pm_node_text(node, "driver");
        bool said = symbol != NULL && slot->region->driver != NULL && strcmp(symbol, slot->region->driver) == 0;
        if (symbol != NULL && !said && !pm_image_is_set(image, symbol)) {
            struct ob_loc at = pm_place_of_slot(check, image, slot, symbol);
            pm_finding(check, &at, "image '%s' has no driver for %s: %s is not set; set it in %s", image->name,
                       pm_node_text(node, "path"), symbol, pm_source_of(check, image, "conf"));
        }
        node = parent_of(image, node);
    }
}

/** DMA often reads RAM only. The driver that moves the bytes, the chip's or its bus', tells Kconfig that it copies. */
static void check_source(struct pm_check *check, const struct pm_image *image, const struct ob_yaml *chip)
{
    const char *last = NULL; /* the outermost driver */
    struct ob_loc at = pm_place_of_property(check, image, pm_node_text(chip, "path"), "compatible");
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
                   "internal flash; name its symbol with 'driver:' in the binding of the chip or its bus",
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
    struct ob_loc at = pm_place_of_property(check, image, pm_node_text(node, "path"), "size");

    if (bytes != 0 && slot->region->size > bytes) {
        pm_finding(
            check, &at,
            "region '%s' has 0x%llx bytes but %s of image '%s' only 0x%llx; correct the node's 'size' (in bits) in "
            "all images, for internal flash also CONFIG_FLASH_SIZE",
            slot->region->name, (unsigned long long)slot->region->size, pm_node_text(node, "path"), image->name,
            (unsigned long long)bytes);
    }
}

static void check_same_node(struct pm_check *check, const struct pm_image *image, const struct pm_part *slot)
{
    const char *own = pm_image_device_path(image, slot->region->device);
    const char *other = pm_image_device_path(&check->images[0], slot->region->device);
    struct ob_loc at = pm_place_of_slot(check, image, slot, NULL);

    if (own != NULL && other != NULL && !pm_is_same_path(own, other)) {
        pm_finding(check, &at,
                   "images '%s' and '%s' have region '%s' on different chips: %s and %s; choose the same node in both",
                   check->images[0].name, image->name, slot->region->name, other, own);
    }
}

static const struct ob_yaml *chip_fact(const struct ob_yaml *node, const char *fact)
{
    return ob_yaml_get(ob_yaml_get(node, "properties"), fact);
}

/** Of two images that differ the one whose property stands in an overlay; the other one has the board's. */
static struct ob_loc place_of_difference(struct pm_check *check, const struct pm_image *image, const char *path,
                                         const char *property)
{
    const struct ob_loc at = pm_place_of_property(check, image, path, property);
    const char *dot = strrchr(at.file, '.');

    return dot != NULL && strcmp(dot, ".overlay") == 0 ? at
                                                       : pm_place_of_property(check, &check->images[0], path, property);
}

/** One place on a bus but two descriptions: an overlay reached one image only, and one driver refuses the chip. */
static void check_same_chip(struct pm_check *check, const struct pm_image *image, const struct ob_yaml *node)
{
    static const char *const facts[] = {"jedec-id", "size", "erase-block-size", "write-block-size"};
    const struct ob_yaml *other = pm_image_node(&check->images[0], pm_node_text(node, "path"));

    for (size_t i = 0; other != NULL && i < sizeof(facts) / sizeof(facts[0]); i++) {
        const struct ob_yaml *a = chip_fact(node, facts[i]);
        const struct ob_yaml *b = chip_fact(other, facts[i]);
        if ((a == NULL) != (b == NULL) || (a != NULL && !ob_yaml_equal(a, b))) {
            struct ob_loc at = place_of_difference(check, image, pm_node_text(node, "path"), facts[i]);
            pm_finding(check, &at, "images '%s' and '%s' have a different %s of %s; use the same devicetree in both",
                       check->images[0].name, image->name, facts[i], pm_node_text(node, "path"));
        }
    }
}

static void check_slot_in_image(struct pm_check *check, const struct pm_image *image, const struct pm_part *slot)
{
    if (slot == NULL) {
        return;
    }
    if (slot->region->device == NULL) {
        pm_finding(check, &slot->at, "image '%s' cannot open '%s': region '%s' has no device; complete regions.yml",
                   image->name, slot->name->text, slot->region->name);
        return;
    }
    check_region_driver(check, image, slot);
    const struct ob_yaml *node = check_device(check, image, slot);
    if (node != NULL && !driver_is_granted(image, slot)) {
        check_node_driver(check, image, slot, node);
        if (!image->is_zephyr) { /* whose drivers tell it in other ways: pm_check_mcuboot() */
            check_source(check, image, node);
        }
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
    struct ob_loc at = pm_place_of_slot(check, image, pair->secondary.part, NULL);

    if (inner != outer && path != NULL && taken != NULL && strcmp(path, taken) == 0) {
        pm_finding(check, &at, "regions '%s' and '%s' of image '%s' are the same chip, %s; choose another for %s in %s",
                   inner->name, outer->name, image->name, path, outer->device, pm_source_of(check, image, "overlay"));
    }
}

void pm_check_drivers(struct pm_check *check)
{
    for (uint32_t i = 0; i < check->image_count; i++) {
        const struct pm_part *last = NULL; /* one message for each device is enough */
        for (uint32_t j = 0; j < check->pairs.count; j++) {
            const struct pm_pair *pair = &check->pairs.v[j];
            const struct pm_part *slots[] = {pair->primary.part, pair->secondary.part};
            bool handover = check->images[i].is_zephyr || pair->mode == OB_MODE_HANDOVER;
            bool is_application = handover && &check->images[i] != check->bootloader;
            check_own_chip(check, &check->images[i], pair);
            for (uint32_t k = 0; k < 2; k++) {
                if (is_application && j != 0 && k == 0) {
                    continue; /* where the bootloader hands an image to another core */
                }
                if (last == NULL || slots[k]->region != last->region) {
                    check_slot_in_image(check, &check->images[i], slots[k]);
                    last = slots[k];
                }
            }
        }
    }
}
