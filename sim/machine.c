/* SPDX-License-Identifier: Apache-2.0 */
#include "machine.h"

#include <string.h>

#include <outboard/util.h>

#include "rng.h"

#define FAULT_WHILE 20u         /* accesses */
#define HUNG_ACCESSES 50000000u /* a boot that copies megabytes by single words needs a tenth */

static struct sim_machine *running; /* whose code runs: what it computes has no context */

static void report(struct sim_port *port, char what, uint32_t off, uint32_t len, bool torn, enum ob_err err)
{
    struct sim_machine *machine = port->machine;

    if (machine->trace != NULL) {
        struct sim_trace trace = {port->id, what, off, len, machine->op, torn, err};
        machine->trace(machine->trace_ctx, &trace);
    }
}

static void leave(struct sim_machine *machine, enum sim_end end)
{
    if (machine->running) {
        longjmp(machine->power, end);
    }
}

static enum ob_err fault_error(uint8_t variant)
{
    static const enum ob_err errors[] = {OB_ERR_BUS, OB_ERR_TIMEOUT, OB_ERR_FAILED};

    return errors[variant % OB_ARRAY_SIZE(errors)];
}

/* ---- time ---- */

static void leave_unfinished(struct sim_machine *machine);

static void spend(struct sim_machine *machine, uint64_t ns)
{
    for (unsigned pace = 0; pace < SIM_PACES; pace++) {
        machine->ns[pace] += ns;
    }
    if (machine->window_end_ns != 0 && machine->ns[SIM_WORST] > machine->window_end_ns && machine->running) {
        leave_unfinished(machine);
    }
}

/* The supply lasts until a time within what takes until end_ns. */
static bool window_ends(const struct sim_machine *machine, uint64_t end_ns)
{
    return machine->window_end_ns != 0 && end_ns > machine->window_end_ns;
}

void sim_machine_hashed(uint32_t len)
{
    if (running != NULL) {
        spend(running, (uint64_t)len * running->speed.hash_ps_per_byte / 1000);
    }
}

void sim_machine_verified(void)
{
    if (running != NULL) {
        spend(running, (uint64_t)running->speed.verify_us * 1000);
    }
}

static void spend_on_read(struct sim_port *port, uint32_t len)
{
    const struct sim_speed *speed = &port->machine->speed;
    uint64_t ps = speed->read_ps_per_byte + (port->id == SIM_EXTERNAL ? speed->bus_ps_per_byte : 0u);

    spend(port->machine, len * ps / 1000);
}

/* The armed event of this kind that happens at this number; NULL: none. */
static const struct sim_event *find_event(const struct sim_machine *machine, enum sim_event_kind kind, uint32_t at)
{
    for (uint32_t i = 0; i < machine->event_count; i++) {
        if (machine->events[i].kind == kind && machine->events[i].at == at) {
            return &machine->events[i];
        }
    }
    return NULL;
}

/* Begin and continue the faults that are armed. */
static enum ob_err external_fault(struct sim_machine *machine)
{
    struct sim_trouble *trouble = &machine->trouble;
    const struct sim_event *once = NULL;

    for (uint32_t i = 0; i < machine->event_count; i++) {
        const struct sim_event *event = &machine->events[i];
        if (event->at == machine->access) {
            once = event->kind == SIM_FAULT_ONCE ? event : once;
            trouble->fault_left = event->kind == SIM_FAULT_WHILE ? FAULT_WHILE : trouble->fault_left;
            trouble->dead |= event->kind == SIM_FAULT_DEAD;
        }
    }
    if (trouble->dead || trouble->fault_left > 0 || once != NULL) {
        trouble->faulty = true;
        trouble->fault_left -= trouble->fault_left > 0;
        return fault_error(once != NULL ? once->tear.variant : 1);
    }
    return OB_OK;
}

/* Does this access fail? Counts it. */
static enum ob_err access_chip(struct sim_port *port)
{
    struct sim_machine *machine = port->machine;

    if (machine->budget-- == 0) {
        leave(machine, SIM_END_HUNG);
    }
    if (port->id != SIM_EXTERNAL) {
        return OB_OK;
    }
    if (machine->trouble.absent) {
        return OB_ERR_NODEV;
    }
    machine->access++;
    return external_fault(machine);
}

static void check_idle(struct sim_port *port)
{
    struct sim_pending *pending = &port->machine->pending;

    if (pending->active && pending->operation.chip == port->id && port->chip->violation == NULL) {
        port->chip->violation = "the chip is addressed while it is at work";
        port->chip->violation_off = pending->operation.off;
    }
}

/* Is this read the one that lies? Called after access_chip(). */
static bool wrong_read(const struct sim_port *port)
{
    struct sim_machine *machine = port->machine;
    bool wrong = port->id == SIM_EXTERNAL && find_event(machine, SIM_FAULT_WRONG, machine->access) != NULL;

    machine->trouble.faulty |= wrong;
    return wrong;
}

/* A chip with two faces shows one of them. */
static void read_a_face(struct sim_port *port, uint32_t off, void *dst, uint32_t len)
{
    struct sim_machine *machine = port->machine;
    bool other = port->id == SIM_EXTERNAL && machine->face != NULL && sim_rng_below(&machine->rng, 2) != 0;
    struct sim_block **own = port->chip->state.blocks;

    if (other) {
        port->chip->state.blocks = machine->face->blocks;
    }
    sim_chip_read(port->chip, &machine->rng, off, dst, len);
    port->chip->state.blocks = own;
}

static enum ob_err machine_read(const struct ob_flash *flash, uint32_t off, void *dst, uint32_t len)
{
    struct sim_port *port = flash->ctx;
    enum ob_err err = access_chip(port);

    check_idle(port);
    spend_on_read(port, len);
    if (err == OB_OK) {
        read_a_face(port, off, dst, len);
        if (wrong_read(port)) {
            uint8_t *byte = (uint8_t *)dst + sim_rng_below(&port->machine->rng, len);
            *byte ^= (uint8_t)(1u << sim_rng_below(&port->machine->rng, 8));
        }
    }
    report(port, 'r', off, len, false, err);
    return err;
}

/* The cut that falls in the operation that begins now; NULL: it completes. */
static const struct sim_event *begin_operation(struct sim_machine *machine)
{
    machine->op++;
    const struct sim_event *cut = find_event(machine, SIM_EVENT_CUT, machine->op);
    machine->trouble.brownout |= cut != NULL && !sim_tear_cuts(&cut->tear);
    machine->trouble.spoilt |= cut != NULL && sim_tear_spoils(&cut->tear);
    return cut;
}

static bool power_fails(const struct sim_event *cut)
{
    return cut != NULL && sim_tear_cuts(&cut->tear);
}

static void apply(struct sim_machine *machine, const struct sim_operation *operation, const struct sim_tear *tear)
{
    struct sim_chip *chip = &machine->chip[operation->chip];

    if (operation->src == NULL) {
        sim_chip_erase(chip, operation->off, operation->len, tear, &machine->rng);
    } else {
        sim_chip_program(chip, operation->off, operation->src, operation->len, tear, &machine->rng);
    }
}

/* An operation that the chip reports as failed did something nevertheless. */
static const struct sim_tear failed_operation = {.kind = SIM_TEAR_BITS, .variant = 0};

static void end_pending(struct sim_machine *machine, const struct sim_tear *tear)
{
    struct sim_pending *pending = &machine->pending;

    if (pending->operation.src != NULL) {
        pending->operation.src = pending->data;
    }
    apply(machine, &pending->operation, tear);
    pending->active = false;
}

/* Power fails in an operation: both chips stop. */
static void stop(struct sim_machine *machine, const struct sim_operation *operation, const struct sim_event *cut)
{
    apply(machine, operation, &cut->tear);
    machine->two_at_once = machine->pending.active;
    if (machine->pending.active) {
        end_pending(machine, &cut->beside);
    }
}

static uint64_t operation_ns(const struct sim_chip *chip, const struct sim_operation *operation, unsigned pace)
{
    return operation->src == NULL ? sim_chip_erase_ns(chip, operation->len, (enum sim_pace)pace)
                                  : sim_chip_program_ns(chip, operation->len, (enum sim_pace)pace);
}

/* The supply is over in the middle of it: half of what had to change did. */
static const struct sim_event window_event = {
    .kind = SIM_EVENT_CUT, .tear = {SIM_TEAR_BITS, 0}, .beside = {SIM_TEAR_BITS, 0}};

static void leave_unfinished(struct sim_machine *machine)
{
    bool ended = machine->pending.active && machine->pending.end_ns[SIM_WORST] <= machine->window_end_ns;

    if (machine->pending.active) {
        end_pending(machine, ended ? NULL : &window_event.beside);
    }
    leave(machine, SIM_END_POWER);
}

static void spend_on_transfer(struct sim_port *port, const uint8_t *src, uint32_t len)
{
    const struct sim_speed *speed = &port->machine->speed;
    uint64_t ps = speed->write_ps_per_byte + (port->id == SIM_EXTERNAL ? speed->bus_ps_per_byte : 0u);

    if (src != NULL) {
        spend(port->machine, len * ps / 1000);
    }
}

static void announce(const struct sim_machine *machine, const struct sim_operation *operation)
{
    if (machine->observe != NULL) {
        machine->observe(machine->observe_ctx, operation);
    }
    if (machine->watch != NULL) {
        machine->watch(machine->watch_ctx, operation);
    }
}

/* The chip was told what to do. err: how it answered. @return the event that falls into it; NULL: none */
static const struct sim_event *enter_operation(struct sim_port *port, const struct sim_operation *operation,
                                               enum ob_err err)
{
    struct sim_machine *machine = port->machine;

    check_idle(port);
    announce(machine, operation);
    const struct sim_event *cut = begin_operation(machine);
    report(port, operation->src == NULL ? 'e' : 'p', operation->off, operation->len, cut != NULL, err);
    spend_on_transfer(port, operation->src, operation->len);
    return cut;
}

static enum ob_err operate(struct sim_port *port, uint32_t off, const uint8_t *src, uint32_t len)
{
    struct sim_machine *machine = port->machine;
    const struct sim_operation operation = {.chip = port->id, .off = off, .len = len, .src = src};
    enum ob_err err = access_chip(port);

    if (err == OB_ERR_NODEV) {
        return err;
    }
    const struct sim_event *cut = enter_operation(port, &operation, err);
    if (window_ends(machine, machine->ns[SIM_WORST] + operation_ns(port->chip, &operation, SIM_WORST))) {
        apply(machine, &operation, &window_event.tear);
        leave_unfinished(machine);
    }
    if (power_fails(cut)) {
        stop(machine, &operation, cut);
        leave(machine, SIM_END_POWER);
    }
    apply(machine, &operation, err != OB_OK ? &failed_operation : cut != NULL ? &cut->tear : NULL);
    machine->trouble.blind |= cut != NULL && !sim_chip_steady(port->chip, off, len);
    for (unsigned pace = 0; pace < SIM_PACES; pace++) {
        machine->ns[pace] += operation_ns(port->chip, &operation, pace);
    }
    return err;
}

void sim_machine_cut(struct sim_machine *machine, const struct sim_operation *operation, const struct sim_event *event)
{
    machine->op++;
    stop(machine, operation, event);
}

/* ---- a chip that works on its own ---- */

/* The operation begins; what it does is seen when it ends. */
static enum ob_err start_operation(struct sim_port *port, uint32_t off, const uint8_t *src, uint32_t len)
{
    struct sim_machine *machine = port->machine;
    struct sim_pending *pending = &machine->pending;
    const struct sim_operation operation = {.chip = port->id, .off = off, .len = len, .src = src};
    enum ob_err err = access_chip(port);

    if (err == OB_ERR_NODEV) {
        return err;
    }
    const struct sim_event *cut = enter_operation(port, &operation, err);
    if (power_fails(cut)) {
        stop(machine, &operation, cut);
        leave(machine, SIM_END_POWER);
    }
    if (err != OB_OK) {
        apply(machine, &operation, &failed_operation);
        return err;
    }
    *pending = (struct sim_pending){.active = true, .torn = cut != NULL, .operation = operation};
    if (cut != NULL) {
        pending->tear = cut->tear;
    }
    if (src != NULL) {
        memcpy(pending->data, src, len);
    }
    for (unsigned pace = 0; pace < SIM_PACES; pace++) {
        pending->end_ns[pace] = machine->ns[pace] + operation_ns(port->chip, &operation, pace);
    }
    return OB_OK;
}

static enum ob_err machine_start_erase(const struct ob_flash *flash, uint32_t off, uint32_t size)
{
    return start_operation(flash->ctx, off, NULL, size);
}

static enum ob_err machine_start_write(const struct ob_flash *flash, uint32_t off, const void *src, uint32_t len)
{
    struct sim_port *port = flash->ctx;

    if (len == 0 || off % flash->program_size + len > flash->program_size) {
        port->chip->violation = "a program command leaves its page";
        port->chip->violation_off = off;
        return OB_ERR_RANGE;
    }
    return start_operation(port, off, src, len);
}

static enum ob_err machine_finish(const struct ob_flash *flash)
{
    struct sim_port *port = flash->ctx;
    struct sim_machine *machine = port->machine;
    struct sim_pending *pending = &machine->pending;
    enum ob_err err = access_chip(port);

    if (!pending->active || pending->operation.chip != port->id) {
        return err;
    }
    if (window_ends(machine, pending->end_ns[SIM_WORST])) {
        leave_unfinished(machine);
    }
    for (unsigned pace = 0; pace < SIM_PACES; pace++) {
        machine->ns[pace] = OB_MAX(machine->ns[pace], pending->end_ns[pace]);
    }
    report(port, 'F', pending->operation.off, pending->operation.len, pending->torn, err);
    end_pending(machine, err != OB_OK ? &failed_operation : pending->torn ? &pending->tear : NULL);
    machine->trouble.blind |=
        pending->torn && !sim_chip_steady(port->chip, pending->operation.off, pending->operation.len);
    return err;
}

static enum ob_err machine_write(const struct ob_flash *flash, uint32_t off, const void *src, uint32_t len)
{
    const uint8_t *bytes = src;
    enum ob_err err = OB_OK;

    while (err == OB_OK && len > 0) {
        uint32_t part = OB_MIN(len, flash->program_size - off % flash->program_size);
        err = operate(flash->ctx, off, bytes, part);
        off += part;
        bytes += part;
        len -= part;
    }
    return err;
}

static enum ob_err machine_erase(const struct ob_flash *flash, uint32_t off, uint32_t size)
{
    return operate(flash->ctx, off, NULL, size);
}

static enum ob_err machine_reset(const struct ob_flash *flash)
{
    struct sim_port *port = flash->ctx;
    enum ob_err err = access_chip(port);

    if (port->machine->pending.active && port->machine->pending.operation.chip == port->id) {
        end_pending(port->machine, &failed_operation);
    }
    report(port, 'R', 0, 0, false, err);
    return err;
}

static const struct ob_flash_ops blocking_ops = {
    .read = machine_read,
    .write = machine_write,
    .erase = machine_erase,
    .reset = machine_reset,
};
static const struct ob_flash_ops free_running_ops = {
    .read = machine_read,
    .write = machine_write,
    .erase = machine_erase,
    .reset = machine_reset,
    .start_erase = machine_start_erase,
    .start_write = machine_start_write,
    .finish = machine_finish,
};

void sim_machine_init(struct sim_machine *machine, const struct sim_geometry *internal,
                      const struct sim_geometry *external, uint64_t seed)
{
    memset(machine, 0, sizeof(*machine));
    sim_chip_init(&machine->chip[SIM_INTERNAL], internal);
    sim_chip_init(&machine->chip[SIM_EXTERNAL], external);
    for (unsigned id = 0; id < SIM_CHIPS; id++) {
        machine->port[id] = (struct sim_port){machine, &machine->chip[id], (enum sim_chip_id)id};
        machine->chip[id].flash.ops = &blocking_ops;
        machine->chip[id].flash.ctx = &machine->port[id];
    }
    if (!external->blocking) {
        machine->chip[SIM_EXTERNAL].flash.ops = &free_running_ops;
    }
    machine->rng = seed;
}

void sim_machine_free(struct sim_machine *machine)
{
    for (unsigned id = 0; id < SIM_CHIPS; id++) {
        sim_chip_free(&machine->chip[id]);
    }
}

void sim_machine_save(const struct sim_machine *machine, struct sim_machine_state *out)
{
    for (unsigned id = 0; id < SIM_CHIPS; id++) {
        sim_chip_save(&machine->chip[id], &out->chip[id]);
    }
    out->trouble = machine->trouble;
    out->pending = machine->pending;
    memcpy(out->ns, machine->ns, sizeof(out->ns));
    out->rng = machine->rng;
    out->op = machine->op;
    out->access = machine->access;
}

void sim_machine_restore(struct sim_machine *machine, const struct sim_machine_state *from)
{
    for (unsigned id = 0; id < SIM_CHIPS; id++) {
        sim_chip_restore(&machine->chip[id], &from->chip[id]);
    }
    machine->trouble = from->trouble;
    machine->pending = from->pending;
    memcpy(machine->ns, from->ns, sizeof(machine->ns));
    machine->rng = from->rng;
    machine->op = from->op;
    machine->access = from->access;
}

void sim_machine_state_free(const struct sim_machine *machine, struct sim_machine_state *state)
{
    for (unsigned id = 0; id < SIM_CHIPS; id++) {
        sim_chip_state_free(&machine->chip[id], &state->chip[id]);
    }
}

uint64_t sim_machine_hash(struct sim_machine *machine, uint32_t internal_from)
{
    const struct sim_trouble *trouble = &machine->trouble;
    uint64_t hash = (uint64_t)trouble->fault_left << 8 | trouble->absent << 3 | trouble->dead << 2 |
                    trouble->faulty << 1 | trouble->brownout;

    hash = sim_mix(hash, sim_chip_hash_from(&machine->chip[SIM_INTERNAL], internal_from));
    return sim_mix(hash, sim_chip_hash(&machine->chip[SIM_EXTERNAL]));
}

void sim_machine_start(struct sim_machine *machine, bool external_absent)
{
    for (unsigned id = 0; id < SIM_CHIPS; id++) {
        sim_chip_start(&machine->chip[id]);
    }
    machine->trouble = (struct sim_trouble){.absent = external_absent};
    machine->pending.active = false;
    for (unsigned pace = 0; pace < SIM_PACES; pace++) {
        machine->ns[pace] += (uint64_t)machine->speed.start_us * 1000;
    }
}

enum sim_end sim_machine_run(struct sim_machine *machine, void (*code)(void *arg), void *arg)
{
    machine->budget = HUNG_ACCESSES;
    machine->running = true;
    running = machine;
    int end = setjmp(machine->power);
    if (end == 0) {
        code(arg);
    }
    if (end != SIM_END_POWER) {
        check_idle(&machine->port[SIM_EXTERNAL]); /* nobody will wait for it */
    }
    machine->pending.active = false;
    machine->running = false;
    running = NULL;
    return (enum sim_end)end;
}

void sim_machine_force(struct sim_machine *machine, enum sim_force force)
{
    for (unsigned id = 0; id < SIM_CHIPS; id++) {
        machine->chip[id].force = force;
    }
    machine->event_count = 0;
}

bool sim_machine_disturbed(const struct sim_machine *machine)
{
    return machine->trouble.faulty || machine->trouble.brownout;
}

const char *sim_machine_violation(const struct sim_machine *machine, enum sim_chip_id *chip)
{
    for (unsigned id = 0; id < SIM_CHIPS; id++) {
        if (machine->chip[id].violation != NULL) {
            *chip = (enum sim_chip_id)id;
            return machine->chip[id].violation;
        }
    }
    return NULL;
}

void sim_machine_forgive(struct sim_machine *machine)
{
    for (unsigned id = 0; id < SIM_CHIPS; id++) {
        machine->chip[id].violation = NULL;
    }
}
