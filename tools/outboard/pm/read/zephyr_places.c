/* SPDX-License-Identifier: Apache-2.0 */
/* Where a person wrote what a build of Zephyr has in its `.config` and zephyr.dts. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../common/file.h"
#include "build.h"

#define TEXT_SIZE_MAX ((size_t)16 * 1024 * 1024)
#define PROPERTY_LINES_MAX 256U

/** Call for each line of a file; nothing is said of one that cannot be read: its folder may be another machine's. */
static void each_line(const char *path, void (*take)(void *context, char *line, uint32_t number), void *context)
{
    char *text;
    size_t len;

    if (access(path, R_OK) != 0 || ob_file_read(path, TEXT_SIZE_MAX, &text, &len) != OB_EXIT_OK) {
        return;
    }
    char *rest = text;
    uint32_t number = 1;
    for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n"), number++) {
        line[strcspn(line, "\r")] = '\0';
        take(context, line, number);
    }
    free(text);
}

/* ---- Kconfig ---- */

struct fragment {
    struct ob_arena *arena;
    struct pm_image *image;
    const char *path;
};

/** A line that gives a symbol the value that it has: of several the last counts. What is off is not in a `.config`. */
static void take_assignment(void *context, char *line, uint32_t number)
{
    const struct fragment *fragment = context;
    struct pm_image *image = fragment->image;
    char *equal = strchr(line, '=');

    if (strncmp(line, "CONFIG_", 7) != 0 || equal == NULL) {
        return;
    }
    *equal = '\0';
    const struct pm_setting *setting = pm_image_setting(image, line);
    if (strcmp(equal + 1, setting == NULL ? "n" : setting->value) != 0) {
        return;
    }
    const struct ob_loc at = {.file = fragment->path, .line = number, .col = 1};
    if (setting != NULL) {
        image->settings[setting - image->settings].at = at;
    }
    image->written = ob_arena_more(fragment->arena, image->written, image->written_count, sizeof(*image->written));
    image->written[image->written_count++] =
        (struct pm_setting){.name = ob_arena_text(fragment->arena, line, (size_t)(equal - line)), .at = at};
}

static void read_fragment(struct ob_arena *arena, struct pm_image *image, const char *path)
{
    const char *name = strrchr(path, '/');
    struct fragment fragment = {.arena = arena, .image = image, .path = path};

    if (name != NULL && name[1] != '.') { /* .config.sysbuild was written by no person */
        each_line(path, take_assignment, &fragment);
    }
}

/** Zephyr 3.6 and later list the files, in their order. @return false: there is no such list */
static bool read_listed(struct ob_arena *arena, struct pm_image *image)
{
    const char *path = ob_arena_printf(arena, "%s/build_info.yml", image->folder);
    const struct ob_yaml *root = NULL;

    if (access(path, R_OK) != 0 || ob_yaml_read(arena, path, &root) != OB_EXIT_OK) {
        return false;
    }
    const struct ob_yaml *files = ob_yaml_get(ob_yaml_get(ob_yaml_get(root, "cmake"), "kconfig"), "files");
    for (uint32_t i = 0; files != NULL && files->kind == OB_YAML_LIST && i < files->count; i++) {
        if (files->items[i]->kind == OB_YAML_SCALAR) {
            read_fragment(arena, image, files->items[i]->text);
        }
    }
    return files != NULL;
}

/** Files that a variable of cmake's cache names: `<name>:<type>=<file>;<file>`. */
static void take_cached(void *context, char *line, uint32_t number)
{
    static const char *const names[] = {"CACHED_CONF_FILE:", "OVERLAY_CONFIG:", "EXTRA_CONF_FILE:"};
    const struct fragment *cache = context;
    char *files = strchr(line, '=');

    (void)number;
    for (size_t i = 0; files != NULL && i < sizeof(names) / sizeof(names[0]); i++) {
        if (strncmp(line, names[i], strlen(names[i])) == 0) {
            char *rest = files + 1;
            for (char *file = strsep(&rest, ";"); file != NULL; file = strsep(&rest, ";")) {
                read_fragment(cache->arena, cache->image, ob_arena_text(cache->arena, file, strlen(file)));
            }
        }
    }
}

void pm_zephyr_config_places(struct ob_arena *arena, struct pm_image *image)
{
    struct fragment cache = {.arena = arena, .image = image};

    if (!read_listed(arena, image)) {
        each_line(ob_arena_printf(arena, "%s/CMakeCache.txt", image->folder), take_cached, &cache);
    }
}

/* ---- devicetree: Zephyr 4.2 and later write into zephyr.dts what came from where ---- */

struct origin {
    struct ob_loc at; /* no file: the line says nothing */
    bool of_node;
};

struct origins {
    struct ob_arena *arena;
    struct origin *v; /* by line, from 1 */
    uint32_t max;
};

static void take_origin(void *context, char *line, uint32_t number)
{
    static const char of_node[] = "' defined in ";
    static const char of_property[] = "/* in ";
    struct origins *origins = context;
    char *node = strstr(line, of_node);
    char *property = strstr(line, of_property);
    char *file = node != NULL ? node + strlen(of_node) : property != NULL ? property + strlen(of_property) : NULL;
    char *end = file == NULL ? NULL : strstr(file, " */");
    char *colon = end == NULL ? NULL : memrchr(file, ':', (size_t)(end - file));

    if (colon != NULL && number <= origins->max) {
        origins->v[number] = (struct origin){.at = {.file = ob_arena_text(origins->arena, file, (size_t)(colon - file)),
                                                    .line = (uint32_t)strtoul(colon + 1, NULL, 10),
                                                    .col = 1},
                                             .of_node = node != NULL};
    }
}

/** Of a node it stands in the line before, of a property in its last line. */
static const struct origin *origin_of(const struct origins *origins, const struct dt_place *place)
{
    bool of_node = place->prop == NULL;
    uint32_t line = place->at.line - (of_node && place->at.line != 0);
    uint32_t last = of_node ? line : place->at.line + PROPERTY_LINES_MAX;

    while (line < last && line < origins->max && origins->v[line].at.file == NULL) {
        line++;
    }
    return origins->v[line].at.file != NULL && origins->v[line].of_node == of_node ? &origins->v[line] : NULL;
}

void pm_zephyr_dts_places(struct dt_tree *tree, const char *path)
{
    struct origins origins = {.arena = tree->arena};

    for (uint32_t i = 0; i < tree->places.count; i++) {
        const uint32_t line = tree->places.items[i].at.line + PROPERTY_LINES_MAX;
        origins.max = line > origins.max ? line : origins.max;
    }
    origins.v = ob_arena_array(tree->arena, origins.max + 1, sizeof(*origins.v));
    each_line(path, take_origin, &origins);
    for (uint32_t i = 0; i < tree->places.count; i++) {
        const struct origin *origin = origin_of(&origins, &tree->places.items[i]);
        if (origin != NULL) {
            tree->places.items[i].at = origin->at;
        }
    }
}
