/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <outboard/util.h>

#include "board.h"
#include "commands.h"

/* Every register that a SoC's model knows, a line each: what tests compare with other people's tables. */

static const char *const access_names[] = {
    [VB_READ_WRITE] = "rw", [VB_READ_ONLY] = "r", [VB_WRITE_ONLY] = "w", [VB_WRITE_ONCE] = "rw1", [VB_TASK] = "w",
    [VB_EVENT] = "rw",      [VB_INTEN] = "rw",    [VB_INTENSET] = "rw",  [VB_INTENCLR] = "rw",    [VB_MEMORY] = "r",
};

static void print_device(const struct vb_place *place)
{
    for (unsigned r = 0; r < place->class->register_count; r++) {
        const struct vb_register *reg = &place->class->registers[r];
        for (unsigned i = 0; i < OB_MAX(reg->count, 1u); i++) {
            uint32_t offset = reg->offset + i * (reg->stride == 0 ? 4u : reg->stride);
            printf("%s 0x%08x %s %u 0x%08x %s\n", place->name, place->base + offset, reg->name, i, reg->reset,
                   access_names[reg->access]);
        }
    }
}

static int print_help(void)
{
    printf(
        "Usage: outboard board registers SOC\nThe registers that are modelled, with their reset values. SOC is one of");
    for (unsigned i = 0; vb_socs[i] != NULL; i++) {
        printf(" %s", vb_socs[i]->name);
    }
    printf("\n\n  outboard board registers nRF52840\n\n"
           "Exit status: 0, or 2 for a SoC that is not modelled.\n");
    return OB_EXIT_OK;
}

int vb_cmd_registers(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        return print_help();
    }
    for (unsigned i = 0; argc == 2 && vb_socs[i] != NULL; i++) {
        if (strcasecmp(vb_socs[i]->name, argv[1]) == 0) {
            for (unsigned p = 0; p < vb_socs[i]->place_count; p++) {
                print_device(&vb_socs[i]->places[p]);
            }
            return OB_EXIT_OK;
        }
    }
    ob_diag_error(NULL, "outboard board registers: say of which SoC: outboard board registers nRF52840");
    return OB_EXIT_USAGE;
}
