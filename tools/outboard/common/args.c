/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "args.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "subcommand.h"

#define CHILDREN_MAX 4u
#define DEPTH_MAX 4u /* of children */

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

/* argp's own */
static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "--usage") == 0 || strcmp(word, "-?") == 0;
}

/* What getopt would say in its own way. */
static void check_options(const struct argp *argp, int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        const char *word = argv[i];
        if (word[0] != '-' || word[1] == '\0' || is_help(word)) {
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

/* Behind the parsers of a command: words that none of them took. */
static error_t parse_leftover(int key, char *arg, struct argp_state *state)
{
    (void)arg;
    if (key == ARGP_KEY_ARGS) {
        ob_args_error(state, "'%s' is one word too many", state->argv[state->next]);
    }
    return ARGP_ERR_UNKNOWN;
}

void ob_args_parse(const struct argp *argp, int argc, char **argv, unsigned flags, void *input)
{
    static const char statuses[] = "\vExit status: 0 fine, 1 a finding, 2 wrong usage or an unreadable file.";
    const bool has_own = argp->doc != NULL && strstr(argp->doc, "xit status") != NULL;
    const struct argp leftover = {.parser = parse_leftover, .doc = has_own ? NULL : statuses};
    struct argp_child children[CHILDREN_MAX + 1] = {0};
    struct argp own = *argp;
    size_t count = 0;

    if (wants_json(argp, argc, argv)) {
        ob_diag_json();
    }
    check_options(argp, argc, argv);
    while (argp->children != NULL && argp->children[count].argp != NULL && count < CHILDREN_MAX - 1) {
        children[count] = argp->children[count];
        count++;
    }
    children[count].argp = &leftover;
    own.children = children;
    if (argp_parse(&own, argc, argv, flags, NULL, input) != 0) {
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
