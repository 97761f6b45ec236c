/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"
#include "coverage.h"
#include "dev/devices.h"

/* The board of a target: made, filled, kept in its files. */

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

bool vb_target_chips_fail(const struct vb_target *target)
{
    return target->chip_fault != VB_CHIP_WORKS || target->worn.is || target->stalls[VB_INTERNAL].at != 0 ||
           target->stalls[VB_EXTERNAL].at != 0;
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

/* What is held low or fails in what the SoC does not have would be forgotten. */
static bool is_possible(struct vb_target *target)
{
    const char *name = target->description.soc->name;

    if ((target->held_low[0] | target->held_low[1]) != 0 && vb_find(target->board, "P0") == NULL) {
        ob_diag_error(NULL, "board: --low: the pins of the %s are not modelled", name);
        return false;
    }
    if (target->network_fault != VB_NETWORK_FINE && target->board->network == NULL) {
        ob_diag_error(NULL, "board: --network-fault: the %s has no network core", name);
        return false;
    }
    return can_stall(target);
}

enum ob_exit vb_target_make(struct vb_target *target)
{
    target->board = vb_description_build(&target->description);
    if (target->board == NULL || !is_possible(target)) {
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
