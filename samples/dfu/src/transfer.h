/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DFU_TRANSFER_H
#define DFU_TRANSFER_H

#include <outboard/update.h>

/*
 * Receiving an image over the console. After the line `ready <chunk>` the sender sends <chunk> bytes (fewer at the end)
 * and waits for a dot, sends the next, and so on: while a chunk is programmed nothing arrives, so nothing can be lost
 * on a UART without flow control. It ends with a line that starts with `received` or `failed`.
 */

/**
 * Erase the update slot, then receive `size` bytes into it. Prints progress, and every refusal with its reason.
 *
 * @return true: all bytes are in flash; `update` can be requested
 */
bool transfer_receive(struct ob_update *update, const struct ob_slots *slots, enum ob_mode_id mode, uint32_t max_units,
                      uint32_t size);

#endif
