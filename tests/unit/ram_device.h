/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_TESTS_RAM_DEVICE_H
#define OUTBOARD_TESTS_RAM_DEVICE_H

#include <stdio.h>

#include <outboard/boot.h>

#include "image_maker.h"
#include "ram_flash.h"

#define ALIGN 8u /* bytes between the fields of a trailer */

/** A device of two chips in RAM with slots of 32 KiB for two images, of which it has one unless a test says more. */
struct ram_device {
    struct ram_flash internal;
    struct ram_flash external;
    struct ob_slots slots[2];
    struct ob_area ledger;
    struct ob_key key;
    struct ob_keys keys;
    struct ob_home home;
    struct ob_hooks hooks;
    struct ob_workspace work;
    struct ob_boot boot;
};

/** Where the engine's log goes; NULL, as at first: nowhere. */
extern FILE *ram_device_log;

/** Empty slots, mode slide. */
void ram_device_init(struct ram_device *device);

/** Version 1.<minor>.0, which fits the device's home; the payload differs with the version. Hash and sign it next. */
void device_image_begin(const struct ram_device *device, struct image_maker *maker, uint8_t minor,
                        uint32_t payload_size);
/** Digest, key and signature. */
void device_image_sign(struct image_maker *maker);
/** Both. */
void device_image(const struct ram_device *device, struct image_maker *maker, uint8_t minor, uint32_t payload_size);

/** As a programmer does it. */
void device_program(const struct ram_device *device, uint32_t image, const struct image_maker *maker);

/** As an application that is built with outboard does it, up to the request. */
void device_download(const struct ram_device *device, uint32_t image, const struct image_maker *maker, bool permanent);

/*
 * As an application with MCUboot's library does it: only the sectors that data reaches and the trailer's are erased,
 * and what lies in the trailer already decides what a request writes.
 */
void mcuboot_upload(const struct ram_device *device, uint32_t image, uint32_t at, const struct image_maker *maker);
/** @return false: the library says that the trailer is bad */
bool mcuboot_request(const struct ram_device *device, uint32_t image, bool permanent);

struct ob_trailer device_trailer(const struct ob_area *slot);

/** The newest event but n; kind 0: there is none. */
struct ob_event device_event(struct ram_device *device, uint32_t n);

#endif
