/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "description.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include <outboard/util.h>

#include "common/file.h"

#define JSON_MAX (16u << 20)

static bool is_compatible(const cJSON *node, const char *compatible)
{
    const cJSON *each;

    cJSON_ArrayForEach(each, cJSON_GetObjectItem(node, "compatible"))
    {
        if (cJSON_IsString(each) && strcmp(each->valuestring, compatible) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_okay(const cJSON *node)
{
    return cJSON_IsTrue(cJSON_GetObjectItem(node, "okay"));
}

static uint32_t number(const cJSON *value)
{
    return cJSON_IsNumber(value) ? (uint32_t)value->valuedouble : 0;
}

static uint32_t first_address(const cJSON *node)
{
    return number(cJSON_GetArrayItem(cJSON_GetArrayItem(cJSON_GetObjectItem(node, "reg"), 0), 0));
}

static const cJSON *property(const cJSON *node, const char *name)
{
    return cJSON_GetObjectItem(cJSON_GetObjectItem(node, "properties"), name);
}

static const cJSON *node_at(const cJSON *nodes, const char *path)
{
    const cJSON *node;

    cJSON_ArrayForEach(node, nodes)
    {
        const char *own = cJSON_GetStringValue(cJSON_GetObjectItem(node, "path"));
        if (own != NULL && path != NULL && strcmp(own, path) == 0) {
            return node;
        }
    }
    return NULL;
}

static const struct vb_soc *find_soc(const cJSON *nodes)
{
    const cJSON *node;

    cJSON_ArrayForEach(node, nodes)
    {
        for (unsigned i = 0; vb_socs[i] != NULL; i++) {
            if (is_compatible(node, vb_socs[i]->controller)) {
                return vb_socs[i];
            }
        }
    }
    return NULL;
}

static uint32_t bytes_of(const cJSON *array, uint8_t *out, uint32_t max)
{
    uint32_t len = 0;
    const cJSON *each;

    cJSON_ArrayForEach(each, array)
    {
        if (len < max) {
            out[len++] = (uint8_t)number(each);
        }
    }
    return len;
}

static bool is_chip(const cJSON *node)
{
    return is_okay(node) && (is_compatible(node, "nordic,qspi-nor") || is_compatible(node, "jedec,spi-nor"));
}

static void read_chip(const cJSON *node, struct vb_chip_description *chip)
{
    const char *label = cJSON_GetStringValue(cJSON_GetArrayItem(cJSON_GetObjectItem(node, "labels"), 0));
    uint32_t in_bytes = number(property(node, "size-in-bytes"));

    snprintf(chip->label, sizeof(chip->label), "%s", label == NULL ? "" : label);
    bytes_of(property(node, "jedec-id"), chip->jedec_id, sizeof(chip->jedec_id));
    chip->size = in_bytes != 0 ? in_bytes : number(property(node, "size")) / 8;
    memset(chip->io, VB_PIN_NONE, sizeof(chip->io));
    chip->sck = chip->csn = VB_PIN_NONE;
}

/* The pins of Nordic's development kits, for devicetrees that say nothing. */
static void wire_as_the_kit(const struct vb_soc *soc, struct vb_chip_description *chip)
{
    static const uint8_t io52[] = {20, 21, 22, 23};
    static const uint8_t io53[] = {13, 14, 15, 16};

    chip->sck = soc->armv8m ? 17 : 19;
    chip->csn = soc->armv8m ? 18 : 17;
    memcpy(chip->io, soc->armv8m ? io53 : io52, sizeof(chip->io));
}

/* One of a pin control's psels: the function in bits 31:24, numbered as in nrf-pinctrl.h, the pin below. */
static void wire_pin(struct vb_chip_description *chip, uint32_t psel)
{
    uint8_t pin = (uint8_t)(psel & (VB_PINS - 1));

    switch (psel >> 24) {
    case 4:  /* SPIM_SCK */
    case 29: /* QSPI_SCK */
        chip->sck = pin;
        break;
    case 30: /* QSPI_CSN */
        chip->csn = pin;
        break;
    case 5:  /* SPIM_MOSI */
    case 31: /* QSPI_IO0 */
        chip->io[0] = pin;
        break;
    case 6:  /* SPIM_MISO */
    case 32: /* QSPI_IO1 */
        chip->io[1] = pin;
        break;
    case 33: /* QSPI_IO2 */
    case 34: /* QSPI_IO3 */
        chip->io[(psel >> 24) - 31] = pin;
        break;
    default:
        break;
    }
}

static void wire_group(const cJSON *nodes, const char *group, struct vb_chip_description *chip)
{
    const cJSON *node;
    const cJSON *psel;

    cJSON_ArrayForEach(node, nodes)
    {
        const char *parent = cJSON_GetStringValue(cJSON_GetObjectItem(node, "parent"));
        if (parent != NULL && strcmp(parent, group) == 0) {
            cJSON_ArrayForEach(psel, property(node, "psels"))
            {
                wire_pin(chip, number(psel));
            }
        }
    }
}

/* An entry of a ...-gpios property: the controller's path, the pin, flags. Without it, the line stays as it is. */
static void wire_line(const cJSON *nodes, const cJSON *gpios, uint32_t index, uint8_t *line)
{
    const cJSON *entry = cJSON_GetArrayItem(gpios, (int)index);
    const cJSON *port = node_at(nodes, cJSON_GetStringValue(cJSON_GetArrayItem(entry, 0)));

    if (port != NULL) {
        *line = (uint8_t)VB_PIN(number(property(port, "port")), number(cJSON_GetArrayItem(entry, 1)));
    }
}

static void wire(const struct vb_soc *soc, const cJSON *nodes, const cJSON *node, struct vb_chip_description *chip)
{
    const cJSON *bus = node_at(nodes, cJSON_GetStringValue(cJSON_GetObjectItem(node, "parent")));
    const cJSON *group;

    cJSON_ArrayForEach(group, property(bus, "pinctrl-0"))
    {
        wire_group(nodes, cJSON_GetStringValue(group), chip);
    }
    wire_line(nodes, property(bus, "cs-gpios"), first_address(node), &chip->csn);
    wire_line(nodes, property(node, "wp-gpios"), 0, &chip->io[2]);
    wire_line(nodes, property(node, "hold-gpios"), 0, &chip->io[3]);
    wire_line(nodes, property(node, "reset-gpios"), 0, &chip->io[3]);
    if (chip->csn == VB_PIN_NONE || chip->sck == VB_PIN_NONE) {
        wire_as_the_kit(soc, chip);
    }
}

static enum ob_exit take(const cJSON *json, struct vb_description *out)
{
    struct ob_loc at = {.file = out->path};
    const cJSON *nodes = cJSON_GetObjectItem(json, "nodes");
    const cJSON *node;
    const char *console =
        cJSON_GetStringValue(cJSON_GetObjectItem(cJSON_GetObjectItem(json, "chosen"), "zephyr,console"));

    if (!cJSON_IsArray(nodes)) {
        ob_diag_error(&at, "is not a devicetree as 'outboard dt --json' writes it");
        return OB_EXIT_USAGE;
    }
    out->soc = find_soc(nodes);
    if (out->soc == NULL) {
        ob_diag_error(&at, "there is no virtual board for this SoC; there is one for the AST1030, the nRF52840 and the "
                           "nRF5340");
        return OB_EXIT_USAGE;
    }
    out->console = console == NULL ? 0 : first_address(node_at(nodes, console));
    cJSON_ArrayForEach(node, nodes)
    {
        if (out->soc->flash_chip != NULL && is_compatible(node, out->soc->flash_chip)) {
            read_chip(node, &out->flash_chip);
        } else if (is_chip(node) && out->chip_count < VB_CHIPS) {
            read_chip(node, &out->chips[out->chip_count]);
            wire(out->soc, nodes, node, &out->chips[out->chip_count++]);
        }
    }
    return OB_EXIT_OK;
}

enum ob_exit vb_description_read(const char *path, struct vb_description *out)
{
    char *text;
    size_t len;

    memset(out, 0, sizeof(*out));
    snprintf(out->path, sizeof(out->path), "%s", path);
    enum ob_exit status = ob_file_read(path, JSON_MAX, &text, &len);
    if (status != OB_EXIT_OK) {
        return status;
    }
    cJSON *json = cJSON_ParseWithLength(text, len);
    free(text);
    status = take(json, out);
    cJSON_Delete(json);
    return status;
}

/* @return NULL after printing why there is none */
static const struct nor_part *part_of(const struct vb_description *description, const struct vb_chip_description *chip)
{
    struct ob_loc at = {.file = description->path};
    const struct nor_part *part = nor_part_of_jedec_id(chip->jedec_id);

    if (part == NULL) {
        ob_diag_error(
            &at,
            "there is no model of the chip %s, jedec-id %02x %02x %02x; vboard/chip/nor_parts.c has those that are",
            chip->label, chip->jedec_id[0], chip->jedec_id[1], chip->jedec_id[2]);
    } else if (part->size != chip->size) {
        ob_diag_error(&at, "the chip %s has %u bytes, a %s has %u", chip->label, chip->size, part->name, part->size);
        part = NULL;
    }
    return part;
}

static bool solder(struct vb_board *board, const struct vb_description *description,
                   const struct vb_chip_description *chip)
{
    const struct nor_part *part = part_of(description, chip);

    return part != NULL && vb_board_add_chip(board, part, chip->sck, chip->csn, chip->io);
}

static bool solder_all(struct vb_board *board, const struct vb_description *description)
{
    bool done = true;

    for (unsigned i = 0; done && i < description->chip_count; i++) {
        done = solder(board, description, &description->chips[i]);
    }
    if (done && board->soc->flash_chip != NULL) {
        const struct nor_part *part = part_of(description, &description->flash_chip);
        done = part != NULL && part->size == board->flash_size && vb_board_add_flash_chip(board, part);
    }
    return done;
}

struct vb_board *vb_description_build(const struct vb_description *description)
{
    const char *why;
    struct vb_board *board = vb_board_new(description->soc, &why);

    if (board == NULL) {
        ob_diag_error(NULL, "board: the virtual board cannot be made: %s", why);
        return NULL;
    }
    if (!solder_all(board, description)) {
        vb_board_free(board);
        return NULL;
    }
    board->console = NULL;
    for (unsigned i = 0; i < board->device_count; i++) {
        if (description->console != 0 && board->devices[i].base == description->console) {
            board->console = &board->devices[i];
        }
    }
    return board;
}
