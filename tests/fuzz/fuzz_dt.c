/* SPDX-License-Identifier: Apache-2.0 */
/* A devicetree blob of anything: reading it, numbering its nodes and printing it end well. */
#include <stdio.h>
#include <stdlib.h>

#include "../../tools/outboard/dt/dt.h"
#include "input_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static FILE *nowhere;
    struct ob_arena arena = {0};
    const struct dt_bindings none = {0};
    struct dt_tree tree;

    if (nowhere == NULL && (nowhere = fopen("/dev/null", "w")) == NULL) {
        abort();
    }
    const char *path = input_file(data, size);
    if (dt_tree_read(&arena, path, path, &tree) == OB_EXIT_OK && dt_check(&tree, &none) == OB_EXIT_OK &&
        dt_order(&tree) == OB_EXIT_OK) {
        dt_print_header(nowhere, &tree);
        dt_print_json(nowhere, &tree);
    }
    ob_arena_free(&arena);
    return 0;
}
