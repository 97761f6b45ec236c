/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "glitch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <outboard/util.h>

#include "../memo.h"
#include "rng.h"

/*
 * A run without a fault is recorded: each instruction that it executes, and a hash of the whole state where a function
 * begins. It is then gone through again; at each place where a fault falls all of the board is kept, each fault is
 * tried from there, and ends as soon as its state is one of the record again: the rest is known.
 */

#define STATES_MAX (1u << 20) /* a power of two, as KNOWN_MAX */
#define PROBES 64u
#define VALUES 8u /* of a table's entries */
#define LOOKS_MAX 24u
#define SITE_MAX 4096u      /* executions of a function's first instruction: more of them are not looked at */
#define FIRST_LOOK 64u      /* instructions behind a fault */
#define SLACK_STEPS 300000u /* more than the run without a fault, and it hangs */
#define SLACK_TICKS (250000u * VB_TICKS_PER_US)
#define LATER_STEPS 300000000u /* of a start after the one with the fault: it may install something */
#define LATER_STARTS 4u
#define LATER_LIMIT_TICKS (600ull * 1000000u * VB_TICKS_PER_US)
#define KNOWN_MAX 65536u   /* states of the cells; a power of two */
#define NULL_EVERY 64u     /* executions */
#define COMPARE_EVERY 256u /* trials that ended early */
#define TELL_EVERY 1024u
#define APART_MAX 20000u /* instructions between two faults */
#define RAM_NOISE 0xa7
#define PAGE 1024u
#define REQUEST_SIZE 64u /* what lies at the end of a slot that is asked for */

/* Functions of the libraries that do the arithmetic. What calls them is not in here. */
static const char *const crypto[] = {"u256_",     "u288_", "m256_", "point_",    "scalar_mult", "mbedtls_sha",
                                     "mbedtls_i", "P256_", "p256_", "crypto_",   "fe_",         "ge_",
                                     "mbedtls_m", "add_c", "mul_",  "jacobian_", "slide_"};

/* Those of these names that decide, and are gone through as the rest. */
static const char *const deciding[] = {"p256_ecdsa_verify", "p256_verify", "P256_verify_last_step", "crypto_verify32",
                                       "crypto_eddsa_check_equation"};

/* In the loops of those that call them. */
static const char *const moving[] = {"memcpy", "memset", "memmove"};

enum { FLAG_INNER = 1, FLAG_MEMBER = 2, FLAG_MOVES = 4, FLAG_SITE = 8 };

/* What a run without a fault did. */
struct record {
    uint32_t *pcs; /* bit 0: in a loop of the cryptography */
    uint64_t count, room;
    enum vb_glitch_end end;
    uint64_t time, operations;
};

enum mode { MODE_MEASURE, MODE_RECORD, MODE_FOLLOW, MODE_TRIAL, MODE_LATER };

/* Why a run was stopped in front of an instruction. */
enum stop { STOP_NOT, STOP_PLACE, STOP_LEFT, STOP_SEEN, STOP_HANG, STOP_SECOND };

struct vb_glitch {
    struct vb_campaign *campaign;
    struct vb_board *board;
    struct vb_code code;
    uint8_t *flags;             /* of each halfword of code */
    uint16_t *visits;           /* the same */
    uint32_t ram_used, deepest; /* offsets in RAM: what is never used, where the stack comes to */
    bool inner;
    struct record record;
    struct vb_snapshot *place;
    struct vb_cells_state first; /* the cells before any start */
    uint64_t known[KNOWN_MAX];   /* cells from which no start does wrong */
    uint64_t *states;            /* of the whole board, and how a run goes on from there */

    /* the run that goes on */
    enum mode mode;
    enum stop stop;
    uint64_t step;
    uint64_t stop_at, step_limit;
    uint64_t next_look, look_gap;
    uint64_t looks[LOOKS_MAX]; /* states that this run came through */
    unsigned look_count;
    uint8_t known_end;
    uint32_t unit_start, unit_end, last; /* while code is patched */
    bool patched, early, was_inner;

    uint64_t rng;
    char why[VB_WHY_SIZE];
    struct vb_glitch_counts counts;
    uint64_t untold;
};

/* ---- tables of hashes, each with a small value ---- */

static uint64_t *slot_of(uint64_t *table, uint32_t size, uint64_t hash)
{
    uint32_t at = (uint32_t)(hash >> 32) % size;

    for (uint32_t probes = 0; probes < PROBES && table[at] != 0 && table[at] / VALUES != hash / VALUES; probes++) {
        at = (at + 1) % size;
    }
    return &table[at];
}

static bool is_in(uint64_t *table, uint32_t size, uint64_t hash, uint8_t *value)
{
    const uint64_t found = *slot_of(table, size, hash);

    *value = (uint8_t)(found % VALUES - 1);
    return found != 0 && found / VALUES == hash / VALUES;
}

/* What is there already stays. */
static void put(uint64_t *table, uint32_t size, uint64_t hash, uint8_t value)
{
    uint64_t *slot = slot_of(table, size, hash);

    if (*slot == 0) {
        *slot = hash / VALUES * VALUES + value + 1;
    }
}

/* ---- each instruction ---- */

static void stop(struct vb_glitch *glitch, enum stop why)
{
    glitch->stop = why;
    vb_board_end(glitch->board, VB_END_UNTIL, "stopped");
}

/* What was on the stack, below its pointer, is not read any more. */
static uint64_t hash_state(struct vb_glitch *glitch)
{
    const uint32_t pointer = vb_cpu_get(glitch->board->cpu, VB_SP) - glitch->board->soc->ram_base;
    bool on_stack = pointer > glitch->deepest && pointer < glitch->ram_used;

    return vb_board_hash(glitch->board, glitch->deepest, on_stack ? pointer : glitch->deepest, glitch->ram_used);
}

static bool rest_is_noise(const struct vb_glitch *glitch)
{
    const uint8_t *rest = glitch->board->ram + glitch->ram_used;
    const size_t len = glitch->board->soc->ram_size - glitch->ram_used;

    return len < 2 || (rest[0] == RAM_NOISE && memcmp(rest, rest + 1, len - 1) == 0);
}

/* Bytes that the cryptography moves are part of its loops, others are not. */
static bool is_inner_now(struct vb_glitch *glitch, uint32_t address)
{
    const uint8_t flags = glitch->flags[address / 2];

    if ((flags & FLAG_MOVES) == 0) {
        glitch->was_inner = (flags & FLAG_INNER) != 0;
    }
    return glitch->was_inner;
}

/* How deep the stack comes, and how often functions are entered: those that are not too often are looked at. */
static void measure_step(struct vb_glitch *glitch, uint32_t address)
{
    glitch->deepest = OB_MIN(glitch->deepest, vb_cpu_get(glitch->board->cpu, VB_SP) - glitch->board->soc->ram_base);
    if ((glitch->flags[address / 2] & FLAG_SITE) != 0 && ++glitch->visits[address / 2] > SITE_MAX) {
        glitch->flags[address / 2] &= (uint8_t)~FLAG_SITE;
    }
}

/* How a start without a fault ends. */
static enum vb_glitch_end goal_of(const struct vb_glitch *glitch)
{
    return glitch->campaign->scenario == VB_SCENARIO_OLDER ? VB_GLITCH_STARTED : VB_GLITCH_HALTED;
}

static void record_step(struct vb_glitch *glitch, uint32_t address)
{
    struct record *record = &glitch->record;

    if (record->count == record->room) {
        record->room = OB_MAX(1u << 20, record->room * 2);
        record->pcs = realloc(record->pcs, record->room * sizeof(*record->pcs));
        if (record->pcs == NULL) {
            abort(); /* a campaign that is out of memory proves nothing */
        }
    }
    record->pcs[record->count++] = address | is_inner_now(glitch, address);
    const struct vb_unit unit = vb_unit_at(glitch->code, address);
    for (uint32_t at = address + 2; unit.members != 0 && at < address + unit.size; at += 2) {
        glitch->flags[at / 2] |= FLAG_MEMBER;
    }
    if ((glitch->flags[address / 2] & FLAG_SITE) != 0) {
        put(glitch->states, STATES_MAX, hash_state(glitch), (uint8_t)goal_of(glitch));
    }
}

/* Is it known how it goes on from here? Not asked too often: it takes as long as a thousand instructions. */
static bool is_seen_before(struct vb_glitch *glitch, uint32_t address)
{
    if ((glitch->flags[address / 2] & FLAG_SITE) == 0 || glitch->step < glitch->next_look || !rest_is_noise(glitch)) {
        return false;
    }
    const uint64_t hash = hash_state(glitch);
    glitch->look_gap *= 2;
    glitch->next_look = glitch->step + glitch->look_gap;
    if (glitch->look_count < LOOKS_MAX) {
        glitch->looks[glitch->look_count++] = hash;
    }
    return is_in(glitch->states, STATES_MAX, hash, &glitch->known_end);
}

static void try_step(struct vb_glitch *glitch, uint32_t address)
{
    bool inside = address >= glitch->unit_start && address < glitch->unit_end && address > glitch->last;

    if (glitch->patched && !inside) {
        stop(glitch, STOP_LEFT);
        return;
    }
    glitch->last = address;
    if (glitch->stop_at != 0 && glitch->step >= glitch->stop_at && (glitch->flags[address / 2] & FLAG_MEMBER) == 0) {
        stop(glitch, STOP_SECOND);
    } else if (glitch->step > glitch->step_limit) {
        stop(glitch, STOP_HANG);
    } else if (glitch->early && !glitch->patched && glitch->stop_at == 0 && is_seen_before(glitch, address)) {
        stop(glitch, STOP_SEEN);
    }
}

static void step(void *ctx, uint32_t address, uint32_t size)
{
    struct vb_glitch *glitch = ctx;

    (void)size;
    switch (glitch->mode) {
    case MODE_MEASURE:
        measure_step(glitch, address);
        break;
    case MODE_RECORD:
        record_step(glitch, address);
        break;
    case MODE_FOLLOW:
        if (glitch->step == glitch->stop_at) {
            stop(glitch, STOP_PLACE);
            return; /* it is counted when the run goes on */
        }
        break;
    default:
        try_step(glitch, address);
        if (glitch->stop != STOP_NOT) {
            return;
        }
        break;
    }
    glitch->step++;
}

/* ---- runs ---- */

static enum vb_end run(struct vb_glitch *glitch)
{
    glitch->stop = STOP_NOT;
    return vb_memo_run(glitch->campaign->memo, glitch->board);
}

static void start(struct vb_glitch *glitch, enum mode mode)
{
    glitch->mode = mode;
    glitch->step = 0;
    glitch->stop_at = 0;
    glitch->patched = false;
    glitch->early = false;
    glitch->board->rng = 1;
    vb_board_power_on(glitch->board);
}

static bool holds(const struct vb_board *board, const struct vb_slot *slot, const struct vb_image *image)
{
    return image->data != NULL && memcmp(board->flash + slot->off, image->data, image->size) == 0;
}

/* What may run is there: in a campaign with an older image the new one, else nothing. */
static enum vb_glitch_end judge_entry(const struct vb_glitch *glitch)
{
    const struct vb_campaign *campaign = glitch->campaign;
    bool may = goal_of(glitch) == VB_GLITCH_STARTED && holds(glitch->board, &campaign->target.primary, &campaign->old);

    return may ? VB_GLITCH_STARTED : VB_GLITCH_BYPASS;
}

static enum vb_glitch_end judge(const struct vb_glitch *glitch, enum vb_end end)
{
    switch (end) {
    case VB_END_WATCH:
        return judge_entry(glitch);
    case VB_END_RESTS:
        return VB_GLITCH_HALTED;
    case VB_END_REFUSED:
        return VB_GLITCH_REFUSED;
    case VB_END_FAULT:
        return VB_GLITCH_FAULT;
    case VB_END_UNTIL:
        return glitch->stop == STOP_SEEN ? (enum vb_glitch_end)glitch->known_end : VB_GLITCH_HANG;
    default:
        return VB_GLITCH_HANG;
    }
}

/* ---- starts after the one with the fault ---- */

/* The device is switched off and on again: does it start then what it should not? */
static enum vb_glitch_end live_on(struct vb_glitch *glitch)
{
    enum vb_glitch_end end = VB_GLITCH_HALTED;
    uint64_t before = 0;
    uint8_t value;

    for (unsigned starts = 0; starts < LATER_STARTS && end != VB_GLITCH_BYPASS; starts++) {
        vb_board_settle(glitch->board);
        uint64_t hash = vb_cells_hash(glitch->board);
        if (hash == before || is_in(glitch->known, KNOWN_MAX, hash, &value)) {
            break;
        }
        before = hash;
        start(glitch, MODE_LATER);
        glitch->step_limit = LATER_STEPS;
        glitch->board->limit = LATER_LIMIT_TICKS;
        end = judge(glitch, run(glitch));
        if (end != VB_GLITCH_BYPASS) {
            put(glitch->known, KNOWN_MAX, hash, 0);
        }
    }
    return end;
}

/* ---- one trial ---- */

static void patch(struct vb_glitch *glitch, const struct vb_effect *effect, const uint8_t *bytes)
{
    memcpy(glitch->board->flash + effect->patch_at, bytes, effect->patch_size);
    vb_cpu_flash_changed(glitch->board->cpu, effect->patch_at, effect->patch_size);
}

/* The board stands before the unit. Comes back where the fault has had its effect, unless the run ended in it. */
static enum vb_end strike(struct vb_glitch *glitch, const struct vb_unit *unit, const struct vb_fault *fault)
{
    const struct vb_effect effect = vb_fault_effect(glitch->code, unit, fault);
    struct vb_board *board = glitch->board;
    uint8_t saved[sizeof(effect.patch)];

    board->pc = effect.start;
    vb_cpu_skip(board->cpu, effect.nops);
    glitch->step += effect.nops;
    if (effect.sets_r0) {
        vb_cpu_set(board->cpu, VB_R0, effect.r0);
    }
    if (effect.patch_size == 0) {
        return run(glitch);
    }
    memcpy(saved, glitch->code.bytes + effect.patch_at, effect.patch_size);
    glitch->unit_start = unit->address;
    glitch->unit_end = OB_MAX(unit->address + unit->size, effect.patch_at + effect.patch_size);
    glitch->last = 0;
    glitch->patched = true;
    patch(glitch, &effect, effect.patch);
    enum vb_end end = run(glitch);
    patch(glitch, &effect, saved);
    glitch->patched = false;
    return end == VB_END_UNTIL && glitch->stop == STOP_LEFT ? run(glitch) : end;
}

static void choose_second(struct vb_glitch *glitch, const struct vb_unit *unit, struct vb_fault *out)
{
    struct vb_fault faults[VB_UNIT_FAULTS];
    const unsigned count = vb_unit_faults(glitch->code, unit, (1u << VB_FAULT_MODELS) - 1,
                                          vb_call_before(glitch->code, unit->address) != 0, faults);

    *out = faults[sim_rng_below(&glitch->rng, count)];
}

static void prepare_trial(struct vb_glitch *glitch, const struct vb_glitch_result *result, bool early)
{
    glitch->mode = MODE_TRIAL;
    glitch->step = result->place.step;
    glitch->step_limit = glitch->record.count + SLACK_STEPS;
    glitch->board->limit = glitch->record.time + SLACK_TICKS;
    vb_board_look(glitch->board);
    glitch->stop_at = result->second_step == 0 ? 0 : result->place.step + result->second_step;
    glitch->early = early;
    glitch->look_gap = FIRST_LOOK;
    glitch->next_look = result->place.step + FIRST_LOOK;
    glitch->look_count = 0;
}

/* Of what lies in the primary slot. */
static uint32_t reset_vector(const struct vb_glitch *glitch)
{
    const struct vb_campaign *campaign = glitch->campaign;

    return ob_get_le32(glitch->board->flash + campaign->target.primary.off + campaign->vectors + 4) & ~1u;
}

/* From the place that is kept. result->place and second_step are given. */
static void try_fault(struct vb_glitch *glitch, const struct vb_unit *unit, struct vb_glitch_result *result, bool early)
{
    struct vb_board *board = glitch->board;

    vb_snapshot_restore(glitch->place);
    prepare_trial(glitch, result, early);
    enum vb_end end = strike(glitch, unit, &result->place.fault);
    if (end == VB_END_UNTIL && glitch->stop == STOP_SECOND) {
        const struct vb_unit second = vb_unit_at(glitch->code, board->pc);
        choose_second(glitch, &second, &result->second);
        glitch->stop_at = 0;
        end = strike(glitch, &second, &result->second);
    }
    result->end = (uint8_t)judge(glitch, end);
    result->seen = end == VB_END_UNTIL && glitch->stop == STOP_SEEN;
    result->pc = board->pc;
    result->steps = glitch->step;
    result->later = false;
    snprintf(result->why, sizeof(result->why), "%s", board->why);
    if (result->end != VB_GLITCH_BYPASS && !result->seen && board->operations > 0 &&
        live_on(glitch) == VB_GLITCH_BYPASS) {
        result->end = VB_GLITCH_BYPASS;
        result->later = true;
        result->pc = board->pc;
    }
    result->wild = result->end == VB_GLITCH_BYPASS && result->pc != reset_vector(glitch);
    if (result->end == VB_GLITCH_BYPASS) {
        glitch->look_count = 0;
    }
    while (glitch->look_count > 0) {
        put(glitch->states, STATES_MAX, glitch->looks[--glitch->look_count], result->end);
    }
}

/* ---- learning ---- */

static bool begins_with_one_of(const char *name, const char *const *prefixes, size_t count)
{
    bool found = false;

    for (size_t i = 0; i < count && !found; i++) {
        found = strncmp(name, prefixes[i], strlen(prefixes[i])) == 0;
    }
    return found;
}

static uint8_t flags_of(const char *name)
{
    if (begins_with_one_of(name, moving, OB_ARRAY_SIZE(moving))) {
        return FLAG_MOVES;
    }
    bool decides = begins_with_one_of(name, deciding, OB_ARRAY_SIZE(deciding));
    return begins_with_one_of(name, crypto, OB_ARRAY_SIZE(crypto)) && !decides ? FLAG_INNER : 0;
}

static void mark_functions(struct vb_glitch *glitch)
{
    const struct vb_symbols *symbols = &glitch->campaign->target.symbols;

    for (size_t i = 0; i < symbols->count; i++) {
        const struct vb_symbol *symbol = &symbols->items[i];
        if (symbol->address < glitch->code.size && symbol->size <= glitch->code.size - symbol->address) {
            const uint8_t flags = flags_of(symbol->name);
            memset(glitch->flags + symbol->address / 2, flags, symbol->size / 2);
            glitch->flags[symbol->address / 2] |= flags == 0 ? FLAG_SITE : 0;
        }
    }
}

static uint32_t ram_in_use(const struct vb_board *board)
{
    uint32_t used = board->soc->ram_size;

    while (used > 0 && board->ram[used - 1] == RAM_NOISE) {
        used--;
    }
    return OB_MIN(ob_align_up(used, PAGE), board->soc->ram_size);
}

/* Before every run: the cells are those of the first start. */
static void begin(struct vb_glitch *glitch, enum mode mode)
{
    vb_cells_restore(glitch->board, &glitch->first);
    vb_cells_show(glitch->board);
    start(glitch, mode);
    glitch->board->limit = LATER_LIMIT_TICKS;
}

/* Before the image in the update slot is asked for the device has lived: its floor stands. */
static const char *start_before(struct vb_glitch *glitch)
{
    const struct vb_slot *slot = &glitch->campaign->target.secondary;
    struct vb_nor *nor = vb_board_external(glitch->board);
    struct sim_chip *chip = slot->memory == VB_INTERNAL ? glitch->board->internal : &nor->chip.cells;
    const uint32_t end = slot->off + slot->size - REQUEST_SIZE;
    uint8_t request[REQUEST_SIZE];
    uint8_t none[REQUEST_SIZE];

    memset(none, chip->flash.erased_value, sizeof(none));
    sim_chip_peek(chip, end, request, sizeof(request));
    sim_chip_poke(chip, end, none, sizeof(none));
    begin(glitch, MODE_LATER);
    const enum vb_glitch_end how = judge(glitch, run(glitch));
    vb_board_settle(glitch->board);
    sim_chip_poke(chip, end, request, sizeof(request));
    vb_cells_free(glitch->board, &glitch->first);
    vb_cells_save(glitch->board, &glitch->first);
    return how == VB_GLITCH_STARTED ? NULL : "the start before the image is asked for does not start what it should";
}

static const char *learn(struct vb_glitch *glitch)
{
    struct record *record = &glitch->record;

    glitch->states = calloc(STATES_MAX, sizeof(*glitch->states));
    glitch->place = vb_snapshot_new(glitch->board);
    if (glitch->states == NULL || glitch->place == NULL) {
        return "out of memory";
    }
    vb_cells_save(glitch->board, &glitch->first);
    const char *why = glitch->campaign->started_before ? start_before(glitch) : NULL;
    if (why != NULL) {
        return why;
    }
    begin(glitch, MODE_LATER);
    run(glitch); /* results of multiplications are known from now on */
    vb_memo_trust(glitch->campaign->memo);
    glitch->ram_used = ram_in_use(glitch->board);
    glitch->board->listener = (struct vb_listener){.ctx = glitch, .step = step};
    vb_cpu_trace(glitch->board->cpu, 0, glitch->code.size);
    glitch->deepest = glitch->ram_used;
    begin(glitch, MODE_MEASURE);
    run(glitch);
    begin(glitch, MODE_RECORD);
    record->end = judge(glitch, run(glitch));
    record->time = vb_now(glitch->board);
    record->operations = glitch->board->operations;
    if (record->end != goal_of(glitch)) {
        return record->end == VB_GLITCH_BYPASS ? "it runs even without a fault what it should refuse"
                                               : glitch->board->why;
    }
    vb_board_settle(glitch->board);
    return live_on(glitch) == VB_GLITCH_BYPASS ? "its second start runs what it should refuse" : NULL;
}

struct vb_glitch *vb_glitch_new(struct vb_campaign *campaign, bool inner, const char **why)
{
    struct vb_glitch *glitch = calloc(1, sizeof(*glitch));

    *why = "out of memory";
    if (glitch == NULL) {
        return NULL;
    }
    glitch->campaign = campaign;
    glitch->board = campaign->target.board;
    glitch->inner = inner;
    glitch->code = (struct vb_code){glitch->board->flash, campaign->target.primary.off};
    glitch->flags = calloc(glitch->code.size / 2 + 1, 1);
    glitch->visits = calloc(glitch->code.size / 2 + 1, sizeof(*glitch->visits));
    if (glitch->flags != NULL && glitch->visits != NULL) {
        mark_functions(glitch);
        *why = learn(glitch);
    }
    if (*why != NULL) {
        vb_glitch_free(glitch);
        return NULL;
    }
    return glitch;
}

void vb_glitch_free(struct vb_glitch *glitch)
{
    if (glitch == NULL) {
        return;
    }
    vb_cpu_trace(glitch->board->cpu, 0, 0);
    glitch->board->listener = (struct vb_listener){0};
    vb_snapshot_free(glitch->place);
    vb_cells_restore(glitch->board, &glitch->first);
    vb_cells_free(glitch->board, &glitch->first);
    free(glitch->states);
    free(glitch->record.pcs);
    free(glitch->flags);
    free(glitch->visits);
    free(glitch);
}

/* ---- choosing ---- */

static uint32_t pc_at(const struct vb_glitch *glitch, uint64_t index)
{
    return glitch->record.pcs[index] & ~1u;
}

uint64_t vb_glitch_steps(const struct vb_glitch *glitch)
{
    return glitch->record.count;
}

/* A place where a run can stand: outside the cryptography, or inside if that is what is sampled. */
static bool is_place(const struct vb_glitch *glitch, uint64_t index)
{
    const uint32_t pc = glitch->record.pcs[index];

    return (glitch->flags[pc / 2] & FLAG_MEMBER) == 0 && (pc & 1) == glitch->inner;
}

/* Counts places; which of them a campaign chooses depends on nothing else. */
struct choice {
    const struct vb_glitch_options *options;
    uint64_t nth;
};

static bool is_chosen(struct vb_glitch *glitch, struct choice *choice, uint64_t index)
{
    const uint64_t visits = choice->options->visits;
    uint16_t *visited = &glitch->visits[pc_at(glitch, index) / 2];

    if (choice->nth++ % choice->options->every != 0) {
        return false;
    }
    return visits == 0 || (*visited < visits && ++*visited <= visits);
}

static void begin_choice(struct vb_glitch *glitch, struct choice *choice, const struct vb_glitch_options *options)
{
    *choice = (struct choice){.options = options};
    memset(glitch->visits, 0, (glitch->code.size / 2 + 1) * sizeof(*glitch->visits));
}

static uint64_t count_places(const struct vb_glitch *glitch)
{
    uint64_t places = 0;

    for (uint64_t i = 0; i < glitch->record.count; i++) {
        places += is_place(glitch, i);
    }
    return places;
}

uint64_t vb_glitch_executions(struct vb_glitch *glitch, const struct vb_glitch_options *options)
{
    struct choice choice;
    uint64_t chosen = 0;

    if (glitch->inner) {
        return OB_MIN(count_places(glitch), options->sample);
    }
    begin_choice(glitch, &choice, options);
    for (uint64_t i = 0; i < glitch->record.count; i++) {
        chosen += is_place(glitch, i) && is_chosen(glitch, &choice, i);
    }
    return chosen;
}

static bool has_returned(const struct vb_glitch *glitch, uint64_t index)
{
    const uint32_t call = vb_call_before(glitch->code, pc_at(glitch, index));

    return call != 0 && index > 0 && pc_at(glitch, index - 1) != call;
}

/* ---- campaigns ---- */

struct teller {
    void (*tell)(void *ctx, const struct vb_glitch_result *bypass, const struct vb_glitch_counts *counts);
    void *ctx;
};

/* Come to a place that is ahead. @return false: the run ended before */
static bool follow(struct vb_glitch *glitch, uint64_t index)
{
    glitch->mode = MODE_FOLLOW;
    glitch->stop_at = index;
    glitch->board->limit = LATER_LIMIT_TICKS;
    bool there = run(glitch) == VB_END_UNTIL && glitch->stop == STOP_PLACE && glitch->board->pc == pc_at(glitch, index);
    if (there) {
        vb_snapshot_take(glitch->place);
    }
    return there;
}

/* Go on with the run without a fault. */
static void back_to_place(struct vb_glitch *glitch, uint64_t index)
{
    vb_snapshot_restore(glitch->place);
    glitch->step = index;
}

static void account(struct vb_glitch *glitch, const struct vb_glitch_result *result, const struct teller *teller)
{
    struct vb_glitch_counts *counts = &glitch->counts;

    if (result->second_step != 0) {
        counts->pairs++;
        counts->pair_bypasses += result->end == VB_GLITCH_BYPASS;
    } else {
        counts->trials++;
        counts->inner += result->place.inner;
        counts->ends[result->end]++;
        counts->models[result->place.fault.model]++;
        counts->seen += result->seen;
    }
    bool bypass = result->end == VB_GLITCH_BYPASS;
    if (bypass || ++glitch->untold >= TELL_EVERY) {
        teller->tell(teller->ctx, bypass ? result : NULL, counts);
        *counts = (struct vb_glitch_counts){0};
        glitch->untold = 0;
    }
}

/* A trial that ended early is run to its end now and then. */
static const char *compare(struct vb_glitch *glitch, const struct vb_unit *unit, struct vb_glitch_result result)
{
    const uint8_t known = result.end;

    try_fault(glitch, unit, &result, false);
    if (result.end == VB_GLITCH_BYPASS) {
        char word[VB_FAULT_TEXT];
        vb_fault_print(&result.place.fault, word);
        snprintf(glitch->why, sizeof(glitch->why), "step %llu, %s: taken to end as an earlier trial, but is a bypass",
                 (unsigned long long)result.place.step, word);
        return glitch->why;
    }
    glitch->counts.otherwise += result.end != known; /* by time, which the states leave out */
    glitch->counts.compared++;
    return NULL;
}

/* A trial without a fault: it must find the record again, and end as it did. */
static const char *try_nothing(struct vb_glitch *glitch, const struct vb_unit *unit, uint64_t index)
{
    struct vb_glitch_result result = {
        .place = {.step = index, .inner = glitch->inner, .fault = {unit->address, VB_FAULT_NULL, 0}}};

    try_fault(glitch, unit, &result, false);
    bool right = result.end == glitch->record.end && result.steps == glitch->record.count &&
                 vb_now(glitch->board) == glitch->record.time;
    for (uint32_t i = 0; right && i < glitch->board->internal->block_count; i++) {
        right = memcmp(glitch->board->flash + i * SIM_BLOCK, glitch->board->internal->state.blocks[i]->cells,
                       SIM_BLOCK) == 0;
    }
    glitch->counts.nulls++;
    return right ? NULL : "a trial without a fault does not end as the start without a campaign";
}

static const char *try_all(struct vb_glitch *glitch, uint64_t index, unsigned models, const struct teller *teller)
{
    const struct vb_unit unit = vb_unit_at(glitch->code, pc_at(glitch, index));
    struct vb_fault faults[VB_UNIT_FAULTS];
    const unsigned count = vb_unit_faults(glitch->code, &unit, models, has_returned(glitch, index), faults);
    const char *why = NULL;
    unsigned first = 0;
    unsigned last = count;

    if (glitch->inner && count > 0) { /* a sample */
        first = sim_rng_below(&glitch->rng, count);
        last = first + 1;
    }
    for (unsigned i = first; i < last && why == NULL; i++) {
        struct vb_glitch_result result = {.place = {.step = index, .inner = glitch->inner, .fault = faults[i]}};
        try_fault(glitch, &unit, &result, true);
        if (result.seen && sim_rng_below(&glitch->rng, COMPARE_EVERY) == 0) {
            why = compare(glitch, &unit, result);
        }
        account(glitch, &result, teller);
    }
    glitch->counts.executions += !glitch->inner;
    if (why == NULL && sim_rng_below(&glitch->rng, NULL_EVERY) == 0) {
        why = try_nothing(glitch, &unit, index);
    }
    return why;
}

static const char *try_pair(struct vb_glitch *glitch, uint64_t index, const struct teller *teller)
{
    const struct vb_unit unit = vb_unit_at(glitch->code, pc_at(glitch, index));
    struct vb_glitch_result result = {.place = {.step = index}};

    choose_second(glitch, &unit, &result.place.fault);
    result.second_step = 1 + sim_rng_below(&glitch->rng, APART_MAX);
    try_fault(glitch, &unit, &result, true);
    account(glitch, &result, teller);
    return NULL;
}

/* Is one of `wanted` of `total` places here? The same ones, whatever the parts are. */
static bool is_sampled(uint64_t nth, uint64_t wanted, uint64_t total)
{
    return total > 0 && (wanted >= total || (nth + 1) * wanted / total != nth * wanted / total);
}

const char *vb_glitch_run(struct vb_glitch *glitch, const struct vb_glitch_options *options,
                          void (*tell)(void *ctx, const struct vb_glitch_result *bypass,
                                       const struct vb_glitch_counts *counts),
                          void *ctx)
{
    const struct teller teller = {tell, ctx};
    const uint64_t total = count_places(glitch);
    const uint64_t sampled = glitch->inner ? options->sample : options->pairs;
    const char *why = NULL;
    struct choice choice;
    uint64_t nth = 0;
    uint64_t chosen = 0;

    begin_choice(glitch, &choice, options);
    glitch->rng = sim_mix(options->part, glitch->inner);
    begin(glitch, MODE_FOLLOW);
    for (uint64_t i = 0; i < glitch->record.count && why == NULL; i++) {
        if (!is_place(glitch, i)) {
            continue;
        }
        bool sample = is_sampled(nth, sampled, total);
        bool here = glitch->inner ? sample : is_chosen(glitch, &choice, i);
        nth++;
        if ((!here && !sample) || chosen++ % options->parts != options->part) {
            continue;
        }
        if (!follow(glitch, i)) {
            return "the start without a fault does not go the same way twice";
        }
        why = here ? try_all(glitch, i, options->models, &teller) : NULL;
        if (why == NULL && sample && !glitch->inner) {
            why = try_pair(glitch, i, &teller);
        }
        back_to_place(glitch, i);
    }
    tell(ctx, NULL, &glitch->counts);
    glitch->counts = (struct vb_glitch_counts){0};
    return why;
}

const char *vb_glitch_try(struct vb_glitch *glitch, const struct vb_glitch_place *place, struct vb_glitch_result *out)
{
    *out = (struct vb_glitch_result){.place = *place};
    if (place->step >= glitch->record.count) {
        return "the start without a fault has fewer instructions";
    }
    const struct vb_unit unit = vb_unit_at(glitch->code, pc_at(glitch, place->step));
    if (place->fault.address < unit.address || place->fault.address >= unit.address + unit.size) {
        return "another instruction is executed there: the word is of another build";
    }
    begin(glitch, MODE_FOLLOW);
    if (!follow(glitch, place->step)) {
        return "the start without a fault does not go the same way twice";
    }
    try_fault(glitch, &unit, out, false);
    return NULL;
}
