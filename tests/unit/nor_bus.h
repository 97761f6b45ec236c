/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_TESTS_NOR_BUS_H
#define OUTBOARD_TESTS_NOR_BUS_H

#include <outboard/spi_mem.h>

#include "spi_nor.h"

/* A controller with a chip on it. It also is the clock of the test: ob_time_us() and ob_delay_us() are
 * here, and each byte on the bus takes a microsecond; so is the watchdog. */

struct nor_bus {
    struct ob_spi_mem mem; /* what the driver is given */
    struct nor_chip *chip;
    unsigned lanes;      /* that the controller has: 1, 2 or 4 */
    unsigned lanes_used; /* the most for data so far */

    /* Faults. */
    unsigned fail_exec_at;   /* the n-th transfer from now: OB_ERR_BUS */
    unsigned vanish_exec_at; /* from the n-th transfer on the line is open */
};

void nor_bus_init(struct nor_bus *bus, struct nor_chip *chip);

/** The same part, but all its operations take `us` microseconds. */
void nor_part_hurry(struct nor_part *part, uint32_t us);

/** Put bytes into the cells as a programmer on the bench would. */
void nor_bus_fill(struct nor_bus *bus, uint32_t off, uint32_t len, uint8_t value);

/** The longest that the watchdog went unfed since the last call, which starts it again. */
uint64_t nor_bus_unfed_us(void);

/** Microseconds since the test began, not wrapped. */
uint64_t nor_bus_clock_us(void);

#endif
