/* SPDX-License-Identifier: Apache-2.0 */
#include "history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <outboard/util.h>

#include "forger.h"
#include "scenario.h"

static const char event_letters[SIM_EVENT_KINDS + 1] = "-cfwdxkh";

static const struct {
    enum ob_mode_id id;
    const char *name;
} modes[] = {{OB_MODE_SLIDE, "slide"}, {OB_MODE_OVERWRITE, "overwrite"}, {OB_MODE_DUAL, "dual"}};

const char *sim_mode_name(enum ob_mode_id mode)
{
    for (unsigned i = 0; i < OB_ARRAY_SIZE(modes); i++) {
        if (modes[i].id == mode) {
            return modes[i].name;
        }
    }
    return NULL;
}

bool sim_mode_find(const char *name, enum ob_mode_id *mode)
{
    for (unsigned i = 0; i < OB_ARRAY_SIZE(modes); i++) {
        if (strcmp(modes[i].name, name) == 0) {
            *mode = modes[i].id;
            return true;
        }
    }
    return false;
}

bool sim_set_find(const char *name, enum sim_set *set)
{
    for (unsigned i = 0; i < SIM_SETS; i++) {
        if (strcmp(sim_set_name((enum sim_set)i), name) == 0) {
            *set = (enum sim_set)i;
            return true;
        }
    }
    return false;
}

static void print_events(const struct sim_history *history, char *text, size_t size)
{
    size_t at = 0;

    snprintf(text, size, "-");
    for (uint32_t i = 0; i < history->count && at < size; i++) {
        const struct sim_event *event = &history->event[i];
        int len = snprintf(text + at, size - at, "%s%c%u%c%u", i == 0 ? "" : "+", event_letters[event->kind], event->at,
                           sim_tear_letter((enum sim_tear_kind)event->tear.kind), event->tear.variant);
        at += (size_t)len;
        if (event->beside.kind != SIM_TEAR_NONE && at < size) {
            len = snprintf(text + at, size - at, ":%c%u", sim_tear_letter((enum sim_tear_kind)event->beside.kind),
                           event->beside.variant);
            at += (size_t)len;
        }
    }
}

void sim_id_print(const struct sim_case *config, const struct sim_history *history, char id[SIM_ID_SIZE])
{
    char internal[48];
    char external[48];
    char events[96];
    char images[16] = "";

    if (config->updateable > 1) {
        snprintf(images, sizeof(images), ".%u%s%s", config->updateable, config->handover ? "h" : "",
                 config->encrypted ? "e" : "");
    } else if (config->encrypted) {
        snprintf(images, sizeof(images), ".e");
    }
    sim_geometry_print(&config->internal, internal, sizeof(internal));
    sim_geometry_print(&config->external, external, sizeof(external));
    print_events(history, events, sizeof(events));
    snprintf(id, SIM_ID_SIZE, "%.9s%s/%s/%s/%.15s/%.6s/%llu/%s", sim_mode_name(config->mode), images, internal,
             external, config->scenario->name, sim_set_name(config->set), (unsigned long long)config->seed, events);
}

static const char *parse_event(const char *text, struct sim_event *event, const char **end)
{
    char kind;
    char tear;
    unsigned variant;
    int len = 0;
    enum sim_tear_kind tear_kind;

    if (sscanf(text, "%c%u%c%u%n", &kind, &event->at, &tear, &variant, &len) != 4) {
        return "has an event that is not LETTER NUMBER LETTER NUMBER";
    }
    const char *found = kind == '-' ? NULL : strchr(event_letters, kind);
    if (found == NULL || kind == '\0' || !sim_tear_from_letter(tear, &tear_kind) ||
        variant >= sim_tear_variants(tear_kind)) {
        return "has an event of an unknown kind";
    }
    event->kind = (uint8_t)(found - event_letters);
    event->tear = (struct sim_tear){.kind = (uint8_t)tear_kind, .variant = (uint8_t)variant};
    text += len;
    event->beside = (struct sim_tear){.kind = SIM_TEAR_NONE};
    if (*text == ':') {
        if (sscanf(text, ":%c%u%n", &tear, &variant, &len) != 2 || !sim_tear_from_letter(tear, &tear_kind) ||
            variant >= sim_tear_variants(tear_kind)) {
            return "has a second tear that is not :LETTER NUMBER";
        }
        event->beside = (struct sim_tear){.kind = (uint8_t)tear_kind, .variant = (uint8_t)variant};
        text += len;
    }
    *end = text;
    return NULL;
}

static const char *parse_events(const char *text, struct sim_history *history)
{
    *history = (struct sim_history){0};
    if (strcmp(text, "-") == 0) {
        return NULL;
    }
    for (;;) {
        if (history->count == SIM_EVENTS_MAX) {
            return "has too many events";
        }
        const char *wrong = parse_event(text, &history->event[history->count], &text);
        if (wrong != NULL) {
            return wrong;
        }
        history->count++;
        if (*text == '\0') {
            return NULL;
        }
        if (*text++ != '+') {
            return "has events that are not joined by +";
        }
    }
}

/* `slide`, or `slide.2` for two images in one transaction, `slide.2h` if the last of them is handed over; an e
 * behind it if images are encrypted. */
static bool parse_mode(char *field, struct sim_case *config)
{
    char *number = strchr(field, '.');

    config->updateable = 1;
    config->handover = false;
    config->encrypted = false;
    if (number != NULL) {
        *number++ = '\0';
        bool single = *number == 'e';
        config->updateable = single ? 1 : (uint32_t)strtoul(number, &number, 10);
        config->handover = *number == 'h';
        number += config->handover;
        config->encrypted = *number == 'e';
        number += config->encrypted;
        if (*number != '\0' || config->updateable < (single ? 1 : 2) || config->updateable > SIM_UPDATEABLE_MAX) {
            return false;
        }
    }
    return sim_mode_find(field, &config->mode);
}

static const char *parse_fields(char *field[7], struct sim_case *config, struct sim_history *history)
{
    const char *wrong = NULL;

    if (!parse_mode(field[0], config)) {
        return "begins with an unknown mode";
    }
    wrong = sim_geometry_parse(field[1], true, &config->internal);
    if (wrong == NULL) {
        wrong = sim_geometry_parse(field[2], false, &config->external);
    }
    if (wrong != NULL) {
        return wrong;
    }
    config->scenario = sim_scenario_find(field[3]);
    if (config->scenario == NULL) {
        return "names an unknown scenario";
    }
    if (!sim_set_find(field[4], &config->set)) {
        return "names an unknown set of images";
    }
    config->seed = strtoull(field[5], NULL, 10);
    return parse_events(field[6], history);
}

const char *sim_id_parse(const char *id, struct sim_case *config, struct sim_history *history)
{
    char copy[SIM_ID_SIZE];
    char *field[7];
    char *rest = copy;

    if (strlen(id) >= sizeof(copy)) {
        return "is too long";
    }
    strcpy(copy, id);
    for (unsigned i = 0; i < OB_ARRAY_SIZE(field); i++) {
        field[i] = strsep(&rest, "/");
        if (field[i] == NULL) {
            return "does not have seven fields";
        }
    }
    return rest != NULL ? "has more than seven fields" : parse_fields(field, config, history);
}

static bool happened(const struct sim_world *world, const struct sim_event *event)
{
    if (event->kind == SIM_EVENT_FORGED) {
        return false; /* between stages */
    }
    return event->at <= (event->kind == SIM_EVENT_CUT ? world->machine.op : world->machine.access);
}

/* How many of the events from the first on happen in the stage that comes next. Leaves the world as it was. */
static uint32_t events_of_stage(struct sim_world *world, const struct sim_world_state *before,
                                const struct sim_event *event, uint32_t left)
{
    for (uint32_t count = 0;; count++) {
        sim_world_step(world, event, count);
        world->failure[0] = '\0';
        bool more = count < left && happened(world, &event[count]);
        sim_world_restore(world, before);
        if (!more) {
            return count;
        }
    }
}

bool sim_replay(struct sim_world *world, const struct sim_history *history, sim_replay_stage *on_stage, void *ctx,
                uint32_t *came)
{
    struct sim_world_state before = {0};
    uint32_t next = 0;
    bool good = world->failure[0] == '\0';

    for (; next < history->count && history->event[next].kind == SIM_EVENT_WORN; next++) {
        sim_world_wear_out(world, &history->event[next]);
    }
    while (good && !world->watch.finished) {
        while (next < history->count && sim_forge_if_due(world, &history->event[next])) {
            next++;
        }
        void (*trace)(void *, const struct sim_trace *) = world->machine.trace;
        void (*log)(void *, const char *) = world->log;
        world->machine.trace = NULL;
        world->log = NULL;
        sim_world_save(world, &before);
        uint32_t count = events_of_stage(world, &before, &history->event[next], history->count - next);
        world->machine.trace = trace;
        world->log = log;
        if (on_stage != NULL) {
            on_stage(ctx, world, false);
        }
        good = sim_world_step(world, &history->event[next], count);
        next += count;
        if (on_stage != NULL) {
            on_stage(ctx, world, true);
        }
    }
    sim_world_state_free(world, &before);
    *came = next;
    return good;
}
