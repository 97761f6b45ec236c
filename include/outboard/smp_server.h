/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_SMP_SERVER_H
#define OUTBOARD_SMP_SERVER_H

#include <outboard/smp_updates.h>

#define OB_SMP_ANSWER_SIZE 512u /* bytes: the list of three images */

/** All that serves clients on a UART: the system, and the images of this build. The caller owns the memory. */
struct ob_smp_server {
    struct ob_smp_updates updates;
    struct ob_smp_images images;
    struct ob_smp_os os;
    struct ob_smp_record record;
    struct ob_smp_group groups[3];
    struct ob_smp smp;
    struct ob_smp_uart uart;
    uint8_t request[CONFIG_MCUMGR_TRANSPORT_NETBUF_SIZE];
    uint8_t answer[OB_SMP_ANSWER_SIZE];
};

/**
 * Prepare a server on the UART that the devicetree chose: zephyr,uart-mcumgr, or else the console.
 *
 * @param slots   image_count of them, kept; as ob_slots_open() left them, also if it failed
 * @param ledger  kept; as ob_ledger_open() left it, also if it failed
 */
void ob_smp_server_init(struct ob_smp_server *server, const struct ob_slots *slots, const struct ob_area *ledger,
                        uint32_t image_count);

/** Take what came and answer it, and feed the watchdog. Never waits for bytes: call it as often as there is time. */
void ob_smp_server_poll(struct ob_smp_server *server);

#endif
