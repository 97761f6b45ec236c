/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "target.h"

#include <string.h>

#include <outboard/util.h>

#include "dev/devices.h"

/* Which build folder or files, and what is wrong with the board: the options that all commands share. */

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

/* `P0.11`: both parts with such pins have 32 in port 0 and 16 in port 1. */
static void hold_low(struct argp_state *state, struct vb_target *target, const char *name)
{
    const char *text = name + 1;
    uint64_t port;
    uint64_t pin;

    if (name[0] != 'P' || !ob_args_take_number(&text, 1, &port) || *text++ != '.' ||
        !ob_args_take_number(&text, port == 0 ? 31 : 15, &pin) || *text != '\0') {
        ob_args_error(state, "--low: '%s' is no pin; name it as P0.11, up to P0.31 and P1.15", name);
    }
    target->held_low[port] |= 1u << pin;
}

static void seed(struct argp_state *state, struct vb_target *target, const char *text)
{
    const char *end = text;

    target->random_fails = strcmp(text, "none") == 0;
    if (!target->random_fails && (!ob_args_take_number(&end, UINT64_MAX, &target->random) || *end != '\0')) {
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
    const char *end;
    uint64_t number;

    if (colon == NULL) {
        return true;
    }
    *colon = '\0';
    end = colon + 1;
    if (!ob_args_take_number(&end, UINT32_MAX, &number) || *end != '\0' || number == 0) {
        *colon = ':'; /* for the message */
        return false;
    }
    *count = (uint32_t)number;
    return true;
}

static void parse_fault(struct argp_state *state, struct vb_target *target, char *text)
{
    if (!cut_count(text, &target->fault_count) || !vb_network_fault_find(text, &target->network_fault)) {
        ob_args_error(state, "--network-fault %s: say silent, hash, middle, running or stale, and :N behind it", text);
    }
}

/* A chip has one fault: of two, one would be forgotten. */
static void set_chip_fault(struct argp_state *state, struct vb_target *target, enum vb_chip_fault fault)
{
    if (target->chip_fault != VB_CHIP_WORKS && target->chip_fault != fault) {
        ob_args_error(state, "--absent and --chip-fault: the external chip has one fault; say one of them, once");
    }
    target->chip_fault = fault;
}

static void parse_chip_fault(struct argp_state *state, struct vb_target *target, char *text)
{
    enum vb_chip_fault fault;
    uint32_t count = 0;

    if (!cut_count(text, &count) || !vb_chip_fault_find(text, &fault) || (count != 0 && fault != VB_CHIP_FAILS)) {
        ob_args_error(state, "--chip-fault %s: say asleep, busy, locked, stuck or fails, and :N behind the last one",
                      text);
    }
    set_chip_fault(state, target, fault);
    target->chip_fault_at = count != 0 ? count : 1;
}

/* `internal:` or `external:`; *text goes on behind it. */
static bool take_chip(const char **text, enum vb_memory *memory)
{
    static const char *const names[] = {[VB_INTERNAL] = "internal:", [VB_EXTERNAL] = "external:"};

    for (unsigned i = 0; i < OB_ARRAY_SIZE(names); i++) {
        if (strncmp(*text, names[i], strlen(names[i])) == 0) {
            *text += strlen(names[i]);
            *memory = (enum vb_memory)i;
            return true;
        }
    }
    return false;
}

static void parse_worn(struct argp_state *state, struct vb_target *target, const char *text)
{
    const char *end = text;
    enum vb_memory memory;
    uint64_t off;

    if (target->worn.is) {
        ob_args_error(state, "--worn %s: one cell wears, and there is one already", text);
    }
    if (!take_chip(&end, &memory) || !ob_args_take_number(&end, UINT32_MAX, &off) ||
        (*end != '\0' && strcmp(end, ":1") != 0)) {
        ob_args_error(state, "--worn %s: say internal:ADDR or external:ADDR, and :1 behind it", text);
    }
    target->worn.is = true;
    target->worn.memory = (uint8_t)memory;
    target->worn.off = (uint32_t)off;
    target->worn.keeps_ones = *end != '\0';
}

static void parse_stall(struct argp_state *state, struct vb_target *target, const char *text)
{
    const char *end = text;
    enum vb_memory memory = VB_INTERNAL;
    uint64_t at = 0;
    uint64_t count = 1;

    bool is = take_chip(&end, &memory) && ob_args_take_number(&end, UINT32_MAX, &at);
    if (is && *end == ':') {
        end++;
        is = ob_args_take_number(&end, UINT32_MAX, &count);
    }
    if (!is || *end != '\0' || at == 0 || count == 0) {
        ob_args_error(state, "--stall %s: say internal:N or external:N, and :COUNT behind it", text);
    }
    if (target->stalls[memory].at != 0) {
        ob_args_error(state, "--stall %s: this controller stalls already; say :COUNT for several in a row", text);
    }
    target->stalls[memory] = (struct vb_stall){.at = (uint32_t)at, .count = (uint32_t)count};
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
        set_chip_fault(state, target, VB_CHIP_ABSENT);
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

static void print_stalls(const struct vb_target *target, FILE *out)
{
    for (unsigned i = 0; i < OB_ARRAY_SIZE(target->stalls); i++) {
        const struct vb_stall *stall = &target->stalls[i];
        if (stall->at != 0) {
            fprintf(out, " --stall %s:%u:%u", vb_memory_name((enum vb_memory)i), stall->at, stall->count);
        }
    }
}

static void print_held_low(const struct vb_target *target, FILE *out)
{
    for (unsigned pin = 0; pin < 64; pin++) {
        if ((target->held_low[pin / 32] >> pin % 32 & 1) != 0) {
            fprintf(out, " --low P%u.%02u", pin / 32, pin % 32);
        }
    }
}

void vb_target_print_faults(const struct vb_target *target, FILE *out)
{
    if (target->chip_fault == VB_CHIP_ABSENT) {
        fputs(" --absent", out);
    } else if (target->chip_fault == VB_CHIP_FAILS) {
        fprintf(out, " --chip-fault fails:%u", target->chip_fault_at);
    } else if (target->chip_fault != VB_CHIP_WORKS) {
        fprintf(out, " --chip-fault %s", vb_chip_fault_name(target->chip_fault));
    }
    if (target->sfdp_file != NULL) {
        fprintf(out, " --sfdp %s", target->sfdp_file);
    }
    if (target->worn.is) {
        fprintf(out, " --worn %s:0x%x%s", vb_memory_name((enum vb_memory)target->worn.memory), target->worn.off,
                target->worn.keeps_ones ? ":1" : "");
    }
    print_stalls(target, out);
    print_held_low(target, out);
    if (target->random_fails) {
        fputs(" --random none", out);
    } else if (target->random != 0) {
        fprintf(out, " --random %llu", (unsigned long long)target->random);
    }
    if (target->network_file != NULL) {
        fprintf(out, " --network %s", target->network_file);
    }
    if (target->network_fault != VB_NETWORK_FINE) {
        fprintf(out, " --network-fault %s", vb_network_fault_name(target->network_fault));
    }
    if (target->fault_count != 0) {
        fprintf(out, ":%u", target->fault_count);
    }
}

const struct argp vb_target_argp = {.options = options, .parser = parse_option};
