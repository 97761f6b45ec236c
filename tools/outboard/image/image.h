/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_TOOLS_IMAGE_H
#define OUTBOARD_TOOLS_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <outboard/flash.h>
#include <outboard/image.h>
#include <outboard/trailer.h>

#include "../common/diag.h"

/** An image file, and the same bytes as a slot that the core can read. */
struct image_file {
    const char *path;
    uint8_t *bytes;
    uint32_t len; /* of the file */
    struct ob_flash flash;
    struct ob_area slot;
};

/**
 * Read an image into a slot.
 *
 * @param slot_size  bytes; what the file does not fill is erased. 0: as long as the file
 * @return OB_EXIT_USAGE after printing why the file cannot be used; OB_EXIT_FINDING: it is longer than the slot
 */
enum ob_exit image_file_read(struct image_file *file, const char *path, uint32_t slot_size);
void image_file_free(struct image_file *file);

/** What an image says about itself. Images that no device would run are described too. */
struct image_facts {
    struct ob_version version;
    uint32_t load_address;
    uint32_t flags;
    uint32_t header_size;
    uint32_t payload_size;
    uint32_t protected_size;   /* stated by the header */
    uint32_t protected_area;   /* offset; areas that are not there have size 0 */
    uint32_t unprotected_area; /* offset */
    uint32_t unprotected_size;
    uint32_t size;                  /* header to the end of the TLVs */
    uint8_t digest[OB_DIGEST_SIZE]; /* computed */
    uint32_t trailer_align;         /* 0: the file does not end in a trailer */
    struct ob_trailer trailer;
    enum ob_flag copy_done;
};

/** @return false after printing what is malformed: facts hold what could be read up to there */
bool image_facts_read(const struct image_file *file, struct image_facts *facts);

struct image_tlv {
    uint16_t type;
    uint16_t len;
    const uint8_t *data;
};

/** The next entry of a TLV area. *off counts from the start of the file, and begins at 0. false: no more. */
bool image_tlv_next(const struct image_file *file, uint32_t area, uint32_t size, uint32_t *off, struct image_tlv *tlv);

/** @return the reference manual's name of a TLV type; "vendor" or "unknown" for the others */
const char *image_tlv_name(uint16_t type);

/** Write the names of the set flags, separated by blanks. */
void image_flag_names(uint32_t flags, char *out, size_t size);

/** Read the public half of a P-256 key. Other keys are refused with the cure. */
enum ob_exit image_key_read(const char *path, struct ob_key *out);

/** Whose demo key it is, for which the private half is public; NULL: nobody's. */
const char *image_demo_key_of(const uint8_t hash[OB_DIGEST_SIZE]);

int image_cmd_info(int argc, char **argv);
int image_cmd_verify(int argc, char **argv);
int image_cmd_key(int argc, char **argv);

#endif
