/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_TOOLS_SIM_H
#define OUTBOARD_TOOLS_SIM_H

#include "../common/args.h"
#include <stdbool.h>
#include <stdint.h>

#include "history.h"
#include "search.h"
#include "world.h"

#include "../common/diag.h"
#include "../image/image.h"

/** What to simulate: options that several commands share. Unset choices are NULL or SIM_SETS. */
struct case_options {
    const char *mode;
    const char *primary;
    const char *secondary;
    const char *scenario;
    const char *images;
    const char *old_file;
    const char *new_file;
    const char *key_file;
    uint64_t seed;
    uint32_t updateable; /* images in one transaction; 0: one */
    bool handover;       /* the last of them is handed over */
    bool encrypted;      /* all images are */
    bool tiny;           /* only the small ones of the built-in pairs of slots */
};

/** Options of struct case_options, for use as an argp child; its input is the struct. */
extern const struct argp case_argp;

/** Images that do not depend on the slots: from files, or made up. */
struct file_images {
    struct sim_image old_image;
    struct sim_image new_image;
    struct sim_files files;
    struct image_key key; /* files.key points into it */
};

/** @return OB_EXIT_USAGE after printing what is wrong */
enum ob_exit file_images_read(const struct case_options *options, struct file_images *out);
/** Images of these sizes, made up and signed, as if they had been read. */
void file_images_make(uint32_t old_size, uint32_t new_size, struct file_images *out);
void file_images_free(struct file_images *images);

/** What was left out of a list, because it cannot be or does not apply. */
struct case_skipped {
    enum ob_mode_id mode;
    const struct sim_scenario *scenario;
    const char *why;
    uint32_t cases; /* with so many pairs of slots and sets of images */
};

struct case_list {
    struct sim_case *item; /* malloc'ed */
    uint32_t count;
    struct case_skipped *skipped; /* malloc'ed */
    uint32_t skipped_count;
    const struct sim_files *files; /* NULL: made-up images */
};

/**
 * All cases that the options leave open. What cannot be (an image too large for the slots) is left out, unless it is
 * all that was asked for.
 *
 * @return OB_EXIT_USAGE after printing what is wrong
 */
enum ob_exit case_list_make(const struct case_options *options, const struct file_images *images,
                            struct case_list *out);
void case_list_free(struct case_list *list);

/** Result of the search of one case, of all workers together. */
struct case_result {
    struct sim_search_result sum;
    uint32_t parts; /* workers that have finished it */
    bool searched;  /* all of them have */
};

/**
 * Search all cases with several processes. If one of them dies, that is printed, and the cases it did not come to are
 * not marked as searched. Ctrl-C ends it with what was found until then; a second one, at once.
 *
 * @param results  list->count of them
 * @param first    each worker stops behind the first case in which it finds a failure
 * @param progress draw a bar on stderr
 * @return false: it was interrupted
 */
bool workers_search(const struct case_list *list, const struct sim_search_options *options, uint32_t jobs, bool first,
                    bool progress, struct case_result *results);

/** Draw both chips: a letter for each sector. */
void picture_print(struct sim_world *world);
void picture_legend(void);

int sim_cmd_cuts(int argc, char **argv);
int sim_cmd_replay(int argc, char **argv);
int sim_cmd_bench(int argc, char **argv);
int sim_cmd_windows(int argc, char **argv);

#endif
