/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/device_dt.h>
#include <outboard/watchdog.h>

#define WATCHDOG DEVICE_DT_GET(DT_ALIAS(watchdog0))

enum ob_err ob_watchdog_start(uint32_t timeout_ms)
{
    const struct ob_watchdog *watchdog = WATCHDOG->api;

    return watchdog->start(WATCHDOG, timeout_ms);
}

void ob_watchdog_feed(void)
{
    const struct ob_watchdog *watchdog = WATCHDOG->api;

    watchdog->feed(WATCHDOG);
}
