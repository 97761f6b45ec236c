/* SPDX-License-Identifier: Apache-2.0 */
#include "dt.h"

#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

#define DEVICE_SYMBOL "__device_dts_ord_"

struct explainer {
    const struct dt_link *link;
    const struct ob_yaml *nodes; /* as dt_print_json() wrote them, sorted by ordinal */
    uint32_t last;               /* ordinal explained last, so that each is explained once in a row */
};

static const char *text_of(const struct ob_yaml *map, const char *key)
{
    const struct ob_yaml *value = ob_yaml_get(map, key);
    return value == NULL || ob_yaml_is_null(value) ? NULL : value->text;
}

static const char *first_of(const struct ob_yaml *map, const char *key, const char *otherwise)
{
    const struct ob_yaml *list = ob_yaml_get(map, key);
    return list == NULL || list->count == 0 ? otherwise : list->items[0]->text;
}

/* The flash map refers to chips, a driver to its bus: who asks tells what was meant. */
static const char *cause_of(const char *line)
{
    return strstr(line, "flash_map") != NULL
               ? "the flash map lists partitions on it because CONFIG_PM_OVERRIDE_EXTERNAL_DRIVER_CHECK (or the driver "
                 "symbol of its region) claims a driver"
               : "a driver of this image needs it";
}

static void explain_device(struct explainer *explainer, const char *line)
{
    const char *digits = strstr(line, DEVICE_SYMBOL) + strlen(DEVICE_SYMBOL);
    uint32_t ordinal = (uint32_t)strtoul(digits, NULL, 10);
    if (explainer->nodes == NULL || ordinal >= explainer->nodes->count || ordinal == explainer->last) {
        return;
    }
    explainer->last = ordinal;
    const struct ob_yaml *node = explainer->nodes->items[ordinal];
    const char *driver = text_of(node, "driver");
    const char *path = text_of(node, "path");
    const char *label = first_of(node, "labels", "no label");
    const char *compatible = first_of(node, "compatible", "none");
    const struct ob_loc at = {.file = explainer->link->image};
    if (driver == NULL) {
        ob_diag_error(&at,
                      "devicetree node %s (%s) has no driver, and no binding names one for \"%s\"; %s; "
                      "choose a node that has a driver, or add one",
                      path, label, compatible, cause_of(line));
    } else {
        ob_diag_error(&at,
                      "devicetree node %s (%s, \"%s\") has no driver in this image; %s; set %s=y in this image's "
                      "configuration",
                      path, label, compatible, cause_of(line), driver);
    }
}

static void explain_overflow(const struct explainer *explainer, const char *line)
{
    const char *bytes = strstr(line, "overflowed by ") + strlen("overflowed by ");
    bool ram = strstr(line, "`RAM'") != NULL;
    ob_diag_error(&(struct ob_loc){.file = explainer->link->image}, "is %lu bytes too large for its %s; %s",
                  strtoul(bytes, NULL, 10), ram ? "RAM" : "partition",
                  ram ? "lower CONFIG_MAIN_STACK_SIZE or use less static data" : explainer->link->grow);
}

static void explain(struct explainer *explainer, const char *line)
{
    fputs(line, stderr);
    if (strstr(line, "undefined reference") != NULL && strstr(line, DEVICE_SYMBOL) != NULL) {
        explain_device(explainer, line);
    } else if (strstr(line, "region `") != NULL && strstr(line, "overflowed by ") != NULL) {
        explain_overflow(explainer, line);
    }
}

static bool start(char *const command[], int errors[2], pid_t *child)
{
    posix_spawn_file_actions_t actions;
    if (pipe(errors) != 0) {
        return false;
    }
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, errors[1], STDERR_FILENO);
    posix_spawn_file_actions_addclose(&actions, errors[0]);
    posix_spawn_file_actions_addclose(&actions, errors[1]);
    int err = posix_spawnp(child, command[0], &actions, NULL, command, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(errors[1]);
    if (err != 0) {
        close(errors[0]);
        errno = err;
    }
    return err == 0;
}

static int finish(pid_t child)
{
    int status;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            return OB_EXIT_USAGE;
        }
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : OB_EXIT_USAGE;
}

int dt_link(const struct dt_link *link, char *const command[])
{
    struct ob_arena arena = {0};
    struct explainer explainer = {.link = link, .last = UINT32_MAX};
    const struct ob_yaml *root;
    int errors[2];
    pid_t child;
    if (ob_yaml_read(&arena, link->nodes, &root) != OB_EXIT_OK) {
        ob_arena_free(&arena);
        return OB_EXIT_USAGE;
    }
    explainer.nodes = ob_yaml_get(root, "nodes");
    if (!start(command, errors, &child)) {
        ob_diag_error(NULL, "cannot run %s: %s", command[0], strerror(errno));
        ob_arena_free(&arena);
        return OB_EXIT_USAGE;
    }
    FILE *lines = fdopen(errors[0], "r");
    char *line = NULL;
    size_t size = 0;
    while (lines != NULL && getline(&line, &size, lines) > 0) {
        explain(&explainer, line);
    }
    free(line);
    if (lines != NULL) {
        fclose(lines);
    }
    ob_arena_free(&arena);
    return finish(child);
}
