/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_SIM_CLIENT_H
#define OUTBOARD_SIM_CLIENT_H

#include <outboard/trailer.h>

#include "world.h"

/*
 * What an application sees and does that carries MCUboot's own application library: the two trailers by MCUboot's rules
 * and nothing else. Written from the format (docs/SPEC.md, "Trailer"), not with the bootloader's functions: if those
 * change their mind, devices in the field do not. Of several images and slots, the first.
 */

/** What the library would answer. */
struct sim_told {
    enum ob_magic primary_magic, secondary_magic;
    enum ob_flag primary_image_ok, primary_copy_done, secondary_image_ok;
    enum ob_swap swap; /* what the next start is going to do */
    bool confirmed;
    bool steady; /* no cell of these fields reads as it pleases */
};

/** An image that `image list` shows. */
struct sim_listed {
    bool found; /* there are a header and a hash */
    bool whole; /* and what lies there has that hash, in steady cells */
    uint8_t hash[OB_DIGEST_SIZE];
};

/** How a call ended. */
enum sim_answer {
    SIM_ANSWER_DONE,
    SIM_ANSWER_NOTHING, /* success, and nothing was written: it holds already */
    SIM_ANSWER_BAD,     /* the call fails: the trailer's magic is neither good nor unset */
    SIM_ANSWER_FAULT,   /* a device failed */
};

/** @return false: a device failed */
OB_MUST_CHECK bool sim_client_told(const struct sim_world *world, struct sim_told *out);

/** What lies at an offset of the secondary slot, as a client lists it that looks there. false: a device failed */
OB_MUST_CHECK bool sim_client_list(const struct sim_world *world, uint32_t at, struct sim_listed *out);

#define SIM_CLIENT_FIELDS_MAX 128u

/**
 * The fields of a request, as they lie at a slot's end.
 * @param swap_info  the whole byte
 * @param out        SIM_CLIENT_FIELDS_MAX bytes
 * @return how many
 */
uint32_t sim_client_fields(uint32_t align, bool permanent, uint8_t swap_info, uint8_t *out);

/** Ask for what lies in the secondary slot. */
OB_MUST_CHECK enum sim_answer sim_client_request(const struct sim_world *world, bool permanent);

OB_MUST_CHECK enum sim_answer sim_client_confirm(const struct sim_world *world);

#endif
