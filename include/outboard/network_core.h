/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_NETWORK_CORE_H
#define OUTBOARD_NETWORK_CORE_H

#include <outboard/upgrade.h>

/*
 * The network core of an nRF5340, as the application core can reach it: its own bootloader (b0n) reads a command at the
 * start of the shared RAM (partition pcd_sram) when the core is released, and writes its answer there.
 */

/** Hands an image over: its payload, as the core's bootloader wants it. */
extern const struct ob_receiver ob_network_core;

/**
 * Before an image starts: the core is held and sees nothing secure, the command block orders nothing, and nobody can
 * write to it until the next reset. So only this bootloader can have anything copied.
 */
void ob_network_core_lock(void);

#endif
