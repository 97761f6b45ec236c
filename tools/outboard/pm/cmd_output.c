/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/file.h"
#include "cmd.h"
#include "read/dts.h"
#include "read/load.h"
#include "write/config.h"

enum key {
    KEY_PARTITIONS = 0x100,
    KEY_REGIONS,
    KEY_HEADERS,
    KEY_IMAGES,
    KEY_CONFIG,
    KEY_DTS,
    KEY_NODE,
    KEY_LAST = KEY_NODE,
};

static const struct argp_option options_table[] = {
    {"input-partitions", KEY_PARTITIONS, "FILE...", 0, "partitions.yml of each domain", 0},
    {"input-regions", KEY_REGIONS, "FILE...", 0, "regions.yml of each domain, in the same order", 0},
    {"header-files", KEY_HEADERS, "FILE...", 0, "pm_config.h files to write, one for each image", 0},
    {"images", KEY_IMAGES, "DOMAIN:IMAGE...", 0,
     "the image of each header file, in the same order; the root domain's are :IMAGE or IMAGE", 0},
    {"config-file", KEY_CONFIG, "FILE...", 0, "pm.config files to write", 0},
    {"dts", KEY_DTS, "FILE", 0, "devicetree overlay to write: the first domain's partitions", 0},
    {"node", KEY_NODE, "REGION=NODE...", 0, "for --dts: the flash device that a region is, by label or path", 0},
    {0},
};

static const char doc[] =
    "Make C headers and build-system variables from finished layouts.\v"
    "The domain of an input file is what follows 'partitions_' in its name, that of a configuration file "
    "what follows 'pm_': partitions_CPUNET.yml, pm_CPUNET.config. Without it, it is the root domain.\n\n"
    "  outboard pm output --input-partitions partitions.yml partitions_CPUNET.yml \\\n"
    "    --input-regions regions.yml regions_CPUNET.yml \\\n"
    "    --header-files app/pm_config.h boot/pm_config.h net/pm_config.h \\\n"
    "    --images :app :mcuboot CPUNET:hci_ipc \\\n"
    "    --config-file pm.config pm_CPUNET.config";

struct options {
    struct ob_arena arena;
    struct pm_words lists[KEY_LAST - KEY_PARTITIONS + 1];
    int last_key;
};

static struct pm_words *words_of(struct options *o, int key)
{
    return &o->lists[key - KEY_PARTITIONS];
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;

    if (key >= KEY_PARTITIONS && key <= KEY_LAST) {
        o->last_key = key;
    } else if (key != ARGP_KEY_ARG) {
        return ARGP_ERR_UNKNOWN;
    }
    if (o->last_key == 0) {
        ob_args_error(state, "'%s' belongs to no option", arg);
    }
    pm_words_add(words_of(o, o->last_key), arg, &o->arena);
    return 0;
}

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

/** partitions_CPUNET.yml with prefix "partitions_" gives CPUNET; without the prefix the root domain. */
static const char *domain_of(struct ob_arena *arena, const char *path, const char *prefix)
{
    const char *name = strstr(file_name(path), prefix);

    if (name == NULL) {
        return "";
    }
    name += strlen(prefix);
    return ob_arena_text(arena, name, strcspn(name, "."));
}

static enum ob_exit load_domain(struct options *o, struct pm_domain *domain, uint32_t index)
{
    const char *path = words_of(o, KEY_PARTITIONS)->v[index];

    domain->name = domain_of(&o->arena, path, "partitions_");
    domain->layout.arena = &o->arena;
    if (domain->name[0] != '\0' && !pm_name_is_valid(domain->name)) {
        ob_diag_error(NULL, "'%s' is no domain name; it becomes part of macro names", domain->name);
        return OB_EXIT_USAGE;
    }
    enum ob_exit rc = pm_load_regions(&domain->layout, words_of(o, KEY_REGIONS)->v[index]);
    return rc == OB_EXIT_OK ? pm_load_resolved(&domain->layout, path) : rc;
}

static enum ob_exit load_domains(struct options *o, struct pm_domains *domains)
{
    uint32_t count = words_of(o, KEY_PARTITIONS)->count;
    enum ob_exit rc = OB_EXIT_OK;

    domains->arena = &o->arena;
    domains->v = ob_arena_array(&o->arena, count, sizeof(*domains->v));
    for (uint32_t i = 0; rc == OB_EXIT_OK && i < count; i++) {
        rc = load_domain(o, &domains->v[i], i);
        if (rc == OB_EXIT_OK && pm_domain_find(domains, domains->v[i].name) != NULL) {
            ob_diag_error(NULL, "domain '%s' is given twice", domains->v[i].name);
            rc = OB_EXIT_USAGE;
        }
        domains->count++;
    }
    if (rc == OB_EXIT_OK) {
        pm_domains_number(domains);
    }
    return rc;
}

/** One output: a header for an image, or a configuration file for a domain. */
struct output {
    const char *domain;
    const char *image; /* NULL: a configuration file */
};

static struct output output_at(struct options *o, uint32_t index)
{
    uint32_t headers = words_of(o, KEY_HEADERS)->count;

    if (index >= headers) {
        const char *path = words_of(o, KEY_CONFIG)->v[index - headers];
        return (struct output){.domain = domain_of(&o->arena, path, "pm_")};
    }
    const char *pair = words_of(o, KEY_IMAGES)->v[index];
    const char *colon = strchr(pair, ':');
    if (colon == NULL) {
        return (struct output){.domain = "", .image = pair};
    }
    return (struct output){.domain = ob_arena_text(&o->arena, pair, (size_t)(colon - pair)), .image = colon + 1};
}

static enum ob_exit make_overlay(struct options *o, const struct pm_domains *domains, struct ob_file_text *file)
{
    const struct pm_words *nodes = words_of(o, KEY_NODE);
    struct pm_dts_regions regions = {0};

    for (uint32_t i = 0; i < nodes->count; i++) {
        if (!pm_dts_region_node(&regions, &o->arena, nodes->v[i])) {
            return OB_EXIT_USAGE;
        }
    }
    for (uint32_t i = 0; i < regions.count; i++) {
        if (pm_region_find(&domains->v[0].layout, regions.v[i].name) == NULL) {
            ob_diag_error(NULL, "--node %s=%s: the layout has no such region", regions.v[i].name, regions.v[i].node);
            return OB_EXIT_USAGE;
        }
    }
    FILE *out = ob_file_text_open(file);
    if (out == NULL) {
        return OB_EXIT_USAGE;
    }
    enum ob_exit rc = pm_dts_emit_overlay(out, &domains->v[0].layout, &regions);
    fclose(out);
    return rc;
}

static enum ob_exit make_text(const struct pm_domains *domains, const struct output *output, struct ob_file_text *file)
{
    const struct pm_domain *domain = pm_domain_find(domains, output->domain);

    if (domain == NULL) {
        ob_diag_error(NULL, "there is no domain '%s'; give its partitions file", output->domain);
        return OB_EXIT_USAGE;
    }
    FILE *out = ob_file_text_open(file);
    if (out == NULL) {
        return OB_EXIT_USAGE;
    }
    bool ok = output->image == NULL ? pm_config_file(out, domains, domain)
                                    : pm_config_header(out, domains, domain, output->image);
    fclose(out);
    return ok ? OB_EXIT_OK : OB_EXIT_FINDING;
}

static enum ob_exit write_outputs(struct options *o, const struct pm_domains *domains)
{
    const struct pm_words *headers = words_of(o, KEY_HEADERS);
    const struct pm_words *configs = words_of(o, KEY_CONFIG);
    const struct pm_words *overlays = words_of(o, KEY_DTS);
    uint32_t count = headers->count + configs->count + overlays->count;
    struct ob_file_text *files = ob_arena_array(&o->arena, count, sizeof(*files));
    enum ob_exit rc = OB_EXIT_OK;

    if (overlays->count != 0) {
        files[count - 1].path = overlays->v[0];
        rc = make_overlay(o, domains, &files[count - 1]);
    }
    for (uint32_t i = 0; rc == OB_EXIT_OK && i < count - overlays->count; i++) {
        struct output output = output_at(o, i);
        files[i].path = i < headers->count ? headers->v[i] : configs->v[i - headers->count];
        rc = make_text(domains, &output, &files[i]);
    }
    if (rc == OB_EXIT_OK) {
        rc = ob_file_write_all(files, count);
    }
    ob_file_text_free(files, count);
    return rc;
}

static enum ob_exit check_options(struct options *o, const char *program)
{
    uint32_t domains = words_of(o, KEY_PARTITIONS)->count;

    if (domains == 0) {
        ob_diag_error(NULL, "%s needs --input-partitions and --input-regions", program);
        return OB_EXIT_USAGE;
    }
    if (words_of(o, KEY_HEADERS)->count + words_of(o, KEY_CONFIG)->count + words_of(o, KEY_DTS)->count == 0) {
        ob_diag_error(NULL, "%s needs a file to write: --header-files, --config-file or --dts", program);
        return OB_EXIT_USAGE;
    }
    if (words_of(o, KEY_DTS)->count > 1) {
        ob_diag_error(NULL, "%s writes one --dts", program);
        return OB_EXIT_USAGE;
    }
    if (words_of(o, KEY_REGIONS)->count != domains ||
        words_of(o, KEY_HEADERS)->count != words_of(o, KEY_IMAGES)->count) {
        ob_diag_error(NULL,
                      "%s needs as many --input-regions as --input-partitions, and as many --images as "
                      "--header-files",
                      program);
        return OB_EXIT_USAGE;
    }
    return OB_EXIT_OK;
}

int pm_cmd_output(int argc, char **argv)
{
    static const struct argp argp = {options_table, parse_option, NULL, doc, NULL, NULL, NULL};
    struct options o = {0};
    struct pm_domains domains = {0};

    ob_args_parse(&argp, argc, argv, ARGP_IN_ORDER, &o);
    enum ob_exit rc = check_options(&o, argv[0]);
    if (rc == OB_EXIT_OK) {
        rc = load_domains(&o, &domains);
    }
    if (rc == OB_EXIT_OK) {
        rc = write_outputs(&o, &domains);
    }
    ob_arena_free(&o.arena);
    return (int)rc;
}
