/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "memo.h"

#include <stdlib.h>
#include <string.h>

#include <outboard/util.h>

#define PIECES 3u
#define PIECE_MAX 104u
#define KNOWN_MAX 2048u
#define COMPARE_EVERY 64u

/* Memory that an argument points to. */
struct piece {
    uint8_t argument;
    uint8_t len; /* bytes; 0: there is no more */
};

/* Functions of p256-m, of P256-Cortex-M4 and of Mbed TLS that read and write nothing else. */
static const struct function {
    const char *name;
    struct piece inputs[PIECES], outputs[PIECES];
    bool flags; /* the third and fourth argument are flags; there are two inputs at most */
} functions[] = {
    /* void scalar_mult(uint32_t rx[8], uint32_t ry[8], const uint32_t px[8], const uint32_t py[8],
     * const uint32_t s[8]) */
    {"scalar_mult", {{2, 32}, {3, 32}, {4, 32}}, {{0, 32}, {1, 32}}, false},
    /* void m256_inv(uint32_t z[8], const uint32_t x[8], const m256_mod *mod) */
    {"m256_inv", {{1, 32}, {2, 68}}, {{0, 32}}, false},
    /* int mbedtls_internal_sha256_process(mbedtls_sha256_context *ctx, const unsigned char data[64]) */
    {"mbedtls_internal_sha256_process", {{0, 104}, {1, 64}}, {{0, 104}}, false},
    /* void P256_double_j(uint32_t out[3][8], const uint32_t in[3][8]) */
    {"P256_double_j", {{1, 96}}, {{0, 96}}, false},
    /* void P256_add_sub_j(uint32_t point1[3][8], const uint32_t (*point2)[8], bool is_sub, bool p2_is_affine): an
     * affine point is shorter, what lies behind it counts as well */
    {"P256_add_sub_j", {{0, 96}, {1, 96}}, {{0, 96}}, true},
};

#define FUNCTIONS OB_ARRAY_SIZE(functions)

/* Breakpoints: where a function begins, and what it returns to. */
#define BREAK_ENTRY(n) (2 * (n))
#define BREAK_RETURN(n) (2 * (n) + 1)

_Static_assert(2 * FUNCTIONS <= VB_CPU_BREAKS, "each function takes two breakpoints");

struct known {
    uint8_t inputs[PIECES][PIECE_MAX]; /* what is not used is 0 */
    uint8_t outputs[PIECES][PIECE_MAX];
    uint64_t ticks;
};

struct call {
    bool active;
    bool compares; /* with known[index] */
    uint32_t index;
    uint32_t outputs[PIECES]; /* addresses */
    uint64_t start;
    uint8_t inputs[PIECES][PIECE_MAX];
};

/* What is known of one function. */
struct results {
    const struct function *function;
    unsigned nth;
    uint32_t entry; /* 0: the program does not have it */
    struct known *known;
    uint32_t count;
    struct call call;
    uint32_t returns_to; /* where the breakpoint is */
};

struct vb_memo {
    struct results results[FUNCTIONS];
    bool trusts;
    struct vb_memo_counts counts;
};

struct vb_memo *vb_memo_new(const struct vb_symbols *symbols)
{
    struct vb_memo *memo = calloc(1, sizeof(*memo));
    bool any = false;

    for (unsigned i = 0; memo != NULL && i < FUNCTIONS; i++) {
        struct results *results = &memo->results[i];
        const struct vb_symbol *symbol = vb_symbols_named(symbols, functions[i].name);
        *results = (struct results){.function = &functions[i], .nth = i};
        results->known = symbol == NULL ? NULL : calloc(KNOWN_MAX, sizeof(*results->known));
        results->entry = results->known == NULL ? 0 : symbol->address;
        any = any || results->entry != 0;
    }
    if (!any) {
        vb_memo_free(memo);
        memo = NULL;
    }
    return memo;
}

void vb_memo_free(struct vb_memo *memo)
{
    for (unsigned i = 0; memo != NULL && i < FUNCTIONS; i++) {
        free(memo->results[i].known);
    }
    free(memo);
}

void vb_memo_forget(struct vb_memo *memo, struct vb_board *board)
{
    for (unsigned i = 0; memo != NULL && i < VB_CPU_BREAKS; i++) {
        vb_cpu_break(board->cpu, i, 0);
    }
    board->breaker = (struct vb_breaker){0};
    vb_memo_free(memo);
}

void vb_memo_trust(struct vb_memo *memo)
{
    if (memo != NULL) {
        memo->trusts = true;
    }
}

struct vb_memo_counts vb_memo_counts(const struct vb_memo *memo)
{
    return memo == NULL ? (struct vb_memo_counts){0} : memo->counts;
}

static const uint8_t *readable(const struct vb_board *board, uint32_t address, uint32_t len)
{
    const uint8_t *ram = vb_board_ram(board, address, len);

    return ram != NULL ? ram : vb_board_flash(board, address, len);
}

/* The first four are in registers, the fifth is on the stack. */
static bool take_argument(struct vb_board *board, unsigned n, uint32_t *value)
{
    const uint8_t *stack = readable(board, vb_cpu_get(board->cpu, VB_SP), 4);

    if (n < 4) {
        *value = vb_cpu_get(board->cpu, (enum vb_cpu_register)(VB_R0 + n));
    } else if (stack != NULL) {
        *value = ob_get_le32(stack);
    }
    return n < 4 || stack != NULL;
}

/* Where the third input would be. */
static void take_flags(struct vb_board *board, struct call *call)
{
    for (unsigned n = 2; n < 4; n++) {
        ob_put_le32(call->inputs[PIECES - 1] + 4 * n, vb_cpu_get(board->cpu, (enum vb_cpu_register)(VB_R0 + n)));
    }
}

/* The arguments; false: something is where the CPU would fault, so let it. */
static bool take_arguments(struct vb_board *board, const struct function *function, struct call *call)
{
    bool fits = true;

    for (unsigned i = 0; i < PIECES && fits; i++) {
        const struct piece *in = &function->inputs[i];
        const struct piece *out = &function->outputs[i];
        uint32_t address = 0;
        fits = in->len == 0 || take_argument(board, in->argument, &address);
        const uint8_t *from = fits && in->len != 0 ? readable(board, address, in->len) : NULL;
        fits = in->len == 0 || from != NULL;
        if (from != NULL) {
            memcpy(call->inputs[i], from, in->len);
        }
        fits = fits && (out->len == 0 || (take_argument(board, out->argument, &call->outputs[i]) &&
                                          vb_board_ram(board, call->outputs[i], out->len) != NULL));
    }
    return fits;
}

static bool find(struct results *results)
{
    struct call *call = &results->call;

    for (call->index = 0; call->index < results->count; ++call->index) {
        if (memcmp(results->known[call->index].inputs, call->inputs, sizeof(call->inputs)) == 0) {
            return true;
        }
    }
    return false;
}

static void replay(struct vb_memo *memo, struct results *results, struct vb_board *board)
{
    const struct known *known = &results->known[results->call.index];

    for (unsigned i = 0; i < PIECES; i++) {
        const uint8_t len = results->function->outputs[i].len;
        if (len != 0) {
            memcpy(vb_board_ram(board, results->call.outputs[i], len), known->outputs[i], len);
        }
    }
    vb_stall(board, known->ticks);
    vb_cpu_set(board->cpu, VB_R0, 0); /* what those that return something return */
    board->pc = vb_cpu_get(board->cpu, VB_LR) & ~1u;
    memo->counts.replayed++;
}

static void execute(struct vb_memo *memo, struct results *results, struct vb_board *board)
{
    uint32_t back = vb_cpu_get(board->cpu, VB_LR) & ~1u;

    memo->counts.executed++;
    if (memo->trusts || (results->count == KNOWN_MAX && !results->call.compares)) {
        return; /* nor is anything learnt */
    }
    results->call.active = true;
    results->call.start = vb_now(board);
    if (results->returns_to != back) {
        results->returns_to = back;
        vb_cpu_break(board->cpu, BREAK_RETURN(results->nth), back);
    }
}

static void enter(struct vb_memo *memo, struct results *results, struct vb_board *board)
{
    results->call = (struct call){0};
    if (!take_arguments(board, results->function, &results->call)) {
        return;
    }
    if (results->function->flags) {
        take_flags(board, &results->call);
    }
    bool known = find(results);
    results->call.compares = known && !memo->trusts && memo->counts.replayed % COMPARE_EVERY == COMPARE_EVERY - 1;
    if (known && !results->call.compares) {
        replay(memo, results, board);
    } else {
        memo->counts.replayed += results->call.compares; /* so that the next one is replayed */
        execute(memo, results, board);
    }
}

static void leave(struct vb_memo *memo, struct results *results, struct vb_board *board)
{
    struct call *call = &results->call;
    uint8_t outputs[PIECES][PIECE_MAX] = {{0}};

    if (!call->active) {
        return;
    }
    call->active = false;
    for (unsigned i = 0; i < PIECES; i++) {
        const uint8_t len = results->function->outputs[i].len;
        if (len != 0) {
            memcpy(outputs[i], vb_board_ram(board, call->outputs[i], len), len);
        }
    }
    if (call->compares) {
        memo->counts.compared++;
        if (memcmp(outputs, results->known[call->index].outputs, sizeof(outputs)) != 0) {
            vb_board_end(board, VB_END_REFUSED, "the function %s gives another result than was kept for its input",
                         results->function->name);
        }
    } else if (results->count < KNOWN_MAX) {
        struct known *known = &results->known[results->count++];
        memcpy(known->inputs, call->inputs, sizeof(known->inputs));
        memcpy(known->outputs, outputs, sizeof(known->outputs));
        known->ticks = vb_now(board) - call->start;
    }
}

static void broke(void *ctx, struct vb_board *board)
{
    struct vb_memo *memo = ctx;
    const uint32_t pc = board->pc;

    for (unsigned i = 0; i < FUNCTIONS; i++) {
        struct results *results = &memo->results[i];
        if (pc == results->returns_to) {
            leave(memo, results, board);
        }
    }
    for (unsigned i = 0; i < FUNCTIONS; i++) {
        if (pc == memo->results[i].entry) {
            enter(memo, &memo->results[i], board);
        }
    }
}

enum vb_end vb_memo_run(struct vb_memo *memo, struct vb_board *board)
{
    bool first = memo != NULL && board->breaker.ctx == NULL;

    if (first) {
        board->breaker = (struct vb_breaker){.ctx = memo, .broke = broke};
    }
    for (unsigned i = 0; memo != NULL && i < FUNCTIONS; i++) {
        if (first && memo->results[i].entry != 0) {
            vb_cpu_break(board->cpu, BREAK_ENTRY(i), memo->results[i].entry);
        }
        memo->results[i].call.active = false; /* the power went in it */
    }
    return vb_board_run(board);
}
