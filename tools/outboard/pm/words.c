/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd.h"

void pm_words_add(struct pm_words *words, const char *word, struct ob_arena *arena)
{
    words->v = ob_arena_more(arena, words->v, words->count, sizeof(*words->v));
    words->v[words->count++] = word;
}
