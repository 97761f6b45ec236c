/* SPDX-License-Identifier: Apache-2.0 */
#include "sets.h"

#include <string.h>

#include <outboard/util.h>

#include "scenario.h"

const char *sim_set_name(enum sim_set set)
{
    static const char *const names[SIM_SETS] = {
        [SIM_SET_SMALL] = "small", [SIM_SET_GROW] = "grow", [SIM_SET_SHRINK] = "shrink", [SIM_SET_UNITS] = "units",
        [SIM_SET_FULL] = "full",   [SIM_SET_SAME] = "same", [SIM_SET_BYTE] = "byte",     [SIM_SET_FILES] = "files",
        [SIM_SET_OVER] = "over",   [SIM_SET_BIG] = "big",   [SIM_SET_TAIL] = "tail",
    };

    return names[set];
}

struct sizes {
    uint32_t old_size, new_size, other_size;
};

static struct sizes choose_sizes(enum sim_set set, uint32_t unit, uint32_t capacity, uint32_t least)
{
    struct sizes sizes = {least + 61, least + 128, least + 7};

    switch (set) {
    case SIM_SET_GROW:
        sizes = (struct sizes){unit + unit / 3 + 7, 2 * unit + 13, unit - 5};
        break;
    case SIM_SET_SHRINK:
        sizes = (struct sizes){2 * unit + 13, unit + unit / 3 + 7, unit};
        break;
    case SIM_SET_UNITS:
        sizes = (struct sizes){unit, 2 * unit, unit};
        break;
    case SIM_SET_FULL:
        sizes = (struct sizes){capacity, capacity, capacity - unit / 2};
        break;
    case SIM_SET_SAME:
    case SIM_SET_BYTE:
        sizes = (struct sizes){unit + 100, unit + 100, least};
        break;
    default:
        break;
    }
    sizes.old_size = OB_MAX(least, OB_MIN(sizes.old_size, capacity));
    sizes.new_size = OB_MAX(least, OB_MIN(sizes.new_size, capacity));
    sizes.other_size = OB_MAX(least, OB_MIN(sizes.other_size, capacity));
    return sizes;
}

/* Some image beyond what can be installed; 0: these slots have no such place. */
static uint32_t size_beyond(const struct sim_world *world, uint32_t capacity)
{
    const struct ob_layout *layout = &world->layout;
    uint32_t limit = world->config.set == SIM_SET_OVER  ? layout->secondary_limit
                     : world->config.set == SIM_SET_BIG ? layout->primary_limit
                                                        : world->config.internal.size - 8;
    uint32_t least = world->config.set == SIM_SET_TAIL ? layout->primary_limit : capacity;

    return limit > least ? OB_MIN(limit, least + world->config.internal.write_size * 3 + 5) : 0;
}

static bool counts(const struct sim_world *world)
{
    return world->config.scenario->guard == OB_GUARD_COUNTER || world->config.scenario->guard == OB_GUARD_ENFORCED;
}

/* By what the device goes. */
static int compare_age(const struct sim_world *world, const struct sim_image *a, const struct sim_image *b)
{
    return counts(world) ? sim_image_compare_counters(a, b) : sim_image_compare_versions(a, b);
}

/* The age-th image, the oldest first. Where counters count, versions run against them. */
static struct sim_image make_image(const struct sim_world *world, uint32_t size, uint32_t seed, uint8_t age)
{
    const struct ob_version up =
        age == 0 ? (struct ob_version){.minor = 9} : (struct ob_version){.major = 1, .minor = (uint8_t)(age - 1)};
    const struct ob_version down = {.major = 1, .minor = (uint8_t)(9 - age)};

    struct sim_image image =
        counts(world) ? sim_image_make(size, seed, down, age + 1u) : sim_image_make(size, seed, up, 0);

    if (world->config.encrypted) {
        sim_image_encrypt(&image);
    }
    return image;
}

static void make_images(struct sim_world *world, uint32_t number, uint32_t capacity)
{
    uint32_t unit = ob_layout_unit(&world->slots[0].primary, &world->slots[0].secondary[0]);
    uint32_t least = sim_image_overhead() + 16 + (world->config.encrypted ? SIM_IMAGE_ENCRYPTED_SIZE : 0);
    struct sizes sizes = choose_sizes(world->config.set, unit, capacity, least);
    uint32_t beyond = size_beyond(world, capacity);
    struct sim_image *image = world->image[number];
    uint32_t seed = SIM_IMAGES * number;

    if (number % 2 == 1) { /* of two images one grows while the other shrinks */
        sizes = (struct sizes){sizes.new_size, sizes.old_size, sizes.other_size};
    }
    if (beyond != 0 && world->config.set >= SIM_SET_OVER) {
        *(world->config.set == SIM_SET_OVER ? &sizes.new_size : &sizes.old_size) = beyond;
    }
    image[SIM_IMAGE_A] = make_image(world, sizes.old_size, seed + 1, 1);
    switch (world->config.set) {
    case SIM_SET_SAME:
        image[SIM_IMAGE_B] = sim_image_copy(&image[SIM_IMAGE_A]);
        break;
    case SIM_SET_BYTE:
        image[SIM_IMAGE_B] = sim_image_vary(&image[SIM_IMAGE_A]);
        break;
    default:
        image[SIM_IMAGE_B] = make_image(world, sizes.new_size, seed + 2, 2);
        break;
    }
    image[SIM_IMAGE_C] = make_image(world, sizes.other_size, seed + 3, 3);
    image[SIM_IMAGE_OLD] = make_image(world, sizes.other_size, seed + 4, 0);
}
/* Where an older image is to be refused, the newer of the two runs at first, whichever file was named first. */
static void take_images(struct sim_world *world, uint32_t number, const struct sim_files *files)
{
    struct sim_image *image = world->image[number];
    bool guarded = world->config.scenario->guard != OB_GUARD_NONE;
    bool turned = world->config.scenario->asks_older && compare_age(world, files->old_image, files->new_image) < 0;

    image[SIM_IMAGE_A] = sim_image_copy(turned ? files->new_image : files->old_image);
    image[SIM_IMAGE_B] = sim_image_copy(turned ? files->old_image : files->new_image);
    image[SIM_IMAGE_C] = sim_image_copy(guarded ? files->new_image : files->old_image);
    image[SIM_IMAGE_OLD] = sim_image_copy(turned ? files->old_image : files->new_image);
}

/* Of several images the one that is too old, where one is: which version a receiver has nobody knows at first. */
static uint32_t outdated(const struct sim_world *world)
{
    return world->config.handover ? 0 : world->config.updateable - 1;
}

/* The images of all kinds. Of several only the last one is at fault, where one is. */
static void fill_images(struct sim_world *world, const struct sim_files *files, uint32_t capacity)
{
    bool older = world->config.scenario->guard != OB_GUARD_NONE;
    uint32_t last = world->config.updateable - 1;

    world->key = files != NULL ? files->key : sim_image_key();
    for (uint32_t number = 0; number <= last; number++) {
        struct sim_image *image = world->image[number];
        if (files != NULL) {
            take_images(world, number, files);
        } else {
            make_images(world, number, capacity);
        }
        image[SIM_IMAGE_BAD] = sim_image_copy(&image[SIM_IMAGE_B]);
        image[SIM_IMAGE_OLD].valid = !older || compare_age(world, &image[SIM_IMAGE_OLD], &image[SIM_IMAGE_A]) >= 0;
    }
    sim_image_damage(&world->image[last][SIM_IMAGE_BAD]);
    for (uint32_t number = 0; older && number <= last; number++) {
        if (number == outdated(world)) {
            continue;
        }
        sim_image_free(&world->image[number][SIM_IMAGE_OLD]);
        world->image[number][SIM_IMAGE_OLD] = sim_image_copy(&world->image[number][SIM_IMAGE_B]);
    }
}

static bool same_bytes(const struct sim_image *a, const struct sim_image *b)
{
    return a->size == b->size && a->size != 0 && memcmp(a->bytes, b->bytes, a->size) == 0;
}

static bool same_images(const struct sim_world *world, enum sim_image_id a, enum sim_image_id b)
{
    bool same = true;

    for (uint32_t number = 0; number < world->config.updateable; number++) {
        same = same && same_bytes(&world->image[number][a], &world->image[number][b]);
    }
    return same;
}

/* The bootloader shall accept it; of several images, all of them. */
static bool is_valid(const struct sim_world *world, enum sim_image_id image)
{
    bool valid = true;

    for (uint32_t number = 0; number < world->config.updateable; number++) {
        valid = valid && world->image[number][image].valid;
    }
    return valid;
}

static void fill_rules(struct sim_world *world)
{
    struct sim_rules *rules = &world->rules;

    rules->revertible = world->mode->revertible && !world->config.handover;
    rules->guarded = world->config.scenario->guard != OB_GUARD_NONE;
    for (unsigned i = 0; i < SIM_IMAGES; i++) {
        rules->valid[i] = is_valid(world, (enum sim_image_id)i);
        for (unsigned other = SIM_IMAGE_NO + 1; i != SIM_IMAGE_NO && other < SIM_IMAGES; other++) {
            rules->rank[i] += compare_age(world, &world->image[0][other], &world->image[0][i]) < 0;
        }
        for (unsigned other = 0; other < SIM_IMAGES; other++) {
            rules->same[i] |= (uint8_t)(same_images(world, (enum sim_image_id)i, (enum sim_image_id)other) << other);
        }
    }
}

/* An image that is not older is no downgrade. */
static const char *check_versions(const struct sim_world *world)
{
    const struct sim_image *image = world->image[outdated(world)];
    bool older = compare_age(world, &image[SIM_IMAGE_OLD], &image[SIM_IMAGE_A]) < 0;

    for (unsigned i = SIM_IMAGE_NO + 1; i < SIM_IMAGES && world->config.scenario->guard == OB_GUARD_ENFORCED; i++) {
        if (image[i].counter == 0) {
            return "the images have no security counters";
        }
    }
    return world->config.scenario->asks_older && !older ? "neither of the images is older than the other" : NULL;
}

/* What is beyond the capacity is so on purpose: refused, or never to come back. */
static const char *mark_beyond(struct sim_world *world, uint32_t capacity)
{
    struct sim_image *image = world->image[0];

    if (world->config.set < SIM_SET_OVER) {
        return NULL;
    }
    if (size_beyond(world, capacity) == 0) {
        return "these slots hold nothing that cannot be installed";
    }
    if (world->config.updateable > 1 || world->config.scenario->updater == NULL) {
        return "sizes beyond what can be installed are for one image, and for updaters that do not know";
    }
    image[SIM_IMAGE_B].valid = world->config.set != SIM_SET_OVER;
    world->rules.one_way[SIM_IMAGE_A] = world->config.set != SIM_SET_OVER;
    return NULL;
}

static const char *check_image_sizes(const struct sim_world *world, uint32_t capacity)
{
    for (unsigned i = 0; i < world->config.updateable * SIM_IMAGES; i++) {
        if (world->config.set < SIM_SET_OVER && world->image[i / SIM_IMAGES][i % SIM_IMAGES].size > capacity) {
            return "an image is too large for these slots";
        }
    }
    return NULL;
}

const char *sim_set_fill(struct sim_world *world, const struct sim_files *files, uint32_t capacity)
{
    fill_images(world, files, capacity);
    const char *impossible = mark_beyond(world, capacity);
    fill_rules(world);
    if (impossible == NULL) {
        impossible = check_versions(world);
    }
    return impossible != NULL ? impossible : check_image_sizes(world, capacity);
}
