/* SPDX-License-Identifier: Apache-2.0 */
#include "secrets.h"

#include <stdlib.h>
#include <string.h>

#include <outboard/util.h>

#include "world.h"

#define SECRET_SIZE 16u /* of a block of AES; images lie outside at multiples of it */

static uint64_t half_of(const uint8_t block[SECRET_SIZE])
{
    uint64_t half;

    memcpy(&half, block, sizeof(half));
    return half;
}

static int compare(const void *a, const void *b)
{
    const uint64_t first = *(const uint64_t *)a;
    const uint64_t second = *(const uint64_t *)b;

    return first < second ? -1 : first > second;
}

/* Blocks of a payload, counted from the image's beginning. */
static void add_image(struct sim_secrets *secrets, const struct sim_image *image)
{
    const uint32_t end = image->size == 0 ? 0 : OB_IMAGE_HEADER_SIZE + ob_get_le32(image->bytes + 12);

    for (uint32_t at = OB_IMAGE_HEADER_SIZE; at + SECRET_SIZE <= end; at += SECRET_SIZE) {
        secrets->half = realloc(secrets->half, (secrets->count + 1) * sizeof(*secrets->half));
        if (secrets->half == NULL) {
            abort();
        }
        secrets->half[secrets->count++] = half_of(image->bytes + at);
    }
}

/* What will lie in the block at `at` once the operation is done. */
static bool is_shown(const struct sim_world *world, const struct sim_operation *operation, uint32_t at)
{
    const struct sim_secrets *secrets = &world->secrets;
    uint8_t block[SECRET_SIZE];

    sim_chip_peek(&world->machine.chip[SIM_EXTERNAL], at, block, sizeof(block));
    for (uint32_t i = 0; i < sizeof(block); i++) {
        const uint32_t off = at + i - operation->off; /* wraps before it */
        block[i] = off < operation->len ? operation->src[off] : block[i];
    }
    const uint64_t half = half_of(block);
    return bsearch(&half, secrets->half, secrets->count, sizeof(half), compare) != NULL;
}

static void look(void *ctx, const struct sim_operation *operation)
{
    struct sim_world *world = ctx;

    if (operation->chip != SIM_EXTERNAL || operation->src == NULL) {
        return;
    }
    for (uint32_t at = ob_align_down(operation->off, SECRET_SIZE); at < operation->off + operation->len;
         at += SECRET_SIZE) {
        if (is_shown(world, operation, at)) {
            sim_world_fail(world, "a block of an encrypted image is written outside in the clear, at 0x%x", at);
        }
    }
}

void sim_secrets_watch(struct sim_world *world)
{
    for (uint32_t i = 0; i < SIM_UPDATEABLE_MAX * SIM_IMAGES; i++) {
        add_image(&world->secrets, &world->image[i / SIM_IMAGES][i % SIM_IMAGES]);
    }
    qsort(world->secrets.half, world->secrets.count, sizeof(*world->secrets.half), compare);
    world->machine.watch = look;
    world->machine.watch_ctx = world;
}

void sim_secrets_free(struct sim_secrets *secrets)
{
    free(secrets->half);
    *secrets = (struct sim_secrets){0};
}
