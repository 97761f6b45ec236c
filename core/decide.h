/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_DECIDE_H
#define CORE_DECIDE_H

#include <stdbool.h>
#include <stdint.h>

#include <outboard/ledger.h>

/*
 * What a start does next, from what it found out. Nothing here reads flash: found.c fills the findings, the act that is
 * decided on is done elsewhere, and then it is decided again. tests/unit/test_decide.c goes through all combinations;
 * docs/SPEC.md has the table.
 */

/** Fields that cost time are read only when ob_needs() asks for them. */
enum ob_primary {
    OB_PRIMARY_UNREAD,
    OB_PRIMARY_STATED, /* an image by its header and TLVs; nobody has verified what they state */
    OB_PRIMARY_BROKEN, /* no image that verifies */
    OB_PRIMARY_WHOLE,
};

enum ob_asks { OB_ASKS_NO, OB_ASKS_TEST, OB_ASKS_PERMANENT };

enum ob_trial {
    OB_TRIAL_NO,        /* what runs stays */
    OB_TRIAL_OPEN,      /* it has to be confirmed */
    OB_TRIAL_CONFIRMED, /* it was: that is still to be stated */
};

enum ob_offer {
    OB_OFFER_UNREAD,
    OB_OFFER_REFUSED, /* nothing that this device would install */
    OB_OFFER_FITS,
};

enum ob_previous {
    OB_PREVIOUS_UNREAD,
    OB_PREVIOUS_GONE,
    OB_PREVIOUS_WHOLE, /* the image that the last job replaced, complete */
};

/** What was found out about one image. */
struct ob_found {
    enum ob_primary primary;
    enum ob_asks asks;
    enum ob_trial trial;
    enum ob_offer offer;
    enum ob_previous previous;
    bool outgoing; /* primary: WHOLE, and it is the one that the job takes out */
    bool incoming; /* ... the one that it brings in */
    bool receiver; /* it is handed over: nobody can look at it, and there is no way back. In the middle of a job
                      outgoing: it was not begun; incoming: it was taken; else both */
    bool stale;    /* clients are told that a revert follows, and none does */
    bool spoilt;   /* a request was cut, or its withdrawal: clients cannot ask for anything */
    bool above;    /* what runs stays, and the floor that is stated lies below it */
    bool unstated; /* downgrades are prevented, and no floor was stated yet: nobody knows what would be one */
};

/** The job that the ledger names. */
enum ob_progress {
    OB_PROGRESS_NONE,
    OB_PROGRESS_UNTOUCHED, /* begun, but no step has come to the primary */
    OB_PROGRESS_MAYBE,     /* the first step that does may have begun */
    OB_PROGRESS_TOUCHED,
    OB_PROGRESS_COPIED, /* all steps are complete: only internal flash is still to be written */
    OB_PROGRESS_DONE,   /* only the request is still to be withdrawn */
};

enum ob_view {
    OB_VIEW_UNREAD,
    OB_VIEW_MATCHES, /* what the job brings in still lies where it is taken from */
    OB_VIEW_DIFFERS,
};

struct ob_findings {
    enum ob_progress progress;
    enum ob_view view;
    uint8_t touching;  /* MAYBE: the image whose primary tells */
    bool chip_fails;   /* the secondary's device does not do what it should */
    bool inside_fails; /* nor does internal flash: then chip_fails, and nothing can be stated or begun */
    bool patient;      /* it may be given some more time */
    bool fresh;        /* this start finished a job: what it brought in has its chance first */
    bool revertible;   /* the mode can go back */
    bool swaps_unseen; /* what makes way need not be verified: it is when it is to come back */
    uint8_t count;
    struct ob_found image[OB_IMAGES_MAX];
};

enum ob_need_kind {
    OB_NEED_NOTHING,
    OB_NEED_STATED,
    OB_NEED_PRIMARY,
    OB_NEED_VIEW,
    OB_NEED_OFFER,
    OB_NEED_PREVIOUS,
};

struct ob_need {
    enum ob_need_kind kind;
    uint8_t image;
};

enum ob_act {
    OB_ACT_START,   /* nothing remains to be done: start what the primaries hold */
    OB_ACT_STOP,    /* there is nothing that could be started */
    OB_ACT_WAIT,    /* only the external chip can tell what to start */
    OB_ACT_RESUME,  /* go on with the job */
    OB_ACT_VOID,    /* take back a job that changed nothing */
    OB_ACT_ABANDON, /* ... that changed no primary, but handed something over */
    OB_ACT_CLEAN,   /* withdraw the request of a job that is done */
    OB_ACT_KEEP,    /* what was on trial is confirmed */
    OB_ACT_CLEAR,   /* tell clients that no revert follows */
    OB_ACT_TIDY,    /* let clients ask again */
    OB_ACT_REFUSE,  /* withdraw a request and say why */
    OB_ACT_INSTALL, /* make what is asked for a job */
    OB_ACT_REVERT,  /* make going back a job */
    OB_ACT_LOSE,    /* what was on trial stays: there is nothing to go back to */
    OB_ACT_RAISE,   /* what runs is the floor from now on */
    OB_ACTS,
};

struct ob_decision {
    enum ob_act act;
    uint8_t set; /* images that it is about, a bit each */
};

/** What has to be read before it can be decided. */
struct ob_need ob_needs(const struct ob_findings *found);

/** Needs nothing. */
struct ob_decision ob_decide(const struct ob_findings *found);

#endif
