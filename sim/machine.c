/* SPDX-License-Identifier: Apache-2.0 */
#include "machine.h"

#include <string.h>

#include <outboard/util.h>

#include "rng.h"

#define FAULT_WHILE 20u         /* accesses */
#define HUNG_ACCESSES 50000000u /* a boot that copies megabytes by single words needs a tenth */

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

/* Is this read the one that lies? Called after access_chip(). */
static bool wrong_read(const struct sim_port *port)
{
    struct sim_machine *machine = port->machine;
    bool wrong = port->id == SIM_EXTERNAL && find_event(machine, SIM_FAULT_WRONG, machine->access) != NULL;

    machine->trouble.faulty |= wrong;
    return wrong;
}

static enum ob_err machine_read(const struct ob_flash *flash, uint32_t off, void *dst, uint32_t len)
{
    struct sim_port *port = flash->ctx;
    enum ob_err err = access_chip(port);

    if (err == OB_OK) {
        sim_chip_read(port->chip, &port->machine->rng, off, dst, len);
        if (wrong_read(port)) {
            uint8_t *byte = (uint8_t *)dst + sim_rng_below(&port->machine->rng, len);
            *byte ^= (uint8_t)(1u << sim_rng_below(&port->machine->rng, 8));
        }
    }
    report(port, 'r', off, len, false, err);
    return err;
}

/* The tear of the operation that begins now; NULL: it completes. */
static const struct sim_tear *begin_operation(struct sim_machine *machine)
{
    machine->op++;
    const struct sim_event *cut = find_event(machine, SIM_EVENT_CUT, machine->op);
    machine->trouble.brownout |= cut != NULL && !sim_tear_cuts(&cut->tear);
    machine->trouble.spoilt |= cut != NULL && cut->tear.kind > SIM_TEAR_BROWNOUT;
    return cut != NULL ? &cut->tear : NULL;
}

static bool power_fails(const struct sim_tear *tear)
{
    return tear != NULL && sim_tear_cuts(tear);
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

static enum ob_err operate(struct sim_port *port, uint32_t off, const uint8_t *src, uint32_t len)
{
    struct sim_machine *machine = port->machine;
    const struct sim_operation operation = {.chip = port->id, .off = off, .len = len, .src = src};
    enum ob_err err = access_chip(port);

    if (err == OB_ERR_NODEV) {
        return err;
    }
    if (machine->observe != NULL) {
        machine->observe(machine->observe_ctx, &operation);
    }
    const struct sim_tear *tear = begin_operation(machine);
    apply(machine, &operation, err != OB_OK ? &failed_operation : tear);
    machine->trouble.blind |= tear != NULL && !sim_tear_cuts(tear) && !sim_chip_steady(port->chip, off, len);
    report(port, src == NULL ? 'e' : 'p', off, len, tear != NULL, err);
    if (power_fails(tear)) {
        leave(machine, SIM_END_POWER);
    }
    return err;
}

void sim_machine_cut(struct sim_machine *machine, const struct sim_operation *operation, const struct sim_tear *tear)
{
    machine->op++;
    apply(machine, operation, tear);
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

    report(port, 'R', 0, 0, false, err);
    return err;
}

static const struct ob_flash_ops machine_ops = {
    .read = machine_read,
    .write = machine_write,
    .erase = machine_erase,
    .reset = machine_reset,
};

void sim_machine_init(struct sim_machine *machine, const struct sim_geometry *internal,
                      const struct sim_geometry *external, uint64_t seed)
{
    memset(machine, 0, sizeof(*machine));
    sim_chip_init(&machine->chip[SIM_INTERNAL], internal);
    sim_chip_init(&machine->chip[SIM_EXTERNAL], external);
    for (unsigned id = 0; id < SIM_CHIPS; id++) {
        machine->port[id] = (struct sim_port){machine, &machine->chip[id], (enum sim_chip_id)id};
        machine->chip[id].flash.ops = &machine_ops;
        machine->chip[id].flash.ctx = &machine->port[id];
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

uint64_t sim_machine_hash(struct sim_machine *machine)
{
    const struct sim_trouble *trouble = &machine->trouble;
    uint64_t hash = (uint64_t)trouble->fault_left << 8 | trouble->absent << 3 | trouble->dead << 2 |
                    trouble->faulty << 1 | trouble->brownout;

    for (unsigned id = 0; id < SIM_CHIPS; id++) {
        hash = sim_mix(hash, sim_chip_hash(&machine->chip[id]));
    }
    return hash;
}

void sim_machine_start(struct sim_machine *machine, bool external_absent)
{
    for (unsigned id = 0; id < SIM_CHIPS; id++) {
        sim_chip_start(&machine->chip[id]);
    }
    machine->trouble = (struct sim_trouble){.absent = external_absent};
}

enum sim_end sim_machine_run(struct sim_machine *machine, void (*code)(void *arg), void *arg)
{
    machine->budget = HUNG_ACCESSES;
    machine->running = true;
    int end = setjmp(machine->power);
    if (end == 0) {
        code(arg);
    }
    machine->running = false;
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
