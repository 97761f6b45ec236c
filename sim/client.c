/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"

#include <string.h>

#include <outboard/digest.h>
#include <outboard/tlv.h>
#include <outboard/util.h>

#define SET 0x01u
#define HEADER_MAGIC 0x96f3b83du
#define HEADER_SIZE 32u
#define TLV_MAX 1024u /* bytes of an image's TLVs that a client looks through */

/* Fields, counted down from the magic. */
enum field { IMAGE_OK = 1, COPY_DONE = 2, SWAP_INFO = 3 };

static uint32_t field_off(const struct ob_area *slot, uint32_t align, enum field field)
{
    return slot->size - OB_MAX(OB_MAGIC_SIZE, align) - field * align;
}

static void make_magic(uint32_t align, uint8_t magic[OB_MAGIC_SIZE])
{
    static const uint8_t plain[OB_MAGIC_SIZE] = {0x77, 0xc2, 0x95, 0xf3, 0x60, 0xd2, 0xef, 0x7f,
                                                 0x35, 0x52, 0x50, 0x0f, 0x2c, 0xb6, 0x79, 0x80};
    static const uint8_t aligned[OB_MAGIC_SIZE] = {0x00, 0x00, 0x2d, 0xe1, 0x5d, 0x29, 0x41, 0x0b,
                                                   0x8d, 0x77, 0x67, 0x9c, 0x11, 0x0f, 0x1f, 0x8a};

    memcpy(magic, align == 8 ? plain : aligned, OB_MAGIC_SIZE);
    if (align != 8) {
        ob_put_le16(magic, (uint16_t)align);
    }
}

/* ---- reading ---- */

static bool read_magic(const struct ob_area *slot, uint32_t align, enum ob_magic *out)
{
    uint8_t good[OB_MAGIC_SIZE];
    uint8_t found[OB_MAGIC_SIZE];

    if (ob_area_read(slot, slot->size - OB_MAGIC_SIZE, found, sizeof(found)) != OB_OK) {
        return false;
    }
    make_magic(align, good);
    *out = memcmp(found, good, sizeof(good)) == 0                       ? OB_MAGIC_GOOD
           : ob_filled(found, sizeof(found), slot->flash->erased_value) ? OB_MAGIC_UNSET
                                                                        : OB_MAGIC_BAD;
    return true;
}

static bool read_flag(const struct ob_area *slot, uint32_t align, enum field field, enum ob_flag *out)
{
    uint8_t value;

    if (ob_area_read(slot, field_off(slot, align, field), &value, 1) != OB_OK) {
        return false;
    }
    *out = value == SET ? OB_FLAG_SET : value == slot->flash->erased_value ? OB_FLAG_UNSET : OB_FLAG_BAD;
    return true;
}

/* MCUboot's table, first match; copy_done of the secondary is not written by outboard. */
static enum ob_swap swap_type(const struct sim_told *told)
{
    if (told->secondary_magic == OB_MAGIC_GOOD && told->secondary_image_ok == OB_FLAG_UNSET) {
        return OB_SWAP_TEST;
    }
    if (told->secondary_magic == OB_MAGIC_GOOD && told->secondary_image_ok == OB_FLAG_SET) {
        return OB_SWAP_PERMANENT;
    }
    if (told->primary_magic == OB_MAGIC_GOOD && told->primary_image_ok == OB_FLAG_UNSET &&
        told->primary_copy_done == OB_FLAG_SET) {
        return OB_SWAP_REVERT;
    }
    return OB_SWAP_NONE;
}

static bool fields_steady(const struct sim_world *world, enum sim_chip_id chip, const struct ob_area *slot)
{
    uint32_t off = field_off(slot, world->layout.align, SWAP_INFO);

    return sim_chip_steady(&world->machine.chip[chip], slot->start + off, slot->size - off);
}

bool sim_client_told(const struct sim_world *world, struct sim_told *out)
{
    const struct ob_area *primary = &world->slots[0].primary;
    const struct ob_area *secondary = &world->slots[0].secondary[0];
    uint32_t align = world->layout.align;

    *out = (struct sim_told){.steady = fields_steady(world, SIM_INTERNAL, primary) &&
                                       fields_steady(world, SIM_EXTERNAL, secondary)};
    bool read = read_magic(primary, align, &out->primary_magic) &&
                read_flag(primary, align, IMAGE_OK, &out->primary_image_ok) &&
                read_flag(primary, align, COPY_DONE, &out->primary_copy_done) &&
                read_magic(secondary, align, &out->secondary_magic) &&
                read_flag(secondary, align, IMAGE_OK, &out->secondary_image_ok);
    out->swap = swap_type(out);
    out->confirmed = out->primary_magic == OB_MAGIC_UNSET || out->primary_image_ok == OB_FLAG_SET;
    return read;
}

/* ---- the list ---- */

static bool read_tlvs(const struct ob_area *slot, uint32_t at, uint8_t tlvs[TLV_MAX], uint32_t *len)
{
    uint8_t head[OB_TLV_HEAD_SIZE];

    *len = 0;
    if (at > slot->size - sizeof(head)) {
        return true;
    }
    if (ob_area_read(slot, at, head, sizeof(head)) != OB_OK) {
        return false;
    }
    uint32_t size = ob_get_le16(head + 2);
    if (ob_get_le16(head) != OB_TLV_MAGIC || size > TLV_MAX || size < sizeof(head) || size > slot->size - at) {
        return true;
    }
    *len = size;
    return ob_area_read(slot, at, tlvs, size) == OB_OK;
}

static const uint8_t *find_hash(const uint8_t *tlvs, uint32_t len)
{
    for (uint32_t at = OB_TLV_HEAD_SIZE; len >= OB_TLV_ENTRY_SIZE && at <= len - OB_TLV_ENTRY_SIZE;) {
        uint32_t size = ob_get_le16(tlvs + at + 2);
        if (size > len - OB_TLV_ENTRY_SIZE - at) {
            break;
        }
        if (ob_get_le16(tlvs + at) == OB_TLV_SHA256 && size == OB_DIGEST_SIZE) {
            return tlvs + at + OB_TLV_ENTRY_SIZE;
        }
        at += OB_TLV_ENTRY_SIZE + size;
    }
    return NULL;
}

static bool hash_of(const struct ob_area *slot, uint32_t at, uint32_t len, uint8_t digest[OB_DIGEST_SIZE])
{
    struct ob_sha256 sha;
    uint8_t part[256];

    ob_sha256_start(&sha);
    for (uint32_t done = 0; done < len;) {
        uint32_t size = OB_MIN(len - done, (uint32_t)sizeof(part));
        if (ob_area_read(slot, at + done, part, size) != OB_OK) {
            return false;
        }
        ob_sha256_add(&sha, part, size);
        done += size;
    }
    ob_sha256_finish(&sha, digest);
    return true;
}

bool sim_client_list(const struct sim_world *world, uint32_t at, struct sim_listed *out)
{
    const struct ob_area *slot = &world->slots[0].secondary[0];
    uint8_t header[HEADER_SIZE];
    uint8_t tlvs[TLV_MAX];
    uint8_t digest[OB_DIGEST_SIZE];
    uint32_t tlvs_len;

    *out = (struct sim_listed){.found = false};
    if (ob_area_read(slot, at, header, sizeof(header)) != OB_OK) {
        return false;
    }
    uint64_t hashed = (uint64_t)ob_get_le16(header + 8) + ob_get_le32(header + 12) + ob_get_le16(header + 10);
    if (ob_get_le32(header) != HEADER_MAGIC || hashed > slot->size - at) {
        return true;
    }
    if (!read_tlvs(slot, at + (uint32_t)hashed, tlvs, &tlvs_len)) {
        return false;
    }
    const uint8_t *hash = find_hash(tlvs, tlvs_len);
    if (hash == NULL) {
        return true;
    }
    out->found = true;
    memcpy(out->hash, hash, OB_DIGEST_SIZE);
    if (!hash_of(slot, at, (uint32_t)hashed, digest)) {
        return false;
    }
    out->whole = memcmp(digest, hash, OB_DIGEST_SIZE) == 0 &&
                 sim_chip_steady(&world->machine.chip[SIM_EXTERNAL], slot->start + at, (uint32_t)hashed + tlvs_len);
    return true;
}

/* ---- calls ---- */

static bool write_flag(const struct ob_area *slot, uint32_t align, enum field field, uint8_t value)
{
    return ob_area_write(slot, field_off(slot, align, field), &value, 1) == OB_OK;
}

uint32_t sim_client_fields(uint32_t align, bool permanent, uint8_t swap_info, uint8_t *out)
{
    uint32_t len = OB_MAX(OB_MAGIC_SIZE, align) + SWAP_INFO * align;

    memset(out, 0xff, len);
    out[0] = swap_info;
    if (permanent) {
        out[(SWAP_INFO - IMAGE_OK) * align] = SET;
    }
    make_magic(align, out + len - OB_MAGIC_SIZE);
    return len;
}

enum sim_answer sim_client_request(const struct sim_world *world, bool permanent)
{
    const struct ob_area *slot = &world->slots[0].secondary[0];
    uint32_t align = world->layout.align;
    uint8_t good[OB_MAGIC_SIZE];
    enum ob_magic magic;

    if (!read_magic(slot, align, &magic)) {
        return SIM_ANSWER_FAULT;
    }
    if (magic != OB_MAGIC_UNSET) {
        return magic == OB_MAGIC_GOOD ? SIM_ANSWER_NOTHING : SIM_ANSWER_BAD;
    }
    make_magic(align, good);
    bool written = ob_area_write(slot, slot->size - OB_MAGIC_SIZE, good, sizeof(good)) == OB_OK &&
                   (!permanent || write_flag(slot, align, IMAGE_OK, SET)) &&
                   write_flag(slot, align, SWAP_INFO, permanent ? OB_SWAP_PERMANENT : OB_SWAP_TEST);
    return written ? SIM_ANSWER_DONE : SIM_ANSWER_FAULT;
}

enum sim_answer sim_client_confirm(const struct sim_world *world)
{
    const struct ob_area *slot = &world->slots[0].primary;
    uint32_t align = world->layout.align;
    enum ob_magic magic;
    enum ob_flag image_ok;

    if (!read_magic(slot, align, &magic) || !read_flag(slot, align, IMAGE_OK, &image_ok)) {
        return SIM_ANSWER_FAULT;
    }
    if (magic == OB_MAGIC_BAD) {
        return SIM_ANSWER_BAD;
    }
    if (magic == OB_MAGIC_UNSET || image_ok != OB_FLAG_UNSET) {
        return SIM_ANSWER_NOTHING;
    }
    return write_flag(slot, align, IMAGE_OK, SET) ? SIM_ANSWER_DONE : SIM_ANSWER_FAULT;
}
