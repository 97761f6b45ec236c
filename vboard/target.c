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
#include "coverage.h"
#include "dev/devices.h"

#define FILE_MAX (256u << 20)

enum {
    OPT_BOARD = 512,
    OPT_INTERNAL,
    OPT_EXTERNAL,
    OPT_ABSENT,
    OPT_CHIP,
    OPT_SFDP,
    OPT_WORN,
    OPT_LOW,
    OPT_RANDOM,
    OPT_NETWORK,
    OPT_NETWORK_FAULT,
    OPT_STALL
};

/* ---- the command line ---- */

static const struct argp_option options[] = {
    {"board", OPT_BOARD, "NAME", 0,
     "a board of outboard's, for files that no build folder of its holds; or FILE.json, a devicetree as 'outboard dt "
     "--json' writes it",
     1},
    {"internal", OPT_INTERNAL, "FILE[@ADDR]", 0,
     "ELF, HEX, UF2 or raw file for the internal flash; may be given several times", 1},
    {"external", OPT_EXTERNAL, "FILE[@ADDR]", 0, "the same for the external chip", 1},
    {"low", OPT_LOW, "PIN", 0, "somebody holds a pin low, e.g. P0.11, a button; may be given several times", 1},
    {"random", OPT_RANDOM, "SEED", 0,
     "what the generator of random numbers says follows from this number (0); none: it never says anything", 1},
    {"network", OPT_NETWORK, "FILE", 0,
     "what the network core's flash holds: HEX, ELF or raw (a build folder has network_flash.bin, or a blank one)", 1},
    {"network-fault", OPT_NETWORK_FAULT, "WHAT[:N]", 0,
     "silent: it never answers; hash: it finds the hash wrong; middle: its flash fails when half is copied; running: "
     "it "
     "runs when power comes; stale: RAM holds an old command then. N: only the first N times that it is told to copy "
     "after power came",
     1},
    {"absent", OPT_ABSENT, NULL, 0, "the external chip is not there: its lines float high", 1},
    {"chip-fault", OPT_CHIP, "WHAT[:N]", 0,
     "the external chip, each time that power comes: asleep; busy with its longest erase; locked: all of it is "
     "protected; stuck: what it programs or erases next never ends; fails: the N-th program or erase, the first if "
     "left out, does half of its work and says so",
     1},
    {"sfdp", OPT_SFDP, "FILE", 0, "what the external chip says of itself, instead of the part's own tables", 1},
    {"worn", OPT_WORN, "CHIP:ADDR[:1]", 0,
     "the lowest bit at an address of the internal or external chip does not erase any more; with :1 it takes no "
     "programming",
     1},
    {"stall", OPT_STALL, "CHIP:N[:COUNT]", 0,
     "the controller of the internal or external chip (NVMC, QSPI) is silent about the end of its N-th operation, "
     "as if it had failed; COUNT: also of those that follow, so many in sum",
     1},
    {0},
};

static void add_file(struct argp_state *state, const char **files, unsigned *count, const char *file)
{
    if (*count == VB_FILES_MAX) {
        ob_args_error(state, "at most %u files for a chip", VB_FILES_MAX);
    } else {
        files[(*count)++] = file;
    }
}

static void hold_low(struct argp_state *state, struct vb_target *target, const char *name)
{
    unsigned port;
    unsigned pin;
    char behind;

    if (sscanf(name, "P%u.%u%c", &port, &pin, &behind) != 2 || port > 1 || pin > 31) {
        ob_args_error(state, "--low: '%s' is no pin; name it as P0.11", name);
        return;
    }
    target->held_low[port] |= 1u << pin;
}

static void seed(struct argp_state *state, struct vb_target *target, const char *text)
{
    char *end;

    target->random = strtoull(text, &end, 0);
    target->random_fails = strcmp(text, "none") == 0;
    if (!target->random_fails && (end == text || *end != '\0')) {
        ob_args_error(state, "--random: '%s' is neither a number nor none", text);
    }
}

static void check(struct argp_state *state, const struct vb_target *target)
{
    bool files = target->internal_count + target->external_count > 0;

    if ((target->build == NULL) == (target->board_name == NULL)) {
        ob_args_error(state, target->build != NULL ? "a build folder is for its own board: leave out --board"
                                                   : "say which build folder, or --board NAME and --internal FILE");
    } else if (target->board_name != NULL && target->internal_count == 0) {
        ob_args_error(state, "--board needs --internal FILE: what is in the flash");
    } else if (target->build != NULL && files) {
        ob_args_error(state, "--internal and --external go with --board; a build folder has its own");
    }
}

/* Cut :N off WHAT[:N]. count stays as it is if there is none; false: what stands there is no number from 1 on. */
static bool cut_count(char *text, uint32_t *count)
{
    char *colon = strchr(text, ':');
    char *end;

    if (colon == NULL) {
        return true;
    }
    *colon = '\0';
    *count = (uint32_t)strtoul(colon + 1, &end, 10);
    return *end == '\0' && *count != 0;
}

static void parse_fault(struct argp_state *state, struct vb_target *target, char *text)
{
    if (!cut_count(text, &target->fault_count) || !vb_network_fault_find(text, &target->network_fault)) {
        ob_args_error(state, "--network-fault %s: say silent, hash, middle, running or stale, and :N behind it", text);
    }
}

static void parse_chip_fault(struct argp_state *state, struct vb_target *target, char *text)
{
    uint32_t count = 0;

    if (!cut_count(text, &count) || !vb_chip_fault_find(text, &target->chip_fault) ||
        (count != 0 && target->chip_fault != VB_CHIP_FAILS)) {
        ob_args_error(state, "--chip-fault %s: say asleep, busy, locked, stuck or fails, and :N behind the last one",
                      text);
    }
    target->chip_fault_at = count != 0 ? count : 1;
}

static void parse_worn(struct argp_state *state, struct vb_target *target, const char *text)
{
    char chip[16];
    char behind[4] = "";
    int len = 0;

    int found = sscanf(text, "%15[a-z]:%i%n%3s", chip, (int *)&target->worn.off, &len, behind);
    target->worn.is = true;
    target->worn.memory = strcmp(chip, "external") == 0 ? VB_EXTERNAL : VB_INTERNAL;
    target->worn.keeps_ones = strcmp(behind, ":1") == 0;
    if (found < 2 || (strcmp(chip, "internal") != 0 && strcmp(chip, "external") != 0) ||
        (behind[0] != '\0' && !target->worn.keeps_ones)) {
        ob_args_error(state, "--worn %s: say internal:ADDR or external:ADDR, and :1 behind it", text);
    }
}

static void parse_stall(struct argp_state *state, struct vb_target *target, const char *text)
{
    char chip[16];
    struct vb_stall stall = {.count = 1};

    int found = sscanf(text, "%15[a-z]:%u:%u", chip, &stall.at, &stall.count);
    if (found < 2 || stall.at == 0 || (strcmp(chip, "internal") != 0 && strcmp(chip, "external") != 0)) {
        ob_args_error(state, "--stall %s: say internal:N or external:N, and :COUNT behind it", text);
        return;
    }
    target->stalls[strcmp(chip, "external") == 0 ? VB_EXTERNAL : VB_INTERNAL] = stall;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct vb_target *target = state->input;

    switch (key) {
    case OPT_BOARD:
        target->board_name = arg;
        break;
    case OPT_INTERNAL:
        add_file(state, target->internal_files, &target->internal_count, arg);
        break;
    case OPT_EXTERNAL:
        add_file(state, target->external_files, &target->external_count, arg);
        break;
    case OPT_LOW:
        hold_low(state, target, arg);
        break;
    case OPT_RANDOM:
        seed(state, target, arg);
        break;
    case OPT_NETWORK:
        target->network_file = arg;
        break;
    case OPT_NETWORK_FAULT:
        parse_fault(state, target, arg);
        break;
    case OPT_ABSENT:
        target->chip_fault = VB_CHIP_ABSENT;
        break;
    case OPT_CHIP:
        parse_chip_fault(state, target, arg);
        break;
    case OPT_SFDP:
        target->sfdp_file = arg;
        break;
    case OPT_WORN:
        parse_worn(state, target, arg);
        break;
    case OPT_STALL:
        parse_stall(state, target, arg);
        break;
    case ARGP_KEY_ARG:
        if (target->build != NULL) {
            ob_args_error(state, "one build folder, not also '%s'", arg);
        }
        target->build = arg;
        break;
    case ARGP_KEY_END:
        check(state, target);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

const struct argp vb_target_argp = {.options = options, .parser = parse_option};

/* ---- files ---- */

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

/* ---- the board ---- */

const char *vb_memory_name(enum vb_memory memory)
{
    static const char *const names[] = {
        [VB_INTERNAL] = "internal", [VB_EXTERNAL] = "external", [VB_NETWORK] = "network"};

    return names[memory];
}

struct sim_chip *vb_cells(struct vb_board *board, enum vb_memory memory)
{
    switch (memory) {
    case VB_INTERNAL:
        return board->internal;
    case VB_NETWORK:
        return &board->network->cells;
    default:
        return &vb_board_external(board)->chip.cells;
    }
}

static bool is_blank(const uint8_t *data, uint32_t len)
{
    return data[0] == 0xff && memcmp(data, data + 1, len - 1) == 0;
}

/* What is blank already stays the chip's one blank block: to look at all cells is then quick. */
static void fill(struct vb_board *board, enum vb_memory memory, const struct vb_contents *contents)
{
    for (uint32_t off = 0; off < contents->size; off += SIM_BLOCK) {
        if (!is_blank(contents->data + off, SIM_BLOCK)) {
            sim_chip_poke(vb_cells(board, memory), off, contents->data + off, SIM_BLOCK);
        }
    }
}

static void make_faulty(struct vb_target *target)
{
    struct vb_nor *nor = vb_board_external(target->board);

    if (nor != NULL) {
        nor->fault = (uint8_t)target->chip_fault;
        nor->fault_at = target->chip_fault_at;
    }
    if (target->sfdp.data != NULL) {
        nor->part.sfdp = target->sfdp.data;
        nor->part.sfdp_len = target->sfdp.size;
    }
    if (target->worn.is) {
        sim_chip_wear_out(vb_cells(target->board, (enum vb_memory)target->worn.memory), target->worn.off * 8,
                          target->worn.keeps_ones);
    }
}

static bool can_stall(struct vb_target *target)
{
    bool internal = target->stalls[VB_INTERNAL].at == 0 || vb_find(target->board, "NVMC") != NULL;
    bool external =
        target->stalls[VB_EXTERNAL].at == 0 || (vb_find(target->board, "QSPI") != NULL && target->external.size != 0);

    if (!internal || !external) {
        ob_diag_error(NULL, "board: --stall: only NVMC, and QSPI with a chip, know how");
    }
    return internal && external;
}

enum ob_exit vb_target_make(struct vb_target *target)
{
    target->board = vb_description_build(&target->description);
    if (target->board == NULL || !can_stall(target)) {
        return OB_EXIT_USAGE;
    }
    memcpy(target->board->stalls, target->stalls, sizeof(target->stalls));
    fill(target->board, VB_INTERNAL, &target->internal);
    fill(target->board, VB_EXTERNAL, &target->external);
    fill(target->board, VB_NETWORK, &target->network);
    if (target->board->network != NULL) {
        target->board->network->fault = (uint8_t)target->network_fault;
        target->board->network->fault_count = target->fault_count;
    }
    vb_board_show(target->board, 0, target->board->flash_size);
    target->board->uicr = target->uicr.data;
    memcpy(target->board->held_low, target->held_low, sizeof(target->held_low));
    target->board->random = target->random;
    target->board->random_fails = target->random_fails;
    make_faulty(target);
    if (target->build != NULL && !target->board->soc->starts_in_ram) { /* its bootloader is not executed in flash */
        target->board->coverage = vb_coverage_new(target->primary.off);
    }
    if (target->board->coverage != NULL) {
        vb_cpu_trace(target->board->cpu, 0, target->primary.off);
    }
    return OB_EXIT_OK;
}

static enum ob_exit keep(struct vb_board *board, enum vb_memory memory, const struct vb_contents *contents)
{
    if (contents->path == NULL) {
        return OB_EXIT_OK;
    }
    uint8_t *now = malloc(contents->size);
    if (now == NULL) {
        ob_diag_error(NULL, "board: out of memory");
        return OB_EXIT_USAGE;
    }
    sim_chip_peek(vb_cells(board, memory), 0, now, contents->size);
    const struct ob_file_text file = {.path = contents->path, .data = (char *)now, .len = contents->size};
    enum ob_exit status = memcmp(now, contents->data, contents->size) == 0 ? OB_EXIT_OK : ob_file_write_all(&file, 1);
    free(now);
    return status;
}

enum ob_exit vb_target_keep(struct vb_target *target)
{
    enum ob_exit internal = keep(target->board, VB_INTERNAL, &target->internal);
    enum ob_exit external = keep(target->board, VB_EXTERNAL, &target->external);
    enum ob_exit network = keep(target->board, VB_NETWORK, &target->network);

    return internal != OB_EXIT_OK ? internal : external != OB_EXIT_OK ? external : network;
}

void vb_target_free(struct vb_target *target)
{
    if (target->board != NULL) {
        vb_coverage_end(target->board->coverage);
    }
    vb_board_free(target->board);
    vb_symbols_free(&target->symbols);
    free(target->internal.path);
    free(target->internal.data);
    free(target->external.path);
    free(target->external.data);
    free(target->network.path);
    free(target->network.data);
    free(target->sfdp.data);
    free(target->uicr.data);
}

void vb_target_place(const struct vb_target *target, uint32_t pc, char *text, size_t size)
{
    const struct vb_symbol *symbol = vb_symbols_at(&target->symbols, pc);

    if (symbol == NULL) {
        snprintf(text, size, "0x%08x", pc);
    } else {
        snprintf(text, size, "0x%08x (%s + %u)", pc, symbol->name, pc - symbol->address);
    }
}
