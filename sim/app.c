/* SPDX-License-Identifier: Apache-2.0 */
#include "app.h"

#include <string.h>

#include <outboard/trailer.h>
#include <outboard/update.h>
#include <outboard/util.h>

#define CHUNK 256u /* bytes that the application writes at once */

/* A call may fail only if the external chip does, or to keep out of the way of a job. */
static bool check_call(struct sim_world *world, const char *call, enum ob_err err)
{
    if (err != OB_OK && !sim_world_disturbed(world) && !world->watch.worn && !world->watch.spoilt &&
        !(err == OB_ERR_STATE && (world->watch.forged || sim_world_may_be_running(world)))) {
        sim_world_fail(world, "%s fails: %s", call, ob_err_text(err));
    }
    world->watch.gave_up |= err != OB_OK && world->watch.worn; /* it will not be any better the next time */
    return err == OB_OK;
}

/* Several images: until the last one is asked for, or the last slot erased, a cut leaves a part of what is asked for or
 * gone back to. */
static void set_asking(struct sim_world *world, bool asking)
{
    world->watch.asking = asking && world->config.updateable > 1;
}

/* A request, or a way back, is there, or may be. */
static bool is_to_come(const struct sim_world *world)
{
    const struct sim_beliefs *beliefs = &world->watch.beliefs;
    bool to_come = false;

    for (unsigned i = 0; i < beliefs->count; i++) {
        to_come |= beliefs->belief[i].request != SIM_NO || beliefs->belief[i].previous != SIM_IMAGE_NO;
    }
    return to_come;
}

static bool downloaded(const struct sim_world *world, enum sim_image_id image, uint32_t number, uint32_t source)
{
    return sim_world_holds(world, SIM_EXTERNAL, world->slots[number].secondary[source].start,
                           &world->image[number][image]);
}

static enum ob_err write_all(struct ob_update *update, const struct sim_image *sent)
{
    enum ob_err err = OB_OK;

    for (uint32_t at = 0; at < sent->size && err == OB_OK; at += CHUNK) {
        err = ob_update_write(update, sent->stored + at, OB_MIN(CHUNK, sent->size - at));
    }
    return err;
}

/* From the first image on, so that a request loses its leader first. */
static bool begin_all(struct sim_world *world, enum sim_image_id image, struct ob_update update[SIM_UPDATEABLE_MAX])
{
    sim_beliefs_erase(&world->watch.beliefs, false, SIM_TORN);
    for (uint32_t number = 0; number < world->config.updateable; number++) {
        enum ob_err err = ob_update_begin(&update[number], &world->slots[number], world->config.mode, world->max_units,
                                          world->image[number][image].size, NULL, NULL);
        if (!check_call(world, "ob_update_begin", err)) {
            return false;
        }
    }
    sim_beliefs_erase(&world->watch.beliefs, false, SIM_YES);
    return true;
}

static bool download_all(struct sim_world *world, enum sim_image_id image, struct ob_update update[SIM_UPDATEABLE_MAX])
{
    world->downloads++;
    if (!begin_all(world, image, update)) {
        return false;
    }
    world->watch.damaged = false;
    for (uint32_t number = 0; number < world->config.updateable; number++) {
        if (!check_call(world, "ob_update_write", write_all(&update[number], &world->image[number][image]))) {
            return false;
        }
        world->watch.damaged |= !downloaded(world, image, number, update[number].source);
    }
    return true;
}

/* From the last image down: the first one leads the transaction. */
static bool request_all(struct sim_world *world, enum sim_image_id image, bool permanent,
                        const struct ob_update update[SIM_UPDATEABLE_MAX])
{
    uint32_t count = world->config.updateable;

    sim_beliefs_request(&world->watch.beliefs, image, permanent, SIM_TORN);
    if (!check_call(world, "ob_update_request_all", ob_update_request_all(update, count, permanent))) {
        return false;
    }
    /* It was read back, so no brown-out can have spoilt it. */
    sim_beliefs_request(&world->watch.beliefs, image, permanent, SIM_YES);
    return true;
}

/* If an erase and a write did nothing and nobody noticed, the image from before may still be there. */
static enum sim_image_id what_was_downloaded(const struct sim_world *world, enum sim_image_id sent, uint32_t number,
                                             uint32_t source)
{
    for (unsigned i = SIM_IMAGE_NO + 1; i < SIM_IMAGES && world->watch.damaged; i++) {
        if (world->image[number][i].valid && downloaded(world, (enum sim_image_id)i, number, source)) {
            return (enum sim_image_id)i;
        }
    }
    return sent;
}

bool sim_app_update(struct sim_world *world, enum sim_image_id image, bool permanent)
{
    struct ob_update update[SIM_UPDATEABLE_MAX];

    if (!download_all(world, image, update)) {
        return false;
    }
    enum sim_image_id asked = what_was_downloaded(world, image, 0, update[0].source);
    for (uint32_t number = 1; number < world->config.updateable; number++) {
        world->watch.split |= what_was_downloaded(world, image, number, update[number].source) != asked;
    }
    return request_all(world, asked, permanent, update);
}

/* A confirmation that was cut left cells in the primary's trailer that are not steady. */
static bool is_trailer_steady(const struct sim_world *world, uint32_t number)
{
    const struct ob_area *primary = &world->home[number];
    uint32_t limit = world->layout.primary_limit;

    return sim_chip_steady(&world->machine.chip[SIM_INTERNAL], primary->start + limit, primary->size - limit);
}

/* The first image, which decides, is confirmed last. */
bool sim_app_confirm(struct sim_world *world)
{
    bool again = sim_beliefs_confirming(&world->watch.beliefs);
    enum ob_err err = OB_OK;

    for (uint32_t number = world->config.updateable; number-- > 0 && err == OB_OK;) {
        again |= !is_trailer_steady(world, number);
        if (number == 0) {
            sim_beliefs_confirm(&world->watch.beliefs, SIM_TORN);
        }
        err = ob_update_confirm(&world->slots[number]);
    }
    if (err == OB_OK) {
        sim_beliefs_confirm(&world->watch.beliefs, SIM_YES);
    }
    if (err == OB_ERR_VERIFY && again) {
        return true; /* cells of a try that was cut cannot be programmed again: the start after this decides */
    }
    return check_call(world, "ob_update_confirm", err);
}

/* ---- an application that only knows MCUboot's trailer ---- */

/* MCUboot's fields as its applications write them; reference: docs/SPEC.md, "Trailer". */
static enum ob_err foreign_request(const struct ob_area *slot, uint32_t align, uint32_t number, bool permanent)
{
    enum ob_err err = ob_trailer_set_magic(slot, align);

    if (err == OB_OK && permanent) {
        err = ob_trailer_set_image_ok(slot, align);
    }
    if (err == OB_OK) {
        err = ob_trailer_set_swap_info(slot, align, (uint8_t)number, permanent ? OB_SWAP_PERMANENT : OB_SWAP_TEST);
    }
    return err;
}

static bool foreign_download(struct sim_world *world, enum sim_image_id image)
{
    struct sim_beliefs *beliefs = &world->watch.beliefs;

    world->downloads++;
    set_asking(world, is_to_come(world));
    sim_beliefs_erase(beliefs, true, SIM_TORN);
    world->watch.careless = true;
    for (uint32_t number = 0; number < world->config.updateable; number++) {
        const struct ob_area *slot = &world->slots[number].secondary[0];
        if (!check_call(world, "an erase", ob_area_erase(slot, 0, slot->size))) {
            return false;
        }
    }
    world->watch.careless = false;
    set_asking(world, false);
    sim_beliefs_erase(beliefs, true, SIM_YES);
    world->watch.damaged = false;
    for (uint32_t number = 0; number < world->config.updateable; number++) {
        const struct sim_image *sent = &world->image[number][image];
        enum ob_err err = ob_area_write(&world->slots[number].secondary[0], 0, sent->stored, sent->size);
        if (!check_call(world, "a write", err)) {
            return false;
        }
        world->watch.damaged |= !downloaded(world, image, number, 0);
    }
    return true;
}

bool sim_foreign_update(struct sim_world *world, enum sim_image_id image, bool permanent)
{
    struct sim_beliefs *beliefs = &world->watch.beliefs;
    struct sim_beliefs as_test;

    if (!foreign_download(world, image)) {
        return false;
    }
    set_asking(world, true);
    sim_beliefs_request(beliefs, image, permanent, SIM_TORN);
    as_test = *beliefs;
    sim_beliefs_request(&as_test, image, false, SIM_TORN); /* cut between magic and image_ok */
    sim_beliefs_join(beliefs, &as_test);
    for (uint32_t number = world->config.updateable; number-- > 0;) {
        const struct ob_area *slot = &world->slots[number].secondary[0];
        if (!check_call(world, "a write", foreign_request(slot, world->layout.align, number, permanent))) {
            return false;
        }
    }
    if (sim_world_disturbed(world)) {
        return false; /* it does not read back, so nobody can be sure */
    }
    set_asking(world, false);
    sim_beliefs_request(beliefs, image, permanent, SIM_YES);
    return true;
}
