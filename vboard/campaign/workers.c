/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "workers.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <outboard/util.h>

#define BAR_WIDTH 24u
#define BAR_SECONDS 0.2

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

/* A terminal sends Ctrl-C to all: the one that adds up says when to stop, and nobody outlives it. */
static void belong_to_parent(void)
{
    signal(SIGINT, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static bool start_all(struct vb_workers *workers, unsigned count, void (*work)(void *ctx, unsigned job, int pipe),
                      void *ctx)
{
    workers->count = count;
    for (unsigned i = 0; i < count; i++) {
        int ends[2];
        if (pipe(ends) != 0) {
            return false;
        }
        workers->pids[i] = fork();
        if (workers->pids[i] < 0) {
            return false;
        }
        if (workers->pids[i] == 0) {
            close(ends[0]);
            belong_to_parent();
            work(ctx, i, ends[1]);
            _exit(OB_EXIT_OK);
        }
        close(ends[1]);
        workers->pipes[i] = ends[0];
    }
    return true;
}

bool vb_workers_start(struct vb_workers *workers, unsigned count, void (*work)(void *ctx, unsigned job, int pipe),
                      void *ctx)
{
    bool started = start_all(workers, count, work, ctx);

    if (!started) {
        ob_diag_error(NULL, "board: a worker cannot be started: %s", strerror(errno));
    }
    return started;
}

void vb_worker_say(int pipe, const void *message, size_t size)
{
    if (write(pipe, message, size) != (ssize_t)size) {
        _exit(OB_EXIT_USAGE); /* nobody listens any more */
    }
}

/* @return false: this worker is done */
static bool hear_one(const struct vb_hearing *hearing, int pipe, bool *broken)
{
    ssize_t len;

    do {
        len = read(pipe, hearing->message, hearing->size);
    } while (len < 0 && errno == EINTR);
    if (len != (ssize_t)hearing->size) {
        *broken = true;
        return false;
    }
    return hearing->hear(hearing->ctx);
}

static void end_all(struct vb_workers *workers, bool now)
{
    for (unsigned i = 0; i < workers->count; i++) {
        if (now) {
            kill(workers->pids[i], SIGKILL);
        }
        waitpid(workers->pids[i], NULL, 0);
    }
}

/* @return false: one of them ended early */
static bool hear_all(struct vb_workers *workers, const struct vb_hearing *hearing)
{
    struct pollfd ready[VB_JOBS_MAX];
    unsigned left = workers->count;
    bool broken = false;

    while (left > 0 && !interrupted) {
        for (unsigned i = 0; i < workers->count; i++) {
            ready[i] = (struct pollfd){.fd = workers->pipes[i], .events = POLLIN};
        }
        if (poll(ready, workers->count, 500) < 0 && errno != EINTR) {
            return false;
        }
        for (unsigned i = 0; i < workers->count; i++) {
            if (workers->pipes[i] >= 0 && ready[i].revents != 0 && !hear_one(hearing, workers->pipes[i], &broken)) {
                close(workers->pipes[i]);
                workers->pipes[i] = -1;
                left--;
            }
        }
        hearing->draw(hearing->ctx);
    }
    end_all(workers, interrupted != 0);
    return !broken;
}

enum ob_exit vb_workers_hear(struct vb_workers *workers, const struct vb_hearing *hearing, const char *what,
                             const char *why)
{
    const struct sigaction action = {.sa_handler = on_signal}; /* also a second time: timeout sends two */

    sigaction(SIGINT, &action, NULL);
    bool heard = hear_all(workers, hearing);

    vb_draw_bar(1, NULL);
    if (why != NULL && *why != '\0') {
        ob_diag_error(NULL, "board: %s: %s", what, why);
        return OB_EXIT_FINDING;
    }
    if (interrupted) {
        ob_diag_note(NULL, "board: stopped; this is what was found until then");
        return OB_EXIT_INTERRUPTED;
    }
    if (!heard) {
        ob_diag_error(NULL, "board: a worker ended early; what it would have found is unknown");
        return OB_EXIT_USAGE;
    }
    return OB_EXIT_OK;
}

unsigned vb_workers_default(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    return processors < 1 ? 1 : OB_MIN((unsigned)processors, VB_JOBS_MAX);
}

double vb_seconds(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

void vb_draw_bar(double part, const char *text)
{
    static double drawn;
    char filled[BAR_WIDTH + 1];

    if (!isatty(STDERR_FILENO) || (text != NULL && vb_seconds() - drawn < BAR_SECONDS)) {
        return;
    }
    drawn = vb_seconds();
    part = part > 1 ? 1 : part;
    memset(filled, '.', BAR_WIDTH);
    memset(filled, '#', (size_t)(part * BAR_WIDTH));
    filled[BAR_WIDTH] = '\0';
    if (text == NULL) {
        fputs("\r\033[K", stderr);
    } else {
        fprintf(stderr, "\r[%s] %3.0f%%  %s \033[K", filled, part * 100, text);
    }
    fflush(stderr);
}
