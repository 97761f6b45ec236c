/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_WORKERS_H
#define OUTBOARD_VBOARD_WORKERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "common/diag.h"

/* Processes that share the work of a campaign, and tell the one that adds up. */

#define VB_JOBS_MAX 64u

struct vb_workers {
    unsigned count;
    int pipes[VB_JOBS_MAX];
    pid_t pids[VB_JOBS_MAX];
};

/**
 * Start them, before this process has a CPU of its own: an emulator does not like to be copied.
 * @param work  in the worker: may call vb_worker_say(); what it returns is of no meaning
 * @return false after telling why one cannot be started
 */
bool vb_workers_start(struct vb_workers *workers, unsigned count, void (*work)(void *ctx, unsigned job, int pipe),
                      void *ctx);

/** In a worker: say something of less than PIPE_BUF bytes, all of them defined. Ends the worker if nobody listens. */
void vb_worker_say(int pipe, const void *message, size_t size);

/** Who listens. All get ctx. */
struct vb_hearing {
    void *ctx;
    void *message;           /* where each message is put */
    size_t size;             /* bytes of one */
    bool (*hear)(void *ctx); /* a message is there; false: this worker is done */
    void (*draw)(void *ctx); /* twice a second or more often: progress, by vb_draw_bar() */
};

/**
 * Hear all of them until each is done.
 * @param what  a campaign whose result means nothing is told as "WHAT: WHY"
 * @param why   NULL or empty when all are done: its result means something
 * @return OB_EXIT_OK; OB_EXIT_INTERRUPTED after Ctrl-C: what was heard counts; OB_EXIT_FINDING after telling why;
 * OB_EXIT_USAGE after telling that one of them ended early
 */
enum ob_exit vb_workers_hear(struct vb_workers *workers, const struct vb_hearing *hearing, const char *what,
                             const char *why);

/** How many there are by default: as many as processors. */
unsigned vb_workers_default(void);

/** Seconds, of no meaning but for differences. */
double vb_seconds(void);

/** Draw a line of progress on a terminal, five times a second at most; text NULL: wipe it. */
void vb_draw_bar(double part, const char *text);

#endif
