/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <outboard/util.h>

#include "../common/file.h"
#include "../image/image.h"
#include "scenario.h"
#include "sim.h"
#include "updaters.h"

#define IMAGE_FILE_MAX (64u << 20)
#define ALL "all"

enum option_key {
    KEY_MODE = 0x100,
    KEY_PRIMARY,
    KEY_SECONDARY,
    KEY_OLD,
    KEY_NEW,
    KEY_KEY,
    KEY_SCENARIO,
    KEY_IMAGES,
    KEY_SEED,
    KEY_UPDATEABLE,
    KEY_HANDOVER,
    KEY_ENCRYPTED,
    KEY_TINY
};

static void list_scenarios(void)
{
    for (unsigned i = 0; i < sim_scenario_count; i++) {
        printf("%-12s %s\n", sim_scenarios[i].name, sim_scenarios[i].summary);
    }
    exit(OB_EXIT_OK);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct case_options *options = state->input;

    switch (key) {
    case KEY_MODE:
        options->mode = arg;
        return 0;
    case KEY_PRIMARY:
        options->primary = arg;
        return 0;
    case KEY_SECONDARY:
        options->secondary = arg;
        return 0;
    case KEY_OLD:
        options->old_file = arg;
        return 0;
    case KEY_NEW:
        options->new_file = arg;
        return 0;
    case KEY_KEY:
        options->key_file = arg;
        return 0;
    case KEY_SCENARIO:
        if (strcmp(arg, "list") == 0) {
            list_scenarios();
        }
        options->scenario = arg;
        return 0;
    case KEY_IMAGES:
        options->images = arg;
        return 0;
    case KEY_SEED:
        options->seed = ob_args_number(state, "--seed", arg, 0, UINT64_MAX);
        return 0;
    case KEY_UPDATEABLE:
        options->updateable = (uint32_t)ob_args_number(state, "--updateable", arg, 1, SIM_UPDATEABLE_MAX);
        return 0;
    case KEY_HANDOVER:
        options->handover = true;
        return 0;
    case KEY_ENCRYPTED:
        options->encrypted = true;
        return 0;
    case KEY_TINY:
        options->tiny = true;
        return 0;
    case ARGP_KEY_ARG: /* of a command that takes none itself */
        ob_args_error(state, "'%s': an option was expected", arg);
        return 0;
    case ARGP_KEY_END:
        if ((options->primary == NULL) != (options->secondary == NULL)) {
            ob_args_error(state, "--primary and --secondary belong together");
        }
        if ((options->old_file == NULL) != (options->new_file == NULL) ||
            (options->old_file == NULL) != (options->key_file == NULL)) {
            ob_args_error(state, "--old, --new and --key belong together");
        }
        if (options->handover && options->updateable < 2) {
            ob_args_error(state, "--handover goes with --updateable 2 or 3");
        }
        if (options->encrypted && options->old_file != NULL) {
            ob_args_error(state, "--encrypted makes up its images: leave out --old and --new");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option case_option_table[] = {
    {"mode", KEY_MODE, "MODE", 0, "slide, overwrite, dual or all (the default)", 0},
    {"primary", KEY_PRIMARY, "GEOMETRY", 0,
     "the primary slot: SIZE:ERASE[,ERASE...]:WRITE[:PROGRAM], sizes like 0x84000 or 528K; without it, the built-in "
     "pairs of slots",
     0},
    {"secondary", KEY_SECONDARY, "GEOMETRY", 0, "the secondary slot; in dual mode each of the two", 0},
    {"old", KEY_OLD, "FILE", 0, "the signed image that runs at first; without it, images are made up", 0},
    {"new", KEY_NEW, "FILE", 0, "the signed image to install", 0},
    {"key", KEY_KEY, "PEM", 0, "the key that both are signed with", 0},
    {"scenario", KEY_SCENARIO, "NAME", 0,
     "what the application does: one of those that 'list' prints; updaters: all that carry MCUboot's own library; all "
     "(the default): the others",
     0},
    {"images", KEY_IMAGES, "SET", 0,
     "made-up images: small, grow (the default), shrink, units, full, same, byte or all; or larger than what can "
     "be installed, for updaters: over, big, tail or beyond",
     0},
    {"seed", KEY_SEED, "NUMBER", 0, "of all that is random", 0},
    {"updateable", KEY_UPDATEABLE, "N", 0,
     "images in one transaction, as CONFIG_UPDATEABLE_IMAGE_NUMBER: 1 (the default), 2 or 3, each with slots like "
     "these",
     0},
    {"handover", KEY_HANDOVER, NULL, 0,
     "the last of several runs in another processor, which copies it from RAM and keeps no old one", 0},
    {"encrypted", KEY_ENCRYPTED, NULL, 0,
     "images are encrypted, and no block of one may lie outside in the clear at any instant", 0},
    {"tiny", KEY_TINY, NULL, 0, "of the built-in pairs, only those with few operations", 0},
    {0},
};

const struct argp case_argp = {.options = case_option_table, .parser = parse_option};

/* ---- image files ---- */

static enum ob_exit read_image(const char *path, const struct ob_key *key, struct sim_image *out)
{
    struct ob_loc at = {.file = path};
    const struct ob_keys keys = {.key = key, .count = 1, .type = &ob_signature_p256};
    struct image_file file;
    struct ob_image image;
    enum ob_err why;
    enum ob_exit status = image_file_read(&file, path, 0);

    if (status != OB_EXIT_OK) {
        return status;
    }
    if (ob_image_verify(&file.slot, file.slot.size, OB_FORM_STORED, &keys, NULL, &image, &why) != OB_VERDICT_ACCEPTED) {
        ob_diag_error(&at, "refused: %s; 'outboard image verify' says more", ob_err_text(why));
        image_file_free(&file);
        return OB_EXIT_USAGE;
    }
    /* Without the padding and trailer that may follow. */
    struct sim_image whole = {
        .bytes = file.bytes, .stored = file.bytes, .size = image.size, .valid = true, .counter = image.counter};
    *out = sim_image_copy(&whole);
    image_file_free(&file);
    return OB_EXIT_OK;
}

enum ob_exit file_images_read(const struct case_options *options, struct file_images *out)
{
    memset(out, 0, sizeof(*out));
    if (options->old_file == NULL) {
        return OB_EXIT_OK;
    }
    enum ob_exit status = image_key_read(options->key_file, &out->key);
    if (status == OB_EXIT_OK && out->key.algorithm != IMAGE_KEY_P256) {
        ob_diag_error(&(struct ob_loc){.file = options->key_file},
                      "is %s, but simulated devices take ECDSA P-256; sign both images with such a key",
                      image_key_text(out->key.algorithm));
        status = OB_EXIT_USAGE;
    }
    image_key_bind(&out->key, &ob_signature_p256);
    out->files.key = out->key.key;
    if (status == OB_EXIT_OK) {
        status = read_image(options->old_file, &out->files.key, &out->old_image);
    }
    if (status == OB_EXIT_OK) {
        status = read_image(options->new_file, &out->files.key, &out->new_image);
    }
    out->files.old_image = &out->old_image;
    out->files.new_image = &out->new_image;
    return status;
}

void file_images_make(uint32_t old_size, uint32_t new_size, struct file_images *out)
{
    out->old_image = sim_image_make(old_size, 1, (struct ob_version){.major = 1}, 0);
    out->new_image = sim_image_make(new_size, 2, (struct ob_version){.major = 1, .minor = 1}, 0);
    out->files = (struct sim_files){&out->old_image, &out->new_image, sim_image_key()};
}

void file_images_free(struct file_images *images)
{
    sim_image_free(&images->old_image);
    sim_image_free(&images->new_image);
}

/* ---- cases ---- */

struct choices {
    enum ob_mode_id mode[3];
    uint32_t modes;
    const struct sim_scenario *scenario[32];
    uint32_t scenarios;
    enum sim_set set[SIM_SETS];
    uint32_t sets;
    struct {
        struct sim_geometry internal, external;
    } pair[32];
    uint32_t pairs;
};

static bool asks_for_all(const char *choice)
{
    return choice == NULL || strcmp(choice, ALL) == 0;
}

static enum ob_exit choose_modes(const struct case_options *options, struct choices *out)
{
    if (asks_for_all(options->mode)) {
        out->mode[out->modes++] = OB_MODE_SLIDE;
        out->mode[out->modes++] = OB_MODE_OVERWRITE;
        out->mode[out->modes++] = OB_MODE_DUAL;
        return OB_EXIT_OK;
    }
    if (!sim_mode_find(options->mode, &out->mode[out->modes++])) {
        ob_diag_error(NULL, "--mode: '%s' is none; say slide, overwrite, dual or all", options->mode);
        return OB_EXIT_USAGE;
    }
    return OB_EXIT_OK;
}

static enum ob_exit choose_scenarios(const struct case_options *options, struct choices *out)
{
    if (asks_for_all(options->scenario)) {
        for (unsigned i = 0; i < sim_scenario_count; i++) {
            if (sim_scenarios[i].updater == NULL) {
                out->scenario[out->scenarios++] = &sim_scenarios[i];
            }
        }
        return OB_EXIT_OK;
    }
    if (strcmp(options->scenario, "updaters") == 0) {
        for (unsigned i = 0; i < sim_scenario_count; i++) {
            if (sim_scenarios[i].updater != NULL) {
                out->scenario[out->scenarios++] = &sim_scenarios[i];
            }
        }
        return OB_EXIT_OK;
    }
    out->scenario[out->scenarios] = sim_scenario_find(options->scenario);
    if (out->scenario[out->scenarios++] == NULL) {
        ob_diag_error(NULL, "--scenario: '%s' is none; --scenario list prints them", options->scenario);
        return OB_EXIT_USAGE;
    }
    return OB_EXIT_OK;
}

static enum ob_exit choose_sets(const struct case_options *options, struct choices *out)
{
    if (options->old_file != NULL) {
        out->set[out->sets++] = SIM_SET_FILES;
        return OB_EXIT_OK;
    }
    if (options->images != NULL && strcmp(options->images, ALL) == 0) {
        for (unsigned i = 0; i < SIM_SET_FILES; i++) {
            out->set[out->sets++] = (enum sim_set)i;
        }
        return OB_EXIT_OK;
    }
    if (options->images != NULL && strcmp(options->images, "beyond") == 0) {
        for (unsigned i = SIM_SET_OVER; i < SIM_SETS; i++) {
            out->set[out->sets++] = (enum sim_set)i;
        }
        return OB_EXIT_OK;
    }
    const char *name = options->images == NULL ? sim_set_name(SIM_SET_GROW) : options->images;
    if (!sim_set_find(name, &out->set[out->sets++]) || out->set[0] == SIM_SET_FILES) {
        ob_diag_error(NULL, "--images: '%s' is no set; --help lists them", name);
        return OB_EXIT_USAGE;
    }
    return OB_EXIT_OK;
}

static enum ob_exit read_geometry(const char *option, const char *text, bool internal, struct sim_geometry *out)
{
    const char *wrong = sim_geometry_parse(text, internal, out);

    if (wrong != NULL) {
        ob_diag_error(NULL, "%s: '%s' %s", option, text, wrong);
        return OB_EXIT_USAGE;
    }
    return OB_EXIT_OK;
}

static enum ob_exit add_pair(const char *primary, const char *secondary, struct choices *out)
{
    enum ob_exit status = read_geometry("--primary", primary, true, &out->pair[out->pairs].internal);

    if (status == OB_EXIT_OK) {
        status = read_geometry("--secondary", secondary, false, &out->pair[out->pairs].external);
    }
    out->pairs++;
    return status;
}

static enum ob_exit choose_pairs(const struct case_options *options, struct choices *out)
{
    if (options->primary != NULL) {
        return add_pair(options->primary, options->secondary, out);
    }
    enum ob_exit status = OB_EXIT_OK;
    for (unsigned i = 0; i < sim_pair_count && status == OB_EXIT_OK; i++) {
        if (sim_pairs[i].tiny || !options->tiny) {
            status = add_pair(sim_pairs[i].primary, sim_pairs[i].secondary, out);
        }
    }
    return status;
}

/* Could this case be simulated? NULL if so, else why not. */
static const char *try_case(const struct sim_case *config, const struct sim_files *files)
{
    struct sim_world world;

    if (config->scenario->needs_confirmation && config->mode == OB_MODE_OVERWRITE) {
        return "in overwrite mode there is no way back";
    }
    if (config->scenario->needs_confirmation && config->handover) {
        return "from what was handed over there is no way back";
    }
    if (config->scenario->updater != NULL && config->updateable > 1) {
        return "updaters of MCUboot's world know one image here";
    }
    if (config->scenario->updater != NULL && !sim_updater_applies(config, config->scenario->updater)) {
        return "an offset of one sector needs a secondary whose sectors are no smaller than the primary's";
    }
    const char *impossible = sim_world_init(&world, config, files);
    sim_world_free(&world);
    return impossible;
}

/* Once for each mode and scenario, whatever the slots and images. */
static void note_skipped(const struct sim_case *config, const char *why, struct case_list *out)
{
    for (uint32_t i = 0; i < out->skipped_count; i++) {
        struct case_skipped *known = &out->skipped[i];
        if (known->mode == config->mode && known->scenario == config->scenario && strcmp(known->why, why) == 0) {
            known->cases++;
            return;
        }
    }
    out->skipped = realloc(out->skipped, (out->skipped_count + 1) * sizeof(*out->skipped));
    if (out->skipped == NULL) {
        abort();
    }
    out->skipped[out->skipped_count++] = (struct case_skipped){config->mode, config->scenario, why, 1};
}

static void add_case(const struct sim_case *config, struct case_list *out, const char **impossible)
{
    const char *why = try_case(config, out->files);

    if (why != NULL) {
        *impossible = why;
        note_skipped(config, why, out);
        return;
    }
    out->item = realloc(out->item, (out->count + 1) * sizeof(*out->item));
    if (out->item == NULL) {
        abort();
    }
    out->item[out->count++] = *config;
}

static void add_cases(const struct case_options *options, const struct choices *choices, struct case_list *out,
                      const char **impossible)
{
    for (uint32_t pair = 0; pair < choices->pairs; pair++) {
        for (uint32_t mode = 0; mode < choices->modes; mode++) {
            for (uint32_t scenario = 0; scenario < choices->scenarios; scenario++) {
                for (uint32_t set = 0; set < choices->sets; set++) {
                    struct sim_case config = {
                        .mode = choices->mode[mode],
                        .updateable = OB_MAX(options->updateable, 1u),
                        .handover = options->handover,
                        .encrypted = options->encrypted,
                        .internal = choices->pair[pair].internal,
                        .external = choices->pair[pair].external,
                        .scenario = choices->scenario[scenario],
                        .set = choices->set[set],
                        .seed = options->seed,
                    };
                    add_case(&config, out, impossible);
                }
            }
        }
    }
}

enum ob_exit case_list_make(const struct case_options *options, const struct file_images *images, struct case_list *out)
{
    struct choices choices = {0};
    const char *impossible = "there is no such case";
    enum ob_exit status = choose_modes(options, &choices);

    *out = (struct case_list){.files = options->old_file != NULL ? &images->files : NULL};
    if (status == OB_EXIT_OK) {
        status = choose_scenarios(options, &choices);
    }
    if (status == OB_EXIT_OK) {
        status = choose_sets(options, &choices);
    }
    if (status == OB_EXIT_OK) {
        status = choose_pairs(options, &choices);
    }
    if (status != OB_EXIT_OK) {
        return status;
    }
    add_cases(options, &choices, out, &impossible);
    if (out->count == 0) {
        ob_diag_error(NULL, "nothing to simulate: %s%s", impossible,
                      options->primary == NULL ? "; --primary and --secondary choose other slots" : "");
        return OB_EXIT_USAGE;
    }
    return OB_EXIT_OK;
}

void case_list_free(struct case_list *list)
{
    free(list->item);
    free(list->skipped);
    list->item = NULL;
    list->skipped = NULL;
}
