/* SPDX-License-Identifier: Apache-2.0 */
#include "build.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "load.h"

static const char *in(struct ob_arena *arena, const char *folder, const char *name)
{
    return ob_arena_printf(arena, "%s/%s", folder, name);
}

static bool has(struct ob_arena *arena, const char *folder, const char *name)
{
    return access(in(arena, folder, name), R_OK) == 0;
}

static enum ob_exit missing(const char *folder, const char *what)
{
    ob_diag_error(&(struct ob_loc){.file = folder}, "%s", what);
    return OB_EXIT_USAGE;
}

static struct pm_image *add_image(struct pm_check *check, const char *name)
{
    struct pm_image *image = &check->images[check->image_count++];

    image->name = name;
    if (strcmp(name, "mcuboot") == 0) {
        check->bootloader = image;
    }
    return image;
}

/** An image of Zephyr: `zephyr/` in its folder. The tree is for who wants the partitions in it. */
static enum ob_exit read_zephyr(struct pm_check *check, const char *name, const char *folder,
                                const struct dt_tree **tree)
{
    struct ob_arena *arena = check->arena;
    const char *dts = in(arena, folder, "zephyr/zephyr.dts");
    struct pm_image *image = add_image(check, name);
    struct dt_tree *read = ob_arena_alloc(arena, sizeof(*read));

    image->folder = folder;
    image->config_path = in(arena, folder, "zephyr/.config");
    image->is_zephyr = true;
    enum ob_exit rc = pm_image_read_config(arena, image);
    if (rc == OB_EXIT_OK && access(dts, R_OK) != 0) {
        rc = missing(dts, "is missing; build the image, or give the folder of a whole build");
    }
    if (rc == OB_EXIT_OK) {
        rc = pm_dts_open(arena, dts, read);
    }
    if (rc == OB_EXIT_OK) {
        pm_zephyr_config_places(arena, image);
        pm_zephyr_dts_places(read, dts);
        image->devicetree = pm_build_tree(arena, read);
        check->places[image - check->images] = *tree = read;
    }
    return rc;
}

/* ---- which folder is the application's ---- */

/** sysbuild writes the name of the main image into domains.yaml. @return NULL after printing that it does not */
static const char *main_domain(struct ob_arena *arena, const char *folder)
{
    const char *path = in(arena, folder, "domains.yaml");
    const struct ob_yaml *root = NULL;

    if (ob_yaml_read(arena, path, &root) != OB_EXIT_OK) {
        return NULL;
    }
    const struct ob_yaml *name = ob_yaml_get(root, "default");
    if (name == NULL || name->kind != OB_YAML_SCALAR || !has(arena, in(arena, folder, name->text), "zephyr/.config")) {
        (void)missing(path, "has no 'default' whose image was built; give the folder of a whole build");
        return NULL;
    }
    return in(arena, folder, name->text);
}

/** Without it: the one image that is no bootloader and of no other core. */
static const char *only_application(struct ob_arena *arena, const char *folder)
{
    static const char *const others[] = {
        "mcuboot", "b0", "b0n", "s1_image", "ipc_radio", "hci_ipc", "empty_net_core", "multiprotocol_rpmsg"};
    DIR *dir = opendir(folder);
    const char *found = NULL;

    for (struct dirent *entry = dir == NULL ? NULL : readdir(dir); entry != NULL; entry = readdir(dir)) {
        bool is_other = entry->d_name[0] == '.';
        for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
            is_other = is_other || strcmp(entry->d_name, others[i]) == 0;
        }
        const char *name = ob_arena_text(arena, entry->d_name, strlen(entry->d_name));
        if (!is_other && found == NULL && has(arena, in(arena, folder, name), "zephyr/.config")) {
            found = name;
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
    return found;
}

static bool is_part_of_build(struct ob_arena *arena, const char *folder)
{
    bool is_image = has(arena, folder, "zephyr/.config") && !has(arena, folder, "mcuboot/zephyr/.config") &&
                    (has(arena, folder, "../domains.yaml") || has(arena, folder, "../mcuboot/zephyr/.config"));

    return is_image || (has(arena, folder, ".config") && has(arena, folder, "zephyr.dts"));
}

/** @return NULL after printing why it cannot be told */
static const char *application_folder(struct ob_arena *arena, const char *folder)
{
    if (is_part_of_build(arena, folder)) {
        (void)missing(folder, "is a part of a build; give the folder above it, that was built into");
        return NULL;
    }
    if (has(arena, folder, "domains.yaml")) {
        return main_domain(arena, folder);
    }
    if (has(arena, folder, "zephyr/.config")) {
        return folder;
    }
    const char *name = only_application(arena, folder);
    if (name == NULL) {
        (void)missing(folder,
                      "is no build folder: neither zephyr/.config nor a folder with one is in it; give the folder "
                      "that was built into (build, or what -d or -B said)");
        return NULL;
    }
    return in(arena, folder, name);
}

/* ---- the layout ---- */

static const char *label_of(const struct dt_tree *tree, const struct dt_node *node)
{
    for (uint32_t i = 0; i < tree->labels.count; i++) {
        if (tree->labels.items[i].node == node) {
            return tree->labels.items[i].name;
        }
    }
    return NULL;
}

static void add_regions(struct pm_layout *layout, const struct pm_dts *dts)
{
    layout->regions = ob_arena_array(layout->arena, dts->regions.count, sizeof(*layout->regions));
    for (uint32_t i = 0; i < dts->regions.count; i++) {
        const struct pm_dts_region *from = &dts->regions.v[i];
        if (from->device != NULL) {
            layout->regions[layout->region_count++] = (struct pm_region){.name = from->name,
                                                                         .base = from->base,
                                                                         .size = pm_dts_region_bytes(from),
                                                                         .strategy = PM_START_TO_END,
                                                                         .device = label_of(dts->tree, from->device)};
        }
    }
}

/** Partitions of a devicetree as a layout that was resolved. */
static enum ob_exit layout_from_tree(struct pm_check *check, const struct dt_tree *tree)
{
    struct pm_layout *layout = &check->layout;
    struct pm_dts dts = {.arena = check->arena, .tree = tree, .pad = 0x200};
    enum ob_exit rc = pm_dts_read(&dts);

    if (rc != OB_EXIT_OK) {
        return rc;
    }
    add_regions(layout, &dts);
    for (uint32_t i = 0; i < dts.count; i++) {
        const struct pm_dts_part *from = &dts.parts[i];
        struct pm_region *region = pm_region_find(layout, from->region->name);
        if (region != NULL && !from->gave_way) {
            struct pm_part *part = pm_part_make(layout, region, pm_name_get(layout, from->name));
            part->at = dt_place_of(tree, from->node->path, NULL);
            part->address = region->base + from->start;
            part->size = from->size;
            part->is_static = true;
        }
    }
    return OB_EXIT_OK;
}

static bool is_slot(const char *name)
{
    return strncmp(name, "mcuboot_primary", strlen("mcuboot_primary")) == 0 ||
           strncmp(name, "mcuboot_secondary", strlen("mcuboot_secondary")) == 0;
}

/** Each image has a devicetree of its own: where the application writes updates and requests, the bootloader has to
 * look. */
static enum ob_exit compare_slots(struct pm_check *check, const struct dt_tree *app_tree,
                                  const struct dt_tree *boot_tree)
{
    struct pm_dts app = {.arena = check->arena, .tree = app_tree, .pad = 0x200};
    struct pm_dts boot = {.arena = check->arena, .tree = boot_tree, .pad = 0x200};
    enum ob_exit rc = pm_dts_read(&app);

    if (rc == OB_EXIT_OK) {
        rc = pm_dts_read(&boot);
    }
    for (uint32_t i = 0; rc == OB_EXIT_OK && i < app.count; i++) {
        const struct pm_dts_part *here = &app.parts[i];
        const struct pm_dts_part *there = pm_dts_part_named(&boot, here->name);
        struct ob_loc at = dt_place_of(app_tree, here->node->path, "reg");
        if (!here->gave_way && there != NULL && is_slot(here->name) && !pm_dts_is_same(here, there)) {
            pm_finding(check, &at,
                       "'%s' is 0x%llx bytes at 0x%llx for the application and 0x%llx at 0x%llx for the bootloader: "
                       "trailers are looked for where they are not; include one overlay in both images",
                       here->name, (unsigned long long)here->size, (unsigned long long)here->start,
                       (unsigned long long)there->size, (unsigned long long)there->start);
        }
    }
    return rc;
}

static enum ob_exit layout_from_files(struct pm_check *check, const char *folder)
{
    enum ob_exit rc = pm_load_regions(&check->layout, in(check->arena, folder, "regions.yml"));

    return rc == OB_EXIT_OK ? pm_load_resolved(&check->layout, in(check->arena, folder, "partitions.yml")) : rc;
}

/* ---- the two kinds of builds ---- */

static enum ob_exit read_own(const char *folder, struct pm_check *check)
{
    const char *bootloader = in(check->arena, folder, "mcuboot");
    enum ob_exit rc = layout_from_files(check, folder);

    if (rc == OB_EXIT_OK) {
        rc = pm_image_read(check->arena, "app", folder, add_image(check, "app"));
    }
    if (rc == OB_EXIT_OK && has(check->arena, bootloader, ".config")) {
        rc = pm_image_read(check->arena, "mcuboot", bootloader, add_image(check, "mcuboot"));
    }
    return rc;
}

static enum ob_exit read_foreign(const char *folder, struct pm_check *check)
{
    struct ob_arena *arena = check->arena;
    const char *application = application_folder(arena, folder);
    const char *bootloader = in(arena, folder, "mcuboot");
    const struct dt_tree *app_tree = NULL;
    const struct dt_tree *boot_tree = NULL;

    if (application == NULL) {
        return OB_EXIT_USAGE;
    }
    enum ob_exit rc = read_zephyr(check, "app", application, &app_tree);
    bool has_bootloader = has(arena, bootloader, "zephyr/.config");
    if (rc == OB_EXIT_OK && has_bootloader) {
        rc = read_zephyr(check, "mcuboot", bootloader, &boot_tree);
    }
    if (rc == OB_EXIT_OK && (pm_image_is_set(&check->images[0], "CONFIG_PARTITION_MANAGER_ENABLED") ||
                             has(arena, folder, "partitions.yml"))) {
        return layout_from_files(check, folder);
    }
    if (rc == OB_EXIT_OK) {
        rc = layout_from_tree(check, has_bootloader ? boot_tree : app_tree);
    }
    return rc == OB_EXIT_OK && has_bootloader ? compare_slots(check, app_tree, boot_tree) : rc;
}

enum ob_exit pm_build_read(const char *folder, struct pm_check *check)
{
    check->layout.arena = check->arena;
    enum ob_exit rc =
        has(check->arena, folder, "devicetree.json") ? read_own(folder, check) : read_foreign(folder, check);
    if (rc == OB_EXIT_OK && check->bootloader == NULL) {
        rc = missing(folder,
                     "has no image mcuboot, so there is nothing that installs an update; build with the bootloader "
                     "(SB_CONFIG_BOOTLOADER_MCUBOOT=y, or CONFIG_BOOTLOADER_MCUBOOT=y)");
    }
    if (rc == OB_EXIT_OK) {
        pm_pairs_find(&check->layout, check->bootloader, &check->pairs);
    }
    if (rc == OB_EXIT_OK && check->pairs.count == 0) {
        ob_diag_warning(&(struct ob_loc){.file = folder}, "its layout has no mcuboot_primary and mcuboot_secondary");
    }
    return rc;
}
