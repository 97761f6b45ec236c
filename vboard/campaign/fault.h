/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_FAULT_H
#define OUTBOARD_VBOARD_FAULT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * What a glitch does to one execution of one instruction, as bits of Thumb code. An IT block is executed as a whole:
 * faults of what it holds begin at the IT instruction.
 */

enum vb_fault_model {
    VB_FAULT_SKIP1,  /* the instruction does nothing */
    VB_FAULT_SKIP2,  /* ... nor does the one behind it */
    VB_FAULT_BRANCH, /* its condition counts the other way */
    VB_FAULT_R0,     /* a call has just returned: its result is variant */
    VB_FAULT_FETCH,  /* a byte (variant 0 to 3) or an aligned word (4, 5) of it is read as zeros */
    VB_FAULT_MODELS,
    VB_FAULT_NULL = VB_FAULT_MODELS, /* nothing: shows that a trial by itself changes nothing */
};

struct vb_fault {
    uint32_t address; /* of the instruction */
    uint8_t model;    /* enum vb_fault_model */
    int8_t variant;
};

/** What runs at once: one instruction, or an IT instruction and what depends on it. */
struct vb_unit {
    uint32_t address, size;
    uint32_t members; /* of an IT block; 0: it is none */
};

#define VB_FAULT_TEXT 40u
#define VB_UNIT_FAULTS 64u
#define VB_UNIT_MAX 18u /* bytes */

/** Memory that is executed from. */
struct vb_code {
    const uint8_t *bytes; /* from address 0 */
    uint32_t size;
};

struct vb_unit vb_unit_at(struct vb_code code, uint32_t address);

/**
 * All faults of an execution of a unit.
 * @param models  a bit for each model
 * @param returned  it follows a call that has just returned
 */
unsigned vb_unit_faults(struct vb_code code, const struct vb_unit *unit, unsigned models, bool returned,
                        struct vb_fault out[VB_UNIT_FAULTS]);

/** What to do to the CPU before it executes the unit. */
struct vb_effect {
    uint32_t start; /* go on here ... */
    uint32_t nops;  /* ... as if so many instructions had been executed */
    bool sets_r0;
    uint32_t r0;
    uint32_t patch_at; /* with these bytes in place of the code's, until what is executed leaves [address, patch end) */
    uint32_t patch_size;
    uint8_t patch[VB_UNIT_MAX + 4];
};

struct vb_effect vb_fault_effect(struct vb_code code, const struct vb_unit *unit, const struct vb_fault *fault);

/** Does a call return to this address? @return the call's address, 0: none does */
uint32_t vb_call_before(struct vb_code code, uint32_t address);

/** `0x00002e8a:skip1`, `0x00002e8a:fetch4`, `0x00002e8a:r0=-1` */
void vb_fault_print(const struct vb_fault *fault, char text[VB_FAULT_TEXT]);
bool vb_fault_parse(const char *text, struct vb_fault *out);

/** The name of a model, as it is said on the command line. */
const char *vb_fault_model_name(enum vb_fault_model model);

#endif
