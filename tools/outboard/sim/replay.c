/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include <outboard/util.h>

#include "scenario.h"
#include "sim.h"

enum option_key { KEY_TRACE = 0x200, KEY_READS, KEY_QUIET };

struct options {
    struct case_options cases; /* only the image files */
    const char *id;
    bool trace; /* draw both chips after each operation */
    bool reads; /* log reads too */
    bool quiet;
};

struct teller {
    const struct options *options;
    struct sim_world *world;
};

static const char *const region_names[] = {
    [SIM_REGION_NONE] = "nothing",        [SIM_REGION_LEDGER] = "ledger",
    [SIM_REGION_PRIMARY] = "primary",     [SIM_REGION_PRIMARY_TRAILER] = "primary trailer",
    [SIM_REGION_SECONDARY] = "secondary", [SIM_REGION_SECONDARY_TRAILER] = "secondary trailer",
};

/* Which of the slots of its chip, if there are several. */
static const char *const slot_numbers[2 * SIM_UPDATEABLE_MAX] = {"", " 2", " 3", " 4", " 5", " 6"};

static const char *verb(char what)
{
    switch (what) {
    case 'r':
        return "read";
    case 'p':
        return "program";
    case 'e':
        return "erase";
    case 'F':
        return "finish";
    default:
        return "reset";
    }
}

static void tell_operation(void *ctx, const struct sim_trace *trace)
{
    const struct teller *teller = ctx;

    if (trace->what == 'r' && trace->err == OB_OK && !teller->options->reads) {
        return;
    }
    struct sim_place place = sim_world_place(teller->world, trace->chip, trace->off);
    printf("  %6u  %-7s %s 0x%06x + %-6u %s%s%s%s%s\n", trace->op, verb(trace->what),
           trace->chip == SIM_INTERNAL ? "internal" : "external", trace->off, trace->len, region_names[place.region],
           slot_numbers[place.slot], trace->torn ? "  <== power fails" : "", trace->err != OB_OK ? "  <== " : "",
           trace->err != OB_OK ? ob_err_text(trace->err) : "");
    if (teller->options->trace && trace->what != 'r') {
        picture_print(teller->world);
    }
}

static void tell_log(void *ctx, const char *line)
{
    (void)ctx;
    printf("          %s\n", line);
}

static void tell_beliefs(const struct sim_beliefs *beliefs)
{
    static const char letters[] = "-ABCXO";
    static const char *const facts[] = {"no", "yes", "perhaps"};

    for (unsigned i = 0; i < beliefs->count; i++) {
        const struct sim_belief *belief = &beliefs->belief[i];
        printf("    possible: %c runs", letters[belief->running]);
        if (belief->previous != SIM_IMAGE_NO) {
            printf(", %s%c to go back to, confirmed: %s", belief->previous_lost ? "perhaps " : "",
                   letters[belief->previous], facts[belief->confirmed]);
        }
        if (belief->request != SIM_NO) {
            printf(", %c requested%s: %s", letters[belief->requested], belief->permanent ? " for good" : "",
                   facts[belief->request]);
        }
        puts("");
    }
}

static void tell_stage(void *ctx, struct sim_world *world, bool after)
{
    const struct teller *teller = ctx;
    const struct sim_watch *watch = &world->watch;

    if (teller->options->quiet) {
        return;
    }
    if (after) {
        picture_print(world);
        if (watch->split) {
            puts("    a part of the images was asked for: any of them may run");
        } else {
            tell_beliefs(&watch->beliefs);
        }
    } else if (watch->stage == SIM_STAGE_BOOT) {
        printf("start %u%s\n", world->starts + 1, watch->absent_starts > 0 ? ", the external chip is absent" : "");
    } else {
        printf("application %c, script at %u\n", "-ABCXO"[watch->observed], watch -> script);
    }
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;

    switch (key) {
    case KEY_TRACE:
        options->trace = true;
        return 0;
    case KEY_READS:
        options->reads = true;
        return 0;
    case KEY_QUIET:
        options->quiet = true;
        return 0;
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->cases;
        return 0;
    case ARGP_KEY_ARG:
        if (options->id != NULL) {
            ob_args_error(state, "one id at a time");
        }
        options->id = arg;
        return 0;
    case ARGP_KEY_END:
        if (options->id == NULL) {
            ob_args_error(state, "the id of a history is needed: 'outboard sim cuts' prints it");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void read_options(int argc, char **argv, struct options *options)
{
    static const struct argp_option table[] = {
        {"trace", KEY_TRACE, NULL, 0, "draw both chips after each flash operation", 1},
        {"reads", KEY_READS, NULL, 0, "log reads too", 1},
        {"quiet", KEY_QUIET, NULL, 0, "only say how it ends", 1},
        {0},
    };
    static const struct argp_child children[] = {{&case_argp, 0, "For an id with image files:", -1}, {0}};
    static const struct argp argp = {
        .options = table,
        .parser = parse_option,
        .args_doc = "ID",
        .doc = "Live through one history again, exactly as it was, with a log of every flash operation, of the "
               "bootloader, and of what may be true about the application's requests.\v"
               "  outboard sim replay slide/24K:4K:4:4/32K:4K:1:256/revert/grow/1/- --trace",
        .children = children,
    };

    *options = (struct options){0};
    ob_args_parse(&argp, argc, argv, 0, options);
}

static enum ob_exit replay(const struct options *options, const struct sim_case *config,
                           const struct sim_history *history, const struct sim_files *files)
{
    struct sim_world world;
    struct teller teller = {.options = options, .world = &world};
    const char *impossible = sim_world_init(&world, config, files);
    enum ob_exit status = OB_EXIT_OK;
    uint32_t came;

    if (impossible != NULL) {
        ob_diag_error(NULL, "%s: %s", options->id, impossible);
        sim_world_free(&world);
        return OB_EXIT_USAGE;
    }
    if (!options->quiet) {
        world.machine.trace = tell_operation;
        world.machine.trace_ctx = &teller;
        world.log = tell_log;
        picture_legend();
    }
    if (sim_replay(&world, history, tell_stage, &teller, &came)) {
        printf("ok: it comes to rest after %u starts and %u flash operations\n", world.starts, world.machine.op);
    } else {
        printf("FAILED: %s\n", world.failure);
        status = OB_EXIT_FINDING;
    }
    if (came < history->count) {
        ob_diag_warning(NULL, "event %u of %u never came: the id may be of another engine", came + 1, history->count);
    }
    sim_world_free(&world);
    return status;
}

int sim_cmd_replay(int argc, char **argv)
{
    struct options options;
    struct sim_case config = {0};
    struct sim_history history;
    struct file_images images;

    read_options(argc, argv, &options);
    const char *wrong = sim_id_parse(options.id, &config, &history);
    if (wrong != NULL) {
        ob_diag_error(NULL, "the id '%s' %s; 'outboard sim cuts' prints ids", options.id, wrong);
        return OB_EXIT_USAGE;
    }
    if ((config.set == SIM_SET_FILES) != (options.cases.old_file != NULL)) {
        ob_diag_error(NULL, config.set == SIM_SET_FILES
                                ? "this history is about image files: add --old, --new and --key"
                                : "this history is about made-up images: leave out --old");
        return OB_EXIT_USAGE;
    }
    enum ob_exit status = file_images_read(&options.cases, &images);
    if (status == OB_EXIT_OK) {
        status = replay(&options, &config, &history, config.set == SIM_SET_FILES ? &images.files : NULL);
    }
    file_images_free(&images);
    return status;
}
