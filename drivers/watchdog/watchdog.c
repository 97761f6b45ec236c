/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/device_dt.h>
#include <outboard/watchdog.h>

#define WATCHDOG DEVICE_DT_GET(DT_ALIAS(watchdog0))

/* An application may use another watchdog than the bootloader: all that the devicetree has are fed. */
static const struct ob_device *const watchdogs[] = {
    WATCHDOG, DT_IF(DT_CAT(DT_ALIAS(watchdog1), _STATUS_okay), (DEVICE_DT_GET(DT_ALIAS(watchdog1)), ), ())};

enum ob_err ob_watchdog_start(uint32_t timeout_ms)
{
    const struct ob_watchdog *watchdog = WATCHDOG->api;

    return watchdog->start(WATCHDOG, timeout_ms);
}

void ob_watchdog_feed(void)
{
    for (unsigned i = 0; i < OB_ARRAY_SIZE(watchdogs); i++) {
        const struct ob_watchdog *watchdog = watchdogs[i]->api;

        watchdog->feed(watchdogs[i]);
    }
}
