/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_LEDGER_H
#define OUTBOARD_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <outboard/area.h>
#include <outboard/image.h>

/*
 * The ledger: what is to be done and how far it came, in internal flash. External flash is hostile and may be changed
 * by anybody at any time, so it holds images and requests only; every order and all progress is here.
 *
 * It has two banks. A bank is a head (which images a job is about), events (what became of it) and records (one word
 * each: how far it is). A job begins in the other bank, which is erased first: one bank counts at any instant. Byte by
 * byte in docs/SPEC.md; why a cut anywhere in it does no harm is in docs/DESIGN.md, "The ledger".
 */

#define OB_LEDGER_BANKS 2u
#define OB_LEDGER_EVENTS 16u /* that a bank has room for */
#define OB_LEDGER_LOG 8u     /* the newest: they outlast every change of banks */
#define OB_LEDGER_STARTS 64u /* interrupted starts of one job that a bank has records for */
#define OB_LEDGER_CHECK_SIZE 8u

enum ob_job_kind {
    OB_JOB_NONE = 0,
    OB_JOB_TEST = 1,      /* install, and go back unless the application confirms */
    OB_JOB_PERMANENT = 2, /* install for good */
    OB_JOB_REVERT = 3,    /* put the previous image back */
};

/** What a device may not fall below. It follows what is confirmed, or installed for good, and never falls. */
struct ob_floor {
    struct ob_version version;
    uint32_t counter; /* security counter; an image without one counts as 0 */
};

/** By what an image is held against the floor. */
enum ob_guard {
    OB_GUARD_NONE,     /* anything may come */
    OB_GUARD_VERSION,  /* nothing older is installed, put back or used for a rescue */
    OB_GUARD_COUNTER,  /* the same by the security counter */
    OB_GUARD_ENFORCED, /* nor started; without a counter, never; and what starts is the floor from then on */
};

#define OB_GUARD                                                                            \
    (OB_ENABLED(CONFIG_MCUBOOT_HW_DOWNGRADE_PREVENTION)                 ? OB_GUARD_ENFORCED \
     : OB_ENABLED(CONFIG_MCUBOOT_DOWNGRADE_PREVENTION_SECURITY_COUNTER) ? OB_GUARD_COUNTER  \
     : OB_ENABLED(CONFIG_MCUBOOT_DOWNGRADE_PREVENTION)                  ? OB_GUARD_VERSION  \
                                                                        : OB_GUARD_NONE)

/** @return OB_OK; OB_ERR_OLD, OB_ERR_COUNTER: the image is below it */
OB_MUST_CHECK enum ob_err ob_floor_check(const struct ob_floor *floor, enum ob_guard guard,
                                         const struct ob_image *image);

/** Raise a floor to a version and a counter, each for itself. @return something was below */
bool ob_floor_raise(struct ob_floor *floor, const struct ob_version *version, uint32_t counter);

/** What the last job of an image moves, exactly as it is stored: little endian, no padding. */
struct ob_part {
    uint8_t in_digest[OB_DIGEST_SIZE];       /* of the image that comes into the primary */
    uint8_t out_digest[OB_DIGEST_SIZE];      /* of the image that leaves it */
    uint32_t in_size;                        /* bytes, header to end of TLVs; 0: there never was a job */
    uint32_t out_size;                       /* bytes; 0: nothing is kept, so there is no way back */
    struct ob_version version;               /* of the image that comes in */
    uint32_t counter;                        /* of that image; 0: it has none */
    struct ob_floor floor;                   /* in force when the job was begun */
    uint32_t unit;                           /* bytes that one step moves */
    uint16_t in_at;                          /* where in its secondary slot the incoming image begins, in units */
    uint16_t out_at;                         /* ... and where the outgoing one goes */
    uint8_t kind;                            /* enum ob_job_kind */
    uint8_t mode;                            /* enum ob_mode_id */
    uint8_t source;                          /* which secondary slot the incoming image is in */
    uint8_t backup;                          /* dual: 1: what runs is copied to the other slot first */
    uint8_t in_check[OB_LEDGER_CHECK_SIZE];  /* what its cipher is recognised by: ob_cipher_check() */
    uint8_t out_check[OB_LEDGER_CHECK_SIZE]; /* the same, of the image that leaves; 0: they are not encrypted */
};

/** What a bank begins with, exactly as it is stored; only `count` parts are. */
struct ob_head {
    uint8_t magic[4];
    uint32_t sequence; /* counts jobs; of two banks that count, the higher one does */
    uint8_t check[OB_LEDGER_CHECK_SIZE];
    uint8_t count; /* of parts, by image number */
    uint8_t set;   /* images that the last job is about, a bit each; the other parts are carried on */
    uint8_t kept;  /* images that were not on trial when it was written */
    uint8_t unused[5];
    struct ob_part part[OB_IMAGES_MAX];
};

_Static_assert(sizeof(struct ob_part) == 124 && offsetof(struct ob_head, part) == 24, "a head is stored as it is");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the ledger is little endian");

/*
 * A record's value says all that has to be known beside the head. So the last one counts, and one that a cut left
 * behind counts no more once another stands behind it.
 */
enum {
    OB_RECORD_STEPS = 0x0000,   /* | so many steps are complete */
    OB_RECORD_UNSAVED = 0x4000, /* | the same, but the outgoing image is not kept any more: its place failed */
    OB_RECORD_UNDONE = 0xc000,  /* | so many steps of putting back what was moved are complete: the primary failed */
    OB_RECORD_KIND = 0xc000,
    OB_RECORD_COUNT = 0x3fff,
    /* | images that are not on trial, a bit each */
    OB_RECORD_QUIET = 0x8000,   /* nothing is under way */
    OB_RECORD_PLANS = 0x8100,   /* the other bank is being made: if it counts, it does */
    OB_RECORD_DISCARD = 0x8200, /* what may be in the other bank shall not count: erase it */
    OB_RECORD_DONE = 0x8300,    /* the job is complete; the request that led to it is still to be withdrawn */
    OB_RECORD_VOID = 0x8400,    /* the job changed nothing and never will: the other bank counts */
    OB_RECORD_PHASE = 0xff00,
    OB_RECORD_KEPT = 0x00ff,
};

enum ob_event_kind {
    OB_EVENT_REFUSED = 1, /* an image that was asked for; reason says why */
    OB_EVENT_NO_WAY_BACK, /* what runs stays although it was never confirmed, or cannot come back from what replaces it
                           */
    OB_EVENT_CHIP,        /* a device failed at address; reason says how */
    OB_EVENT_BEGUN,       /* what was asked for: a job was begun */
    OB_EVENT_INSTALLED,   /* a job is complete: the image runs from now on */
    OB_EVENT_GOES_BACK,   /* to this image; OB_OK: the other one was not confirmed, else why it cannot stay */
    OB_EVENT_VOID,        /* what was to be installed is not there any more */
    OB_EVENT_WAITED,      /* in vain, in the middle of a job, for a device; reason says what it answers */
    OB_EVENT_MISSING,     /* of images that belong together others may be there, and this one is not; reason says why */
    OB_EVENT_KINDS,
};

/** Something to remember, exactly as it is stored. A cut while it is written costs it, and nothing else. */
struct ob_event {
    uint32_t number; /* counts events */
    uint32_t start;  /* counts the starts that had something to remember */
    struct ob_version version;
    uint32_t
        address;    /* CHIP: bytes from the start of the device. Of a job of several images: all of them, a bit each */
    uint8_t kind;   /* enum ob_event_kind */
    uint8_t image;  /* of a job, the lowest one */
    uint8_t reason; /* enum ob_err with its sign changed */
    uint8_t what;   /* REFUSED: enum ob_image_kind. Of a job: enum ob_job_kind */
    uint8_t check[OB_LEDGER_CHECK_SIZE];
};

_Static_assert(sizeof(struct ob_event) == 32, "an event is stored as it is");

/** The images that an event is about, a bit each. */
static inline uint32_t ob_event_images(const struct ob_event *event)
{
    return event->kind != OB_EVENT_CHIP && event->address != 0 ? event->address : 1u << event->image % 32;
}

#define OB_LEDGER_SETTLED 3u /* units that state a value for good: of so many at least one was not cut */

/** What the records of a bank say. */
struct ob_records {
    bool counts;     /* the head is whole, and there is a record */
    bool as_found;   /* nothing was stated since it was read: the unit at end may have been begun, and read as blank */
    uint16_t value;  /* of the last record */
    uint16_t same;   /* units behind one another, up to the last record, that hold the value */
    uint16_t before; /* value of the record before those */
    uint16_t count;  /* units that read as a record */
    uint16_t last;   /* the unit behind the last record */
    uint16_t end;    /* the unit behind the last one that is not blank */
    uint32_t sequence;
};

/** The ledger as a start found it, and as it has become since. */
struct ob_ledger {
    const struct ob_area *area; /* borrowed: two banks of equal size */
    struct ob_records now;      /* of the bank that counts */
    struct ob_records other;
    uint32_t start; /* number of this start in the events; 0: it has noted nothing yet */
    uint8_t images; /* that this device has */
    uint8_t bank;
    bool lurking;        /* the other bank may hold what must never count */
    struct ob_head head; /* of the bank that counts; all zero while none does */
};

/** Of the last record: what it says of the job, and how many of its steps are complete. */
static inline uint16_t ob_ledger_kind(const struct ob_ledger *ledger)
{
    return ledger->now.value & OB_RECORD_KIND;
}

static inline uint32_t ob_ledger_steps(const struct ob_ledger *ledger)
{
    return ledger->now.value & OB_RECORD_COUNT;
}

#define OB_HEAD_PLACES 2u /* of a bank: the second where the first has a worn cell. Events are behind them */

/** Bytes of a head with so many parts, and of all that comes before the records. Multiples of every write unit. */
uint32_t ob_head_size(uint32_t count);
uint32_t ob_ledger_records_off(uint32_t count);

/** What was read is what was written. */
bool ob_head_is_whole(const struct ob_head *head);
bool ob_event_is_whole(const struct ob_event *event);

/**
 * Bytes of a ledger, both banks, whole erase units.
 * @param steps  of the longest job, all images together; at most OB_RECORD_COUNT
 */
uint32_t ob_ledger_size(const struct ob_flash *flash, uint32_t images, uint32_t steps);

/**
 * The ledger that is reserved in a slot.
 * @return OB_ERR_SIZE: the image in the slot reaches into it, and must not be erased for it
 */
OB_MUST_CHECK enum ob_err ob_ledger_in_slot(const struct ob_area *slot, struct ob_area *ledger);

/**
 * Read only; also for applications. A flash error leaves *ledger without a bank that counts.
 * @param images  that the device has, from 1 to OB_IMAGES_MAX
 */
OB_MUST_CHECK enum ob_err ob_ledger_read(const struct ob_area *area, uint32_t images, struct ob_ledger *ledger);

/**
 * Make what was read last: afterwards every start reads the same, whatever cells a cut left half programmed. Writes
 * only if that is not so yet, or a job is begun. To be called before anything is done on the strength of what was read.
 *
 * @param reserve  records that the job still needs: what is written here leaves so many
 */
OB_MUST_CHECK enum ob_err ob_ledger_hold(struct ob_ledger *ledger, uint32_t reserve);

/** State a value, to be relied on by starts that hold it. */
OB_MUST_CHECK enum ob_err ob_ledger_state(struct ob_ledger *ledger, uint16_t value);

/** State a value so often that it reads the same for good. */
OB_MUST_CHECK enum ob_err ob_ledger_settle(struct ob_ledger *ledger, uint16_t value);

/**
 * Begin a job in the other bank.
 *
 * @param next   magic, count, sequence, check are filled in
 * @param value  what it begins with
 * @param event  what is to be remembered of it, once it counts; NULL: nothing. number, start and check are filled in
 * @return OB_OK: settled;
 *         else the bank that counted still does, and the next ob_ledger_hold() cleans up; or the other one is made and
 *         no record was, then that states the value
 */
OB_MUST_CHECK enum ob_err ob_ledger_begin(struct ob_ledger *ledger, struct ob_head *next, uint16_t value,
                                          struct ob_event *event);

/** A job that has changed nothing is taken back: the bank before it counts again, with the events of both. */
OB_MUST_CHECK enum ob_err ob_ledger_void(struct ob_ledger *ledger);

/** Remember an event unless the last two say the same. Sets number, start and check. */
OB_MUST_CHECK enum ob_err ob_ledger_note(struct ob_ledger *ledger, struct ob_event *event);

/** The newest event but n. @return OB_ERR_NOENT: there are not so many */
OB_MUST_CHECK enum ob_err ob_ledger_event(const struct ob_ledger *ledger, uint32_t n, struct ob_event *event);

/** What the ledger says that an image may not fall below. What runs may lie above it: a programmer put it there. */
struct ob_floor ob_ledger_floor(const struct ob_ledger *ledger, uint32_t image);

/** The images that are not on trial, a bit each: all of them while there is no ledger. */
uint8_t ob_ledger_kept(const struct ob_ledger *ledger);

#endif
