/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim.h"

#define JOBS_MAX 256u
#define BAR_WIDTH 24
#define DRAW_EVERY 0.1 /* seconds */

/* What a worker tells, in one write of less than PIPE_BUF bytes. */
struct message {
    uint32_t index; /* of the case */
    bool finished;  /* this is the result; else how far it is */
    uint64_t done;
    uint64_t total;
    struct sim_search_result result;
};

struct worker {
    pid_t pid;
    int pipe;
    uint32_t finished; /* cases */
    struct message last;
};

static volatile sig_atomic_t stopped;

static void on_signal(int number)
{
    (void)number;
    stopped = 1;
}

/* ---- in the worker ---- */

struct speaker {
    int pipe;
    uint32_t index;
};

static void say(const struct speaker *speaker, const struct sim_search_result *result, uint64_t done, uint64_t total,
                bool finished)
{
    struct message message = {
        .index = speaker->index, .finished = finished, .done = done, .total = total, .result = *result};

    if (write(speaker->pipe, &message, sizeof(message)) != (ssize_t)sizeof(message)) {
        _exit(OB_EXIT_USAGE); /* nobody listens any more */
    }
}

static void on_progress(void *ctx, const struct sim_search_result *result, uint64_t done, uint64_t total)
{
    say(ctx, result, done, total, false);
}

static void work(const struct case_list *list, const struct sim_search_options *options, bool first, int out)
{
    struct speaker speaker = {.pipe = out};
    bool stop = false;

    signal(SIGINT, SIG_IGN); /* a terminal sends it to all; whom it is for says when to stop */
    for (uint32_t i = 0; i < list->count; i++) {
        struct sim_world world;
        struct sim_search_result result = {0};
        speaker.index = i;
        if (!stop) {
            if (sim_world_init(&world, &list->item[i], list->files) != NULL) {
                _exit(OB_EXIT_USAGE); /* the list holds only what is possible */
            }
            stop = !sim_search(&world, options, on_progress, &speaker, &result) && first;
            sim_world_free(&world);
        }
        say(&speaker, &result, 1, 1, true);
    }
}

/* ---- in the parent ---- */

static void add_result(struct case_result *sum, const struct sim_search_result *part)
{
    if (sum->sum.failures == 0) {
        memcpy(sum->sum.first_failure, part->first_failure, sizeof(part->first_failure));
        memcpy(sum->sum.first_reason, part->first_reason, sizeof(part->first_reason));
    }
    sum->sum.runs += part->runs;
    sum->sum.cuts += part->cuts;
    sum->sum.states += part->states;
    sum->sum.failures += part->failures;
    sum->sum.out_of_time |= part->out_of_time;
    sum->parts++;
}

struct bar {
    double start;
    double drawn;
};

static void draw_bar(struct bar *bar, const struct worker *workers, uint32_t jobs, const struct case_list *list,
                     const struct case_result *results)
{
    double now = sim_now();
    double done = 0;
    uint64_t runs = 0;
    char filled[BAR_WIDTH + 1];

    if (now - bar->drawn < DRAW_EVERY) {
        return;
    }
    bar->drawn = now;
    for (uint32_t i = 0; i < list->count; i++) {
        runs += results[i].sum.runs;
    }
    for (uint32_t i = 0; i < jobs; i++) {
        const struct message *last = &workers[i].last;
        bool under_way = !last->finished && last->total != 0;
        done += workers[i].finished + (under_way ? (double)last->done / (double)last->total : 0);
        runs += under_way ? last->result.runs : 0;
    }
    double part = done / (jobs * list->count);
    part = part > 1 ? 1 : part;
    double spent = now - bar->start;
    memset(filled, '.', BAR_WIDTH);
    memset(filled, '#', (size_t)(part * BAR_WIDTH));
    filled[BAR_WIDTH] = '\0';
    fprintf(stderr, "\r[%s] %3.0f%%  %.1fk runs/s  %.0f s left \033[K", filled, part * 100, (double)runs / spent / 1000,
            part > 0.01 ? spent / part - spent : 0.0);
    fflush(stderr);
}

static bool hear(struct worker *worker, struct case_result *results)
{
    struct message message;
    ssize_t len;

    do {
        len = read(worker->pipe, &message, sizeof(message));
    } while (len < 0 && errno == EINTR);
    if (len != (ssize_t)sizeof(message)) {
        close(worker->pipe);
        worker->pipe = -1;
        return false;
    }
    worker->last = message;
    if (message.finished) {
        worker->finished++;
        add_result(&results[message.index], &message.result);
    }
    return true;
}

static void listen_to_all(struct worker *workers, uint32_t jobs, const struct case_list *list, bool progress,
                          struct case_result *results)
{
    struct bar bar = {.start = sim_now()};
    uint32_t open = jobs;
    bool told = false;

    while (open > 0) {
        for (uint32_t i = 0; i < jobs && stopped && !told; i++) {
            kill(workers[i].pid, SIGTERM);
        }
        told = stopped;
        struct pollfd fds[JOBS_MAX];
        for (uint32_t i = 0; i < jobs; i++) {
            fds[i] = (struct pollfd){.fd = workers[i].pipe, .events = POLLIN};
        }
        if (poll(fds, jobs, -1) < 0) {
            continue; /* EINTR */
        }
        for (uint32_t i = 0; i < jobs; i++) {
            if (fds[i].revents != 0 && !hear(&workers[i], results)) {
                open--;
            }
        }
        if (progress) {
            draw_bar(&bar, workers, jobs, list, results);
        }
    }
    if (progress) {
        fputs("\r\033[K", stderr);
    }
}

static bool start(struct worker *worker, const struct case_list *list, const struct sim_search_options *options,
                  bool first)
{
    int ends[2];

    if (pipe(ends) != 0) {
        return false;
    }
    fflush(NULL);
    worker->pid = fork();
    if (worker->pid == 0) {
        close(ends[0]);
        work(list, options, first, ends[1]);
        _exit(OB_EXIT_OK);
    }
    close(ends[1]);
    worker->pipe = ends[0];
    return worker->pid > 0;
}

/* Say so if it did not do all of its work. */
static void end(const struct worker *worker, const struct case_list *list)
{
    int status = 0;

    if (waitpid(worker->pid, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != OB_EXIT_OK ||
        worker->finished != list->count) {
        ob_diag_error(NULL, "a worker died (%s %d) at case %u of %u: its part was not searched",
                      WIFSIGNALED(status) ? "signal" : "status",
                      WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), worker->finished + 1, list->count);
    }
}

bool workers_search(const struct case_list *list, const struct sim_search_options *options, uint32_t jobs, bool first,
                    bool progress, struct case_result *results)
{
    struct worker workers[JOBS_MAX] = {0};
    struct sigaction action = {.sa_handler = on_signal}; /* also a second time: timeout sends two */
    uint32_t started = 0;

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL); /* workers are told by it, and one may be before it does anything */
    jobs = jobs > JOBS_MAX ? JOBS_MAX : jobs;
    memset(results, 0, list->count * sizeof(*results));
    while (started < jobs) {
        struct sim_search_options part = *options;
        part.shards = options->shards * jobs;
        part.shard = options->shard * jobs + started;
        part.stop = &stopped;
        if (!start(&workers[started], list, &part, first)) {
            ob_diag_error(NULL, "cannot start a worker: %s", strerror(errno));
            break;
        }
        started++;
    }
    listen_to_all(workers, started, list, progress, results);
    for (uint32_t i = 0; i < started; i++) {
        end(&workers[i], list);
    }
    for (uint32_t i = 0; i < list->count; i++) {
        results[i].searched = results[i].parts == jobs;
    }
    return !stopped;
}
