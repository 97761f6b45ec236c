/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_STATE_H
#define OUTBOARD_STATE_H

#include <outboard/upgrade.h>

/*
 * What the flash says about the last installation of an image. The bootloader acts on it, the application shows it.
 */

/** In the order of their precedence, behind OB_PHASE_NONE. */
enum ob_phase {
    OB_PHASE_NONE,    /* no job concerns what the primary holds */
    OB_PHASE_RUNNING, /* begun: to be finished before anything else */
    OB_PHASE_COPIED,  /* every step is recorded, but the primary's trailer was cut while it was rewritten */
    OB_PHASE_DONE,    /* complete: the primary holds what the job brought in */
};

struct ob_state {
    enum ob_phase phase;
    struct ob_upgrade_ctx ctx; /* its job is valid unless phase is OB_PHASE_NONE; slots and layout always are */
    struct ob_trailer primary; /* the primary's trailer */
    bool confirmed;            /* the application confirmed what the job brought in */
    bool confirmed_for_good;   /* ... and that can no longer read otherwise */
    bool settled;              /* done, stated for good; a start has handed over to what the job brought in */
};

/**
 * Read the state of one image. Reads flash only.
 *
 * @param image  its number, kept in ctx
 * @return OB_ERR_SIZE, OB_ERR_RANGE: no layout for these slots; OB_ERR_NODEV: there is no secondary slot;
 *         or the flash error. On any of them *out has OB_PHASE_NONE and no job.
 */
OB_MUST_CHECK enum ob_err ob_state_read(const struct ob_slots *slots, uint32_t max_units, uint8_t image,
                                        struct ob_state *out);

/**
 * Make the confirmation of what a complete job brought in final: afterwards the confirmed mark states it, whatever
 * became of the word that did. A revert that may have been prepared meanwhile is forgotten first.
 *
 * @param state  of OB_PHASE_DONE
 */
OB_MUST_CHECK enum ob_err ob_state_confirm(const struct ob_state *state);

/** The image of a job's transaction that is begun last and finished last: the lowest. */
uint8_t ob_state_leader(const struct ob_job *job);

#endif
