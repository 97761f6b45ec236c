/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "snapshot.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <outboard/util.h>

#include "board_parts.h"
#include "rng.h"

#define NOISE_STEP 8u /* bytes; divides a page */

struct vb_snapshot {
    struct vb_board *board;
    struct vb_cpu_state *cpu;
    struct vb_board plain; /* its pointers are the board's */
    uint8_t *ram;
    void *arena;
    struct vb_device *devices;
    struct vb_nor nors[VB_CHIPS]; /* their cells are not used */
    struct vb_cells_state cells;
    uint64_t cells_version; /* that the board had; 0: there are no cells yet */
};

/* ---- cells ---- */

static struct nor_chip *external_of(struct vb_board *board)
{
    struct vb_nor *nor = vb_board_external(board);

    return nor == NULL ? NULL : &nor->chip;
}

void vb_cells_save(struct vb_board *board, struct vb_cells_state *out)
{
    sim_chip_save(board->internal, &out->internal);
    if (external_of(board) != NULL) {
        nor_chip_save(external_of(board), &out->external);
    }
    if (board->network != NULL) {
        sim_chip_save(&board->network->cells, &out->network);
    }
}

void vb_cells_show(struct vb_board *board)
{
    for (uint32_t i = 0; i < board->internal->block_count; i++) {
        const uint8_t *cells = board->internal->state.blocks[i]->cells;
        if (memcmp(board->flash + i * SIM_BLOCK, cells, SIM_BLOCK) != 0) {
            vb_board_show(board, i * SIM_BLOCK, SIM_BLOCK);
        }
    }
}

void vb_cells_restore(struct vb_board *board, const struct vb_cells_state *from)
{
    sim_chip_restore(board->internal, &from->internal);
    board->internal->violation = NULL;
    board->cells_version++;
    if (external_of(board) != NULL) {
        nor_chip_restore(external_of(board), &from->external);
    }
    if (board->network != NULL) {
        sim_chip_restore(&board->network->cells, &from->network);
    }
}

void vb_cells_free(struct vb_board *board, struct vb_cells_state *state)
{
    sim_chip_state_free(board->internal, &state->internal);
    if (external_of(board) != NULL) {
        nor_copy_free(external_of(board), &state->external);
    }
    if (board->network != NULL) {
        sim_chip_state_free(&board->network->cells, &state->network);
    }
}

uint64_t vb_cells_hash(struct vb_board *board)
{
    uint64_t hash = sim_chip_hash(board->internal);

    if (external_of(board) != NULL) {
        hash = sim_mix(hash, sim_chip_hash(&external_of(board)->cells));
        hash = sim_hash(hash, external_of(board)->status, sizeof(external_of(board)->status));
    }
    if (board->network != NULL) {
        hash = sim_mix(hash, sim_chip_hash(&board->network->cells));
    }
    return hash;
}

/* ---- all of it ---- */

struct vb_snapshot *vb_snapshot_new(struct vb_board *board)
{
    struct vb_snapshot *snapshot = calloc(1, sizeof(*snapshot));

    if (snapshot == NULL) {
        return NULL;
    }
    snapshot->board = board;
    snapshot->cpu = vb_cpu_state_new(board->cpu);
    snapshot->ram = malloc(board->soc->ram_size);
    snapshot->arena = malloc(board->arena_size);
    snapshot->devices = calloc(board->device_count, sizeof(*snapshot->devices));
    if (snapshot->cpu == NULL || snapshot->ram == NULL || snapshot->arena == NULL || snapshot->devices == NULL) {
        vb_snapshot_free(snapshot);
        return NULL;
    }
    return snapshot;
}

void vb_snapshot_free(struct vb_snapshot *snapshot)
{
    if (snapshot == NULL) {
        return;
    }
    if (snapshot->cells_version != 0) {
        vb_cells_free(snapshot->board, &snapshot->cells);
    }
    vb_cpu_state_free(snapshot->cpu);
    free(snapshot->ram);
    free(snapshot->arena);
    free(snapshot->devices);
    free(snapshot);
}

/* An external chip may be at something that changes its cells when it ends. */
static bool is_at_work(const struct vb_board *board, const struct vb_nor *nors)
{
    bool works = false;

    for (unsigned i = 0; i < board->chip_count; i++) {
        works = works || nors[i].chip.pending.what != NOR_NOTHING || board->nors[i]->chip.pending.what != NOR_NOTHING;
    }
    return works;
}

static bool cells_are_those(const struct vb_snapshot *snapshot)
{
    return snapshot->cells_version == snapshot->board->cells_version && !is_at_work(snapshot->board, snapshot->nors);
}

void vb_snapshot_take(struct vb_snapshot *snapshot)
{
    struct vb_board *board = snapshot->board;

    if (!cells_are_those(snapshot)) {
        vb_cells_save(board, &snapshot->cells);
        snapshot->cells_version = board->cells_version;
    }
    vb_cpu_save(board->cpu, snapshot->cpu);
    snapshot->plain = *board;
    memcpy(snapshot->ram, board->ram, board->soc->ram_size);
    memcpy(snapshot->arena, board->arena, board->arena_size);
    memcpy(snapshot->devices, board->devices, board->device_count * sizeof(*board->devices));
    for (unsigned i = 0; i < board->chip_count; i++) {
        snapshot->nors[i] = *board->nors[i];
    }
}

static void restore_chip(struct vb_nor *nor, const struct vb_nor *from)
{
    struct sim_chip cells = nor->chip.cells;

    *nor = *from;
    nor->chip.cells = cells;
}

void vb_snapshot_restore(struct vb_snapshot *snapshot)
{
    struct vb_board *board = snapshot->board;
    const uint64_t cells_version = board->cells_version;
    bool same_cells = cells_are_those(snapshot);
    bool same_permissions = memcmp(&board->scs.mpu, &snapshot->plain.scs.mpu, sizeof(board->scs.mpu)) == 0;

    *board = snapshot->plain;
    board->cells_version = cells_version;
    memcpy(board->ram, snapshot->ram, board->soc->ram_size);
    vb_cpu_ram_changed(board->cpu, 0, board->soc->ram_size);
    memcpy(board->arena, snapshot->arena, board->arena_size);
    memcpy(board->devices, snapshot->devices, board->device_count * sizeof(*board->devices));
    if (!same_cells) { /* before the chips: of these they are kept from another time */
        vb_cells_restore(board, &snapshot->cells);
        vb_cells_show(board);
        snapshot->cells_version = board->cells_version;
    }
    for (unsigned i = 0; i < board->chip_count; i++) {
        restore_chip(board->nors[i], &snapshot->nors[i]);
    }
    vb_cpu_restore(board->cpu, snapshot->cpu);
    if (!same_permissions) {
        vb_cpu_permissions_changed(board->cpu);
    }
}

static uint64_t hash_device(uint64_t hash, const struct vb_device *dev)
{
    const bool counts = strcmp(dev->class->name, "TIMER") == 0 || strcmp(dev->class->name, "RTC") == 0;

    return counts ? hash : sim_hash(sim_mix(hash, dev->inten), dev->values, vb_value_size(dev));
}

static uint64_t hash_chip(uint64_t hash, const struct nor_chip *chip)
{
    const size_t from = offsetof(struct nor_chip, status);
    const struct nor_pending *pending = &chip->pending;

    hash = sim_hash(hash, (const uint8_t *)chip + from, offsetof(struct nor_chip, busy_until_us) - from);
    if (pending->what == NOR_NOTHING) {
        return hash;
    }
    hash = sim_mix(sim_mix(hash, pending->what), (uint64_t)pending->off << 32 | pending->len);
    return pending->what == NOR_PROGRAM
               ? sim_hash(hash, pending->data + pending->off % chip->part->page_size, pending->len)
           : pending->what == NOR_WRITE_STATUS ? sim_hash(hash, pending->data, sizeof(chip->status))
                                               : hash;
}

static bool is_noise(const uint8_t *bytes, uint32_t len)
{
    return bytes[0] == VB_RAM_NOISE && memcmp(bytes, bytes + 1, len - 1) == 0;
}

uint32_t vb_board_ram_in_use(const struct vb_board *board)
{
    uint32_t used = board->soc->ram_size;

    for (uint32_t step = VB_CPU_PAGE; step >= NOISE_STEP; step /= VB_CPU_PAGE / NOISE_STEP) {
        while (used >= step && is_noise(board->ram + used - step, step)) {
            used -= step;
        }
    }
    return used;
}

uint32_t vb_board_stack(const struct vb_board *board)
{
    return vb_cpu_get(board->cpu, VB_SP) - board->soc->ram_base;
}

uint64_t vb_board_hash(struct vb_board *board, uint32_t pc, uint32_t deepest, uint32_t ram_end)
{
    const uint32_t stack = vb_board_stack(board);
    bool on_stack = stack > deepest && stack < ram_end;
    uint64_t hash = board->operations == 0 ? 0 : vb_cells_hash(board);

    for (unsigned i = 0; i < VB_CPU_REGISTERS; i++) {
        hash = sim_mix(hash, i == VB_PC ? pc : vb_cpu_get(board->cpu, (enum vb_cpu_register)i));
    }
    hash = sim_hash(hash, board->scs.exceptions, sizeof(board->scs.exceptions));
    hash = sim_hash(hash, board->scs.words, sizeof(board->scs.words));
    hash = sim_hash(hash, &board->scs.mpu, sizeof(board->scs.mpu));
    for (unsigned i = 0; i < board->device_count; i++) {
        hash = hash_device(hash, &board->devices[i]);
    }
    for (unsigned i = 0; i < board->chip_count; i++) {
        hash = hash_chip(hash, &board->nors[i]->chip);
    }
    if (!on_stack) {
        return sim_hash(hash, board->ram, ram_end);
    }
    hash = sim_hash(hash, board->ram, deepest);
    return sim_hash(hash, board->ram + stack, ram_end - stack);
}
