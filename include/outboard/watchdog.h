/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_WATCHDOG_H
#define OUTBOARD_WATCHDOG_H

#include <stdint.h>

#include <outboard/device.h>

/** What the device of a watchdog offers as its api. */
struct ob_watchdog {
    /** @return OB_ERR_RANGE: it cannot count so far, or runs already with another time; nothing was changed */
    enum ob_err (*start)(const struct ob_device *dev, uint32_t timeout_ms);
    /** Count from the start again. Does nothing to a watchdog that does not run. */
    void (*feed)(const struct ob_device *dev);
};

/**
 * Start the watchdog of this image (alias watchdog0): unless it is fed in time, it resets the whole device. It may be
 * impossible to stop, so what is started afterwards has to feed it as well.
 *
 * @param timeout_ms  from 1
 * @return OB_ERR_RANGE: it cannot count so far, or runs already with another time
 */
OB_MUST_CHECK enum ob_err ob_watchdog_start(uint32_t timeout_ms);

/** Feed it, and the one of alias watchdog1 if there is one, whoever started them. */
void ob_watchdog_feed(void);

#endif
