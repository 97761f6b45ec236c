/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_DEVICE_DT_H
#define OUTBOARD_DEVICE_DT_H

#include <outboard/device.h>
#include <outboard/devicetree.h>

/*
 * Devices from devicetree nodes. Firmware only: the linker script sorts the devices by ordinal.
 */

#define OB_DEVICE_NAME(node) DT_CAT(__device_dts_ord_, DT_DEP_ORD(node))

/** The device of a node: a link error if no driver of this image defines it. */
#define DEVICE_DT_GET(node) (&OB_DEVICE_NAME(node))

#define OB_DEVICE_DECLARE(node) extern const struct ob_device OB_DEVICE_NAME(node);
DT_FOREACH_OKAY_NODE(OB_DEVICE_DECLARE)

/**
 * Define the device of a node. To be used once for each node, by the driver of its compatible.
 *
 * @param init_fn, stop_fn see struct ob_device
 * @param data_ptr, config_ptr, api_ptr  the driver's; NULL if it has none
 */
#define OB_DEVICE_DT_DEFINE(node, init_fn, data_ptr, config_ptr, api_ptr) \
    OB_DEVICE_DT_DEFINE_STOP(node, init_fn, NULL, data_ptr, config_ptr, api_ptr)
#define OB_DEVICE_DT_DEFINE_STOP(node, init_fn, stop_fn, data_ptr, config_ptr, api_ptr)              \
    static enum ob_err DT_CAT(ob_device_status_, DT_DEP_ORD(node)) = OB_ERR_NODEV;                   \
    __attribute__((section(".ob_devices." OB_DEVICE_STRING(DT_CAT(node, _ORD_STR_SORTABLE))), used)) \
    const struct ob_device OB_DEVICE_NAME(node) = {                                                  \
        .name = DT_NODE_FULL_NAME(node),                                                             \
        .init = (init_fn),                                                                           \
        .stop = (stop_fn),                                                                           \
        .config = (config_ptr),                                                                      \
        .data = (data_ptr),                                                                          \
        .api = (api_ptr),                                                                            \
        .status = &DT_CAT(ob_device_status_, DT_DEP_ORD(node)),                                      \
    };
#define OB_DEVICE_STRING(text) OB_DEVICE_STRING_1(text)
#define OB_DEVICE_STRING_1(text) #text

#endif
