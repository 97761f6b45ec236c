/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_DEV_NETWORK_H
#define OUTBOARD_VBOARD_DEV_NETWORK_H

#include "../device.h"

/*
 * The network core of an nRF5340, as far as the application core can tell: no CPU of its own, but something that stands
 * in for its bootloader (b0n). It starts when it is released, reads its command through the SPU, checks what it is told
 * to copy, copies it into its own flash page by page, in the board's time, checks the copy, and answers.
 */

/** What goes wrong in it. */
enum vb_network_fault {
    VB_NETWORK_FINE,
    VB_NETWORK_SILENT,  /* it never answers */
    VB_NETWORK_HASH,    /* it finds that the hash is wrong */
    VB_NETWORK_MIDDLE,  /* its flash fails when half is copied */
    VB_NETWORK_RUNNING, /* it runs already when power comes */
    VB_NETWORK_STALE,   /* RAM holds a command from an earlier run when power comes */
    VB_NETWORK_FAULTS,
};

struct vb_network {
    struct sim_chip cells; /* its flash */
    uint8_t fault;         /* enum vb_network_fault */
    uint32_t fault_count;  /* it shows the first so many times that it is told to copy after power came; 0: always */
};

#define VB_NETWORK_BASE 0x01000000u  /* where its core sees its flash */
#define VB_NETWORK_CONTAINER 0x8800u /* where the application begins, in its flash: behind b0n and its provision */

/** @return false: there is no such fault */
const char *vb_network_fault_name(enum vb_network_fault fault);
bool vb_network_fault_find(const char *name, enum vb_network_fault *out);

/** Bytes of an application that it checks before and after it copies it: the code and its hash. Behind them a key and a
 * signature may lie, which it does not read. size: all of it, if it finds no fw_info. */
uint32_t vb_network_covered(const uint8_t *application, uint32_t size);

/** RESET.NETWORK.FORCEOFF is written. */
void vb_network_hold(struct vb_device *network);
void vb_network_release(struct vb_device *network);

/** The power fails: what its flash is busy with is torn. */
void vb_network_power_fails(struct vb_board *board, const struct sim_tear *tear);

#endif
