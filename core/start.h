/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_START_H
#define CORE_START_H

#include <outboard/boot.h>
#include <outboard/cipher.h>
#include <outboard/log.h>
#include <outboard/util.h>

#include "decide.h"

/*
 * One start of the device. boot.c repeats: find out (found.c), decide (decide.c), act (acts.c, job*.c), until the
 * decision is to start or to stop.
 */

/** What is asked for, or offered, in one image's secondary slots. The rest is in the part that is planned. */
struct ob_candidate {
    uint32_t at;        /* bytes from the start of the slot */
    enum ob_err reason; /* why it is refused; OB_OK: it is not */
    enum ob_job_kind kind;
    enum ob_image_kind image_kind;
    struct ob_version needs[OB_IMAGES_MAX]; /* of each image the lowest version that it works with */
    bool needs_unknown;
};

struct ob_start {
    const struct ob_boot *boot;
    struct ob_ledger *ledger;
    struct ob_head *next; /* parts of what would be installed, as far as it is known */
    struct ob_boot_result *result;
    bool begun_now;         /* the job was begun by this start, and no step was tried yet */
    enum ob_err why_broken; /* of the last primary that did not verify */
    struct ob_findings found;
    struct ob_fault fault; /* of the last step that failed for good */
    uint32_t restarts;     /* of a job whose end did not verify */
    struct ob_candidate candidate[OB_IMAGES_MAX];
    struct ob_version running[OB_IMAGES_MAX];
    struct ob_floor ran[OB_IMAGES_MAX]; /* what runs for good, beside the floor of what is planned */
};

/** For one image the compiler leaves out all that transactions need. */
static inline uint32_t ob_start_images(const struct ob_start *start)
{
    return OB_IMAGES_MAX == 1 ? 1 : start->boot->image_count;
}

static inline bool ob_start_has(uint8_t set, uint32_t image)
{
    return (set >> OB_IMAGE_AT(image) & 1) != 0;
}

/** Is a job, or an act, about this image? Neither is about none, so where there is one, it is about that one. */
static inline bool ob_start_concerns(uint8_t set, uint32_t image)
{
    return (OB_IMAGES_MAX == 1 && !OB_RECEIVERS) || ob_start_has(set, image);
}

static inline const struct ob_slots *ob_start_slots(const struct ob_start *start, uint32_t image)
{
    return &start->boot->images[OB_IMAGE_AT(image)];
}

/** The image in the job that the ledger names, or named last. */
static inline struct ob_part *ob_start_part(const struct ob_start *start, uint32_t image)
{
    return &start->ledger->head.part[OB_IMAGE_AT(image)];
}

/** The image in the job that is planned. */
static inline struct ob_part *ob_start_next(const struct ob_start *start, uint32_t image)
{
    return &start->next->part[OB_IMAGE_AT(image)];
}

static inline struct ob_found *ob_start_found(struct ob_start *start, uint32_t image)
{
    return &start->found.image[OB_IMAGE_AT(image)];
}

static inline struct ob_candidate *ob_start_candidate(struct ob_start *start, uint32_t image)
{
    return &start->candidate[OB_IMAGE_AT(image)];
}

/** Who takes this image over; NULL: it runs in its primary. In a build without one the compiler leaves all of it out.
 */
static inline const struct ob_receiver *ob_start_receiver(const struct ob_start *start, uint32_t image)
{
    return OB_RECEIVERS ? ob_start_slots(start, image)->receiver : NULL;
}

/** How this image is installed. */
static inline const struct ob_mode *ob_start_mode(const struct ob_start *start, uint32_t image)
{
    return ob_start_receiver(start, image) != NULL ? &ob_mode_handover : OB_BOOT_MODE(start->boot);
}

/** Can the mode go back? */
static inline bool ob_start_revertible(const struct ob_start *start)
{
    return OB_REVERTS && OB_BOOT_MODE(start->boot)->revertible;
}

/** Are there steps to be put back? Where nothing is kept there is no such thing, whatever a record says. */
static inline bool ob_start_undoes(const struct ob_start *start)
{
    return ob_start_revertible(start) && ob_ledger_kind(start->ledger) == OB_RECORD_UNDONE;
}

/** The part of the job that the ledger names, as a task. @return OB_ERR_SIZE and the like: no layout for its slots */
OB_MUST_CHECK enum ob_err ob_start_task(const struct ob_start *start, uint32_t image, struct ob_part *part,
                                        struct ob_task *task);

/** Steps of an image of the job that the ledger names, and how many of them are complete; none if nothing changes. */
uint32_t ob_start_steps(const struct ob_start *start, uint32_t image);
uint32_t ob_start_done(const struct ob_start *start, uint32_t image);

/** How many of the first so many steps of the job are of this image? Images are done from the highest down. */
uint32_t ob_start_share(const struct ob_start *start, uint32_t image, uint32_t steps);

/** Of the job that the ledger names, all images. */
uint32_t ob_start_total(const struct ob_start *start);

/** Step k of all of them. */
OB_MUST_CHECK enum ob_err ob_start_step(const struct ob_start *start, uint32_t k, uint32_t *image,
                                        struct ob_step *step);

/** Verify the image at the start of an area; its authenticity as an error code for those who decide what to do next.
 * work->image is what was seen. */
OB_MUST_CHECK enum ob_err ob_start_verify(const struct ob_start *start, const struct ob_area *area, enum ob_form form);

/** The same, asked of the number that verification left, whatever was returned. */
bool ob_start_is_authentic(const struct ob_start *start);

/** Is what would be installed older than the image that runs, and that for good? Not by the floor, which is another
 * way to ask. */
bool ob_start_downgrades(const struct ob_start *start, uint32_t image);

/** Was it the image with this digest? */
bool ob_start_saw(const struct ob_start *start, const uint8_t digest[OB_DIGEST_SIZE]);

/** Can what was seen be started where the layout puts this image? */
OB_MUST_CHECK enum ob_err ob_start_belongs(const struct ob_start *start, uint32_t image);

/** Is an image below this floor? Where nothing guards it, none is. */
OB_MUST_CHECK static inline enum ob_err ob_start_check_floor(const struct ob_start *start, const struct ob_floor *floor,
                                                             const struct ob_image *image)
{
    const enum ob_guard guard = OB_BOOT_GUARD(start->boot);

    return guard == OB_GUARD_NONE ? OB_OK : ob_floor_check(floor, guard, image);
}

/** What a device may not fall below now: the floor of the last job, or what it brought in if that was confirmed. */
struct ob_floor ob_start_floor(const struct ob_start *start, uint32_t image);

/** Erase whole units, with the watchdog fed. */
OB_MUST_CHECK enum ob_err ob_start_erase(const struct ob_start *start, const struct ob_area *area, uint32_t off,
                                         uint32_t len);

/** Is a device known to have failed there? Said twice: once, erases may have ended early and reported success. */
bool ob_start_is_worn_at(const struct ob_start *start, uint32_t address);

/** What is to be remembered of a job: the lowest of its images speaks for all. */
void ob_event_of_job(const struct ob_head *head, enum ob_event_kind kind, enum ob_err why, struct ob_event *out);

/** Remember something in the ledger; if that fails, only the log knows. number, start and check are filled in. */
void ob_start_note(const struct ob_start *start, struct ob_event *event);
void ob_start_note_image(const struct ob_start *start, uint32_t image, enum ob_event_kind kind, enum ob_err why,
                         const struct ob_version *version);
void ob_start_note_job(const struct ob_start *start, const struct ob_head *job, enum ob_event_kind kind,
                       enum ob_err why);

/* ---- found.c ---- */

/** Read what costs nothing. An error of the secondary's device is a finding. */
void ob_find(struct ob_start *start);

/** Read what the decision needs. */
OB_MUST_CHECK enum ob_err ob_find_more(struct ob_start *start, struct ob_need need);

/** Read a request. blank: a client of MCUboot can make one; else it may still ask for nothing. */
OB_MUST_CHECK enum ob_err ob_request_read(const struct ob_area *secondary, uint32_t align, struct ob_trailer *out,
                                          bool *blank);

#define OB_PLACES (1 + OB_FLASH_ERASE_SIZES)

/** The i-th place where an image may begin; UINT32_MAX: there are no more. */
uint32_t ob_place(const struct ob_area *secondary, uint32_t limit, uint32_t i);

/* ---- ciphers.c ---- */

/** Does this device know encrypted images? */
static inline bool ob_start_encrypts(const struct ob_start *start)
{
    return OB_ENCRYPTS && start->boot->keys->decryption != NULL;
}

enum ob_side { OB_SIDE_IN, OB_SIDE_OUT };

/**
 * What an image of the job that the ledger names is encrypted with; size 0: it is not. The caller wipes it.
 * @return OB_ERR_UNWRAP: it cannot be found any more, then *out is wiped; or the flash error
 */
OB_MUST_CHECK enum ob_err ob_cipher_find(const struct ob_start *start, uint32_t image, enum ob_side side,
                                         struct ob_cipher *out);

/**
 * Does the primary hold the key of this image of the job? It is encrypted with it when it leaves, and no digest covers
 * it.
 * @return OB_ERR_UNWRAP and the like: it does not
 */
OB_MUST_CHECK enum ob_err ob_cipher_compare(const struct ob_start *start, uint32_t image, enum ob_side side);

/** Complete a part that is planned: by what its ciphers are recognised. What cannot leave encrypted is not kept. */
OB_MUST_CHECK enum ob_err ob_ciphers_note(const struct ob_start *start, uint32_t image);

/** The same for a part that goes back. */
void ob_ciphers_turn(const struct ob_start *start, uint32_t image);

/* ---- acts.c, job.c, job_back.c ---- */

/** No client sees an image there any more: by a program over its magic where that may be, which takes a fiftieth of an
 * erase. */
OB_MUST_CHECK enum ob_err ob_header_spoil(const struct ob_start *start, const struct ob_area *secondary, uint32_t at);

/** Withdraw a request: nothing is asked for any more, and a client can ask again. */
OB_MUST_CHECK enum ob_err ob_withdraw(const struct ob_start *start, uint32_t image, uint32_t source);

/** Of an image that was refused, or a job that is over: erase the headers of what is not to be listed any more. */
OB_MUST_CHECK enum ob_err ob_unlist(struct ob_start *start, uint32_t image, uint32_t source);

/** Erase the trailer of a primary: no client is told anything any more. */
OB_MUST_CHECK enum ob_err ob_window_erase(const struct ob_start *start, uint32_t image);

/** The parts of images that the next job is not about stay what they are. */
void ob_carry_parts(const struct ob_start *start, uint8_t set);

/** Each does what it is called for the images of a set. An error: decide again, the device may be at fault. */
OB_MUST_CHECK enum ob_err ob_act_keep(struct ob_start *start, uint8_t set);
OB_MUST_CHECK enum ob_err ob_act_clear(struct ob_start *start, uint8_t set);
OB_MUST_CHECK enum ob_err ob_act_raise(struct ob_start *start, uint8_t set);
OB_MUST_CHECK enum ob_err ob_act_tidy(struct ob_start *start, uint8_t set);
OB_MUST_CHECK enum ob_err ob_act_refuse(struct ob_start *start, uint8_t set);
OB_MUST_CHECK enum ob_err ob_act_install(struct ob_start *start, uint8_t set);
/** @param why  OB_OK: it was not confirmed; else why what runs, or arrived, cannot stay */
OB_MUST_CHECK enum ob_err ob_act_revert(struct ob_start *start, uint8_t set, enum ob_err why);
OB_MUST_CHECK enum ob_err ob_act_lose(struct ob_start *start, uint8_t set);

OB_MUST_CHECK enum ob_err ob_job_resume(struct ob_start *start);
OB_MUST_CHECK enum ob_err ob_job_clean(struct ob_start *start);
OB_MUST_CHECK enum ob_err ob_job_void(struct ob_start *start);
OB_MUST_CHECK enum ob_err ob_job_abandon(struct ob_start *start);

/** For the log; the words are MCUboot's. */
const char *ob_swap_text(enum ob_swap swap);

#endif
