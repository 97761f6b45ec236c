/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "network.h"

#include <string.h>

#include <mbedtls/sha256.h>
#include <outboard/util.h>

#include "../board.h"
#include "devices.h"

/*
 * What b0n does, and in which order, was read in the SDK's sources (samples/nrf5340/netboot, bl_validation, pcd);
 * docs/HARDWARE.md lists what nobody here has compared with a part.
 */

#define COMMAND_ADDRESS 0x20000000u
#define MAGIC_COPY 0xb5b4b3b6u
#define MAGIC_READ_VERSION 0xdca345eau
#define MAGIC_LOCK_DEBUG 0xb6f249ecu
#define MAGIC_DONE 0xf103ce5du
#define MAGIC_FAIL 0x25bafc15u

#define FLASH_SIZE 0x40000u
#define PROVISION 0x8580u
#define S0_OFFSET 0x28u /* in the provision */
#define PAGE 2048u
#define CHUNK 512u
#define ERASE_US 87500u
#define WORD_US 43u
#define START_US 3000u
#define HASH_US_PER_BYTE 1u

#define RAM_BASE 0x20000000u
#define RAM_REGION 0x2000u
#define FLASH_REGION 0x4000u
#define EXTDOMAIN 0x440u
#define FLASHREGION 0x600u
#define RAMREGION 0x700u
#define PERM_WRITE (1u << 1)
#define PERM_READ (1u << 2)
#define PERM_SECURE (1u << 4)
#define PERM_LOCK (1u << 8)

#define RESET_NETWORK_FORCEOFF 0x614u

enum stage {
    HELD,
    STARTING,
    CHECKING,  /* what it is told to copy */
    ERASING,   /* a page */
    WRITING,   /* a piece of it */
    COMPARING, /* what it copied */
    ANSWERED,  /* it idles */
    RUNS,      /* its application */
    LOST,      /* a fault of its own: nothing more comes */
};

struct command {
    uint32_t magic, data, len, offset;
};

struct network {
    uint8_t stage;
    bool told;      /* a command was acted on since power came, or the last reset */
    bool hash_ok;   /* of what is being checked */
    uint32_t asked; /* to copy, since power came or the last reset */
    struct command command;
    uint32_t done;          /* bytes copied */
    uint8_t bytes[CHUNK];   /* that are being written */
    struct vb_operation op; /* that its flash is busy with */
};

static struct vb_network *flash_of(const struct vb_device *dev)
{
    return dev->board->network;
}

static const char *const fault_names[VB_NETWORK_FAULTS] = {"fine", "silent", "hash", "middle", "running", "stale"};

const char *vb_network_fault_name(enum vb_network_fault fault)
{
    return fault_names[fault];
}

bool vb_network_fault_find(const char *name, enum vb_network_fault *out)
{
    for (unsigned i = 0; i < VB_NETWORK_FAULTS; i++) {
        if (strcmp(name, fault_names[i]) == 0) {
            *out = (enum vb_network_fault)i;
            return true;
        }
    }
    return false;
}

static bool fails(const struct vb_device *dev, enum vb_network_fault fault)
{
    const struct network *state = dev->state;
    const struct vb_network *network = flash_of(dev);

    return network->fault == fault && (network->fault_count == 0 || state->asked <= network->fault_count);
}

static void go_to(struct vb_device *dev, enum stage stage, uint64_t us)
{
    struct network *state = dev->state;

    state->stage = (uint8_t)stage;
    vb_step(dev->board);
    vb_schedule(dev, us == 0 ? VB_NEVER : vb_now(dev->board) + us * VB_TICKS_PER_US);
}

static void lose(struct vb_device *dev, const char *what, uint32_t address)
{
    vb_note(dev, "the network core %s at 0x%08x", what, (unsigned)address);
    go_to(dev, LOST, 0);
}

/* ---- the application core's memory, through the SPU ---- */

static bool region_permits(const struct vb_device *dev, uint32_t off, uint32_t need)
{
    const struct vb_device *spu = vb_find(dev->board, "SPU");
    bool secure = (vb_get(spu, EXTDOMAIN) & PERM_SECURE) != 0;
    uint32_t perm = vb_get(spu, off);

    return (perm & need) == need && (secure || (perm & PERM_SECURE) == 0);
}

/* The bytes at an address of the other core; NULL: the access faults. len may not leave the memory. */
static uint8_t *reach(struct vb_device *dev, uint32_t address, uint32_t len, uint32_t need)
{
    struct vb_board *board = dev->board;
    bool ram = address >= RAM_BASE;
    uint32_t base = ram ? RAM_BASE : 0;
    uint32_t size = ram ? board->soc->ram_size : board->flash_size;
    uint32_t region = ram ? RAM_REGION : FLASH_REGION;
    uint32_t off = address - base;

    if (off >= size || len > size - off || (!ram && (need & PERM_WRITE) != 0)) {
        return NULL;
    }
    for (uint32_t at = off / region; len > 0 && at <= (off + len - 1) / region; at++) {
        if (!region_permits(dev, (ram ? RAMREGION : FLASHREGION) + 4 * at, need)) {
            return NULL;
        }
    }
    return (ram ? board->ram : board->flash) + off;
}

static bool write_word(struct vb_device *dev, uint32_t address, uint32_t value)
{
    uint8_t *at = reach(dev, address, 4, PERM_WRITE);

    if (at == NULL) {
        lose(dev, "may not write", address);
        return false;
    }
    ob_put_le32(at, value);
    vb_cpu_ram_changed(dev->board->cpu, address - RAM_BASE, 4);
    return true;
}

static void answer(struct vb_device *dev, uint32_t magic)
{
    if (write_word(dev, COMMAND_ADDRESS, magic)) {
        go_to(dev, ANSWERED, 0);
    }
}

/* ---- its own flash ---- */

static void peek(const struct vb_device *dev, uint32_t address, void *dst, uint32_t len)
{
    if (address < VB_NETWORK_BASE || address - VB_NETWORK_BASE >= FLASH_SIZE ||
        len > FLASH_SIZE - (address - VB_NETWORK_BASE)) {
        memset(dst, 0xff, len);
    } else {
        sim_chip_peek(&flash_of(dev)->cells, address - VB_NETWORK_BASE, dst, len);
    }
}

static uint32_t peek_word(const struct vb_device *dev, uint32_t address)
{
    uint8_t bytes[4];

    peek(dev, address, bytes, sizeof(bytes));
    return ob_get_le32(bytes);
}

static uint32_t s0_address(const struct vb_device *dev)
{
    return peek_word(dev, VB_NETWORK_BASE + PROVISION + S0_OFFSET);
}

static void apply(struct vb_device *dev, const struct sim_tear *tear)
{
    struct network *state = dev->state;
    struct sim_chip *cells = &flash_of(dev)->cells;
    struct sim_tear own;

    if (tear != NULL) {
        own = vb_settled(*tear);
        tear = &own;
    }
    if (state->op.erase) {
        sim_chip_erase(cells, state->op.off, state->op.len, tear, vb_rng(dev->board));
    } else {
        sim_chip_program(cells, state->op.off, state->bytes, state->op.len, tear, vb_rng(dev->board));
    }
    state->op.len = 0;
    dev->board->cells_version++;
}

/* What it does is seen when it ends, unless the power fails in it. */
static void operate(struct vb_device *dev, enum stage stage, uint32_t off, uint32_t len, uint32_t us)
{
    struct network *state = dev->state;

    state->op = (struct vb_operation){.memory = VB_NETWORK,
                                      .erase = stage == ERASING,
                                      .off = off,
                                      .len = len,
                                      .data = stage == ERASING ? NULL : state->bytes,
                                      .ticks = (uint64_t)us * VB_TICKS_PER_US};
    const struct sim_tear *tear = vb_operation(dev->board, &state->op);
    if (tear != NULL && state->op.len > 0) {
        apply(dev, tear);
    }
    go_to(dev, stage, us);
}

void vb_network_power_fails(struct vb_board *board, const struct sim_tear *tear)
{
    struct vb_device *dev = vb_find(board, "NETWORK");
    struct network *state = dev == NULL ? NULL : dev->state;

    if (state != NULL && state->op.len > 0) {
        apply(dev, tear);
    }
}

/* ---- what b0n checks ---- */

#define INFO_MAGIC_0 0x281ee6deu
#define INFO_MAGIC_1 0x8fcebb4cu
#define INFO_MAGIC_2 0x00003502u
#define CHECK_MAGIC_1 0x86518483u
#define CHECK_MAGIC_2 0x00013502u
#define INFO_VALID 0x9102ffffu
#define INFO_SIZE 60u
#define INFO_CODE_SIZE 16u /* offset */
#define CHECK_SIZE 48u

/* Of the candidate that lies somewhere and is to run at s0. */
struct candidate {
    struct vb_device *dev;
    bool own; /* in its own flash */
    uint32_t at;
};

static bool candidate_read(const struct candidate *candidate, uint32_t off, void *dst, uint32_t len)
{
    if (candidate->own) {
        peek(candidate->dev, candidate->at + off, dst, len);
        return true;
    }
    const uint8_t *from = reach(candidate->dev, candidate->at + off, len, PERM_READ);
    if (from == NULL) {
        lose(candidate->dev, "may not read", candidate->at + off);
        return false;
    }
    memcpy(dst, from, len);
    return true;
}

/* Where fw_info may be. */
static const uint16_t info_places[] = {0, 0x200, 0x400, 0x600, 0x800, 0xe00, 0x1000};

static bool has_magic(const uint8_t *at, uint32_t second, uint32_t third)
{
    return ob_get_le32(at) == INFO_MAGIC_0 && ob_get_le32(at + 4) == second && ob_get_le32(at + 8) == third;
}

static bool find_info(const struct candidate *candidate, uint8_t info[INFO_SIZE], uint32_t *off)
{
    for (unsigned i = 0; i < OB_ARRAY_SIZE(info_places); i++) {
        *off = info_places[i];
        if (!candidate_read(candidate, *off, info, INFO_SIZE)) {
            return false;
        }
        if (has_magic(info, INFO_MAGIC_1, INFO_MAGIC_2)) {
            return true;
        }
    }
    return false;
}

uint32_t vb_network_covered(const uint8_t *application, uint32_t size)
{
    for (unsigned i = 0; i < OB_ARRAY_SIZE(info_places) && info_places[i] + INFO_SIZE <= size; i++) {
        const uint8_t *info = application + info_places[i];
        if (has_magic(info, INFO_MAGIC_1, INFO_MAGIC_2)) {
            return OB_MIN(size, ob_get_le32(info + INFO_CODE_SIZE) + CHECK_SIZE);
        }
    }
    return size;
}

static bool hash_matches(const struct candidate *candidate, uint32_t size, const uint8_t expected[32])
{
    mbedtls_sha256_context sha;
    uint8_t hash[32];
    bool read = true;

    mbedtls_sha256_init(&sha);
    mbedtls_sha256_starts(&sha, 0);
    for (uint32_t at = 0; at < size && read; at += CHUNK) {
        uint8_t part[CHUNK];
        uint32_t len = OB_MIN(CHUNK, size - at);
        read = candidate_read(candidate, at, part, len);
        mbedtls_sha256_update(&sha, part, len);
    }
    mbedtls_sha256_finish(&sha, hash);
    mbedtls_sha256_free(&sha);
    return read && memcmp(hash, expected, sizeof(hash)) == 0;
}

static bool find_check(const struct candidate *candidate, uint32_t size, uint8_t check[CHECK_SIZE])
{
    for (uint32_t off = 0; off <= 4; off++) {
        if (!candidate_read(candidate, size + off, check, CHECK_SIZE)) {
            return false;
        }
        if (has_magic(check, CHECK_MAGIC_1, CHECK_MAGIC_2)) {
            return true;
        }
    }
    return false;
}

static bool inside(uint32_t value, uint32_t start, uint32_t size)
{
    return value >= start && value - start < size;
}

/* In its order; each check that fails ends it. */
static bool is_valid(const struct candidate *candidate)
{
    const uint32_t s0 = s0_address(candidate->dev);
    uint8_t info[INFO_SIZE], check[CHECK_SIZE], vector[4];
    uint32_t off;

    if (!find_info(candidate, info, &off)) {
        return false;
    }
    const uint32_t size = ob_get_le32(info + INFO_CODE_SIZE);
    const uint32_t address = ob_get_le32(info + 24);
    const uint32_t boot = ob_get_le32(info + 28);
    if (address != s0 || ob_get_le32(info + 32) != INFO_VALID || size > FLASH_SIZE) {
        return false;
    }
    if (off >= size || ob_get_le32(info + 12) > size - off || !inside(boot, s0, size) ||
        !candidate_read(candidate, boot - s0 + 4, vector, sizeof(vector)) || !inside(ob_get_le32(vector), s0, size)) {
        return false;
    }
    return find_check(candidate, size, check) && ob_get_le32(check + 12) == address &&
           hash_matches(candidate, size, check + 16);
}

/* ---- what it does, one thing after the other ---- */

static uint64_t hash_us(const struct network *state)
{
    return (uint64_t)OB_MIN(state->command.len, FLASH_SIZE) * HASH_US_PER_BYTE + 1;
}

static void boot(struct vb_device *dev)
{
    const struct candidate own = {dev, true, s0_address(dev)};
    uint8_t info[INFO_SIZE];
    uint32_t off;

    if (find_info(&own, info, &off)) { /* its hash is not checked */
        go_to(dev, RUNS, 0);
    } else {
        lose(dev, "finds no application to start", own.at);
    }
}

static void copy_next(struct vb_device *dev)
{
    struct network *state = dev->state;
    uint32_t to = state->command.offset + state->done;
    uint32_t len = OB_MIN(CHUNK, state->command.len - state->done);

    if (state->done >= state->command.len) {
        go_to(dev, COMPARING, hash_us(state));
        return;
    }
    if (fails(dev, VB_NETWORK_MIDDLE) && state->done >= state->command.len / 2) {
        answer(dev, MAGIC_FAIL);
        return;
    }
    const uint8_t *from = reach(dev, state->command.data + state->done, len, PERM_READ);
    if (from == NULL) {
        lose(dev, "may not read", state->command.data + state->done);
        return;
    }
    memset(state->bytes, 0xff, sizeof(state->bytes));
    memcpy(state->bytes, from, len);
    len = ob_align_up(len, 4);
    operate(dev, WRITING, to, len, len / 4 * WORD_US);
}

/* It erases each page as it comes to it. */
static void enter_page(struct vb_device *dev)
{
    struct network *state = dev->state;
    uint32_t to = state->command.offset + state->done;

    if (to % PAGE == 0 && state->done < state->command.len) {
        operate(dev, ERASING, to, PAGE, ERASE_US);
    } else {
        copy_next(dev);
    }
}

static void check_source(struct vb_device *dev)
{
    struct network *state = dev->state;
    const struct candidate candidate = {dev, false, state->command.data};
    bool fits = state->command.offset >= VB_NETWORK_CONTAINER && state->command.offset < FLASH_SIZE &&
                state->command.len <= FLASH_SIZE - state->command.offset && state->command.offset % PAGE == 0;
    bool valid = is_valid(&candidate) && !fails(dev, VB_NETWORK_HASH);

    if (state->stage == LOST) {
        return;
    }
    if (!valid || !fits) {
        answer(dev, MAGIC_FAIL);
        return;
    }
    state->done = 0;
    enter_page(dev);
}

static void check_copy(struct vb_device *dev)
{
    const struct candidate own = {dev, true, s0_address(dev)};

    answer(dev, is_valid(&own) ? MAGIC_DONE : MAGIC_FAIL);
}

static void tell_version(struct vb_device *dev)
{
    struct network *state = dev->state;
    const struct candidate own = {dev, true, s0_address(dev)};
    uint8_t info[INFO_SIZE];
    uint32_t off;

    if (!find_info(&own, info, &off)) {
        answer(dev, MAGIC_FAIL);
    } else if (write_word(dev, state->command.data, ob_get_le32(info + 20)) &&
               write_word(dev, COMMAND_ADDRESS + 8, sizeof(uint32_t))) {
        answer(dev, MAGIC_DONE);
    }
}

static void obey(struct vb_device *dev)
{
    struct network *state = dev->state;
    const uint8_t *block = reach(dev, COMMAND_ADDRESS, 16, PERM_READ);

    if (block == NULL) {
        lose(dev, "may not read its command", COMMAND_ADDRESS);
        return;
    }
    state->command =
        (struct command){ob_get_le32(block), ob_get_le32(block + 4), ob_get_le32(block + 8), ob_get_le32(block + 12)};
    bool told = true;
    switch (state->command.magic) {
    case MAGIC_COPY:
        state->asked++;
        if (fails(dev, VB_NETWORK_SILENT)) {
            go_to(dev, LOST, 0);
        } else {
            go_to(dev, CHECKING, hash_us(state));
        }
        break;
    case MAGIC_READ_VERSION:
        tell_version(dev);
        break;
    case MAGIC_LOCK_DEBUG:
        answer(dev, MAGIC_DONE);
        break;
    default:
        told = false;
        boot(dev);
        break;
    }
    state->told = state->told || told;
}

static void event(struct vb_device *dev)
{
    struct network *state = dev->state;

    switch (state->stage) {
    case STARTING:
        obey(dev);
        break;
    case CHECKING:
        check_source(dev);
        break;
    case ERASING:
        if (state->op.len > 0) {
            apply(dev, NULL);
        }
        copy_next(dev);
        break;
    case WRITING:
        if (state->op.len > 0) {
            apply(dev, NULL);
        }
        state->done += CHUNK;
        enter_page(dev);
        break;
    case COMPARING:
        check_copy(dev);
        break;
    default:
        break;
    }
}

/* ---- hold and release ---- */

void vb_network_hold(struct vb_device *dev)
{
    struct network *state = dev->state;
    const struct sim_tear torn = {.kind = SIM_TEAR_BITS};

    if (state->op.len > 0) {
        apply(dev, &torn);
    }
    go_to(dev, HELD, 0);
}

void vb_network_release(struct vb_device *dev)
{
    uint32_t vector = peek_word(dev, VB_NETWORK_BASE + 4);

    if (!inside(vector, VB_NETWORK_BASE, VB_NETWORK_CONTAINER)) {
        vb_note(dev, "the network core is released: its flash holds no bootloader, so it does nothing");
        go_to(dev, LOST, 0);
    } else {
        go_to(dev, STARTING, START_US);
    }
}

static void reset(struct vb_device *dev, enum vb_reset why)
{
    static const struct command stale = {MAGIC_COPY, 0x20011000, 0x1234, VB_NETWORK_CONTAINER};

    vb_network_hold(dev);
    if (why == VB_RESET_POWER && fails(dev, VB_NETWORK_RUNNING)) {
        go_to(dev, RUNS, 0);
        vb_set(vb_find(dev->board, "RESET"), RESET_NETWORK_FORCEOFF, 0);
    }
    if (why == VB_RESET_POWER && fails(dev, VB_NETWORK_STALE)) {
        memcpy(dev->board->ram, &stale, sizeof(stale));
        vb_cpu_ram_changed(dev->board->cpu, 0, sizeof(stale));
    }
}

/* What the next image finds: a core that is held, that sees nothing secure, and a command block that orders nothing. */
static void handover(struct vb_device *dev)
{
    struct network *state = dev->state;
    const struct vb_device *spu = vb_find(dev->board, "SPU");

    if (state->stage != HELD) {
        vb_refuse(dev, "the network core is not held at the jump to the image");
    } else if ((vb_get(spu, EXTDOMAIN) & PERM_SECURE) != 0) {
        vb_refuse(dev, "the network core is still secure (EXTDOMAIN[0].PERM) at the jump to the image");
    } else if (state->told && ((vb_get(spu, RAMREGION) & (PERM_WRITE | PERM_LOCK)) != PERM_LOCK)) {
        vb_refuse(dev, "the image can order the network core to copy: RAMREGION[0] is not locked");
    } else if (state->told && ob_get_le32(dev->board->ram) == MAGIC_COPY) {
        vb_refuse(dev, "RAM still holds the command to copy at the jump to the image");
    }
}

const struct vb_class vb_class_network = {
    .name = "NETWORK",
    .state_size = sizeof(struct network),
    .reset = reset,
    .event = event,
    .handover = handover,
};
