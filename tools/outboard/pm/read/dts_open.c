/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dts.h"

static bool run(char *const command[])
{
    int status = -1;
    pid_t child = fork();

    if (child == 0) {
        execvp(command[0], command);
        _exit(127);
    }
    if (child > 0) {
        waitpid(child, &status, 0);
    }
    if (child < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 127)) {
        ob_diag_error(NULL, "%s cannot be run; install device-tree-compiler", command[0]);
    }
    return child > 0 && status == 0;
}

static bool has_suffix(const char *path, const char *suffix)
{
    size_t len = strlen(path);
    size_t suffix_len = strlen(suffix);

    return len > suffix_len && strcmp(path + len - suffix_len, suffix) == 0;
}

/** A source is compiled, twice: a blob does not remember what stood where. */
static enum ob_exit compile(struct ob_arena *arena, const char *path, const char *folder, struct dt_tree *tree)
{
    char *dtb = ob_arena_printf(arena, "%s/tree.dtb", folder);
    char *places = ob_arena_printf(arena, "%s/tree.places", folder);
    char *const to_blob[] = {"dtc", "-q", "-@", "-I", "dts", "-O", "dtb", "-o", dtb, (char *)path, NULL};
    char *const to_places[] = {"dtc", "-q", "-T", "-T", "-I", "dts", "-O", "dts", "-o", places, (char *)path, NULL};
    enum ob_exit rc = OB_EXIT_USAGE;

    if (run(to_blob) && run(to_places)) {
        rc = dt_tree_read(arena, dtb, path, tree);
    } else {
        ob_diag_error(&(struct ob_loc){.file = path},
                      "is no complete devicetree; give the zephyr.dts or devicetree.dts of a build, not an overlay");
    }
    if (rc == OB_EXIT_OK) {
        rc = dt_places_read(arena, places, &tree->places);
    }
    unlink(dtb);
    unlink(places);
    return rc;
}

enum ob_exit pm_dts_open(struct ob_arena *arena, const char *path, struct dt_tree *tree)
{
    char folder[] = "/tmp/outboard-XXXXXX";

    if (access(path, R_OK) != 0) {
        ob_diag_error(&(struct ob_loc){.file = path}, "cannot be opened: %s", strerror(errno));
        return OB_EXIT_USAGE;
    }
    if (has_suffix(path, ".dtb")) {
        return dt_tree_read(arena, path, path, tree);
    }
    if (mkdtemp(folder) == NULL) {
        ob_diag_error(NULL, "/tmp cannot be written");
        return OB_EXIT_USAGE;
    }
    enum ob_exit rc = compile(arena, path, folder, tree);
    rmdir(folder);
    return rc;
}
