/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "input_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

const char *input_file(const uint8_t *data, size_t size)
{
    static char path[64];
    static int file = -1;

    if (file < 0) {
        file = memfd_create("input", 0);
        snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    }
    if (file < 0 || ftruncate(file, 0) != 0 || pwrite(file, data, size, 0) != (ssize_t)size) {
        abort();
    }
    return path;
}

/* Nothing signs here, but a sanitizer's build keeps the code that would. */
int psa_generate_random(uint8_t *output, size_t output_size);

__attribute__((weak)) int psa_generate_random(uint8_t *output, size_t output_size)
{
    (void)output;
    (void)output_size;
    abort();
}
