/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "target.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <outboard/util.h>

#include "binary.h"
#include "common/file.h"
#include "dev/devices.h"

#define FILE_MAX (256u << 20)

/* What the board is and what its chips hold at first: from a build folder, or from somebody else's files. */

static char *path_in(const char *folder, const char *name)
{
    char *path = NULL;

    return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

/* A chip's file: all of the chip. */
static enum ob_exit read_chip_file(struct vb_contents *contents)
{
    size_t len;
    char *data;
    enum ob_exit status = ob_file_read(contents->path, FILE_MAX, &data, &len);

    if (status == OB_EXIT_OK && len != contents->size) {
        ob_diag_error(&(struct ob_loc){.file = contents->path},
                      "has %zu bytes, but the chip has %u; is it of another board?", len, contents->size);
        status = OB_EXIT_USAGE;
    }
    if (status == OB_EXIT_OK) {
        free(contents->data);
        contents->data = (uint8_t *)data;
    } else {
        free(data);
    }
    return status;
}

static enum ob_exit make_blank(struct vb_contents *contents, uint32_t size)
{
    contents->size = size;
    contents->data = malloc(OB_MAX(size, 1u));
    if (contents->data == NULL) {
        ob_diag_error(NULL, "board: out of memory");
        return OB_EXIT_USAGE;
    }
    memset(contents->data, 0xff, size);
    return OB_EXIT_OK;
}

static void add_symbols(struct vb_target *target, const char *name)
{
    char *path = path_in(target->build, name);
    char *data = NULL;
    size_t len = 0;

    /* Names only: a build without an ELF file runs all the same. */
    if (path != NULL && access(path, R_OK) == 0 && ob_file_read(path, FILE_MAX, &data, &len) == OB_EXIT_OK) {
        vb_symbols_add(&target->symbols, (const uint8_t *)data, len);
        free(data);
    }
    free(path);
}

/* `PM_<name>=<number>` of pm.config. */
static uint32_t pm_number(const char *config, const char *name)
{
    char line[80];
    int len = snprintf(line, sizeof(line), "\nPM_%s=", name);
    const char *found = strstr(config, line);

    return found == NULL ? 0 : (uint32_t)strtoul(found + len, NULL, 0);
}

/* Does `region:` of a partition say that it is in the external chip? */
static bool is_external(const char *partitions, const char *name)
{
    char line[80];

    snprintf(line, sizeof(line), "\n%s:\n", name);
    const char *at = strstr(partitions, line);
    const char *region = at == NULL ? NULL : strstr(at, "\n  region: ");
    return region != NULL && strncmp(region, "\n  region: external_flash\n", 26) == 0;
}

static enum ob_exit read_slots(struct vb_target *target)
{
    char *config_path = path_in(target->build, "pm.config");
    char *partitions_path = path_in(target->build, "partitions.yml");
    char *config = NULL;
    char *partitions = NULL;
    const uint32_t base = target->description.soc->flash_base;
    size_t len;

    /* An image without a bootloader has no slots, and runs too. */
    if (access(config_path, R_OK) == 0 && access(partitions_path, R_OK) == 0 &&
        ob_file_read(config_path, FILE_MAX, &config, &len) == OB_EXIT_OK &&
        ob_file_read(partitions_path, FILE_MAX, &partitions, &len) == OB_EXIT_OK) {
        target->primary = (struct vb_slot){.off = pm_number(config, "MCUBOOT_PRIMARY_ADDRESS") - base,
                                           .size = pm_number(config, "MCUBOOT_PRIMARY_SIZE"),
                                           .memory = VB_INTERNAL};
        target->secondary =
            (struct vb_slot){.off = pm_number(config, "MCUBOOT_SECONDARY_ADDRESS"),
                             .size = pm_number(config, "MCUBOOT_SECONDARY_SIZE"),
                             .memory = is_external(partitions, "mcuboot_secondary") ? VB_EXTERNAL : VB_INTERNAL};
        target->secondary_1 =
            (struct vb_slot){.off = pm_number(config, "MCUBOOT_SECONDARY_1_ADDRESS"),
                             .size = pm_number(config, "MCUBOOT_SECONDARY_1_SIZE"),
                             .memory = is_external(partitions, "mcuboot_secondary_1") ? VB_EXTERNAL : VB_INTERNAL};
    }
    free(config);
    free(partitions);
    free(config_path);
    free(partitions_path);
    return OB_EXIT_OK;
}

static enum ob_exit read_build(struct vb_target *target)
{
    enum ob_exit status;

    target->internal.path = path_in(target->build, "internal_flash.bin");
    status = read_chip_file(&target->internal);
    target->external.path = path_in(target->build, "external_flash.bin");
    if (status == OB_EXIT_OK && target->external.size > 0 && access(target->external.path, F_OK) == 0) {
        status = read_chip_file(&target->external);
    } else {
        free(target->external.path); /* a build that uses no external chip keeps none */
        target->external.path = NULL;
    }
    target->network.path = path_in(target->build, "network_flash.bin");
    if (status == OB_EXIT_OK && target->network.size > 0 && access(target->network.path, F_OK) == 0) {
        status = read_chip_file(&target->network);
    } else {
        free(target->network.path);
        target->network.path = NULL;
    }
    add_symbols(target, "mcuboot/mcuboot.elf");
    add_symbols(target, "app.elf");
    return status == OB_EXIT_OK ? read_slots(target) : status;
}

static enum ob_exit read_files(struct vb_target *target)
{
    const struct vb_soc *soc = target->description.soc;
    const struct vb_buffer xip = {.what = "the external chip, as the CPU reads it",
                                  .base = soc->xip,
                                  .size = target->external.size,
                                  .data = target->external.data};
    const struct vb_buffer uicr = {.what = "UICR",
                                   .base = vb_uicr_base(soc),
                                   .size = target->uicr.size,
                                   .data = target->uicr.data,
                                   .beside = soc->xip == 0 || xip.size == 0 ? NULL : &xip};
    const struct vb_buffer internal = {.what = "the internal flash",
                                       .size = target->internal.size,
                                       .data = target->internal.data,
                                       .beside = uicr.base == 0 ? NULL : &uicr};
    const struct vb_buffer external = {
        .what = "the external chip", .size = target->external.size, .data = target->external.data};
    enum ob_exit status = OB_EXIT_OK;

    for (unsigned i = 0; status == OB_EXIT_OK && i < target->internal_count; i++) {
        status = vb_binary_put(target->internal_files[i], &internal, &target->symbols);
    }
    if (status == OB_EXIT_OK && target->external_count > 0 && target->external.size == 0) {
        ob_diag_error(NULL, "board: --external: %s has no external chip", target->board_name);
        status = OB_EXIT_USAGE;
    }
    for (unsigned i = 0; status == OB_EXIT_OK && i < target->external_count; i++) {
        status = vb_binary_put(target->external_files[i], &external, NULL);
    }
    return status;
}

static bool is_description(const char *name)
{
    const size_t len = strlen(name);

    return len > strlen(".json") && strcmp(name + len - strlen(".json"), ".json") == 0;
}

/* Beside the program. */
static char *in_boards(const char *name)
{
    char exe[4096];
    char file[128];
    ssize_t len = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

    exe[len < 0 ? 0 : len] = '\0';
    char *slash = strrchr(exe, '/');
    if (slash != NULL) {
        *slash = '\0';
    }
    snprintf(file, sizeof(file), "boards/%s.json", name);
    return path_in(exe, file);
}

/* A file, or boards/<name>.json. Both kinds of names: nrf52840dk/nrf52840 and nrf52840dk_nrf52840. */
static char *description_of_board(const char *name)
{
    char file[100];

    if (is_description(name)) {
        return strdup(name);
    }
    snprintf(file, sizeof(file), "%s", name);
    for (char *at = file; *at != '\0'; at++) {
        *at = *at == '/' ? '_' : *at;
    }
    return in_boards(file);
}

static void tell_boards(const char *name)
{
    char *pattern = in_boards("*");
    glob_t found = {0};
    char names[512] = "";
    size_t used = 0;

    if (pattern != NULL && glob(pattern, 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc && used < sizeof(names) - 1; i++) {
            const char *file = strrchr(found.gl_pathv[i], '/') + 1;
            used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%.*s", i == 0 ? "" : ", ",
                                     (int)(strlen(file) - strlen(".json")), file);
        }
        globfree(&found);
    }
    free(pattern);
    ob_diag_error(NULL, "board: there is no virtual board '%s'; there are %s, and yours as FILE.json", name,
                  used == 0 ? "none" : names);
}

static enum ob_exit read_description(struct vb_target *target)
{
    char *path =
        target->build != NULL ? path_in(target->build, "devicetree.json") : description_of_board(target->board_name);
    enum ob_exit status;

    if (target->build != NULL && access(target->build, F_OK) != 0) {
        ob_diag_error(&(struct ob_loc){.file = target->build}, "is not there; build it first, or say --board");
        status = OB_EXIT_USAGE;
    } else if (path == NULL || access(path, R_OK) != 0) {
        if (target->build != NULL) {
            ob_diag_error(&(struct ob_loc){.file = target->build},
                          "is no build folder: it has no devicetree.json; build an application of outboard there");
        } else if (is_description(target->board_name)) {
            ob_diag_error(NULL, "board: --board %s: cannot be read", target->board_name);
        } else {
            tell_boards(target->board_name);
        }
        status = OB_EXIT_USAGE;
    } else {
        status = vb_description_read(path, &target->description);
    }
    free(path);
    return status;
}

/* The network core's addresses begin at its flash's. */
static enum ob_exit read_network(struct vb_target *target)
{
    const struct vb_buffer network = {
        .what = "the network core's flash",
        .base = VB_NETWORK_BASE,
        .size = target->network.size,
        .data = target->network.data,
    };

    if (target->network_file == NULL) {
        return OB_EXIT_OK;
    }
    if (target->network.size == 0) {
        ob_diag_error(NULL, "board: --network: the SoC has one core");
        return OB_EXIT_USAGE;
    }
    return vb_binary_put(target->network_file, &network, NULL);
}

/* Faults of the external chip need one; a worn cell must be in its chip. */
static enum ob_exit check_faults(struct vb_target *target)
{
    const struct vb_contents *worn = target->worn.memory == VB_EXTERNAL ? &target->external : &target->internal;
    char *data;
    size_t len;

    if (target->external.size == 0 && (target->chip_fault != VB_CHIP_WORKS || target->sfdp_file != NULL)) {
        ob_diag_error(NULL, "board: --absent, --chip-fault and --sfdp: the board has no external chip");
        return OB_EXIT_USAGE;
    }
    if (target->worn.is && target->worn.off >= worn->size) {
        ob_diag_error(NULL, "board: --worn: 0x%x lies outside the chip, which has 0x%x bytes", target->worn.off,
                      worn->size);
        return OB_EXIT_USAGE;
    }
    if (target->sfdp_file == NULL) {
        return OB_EXIT_OK;
    }
    enum ob_exit status = ob_file_read(target->sfdp_file, FILE_MAX, &data, &len);
    if (status == OB_EXIT_OK && len == 0) {
        ob_diag_error(&(struct ob_loc){.file = target->sfdp_file}, "is empty");
        free(data);
        return OB_EXIT_USAGE;
    }
    if (status == OB_EXIT_OK) {
        target->sfdp.data = (uint8_t *)data;
        target->sfdp.size = (uint32_t)len;
    }
    return status;
}

enum ob_exit vb_target_read(struct vb_target *target)
{
    enum ob_exit status = read_description(target);
    const struct vb_description *description = &target->description;

    if (status == OB_EXIT_OK) {
        status = make_blank(&target->internal, description->soc->flash.size);
    }
    if (status == OB_EXIT_OK) {
        status = make_blank(&target->external, description->chip_count > 0 ? description->chips[0].size : 0);
    }
    if (status == OB_EXIT_OK) {
        const struct sim_geometry *network = description->soc->network_flash;
        status = make_blank(&target->network, network == NULL ? 0 : network->size);
    }
    if (status == OB_EXIT_OK) {
        status = make_blank(&target->uicr, VB_UICR_SIZE);
    }
    if (status == OB_EXIT_OK) {
        status = target->build != NULL ? read_build(target) : read_files(target);
    }
    if (status == OB_EXIT_OK) {
        status = read_network(target);
    }
    return status == OB_EXIT_OK ? check_faults(target) : status;
}
