/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_DEVICE_H
#define OUTBOARD_DEVICE_H

#include <stdbool.h>

#include <outboard/err.h>

/**
 * One device of the devicetree, defined by the driver of its `compatible` and named __device_dts_ord_<ordinal>.
 *
 * A reference to a node without a driver is therefore a link error that carries the node's ordinal.
 * Ordinals are sorted so that what a node needs (its bus) comes first; ob_device_init_all() follows them.
 */
struct ob_device {
    const char *name;                                 /* the node's name */
    enum ob_err (*init)(const struct ob_device *dev); /* leaves the device usable, or says why not */
    /* Leaves it as a reset does, whatever state it is in: nothing of it runs, reads or writes memory any more. NULL: it
     * never does. */
    void (*stop)(const struct ob_device *dev);
    const void *config;  /* the driver's, from the devicetree */
    void *data;          /* the driver's, RAM */
    const void *api;     /* what it offers: struct ob_flash, struct ob_spi_mem, ... */
    enum ob_err *status; /* RAM: result of init, OB_ERR_NODEV before */
};

/**
 * Initialise every device of this image that is not ready yet, in devicetree order; call it again to retry.
 * A failure is recorded in the device's status and does not stop the others.
 */
void ob_device_init_all(void);

/** Stop every device, the last one first, before another image starts. The log is silent afterwards. */
void ob_device_stop_all(void);

static inline bool ob_device_ready(const struct ob_device *dev)
{
    return *dev->status == OB_OK;
}

#endif
