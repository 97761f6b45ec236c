/* SPDX-License-Identifier: Apache-2.0 */
#include "scenario.h"

#include <string.h>

#include <outboard/trailer.h>
#include <outboard/util.h>

#include "app.h"
#include "updaters.h"

/* ---- what scripts ask ---- */

/* Of several images, of the one that decides for all. */
static struct ob_update_state read_state(struct sim_world *world)
{
    struct ob_update_state state;

    if (ob_update_read_state(&world->slots[0], &world->ledger, 0, &state) != OB_OK) {
        state = (struct ob_update_state){.confirmed = true}; /* nothing is known: the next start will tell more */
    }
    return state;
}

/* In overwrite mode an image may be unconfirmed, but nobody goes back from it. */
static bool on_trial(struct sim_world *world)
{
    return !read_state(world).confirmed && world->rules.revertible;
}

/* An image other than the first one runs, or the first one's twin on trial. */
static bool was_installed(struct sim_world *world)
{
    return !sim_world_runs(world, SIM_IMAGE_A) || on_trial(world);
}

static bool go_on(struct sim_world *world, uint8_t script)
{
    world->watch.script = script;
    return true;
}

static bool finish(struct sim_world *world, uint8_t script)
{
    world->watch.script = script;
    return false;
}

/* ---- parts of scripts ---- */

/* Confirm what was installed; if it is gone again there is nothing to confirm. */
static bool confirm_installed(struct sim_world *world, uint8_t next)
{
    if (!was_installed(world)) {
        return finish(world, next);
    }
    return sim_app_confirm(world) ? go_on(world, next) : true;
}

static bool wait_for_revert(struct sim_world *world, uint8_t next)
{
    return on_trial(world) ? true : finish(world, next);
}

static bool ask_for(struct sim_world *world, enum sim_image_id image, uint8_t next)
{
    return sim_app_update(world, image, false) ? go_on(world, next) : true;
}

/* Three steps of a script from `first` on: it wants the update, has asked for it, is done. */
static bool update_and_confirm(struct sim_world *world, enum sim_image_id image, uint8_t first)
{
    const uint8_t requested = first + 1;
    const uint8_t done = first + 2;

    if (world->watch.script == done) {
        return false;
    }
    if (world->watch.script == requested || was_installed(world)) {
        return confirm_installed(world, done);
    }
    return ask_for(world, image, requested);
}

/* The bootloader must have said why it did not install something. */
static void expect_refusal(struct sim_world *world)
{
    struct ob_update_state state = read_state(world);
    /* If the byte that is misread is the one that is wrong, what runs is asked for, and nothing is copied. */
    bool healed = world->config.set == SIM_SET_SAME && world->events > 0;

    if (sim_world_disturbed(world) || world->events > 1 || world->watch.worn || world->watch.spoilt ||
        world->watch.forged || healed) {
        return; /* nobody answers, or what was recorded was cut twice: the reason is for information */
    }
    if (state.last != OB_UPDATE_REFUSED || state.last_reason == OB_OK) {
        sim_world_fail(world, "a request was refused, and the reason is not recorded");
    }
}

/* ---- scripts ---- */

static bool app_confirm(struct sim_world *world)
{
    return update_and_confirm(world, SIM_IMAGE_B, 0);
}

static bool app_revert(struct sim_world *world)
{
    enum { WANT_UPDATE, REQUESTED, DONE };

    switch (world->watch.script) {
    case WANT_UPDATE:
        if (was_installed(world)) {
            return go_on(world, REQUESTED);
        }
        return ask_for(world, SIM_IMAGE_B, REQUESTED);
    case REQUESTED:
        return wait_for_revert(world, DONE);
    default:
        return false;
    }
}

static bool app_permanent(struct sim_world *world)
{
    enum { WANT_UPDATE, DONE };

    if (world->watch.script == DONE || was_installed(world)) {
        return finish(world, DONE);
    }
    return sim_app_update(world, SIM_IMAGE_B, true) ? go_on(world, DONE) : true;
}

static bool app_refused(struct sim_world *world)
{
    enum { WANT_BAD, BAD_REQUESTED, WANT_UPDATE };

    switch (world->watch.script) {
    case WANT_BAD:
        return ask_for(world, SIM_IMAGE_BAD, BAD_REQUESTED);
    case BAD_REQUESTED:
        expect_refusal(world);
        return go_on(world, WANT_UPDATE);
    default:
        return update_and_confirm(world, SIM_IMAGE_B, WANT_UPDATE);
    }
}

static bool app_downgrade(struct sim_world *world)
{
    enum { WANT_OLD, OLD_REQUESTED, DONE };

    switch (world->watch.script) {
    case WANT_OLD:
        return ask_for(world, SIM_IMAGE_OLD, OLD_REQUESTED);
    case OLD_REQUESTED:
        expect_refusal(world);
        return finish(world, DONE);
    default:
        return false;
    }
}

static bool app_pending(struct sim_world *world)
{
    enum { WANT_UPDATE };

    if (world->watch.script == WANT_UPDATE && !was_installed(world) && !sim_app_update(world, SIM_IMAGE_B, false)) {
        return true;
    }
    return update_and_confirm(world, SIM_IMAGE_C, WANT_UPDATE);
}

static bool app_twice(struct sim_world *world)
{
    enum { WANT_FIRST, FIRST_REQUESTED, WANT_SECOND, SECOND_REQUESTED, DONE };

    switch (world->watch.script) {
    case WANT_FIRST:
        if (was_installed(world)) {
            return go_on(world, FIRST_REQUESTED);
        }
        return ask_for(world, SIM_IMAGE_B, FIRST_REQUESTED);
    case FIRST_REQUESTED:
        return confirm_installed(world, WANT_SECOND) ? true : go_on(world, WANT_SECOND);
    case WANT_SECOND:
        if (on_trial(world) || sim_world_runs(world, SIM_IMAGE_C)) {
            return go_on(world, SECOND_REQUESTED);
        }
        return ask_for(world, SIM_IMAGE_C, SECOND_REQUESTED);
    case SECOND_REQUESTED:
        return wait_for_revert(world, DONE);
    default:
        return false;
    }
}

/* The external chip is not there at one start with a request pending, and at one with a confirmation missing. */
static bool app_absent(struct sim_world *world)
{
    enum { WANT_UPDATE, REQUESTED, STARTED_WITHOUT, ON_TRIAL, DONE };

    switch (world->watch.script) {
    case WANT_UPDATE:
        if (world->machine.trouble.absent) {
            return true;
        }
        if (was_installed(world)) {
            return go_on(world, STARTED_WITHOUT);
        }
        if (!sim_app_update(world, SIM_IMAGE_B, false)) {
            return true;
        }
        world->watch.absent_starts = 1;
        return go_on(world, REQUESTED);
    case REQUESTED:
        return go_on(world, STARTED_WITHOUT);
    case STARTED_WITHOUT:
        if (world->machine.trouble.absent) {
            return true;
        }
        if (on_trial(world)) {
            world->watch.absent_starts = 1;
        }
        return go_on(world, ON_TRIAL);
    case ON_TRIAL:
        return world->machine.trouble.absent ? true : wait_for_revert(world, DONE);
    default:
        return false;
    }
}

static bool app_foreign(struct sim_world *world)
{
    enum { WANT_UPDATE, REQUESTED, WANT_SECOND, DONE };

    switch (world->watch.script) {
    case WANT_UPDATE:
        if (was_installed(world)) {
            return confirm_installed(world, WANT_SECOND);
        }
        return sim_foreign_update(world, SIM_IMAGE_B, false) ? go_on(world, REQUESTED) : true;
    case REQUESTED:
        return confirm_installed(world, WANT_SECOND) ? true : go_on(world, WANT_SECOND);
    case WANT_SECOND:
        if (sim_world_runs(world, SIM_IMAGE_C)) {
            return on_trial(world) ? confirm_installed(world, DONE) : finish(world, DONE);
        }
        return sim_foreign_update(world, SIM_IMAGE_C, true) ? go_on(world, DONE) : true;
    default:
        return false;
    }
}

/* An application that is on trial and downloads the next update over the image it could go back to. */
static bool app_rude(struct sim_world *world)
{
    enum { WANT_UPDATE, REQUESTED, DONE };

    switch (world->watch.script) {
    case WANT_UPDATE:
        if (was_installed(world)) {
            return go_on(world, REQUESTED);
        }
        return ask_for(world, SIM_IMAGE_B, REQUESTED);
    case REQUESTED:
        if (!on_trial(world)) {
            return finish(world, DONE);
        }
        return sim_foreign_update(world, SIM_IMAGE_C, true) ? go_on(world, DONE) : true;
    default:
        return false;
    }
}

/* For attackers: one update is confirmed, the next one is not, and a third one comes for good. */
static bool app_guarded(struct sim_world *world)
{
    enum { WANT_FIRST, FIRST_REQUESTED, WANT_SECOND, SECOND_REQUESTED, WANT_THIRD, DONE };

    switch (world->watch.script) {
    case WANT_FIRST:
        if (was_installed(world)) {
            return go_on(world, FIRST_REQUESTED);
        }
        return ask_for(world, SIM_IMAGE_B, FIRST_REQUESTED);
    case FIRST_REQUESTED:
        return confirm_installed(world, WANT_SECOND) ? true : go_on(world, WANT_SECOND);
    case WANT_SECOND:
        if (on_trial(world) || sim_world_runs(world, SIM_IMAGE_C)) {
            return go_on(world, SECOND_REQUESTED);
        }
        return ask_for(world, SIM_IMAGE_C, SECOND_REQUESTED);
    case SECOND_REQUESTED:
        return on_trial(world) ? true : go_on(world, WANT_THIRD);
    case WANT_THIRD:
        return sim_app_update(world, SIM_IMAGE_C, true) ? go_on(world, DONE) : true;
    default:
        return false;
    }
}

/* ---- factories ---- */

/* A blank device with an image and a request in the secondary slot, as a programmer leaves it. */
static void factory_first(struct sim_world *world)
{
    for (uint32_t number = 0; number < world->config.updateable; number++) {
        const struct sim_image *image = &world->image[number][SIM_IMAGE_B];
        const struct ob_area *slot = &world->slots[number].secondary[0];
        sim_chip_poke(&world->machine.chip[SIM_EXTERNAL], slot->start, image->stored, image->size);
        if (ob_trailer_set_magic(slot, world->layout.align) != OB_OK) {
            sim_world_fail(world, "the factory cannot write the magic");
        }
    }
    sim_beliefs_set(&world->watch.beliefs, &(struct sim_belief){.requested = SIM_IMAGE_B, .request = SIM_YES});
}

static bool app_nothing(struct sim_world *world)
{
    (void)world;
    return false;
}

/* ---- updaters of MCUboot's world ---- */

#define UPDATER(label, text)                                                                     \
    {                                                                                            \
        .name = #label, .summary = text, .app = sim_updater_app, .updater = &sim_updater_##label \
    }

const struct sim_scenario sim_scenarios[] = {
    {.name = "confirm", .summary = "an update is tested and confirmed", .app = app_confirm},
    {.name = "revert", .summary = "an update is not confirmed", .app = app_revert, .needs_confirmation = true},
    {.name = "permanent", .summary = "an update for good", .app = app_permanent},
    {.name = "first",
     .summary = "the primary slot is empty, the first image comes through the secondary",
     .factory = factory_first,
     .app = app_nothing},
    {.name = "refused", .summary = "a damaged image is refused, then a good one follows", .app = app_refused},
    {.name = "downgrade",
     .summary = "an older image is refused",
     .app = app_downgrade,
     .guard = OB_GUARD_VERSION,
     .asks_older = true},
    {.name = "counter",
     .summary = "an image with a lower security counter is refused, whatever its version is",
     .app = app_downgrade,
     .guard = OB_GUARD_ENFORCED,
     .asks_older = true},
    {.name = "pending", .summary = "a second update is requested before the first was installed", .app = app_pending},
    {.name = "twice", .summary = "an update is confirmed, the next one is not", .app = app_twice},
    {.name = "absent",
     .summary = "the external chip is not there at some starts, also right after a cut",
     .app = app_absent,
     .without_external = true},
    {.name = "foreign", .summary = "an application that only knows MCUboot's trailer", .app = app_foreign},
    {.name = "rude",
     .summary = "an unconfirmed application downloads over the image to go back to",
     .app = app_rude,
     .needs_confirmation = true},
    {.name = "guarded",
     .summary = "an update is confirmed, the next one is not, then comes for good; older ones are refused",
     .app = app_guarded,
     .guard = OB_GUARD_VERSION},
    {.name = "counted",
     .summary = "the same, of images with lower security counters",
     .app = app_guarded,
     .guard = OB_GUARD_ENFORCED},
    UPDATER(img_mgmt, "MCUboot's library: each page is erased ahead of the data, at the end the trailer's"),
    UPDATER(large_pages, "the same with pages of several sectors"),
    UPDATER(bank, "MCUboot's library: the whole slot is erased first"),
    UPDATER(dfu_target, "MCUboot's library: asks for whatever it was sent, whatever is due"),
    UPDATER(phone, "MCUboot's library: what is listed is not sent again"),
    UPDATER(offset, "MCUboot's library, built for swap-using-offset: images begin one sector up"),
    UPDATER(own, "MCUboot's library: only sectors that are written are erased, not the trailer"),
    {.name = "mixed",
     .summary = "all of these by turns, doing what the seed's dice say",
     .app = sim_updater_mixed_app,
     .updater = &sim_updater_mixed},
};
const unsigned sim_scenario_count = OB_ARRAY_SIZE(sim_scenarios);

const struct sim_scenario *sim_scenario_find(const char *name)
{
    for (unsigned i = 0; i < sim_scenario_count; i++) {
        if (strcmp(sim_scenarios[i].name, name) == 0) {
            return &sim_scenarios[i];
        }
    }
    return NULL;
}
