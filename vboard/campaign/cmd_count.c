/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <common/args.h>
#include <common/json.h>

#include <outboard/util.h>

#include "../commands.h"
#include "campaign_options.h"

/* `outboard board count`: what each start costs until an image is entered, and where. Every instruction is executed. */

#define TOP 20u
#define MEMORIES 2u
#define TICKS_PER_S (1e6 * VB_TICKS_PER_US)

enum { OPT_TOP = 1280, OPT_JSON };

struct operations {
    uint64_t erases, erased_bytes, programs, programmed_bytes;
};

struct function {
    const char *name;
    uint64_t instructions;
};

struct start {
    uint64_t instructions;
    double seconds;
    uint32_t stack;
    struct operations operations[MEMORIES];
    struct function *functions; /* those that were entered, the most expensive first */
    unsigned function_count;
};

struct count {
    struct vb_campaign campaign;
    unsigned top;
    bool json;

    struct vb_board *board;
    uint64_t *blocks; /* of the start that runs: instructions of blocks that begin at this halfword of the flash */
    uint64_t entered; /* instructions of the image's first block, which are not the start's */
    uint32_t lowest;  /* stack pointer */
    struct start starts[VB_STARTS_MAX];
    unsigned start_count;
};

static const char *const memory_names[MEMORIES] = {[VB_INTERNAL] = "internal", [VB_EXTERNAL] = "external"};

static const struct argp_option options[] = {
    {"top", OPT_TOP, "N", 0, "print the N functions that take most (20); 0: all", 2},
    {"json", OPT_JSON, NULL, 0, "print the result as JSON, with all functions", 3},
    {0},
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct count *count = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &count->campaign;
        break;
    case OPT_TOP:
        count->top = (unsigned)ob_args_number(state, "--top", arg, 0, UINT_MAX);
        break;
    case OPT_JSON:
        count->json = true;
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

/* ---- while it runs ---- */

static void enter_block(void *ctx, uint32_t address)
{
    struct count *count = ctx;
    const struct vb_slot *slot = &count->campaign.target.primary;
    uint32_t instructions = vb_cpu_block_instructions(count->board->cpu);

    if (address >= slot->off && address - slot->off < slot->size) {
        count->entered = instructions;
        vb_board_end(count->board, VB_END_WATCH, "came to the image");
    } else {
        count->blocks[address / 2] += instructions;
    }
}

static void step(void *ctx, uint32_t address, uint32_t size)
{
    struct count *count = ctx;

    (void)address;
    (void)size;
    count->lowest = OB_MIN(count->lowest, vb_cpu_get(count->board->cpu, VB_SP));
}

static void add_operation(void *ctx, const struct vb_operation *operation)
{
    struct count *count = ctx;
    struct operations *sum = &count->starts[count->start_count].operations[operation->memory];

    if (operation->erase) {
        sum->erases++;
        sum->erased_bytes += operation->len;
    } else {
        sum->programs++;
        sum->programmed_bytes += operation->len;
    }
}

static void begin(void *ctx, uint32_t nth)
{
    struct count *count = ctx;

    (void)nth;
    memset(count->blocks, 0, count->board->flash_size / 2 * sizeof(*count->blocks));
    count->entered = 0;
    count->lowest = UINT32_MAX;
}

static int more_first(const void *left, const void *right)
{
    const struct function *a = left, *b = right;

    return a->instructions != b->instructions ? (a->instructions < b->instructions ? 1 : -1) : strcmp(a->name, b->name);
}

/* Addresses rise, and so do the symbols: a function's blocks follow one another. */
static void add_up_functions(const struct count *count, struct start *start)
{
    start->functions = calloc(count->campaign.target.symbols.count + 1, sizeof(*start->functions));
    if (start->functions == NULL) {
        abort(); /* a count that is out of memory says nothing */
    }
    struct function *unknown = &start->functions[start->function_count++];
    const struct vb_symbol *last = NULL;
    unknown->name = "(no function)";
    for (uint32_t at = 0; at < count->board->flash_size / 2; at++) {
        if (count->blocks[at] == 0) {
            continue;
        }
        const struct vb_symbol *symbol = vb_symbols_at(&count->campaign.target.symbols, at * 2);
        if (symbol != NULL && symbol != last) {
            start->functions[start->function_count++].name = symbol->name;
            last = symbol;
        }
        struct function *function = symbol == NULL ? unknown : &start->functions[start->function_count - 1];
        function->instructions += count->blocks[at];
    }
    qsort(start->functions, start->function_count, sizeof(*start->functions), more_first);
    while (start->function_count > 0 && start->functions[start->function_count - 1].instructions == 0) {
        start->function_count--;
    }
}

static void end(void *ctx, const char *why)
{
    struct count *count = ctx;
    struct start *start = &count->starts[count->start_count++];

    (void)why;
    start->instructions = vb_cpu_instructions(count->board->cpu) - count->board->first_instruction - count->entered;
    start->seconds = (double)vb_now(count->board) / TICKS_PER_S;
    start->stack = (ob_get_le32(count->board->flash) & ~3u) - count->lowest;
    add_up_functions(count, start);
}

/* ---- the result ---- */

static const char *with_commas(uint64_t value, char text[32])
{
    char plain[24];
    char *out = text;
    int len = snprintf(plain, sizeof(plain), "%" PRIu64, value);

    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0) {
            *out++ = ',';
        }
        *out++ = plain[i];
    }
    *out = '\0';
    return text;
}

static void print_operations(const char *chip, const struct operations *sum)
{
    char a[32], b[32], c[32], d[32];

    printf("  %s flash: %s erases of %s bytes, %s programs of %s bytes\n", chip, with_commas(sum->erases, a),
           with_commas(sum->erased_bytes, b), with_commas(sum->programs, c), with_commas(sum->programmed_bytes, d));
}

static void print_start(const struct count *count, unsigned nth)
{
    const struct start *start = &count->starts[nth];
    unsigned shown = count->top == 0 ? start->function_count : OB_MIN(count->top, start->function_count);
    char a[32], b[32];

    printf("start %u: %s instructions, %.3f s of the board's time, %s bytes of stack\n", nth + 1,
           with_commas(start->instructions, a), start->seconds, with_commas(start->stack, b));
    for (unsigned i = 0; i < MEMORIES; i++) {
        if (start->operations[i].erases + start->operations[i].programs > 0) {
            print_operations(memory_names[i], &start->operations[i]);
        }
    }
    for (unsigned i = 0; i < shown; i++) {
        const struct function *function = &start->functions[i];
        printf("  %15s  %5.1f %%  %s\n", with_commas(function->instructions, a),
               100.0 * (double)function->instructions / (double)start->instructions, function->name);
    }
    if (shown < start->function_count) {
        printf("  and %u functions more\n", start->function_count - shown);
    }
}

static cJSON *operations_json(const struct operations *sum)
{
    cJSON *json = cJSON_CreateObject();

    cJSON_AddNumberToObject(json, "erases", (double)sum->erases);
    cJSON_AddNumberToObject(json, "erased_bytes", (double)sum->erased_bytes);
    cJSON_AddNumberToObject(json, "programs", (double)sum->programs);
    cJSON_AddNumberToObject(json, "programmed_bytes", (double)sum->programmed_bytes);
    return json;
}

static cJSON *start_json(const struct start *start)
{
    cJSON *json = cJSON_CreateObject();
    cJSON *functions = cJSON_CreateArray();

    cJSON_AddNumberToObject(json, "instructions", (double)start->instructions);
    cJSON_AddNumberToObject(json, "seconds", start->seconds);
    cJSON_AddNumberToObject(json, "stack", start->stack);
    for (unsigned i = 0; i < MEMORIES; i++) {
        cJSON_AddItemToObject(json, memory_names[i], operations_json(&start->operations[i]));
    }
    for (unsigned i = 0; i < start->function_count; i++) {
        cJSON *function = cJSON_CreateObject();
        cJSON_AddStringToObject(function, "name", start->functions[i].name);
        cJSON_AddNumberToObject(function, "instructions", (double)start->functions[i].instructions);
        cJSON_AddItemToArray(functions, function);
    }
    cJSON_AddItemToObject(json, "functions", functions);
    return json;
}

static void print_json(const struct count *count)
{
    cJSON *json = cJSON_CreateObject();
    cJSON *starts = cJSON_CreateArray();

    for (unsigned i = 0; i < count->start_count; i++) {
        cJSON_AddItemToArray(starts, start_json(&count->starts[i]));
    }
    cJSON_AddItemToObject(json, "starts", starts);
    ob_json_print(stdout, json);
}

/* ---- all of it ---- */

static enum ob_exit run(struct count *count)
{
    struct vb_history history;
    struct vb_history_plan plan = {.starting = begin, .ended = end, .ctx = count};

    count->board = count->campaign.target.board;
    count->blocks = calloc(count->board->flash_size / 2, sizeof(*count->blocks));
    if (count->blocks == NULL) {
        ob_diag_error(NULL, "board: out of memory");
        return OB_EXIT_USAGE;
    }
    count->board->listener =
        (struct vb_listener){.ctx = count, .watch = enter_block, .step = step, .operation = add_operation};
    vb_cpu_watch(count->board->cpu, 0, count->board->flash_size);
    vb_cpu_trace(count->board->cpu, 0, count->board->flash_size);
    vb_history_run(&count->campaign, &plan, &history);
    for (unsigned i = 0; i < count->start_count && !count->json; i++) {
        print_start(count, i);
    }
    if (count->json) {
        print_json(count);
    }
    if (history.outcome == VB_OUTCOME_FAILED) {
        ob_diag_error(NULL, "board: %s", history.why);
        return OB_EXIT_FINDING;
    }
    return OB_EXIT_OK;
}

int vb_cmd_count(int argc, char **argv)
{
    static const struct argp_child children[] = {{&vb_campaign_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse_option,
        .args_doc = "BUILD [--update FILE]\n--board NAME --internal FILE... --old FILE --new FILE --slot ADDR",
        .doc =
            "Count what each start costs, from power on until an image is entered: instructions by function, stack, "
            "flash operations; start after start until one changes nothing. Nothing is written to the build folder.\v"
            "  outboard board count build/dfu --update app_update.bin",
        .children = children};
    static struct count count;

    count.top = TOP;
    ob_args_parse(&argp, argc, argv, 0, &count);
    enum ob_exit status = vb_campaign_prepare(&count.campaign);
    if (status == OB_EXIT_OK && !vb_campaign_is_in_flash(&count.campaign, "count")) {
        status = OB_EXIT_USAGE;
    }
    if (status == OB_EXIT_OK) {
        status = vb_campaign_make(&count.campaign);
    }
    if (status == OB_EXIT_OK) {
        status = run(&count);
    }
    for (unsigned i = 0; i < count.start_count; i++) {
        free(count.starts[i].functions);
    }
    free(count.blocks);
    vb_campaign_free(&count.campaign);
    return status;
}
