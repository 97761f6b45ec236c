/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <common/args.h>
#include <common/json.h>
#include <outboard/util.h>

#include "campaign/campaign_options.h"
#include "commands.h"
#include "cuts.h"
#include "rng.h"
#include "serial.h"

/* `outboard board run`: one run, with a console. */

#define LIMIT_S 60.0 /* of a run that nobody talks to */
#define SAID_MAX (1u << 20)
#define TICKS_PER_S (1e6 * VB_TICKS_PER_US)

enum { OPT_SERIAL = 256, OPT_UNTIL, OPT_LIMIT, OPT_CUT, OPT_TRACE, OPT_JSON, OPT_FAULTS, OPT_PIN_RESET, OPT_RAM };

/* Bytes of the serial line in one direction, until one comes in the other. */
struct turn {
    bool in;
    uint32_t bytes;
    uint64_t first, last; /* when its first and its last byte were through */
};

struct run {
    const char *serial_how;
    const char *until;
    double limit_s; /* 0: none was given */
    struct vb_cuts cuts;
    bool trace_flash, trace_calls, trace_serial, json, faults, pin_reset;
    bool lives;      /* through a history, which looks itself at who is entered */
    const char *ram; /* file for what an image finds there; NULL: none */
    bool ram_failed; /* it cannot be written */
    bool uncut;      /* a cut that was asked for did not come */

    struct vb_campaign campaign; /* whose target it is; all but that only with --update, or --old and --new */
    struct vb_board *board;
    struct vb_serial serial;
    struct turn turn; /* of the serial line, for --trace serial */
    char *said;
    size_t said_len;
};

static const struct argp_option options[] = {
    {"serial", OPT_SERIAL, "HOW", 0, "the board's serial line: stdio, pty or tcp:PORT; left out: output only", 0},
    {"until", OPT_UNTIL, "TEXT", 0, "end when the board has said this", 0},
    {"limit", OPT_LIMIT, "SECONDS", 0, "end after so much of the board's time (60, if nobody can talk to it)", 0},
    {"cut", OPT_CUT, "N[:TEAR]", 0,
     "cut the power in the N-th flash operation; TEAR: none, prefix, bits, metastable, brownout, a number behind it "
     "for "
     "the variant. A replay word (c152p1+c203m0) cuts once in each start, then starts again",
     0},
    {"trace", OPT_TRACE, "WHAT", 0,
     "print every flash operation (flash), function (calls) or turn of the serial line (serial) on stderr", 0},
    {"json", OPT_JSON, NULL, 0, "print the result as JSON, and what the board said within it", 0},
    {"ram", OPT_RAM, "FILE", 0, "write RAM as the image finds it that is entered first", 0},
    {"pin-reset", OPT_PIN_RESET, NULL, 0, "somebody pulls the reset pin as the power comes", 0},
    {"faults", OPT_FAULTS, NULL, 0, "a fault is an exception, as on the part; left out: the first one ends the run", 0},
    {0},
};

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct run *run = state->input;
    char *end;

    switch (key) {
    case OPT_SERIAL:
        run->serial_how = arg;
        break;
    case OPT_UNTIL:
        if (*arg == '\0') {
            ob_args_error(state, "--until: say which text");
        }
        run->until = arg;
        break;
    case OPT_LIMIT:
        run->limit_s = strtod(arg, &end);
        if (end == arg || *end != '\0' || !(run->limit_s > 0 && run->limit_s <= VB_LIMIT_MAX_S)) {
            ob_args_error(state, "--limit %s: not a number of seconds", arg);
        }
        break;
    case OPT_CUT:
        if (!vb_cuts_parse(arg, &run->cuts)) {
            ob_args_error(state, "--cut %s: say N, N:TEAR or a replay word like c152p1", arg);
        }
        break;
    case OPT_TRACE:
        run->trace_flash = run->trace_flash || strcmp(arg, "flash") == 0;
        run->trace_calls = run->trace_calls || strcmp(arg, "calls") == 0;
        run->trace_serial = run->trace_serial || strcmp(arg, "serial") == 0;
        if (strcmp(arg, "flash") != 0 && strcmp(arg, "calls") != 0 && strcmp(arg, "serial") != 0) {
            ob_args_error(state, "--trace %s: say flash, calls or serial", arg);
        }
        break;
    case OPT_JSON:
        run->json = true;
        break;
    case OPT_RAM:
        run->ram = arg;
        break;
    case OPT_PIN_RESET:
        run->pin_reset = true;
        break;
    case OPT_FAULTS:
        run->faults = true;
        break;
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &run->campaign;
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

/* ---- while it runs ---- */

static void show_turn(const struct run *run)
{
    const struct turn *turn = &run->turn;

    if (turn->bytes > 0) {
        fprintf(stderr, "%12.6f s  %12.6f s  %s %u\n", (double)turn->first / TICKS_PER_S,
                (double)turn->last / TICKS_PER_S, turn->in ? "in " : "out", turn->bytes);
    }
}

static void count_byte(struct run *run, bool in)
{
    if (!run->trace_serial) {
        return;
    }
    if (run->turn.in != in || run->turn.bytes == 0) {
        show_turn(run);
        run->turn = (struct turn){.in = in, .first = vb_now(run->board)};
    }
    run->turn.last = vb_now(run->board);
    run->turn.bytes++;
}

static void heard(void *ctx)
{
    count_byte(ctx, true);
}

static void said(void *ctx, uint8_t byte)
{
    struct run *run = ctx;
    size_t len = run->until == NULL ? 0 : strlen(run->until);

    count_byte(run, false);
    if (!run->json) {
        vb_serial_put(&run->serial, byte);
    }
    if (run->serial.left) {
        vb_board_end(run->board, VB_END_STOPPED, "was stopped: nobody reads what it says");
    }
    if (run->said_len < SAID_MAX) {
        run->said[run->said_len++] = (char)byte;
        run->said[run->said_len] = '\0';
    }
    if (len > 0 && run->said_len >= len && strcmp(run->said + run->said_len - len, run->until) == 0) {
        vb_board_end(run->board, VB_END_UNTIL, "said what was waited for");
    }
}

static void poll_outside(void *ctx)
{
    struct run *run = ctx;

    vb_serial_take(&run->serial, run->board, false);
    if (interrupted) {
        vb_board_end(run->board, VB_END_STOPPED, "was stopped");
    }
}

static bool wait_outside(void *ctx)
{
    struct run *run = ctx;

    if (interrupted) {
        vb_board_end(run->board, VB_END_STOPPED, "was stopped");
        return true;
    }
    return vb_serial_take(&run->serial, run->board, true);
}

static void show_operation(void *ctx, const struct vb_operation *operation)
{
    const struct run *run = ctx;

    fprintf(stderr, "%12.6f s  %6llu  %s %s 0x%06x %u\n", (double)vb_now(run->board) / TICKS_PER_S,
            (unsigned long long)run->board->operations, vb_memory_name((enum vb_memory)operation->memory),
            operation->erase ? "erase  " : "program", operation->off, operation->len);
}

static void show_call(void *ctx, uint32_t address, uint32_t size)
{
    const struct run *run = ctx;
    const struct vb_symbol *symbol = vb_symbols_at(&run->campaign.target.symbols, address);

    (void)size;
    if (symbol != NULL && symbol->address == address) {
        fprintf(stderr, "%12.6f s  sp 0x%08x  %s\n", (double)vb_now(run->board) / TICKS_PER_S,
                vb_cpu_get(run->board->cpu, VB_SP), symbol->name);
    }
}

/** The image in the primary slot is entered: its first instruction comes next. */
static void entered(void *ctx, uint32_t address)
{
    struct run *run = ctx;
    FILE *file = run->ram == NULL ? NULL : fopen(run->ram, "wb");

    (void)address;
    vb_cpu_watch(run->board->cpu, 0, 0);
    vb_board_entry(run->board);
    if (run->ram != NULL &&
        (file == NULL || fwrite(run->board->ram, run->board->soc->ram_size, 1, file) != 1 || fflush(file) != 0)) {
        ob_diag_error(&(struct ob_loc){.file = run->ram}, "cannot be written: %s", strerror(errno));
        run->ram_failed = true;
        vb_board_end(run->board, VB_END_STOPPED, "has nowhere to write RAM to");
    }
    if (file != NULL) {
        fclose(file);
    }
}

static void watch_entry(struct run *run)
{
    const struct vb_target *target = &run->campaign.target;

    if (target->build != NULL && target->primary.size != 0) {
        vb_cpu_watch(run->board->cpu, run->board->soc->flash_base + target->primary.off, target->primary.size);
    }
}

static void was_reset(void *ctx, enum vb_reset why)
{
    (void)why;
    watch_entry(ctx);
}

/* ---- before and after ---- */

static void listen(struct run *run)
{
    run->board->listener = (struct vb_listener){.ctx = run,
                                                .said = said,
                                                .heard = heard,
                                                .poll = poll_outside,
                                                .wait = wait_outside,
                                                .operation = run->trace_flash ? show_operation : NULL,
                                                .watch = run->lives ? NULL : entered,
                                                .reset = run->lives ? NULL : was_reset,
                                                .step = run->trace_calls ? show_call : NULL};
    run->board->faults = run->faults;
    run->board->pin_reset = run->pin_reset;
    if (run->limit_s > 0 || run->serial_how == NULL) {
        run->board->limit = (uint64_t)((run->limit_s > 0 ? run->limit_s : LIMIT_S) * TICKS_PER_S);
    }
    if (run->trace_calls) {
        vb_cpu_trace(run->board->cpu, run->board->soc->flash_base, run->board->flash_size);
    }
}

/* A brown-out and a reset do not end the run. */
static bool came(const struct vb_board *board, const struct vb_cut *cut)
{
    return cut->operation != 0 ? board->operations >= cut->operation
                               : vb_cpu_instructions(board->cpu) - board->first_instruction >= cut->instruction;
}

/* One start for each cut; behind the last one, if it is a replay word, a start that is left alone. */
static enum vb_end start_and_cut(struct run *run)
{
    struct vb_board *board = run->board;
    enum vb_end end = VB_END_NOT;

    for (unsigned i = 0; i <= run->cuts.count; i++) {
        bool cuts = i < run->cuts.count;
        board->cut = cuts ? run->cuts.items[i] : (struct vb_cut){0};
        board->rng = sim_mix(vb_cuts_seed(&run->cuts), i);
        vb_board_power_on(board);
        watch_entry(run);
        end = vb_board_run(board);
        if (cuts && !run->json) {
            fprintf(stderr, "board: %s\n", board->why);
        }
        if (end != VB_END_POWER) {
            run->uncut = cuts && !came(board, &board->cut);
            break;
        }
        if (run->cuts.count == 1 && i == 0) {
            break; /* a single cut leaves the board without power: what it holds can be looked at, or started */
        }
    }
    return end;
}

/* ---- a history, with an update that lies in wait ---- */

static void tell_start(void *ctx, uint32_t start)
{
    (void)ctx;
    fprintf(stderr, "board: start %u\n", start + 1);
}

static void tell_end(void *ctx, const char *why)
{
    (void)ctx;
    fprintf(stderr, "board: %s\n", why);
}

/* Of the power: a brown-out and a reset let the code run on. */
static unsigned cuts_that_end(const struct vb_cuts *cuts)
{
    unsigned count = 0;

    for (unsigned i = 0; i < cuts->count; i++) {
        count += cuts->items[i].tear.kind != SIM_TEAR_BROWNOUT && !cuts->items[i].reset;
    }
    return count;
}

/* JSON of a history that failed is that of an error. */
static void print_history(const struct run *run, const struct vb_history *history)
{
    const char *runs = history->outcome == VB_OUTCOME_NEW ? "new" : "old";

    fprintf(stderr, "board: after %u starts and %llu flash operations nothing changes any more; the %s image runs\n",
            history->starts, (unsigned long long)history->operations, runs);
    if (run->json) {
        cJSON *json = cJSON_CreateObject();
        cJSON_AddStringToObject(json, "runs", runs);
        cJSON_AddNumberToObject(json, "starts", history->starts);
        cJSON_AddNumberToObject(json, "cuts", history->cuts);
        cJSON_AddNumberToObject(json, "operations", (double)history->operations);
        cJSON_AddStringToObject(json, "said", run->said);
        ob_json_print(stdout, json);
    }
}

static enum ob_exit live(struct run *run)
{
    struct vb_cuts *cuts = &run->cuts;
    struct vb_history history;
    struct vb_history_plan plan = {.cuts = *cuts,
                                   .again = &run->board->cut_operation,
                                   .again_count = cuts->again > 1 ? cuts->again - 1 : 0,
                                   .again_tear =
                                       cuts->count > 0 ? cuts->items[cuts->count - 1].tear : (struct sim_tear){0},
                                   .seed = vb_cuts_seed(cuts),
                                   .starting = tell_start,
                                   .ended = tell_end};

    vb_history_run(&run->campaign, &plan, &history);
    if (history.outcome == VB_OUTCOME_FAILED) {
        if (!interrupted) {
            ob_diag_error(NULL, "board: %s", history.why);
        }
        return OB_EXIT_FINDING;
    }
    if (history.cuts < cuts_that_end(cuts)) {
        ob_diag_error(NULL, "board: the cut did not come: there were %llu flash operations",
                      (unsigned long long)history.operations);
        return OB_EXIT_FINDING;
    }
    print_history(run, &history);
    return OB_EXIT_OK;
}

/* ---- one run ---- */

static const char *end_name(enum vb_end end)
{
    static const char *const names[] = {
        [VB_END_NOT] = "not",     [VB_END_RESTS] = "rests",     [VB_END_LIMIT] = "limit",
        [VB_END_UNTIL] = "until", [VB_END_POWER] = "power",     [VB_END_WATCH] = "watch",
        [VB_END_FAULT] = "fault", [VB_END_REFUSED] = "refused", [VB_END_STOPPED] = "stopped",
    };

    return names[end];
}

static bool is_fine(const struct run *run, enum vb_end end)
{
    switch (end) {
    case VB_END_UNTIL:
    case VB_END_POWER:
    case VB_END_STOPPED:
        return true;
    case VB_END_RESTS:
        return run->until == NULL && !run->uncut;
    default:
        return false;
    }
}

static void print_json(const struct run *run, enum vb_end end)
{
    char where[160];
    cJSON *json = cJSON_CreateObject();
    cJSON *notes = cJSON_CreateArray();

    vb_target_place(&run->campaign.target, run->board->pc, where, sizeof(where));
    cJSON_AddStringToObject(json, "end", end_name(end));
    cJSON_AddStringToObject(json, "why", run->board->why);
    cJSON_AddStringToObject(json, "at", where);
    cJSON_AddNumberToObject(json, "seconds", (double)vb_now(run->board) / TICKS_PER_S);
    cJSON_AddNumberToObject(json, "instructions", (double)vb_cpu_instructions(run->board->cpu));
    cJSON_AddNumberToObject(json, "operations", (double)run->board->operations);
    cJSON_AddNumberToObject(json, "resets", run->board->resets);
    for (unsigned i = 0; i < run->board->note_count; i++) {
        cJSON_AddItemToArray(notes, cJSON_CreateString(run->board->notes[i]));
    }
    cJSON_AddItemToObject(json, "notes", notes);
    cJSON_AddStringToObject(json, "said", run->said);
    ob_json_print(stdout, json);
}

static void print_text(const struct run *run, enum vb_end end)
{
    char where[160];

    vb_target_place(&run->campaign.target, run->board->pc, where, sizeof(where));
    for (unsigned i = 0; i < run->board->note_count; i++) {
        ob_diag_note(NULL, "board: %s", run->board->notes[i]);
    }
    if (!is_fine(run, end)) {
        ob_diag_error(NULL, "board: after %.6f s, at %s: %s", (double)vb_now(run->board) / TICKS_PER_S, where,
                      run->board->why);
        if (run->uncut) {
            ob_diag_note(NULL, "board: the cut did not come: there were %llu flash operations",
                         (unsigned long long)run->board->operations);
        }
    }
}

static bool console_was_written(const struct run *run)
{
    if (run->serial.lost != 0) {
        ob_diag_error(NULL, "standard output cannot be written: %s", strerror(run->serial.lost));
    }
    return run->serial.lost == 0;
}

static enum ob_exit run_board(struct run *run)
{
    struct sigaction action = {.sa_handler = on_signal};
    enum ob_exit status = vb_serial_open(&run->serial, run->serial_how);

    if (status == OB_EXIT_OK) {
        sigaction(SIGINT, &action, NULL); /* not earlier: who waits for the other end is simply gone */
        sigaction(SIGTERM, &action, NULL);
        sigaction(SIGHUP, &action, NULL); /* the terminal is closed: what the chips hold is kept all the same */
        signal(SIGPIPE, SIG_IGN);         /* who listened has gone: likewise */
        listen(run);
        if (run->lives) {
            status = live(run); /* an experiment: the folder's chips stay as they are */
            vb_serial_close(&run->serial);
            return console_was_written(run) ? status : OB_EXIT_USAGE;
        }
        enum vb_end end = start_and_cut(run);
        show_turn(run);
        vb_serial_close(&run->serial);
        if (end != VB_END_POWER && end != VB_END_STOPPED) {
            vb_board_settle(run->board);
        }
        status = vb_target_keep(&run->campaign.target);
        (run->json ? print_json : print_text)(run, end);
        status = run->ram_failed || !console_was_written(run) ? OB_EXIT_USAGE : status;
        status = status == OB_EXIT_OK && !is_fine(run, end) ? OB_EXIT_FINDING : status;
    }
    return status;
}

static bool is_same_file(const char *a, const char *b)
{
    struct stat one;
    struct stat other;

    return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/* Is what RAM holds to be written over a chip of the build? */
static bool ram_is_a_chip(const struct run *run)
{
    const struct vb_target *target = &run->campaign.target;
    const char *const chips[] = {target->internal.path, target->external.path, target->network.path};
    bool is = false;

    for (unsigned i = 0; i < OB_ARRAY_SIZE(chips) && run->ram != NULL; i++) {
        is = is || (chips[i] != NULL && is_same_file(run->ram, chips[i]));
    }
    return is;
}

/* Of two runs that keep the same chips the one that ends first would have run in vain. */
static enum ob_exit read_alone(struct vb_target *target)
{
    const int folder = target->build == NULL ? -1 : open(target->build, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    /* It stays open, and held, until this process ends. */
    if (folder >= 0 && flock(folder, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        ob_diag_error(&(struct ob_loc){.file = target->build},
                      "is in use: another run will write its chips back there; wait for its end, or copy the folder");
        return OB_EXIT_USAGE;
    }
    return vb_target_read(target);
}

int vb_cmd_run(int argc, char **argv)
{
    static const struct argp_child children[] = {{&vb_campaign_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse_option,
        .args_doc = "BUILD\n--board NAME --internal FILE...",
        .doc = "Run binaries on a virtual board. The chips of a build folder are its internal_flash.bin and "
               "external_flash.bin, and keep what is written.\v"
               "  outboard board run build/dfu",
        .children = children};
    struct run run = {0};

    ob_args_parse(&argp, argc, argv, 0, &run);
    run.lives = run.campaign.new.path != NULL || run.campaign.network_update.path != NULL;
    if (run.lives && (run.ram != NULL || run.until != NULL || run.limit_s > 0)) {
        ob_diag_error(NULL, "board: --ram, --until and --limit are of one start: leave out --update; a start of its "
                            "history ends after --start-limit");
        return OB_EXIT_USAGE;
    }
    run.said = calloc(1, SAID_MAX + 1);
    run.board = NULL;
    enum ob_exit status = run.said == NULL ? OB_EXIT_USAGE : OB_EXIT_OK;
    if (status == OB_EXIT_OK) {
        status = run.lives ? vb_campaign_prepare(&run.campaign) : read_alone(&run.campaign.target);
    }
    if (status == OB_EXIT_OK && ram_is_a_chip(&run)) {
        ob_diag_error(&(struct ob_loc){.file = run.ram}, "is one of the board's chips; --ram would write over it");
        status = OB_EXIT_USAGE;
    }
    if (status == OB_EXIT_OK) {
        status = run.lives ? vb_campaign_make(&run.campaign) : vb_target_make(&run.campaign.target);
        run.board = run.campaign.target.board;
    }
    if (status == OB_EXIT_OK) {
        status = run_board(&run);
    }
    vb_campaign_free(&run.campaign);
    free(run.said);
    return interrupted ? OB_EXIT_INTERRUPTED : status;
}
