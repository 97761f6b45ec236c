/* SPDX-License-Identifier: Apache-2.0 */
#include "one_case.h"

#include <string.h>

#include "scenario.h"

enum option_key { KEY_PROFILE = 0x300, KEY_BUILD, KEY_BUS, KEY_OLD_SIZE, KEY_NEW_SIZE, KEY_JSON };

const struct one_case_options one_case_defaults = {
    .profile = &sim_profiles[0], .bus = "spi8", .old_size = 480662, .new_size = 500662};

static uint32_t size_argument(const char *option, const char *arg, const struct argp_state *state)
{
    return (uint32_t)ob_args_number(state, option, arg, sim_image_overhead(), 64u << 20);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct one_case_options *options = state->input;

    switch (key) {
    case KEY_PROFILE:
        options->profile = sim_profile_find(arg);
        if (options->profile == NULL) {
            ob_args_error(state, "--profile: '%s' is none", arg);
        }
        return 0;
    case KEY_BUILD:
        options->build = arg;
        return 0;
    case KEY_BUS:
        options->bus = arg;
        return 0;
    case KEY_OLD_SIZE:
        options->old_size = size_argument("--old-size", arg, state);
        return 0;
    case KEY_NEW_SIZE:
        options->new_size = size_argument("--new-size", arg, state);
        return 0;
    case KEY_JSON:
        options->json = true;
        return 0;
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->cases;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option table[] = {
    {"profile", KEY_PROFILE, "PARTS", 0,
     "whose times count: nrf5340+mx25r6435f (the default), nrf5340+mx25r6435f-4k, nrf52840+mx25r6435f, "
     "stm32l4+w25q128. Without --primary and --secondary, its slots as well",
     1},
    {"build", KEY_BUILD, "NAME", 0, "what computing costs: as in a bootloader that is built 'small' or 'fast'", 1},
    {"bus", KEY_BUS, "NAME", 0, "of the external chip: spi8 (8 MHz, the default) or quad32 (32 MHz, four lanes)", 1},
    {"old-size", KEY_OLD_SIZE, "BYTES", 0, "size of the made-up old image, 480662 by default", 1},
    {"new-size", KEY_NEW_SIZE, "BYTES", 0, "size of the made-up new image, 500662 by default", 1},
    {"json", KEY_JSON, NULL, 0, "the result as JSON", 2},
    {0},
};
static const struct argp_child children[] = {{&case_argp, 0, "What is simulated:", -1}, {0}};

const struct argp one_case_argp = {.options = table, .parser = parse_option, .children = children};

enum ob_exit one_case_speed(const struct one_case_options *options, struct sim_speed *speed)
{
    if (!sim_speed_find(options->build, options->bus, speed)) {
        ob_diag_error(NULL, "--build is small or fast, --bus spi8 or quad32");
        return OB_EXIT_USAGE;
    }
    return OB_EXIT_OK;
}

static void fill_in(struct one_case_options *options, const char *overwrite_scenario)
{
    struct case_options *cases = &options->cases;

    if (cases->mode == NULL) {
        cases->mode = "slide";
    }
    if (cases->primary == NULL) {
        cases->primary = options->profile->primary;
        cases->secondary = options->profile->secondary;
    }
    if (cases->scenario == NULL) {
        cases->scenario = strcmp(cases->mode, "overwrite") == 0 ? overwrite_scenario : "revert";
    }
}

enum ob_exit one_case_run(struct one_case_options *options, const char *overwrite_scenario,
                          enum ob_exit (*run)(void *ctx, const struct sim_case *config, const struct sim_files *files),
                          void *ctx)
{
    struct file_images images;
    struct case_list list = {0};

    fill_in(options, overwrite_scenario);
    enum ob_exit status = file_images_read(&options->cases, &images);
    if (status == OB_EXIT_OK && options->cases.old_file == NULL) {
        file_images_make(options->old_size, options->new_size, &images);
        options->cases.old_file = ""; /* as if they had been read */
    }
    if (status == OB_EXIT_OK) {
        status = case_list_make(&options->cases, &images, &list);
    }
    if (status == OB_EXIT_OK && list.count != 1) {
        ob_diag_error(NULL, "one mode and one scenario at a time");
        status = OB_EXIT_USAGE;
    }
    if (status == OB_EXIT_OK) {
        status = run(ctx, &list.item[0], list.files);
    }
    case_list_free(&list);
    file_images_free(&images);
    return status;
}
