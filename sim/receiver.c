/* SPDX-License-Identifier: Apache-2.0 */
#include "receiver.h"

#include <stdlib.h>
#include <string.h>

#include <outboard/util.h>

#include "rng.h"

#define COPY_SIZE 256u

static struct sim_world *world_of(const struct ob_flash *flash)
{
    return flash->ctx;
}

static enum ob_err ram_read(const struct ob_flash *flash, uint32_t off, void *dst, uint32_t len)
{
    memcpy(dst, world_of(flash)->ram + off, len);
    return OB_OK;
}

static enum ob_err ram_write(const struct ob_flash *flash, uint32_t off, const void *src, uint32_t len)
{
    const uint8_t *bytes = src;

    for (uint32_t i = 0; i < len; i++) {
        world_of(flash)->ram[off + i] &= bytes[i];
    }
    return OB_OK;
}

static enum ob_err ram_erase(const struct ob_flash *flash, uint32_t off, uint32_t size)
{
    memset(world_of(flash)->ram + off, flash->erased_value, size);
    return OB_OK;
}

static const struct ob_flash_ops ram_ops = {.read = ram_read, .write = ram_write, .erase = ram_erase};

/* The other processor copies, from the first sector on, and looks at what it has copied. */
static enum ob_err take(void *ctx, const struct ob_area *primary, const struct ob_image *image,
                        const struct ob_hooks *hooks)
{
    struct sim_world *world = ctx;
    const struct ob_area *home = &world->home[world->config.updateable - 1];
    uint8_t bytes[2][COPY_SIZE];
    enum ob_err err =
        ob_area_erase(home, 0, OB_MIN(home->size, ob_align_up(image->size, ob_flash_erase_size(home->flash))));

    for (uint32_t at = 0; at < image->size && err == OB_OK; at += COPY_SIZE) {
        const uint32_t len = OB_MIN(COPY_SIZE, image->size - at);
        err = ob_area_read(primary, at, bytes[0], len);
        if (err == OB_OK) {
            err = ob_area_write(home, at, bytes[0], len);
        }
        if (err == OB_OK) {
            err = ob_area_read(home, at, bytes[1], len);
        }
        err = err == OB_OK && memcmp(bytes[0], bytes[1], len) != 0 ? OB_ERR_FAILED : err;
        ob_feed(hooks);
    }
    return err;
}

void sim_receiver_init(struct sim_world *world)
{
    const uint32_t size = world->config.internal.size;
    struct ob_slots *slots = &world->slots[world->config.updateable - 1];

    world->ram = malloc(size);
    if (world->ram == NULL) {
        abort();
    }
    world->ram_flash = world->machine.chip[SIM_INTERNAL].flash; /* the geometry of what it stands for */
    world->ram_flash.ops = &ram_ops;
    world->ram_flash.ctx = world;
    world->ram_flash.size = size;
    world->receiver = (struct ob_receiver){.ctx = world, .take = take};
    slots->primary = (struct ob_area){.flash = &world->ram_flash, .start = 0, .size = size};
    slots->receiver = &world->receiver;
    sim_receiver_hide(world);
}

void sim_receiver_free(struct sim_world *world)
{
    free(world->ram);
}

void sim_receiver_start(struct sim_world *world)
{
    uint64_t rng = world->starts;

    for (uint32_t i = 0; world->ram != NULL && i < world->config.internal.size; i++) {
        world->ram[i] = (uint8_t)sim_rng_next(&rng);
    }
}

void sim_receiver_hide(struct sim_world *world)
{
    if (world->ram != NULL) {
        memset(world->ram, world->ram_flash.erased_value, world->config.internal.size);
    }
}

bool sim_receiver_is_missing(struct sim_world *world)
{
    struct ob_ledger ledger;
    struct ob_event event;
    bool missing = false;

    if (world->ram == NULL || ob_ledger_read(&world->ledger, world->config.updateable, &ledger) != OB_OK) {
        return false;
    }
    for (uint32_t n = 0; n < OB_LEDGER_EVENTS && ob_ledger_event(&ledger, n, &event) == OB_OK; n++) {
        missing = missing || event.kind == OB_EVENT_MISSING;
    }
    return missing;
}
