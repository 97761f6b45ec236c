/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of an image, once, front to back; its header, and the heads of its TLVs. */
#include "image_parts.h"

/* Bytes that are hashed between two feeds of the watchdog, where flash is read as memory. */
#define MAPPED_CHUNK 4096u

struct area_head {
    uint16_t magic;
    uint16_t size; /* with the head */
};

_Static_assert(sizeof(struct area_head) == OB_TLV_HEAD_SIZE, "the head of an area of TLVs is read as it is");

enum ob_err ob_reader_take(struct ob_reader *reader, void *dst, uint32_t len)
{
    if (len > reader->end - reader->pos) {
        return OB_ERR_FORMAT;
    }
    enum ob_err err = ob_area_read(reader->area, reader->pos, dst, len);
    if (err == OB_OK && OB_ENCRYPTS && reader->cipher != NULL) {
        ob_cipher_apply(reader->cipher, reader->pos, dst, len);
    }
    if (err == OB_OK) {
        reader->pos += len;
        if (reader->state != NULL) {
            ob_hash_of(reader->keys)->add(reader->state, dst, len);
        }
    }
    return err;
}

static void feed(const struct ob_reader *reader)
{
    if (OB_ENABLED(CONFIG_BOOT_WATCHDOG_FEED)) {
        ob_feed(reader->hooks);
    }
}

/* Hash bytes that nothing else looks at, where they are: flash that the CPU reads as memory need not be copied. */
static void pass_mapped(struct ob_reader *reader, const uint8_t *bytes, uint32_t len)
{
    while (len > 0) {
        uint32_t part = OB_MIN(len, MAPPED_CHUNK);
        ob_hash_of(reader->keys)->add(reader->state, bytes, part);
        feed(reader);
        reader->pos += part;
        bytes += part;
        len -= part;
    }
}

enum ob_err ob_reader_pass(struct ob_reader *reader, uint32_t len)
{
    uint8_t chunk[256];
    enum ob_err err = OB_OK;
    if (len > reader->end - reader->pos) {
        return OB_ERR_FORMAT;
    }
    if (reader->state == NULL) {
        reader->pos += len;
        return OB_OK;
    }
    const uint8_t *mapped = ob_area_mapped(reader->area, reader->pos, len);
    if (mapped != NULL && (!OB_ENCRYPTS || reader->cipher == NULL)) {
        pass_mapped(reader, mapped, len);
        return OB_OK;
    }
    while (err == OB_OK && len > 0) {
        uint32_t part = OB_MIN(len, (uint32_t)sizeof(chunk));
        err = ob_reader_take(reader, chunk, part);
        feed(reader);
        len -= part;
    }
    return err;
}

/* Take a part out of the room that is left. Subtracts: the sum of an image's lengths could wrap. */
static bool fits(uint32_t *room, uint32_t len)
{
    if (len > *room) {
        return false;
    }
    *room -= len;
    return true;
}

static uint16_t swap16(uint16_t value)
{
    return (uint16_t)(value << 8 | value >> 8);
}

/* imgtool -e big: for CPUs that this is not made for. The magic tells them apart from an empty slot. */
static void describe_big_endian(const struct ob_header *header, struct ob_image *image)
{
    image->kind = OB_KIND_BIG_ENDIAN;
    image->version = header->version;
    image->version.revision = swap16(header->version.revision);
    image->version.build =
        (uint32_t)swap16((uint16_t)header->version.build) << 16 | swap16((uint16_t)(header->version.build >> 16));
}

/* Kinds of images that could only be run wrongly. OB_KIND_UNKNOWN: none of them. */
static enum ob_image_kind kind_of_flags(uint32_t flags)
{
    if ((flags & OB_IMAGE_ENCRYPTED) == OB_IMAGE_ENCRYPTED || (!OB_ENCRYPTS && (flags & OB_IMAGE_ENCRYPTED) != 0)) {
        return OB_KIND_ENCRYPTED; /* in two ways at once, or for who can decrypt */
    }
    if ((flags & OB_IMAGE_COMPRESSED) != 0) {
        return OB_KIND_COMPRESSED;
    }
    if ((flags & OB_IMAGE_NON_BOOTABLE) != 0) {
        return OB_KIND_NON_BOOTABLE;
    }
    return (flags & OB_IMAGE_RAM_LOAD) != 0 ? OB_KIND_RAM_LOAD : OB_KIND_UNKNOWN;
}

/* Everything that the header says, and whether header, payload and protected TLVs have room. */
static enum ob_err check_header(const struct ob_header *header, uint32_t room, struct ob_image *image)
{
    const uint32_t all = room;

    if (header->magic == OB_IMAGE_MAGIC_BIG) {
        describe_big_endian(header, image);
        return OB_ERR_KIND;
    }
    if (header->magic != OB_IMAGE_MAGIC) {
        return OB_ERR_EMPTY;
    }
    image->kind = kind_of_flags(header->flags);
    image->version = header->version;
    image->flags = header->flags;
    image->load_address = header->load_address;
    image->header_size = header->header_size;
    image->payload_size = header->payload_size;
    if (image->kind != OB_KIND_UNKNOWN) {
        return OB_ERR_KIND;
    }
    if (header->header_size < OB_IMAGE_HEADER_SIZE) {
        return OB_ERR_FORMAT;
    }
    if (!fits(&room, header->header_size) || !fits(&room, header->payload_size) ||
        !fits(&room, header->protected_size) || room < OB_TLV_HEAD_SIZE) {
        return OB_ERR_SIZE;
    }
    image->hashed_size = all - room;
    return OB_OK;
}

enum ob_err ob_header_read(struct ob_reader *reader, struct ob_header *header, struct ob_image *image)
{
    enum ob_err err = ob_reader_take(reader, header, sizeof(*header));
    return err == OB_OK ? check_header(header, reader->end, image) : err;
}

enum ob_err ob_tlvs_enter(struct ob_reader *reader, uint32_t magic, uint32_t *size)
{
    struct area_head head;
    enum ob_err err = ob_reader_take(reader, &head, sizeof(head));
    if (err == OB_OK && (head.magic != magic || head.size < sizeof(head))) {
        err = OB_ERR_FORMAT;
    }
    if (err == OB_OK) {
        *size = head.size - (uint32_t)sizeof(head);
    }
    return err;
}
