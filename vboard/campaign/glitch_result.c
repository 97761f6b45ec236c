/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "cmd_glitch.h"

#include <stdio.h>
#include <stdlib.h>

#include <common/json.h>

#include <outboard/util.h>

#include "lines.h"

/* What came of it: ends, and where a fault let something through. */

#define PLACES_SHOWN 20u

static const char *const end_names[VB_GLITCH_ENDS] = {
    [VB_GLITCH_HALTED] = "halted", [VB_GLITCH_STARTED] = "started", [VB_GLITCH_REFUSED] = "refused",
    [VB_GLITCH_FAULT] = "fault",   [VB_GLITCH_HANG] = "hang",       [VB_GLITCH_BYPASS] = "bypass",
};

const char *vb_glitch_end_name(enum vb_glitch_end end)
{
    return end_names[end];
}

static void print_place(const struct vb_glitch_place *place, char *text, size_t size)
{
    char fault[VB_FAULT_TEXT];

    vb_fault_print(&place->fault, fault);
    snprintf(text, size, "%c%llu:%s", place->inner ? 'x' : 'g', (unsigned long long)place->step, fault);
}

static int by_address(const void *a, const void *b)
{
    const struct vb_glitch_place *left = &((const struct vb_glitch_bypasses *)a)->first.place;
    const struct vb_glitch_place *right = &((const struct vb_glitch_bypasses *)b)->first.place;

    return left->fault.address != right->fault.address ? (left->fault.address < right->fault.address ? -1 : 1)
                                                       : left->fault.model - right->fault.model;
}

static cJSON *json_of_place(const struct vb_glitch_campaign *campaign, const struct vb_glitch_bypasses *place)
{
    cJSON *json = cJSON_CreateObject();
    char text[256];

    print_place(&place->first.place, text, sizeof(text));
    cJSON_AddStringToObject(json, "word", text);
    cJSON_AddStringToObject(json, "model", vb_fault_model_name(place->first.place.fault.model));
    vb_target_place(&campaign->board.target, place->first.place.fault.address, text, sizeof(text));
    cJSON_AddStringToObject(json, "at", text);
    vb_line_of(campaign->board.target.build, place->first.place.fault.address, text, sizeof(text));
    cJSON_AddStringToObject(json, "line", text);
    cJSON_AddNumberToObject(json, "bypasses", (double)place->count);
    cJSON_AddBoolToObject(json, "wild", place->first.wild);
    cJSON_AddBoolToObject(json, "in_a_later_start", place->first.later);
    return json;
}

static void add_ends(cJSON *json, const struct vb_glitch_counts *counts)
{
    cJSON *ends = cJSON_AddObjectToObject(json, "ends");
    cJSON *models = cJSON_AddObjectToObject(json, "models");

    for (unsigned i = 0; i < VB_GLITCH_ENDS; i++) {
        cJSON_AddNumberToObject(ends, end_names[i], (double)counts->ends[i]);
    }
    for (unsigned i = 0; i < VB_FAULT_MODELS; i++) {
        cJSON_AddNumberToObject(models, vb_fault_model_name(i), (double)counts->models[i]);
    }
}

static void print_json(const struct vb_glitch_campaign *campaign, double seconds)
{
    const struct vb_glitch_counts *counts = &campaign->counts;
    cJSON *json = cJSON_CreateObject();

    cJSON_AddNumberToObject(json, "trials", (double)counts->trials);
    cJSON_AddNumberToObject(json, "bypasses", (double)counts->ends[VB_GLITCH_BYPASS]);
    cJSON *places = cJSON_AddArrayToObject(json, "places");
    for (unsigned i = 0; i < campaign->place_count; i++) {
        cJSON_AddItemToArray(places, json_of_place(campaign, &campaign->places[i]));
    }
    add_ends(json, counts);
    cJSON_AddNumberToObject(json, "instructions", (double)campaign->steps);
    cJSON_AddNumberToObject(json, "executions", (double)counts->executions);
    cJSON_AddNumberToObject(json, "inside_cryptography", (double)counts->inner);
    cJSON_AddNumberToObject(json, "ended_early", (double)counts->seen);
    cJSON_AddNumberToObject(json, "compared", (double)counts->compared);
    cJSON_AddNumberToObject(json, "ended_otherwise", (double)counts->otherwise);
    cJSON_AddNumberToObject(json, "null_faults", (double)counts->nulls);
    cJSON_AddNumberToObject(json, "pairs", (double)counts->pairs);
    cJSON_AddNumberToObject(json, "pair_bypasses", (double)counts->pair_bypasses);
    cJSON_AddNumberToObject(json, "seconds", seconds);
    ob_json_print(stdout, json);
}

static void print_places(const struct vb_glitch_campaign *campaign)
{
    for (unsigned i = 0; i < OB_MIN(campaign->place_count, PLACES_SHOWN); i++) {
        const struct vb_glitch_bypasses *place = &campaign->places[i];
        char word[VB_FAULT_TEXT + 24];
        char at[100];
        char line[256];
        print_place(&place->first.place, word, sizeof(word));
        vb_target_place(&campaign->board.target, place->first.place.fault.address, at, sizeof(at));
        vb_line_of(campaign->board.target.build, place->first.place.fault.address, line, sizeof(line));
        printf("  %5llu  %s  %s, %s%s\n", (unsigned long long)place->count, word, at, line,
               place->first.wild ? ", a wild jump" : "");
    }
    if (campaign->place_count > PLACES_SHOWN) {
        printf("  ... and %u places more: --json has them\n", campaign->place_count - PLACES_SHOWN);
    }
}

static void print_text(const struct vb_glitch_campaign *campaign, double seconds)
{
    const struct vb_glitch_counts *counts = &campaign->counts;

    printf("%llu trials in a start of %llu instructions: all of %llu executions, %llu inside the cryptography; "
           "%.0f s, %.0f a second\n",
           (unsigned long long)counts->trials, (unsigned long long)campaign->steps,
           (unsigned long long)counts->executions, (unsigned long long)counts->inner, seconds,
           (double)counts->trials / seconds);
    for (unsigned i = 0; i < VB_GLITCH_ENDS; i++) {
        printf("%s%s %llu", i == 0 ? "" : ", ", end_names[i], (unsigned long long)counts->ends[i]);
    }
    printf("\n%llu ended early, in a state that was known; %llu of those were run to the end all the same; %llu trials "
           "without a fault ended as the start itself\n",
           (unsigned long long)counts->seen, (unsigned long long)counts->compared, (unsigned long long)counts->nulls);
    if (counts->pairs > 0) {
        printf("%llu trials with two faults, %llu bypasses\n", (unsigned long long)counts->pairs,
               (unsigned long long)counts->pair_bypasses);
    }
    print_places(campaign);
    if (campaign->place_count > 0) {
        const struct vb_campaign *board = &campaign->board;
        const char *path = campaign->goal == VB_GOAL_DOWNGRADE ? board->old.path : board->network_update.path;
        char word[VB_FAULT_TEXT + 24];
        print_place(&campaign->places[0].first.place, word, sizeof(word));
        printf("again: outboard board glitch %s --goal %s%s%s", board->target.build,
               campaign->goal == VB_GOAL_DOWNGRADE ? "downgrade --update "
               : path != NULL                      ? "unsigned --network-update "
                                                   : "unsigned",
               path != NULL ? path : "", board->started_before ? " --started" : "");
        vb_target_print_faults(&board->target, stdout);
        printf(" --replay %s\n", word);
    }
}

void vb_glitch_print(struct vb_glitch_campaign *campaign, double seconds)
{
    qsort(campaign->places, campaign->place_count, sizeof(campaign->places[0]), by_address);
    (campaign->json ? print_json : print_text)(campaign, seconds);
}
