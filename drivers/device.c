/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include <outboard/device.h>

/* The linker script collects all devices between these, sorted by ordinal. */
extern const struct ob_device ob_devices_start[];
extern const struct ob_device ob_devices_end[];

void ob_device_init_all(void)
{
    for (const struct ob_device *dev = ob_devices_start; dev < ob_devices_end; dev++) {
        if (*dev->status != OB_OK) {
            *dev->status = dev->init(dev);
        }
    }
}

void ob_device_stop_all(void)
{
    for (const struct ob_device *dev = ob_devices_end; dev-- > ob_devices_start;) {
        if (dev->stop != NULL) {
            dev->stop(dev);
        }
    }
}
