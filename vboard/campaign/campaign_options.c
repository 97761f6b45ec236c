/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "campaign_options.h"

#include <stdlib.h>
#include <string.h>

#include <outboard/util.h>

#define START_LIMIT_S 600.0

enum {
    OPT_UPDATE = 768,
    OPT_DECRYPTED,
    OPT_NETWORK_UPDATE,
    OPT_PERMANENT,
    OPT_SCENARIO,
    OPT_OLD,
    OPT_NEW,
    OPT_SLOT,
    OPT_VECTORS,
    OPT_START_LIMIT
};

static const struct argp_option options[] = {
    {NULL, 0, NULL, 0, "An update that lies in wait:", 4},
    {"update", OPT_UPDATE, "FILE", 0, "the signed image that lies in the update slot, and is asked for", 4},
    {"decrypted", OPT_DECRYPTED, "FILE", 0,
     "of an encrypted --update: what it is in the primary slot, as 'outboard image decrypt' writes it", 4},
    {"network-update", OPT_NETWORK_UPDATE, "FILE", 0,
     "the signed image that lies in the network core's update slot, alone or with --update", 4},
    {"permanent", OPT_PERMANENT, NULL, 0, "it is asked for for good; left out: on trial, and nobody confirms it", 4},
    {"scenario", OPT_SCENARIO, "WHAT", 0,
     "update; damaged: one bit of it differs; older: the device runs FILE and is asked to go to the build's image; "
     "empty: "
     "there is none",
     0},
    {"old", OPT_OLD, "FILE", 0, "with --board: the image that runs at first", 4},
    {"new", OPT_NEW, "FILE", 0, "with --board: the image that is to be installed", 4},
    {"slot", OPT_SLOT, "ADDR", 0, "with --board: where in the internal flash they run", 4},
    {"vectors", OPT_VECTORS, "ADDR", 0,
     "with --board: where an image's vector table is (behind MCUboot's header, or --slot)", 4},
    {"start-limit", OPT_START_LIMIT, "SECONDS", 0, "a start that takes longer, in the board's time, never ends (600)",
     4},
    {0},
};

static const char *const scenario_names[] = {
    [VB_SCENARIO_UPDATE] = "update",
    [VB_SCENARIO_DAMAGED] = "damaged",
    [VB_SCENARIO_OLDER] = "older",
    [VB_SCENARIO_EMPTY] = "empty",
};

static uint32_t address_of(struct argp_state *state, const char *option, const char *text)
{
    const char *end = text;
    uint64_t value = 0;

    if (!ob_args_take_number(&end, UINT32_MAX, &value) || *end != '\0') {
        ob_args_error(state, "%s %s: not an address", option, text);
    }
    return (uint32_t)value;
}

static void parse_scenario(struct argp_state *state, struct vb_campaign *campaign, const char *text)
{
    for (unsigned i = 0; i < OB_ARRAY_SIZE(scenario_names); i++) {
        if (strcmp(text, scenario_names[i]) == 0) {
            campaign->scenario = (enum vb_scenario)i;
            return;
        }
    }
    ob_args_error(state, "--scenario %s: say update, damaged, older or empty", text);
}

static void check(struct argp_state *state, struct vb_campaign *campaign)
{
    bool files = campaign->old.path != NULL || campaign->slot_is_given;
    bool scene = campaign->permanent || campaign->scenario != VB_SCENARIO_UPDATE;

    if (campaign->target.build != NULL && files) {
        ob_args_error(state, "a build folder goes with --update FILE, not with --old, --new and --slot");
    } else if (campaign->target.board_name != NULL && scene) {
        ob_args_error(state,
                      "--permanent and --scenario go with a build folder; with --board the files hold what they hold");
    } else if (campaign->network_update.path != NULL &&
               (campaign->target.build == NULL || campaign->scenario != VB_SCENARIO_UPDATE)) {
        ob_args_error(state, "--network-update goes with a build folder and the scenario update");
    } else if (campaign->decrypted.path != NULL && (campaign->target.build == NULL || campaign->new.path == NULL)) {
        ob_args_error(state, "--decrypted goes with a build folder and --update FILE");
    } else if (campaign->new.path == NULL && campaign->network_update.path == NULL && (scene || files)) {
        ob_args_error(state, "say which image is to be installed: --update FILE, or with --board --new FILE");
    } else if (campaign->new.path != NULL && campaign->target.board_name != NULL &&
               (campaign->old.path == NULL || !campaign->slot_is_given)) {
        ob_args_error(state, "--new goes with --old FILE and --slot ADDR");
    }
    if (campaign->vectors != 0 && campaign->vectors < campaign->target.primary.off) {
        ob_args_error(state, "--vectors 0x%x lies before --slot", campaign->vectors);
    } else if (campaign->vectors != 0) {
        campaign->vectors -= campaign->target.primary.off;
    }
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct vb_campaign *campaign = state->input;
    char *end;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &campaign->target;
        campaign->limit_s = START_LIMIT_S;
        break;
    case OPT_UPDATE:
    case OPT_NEW:
        campaign->new.path = arg;
        break;
    case OPT_OLD:
        campaign->old.path = arg;
        break;
    case OPT_DECRYPTED:
        campaign->decrypted.path = arg;
        break;
    case OPT_NETWORK_UPDATE:
        campaign->network_update.path = arg;
        break;
    case OPT_PERMANENT:
        campaign->permanent = true;
        break;
    case OPT_SCENARIO:
        parse_scenario(state, campaign, arg);
        break;
    case OPT_SLOT:
        campaign->target.primary.off = address_of(state, "--slot", arg);
        campaign->slot_is_given = true;
        break;
    case OPT_VECTORS:
        campaign->vectors = address_of(state, "--vectors", arg);
        break;
    case OPT_START_LIMIT:
        campaign->limit_s = strtod(arg, &end);
        if (end == arg || *end != '\0' || !(campaign->limit_s > 0 && campaign->limit_s <= VB_LIMIT_MAX_S)) {
            ob_args_error(state, "--start-limit %s: not a number of seconds", arg);
        }
        break;
    case ARGP_KEY_END:
        check(state, campaign);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp_child children[] = {{&vb_target_argp, 0, NULL, 0}, {0}};
const struct argp vb_campaign_argp = {.options = options, .parser = parse_option, .children = children};

static void print_files(FILE *out, const char *option, const char *const *files, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        fprintf(out, " %s %s", option, files[i]);
    }
}

void vb_campaign_print(const struct vb_campaign *campaign, FILE *out)
{
    const struct vb_target *target = &campaign->target;

    if (target->build != NULL) {
        const char *update = campaign->scenario == VB_SCENARIO_OLDER ? campaign->old.path : campaign->new.path;
        fprintf(out, "%s%s%s", target->build, update == NULL ? "" : " --update ", update == NULL ? "" : update);
        if (campaign->decrypted.path != NULL) {
            fprintf(out, " --decrypted %s", campaign->decrypted.path);
        }
    } else {
        fprintf(out, "--board %s", target->board_name);
        print_files(out, "--internal", target->internal_files, target->internal_count);
        print_files(out, "--external", target->external_files, target->external_count);
        fprintf(out, " --old %s --new %s --slot 0x%x --vectors 0x%x", campaign->old.path, campaign->new.path,
                target->primary.off, target->primary.off + campaign->vectors);
    }
    if (campaign->network_update.path != NULL) {
        fprintf(out, " --network-update %s", campaign->network_update.path);
    }
    vb_target_print_faults(target, out);
    if (campaign->limit_s != START_LIMIT_S) {
        fprintf(out, " --start-limit %g", campaign->limit_s);
    }
    if (campaign->permanent) {
        fprintf(out, " --permanent");
    }
    if (campaign->scenario != VB_SCENARIO_UPDATE) {
        fprintf(out, " --scenario %s", scenario_names[campaign->scenario]);
    }
}
