/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "args.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "subcommand.h"

#define CHILDREN_MAX 4u
#define DEPTH_MAX 4u /* of children */
#define SHARDS_MAX 100000u

static bool is_called(const char *name, const char *word)
{
    size_t len = strcspn(word, "=");

    return strlen(name) == len && strncmp(name, word, len) == 0;
}

/* `--jsn` and `--js` are meant to be --json. */
static bool is_near(const char *name, const char *word)
{
    return ob_is_misspelt(word, name) || strncmp(word, name, strlen(word)) == 0;
}

static const struct argp_option *find(const struct argp *argp, const char *word,
                                      bool (*fits)(const char *name, const char *word), unsigned depth)
{
    const struct argp_option *o = argp->options;
    const struct argp_option *found = NULL;

    for (; o != NULL && (o->name != NULL || o->key != 0 || o->doc != NULL); o++) {
        if (o->name != NULL && fits(o->name, word)) {
            return o;
        }
    }
    for (const struct argp_child *child = argp->children;
         depth != 0 && found == NULL && child != NULL && child->argp != NULL; child++) {
        found = find(child->argp, word, fits, depth - 1);
    }
    return found;
}

static _Noreturn void refuse(const struct argp *argp, const char *command, const char *option)
{
    const struct argp_option *meant = strncmp(option, "--", 2) == 0 ? find(argp, option + 2, is_near, DEPTH_MAX) : NULL;

    if (meant != NULL) {
        ob_diag_error(NULL, "%s has no option '%s'; did you mean '--%s'?", command, option, meant->name);
    } else {
        ob_diag_error(NULL, "%s has no option '%s'; see '%s --help'", command, option, command);
    }
    exit(ob_diag_end(OB_EXIT_USAGE));
}

/* What getopt would say in its own way. */
static void check_options(const struct argp *argp, int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        const char *word = argv[i];
        if (word[0] != '-' || word[1] == '\0' || strcmp(word, "-?") == 0) {
            continue;
        }
        const struct argp_option *o = word[1] == '-' ? find(argp, word + 2, is_called, DEPTH_MAX) : NULL;
        bool has_value = strchr(word, '=') != NULL;
        if (o == NULL) {
            refuse(argp, argv[0], word);
        }
        if (o->arg == NULL && has_value) {
            ob_diag_error(NULL, "%s: option '--%s' takes no argument", argv[0], o->name);
            exit(ob_diag_end(OB_EXIT_USAGE));
        }
        i += o->arg != NULL && !has_value; /* the next word is its argument */
        if (i == argc) {
            ob_diag_error(NULL, "%s: option '--%s' needs its argument: --%s %s", argv[0], o->name, o->name, o->arg);
            exit(ob_diag_end(OB_EXIT_USAGE));
        }
    }
}

static bool wants_json(const struct argp *argp, int argc, char **argv)
{
    const struct argp_option *o = find(argp, "json", is_called, DEPTH_MAX);
    bool wanted = false;

    for (int i = 1; o != NULL && o->arg == NULL && i < argc && strcmp(argv[i], "--") != 0; i++) {
        wanted |= strcmp(argv[i], "--json") == 0;
    }
    return wanted;
}

enum { KEY_HELP = '?', KEY_USAGE = 0x7fff };

/* As argp has them, which would end the program before it knows whether they could be written. */
static const struct argp_option own_options[] = {{"help", KEY_HELP, NULL, 0, "Give this help list", -1},
                                                 {"usage", KEY_USAGE, NULL, 0, "Give a short usage message", 0},
                                                 {0}};

static _Noreturn void print_help(const struct argp_state *state, unsigned what)
{
    argp_state_help(state, stdout, what & ~(unsigned)(ARGP_HELP_EXIT_ERR | ARGP_HELP_EXIT_OK));
    exit(ob_diag_end(OB_EXIT_OK));
}

/* Behind the parsers of a command: help, and words that none of them took. */
static error_t parse_leftover(int key, char *arg, struct argp_state *state)
{
    (void)arg;
    switch (key) {
    case KEY_HELP:
        print_help(state, ARGP_HELP_STD_HELP);
    case KEY_USAGE:
        print_help(state, ARGP_HELP_USAGE);
    case ARGP_KEY_ARGS:
        ob_args_error(state, "'%s' is one word too many", state->argv[state->next]);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

void ob_args_parse(const struct argp *argp, int argc, char **argv, unsigned flags, void *input)
{
    static const char statuses[] = "\vExit status: 0 fine, 1 a finding, 2 wrong usage or an unreadable file.";
    const bool has_own = argp->doc != NULL && strstr(argp->doc, "xit status") != NULL;
    const struct argp leftover = {.options = own_options, .parser = parse_leftover, .doc = has_own ? NULL : statuses};
    struct argp_child children[CHILDREN_MAX + 1] = {0};
    struct argp own = *argp;
    size_t count = 0;

    if (wants_json(argp, argc, argv)) {
        ob_diag_json();
    }
    while (argp->children != NULL && argp->children[count].argp != NULL && count < CHILDREN_MAX - 1) {
        children[count] = argp->children[count];
        count++;
    }
    children[count].argp = &leftover;
    own.children = children;
    check_options(&own, argc, argv);
    if (argp_parse(&own, argc, argv, flags | ARGP_NO_HELP, NULL, input) != 0) {
        exit(ob_diag_end(OB_EXIT_USAGE));
    }
}

void ob_args_error(const struct argp_state *state, const char *fmt, ...)
{
    char *text = NULL;
    va_list args;

    va_start(args, fmt);
    int len = vasprintf(&text, fmt, args);
    va_end(args);
    ob_diag_error(NULL, "%s: %s; see '%s --help'", state->name, len < 0 ? "out of memory" : text, state->name);
    free(text);
    exit(ob_diag_end(OB_EXIT_USAGE));
}

bool ob_args_take_number(const char **text, uint64_t max, uint64_t *number)
{
    char *end;

    if (**text < '0' || **text > '9') {
        return false; /* strtoull() takes blanks and signs */
    }
    errno = 0;
    *number = strtoull(*text, &end, 0);
    *text = end;
    return errno == 0 && *number <= max;
}

uint64_t ob_args_number(const struct argp_state *state, const char *option, const char *text, uint64_t min,
                        uint64_t max)
{
    const char *end = text;
    uint64_t number;

    if (!ob_args_take_number(&end, max, &number) || *end != '\0' || number < min) {
        ob_args_error(state, "%s %s: a number from %" PRIu64 " to %" PRIu64, option, text, min, max);
    }
    return number;
}

void ob_args_shard(const struct argp_state *state, const char *text, unsigned *shard, unsigned *shards)
{
    const char *end = text;
    uint64_t of = 0;
    uint64_t nth;

    bool is = ob_args_take_number(&end, SHARDS_MAX, &nth) && *end++ == '/' &&
              ob_args_take_number(&end, SHARDS_MAX, &of) && *end == '\0';
    if (!is || nth == 0 || nth > of) {
        ob_args_error(state, "--shard %s: I/N, with I from 1 to N", text);
    }
    *shard = (unsigned)nth;
    *shards = (unsigned)of;
}
