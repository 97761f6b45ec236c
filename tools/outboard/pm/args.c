/* SPDX-License-Identifier: Apache-2.0 */
#include "model/pm.h"

#include <string.h>

#include "../common/subcommand.h"
#include "cmd.h"

static bool is_option(const struct argp_option *options, const char *word)
{
    size_t len = strcspn(word, "=");

    if (strncmp(word, "help", len) == 0 && len == 4) {
        return true;
    }
    if (strncmp(word, "usage", len) == 0 && len == 5) {
        return true;
    }
    for (const struct argp_option *o = options; o->name != NULL || o->key != 0 || o->doc != NULL; o++) {
        if (o->name != NULL && strlen(o->name) == len && strncmp(o->name, word, len) == 0) {
            return true;
        }
    }
    return false;
}

/** @return the option that a word is meant to be; NULL: none is near */
static const char *nearest(const struct argp_option *options, const char *word)
{
    for (const struct argp_option *o = options; o->name != NULL || o->key != 0 || o->doc != NULL; o++) {
        if (o->name != NULL && (ob_is_misspelt(word, o->name) || strncmp(word, o->name, strlen(word)) == 0)) {
            return o->name;
        }
    }
    return NULL;
}

static void refuse(const char *command, const char *option, const char *meant)
{
    if (meant != NULL) {
        ob_diag_error(NULL, "%s has no option '%s'; did you mean '--%s'?", command, option, meant);
    } else {
        ob_diag_error(NULL, "%s has no option '%s'; see '%s --help'", command, option, command);
    }
}

enum ob_exit pm_args_parse(const struct argp *argp, int argc, char **argv, void *input)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strncmp(argv[i], "--", 2) == 0 && !is_option(argp->options, argv[i] + 2)) {
            refuse(argv[0], argv[i], nearest(argp->options, argv[i] + 2));
            return OB_EXIT_USAGE;
        }
    }
    return argp_parse(argp, argc, argv, ARGP_IN_ORDER, NULL, input) == 0 ? OB_EXIT_OK : OB_EXIT_USAGE;
}

void pm_words_add(struct pm_words *words, const char *word, struct ob_arena *arena)
{
    const char **v = ob_arena_array(arena, words->count + 1, sizeof(*v));

    if (words->count != 0) {
        memcpy(v, words->v, words->count * sizeof(*v));
    }
    v[words->count] = word;
    words->v = v;
    words->count++;
}
