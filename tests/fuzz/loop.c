/* SPDX-License-Identifier: Apache-2.0 */
/* Stands in for libFuzzer where there is none: the same pseudo-random inputs in every run. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_MAX 512u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static void feed(uint32_t run)
{
    uint32_t state = run * 2654435761u + 1;
    size_t size = next_random(&state) % INPUT_MAX;
    uint8_t *data = malloc(size == 0 ? 1 : size); /* of its exact size, so that a sanitizer sees a read past the end */
    if (data == NULL) {
        abort();
    }
    for (size_t i = 0; i < size; i++) {
        data[i] = (uint8_t)(next_random(&state) >> 8);
    }
    LLVMFuzzerTestOneInput(data, size);
    free(data);
}

static bool feed_file(const char *path)
{
    uint8_t data[INPUT_MAX];
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return false;
    }
    size_t size = fread(data, 1, sizeof(data), file);
    fclose(file);
    LLVMFuzzerTestOneInput(data, size);
    return true;
}

int main(int argc, char **argv)
{
    unsigned long runs = argc >= 2 && strncmp(argv[1], "-runs=", 6) == 0 ? strtoul(argv[1] + 6, NULL, 10) : 0;
    if (runs == 0) {
        fprintf(stderr, "usage: %s -runs=N [FILE...]\n", argv[0]);
        return 2;
    }
    for (int i = 2; i < argc; i++) {
        if (!feed_file(argv[i])) {
            return 2;
        }
    }
    for (uint32_t run = 0; run < runs; run++) {
        feed(run);
    }
    printf("%lu inputs\n", runs + (unsigned long)(argc - 2));
    return 0;
}
