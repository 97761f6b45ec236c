/* SPDX-License-Identifier: Apache-2.0 */
#include "facts.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../common/file.h"

#define CONFIG_SIZE_MAX ((size_t)4 * 1024 * 1024)

/** One line of `.config.places`: `CONFIG_X file:line`, or `CONFIG_X command line`. */
static void read_place(struct ob_arena *arena, struct pm_image *image, const char *line, size_t len)
{
    const char *blank = memchr(line, ' ', len);

    if (blank == NULL) {
        return;
    }
    char *file = ob_arena_text(arena, blank + 1, (size_t)(line + len - blank - 1));
    char *colon = strrchr(file, ':');
    struct ob_loc at = {.file = file};
    if (colon != NULL && isdigit((unsigned char)colon[1])) {
        *colon = '\0';
        at.line = (uint32_t)strtoul(colon + 1, NULL, 10);
        at.col = 1;
    }
    image->written = ob_arena_more(arena, image->written, image->written_count, sizeof(*image->written));
    image->written[image->written_count++] =
        (struct pm_setting){.name = ob_arena_text(arena, line, (size_t)(blank - line)), .at = at};
}

static void read_places(struct ob_arena *arena, struct pm_image *image)
{
    const char *path = ob_arena_printf(arena, "%s.places", image->config_path);
    char *text;
    size_t len;

    if (access(path, R_OK) != 0 || ob_file_read(path, CONFIG_SIZE_MAX, &text, &len) != OB_EXIT_OK) {
        return; /* not built here */
    }
    for (const char *line = text; *line != '\0';) {
        size_t line_len = strcspn(line, "\n");
        read_place(arena, image, line, line_len);
        line += line_len + (line[line_len] == '\n');
    }
    free(text);
}

const struct ob_loc *pm_image_place(const struct pm_image *image, const char *symbol)
{
    for (uint32_t i = image->written_count; i > 0; i--) { /* the last line that was written counts */
        if (strcmp(image->written[i - 1].name, symbol) == 0) {
            return &image->written[i - 1].at;
        }
    }
    return NULL;
}

/** One line of `.config`: `CONFIG_X=value`, or something that sets nothing. */
static void read_setting(struct ob_arena *arena, struct pm_image *image, const char *line, size_t len, uint32_t number)
{
    const char *equal = memchr(line, '=', len);

    if (equal == NULL || strncmp(line, "CONFIG_", 7) != 0) {
        return;
    }
    const char *name = ob_arena_text(arena, line, (size_t)(equal - line));
    const struct ob_loc *written = pm_image_place(image, name);
    image->settings = ob_arena_more(arena, image->settings, image->setting_count, sizeof(*image->settings));
    image->settings[image->setting_count++] = (struct pm_setting){
        .name = name,
        .value = ob_arena_text(arena, equal + 1, (size_t)(line + len - equal - 1)),
        .at = written != NULL ? *written : (struct ob_loc){.file = image->config_path, .line = number, .col = 1},
    };
}

enum ob_exit pm_image_read_config(struct ob_arena *arena, struct pm_image *image)
{
    char *text;
    size_t len;
    enum ob_exit rc = ob_file_read(image->config_path, CONFIG_SIZE_MAX, &text, &len);

    if (rc != OB_EXIT_OK) {
        return rc;
    }
    read_places(arena, image);
    uint32_t number = 1;
    for (const char *line = text; *line != '\0'; number++) {
        size_t line_len = strcspn(line, "\n");
        read_setting(arena, image, line, line_len, number);
        line += line_len + (line[line_len] == '\n');
    }
    free(text);
    return OB_EXIT_OK;
}

enum ob_exit pm_image_read(struct ob_arena *arena, const char *name, const char *folder, struct pm_image *image)
{
    const char *devicetree = ob_arena_printf(arena, "%s/devicetree.json", folder);

    image->name = name;
    image->folder = folder;
    image->config_path = ob_arena_printf(arena, "%s/.config", folder);
    enum ob_exit rc = pm_image_read_config(arena, image);
    return rc == OB_EXIT_OK ? ob_yaml_read(arena, devicetree, &image->devicetree) : rc;
}

const struct pm_setting *pm_image_setting(const struct pm_image *image, const char *symbol)
{
    for (uint32_t i = 0; i < image->setting_count; i++) {
        if (strcmp(image->settings[i].name, symbol) == 0) {
            return &image->settings[i];
        }
    }
    return NULL;
}

bool pm_image_is_set(const struct pm_image *image, const char *symbol)
{
    const struct pm_setting *setting = pm_image_setting(image, symbol);

    return setting != NULL && strcmp(setting->value, "y") == 0;
}

const struct ob_yaml *pm_image_node(const struct pm_image *image, const char *path)
{
    const struct ob_yaml *nodes = ob_yaml_get(image->devicetree, "nodes");

    for (uint32_t i = 0; nodes != NULL && nodes->kind == OB_YAML_LIST && i < nodes->count; i++) {
        const char *candidate = pm_node_text(nodes->items[i], "path");
        if (candidate != NULL && strcmp(candidate, path) == 0) {
            return nodes->items[i];
        }
    }
    return NULL;
}

/** Does `DT_CHOSEN(nordic_pm_ext_flash)` name "nordic,pm-ext-flash"? */
static bool is_chosen_macro(const char *device, const char *chosen)
{
    const char *name = strncmp(device, "DT_CHOSEN(", 10) == 0 ? device + 10 : "";
    size_t len = strlen(chosen);

    if (strlen(name) != len + 1 || name[len] != ')') {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        char expected = isalnum((unsigned char)chosen[i]) ? chosen[i] : '_';
        if (name[i] != expected) {
            return false;
        }
    }
    return true;
}

static const char *path_of_chosen(const struct pm_image *image, const char *device)
{
    const struct ob_yaml *chosen = ob_yaml_get(image->devicetree, "chosen");

    for (uint32_t i = 0; chosen != NULL && i < chosen->count && chosen->kind == OB_YAML_MAP; i++) {
        if (is_chosen_macro(device, chosen->pairs[i].key->text)) {
            return chosen->pairs[i].value->text;
        }
    }
    return NULL;
}

static bool has_label(const struct ob_yaml *node, const char *label)
{
    const struct ob_yaml *labels = ob_yaml_get(node, "labels");

    for (uint32_t i = 0; labels != NULL && labels->kind == OB_YAML_LIST && i < labels->count; i++) {
        if (labels->items[i]->text != NULL && strcmp(labels->items[i]->text, label) == 0) {
            return true;
        }
    }
    return false;
}

bool pm_is_same_path(const char *a, const char *b)
{
    static const char world[] = "/peripheral@";
    const char *a_tail = strstr(a, world);
    const char *b_tail = strstr(b, world);

    if (a_tail == NULL || b_tail == NULL || a_tail - a != b_tail - b || strncmp(a, b, (size_t)(a_tail - a)) != 0) {
        return strcmp(a, b) == 0;
    }
    return strcmp(a_tail + strcspn(a_tail + 1, "/"), b_tail + strcspn(b_tail + 1, "/")) == 0;
}

/** What releases of the SDK before 2.4 have as a region's device. */
static const char *modern_device(const char *device)
{
    return strcmp(device, "NRF_FLASH_DRV_NAME") == 0 ? "flash_controller" : device;
}

static const char *node_with_path(const struct ob_yaml *nodes, const char *path)
{
    for (uint32_t i = 0; nodes != NULL && nodes->kind == OB_YAML_LIST && i < nodes->count; i++) {
        const char *candidate = pm_node_text(nodes->items[i], "path");
        if (candidate != NULL && pm_is_same_path(candidate, path)) {
            return candidate;
        }
    }
    return NULL;
}

const char *pm_image_device_path(const struct pm_image *image, const char *name)
{
    const struct ob_yaml *nodes = ob_yaml_get(image->devicetree, "nodes");
    const char *device = modern_device(name);
    const char *path = device[0] == '/' ? node_with_path(nodes, device) : path_of_chosen(image, device);

    for (uint32_t i = 0; path == NULL && nodes != NULL && nodes->kind == OB_YAML_LIST && i < nodes->count; i++) {
        if (has_label(nodes->items[i], device)) {
            path = pm_node_text(nodes->items[i], "path");
        }
    }
    return path;
}

uint64_t pm_node_number(const struct ob_yaml *node, const char *property, uint64_t missing)
{
    const struct ob_yaml *value = ob_yaml_get(ob_yaml_get(node, "properties"), property);
    uint64_t number;

    return value != NULL && ob_yaml_to_u64(value, &number) ? number : missing;
}

const char *pm_node_text(const struct ob_yaml *node, const char *key)
{
    const struct ob_yaml *value = ob_yaml_get(node, key);

    return value == NULL || value->kind != OB_YAML_SCALAR || ob_yaml_is_null(value) ? NULL : value->text;
}

uint32_t pm_node_bytes(const struct ob_yaml *node, const char *property, uint8_t *bytes, uint32_t max)
{
    const struct ob_yaml *list = ob_yaml_get(ob_yaml_get(node, "properties"), property);

    if (list == NULL || list->kind != OB_YAML_LIST || list->count > max) {
        return 0;
    }
    for (uint32_t i = 0; i < list->count; i++) {
        uint64_t value;
        if (!ob_yaml_to_u64(list->items[i], &value) || value > UINT8_MAX) {
            return 0;
        }
        bytes[i] = (uint8_t)value;
    }
    return list->count;
}
