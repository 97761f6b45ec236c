/* SPDX-License-Identifier: Apache-2.0 */
#include "updaters.h"

#include <string.h>

#include <outboard/util.h>

#include "client.h"
#include "judge.h"
#include "rng.h"

#define CHUNK 256u /* bytes that it writes at once */

const struct sim_updater sim_updater_img_mgmt = {.erases = SIM_ERASES_AHEAD, .page = 1, .polite = true};
const struct sim_updater sim_updater_large_pages = {.erases = SIM_ERASES_AHEAD, .page = 4, .polite = true};
const struct sim_updater sim_updater_bank = {.erases = SIM_ERASES_ALL, .page = 1, .polite = true};
const struct sim_updater sim_updater_dfu_target = {.erases = SIM_ERASES_AHEAD, .page = 1};
const struct sim_updater sim_updater_phone = {
    .erases = SIM_ERASES_AHEAD, .page = 1, .looks_first = true, .polite = true};
const struct sim_updater sim_updater_offset = {.erases = SIM_ERASES_AHEAD, .page = 1, .one_up = true, .polite = true};
const struct sim_updater sim_updater_own = {.erases = SIM_ERASES_OWN, .page = 1};
const struct sim_updater sim_updater_mixed = {.mixed = true};

bool sim_updater_applies(const struct sim_case *config, const struct sim_updater *updater)
{
    return !updater->one_up || config->external.erase_sizes[0] >= config->internal.erase_sizes[0];
}

/* A throw that depends on the seed and on how far the script is. */
static uint32_t dice(const struct sim_world *world, uint64_t number)
{
    return (uint32_t)sim_mix(sim_mix(world->config.seed, number), world->watch.script);
}

static const struct sim_updater *who(const struct sim_world *world)
{
    static const struct sim_updater *const others[] = {
        &sim_updater_img_mgmt, &sim_updater_large_pages, &sim_updater_bank,   &sim_updater_dfu_target,
        &sim_updater_phone,    &sim_updater_own,         &sim_updater_offset,
    };
    const struct sim_updater *updater = world->config.scenario->updater;
    uint32_t count = OB_ARRAY_SIZE(others) - !sim_updater_applies(&world->config, &sim_updater_offset);

    return updater->mixed ? others[dice(world, 1) % count] : updater;
}

static const struct ob_area *slot_of(const struct sim_world *world)
{
    return &world->slots[0].secondary[0];
}

/* Where its images begin. */
static uint32_t base_of(const struct sim_world *world)
{
    return who(world)->one_up ? ob_flash_erase_size(slot_of(world)->flash) : 0;
}

/* Something that nobody can be blamed for: cells that read as they please, a chip that failed. */
static bool excused(const struct sim_world *world)
{
    const struct sim_watch *watch = &world->watch;

    return sim_world_disturbed(world) || watch->worn || watch->spoilt || watch->split;
}

/* ---- what it is told ---- */

static void judge_trailers(struct sim_world *world, const struct sim_told *told)
{
    struct sim_beliefs *beliefs = &world->watch.beliefs;
    enum sim_fact trial = sim_beliefs_on_trial(beliefs);
    bool idle = sim_beliefs_idle(beliefs);

    if (idle && told->secondary_magic != OB_MAGIC_UNSET && !world->watch.loading) {
        sim_world_fail(world,
                       "nothing is asked for, and the next request will fail: the secondary's magic is not unset");
    }
    if (!world->rules.revertible) {
        return;
    }
    if (told->swap == OB_SWAP_REVERT && trial == SIM_NO) {
        sim_world_fail(world, "the application is told that a revert follows, and none will");
    } else if (idle && told->swap != OB_SWAP_REVERT && trial == SIM_YES) {
        sim_world_fail(world, "a revert follows, and the application is not told");
    }
    if (told->confirmed != (trial != SIM_YES) && trial != SIM_TORN) {
        sim_world_fail(world, told->confirmed ? "the application is told that it is confirmed, and it is not"
                                              : "the application is told that it is not confirmed, and it is");
    }
}

/* What lies in the slot is one of the images that the bootloader refuses. */
static bool lists_refused(const struct sim_world *world, uint32_t at)
{
    for (unsigned i = SIM_IMAGE_NO + 1; i < SIM_IMAGES; i++) {
        if (!world->rules.valid[i] &&
            sim_world_holds(world, SIM_EXTERNAL, slot_of(world)->start + at, &world->image[0][i])) {
            return true;
        }
    }
    return false;
}

/* What is encrypted has a hash that no client can compare: it is there in whole if it is what was sent. */
static bool is_whole(const struct sim_world *world, uint32_t at, const struct sim_listed *listed)
{
    bool whole = listed->whole;

    for (unsigned i = SIM_IMAGE_NO + 1; i < SIM_IMAGES && world->config.encrypted && !whole; i++) {
        whole = sim_world_holds(world, SIM_EXTERNAL, slot_of(world)->start + at, &world->image[0][i]);
    }
    return whole;
}

static void judge_list(struct sim_world *world, uint32_t at)
{
    struct sim_listed listed;

    if (!sim_client_list(world, at, &listed) || !listed.found) {
        return;
    }
    if (lists_refused(world, at)) {
        sim_world_fail(world, "an image that was refused is still listed: it will not be sent again");
    } else if (!is_whole(world, at, &listed)) {
        sim_world_fail(world, "an image is listed that is not there in whole");
    }
}

void sim_updater_judge(struct sim_world *world)
{
    struct sim_told told;

    if (!sim_client_told(world, &told) || excused(world) || !told.steady || world->watch.damaged) {
        return;
    }
    bool covered = world->config.set == SIM_SET_TAIL && sim_world_runs(world, SIM_IMAGE_A);
    if (!covered) { /* else the image lies where the primary's trailer would be */
        judge_trailers(world, &told);
    }
    if (sim_beliefs_idle(&world->watch.beliefs) && !world->watch.loading && !world->watch.unasked) {
        judge_list(world, 0);
        if (base_of(world) != 0) {
            judge_list(world, base_of(world));
        }
    }
}

/* ---- downloading ---- */

static bool erase_page(const struct sim_world *world, uint32_t at)
{
    const struct ob_area *slot = slot_of(world);
    uint32_t page = who(world)->page * ob_flash_erase_size(slot->flash);
    uint32_t begin = ob_align_down(at, page);

    return ob_area_erase(slot, begin, OB_MIN(page, slot->size - begin)) == OB_OK;
}

/* Erase ahead of the data, where it enters a page. */
static bool write_all(const struct sim_world *world, const struct sim_image *image)
{
    const struct ob_area *slot = slot_of(world);
    uint32_t page = who(world)->page * ob_flash_erase_size(slot->flash);
    uint32_t base = base_of(world);
    bool ahead = who(world)->erases != SIM_ERASES_ALL;
    uint32_t erased_to = 0; /* a client of an offset leaves what is below it erased */
    bool good = true;

    for (uint32_t done = 0; good && done < image->size; done += CHUNK) {
        uint32_t len = OB_MIN(CHUNK, image->size - done);
        while (good && ahead && erased_to < base + done + len) {
            good = erase_page(world, erased_to);
            erased_to = ob_align_down(erased_to, page) + page;
        }
        good = good && ob_area_write(slot, base + done, image->stored + done, len) == OB_OK;
    }
    return good;
}

static bool erase_trailer(const struct sim_world *world)
{
    return erase_page(world, slot_of(world)->size - ob_trailer_size(world->layout.align));
}

/* What the slot holds is asked for: a bit for each image that it may be. */
static void believe_request(struct sim_world *world, unsigned ids, bool permanent, enum sim_fact fact)
{
    struct sim_beliefs before = world->watch.beliefs;
    struct sim_beliefs after = {0};

    for (unsigned id = SIM_IMAGE_NO + 1; id < SIM_IMAGES; id++) {
        struct sim_beliefs one = before;
        if ((ids >> id & 1) != 0) {
            sim_beliefs_request(&one, (enum sim_image_id)id, permanent, fact);
            sim_beliefs_join(&after, &one);
        }
    }
    world->watch.beliefs = after;
}

/* A request that may be honoured, or not be seen. For good: also as a test, by a cut between magic and image_ok. */
static void believe_torn_request(struct sim_world *world, unsigned ids, bool permanent)
{
    struct sim_beliefs before = world->watch.beliefs;
    struct sim_beliefs as_test;

    believe_request(world, ids, false, SIM_TORN);
    as_test = world->watch.beliefs;
    world->watch.beliefs = before;
    believe_request(world, ids, permanent, SIM_TORN);
    sim_beliefs_join(&world->watch.beliefs, &as_test);
}

/* @return false: a device failed */
static bool upload(struct sim_world *world, enum sim_image_id id, const struct sim_told *told)
{
    struct sim_beliefs *beliefs = &world->watch.beliefs;
    const struct sim_image *image = &world->image[0][id];
    bool asked = !told->steady || told->secondary_magic != OB_MAGIC_UNSET;

    world->downloads += 2; /* the trailer's page may be one of those that the data reaches */
    world->watch.loading = true;
    world->watch.unasked = true;
    sim_beliefs_erase(beliefs, true, SIM_TORN);
    sim_beliefs_replace(beliefs, id);
    if (who(world)->erases == SIM_ERASES_ALL && ob_area_erase(slot_of(world), 0, slot_of(world)->size) != OB_OK) {
        return false;
    }
    if (!write_all(world, image) || (who(world)->erases == SIM_ERASES_AHEAD && !erase_trailer(world))) {
        return false;
    }
    if (who(world)->erases != SIM_ERASES_OWN || !asked) {
        sim_beliefs_erase(beliefs, true, SIM_YES);
    }
    if (sim_judge_ghostly(world)) { /* what is left of a request may be seen again, and is one for this image then */
        struct sim_beliefs unseen = *beliefs;
        believe_torn_request(world, 1u << id, true);
        sim_beliefs_join(beliefs, &unseen);
    }
    world->watch.loading = false;
    world->watch.damaged = !sim_world_holds(world, SIM_EXTERNAL, slot_of(world)->start + base_of(world), image);
    return true;
}

static bool is_there(const struct sim_world *world, enum sim_image_id id)
{
    struct sim_listed listed;
    uint8_t hash[OB_DIGEST_SIZE];

    sim_image_digest(&world->image[0][id], hash);
    return sim_client_list(world, base_of(world), &listed) && listed.found &&
           memcmp(listed.hash, hash, sizeof(hash)) == 0;
}

/* ---- asking ---- */

static bool ask(struct sim_world *world, unsigned ids, bool permanent)
{
    struct sim_told told;

    if (!sim_client_told(world, &told)) {
        return false;
    }
    world->watch.unasked = false;
    believe_torn_request(world, ids, permanent);
    switch (sim_client_request(world, permanent)) {
    case SIM_ANSWER_DONE:
        if (!excused(world) && told.steady) { /* it does not read back */
            believe_request(world, ids, permanent, SIM_YES);
        }
        return true;
    case SIM_ANSWER_NOTHING:
        return true; /* whatever was asked for then: it may be honoured, or not be seen */
    case SIM_ANSWER_BAD:
        if (!excused(world) && told.steady) {
            sim_world_fail(world, "the request fails: the secondary's magic is bad");
        }
        world->watch.gave_up |= world->watch.worn && told.steady; /* whoever sends it is told so each time */
        return false;
    default:
        return false;
    }
}

/* The images that may be read where one is looked for: of two the bootloader may take either. None, or none that is
 * certain to be read: one that is refused. */
static unsigned what_is_there(const struct sim_world *world)
{
    const uint32_t erase_size = ob_flash_erase_size(slot_of(world)->flash);
    bool certain = false;
    unsigned ids = 0;

    for (unsigned id = SIM_IMAGE_NO + 1; id < SIM_IMAGES; id++) {
        for (uint32_t at = slot_of(world)->start; at <= slot_of(world)->start + erase_size; at += erase_size) {
            const struct sim_image *image = &world->image[0][id];
            ids |= (unsigned)sim_world_may_hold(world, at, image) << id;
            certain = certain || sim_world_holds(world, SIM_EXTERNAL, at, image);
        }
    }
    return certain ? ids : ids | 1u << SIM_IMAGE_BAD;
}

/* @return false: not now, or it failed */
static bool update(struct sim_world *world, enum sim_image_id id, bool permanent)
{
    struct sim_told told;

    if (!sim_client_told(world, &told) || (who(world)->polite && told.swap != OB_SWAP_NONE)) {
        return false;
    }
    if (!who(world)->looks_first || !is_there(world, id)) {
        return upload(world, id, &told) && ask(world, 1u << id | what_is_there(world), permanent);
    }
    /* The hash is there; whether the rest is, nobody looked. */
    world->watch.damaged |=
        !sim_world_holds(world, SIM_EXTERNAL, slot_of(world)->start + base_of(world), &world->image[0][id]);
    return ask(world, 1u << id | what_is_there(world), permanent);
}

/* @return false: it failed */
static bool confirm(struct sim_world *world)
{
    struct sim_beliefs *beliefs = &world->watch.beliefs;
    struct sim_told told;

    if (!sim_client_told(world, &told)) {
        return false;
    }
    sim_beliefs_confirm(beliefs, SIM_TORN);
    enum sim_answer answer = sim_client_confirm(world);
    if (answer == SIM_ANSWER_BAD && !excused(world) && told.steady) {
        sim_world_fail(world, "the confirmation fails: the primary's magic is bad");
    }
    if (answer == SIM_ANSWER_DONE && !excused(world) && told.steady) {
        sim_beliefs_confirm(beliefs, SIM_YES);
    }
    return answer == SIM_ANSWER_DONE || answer == SIM_ANSWER_NOTHING;
}

/* ---- the script ---- */

/* An image, asked for; and what it does when it runs. */
struct act {
    enum sim_image_id image;
    bool permanent, confirmed;
};

static const struct act acts[] = {
    {SIM_IMAGE_B, false, true},   /* an update */
    {SIM_IMAGE_B, false, true},   /* the same, which runs */
    {SIM_IMAGE_BAD, false, true}, /* one that is refused */
    {SIM_IMAGE_C, false, false},  /* one that goes back */
    {SIM_IMAGE_C, true, true},    /* and is sent again, for good */
};

/* After the start that should have brought it. @return true: come again after the next start */
static bool look_at(struct sim_world *world, const struct act *act)
{
    struct sim_told told;

    if (!sim_client_told(world, &told)) {
        return true;
    }
    bool runs = sim_world_runs(world, act->image);
    if (!runs && world->watch.worn && world->rules.valid[act->image] && told.steady) {
        sim_judge_told_why(world);
    }
    if (!runs || act->permanent) {
        return false;
    }
    if (!world->rules.revertible && told.confirmed && told.steady && !excused(world) && world->events == 0) {
        sim_world_fail(world, "an application that was to be tested is told that it is confirmed");
    }
    if (act->confirmed) {
        return !told.confirmed && !confirm(world);
    }
    return told.swap == OB_SWAP_REVERT;
}

bool sim_updater_app(struct sim_world *world)
{
    struct sim_watch *watch = &world->watch;
    unsigned step = watch->script / 2;

    if (step >= OB_ARRAY_SIZE(acts)) {
        return false;
    }
    if (watch->script % 2 == 0) {
        watch->script += update(world, acts[step].image, acts[step].permanent);
    } else {
        watch->script += !look_at(world, &acts[step]);
    }
    return true;
}

/* ---- acts in any order ---- */

#define MIXED_ACTS 9u

/* @return true: done; else the same again after the next start */
static bool act_at_random(struct sim_world *world)
{
    static const enum sim_image_id images[] = {SIM_IMAGE_A, SIM_IMAGE_B, SIM_IMAGE_C, SIM_IMAGE_BAD, SIM_IMAGE_OLD};
    enum sim_image_id image = images[dice(world, 2) % OB_ARRAY_SIZE(images)];
    bool permanent = dice(world, 3) % 4 == 0;
    struct sim_told told;

    if (!sim_client_told(world, &told)) {
        return false;
    }
    uint32_t room = slot_of(world)->size - ob_trailer_size(world->layout.align) - base_of(world);
    uint32_t act = dice(world, 4) % 6;
    if (act <= 2 && world->image[0][image].size > room) {
        return true; /* nobody sends what does not fit below the trailer */
    }
    switch (act) {
    case 0:
    case 1:
        return (who(world)->polite && told.swap != OB_SWAP_NONE) || update(world, image, permanent);
    case 2:
        return (who(world)->polite && told.swap != OB_SWAP_NONE) || upload(world, image, &told);
    case 3:
        return ask(world, what_is_there(world), permanent);
    case 4:
        return confirm(world);
    default:
        return true;
    }
}

bool sim_updater_mixed_app(struct sim_world *world)
{
    struct sim_watch *watch = &world->watch;

    if (watch->script < MIXED_ACTS) {
        watch->script += act_at_random(world);
        return true;
    }
    if (watch->script == MIXED_ACTS) { /* whatever was done before: a good update installs */
        watch->script += update(world, SIM_IMAGE_C, true);
        return true;
    }
    return false;
}
