/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "check.h"

/*
 * A chip's own table against what else the devicetree says. The driver believes the table, and a chip that differs from
 * it is refused when it starts, so each contradiction is a device without updates, or a layout checked with wrong erase
 * units.
 */

#define FIELD_ERASED 0xffU
#define SMALLEST_ASSUMED 4096U /* by CONFIG_SPI_NOR_SFDP_MINIMAL */

/** A chip as one image sees it. */
struct subject {
    struct pm_check *check;
    const struct pm_image *image;
    const struct ob_yaml *node;
    struct pm_chip chip;
};

static struct ob_loc place_of(const struct subject *s, const char *property)
{
    return pm_place_of_property(s->check, s->image, pm_node_text(s->node, "path"), property);
}

static void contradiction(const struct subject *s, const char *property, const char *says, const char *table)
{
    struct ob_loc at = place_of(s, property);

    pm_finding(
        s->check, &at,
        "%s of image '%s': %s is %s, but the table in sfdp-bfp says %s; the datasheet tells which one to correct in %s",
        pm_node_text(s->node, "path"), s->image->name, property, says, table,
        pm_source_of(s->check, s->image, "overlay"));
}

static const char *number_text(const struct subject *s, uint64_t number)
{
    return ob_arena_printf(s->check->arena, "0x%llx", (unsigned long long)number);
}

static void compare(const struct subject *s, const char *property, uint64_t table)
{
    uint64_t says = pm_node_number(s->node, property, table);

    if (says != table) {
        contradiction(s, property, number_text(s, says), number_text(s, table));
    }
}

/** The names that devicetrees use for the table's values. */
static void compare_quad(const struct subject *s)
{
    static const char *const names[] = {"NONE", "S2B1v1", "S1B6", "S2B7", "S2B1v4", "S2B1v5", "S2B1v6"};
    const char *says = pm_node_text(ob_yaml_get(s->node, "properties"), "quad-enable-requirements");
    enum ob_sfdp_quad quad = s->chip.sfdp.quad;

    if (says != NULL && quad < OB_SFDP_QUAD_UNKNOWN && strcmp(says, names[quad]) != 0) {
        contradiction(s, "quad-enable-requirements", says, names[quad]);
    }
}

/** Ways into 4-byte addresses that the table does not list. Chips that need none often leave the field erased. */
static void compare_enter_4byte(const struct subject *s)
{
    uint64_t says = pm_node_number(s->node, "enter-4byte-addr", 0);
    uint8_t table = s->chip.sfdp.enter_4byte;

    if (table != 0 && table != FIELD_ERASED && (says & ~(uint64_t)table) != 0) {
        contradiction(s, "enter-4byte-addr", number_text(s, says), number_text(s, table));
    }
}

#define SIZE_3BYTE 0x1000000U /* bytes that 3-byte addresses reach */
#define ENTER_BITS                                                                                            \
    (OB_SFDP_ENTER_4BYTE | OB_SFDP_ENTER_4BYTE_WREN | OB_SFDP_ENTER_4BYTE_BANK | OB_SFDP_ENTER_4BYTE_ALWAYS | \
     OB_SFDP_ENTER_4BYTE_OPCODES)

/** Ways that the driver does not have, and no way at all to what lies above 16 MiB, where the table proves it. */
static void check_enter_4byte(const struct subject *s)
{
    uint64_t says = pm_node_number(s->node, "enter-4byte-addr", 0);
    uint64_t bytes = pm_node_number(s->node, "size", 0) / 8;
    const struct ob_sfdp *table = &s->chip.sfdp;
    struct ob_loc at = place_of(s, "enter-4byte-addr");

    if (says != 0 && (says & ENTER_BITS) == 0) {
        pm_finding(
            s->check, &at,
            "%s of image '%s': enter-4byte-addr is 0x%llx, which names no way that the driver has: bit 0 (0xB7), 1 "
            "(0xB7 after write enable), 3 (bank register 0x17), 5 (opcodes of the chip's own table) or 6 (always 4 "
            "bytes); correct it in %s",
            pm_node_text(s->node, "path"), s->image->name, (unsigned long long)says,
            pm_source_of(s->check, s->image, "overlay"));
    }
    bool is_told = s->chip.is_usable && table->enter_4byte != 0 && table->enter_4byte != FIELD_ERASED;
    if (is_told && bytes > SIZE_3BYTE && table->address != OB_SFDP_ADDRESS_4 &&
        ((table->enter_4byte | says) & ENTER_BITS) == 0) {
        pm_finding(
            s->check, &at,
            "%s of image '%s' has more than 16 MiB, and its table in sfdp-bfp names no way to four address bytes "
            "that the driver has; set enter-4byte-addr in %s if the datasheet knows one",
            pm_node_text(s->node, "path"), s->image->name, pm_source_of(s->check, s->image, "overlay"));
    }
}

/** Without the table the driver erases 4 KiB with 0x20, whatever the chip makes of that. */
static void check_assumed(const struct subject *s)
{
    const struct ob_loc *written = pm_image_place(s->image, "CONFIG_SPI_NOR_SFDP_MINIMAL");
    struct ob_loc at = written != NULL ? *written : place_of(s, "sfdp-bfp");
    uint32_t smallest = s->chip.sfdp.erase[0].size;

    if (pm_image_is_set(s->image, "CONFIG_SPI_NOR_SFDP_MINIMAL") && smallest != SMALLEST_ASSUMED) {
        pm_finding(s->check, &at,
                   "%s of image '%s' erases units of 0x%x bytes at least, but CONFIG_SPI_NOR_SFDP_MINIMAL assumes "
                   "0x%x; choose "
                   "CONFIG_SPI_NOR_SFDP_RUNTIME or CONFIG_SPI_NOR_SFDP_DEVICETREE in %s",
                   pm_node_text(s->node, "path"), s->image->name, smallest, SMALLEST_ASSUMED,
                   pm_source_of(s->check, s->image, "conf"));
    }
}

static void check_table(const struct subject *s)
{
    compare(s, "size", (uint64_t)s->chip.sfdp.size * 8);
    compare(s, "erase-block-size", s->chip.sfdp.erase[0].size);
    compare_quad(s);
    compare_enter_4byte(s);
    check_assumed(s);
}

static void check_chip(struct pm_check *check, const struct pm_image *image, const struct pm_part *slot)
{
    const char *path = slot->region->device == NULL ? NULL : pm_image_device_path(image, slot->region->device);
    struct subject s = {.check = check, .image = image, .node = path == NULL ? NULL : pm_image_node(image, path)};

    pm_chip_read(s.node, &s.chip);
    check_enter_4byte(&s);
    if (s.chip.is_usable) {
        check_table(&s);
    } else if (ob_yaml_get(ob_yaml_get(s.node, "properties"), "sfdp-bfp") != NULL) {
        struct ob_loc at = place_of(&s, "sfdp-bfp");
        pm_finding(
            check, &at,
            "%s of image '%s': sfdp-bfp is no basic flash parameter table, and the driver refuses it; copy it from the "
            "chip (36 bytes or more, as stored) in %s",
            path, image->name, pm_source_of(check, image, "overlay"));
    }
}

void pm_check_chips(struct pm_check *check)
{
    for (uint32_t i = 0; i < check->image_count && check->pairs.count != 0; i++) {
        const struct pm_pair *pair = &check->pairs.v[0]; /* all pairs are on the same two chips */
        check_chip(check, &check->images[i], pair->primary.part);
        if (pair->secondary.part->region != pair->primary.part->region) {
            check_chip(check, &check->images[i], pair->secondary.part);
        }
    }
}
