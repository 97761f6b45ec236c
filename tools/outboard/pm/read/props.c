/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "load.h"

struct prop {
    const char *name;
    bool (*parse)(struct pm_layout *layout, struct pm_part *part, const struct ob_yaml *node);
    bool in_static; /* read for partitions with a given address too */
};

static bool parse_number(const struct ob_yaml *node, const char *what, uint64_t max, uint64_t *value)
{
    if (node->kind != OB_YAML_SCALAR) {
        ob_diag_error(&node->at, "%s has to be a decimal or 0x number", what);
        return false;
    }
    if (!ob_yaml_to_u64(node, value)) {
        bool symbol = strncmp(node->text, "CONFIG_", 7) == 0;
        ob_diag_error(&node->at, "%s has to be a decimal or 0x number, not '%s'; %s", what, node->text,
                      symbol ? "the symbol is not set in this image's configuration"
                             : "nothing is calculated here, and quotes make a text of a number");
        return false;
    }
    if (*value > max) {
        ob_diag_error(&node->at, "%s is 0x%llx, more than the largest possible 0x%llx", what,
                      (unsigned long long)*value, (unsigned long long)max);
        return false;
    }
    return true;
}

static bool parse_size(struct pm_layout *layout, struct pm_part *part, const struct ob_yaml *node)
{
    (void)layout;
    part->has_size = true;
    return parse_number(node, "size", PM_END_MAX, &part->size);
}

static bool parse_address(struct pm_layout *layout, struct pm_part *part, const struct ob_yaml *node)
{
    (void)layout;
    return !part->is_static || parse_number(node, "address", PM_END_MAX, &part->address);
}

static bool parse_region(struct pm_layout *layout, struct pm_part *part, const struct ob_yaml *node)
{
    if (node->kind != OB_YAML_SCALAR) {
        ob_diag_error(&node->at, "region has to be one name");
        return false;
    }
    part->region = pm_region_find(layout, node->text);
    if (part->region == NULL && strcmp(node->text, "ram_flash") == 0) {
        ob_diag_error(
            &node->at,
            "partition '%s' is put in region 'ram_flash', through which the network core's image is updated, but "
            "this bootloader updates the application's only; set CONFIG_PCD_APP=y and "
            "CONFIG_UPDATEABLE_IMAGE_NUMBER=2 for it, or take the slots of image 1 out of the layout",
            part->name->text);
        return false;
    }
    if (part->region == NULL) {
        ob_diag_error(&node->at,
                      "partition '%s' is put in region '%s', which does not exist in this build; choose a "
                      "device for that region (external_flash: devicetree chosen nordic,pm-ext-flash), "
                      "or name another region",
                      part->name->text, node->text);
        return false;
    }
    return true;
}

static bool parse_span(struct pm_layout *layout, struct pm_part *part, const struct ob_yaml *node)
{
    part->is_container = true;
    return pm_list_parse(layout, node, true, &part->span);
}

static bool parse_share_size(struct pm_layout *layout, struct pm_part *part, const struct ob_yaml *node)
{
    return pm_list_parse(layout, node, true, &part->share);
}

static bool parse_inside(struct pm_layout *layout, struct pm_part *part, const struct ob_yaml *node)
{
    return pm_list_parse(layout, node, false, &part->inside);
}

static bool parse_align_value(const struct ob_yaml *node, const char *key, uint64_t *value)
{
    if (!ob_yaml_to_u64(node, value)) {
        ob_diag_error(&node->at,
                      "elements in align: {%s:%s} is not type of 'int'; write a decimal or 0x number, or "
                      "set the symbol in this image's configuration",
                      key, node->kind == OB_YAML_SCALAR ? node->text : "...");
        return false;
    }
    if (*value == 0 || *value > PM_ALIGN_MAX) {
        ob_diag_error(&node->at, "Invalid alignment requirement 0x%llx; it has to be 1 to 0x%llx",
                      (unsigned long long)*value, (unsigned long long)PM_ALIGN_MAX);
        return false;
    }
    return true;
}

static bool parse_align(struct pm_part *part, const struct ob_yaml *node)
{
    const char *key = node->kind == OB_YAML_MAP && node->count == 1 ? node->pairs[0].key->text : "";
    bool start = strcmp(key, "start") == 0;

    if (!start && strcmp(key, "end") != 0) {
        ob_diag_error(&node->at, "Invalid alignment requirement; 'align' takes one of 'start: <bytes>' and 'end: "
                                 "<bytes>'");
        return false;
    }
    part->align.at = &node->at;
    return parse_align_value(node->pairs[0].value, key, start ? &part->align.start : &part->align.end);
}

static bool parse_placement_key(struct pm_layout *layout, struct pm_part *part, const struct ob_yaml_pair *pair)
{
    const char *key = pair->key->text;

    if (strcmp(key, "before") == 0) {
        return pm_list_parse(layout, pair->value, false, &part->before);
    }
    if (strcmp(key, "after") == 0) {
        return pm_list_parse(layout, pair->value, false, &part->after);
    }
    if (strcmp(key, "align") == 0) {
        return parse_align(part, pair->value);
    }
    if (strcmp(key, "align_next") == 0) {
        part->align.at = part->align.at == NULL ? &pair->value->at : part->align.at;
        return parse_align_value(pair->value, key, &part->align.next);
    }
    ob_diag_error(&pair->key->at, "'placement' has no '%s'; it takes before, after, align and align_next", key);
    return false;
}

static bool parse_placement(struct pm_layout *layout, struct pm_part *part, const struct ob_yaml *node)
{
    bool ok = true;

    part->has_placement = true;
    if (ob_yaml_is_null(node) || (node->kind == OB_YAML_MAP && node->count == 0)) {
        ob_diag_error(&node->at,
                      "Found empty 'placement' property for partition '%s'; say where it goes, for example "
                      "'before: [end]'",
                      part->name->text);
        return false;
    }
    if (node->kind != OB_YAML_MAP) {
        ob_diag_error(&node->at, "'placement' is a mapping of before, after, align, align_next");
        return false;
    }
    for (uint32_t i = 0; i < node->count; i++) {
        ok = parse_placement_key(layout, part, &node->pairs[i]) && ok;
    }
    return ok;
}

static bool is_word(const struct ob_yaml *node)
{
    return node->kind == OB_YAML_SCALAR && pm_name_is_valid(node->text);
}

static bool check_affiliation(struct pm_layout *layout, struct pm_part *part, const struct ob_yaml *node)
{
    bool ok = node->kind == OB_YAML_LIST || is_word(node);

    (void)layout;
    (void)part;
    for (uint32_t i = 0; ok && node->kind == OB_YAML_LIST && i < node->count; i++) {
        ok = is_word(node->items[i]);
    }
    if (!ok) {
        ob_diag_error(&node->at, "'affiliation' takes labels of letters, digits and underscores: they become part "
                                 "of macro names");
    }
    return ok;
}

static bool check_extra_params(struct pm_layout *layout, struct pm_part *part, const struct ob_yaml *node)
{
    bool ok = node->kind == OB_YAML_MAP;

    (void)layout;
    (void)part;
    for (uint32_t i = 0; ok && i < node->count; i++) {
        const struct ob_yaml *value = node->pairs[i].value;
        ok = is_word(node->pairs[i].key) && value->kind == OB_YAML_SCALAR && strpbrk(value->text, "\r\n") == NULL;
    }
    if (!ok) {
        ob_diag_error(&node->at, "'extra_params' is a mapping from names to values of one line each: they become "
                                 "macros");
    }
    return ok;
}

static const struct prop props[] = {
    {"size", parse_size, true},
    {"address", parse_address, true},
    {"region", parse_region, true},
    {"span", parse_span, true},
    {"affiliation", check_affiliation, true},
    {"extra_params", check_extra_params, true},
    {"share_size", parse_share_size, false},
    {"inside", parse_inside, false},
    {"placement", parse_placement, false},
};

const char *pm_prop_name(uint32_t index)
{
    return index < sizeof(props) / sizeof(props[0]) ? props[index].name : NULL;
}

static bool parse_props(struct pm_layout *layout, struct pm_part *part)
{
    bool ok = true;

    for (uint32_t i = 0; i < sizeof(props) / sizeof(props[0]); i++) {
        const struct ob_yaml *node = ob_yaml_get(part->def, props[i].name);
        if (node != NULL && (props[i].in_static || !part->is_static)) {
            ok = props[i].parse(layout, part, node) && ok;
        }
    }
    return ok;
}

static bool set_default_region(const struct pm_layout *layout, struct pm_part *part)
{
    size_t len = strlen(part->name->text);
    bool sram = len >= 5 && strcmp(part->name->text + len - 5, "_sram") == 0;
    const char *name = sram ? "sram_primary" : "flash_primary";

    if (part->region != NULL) {
        return true;
    }
    part->region = pm_region_find(layout, name);
    if (part->region == NULL) {
        ob_diag_error(&part->at,
                      "partition '%s' belongs to region '%s' by default, which does not exist in this "
                      "build; give it a 'region'",
                      part->name->text, name);
    }
    return part->region != NULL;
}

static bool check_static(const struct pm_part *part)
{
    const char *missing = ob_yaml_get(part->def, "address") == NULL ? "address" : !part->has_size ? "size" : NULL;

    if (missing != NULL) {
        ob_diag_error(&part->at, "static partition '%s' has no '%s'; give both, in bytes", part->name->text, missing);
        return false;
    }
    if (part->size > PM_END_MAX - part->address) {
        ob_diag_error(&part->at, "partition '%s' ends above 4 GiB", part->name->text);
        return false;
    }
    return true;
}

/** Beside `placement` it has never had an effect. The SDK says so in complex regions only, so files carry it in others.
 */
static bool check_misplaced(const struct pm_part *part, const char *key)
{
    const struct ob_yaml *node = ob_yaml_get(part->def, key);

    if (node == NULL) {
        return true;
    }
    if (part->region->strategy == PM_COMPLEX) {
        ob_diag_error(&node->at, "'%s' config is misplaced (should be part of 'placement').", key);
        return false;
    }
    ob_diag_warning(&node->at, "the '%s' of '%s' has no effect here; put it into its 'placement'", key,
                    part->name->text);
    return true;
}

static bool check_dynamic(const struct pm_layout *layout, const struct pm_part *part)
{
    const char *name = part->name->text;

    if (!check_misplaced(part, "align") || !check_misplaced(part, "align_next")) {
        return false;
    }
    if (part->is_container && part->has_placement) {
        ob_diag_error(&part->at,
                      "'%s' has both 'span' and 'placement'; a container lies where its members do: place "
                      "those",
                      name);
        return false;
    }
    if (part->is_container && part->share.count != 0) {
        ob_diag_error(&part->at, "'%s' has both 'span' and 'share_size'; a container is as large as its members", name);
        return false;
    }
    if (part->is_container && part->has_size) {
        ob_diag_warning(&part->at, "the 'size' of container '%s' is ignored: it is as large as its members", name);
    }
    bool sized = part->has_size || part->share.count != 0 || part->is_container || pm_is_dynamic(layout, part->name);
    if (!sized) {
        ob_diag_error(&part->at, "partition '%s' has no size; give it a 'size' or a 'share_size'", name);
    }
    return sized;
}

bool pm_part_parse(struct pm_layout *layout, struct pm_part *part)
{
    if (part->def->kind != OB_YAML_MAP) {
        ob_diag_error(&part->def->at, "partition '%s' has to be a mapping of properties", part->name->text);
        return false;
    }
    bool ok = parse_props(layout, part);
    return ok && set_default_region(layout, part) &&
           (part->is_static ? check_static(part) : check_dynamic(layout, part));
}
