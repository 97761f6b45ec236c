/* SPDX-License-Identifier: Apache-2.0 */
#include "search.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <outboard/util.h>

#include "forger.h"
#include "rng.h"
#include "updaters.h"

#define PROGRESS_RUNS 2048u
#define RANDOM_DEPTH 3u
#define MOMENTS_MAX 8192u /* of a stage; in longer ones, cuts behind that take longer */

/* States met, with the number of events that were still to come. Open addressing; key 0 is free. */
struct seen {
    uint64_t *key;
    uint8_t *depth;
    uint64_t size; /* a power of two */
    uint64_t count;
};

struct search {
    struct sim_world *world;
    const struct sim_search_options *options;
    struct sim_search_result *result;
    sim_search_progress *progress;
    void *ctx;
    struct sim_history history;
    struct seen seen;
    uint64_t first_events; /* counted at the top, for shards */
    uint64_t offset;       /* so that cases with few of them do not all fall to the first shards */
    uint64_t total;        /* of them, as far as known */
    uint64_t next_report;
};

double sim_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void seen_init(struct seen *seen, uint64_t size)
{
    *seen = (struct seen){.key = calloc(size, sizeof(*seen->key)), .depth = calloc(size, 1), .size = size};
    if (seen->key == NULL || seen->depth == NULL) {
        abort();
    }
}

static void seen_free(struct seen *seen)
{
    free(seen->key);
    free(seen->depth);
}

static uint64_t seen_slot(const struct seen *seen, uint64_t key)
{
    uint64_t slot = key & (seen->size - 1);

    while (seen->key[slot] != 0 && seen->key[slot] != key) {
        slot = (slot + 1) & (seen->size - 1);
    }
    return slot;
}

static void seen_grow(struct seen *seen)
{
    struct seen larger;

    seen_init(&larger, seen->size * 2);
    for (uint64_t i = 0; i < seen->size; i++) {
        if (seen->key[i] != 0) {
            uint64_t slot = seen_slot(&larger, seen->key[i]);
            larger.key[slot] = seen->key[i];
            larger.depth[slot] = seen->depth[i];
        }
    }
    larger.count = seen->count;
    seen_free(seen);
    *seen = larger;
}

/* @return false: this was explored before, with as many events to come */
static bool seen_add(struct seen *seen, uint64_t key, unsigned depth)
{
    key = key == 0 ? 1 : key;
    if (seen->count * 2 >= seen->size) {
        seen_grow(seen);
    }
    uint64_t slot = seen_slot(seen, key);
    if (seen->key[slot] == key && seen->depth[slot] >= depth + 1) {
        return false;
    }
    seen->count += seen->key[slot] != key;
    seen->key[slot] = key;
    seen->depth[slot] = (uint8_t)(depth + 1);
    return true;
}

static void report_failure(struct search *search)
{
    struct sim_search_result *result = search->result;
    char id[SIM_ID_SIZE];

    sim_id_print(&search->world->config, &search->history, id);
    if (result->failures++ == 0) {
        memcpy(result->first_failure, id, sizeof(result->first_failure));
        memcpy(result->first_reason, search->world->failure, sizeof(result->first_reason));
    }
    if (search->options->on_failure != NULL) {
        search->options->on_failure(id, search->world->failure);
    }
    search->world->failure[0] = '\0';
}

static bool over(struct search *search)
{
    struct sim_search_result *result = search->result;
    const struct sim_search_options *options = search->options;

    if (result->runs >= search->next_report) {
        search->next_report = result->runs + PROGRESS_RUNS;
        result->out_of_time |= options->deadline != 0 && sim_now() > options->deadline;
        result->out_of_time |= options->stop != NULL && *options->stop != 0;
        if (search->progress != NULL) {
            search->progress(search->ctx, result, search->first_events, search->total);
        }
    }
    return result->out_of_time || result->failures >= options->failures;
}

/* The events of the history that happen in the current stage begin at `first`. */
static bool step(struct search *search, uint32_t first)
{
    search->result->runs++;
    bool good = sim_world_step(search->world, &search->history.event[first], search->history.count - first);
    if (!good) {
        report_failure(search);
    }
    return good;
}

/* What a stage was like before each of its operations, when it was lived through without an event. */
struct moments {
    struct sim_world *world;
    struct sim_moment *at;
    uint32_t count;
    uint32_t room;
};

/* One stage that is being searched. */
struct stage {
    const struct sim_world_state *before;
    uint32_t first;                /* event of the history that happens in it */
    unsigned depth;                /* events still to come */
    const struct moments *moments; /* NULL: none were kept */
};

static void keep_moment(void *ctx, const struct sim_operation *operation)
{
    struct moments *moments = ctx;

    if (moments->count == MOMENTS_MAX) {
        return;
    }
    if (moments->count == moments->room) {
        uint32_t room = moments->room * 2 + 16;
        moments->at = realloc(moments->at, room * sizeof(*moments->at));
        if (moments->at == NULL) {
            abort();
        }
        memset(moments->at + moments->room, 0, (room - moments->room) * sizeof(*moments->at));
        moments->room = room;
    }
    sim_world_keep(moments->world, operation, &moments->at[moments->count++]);
}

static void free_moments(struct moments *moments)
{
    for (uint32_t i = 0; i < moments->room; i++) {
        sim_world_state_free(moments->world, &moments->at[i].state);
    }
    free(moments->at);
}

/* The moment of a cut, if the stage leads there whatever the event is; else NULL. */
static const struct sim_moment *find_moment(const struct stage *stage, const struct sim_event *event)
{
    uint32_t index = event->at - stage->before->machine.op - 1;
    bool cut = event->kind == SIM_EVENT_CUT && sim_tear_cuts(&event->tear);

    if (!cut || stage->moments == NULL || index >= stage->moments->count) {
        return NULL;
    }
    const struct sim_moment *moment = &stage->moments->at[index];
    bool certain = moment->state.machine.rng == stage->before->machine.rng;
    return certain ? moment : NULL;
}

static void explore(struct search *search, unsigned depth);
static void disturb(struct search *search, const struct stage *stage, uint32_t from, uint32_t to);

/* Live through the stage with one event more. */
static bool disturbed_step(struct search *search, const struct stage *stage, const struct sim_event *event)
{
    const struct sim_moment *moment = find_moment(stage, event);

    if (moment == NULL) {
        sim_world_restore(search->world, stage->before);
        return step(search, stage->first);
    }
    search->result->runs++;
    bool good = sim_world_cut(search->world, stage->before, moment, event);
    if (!good) {
        report_failure(search);
    }
    return good;
}

/* Live through the stage with one event more, and through all that may follow.
 * @return true: it is a cut, and fell while both chips were at work */
static bool try_event(struct search *search, const struct stage *stage, const struct sim_event *event)
{
    struct sim_history *history = &search->history;
    struct sim_world *world = search->world;

    if (over(search)) {
        return false;
    }
    history->event[history->count++] = *event;
    search->result->cuts++;
    world->machine.two_at_once = false;
    bool good = disturbed_step(search, stage, event);
    bool both = world->machine.two_at_once;
    if (good) {
        bool goes_on = event->kind != SIM_EVENT_CUT || !sim_tear_cuts(&event->tear);
        if (goes_on && stage->depth > 1) {
            struct stage rest = {.before = stage->before, .first = stage->first, .depth = stage->depth - 1};
            struct sim_world_state after = {0};
            sim_world_save(world, &after);
            uint32_t begin = event->kind == SIM_EVENT_CUT ? event->at : stage->before->machine.op;
            disturb(search, &rest, begin, world->machine.op);
            sim_world_restore(world, &after);
            sim_world_state_free(world, &after);
        }
        explore(search, stage->depth - 1);
    }
    history->count--;
    return both;
}

/* What a cut leaves of the operation that the other chip is at work on: all ways, but one of those that are alike. */
static const struct sim_tear besides[] = {
    {SIM_TEAR_BITS, 0},       {SIM_TEAR_METASTABLE, 0}, {SIM_TEAR_METASTABLE, 1},
    {SIM_TEAR_METASTABLE, 2}, {SIM_TEAR_METASTABLE, 3}, {SIM_TEAR_ENDED, 0},
};

static void try_besides(struct search *search, const struct stage *stage, struct sim_event event, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        event.beside = besides[i];
        try_event(search, stage, &event);
    }
}

static void try_tears(struct search *search, const struct stage *stage, uint32_t op)
{
    bool both = false;

    for (unsigned kind = 0; kind < SIM_TEAR_KINDS; kind++) {
        if ((search->options->tears >> kind & 1) == 0) {
            continue;
        }
        for (unsigned variant = 0; variant < sim_tear_variants((enum sim_tear_kind)kind); variant++) {
            struct sim_event event = {.kind = SIM_EVENT_CUT, .at = op, .tear = {(uint8_t)kind, (uint8_t)variant}};
            if (try_event(search, stage, &event)) {
                both = true;
                try_besides(search, stage, event, OB_ARRAY_SIZE(besides));
            }
        }
    }
    if (both) { /* this one is complete, and the power fails in the other one */
        struct sim_event event = {.kind = SIM_EVENT_CUT, .at = op, .tear = {SIM_TEAR_ENDED, 0}};
        try_besides(search, stage, event, OB_ARRAY_SIZE(besides) - 1);
    }
}

static uint64_t gcd(uint64_t a, uint64_t b)
{
    return b == 0 ? a : gcd(b, a % b);
}

/* A step that visits 0 ... count-1 in an order that covers the range evenly, should time run out. */
static uint32_t even_stride(uint32_t count)
{
    uint32_t stride = (uint32_t)(count * 0.618) + 1;

    while (gcd(stride, count) != 1) {
        stride++;
    }
    return stride;
}

/* Of the first events only those of this shard. */
static bool mine(struct search *search, const struct stage *stage)
{
    return stage->depth < search->options->depth ||
           (search->first_events++ + search->offset) % search->options->shards == search->options->shard;
}

/* Cut in each of the operations (from, to] of the stage. */
static void disturb(struct search *search, const struct stage *stage, uint32_t from, uint32_t to)
{
    uint32_t count = to - from;
    uint32_t stride = count > 0 ? even_stride(count) : 0;

    for (uint64_t i = 0; i < count; i++) {
        uint32_t op = from + 1 + (uint32_t)(i * stride % count);
        if (mine(search, stage)) {
            try_tears(search, stage, op);
        }
    }
}

static void disturb_with_faults(struct search *search, const struct stage *stage, uint32_t from, uint32_t to)
{
    for (uint32_t access = from + 1; access <= to; access++) {
        if (!mine(search, stage)) {
            continue;
        }
        for (uint8_t kind = SIM_FAULT_ONCE; kind <= SIM_FAULT_WRONG; kind++) {
            struct sim_event event = {.kind = kind, .at = access, .tear = {.variant = (uint8_t)(access % 3)}};
            event.tear.kind = SIM_TEAR_PREFIX; /* three variants: three errors */
            try_event(search, stage, &event);
        }
    }
}

/* Before a start, everything that somebody may write to the external chip. */
static void forge(struct search *search, const struct stage *stage)
{
    struct sim_history *history = &search->history;
    struct sim_world *world = search->world;
    uint32_t count = sim_forgeries(world);

    for (uint32_t i = 0; i < count && !over(search); i++) {
        if (!mine(search, stage)) {
            continue;
        }
        struct sim_event event = {.kind = SIM_EVENT_FORGED, .at = (world->starts + 1) * SIM_FORGERIES + i};
        sim_world_restore(world, stage->before);
        event.at = (world->starts + 1) * SIM_FORGERIES + i;
        history->event[history->count++] = event;
        search->result->cuts++;
        sim_forge(world, &event);
        explore(search, stage->depth - 1);
        history->count--;
    }
}

#define CHAIN 64u /* stages without an event; sim_world_step() ends longer ones as restless */

/* The stages since the last event. One that comes again without an event, and without a throw of dice, comes for ever.
 */
struct chain {
    struct {
        uint64_t hash, dice;
    } stage[CHAIN];
    uint32_t count;
};

static bool goes_round(struct search *search, struct chain *chain, uint64_t hash)
{
    const uint64_t dice = search->world->machine.rng;

    for (uint32_t i = 0; i < chain->count; i++) {
        if (chain->stage[i].hash == hash && chain->stage[i].dice == dice) {
            sim_world_fail(search->world, "it does the same again at every start");
            report_failure(search);
            return true;
        }
    }
    chain->stage[chain->count].hash = hash;
    chain->stage[chain->count].dice = dice;
    chain->count += chain->count < CHAIN - 1;
    return false;
}

/* From the stage that comes next to the end of the history; along the way, every event in every stage. */
static void explore(struct search *search, unsigned depth)
{
    struct sim_world *world = search->world;
    struct sim_world_state before = {0};
    struct sim_world_state after = {0};
    struct moments moments = {.world = world};
    struct chain chain = {.count = 0};
    bool keep = depth > 0 && !(search->options->faults && depth == 1);

    while (!world->watch.finished && !over(search)) {
        uint64_t hash = sim_world_hash(world);
        if (goes_round(search, &chain, hash) || !seen_add(&search->seen, hash, depth)) {
            break;
        }
        struct stage stage = {
            .before = &before, .first = search->history.count, .depth = depth, .moments = keep ? &moments : NULL};
        search->result->states = search->seen.count;
        sim_world_save(world, &before);
        moments.count = 0;
        world->machine.observe = keep ? keep_moment : NULL;
        world->machine.observe_ctx = &moments;
        bool good = step(search, search->history.count);
        world->machine.observe = NULL;
        if (!good) {
            break;
        }
        if (depth == 0) {
            continue;
        }
        sim_world_save(world, &after);
        bool forgeable = before.watch.stage == SIM_STAGE_BOOT && before.watch.face == 0; /* a face comes last */
        if (search->options->hostile && forgeable) {
            forge(search, &stage);
        }
        if (search->options->faults && depth == 1) {
            disturb_with_faults(search, &stage, before.machine.access, after.machine.access);
        } else {
            disturb(search, &stage, before.machine.op, after.machine.op);
        }
        sim_world_restore(world, &after);
    }
    free_moments(&moments);
    sim_world_state_free(world, &before);
    sim_world_state_free(world, &after);
}

/*
 * Each worn cell in turn, alone or with what the other events do. First the same without a worn cell: cells that
 * nothing programs there make no difference.
 */
static void explore_worn(struct search *search)
{
    struct sim_world *world = search->world;
    struct sim_world_state factory = {0};
    uint32_t cells = sim_world_cells(world);
    uint32_t stride = search->options->stride;

    sim_world_save(world, &factory);
    sim_world_note_touched(world);
    explore(search, search->options->depth - 1);
    search->total = 2 * (uint64_t)ob_div_up(cells, stride);
    search->first_events = 0;
    for (uint64_t i = 0; i < search->total && !over(search); i++) {
        uint32_t cell = (uint32_t)(i / 2) * stride;
        bool mine = (search->first_events++ + search->offset) % search->options->shards == search->options->shard;
        if (!mine || !sim_world_was_touched(world, cell)) {
            continue;
        }
        sim_world_restore(world, &factory);
        search->history.event[0] = (struct sim_event){
            .kind = SIM_EVENT_WORN, .at = cell, .tear = {.kind = SIM_TEAR_PREFIX, .variant = (uint8_t)(i % 2)}};
        search->history.count = 1;
        search->result->cuts++;
        sim_world_wear_out(world, &search->history.event[0]);
        explore(search, search->options->depth - 1);
    }
    sim_world_restore(world, &factory);
    sim_world_state_free(world, &factory);
}

/* How many first events there are: those of a history without any. */
static uint64_t count_first_events(struct search *search)
{
    struct sim_world *world = search->world;
    struct sim_world_state factory = {0};
    uint64_t count = 0;

    sim_world_save(world, &factory);
    while (!world->watch.finished && sim_world_step(world, NULL, 0)) {
    }
    count = search->options->faults && search->options->depth == 1 ? world->machine.access : world->machine.op;
    world->failure[0] = '\0'; /* it will be met again */
    sim_world_restore(world, &factory);
    sim_world_state_free(world, &factory);
    return count;
}

static struct sim_tear random_tear(const struct search *search, uint64_t *rng)
{
    struct sim_tear tear;

    do {
        tear.kind = (uint8_t)sim_rng_below(rng, SIM_TEAR_KINDS);
    } while ((search->options->tears >> tear.kind & 1) == 0);
    tear.variant = (uint8_t)sim_rng_below(rng, sim_tear_variants((enum sim_tear_kind)tear.kind));
    return tear;
}

/* A stage with a random event in it, or without. */
static bool random_stage(struct search *search, uint64_t *rng, struct sim_world_state *before)
{
    struct sim_world *world = search->world;
    struct sim_history *history = &search->history;
    uint32_t first = history->count;

    sim_world_save(world, before);
    if (!step(search, first)) {
        return false;
    }
    uint32_t ops = world->machine.op - before->machine.op;
    if (ops == 0 || history->count == search->options->depth || sim_rng_below(rng, 2) == 0) {
        return true;
    }
    history->event[history->count++] = (struct sim_event){
        .kind = SIM_EVENT_CUT,
        .at = before->machine.op + 1 + sim_rng_below(rng, ops),
        .tear = random_tear(search, rng),
    };
    search->result->cuts++;
    sim_world_restore(world, before);
    return step(search, first);
}

static void explore_at_random(struct search *search)
{
    const struct sim_search_options *options = search->options;
    struct sim_world *world = search->world;
    struct sim_world_state factory = {0};
    struct sim_world_state before = {0};

    sim_world_save(world, &factory);
    const struct sim_updater *updater = world->config.scenario->updater;
    const bool mixed = updater != NULL && updater->mixed;
    const uint64_t seed = world->config.seed;
    search->total = options->histories;
    for (uint64_t i = options->shard; i < options->histories && !over(search); i += options->shards) {
        uint64_t rng = sim_mix(seed, i);
        search->first_events = i;
        search->history.count = 0;
        sim_world_restore(world, &factory);
        if (mixed) {
            sim_world_reseed(world, seed + i); /* a sequence of acts each */
        }
        while (!world->watch.finished && random_stage(search, &rng, &before)) {
            search->result->states += seen_add(&search->seen, sim_world_hash(world), 0);
        }
    }
    sim_world_reseed(world, seed);
    sim_world_state_free(world, &factory);
    sim_world_state_free(world, &before);
}

bool sim_search(struct sim_world *world, const struct sim_search_options *options, sim_search_progress *progress,
                void *ctx, struct sim_search_result *result)
{
    struct search search = {
        .world = world,
        .options = options,
        .result = result,
        .progress = progress,
        .ctx = ctx,
    };
    char id[SIM_ID_SIZE];

    *result = (struct sim_search_result){0};
    sim_id_print(&world->config, &search.history, id);
    search.offset = sim_hash(0, id, (uint32_t)strlen(id)) % options->shards;
    seen_init(&search.seen, 1u << 16);
    if (options->worn) {
        explore_worn(&search);
    } else if (options->depth >= RANDOM_DEPTH) {
        explore_at_random(&search);
    } else {
        search.total = count_first_events(&search);
        explore(&search, options->depth);
    }
    seen_free(&search.seen);
    return result->failures == 0;
}
