/* SPDX-License-Identifier: Apache-2.0 */
#include "forger.h"

#include <string.h>

#include <outboard/trailer.h>
#include <outboard/util.h>

#include "client.h"
#include "rng.h"

/* What lies in the slot. */
static const struct content {
    enum { KEEP, FILL, NOISE, IMAGE, HEADER } kind;
    uint8_t fill;
    enum sim_image_id image;
    bool one_up;
} contents[] = {
    {.kind = KEEP},
    {.kind = FILL, .fill = 0xff},
    {.kind = FILL, .fill = 0x00},
    {.kind = NOISE},
    {.kind = IMAGE, .image = SIM_IMAGE_A},
    {.kind = IMAGE, .image = SIM_IMAGE_B},
    {.kind = IMAGE, .image = SIM_IMAGE_C},
    {.kind = IMAGE, .image = SIM_IMAGE_OLD},
    {.kind = IMAGE, .image = SIM_IMAGE_BAD},
    {.kind = HEADER, .image = SIM_IMAGE_C},
    {.kind = IMAGE, .image = SIM_IMAGE_A, .one_up = true},
    {.kind = IMAGE, .image = SIM_IMAGE_B, .one_up = true},
    {.kind = IMAGE, .image = SIM_IMAGE_OLD, .one_up = true},
};

/* What its trailer says. */
enum trailer { TRAILER_KEPT, TRAILER_BLANK, TRAILER_TEST, TRAILER_FOR_GOOD, TRAILER_MEMBER, TRAILER_BAD, TRAILERS };

#define COMPOSITIONS (OB_ARRAY_SIZE(contents) * TRAILERS)
#define PART 256u
#define MEMBER 0x08u /* in swap_info: docs/SPEC.md, "Trailer" */

static uint32_t slots(const struct sim_world *world)
{
    return world->config.mode == OB_MODE_DUAL ? 2 : 1;
}

uint32_t sim_forgeries(const struct sim_world *world)
{
    return 2 * slots(world) * (uint32_t)COMPOSITIONS;
}

static struct sim_chip *outside(struct sim_world *world)
{
    return &world->machine.chip[SIM_EXTERNAL];
}

/* Make a range what it is after an erase by somebody who has all the time. */
static void wipe(struct sim_world *world, const struct ob_area *slot, uint32_t off, uint32_t len)
{
    uint64_t rng = 0;
    uint32_t sector = ob_flash_erase_size(slot->flash);

    for (uint32_t at = 0; at < len; at += sector) {
        sim_chip_erase(outside(world), slot->start + off + at, sector, NULL, &rng);
    }
}

static void fill(struct sim_world *world, const struct ob_area *slot, uint32_t len, bool noise, uint8_t value)
{
    uint64_t rng = world->config.seed;
    uint8_t part[PART];

    for (uint32_t at = 0; at < len; at += PART) {
        for (uint32_t i = 0; i < PART; i++) {
            part[i] = noise ? (uint8_t)sim_rng_next(&rng) : value;
        }
        sim_chip_poke(outside(world), slot->start + at, part, PART);
    }
}

static void write_content(struct sim_world *world, const struct ob_area *slot, const struct content *content)
{
    const struct sim_image *image = &world->image[0][content->image];
    uint32_t limit = world->layout.secondary_limit;
    uint32_t at = content->one_up ? ob_flash_erase_size(slot->flash) : 0;

    if (content->kind == KEEP) {
        return;
    }
    wipe(world, slot, 0, limit);
    if (content->kind == FILL || content->kind == NOISE) {
        fill(world, slot, limit, content->kind == NOISE, content->fill);
    } else if (at < limit && image->size <= limit - at) {
        sim_chip_poke(outside(world), slot->start + at, image->stored,
                      content->kind == HEADER ? OB_IMAGE_HEADER_SIZE : image->size);
    }
}

/* By a programmer on the bench: not an operation of the machine. */
static void write_trailer(struct sim_world *world, const struct ob_area *slot, enum trailer trailer)
{
    uint32_t limit = world->layout.secondary_limit;
    uint32_t align = world->layout.align;
    uint8_t info = trailer == TRAILER_FOR_GOOD ? OB_SWAP_PERMANENT : OB_SWAP_TEST;
    uint8_t bytes[SIM_CLIENT_FIELDS_MAX];

    if (trailer == TRAILER_KEPT) {
        return;
    }
    wipe(world, slot, limit, slot->size - limit);
    if (trailer == TRAILER_BLANK) {
        return;
    }
    info = trailer == TRAILER_MEMBER ? info | MEMBER : info;
    uint32_t len = sim_client_fields(align, trailer == TRAILER_FOR_GOOD, info, bytes);
    if (trailer == TRAILER_BAD) {
        memset(bytes, 0x55, len);
    }
    sim_chip_poke(outside(world), slot->start + slot->size - len, bytes, len);
}

/* Whatever lies at one of the two places where images are looked for. certain: it is no other one */
static enum sim_image_id what_is_there(const struct sim_world *world, const struct ob_area *slot, bool *certain)
{
    const struct sim_chip *chip = &world->machine.chip[SIM_EXTERNAL];
    enum sim_image_id there = SIM_IMAGE_BAD;

    *certain = sim_chip_steady(chip, slot->start, world->layout.secondary_limit);
    for (unsigned id = SIM_IMAGE_NO + 1; id < SIM_IMAGES; id++) {
        const struct sim_image *image = &world->image[0][id];
        if (sim_world_holds(world, SIM_EXTERNAL, slot->start, image) ||
            sim_world_holds(world, SIM_EXTERNAL, slot->start + ob_flash_erase_size(slot->flash), image)) {
            *certain = *certain && there == SIM_IMAGE_BAD;
            there = (enum sim_image_id)id;
        }
    }
    return there;
}

static bool is_asked(enum trailer trailer)
{
    return trailer != TRAILER_BLANK && trailer != TRAILER_BAD;
}

/* A job that is half done needs the chip as it was. */
static void believe(struct sim_world *world, const struct ob_area *slot, enum trailer trailer, bool faces)
{
    struct sim_watch *watch = &world->watch;
    bool asked = is_asked(trailer) && !(trailer == TRAILER_KEPT && sim_beliefs_idle(&watch->beliefs));
    bool pending = !sim_beliefs_idle(&watch->beliefs);
    bool trial = sim_beliefs_on_trial(&watch->beliefs) != SIM_NO; /* the job that goes back is of this start */
    bool certain;

    asked |= sim_beliefs_blank(&watch->beliefs); /* a device on which nothing runs takes what it finds */
    watch->forged = true;

    watch->spoilt |= watch->interrupted || (faces && (asked || pending || trial));
    if (slots(world) > 1 && pending) {
        watch->spoilt = true; /* the request may be in the other slot */
    }
    /* Of several images it asks for one, or takes the request of one away. */
    watch->split |= (asked || pending) && world->config.updateable > 1;
    enum sim_image_id there = what_is_there(world, slot, &certain);
    watch->spoilt |= asked && !certain; /* it may ask for either */
    sim_beliefs_forge(&watch->beliefs, asked ? there : SIM_IMAGE_NO);
}

/* What a forgery is about. */
struct forgery {
    const struct ob_area *slot;
    const struct content *content;
    enum trailer trailer;
};

static struct forgery forgery_of(const struct sim_world *world, uint32_t number)
{
    uint32_t composition = number % COMPOSITIONS;

    return (struct forgery){
        .slot = &world->slots[0].secondary[number / COMPOSITIONS % slots(world)],
        .content = &contents[composition / TRAILERS],
        .trailer = (enum trailer)(composition % TRAILERS),
    };
}

static void write_forgery(struct sim_world *world, const struct forgery *forgery)
{
    write_content(world, forgery->slot, forgery->content);
    write_trailer(world, forgery->slot, forgery->trailer);
}

void sim_forge_face(struct sim_world *world)
{
    struct sim_chip *chip = outside(world);
    struct forgery forgery = forgery_of(world, world->watch.face - 1u);
    struct sim_chip_state own = {0};

    sim_chip_save(chip, &own);
    write_forgery(world, &forgery);
    sim_chip_save(chip, &world->face);
    sim_chip_restore(chip, &own);
    sim_chip_state_free(chip, &own);
}

void sim_forge(struct sim_world *world, const struct sim_event *event)
{
    struct sim_chip *chip = outside(world);
    uint32_t number = event->at % SIM_FORGERIES % sim_forgeries(world);
    bool faces = number >= sim_forgeries(world) / 2;
    struct forgery forgery = forgery_of(world, number);
    struct sim_chip_state own = {0};

    sim_chip_save(chip, &own);
    write_forgery(world, &forgery);
    believe(world, forgery.slot, forgery.trailer, faces);
    if (faces) {
        world->watch.face = (uint16_t)(number + 1);
        sim_chip_restore(chip, &own);
    } else {
        memcpy(chip->state.wear, own.wear, sim_chip_sectors(chip) * sizeof(*own.wear));
    }
    sim_chip_state_free(chip, &own);
    world->machine.rng = sim_mix(world->machine.rng, event->at);
    world->watch.quiet = 0;
    world->events++;
}

bool sim_forge_if_due(struct sim_world *world, const struct sim_event *event)
{
    bool due = event->kind == SIM_EVENT_FORGED && world->watch.stage == SIM_STAGE_BOOT &&
               event->at / SIM_FORGERIES == world->starts + 1;

    if (due) {
        sim_forge(world, event);
    }
    return due;
}
