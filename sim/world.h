/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_SIM_WORLD_H
#define OUTBOARD_SIM_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include <outboard/boot.h>
#include <outboard/cipher.h>
#include <outboard/layout.h>
#include <outboard/update.h>

#include "beliefs.h"
#include "geometry.h"
#include "images.h"
#include "machine.h"
#include "secrets.h"

/*
 * A device with a bootloader and an application, and somebody who watches it. It lives through stages: the bootloader
 * starts, the application acts, the bootloader starts again ... A cut ends a stage; the next one is always a start.
 */

struct sim_scenario;

/** Which images are used. */
enum sim_set {
    SIM_SET_SMALL,  /* all within one unit */
    SIM_SET_GROW,   /* some units and a bit; the new one is longer */
    SIM_SET_SHRINK, /* ... the new one is shorter */
    SIM_SET_UNITS,  /* whole units: one, then two */
    SIM_SET_FULL,   /* as long as the slot allows */
    SIM_SET_SAME,   /* old and new are identical */
    SIM_SET_BYTE,   /* old and new differ in one byte of the payload, hence in digest and signature */
    SIM_SET_FILES,  /* from files */
    SIM_SET_OVER,   /* the new one is larger than what can be installed, and fits in the slot */
    SIM_SET_BIG,    /* the old one, from the factory, is larger than what can be installed */
    SIM_SET_TAIL,   /* ... and reaches into the sector of the primary's trailer */
    SIM_SETS,
};

const char *sim_set_name(enum sim_set set);

#define SIM_UPDATEABLE_MAX 3u /* images in one transaction */

/** What is simulated. */
struct sim_case {
    enum ob_mode_id mode;
    uint32_t updateable;          /* UPDATEABLE_IMAGE_NUMBER, from 1: each image has slots of its own on both chips */
    bool encrypted;               /* all images are; with a promise more: secrets.h */
    bool handover;                /* the last of several is handed over: sim/receiver.h */
    struct sim_geometry internal; /* one primary slot; the chip has one for each image */
    struct sim_geometry external; /* one secondary slot; the chip has one for each image, in dual mode two */
    const struct sim_scenario *scenario;
    enum sim_set set;
    uint64_t seed;
    uint32_t external_start; /* of the first secondary slot on its chip, whole sectors */
    uint32_t max_units;      /* BOOT_MAX_IMG_SECTORS; 0: what the slots need */
};

/** Images from files. key verifies both. */
struct sim_files {
    const struct sim_image *old_image;
    const struct sim_image *new_image;
    struct ob_key key;
};

enum sim_stage { SIM_STAGE_BOOT, SIM_STAGE_APP };

/** What the watcher knows. All of it is part of the state that searches compare. */
struct sim_watch {
    uint16_t face;       /* a forgery, from 1, that the external chip shows at the next start beside its own content */
    uint8_t stage;       /* enum sim_stage: what comes next */
    uint8_t script;      /* how far the scenario's script is: its own numbering */
    uint8_t observed;    /* enum sim_image_id: what the last start ran */
    uint8_t interrupted; /* bool: the last start was cut or ended with an error: a job may be half done */
    uint8_t boot_worked; /* bool: the last start changed flash */
    uint8_t app_worked;  /* bool: the application did something after the last start */
    uint8_t finished;    /* bool: the script is at its end and nothing moves any more */
    uint8_t absent_starts; /* the next so many starts find no external chip */
    uint8_t damaged;       /* bool: what was downloaded is not what was sent: a brown-out that nobody noticed */
    uint8_t asking;        /* bool: of several images, some are asked for and some are not yet */
    uint8_t split;         /* bool: cut while asking: what was one request may be honoured in parts from now on */
    uint8_t spoilt;   /* bool: cells changed that nobody meant; an image may be gone, and only safety is promised */
    uint8_t floor;    /* rank of the newest image that was surely confirmed */
    uint8_t unasked;  /* bool: an updater has sent something and not asked for it */
    uint8_t gave_up;  /* bool: the application found that its chip is worn */
    uint8_t forged;   /* bool: somebody wrote to the external chip */
    uint8_t loading;  /* bool: an updater's download is not complete */
    uint8_t worn;     /* bool: one cell of a chip is worn out */
    uint8_t quiet;    /* starts in a row in which nobody changed anything */
    uint8_t careless; /* bool: an application erases a slot without withdrawing the request first */
    struct sim_beliefs beliefs;
};

struct sim_world {
    struct sim_case config;
    struct sim_machine machine;
    struct sim_watch watch;
    struct sim_image image[SIM_UPDATEABLE_MAX][SIM_IMAGES]; /* A, B ... of each of the images of a transaction */
    struct sim_rules rules;                                 /* of every start, but for refusal_possible */
    struct ob_key key;
    struct ob_keys keys;
    struct ob_decryption decryption;
    struct sim_secrets secrets;
    struct ob_slots slots[SIM_UPDATEABLE_MAX];
    struct ob_area
        home[SIM_UPDATEABLE_MAX]; /* where each image runs: its primary, or cells that only a receiver sees */
    uint8_t *ram;                 /* of a receiver; NULL: there is none */
    struct ob_flash ram_flash;
    struct ob_receiver receiver;
    struct ob_area ledger;   /* for the bootloader's own orders: two halves at the start of the internal chip */
    struct ob_layout layout; /* of all slots */
    uint32_t max_units;
    const struct ob_mode *mode;
    uint32_t starts;           /* so far in this history */
    uint32_t events;           /* cuts and faults so far */
    uint32_t armed;            /* ... of this stage */
    uint32_t *wear[SIM_CHIPS]; /* at the beginning of this stage */
    struct ob_boot boot;
    struct ob_workspace work;
    struct ob_hooks hooks;
    struct ob_boot_result result;
    enum ob_err boot_err;
    uint32_t retries;
    struct sim_chip_state face; /* in a start: the other content of an external chip that has two */
    uint32_t downloads;         /* begun in this stage */
    bool flickers;              /* when this stage began, cells read as they please outside where images lie */
    void (*log)(void *ctx, const char *line); /* the bootloader's log; NULL: dropped */
    void *log_ctx;
    char failure[200]; /* empty: no promise is broken so far */
};

struct sim_world_state {
    struct sim_machine_state machine;
    struct sim_watch watch;
    uint32_t starts;
    uint32_t events;
};

/** The world just before a flash operation of a stage: to cut there, the stage need not be lived through again. */
struct sim_moment {
    struct sim_world_state state;
    uint32_t downloads;
    uint32_t retries;
    bool flickers;
    struct sim_operation operation; /* what its src points to is gone: see data */
    uint8_t data[SIM_PROGRAM_MAX];
};

/**
 * Make a device as it leaves the factory.
 * @param files  for SIM_SET_FILES; else NULL
 * @return NULL, or why this case is impossible
 */
const char *sim_world_init(struct sim_world *world, const struct sim_case *config, const struct sim_files *files);
void sim_world_free(struct sim_world *world);

/** At the beginning of a history: other dice, as if the world had been made with this seed. */
void sim_world_reseed(struct sim_world *world, uint64_t seed);

void sim_world_save(const struct sim_world *world, struct sim_world_state *out);
void sim_world_restore(struct sim_world *world, const struct sim_world_state *from);
void sim_world_state_free(const struct sim_world *world, struct sim_world_state *state);
uint64_t sim_world_hash(struct sim_world *world);

/**
 * Live through the next stage and check all promises.
 * @param events  count of them, in the order in which they happen; all of them happen in this stage
 * @return false: a promise is broken, world->failure says which
 */
bool sim_world_step(struct sim_world *world, const struct sim_event *events, uint32_t count);

/** At the beginning of a history: a cell is worn. event: of kind SIM_EVENT_WORN. */
void sim_world_wear_out(struct sim_world *world, const struct sim_event *event);

/** Cells of both chips: what SIM_EVENT_WORN counts. */
uint32_t sim_world_cells(const struct sim_world *world);

/** Note from now on which cells matter, should they be worn: sim_chip_note_touched(). */
void sim_world_note_touched(struct sim_world *world);
bool sim_world_was_touched(const struct sim_world *world, uint32_t cell);

/** Keep the moment just before an operation: for struct sim_machine's observe(), in a stage without events. */
void sim_world_keep(const struct sim_world *world, const struct sim_operation *operation, struct sim_moment *out);

/**
 * Live through a stage again, from a moment of it to a cut in the operation that was about to begin. The same as
 * sim_world_step() from its beginning with this event, if nothing random was read before.
 *
 * @param before  the beginning of the stage
 * @param event   a cut that is not a brown-out
 */
bool sim_world_cut(struct sim_world *world, const struct sim_world_state *before, const struct sim_moment *moment,
                   const struct sim_event *event);

/** What lies at a place of a chip. */
enum sim_region {
    SIM_REGION_NONE,
    SIM_REGION_LEDGER,
    SIM_REGION_PRIMARY, /* image bytes */
    SIM_REGION_PRIMARY_TRAILER,
    SIM_REGION_SECONDARY,
    SIM_REGION_SECONDARY_TRAILER,
};

struct sim_place {
    enum sim_region region;
    uint32_t slot; /* which one of its chip, from 0 */
    uint32_t off;  /* bytes from the beginning of the slot, or of the ledger */
};

struct sim_place sim_world_place(const struct sim_world *world, enum sim_chip_id chip, uint32_t off);

/** Say once that a promise is broken. */
__attribute__((format(printf, 2, 3))) void sim_world_fail(struct sim_world *world, const char *format, ...);

/** Something went wrong since the last start that the application may notice. */
bool sim_world_disturbed(const struct sim_world *world);

/** The current start runs this image (or one with the same bytes); of several images, all of them. */
bool sim_world_runs(const struct sim_world *world, enum sim_image_id image);

/** A copy of the image lies there, in steady cells. */
bool sim_world_holds(const struct sim_world *world, enum sim_chip_id chip, uint32_t start,
                     const struct sim_image *image);

/** The external chip may show a copy of the image there, if all cells that read as they please read right. */
bool sim_world_may_hold(const struct sim_world *world, uint32_t start, const struct sim_image *image);

/** A job of some image is begun, or may be taken for one that is by one reading of metastable cells. */
bool sim_world_may_be_running(struct sim_world *world);

#endif
