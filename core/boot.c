/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One start: find out, decide, act, until the decision is to start or to stop.
 *
 *              request fits: install            no step yet, and it is gone: void
 *    quiet  ------------------------->  begun  ------------------------------------>  quiet
 *      ^                                 |  resume: step by step (job_steps.c)
 *      |  clean: withdraw the request    v
 *      +------------------------------ done
 *
 *    begun, handed over, and the rest is gone: abandon, which is quiet again, and says what is missing
 *    quiet on trial:  confirmed: keep;  not: revert, which is begun like any job;  nothing to go back to: lose
 *
 * What must always hold is numbered in docs/DESIGN.md; the table of all decisions is in docs/SPEC.md.
 */
#include <string.h>

#include <outboard/util.h>
#include <outboard/verdict.h>

#include "start.h"

#define PATIENCE 4u /* attempts to reach the external chip before what verifies is started in the middle of a job */
#define FAILURES 8u /* of acts in one start, before internal flash counts as failing */
#define REPEATS 3u  /* of an act in one start: what does not last that long is not what the chip says it is */
#define RESUMES 16u /* the same, of a job: more than its failures come to */

/** BOOT_MAX_IMG_SECTORS, or what it amounts to if it is left to the layout. */
static unsigned units_in_force(const struct ob_boot *boot, const struct ob_slots *slots)
{
    const struct ob_area *secondary = &slots->secondary[0];

    if (boot->max_units != 0) {
        return (unsigned)boot->max_units;
    }
    return (unsigned)ob_layout_units_needed(&slots->primary, secondary->flash == NULL ? &slots->primary : secondary);
}

/** What users of MCUboot know as the sign of a slot without a driver, or of a limit set too low. */
static void warn_about_layout(const struct ob_start *start)
{
    const struct ob_boot *boot = start->boot;

    for (uint32_t image = 0; OB_ENABLED(CONFIG_LOG) && image < ob_start_images(start); image++) {
        const struct ob_slots *slots = &boot->images[image];
        const struct ob_area *secondary = &slots->secondary[0];
        const unsigned units = units_in_force(boot, slots);
        if (secondary->flash == NULL || ob_layout_units_needed(&slots->primary, secondary) > units) {
            OB_LOG_WRN("Failed reading sectors; BOOT_MAX_IMG_SECTORS=%u - too small?", units);
        }
        if (ob_boot_capacity(boot, image) == 0) {
            OB_LOG_WRN("Cannot upgrade: not a compatible amount of sectors");
        }
    }
}

/** What the job that is begun still needs of the ledger's records. */
static uint32_t records_needed(const struct ob_start *start)
{
    return start->found.progress == OB_PROGRESS_NONE ? 0 : ob_start_total(start) + PATIENCE;
}

/** Find out until it can be decided. */
static enum ob_err decide(struct ob_start *start, struct ob_decision *out)
{
    enum ob_err err = OB_OK;

    ob_find(start);
    if (!start->found.inside_fails && ob_ledger_hold(start->ledger, records_needed(start)) != OB_OK) {
        start->found.inside_fails = true;
        start->found.chip_fails = true;
    }
    for (struct ob_need need = ob_needs(&start->found); need.kind != OB_NEED_NOTHING && err == OB_OK;
         need = ob_needs(&start->found)) {
        err = ob_find_more(start, need);
    }
    *out = ob_decide(&start->found);
    return err;
}

/** What was not confirmed has no fault that is known. */
static enum ob_err why_back(const struct ob_start *start, uint8_t set)
{
    enum ob_err why = OB_OK;

    for (uint32_t image = 0; image < ob_start_images(start); image++) {
        bool broken = start->found.image[image].primary == OB_PRIMARY_BROKEN;
        why = ob_start_concerns(set, image) && broken ? start->why_broken : why;
    }
    return why;
}

static enum ob_err act(struct ob_start *start, struct ob_decision decision)
{
    switch (decision.act) {
    case OB_ACT_RESUME:
        return ob_job_resume(start);
    case OB_ACT_VOID:
        return ob_job_void(start);
    case OB_ACT_ABANDON:
        return OB_RECEIVERS ? ob_job_abandon(start) : OB_ERR_STATE;
    case OB_ACT_CLEAN:
        return ob_job_clean(start);
    case OB_ACT_KEEP:
        return ob_act_keep(start, decision.set);
    case OB_ACT_CLEAR:
        return ob_act_clear(start, decision.set);
    case OB_ACT_TIDY:
        return ob_act_tidy(start, decision.set);
    case OB_ACT_REFUSE:
        return ob_act_refuse(start, decision.set);
    case OB_ACT_INSTALL:
        return ob_act_install(start, decision.set);
    case OB_ACT_REVERT:
        return ob_start_revertible(start) ? ob_act_revert(start, decision.set, why_back(start, decision.set))
                                          : OB_ERR_STATE;
    case OB_ACT_LOSE:
        return ob_start_revertible(start) ? ob_act_lose(start, decision.set) : OB_ERR_STATE;
    case OB_ACT_RAISE:
        return OB_BOOT_GUARD(start->boot) != OB_GUARD_NONE ? ob_act_raise(start, decision.set) : OB_ERR_STATE;
    default:
        return OB_OK;
    }
}

/**
 * What runs is verified behind the last erase of internal flash: its neighbours may have changed. Of a job that was
 * begun just now it is to be found out anew whether it is what goes out.
 */
static void look_again(struct ob_start *start, enum ob_act done)
{
    bool erased = done == OB_ACT_REFUSE || done == OB_ACT_CLEAR || done == OB_ACT_LOSE || done == OB_ACT_VOID ||
                  done == OB_ACT_ABANDON || done == OB_ACT_RAISE;
    bool begun = done == OB_ACT_INSTALL || done == OB_ACT_REVERT;

    for (uint32_t image = 0; image < ob_start_images(start); image++) {
        if (erased || (begun && ob_start_concerns(start->ledger->head.set, image))) {
            start->found.image[image].primary = OB_PRIMARY_UNREAD;
        }
    }
}

/** Wait for the chip; false: the surroundings have no patience left. */
static bool wait(const struct ob_start *start, enum ob_err err, uint32_t attempt)
{
    const struct ob_hooks *hooks = start->boot->hooks;

    OB_LOG_ERR("An installation may be half done: waiting for the external flash");
    return hooks->retry != NULL && hooks->retry(hooks->ctx, err, attempt);
}

static void note_waiting(const struct ob_start *start, enum ob_err err)
{
    if (start->found.progress != OB_PROGRESS_NONE && !start->found.inside_fails) {
        ob_start_note_job(start, &start->ledger->head, OB_EVENT_WAITED, err);
    }
}

/**
 * What a device that failed costs: the first time nothing, for cells that a cut left half programmed may have misled
 * this start, and not the next time. Then the update, unless it is begun. If that does not help, internal flash fails.
 */
static void blame(struct ob_start *start, enum ob_err err, uint32_t failures)
{
    if (failures > 1) {
        OB_LOG_WRN("No update possible: %s", ob_err_text(err));
        start->found.chip_fails = true;
    }
    start->found.inside_fails = start->found.inside_fails || failures > FAILURES;
}

/**
 * What replaces an image is decided twice, the second time as if nothing were known but which signatures are valid: one
 * fault, in what runs or in what is said of it, must not make way for an older image.
 */
static void forget(struct ob_start *start)
{
    const uint32_t number = start->ledger->start;

    ob_verdict_delay();
    if (ob_ledger_read(start->boot->ledger, ob_start_images(start), start->ledger) != OB_OK) {
        start->found.inside_fails = true;
        start->found.chip_fails = true;
    }
    start->ledger->start = number; /* it is still the same start */
    *start->next = (struct ob_head){0};
    memset(start->found.image, 0, sizeof(start->found.image));
    memset(start->candidate, 0, sizeof(start->candidate));
    memset(start->running, 0, sizeof(start->running));
    memset(start->ran, 0, sizeof(start->ran));
}

/** Is there nothing that a second decision would keep out? What is not signed, the verdict does. */
static bool once_is_enough(const struct ob_start *start)
{
    return !OB_FIH || OB_BOOT_GUARD(start->boot) == OB_GUARD_NONE;
}

/** An act that is repeated so often does not do what it is for. */
static bool is_too_often(uint8_t acted[OB_ACTS], enum ob_act act)
{
    const uint32_t times = act < OB_ACTS ? ++acted[act] : 0;

    return times >= (act == OB_ACT_RESUME ? RESUMES : REPEATS);
}

/** Repeat until the decision is to start or to stop. */
static enum ob_err run(struct ob_start *start)
{
    enum ob_err device = OB_ERR_NODEV; /* what failed last */
    uint32_t failures = 0;
    uint32_t attempt = 0;
    uint8_t acted[OB_ACTS] = {0};
    bool sure = once_is_enough(start);

    for (;;) {
        struct ob_decision decision;
        start->found.patient = attempt < PATIENCE;
        enum ob_err err = decide(start, &decision);
        if (err == OB_OK && decision.act == OB_ACT_START) {
            return OB_OK;
        }
        if (err == OB_OK && decision.act == OB_ACT_STOP) {
            return start->why_broken;
        }
        if (err == OB_OK && decision.act == OB_ACT_WAIT) {
            bool waited = wait(start, device, attempt++);
            if (attempt == PATIENCE || (!waited && attempt < PATIENCE)) {
                note_waiting(start, device);
            }
            if (!waited && !start->found.patient) {
                return device;
            }
            attempt = waited ? attempt : PATIENCE;
            start->found.chip_fails = !waited || start->found.inside_fails;
            memset(acted, 0, sizeof(acted));
            continue;
        }
        if (err == OB_OK && decision.act == OB_ACT_INSTALL && !sure) {
            forget(start);
            sure = true;
            continue;
        }
        if (err == OB_OK) {
            sure = once_is_enough(start);
            err = act(start, decision);
            look_again(start, decision.act);
            bool again = is_too_often(acted, decision.act);
            start->found.chip_fails = start->found.chip_fails || again;
        }
        if (err != OB_OK) {
            device = err;
            blame(start, err, ++failures);
        }
    }
}

/** A trial begins with the second statement that its job is over: a start that was cut before has started nothing. */
static bool trial_is_to_come(const struct ob_start *start)
{
    const struct ob_records *now = &start->ledger->now;

    return now->counts && now->same == 1 && (now->value & OB_RECORD_PHASE) == OB_RECORD_QUIET &&
           (now->before & OB_RECORD_PHASE) == OB_RECORD_DONE &&
           (start->ledger->head.set & ~now->value & OB_RECORD_KEPT) != 0;
}

enum ob_err ob_boot_run(const struct ob_boot *boot, struct ob_boot_result *result)
{
    struct ob_start start = {
        .boot = boot,
        .ledger = &boot->work->ledger,
        .next = &boot->work->next,
        .result = result,
    };

    *result = (struct ob_boot_result){.swap = OB_SWAP_NONE};
    if (ob_start_images(&start) == 0 || ob_start_images(&start) > OB_IMAGES_MAX) {
        return OB_ERR_RANGE;
    }
    warn_about_layout(&start);
    *start.next = (struct ob_head){0};
    boot->work->proofs = (struct ob_proofs){0};
    start.found.inside_fails = ob_ledger_read(boot->ledger, ob_start_images(&start), start.ledger) != OB_OK;
    start.found.chip_fails = start.found.inside_fails;
    start.found.fresh = trial_is_to_come(&start);
    enum ob_err err = run(&start);
    OB_LOG_INF("Swap type: %s", ob_swap_text(result->swap));
    return err;
}
