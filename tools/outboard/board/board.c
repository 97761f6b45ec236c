/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../commands.h"
#include "../common/diag.h"

/* The virtual boards are a program of their own, because of the licence of their CPU (docs/DESIGN.md): this calls it.
 */

#define PROGRAM "outboard-board"

/* Beside this program; the name alone, for the PATH, if that is not to be had. */
static void beside_us(char *path, size_t size)
{
    ssize_t len = readlink("/proc/self/exe", path, size - 1);
    char *slash = len <= 0 ? NULL : memrchr(path, '/', (size_t)len);

    if (slash == NULL || (size_t)(slash + 1 - path) + sizeof(PROGRAM) > size) {
        snprintf(path, size, "%s", PROGRAM);
        return;
    }
    memcpy(slash + 1, PROGRAM, sizeof(PROGRAM));
    if (access(path, X_OK) != 0) {
        snprintf(path, size, "%s", PROGRAM);
    }
}

int ob_cmd_board(int argc, char **argv)
{
    char path[4096];

    (void)argc;
    beside_us(path, sizeof(path));
    execvp(path, argv);
    if (errno == ENOENT) {
        ob_diag_error(NULL, "board: the program " PROGRAM
                            " is not there; it is built with the host side where Unicorn 2.1.4 is: scripts/setup.sh");
    } else {
        ob_diag_error(NULL, "board: %s cannot be run: %s", path, strerror(errno));
    }
    return OB_EXIT_USAGE;
}
