/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

/*
 * A lock file says what devices in the field rely on, because an update replaces only the application: where the
 * bootloader, the slots and stored data are, and where the trailers lie.
 */

#define LOCK_VERSION 1U

struct number {
    const char *key;
    size_t offset; /* of a uint32_t in struct ob_layout */
    const char *meaning;
};

static const struct number numbers[] = {
    {"align", offsetof(struct ob_layout, align), "spacing of the trailer's fields"},
    {"max_units", offsetof(struct ob_layout, max_units), "BOOT_MAX_IMG_SECTORS"},
    {"primary_limit", offsetof(struct ob_layout, primary_limit), "place of the primary slot's trailer"},
    {"secondary_limit", offsetof(struct ob_layout, secondary_limit), "place of the secondary slot's trailer"},
};

static uint32_t number_of(const struct ob_layout *layout, const struct number *number)
{
    uint32_t value;

    memcpy(&value, (const char *)layout + number->offset, sizeof(value));
    return value;
}

static bool is_slot(const char *name)
{
    return strncmp(name, "mcuboot_primary", 15) == 0 || strncmp(name, "mcuboot_secondary", 17) == 0;
}

/** Parts that outlive an update: not what the application is linked into, nor what nobody uses. */
static bool is_lasting(const struct pm_part *part)
{
    const char *name = part->name->text;
    const char *app_container = "mcuboot_primary_app";
    bool unused = strncmp(name, "EMPTY_", 6) == 0 || strcmp(name, part->region->name) == 0;

    return part->region->device != NULL && !unused && strcmp(name, "app") != 0 && strcmp(name, app_container) != 0;
}

void pm_lock_write(FILE *out, const struct pm_check *check)
{
    fprintf(out,
            "# The released layout, for 'outboard pm check --lock'. Keep it with the release; never edit it.\n"
            "version: %u\nlayout_hash: 0x%08x\npartitions:\n",
            LOCK_VERSION, pm_layout_hash(&check->layout));
    for (uint32_t i = 0; i < check->layout.parts.count; i++) {
        const struct pm_part *part = check->layout.parts.v[i];
        if (is_lasting(part)) {
            fprintf(out, "  %s: {address: 0x%llx, size: 0x%llx, region: %s}\n", part->name->text,
                    (unsigned long long)part->address, (unsigned long long)part->size, part->region->name);
        }
    }
    if (pm_ledger_size(check->bootloader) != 0) {
        fprintf(out, "ledger_size: 0x%x\n", pm_ledger_size(check->bootloader));
    }
    fputs("slots:\n", out);
    for (uint32_t i = 0; i < check->pairs.count; i++) {
        const struct pm_pair *pair = &check->pairs.v[i];
        fprintf(out, "  %s:\n    mode: %s\n", pair->secondary.part->name->text, pm_mode_name(pair->mode));
        for (size_t j = 0; j < sizeof(numbers) / sizeof(numbers[0]); j++) {
            fprintf(out, "    %s: %u\n", numbers[j].key, number_of(&pair->layout, &numbers[j]));
        }
    }
}

static bool read_number(const struct ob_yaml *map, const char *key, uint64_t *value)
{
    const struct ob_yaml *node = ob_yaml_get(map, key);

    return node != NULL && ob_yaml_to_u64(node, value);
}

static void compare_size(struct pm_check *check, const struct pm_part *part, uint64_t released)
{
    const char *consequence = is_slot(part->name->text) ? "its trailer lies elsewhere then"
                              : part->size < released   ? "stored data at its end is lost"
                                                        : "what lies behind it in the field is overwritten";

    if (part->size != released) {
        pm_finding(check, &part->at,
                   "'%s' %s from 0x%llx to 0x%llx bytes since the release: %s; devices in the field keep the old "
                   "layout: restore it in pm_static.yml",
                   part->name->text, part->size < released ? "shrank" : "grew", (unsigned long long)released,
                   (unsigned long long)part->size, consequence);
    }
}

static bool compare_part(struct pm_check *check, const struct ob_yaml_pair *pair)
{
    const struct pm_part *part = pm_name_get(&check->layout, pair->key->text)->part;
    const char *region = pm_node_text(pair->value, "region");
    uint64_t address;
    uint64_t size;

    if (region == NULL || !read_number(pair->value, "address", &address) || !read_number(pair->value, "size", &size)) {
        ob_diag_error(&pair->value->at, "'%s' needs address, size and region; was this file edited?", pair->key->text);
        return false;
    }
    if (part == NULL) {
        pm_finding(check, &pair->key->at,
                   "'%s' was released and is gone; devices in the field still have it: restore it in pm_static.yml",
                   pair->key->text);
        return true;
    }
    if (part->address != address || strcmp(part->region->name, region) != 0) {
        pm_finding(check, &part->at,
                   "'%s' moved from 0x%llx in '%s' to 0x%llx in '%s' since the release; devices in the field keep the "
                   "old layout: restore it in pm_static.yml",
                   part->name->text, (unsigned long long)address, region, (unsigned long long)part->address,
                   part->region->name);
    }
    compare_size(check, part, size);
    return true;
}

static const struct pm_pair *find_pair(const struct pm_check *check, const char *secondary)
{
    for (uint32_t i = 0; i < check->pairs.count; i++) {
        if (strcmp(check->pairs.v[i].secondary.part->name->text, secondary) == 0) {
            return &check->pairs.v[i];
        }
    }
    return NULL;
}

static void compare_mode(struct pm_check *check, const struct pm_pair *pair, const struct ob_yaml *released)
{
    const char *mode = pm_node_text(released, "mode");

    if (mode != NULL && strcmp(mode, pm_mode_name(pair->mode)) != 0) {
        pm_finding(check, &released->at,
                   "the bootloader in the field installs by '%s', this build by '%s'; choose the released mode", mode,
                   pm_mode_name(pair->mode));
    }
}

static void compare_slot(struct pm_check *check, const struct ob_yaml_pair *released)
{
    const struct pm_pair *pair = find_pair(check, released->key->text);

    if (pair == NULL) {
        return; /* its partition is missing: said before */
    }
    compare_mode(check, pair, released->value);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        uint64_t before;
        uint32_t now = number_of(&pair->layout, &numbers[i]);
        if (read_number(released->value, numbers[i].key, &before) && before != now) {
            pm_finding(check, &released->key->at,
                       "%s of '%s' (%s) changed from %llu to %u since the release: the application and the bootloader "
                       "in the field would not find each other's requests; restore BOOT_MAX_IMG_SECTORS, write sizes "
                       "and slot sizes",
                       numbers[i].meaning, released->key->text, numbers[i].key, (unsigned long long)before, now);
        }
    }
}

/** The application reads what the bootloader in the field has there. Locks before it was kept say nothing of it. */
static void compare_ledger(struct pm_check *check, const struct ob_yaml *root)
{
    const struct ob_yaml *node = ob_yaml_get(root, "ledger_size");
    const uint32_t now = pm_ledger_size(check->bootloader);
    uint64_t released;

    if (node != NULL && ob_yaml_to_u64(node, &released) && now != 0 && released != now) {
        pm_finding(
            check, &node->at,
            "CONFIG_BOOT_LEDGER_SIZE changed from 0x%llx to 0x%x since the release: the application would not find "
            "what the bootloader in the field remembers; restore it in child_image/mcuboot.conf",
            (unsigned long long)released, now);
    }
}

/** Not everything in a layout matters to devices in the field, but whoever releases wants to know that it changed. */
static void note_other_layout(struct pm_check *check, const struct ob_yaml *root, uint32_t found_before)
{
    const uint32_t now = pm_layout_hash(&check->layout);
    uint64_t released;

    if (check->finding_count == found_before && read_number(root, "layout_hash", &released) && released != now) {
        ob_diag_note(
            &ob_yaml_get(root, "layout_hash")->at,
            "the layout (0x%08x) is not the released one, but nothing that devices in the field rely on has changed",
            now);
    }
}

enum ob_exit pm_lock_compare(struct pm_check *check, const char *path)
{
    const struct ob_yaml *root;
    enum ob_exit rc = ob_yaml_read(check->arena, path, &root);
    const uint32_t found_before = check->finding_count;
    uint64_t version;

    if (rc != OB_EXIT_OK) {
        return rc;
    }
    const struct ob_yaml *partitions = ob_yaml_get(root, "partitions");
    const struct ob_yaml *slots = ob_yaml_get(root, "slots");
    if (!read_number(root, "version", &version) || version != LOCK_VERSION || partitions == NULL) {
        ob_diag_error(&(struct ob_loc){.file = path}, "is no lock file of version %u; make it with 'outboard pm lock'",
                      LOCK_VERSION);
        return OB_EXIT_USAGE;
    }
    for (uint32_t i = 0; partitions->kind == OB_YAML_MAP && i < partitions->count; i++) {
        if (!compare_part(check, &partitions->pairs[i])) {
            return OB_EXIT_USAGE;
        }
    }
    for (uint32_t i = 0; slots != NULL && slots->kind == OB_YAML_MAP && i < slots->count; i++) {
        compare_slot(check, &slots->pairs[i]);
    }
    compare_ledger(check, root);
    note_other_layout(check, root, found_before);
    return OB_EXIT_OK;
}
