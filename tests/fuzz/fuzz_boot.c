/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starts on whatever both chips may hold. The first bytes choose a mode and a moment of a history that really happened
 * (factory, asked, half done, on trial, confirmed, a cut before); the rest are changes to the external chip, and to the
 * internal one if a bit says so. Then the device lives on: starts and the application by turns.
 *
 * The simulator's judge watches: only valid images run, whole; a valid primary starts; nothing is erased or programmed
 * more often than the parts allow; it comes to rest. It does not say which of the images must run: forgeries that are
 * meant to deceive are in `outboard sim cuts --hostile`.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <outboard/util.h>

#include "history.h"

#define MOMENTS_MAX 96u
#define STAGES 8u     /* lived through after the changes */
#define CUT_EVERY 11u /* operations */

struct mode {
    struct sim_world world;
    struct sim_world_state moment[MOMENTS_MAX];
    uint32_t moments;
};

static struct mode modes[3];

static void keep(struct mode *mode)
{
    if (mode->moments < MOMENTS_MAX) {
        sim_world_save(&mode->world, &mode->moment[mode->moments++]);
    }
}

/* Each stage of the history, and what cuts in it leave. */
static void remember_history(struct mode *mode)
{
    struct sim_world *world = &mode->world;
    struct sim_world_state before = {0};
    struct sim_world_state after = {0};

    while (!world->watch.finished) {
        keep(mode);
        sim_world_save(world, &before);
        sim_world_step(world, NULL, 0);
        sim_world_save(world, &after);
        for (uint32_t op = before.machine.op + 1; op <= after.machine.op; op += CUT_EVERY) {
            struct sim_event event = {.kind = SIM_EVENT_CUT, .at = op, .tear = {SIM_TEAR_BITS, 0}};
            sim_world_restore(world, &before);
            sim_world_step(world, &event, 1);
            if (world->watch.stage == SIM_STAGE_BOOT) {
                keep(mode);
            }
        }
        sim_world_restore(world, &after);
    }
    if (world->failure[0] != '\0') {
        fprintf(stderr, "%s\n", world->failure);
        abort();
    }
    sim_world_state_free(world, &before);
    sim_world_state_free(world, &after);
}

static void prepare(void)
{
    static const char *const ids[] = {
        "slide/3K:512:4:64/4K:512:1/guarded/grow/1/-",
        "overwrite/3K:512:4:64/4K:512:1/guarded/grow/1/-",
        "dual/3K:512:4:64/4K:512:1/guarded/grow/1/-",
    };

    for (unsigned i = 0; i < OB_ARRAY_SIZE(ids); i++) {
        struct sim_case config = {0};
        struct sim_history none;
        if (sim_id_parse(ids[i], &config, &none) != NULL || sim_world_init(&modes[i].world, &config, NULL) != NULL) {
            abort();
        }
        remember_history(&modes[i]);
    }
}

/* Where a change goes: the ends of areas, where heads and trailers are, more often than the rest. */
static uint32_t place(const struct sim_world *world, enum sim_chip_id chip, const uint8_t *edit)
{
    const struct ob_slots *slots = &world->slots[0];
    uint32_t where = (uint32_t)edit[1] << 8 | edit[2];

    if (chip == SIM_INTERNAL) {
        return edit[0] % 2 == 0 ? where % world->ledger.size : where % world->machine.chip[chip].flash.size;
    }
    switch (edit[0] % 4) {
    case 0:
        return slots->secondary[0].start + where % 64;
    case 1:
        return slots->secondary[0].start + slots->secondary[0].size - 1 - where % 128;
    default:
        return where % world->machine.chip[chip].flash.size;
    }
}

/* Four bytes each: where, and what. A run of the same byte, or one bit. */
static void change(struct sim_world *world, enum sim_chip_id id, const uint8_t *edit)
{
    struct sim_chip *chip = &world->machine.chip[id];
    uint32_t at = place(world, id, edit);
    uint32_t len = edit[0] >= 0xf0 ? OB_MIN(256u, chip->flash.size - at) : 1;
    uint8_t bytes[256];

    memset(bytes, edit[3], len);
    if ((edit[0] & 0x40) != 0 && len == 1) { /* a bit that flipped */
        sim_chip_peek(chip, at, bytes, 1);
        bytes[0] ^= (uint8_t)(1u << edit[3] % 8);
    }
    sim_chip_poke(chip, at, bytes, len);
}

static void live_on(struct sim_world *world)
{
    for (unsigned i = 0; i < STAGES && !world->watch.finished; i++) {
        if (!sim_world_step(world, NULL, 0)) {
            fprintf(stderr, "%s\n", world->failure);
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (modes[0].moments == 0) {
        prepare();
    }
    if (size < 3) {
        return 0;
    }
    struct mode *mode = &modes[data[0] % OB_ARRAY_SIZE(modes)];
    struct sim_world *world = &mode->world;
    bool inside = data[2] % 4 == 0;

    sim_world_restore(world, &mode->moment[data[1] % mode->moments]);
    for (size_t at = 3; at + 4 <= size; at += 4) {
        bool internal = inside && data[at] % 8 == 7;
        change(world, internal ? SIM_INTERNAL : SIM_EXTERNAL, data + at);
    }
    world->watch.spoilt = true;
    world->watch.floor = inside ? 0 : world->watch.floor; /* who writes inside may lower it */
    world->events++;
    world->failure[0] = '\0';
    live_on(world);
    return 0;
}
