/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/boot_info.h>

#include <string.h>

#include <outboard/util.h>

#define MAGIC 0x2016u
#define HEAD_SIZE 4u
#define MAJOR 0x2000u /* of the types: boot information */

enum {
    TYPE_MODE = MAJOR,
    TYPE_SIGNATURE,
    TYPE_RECOVERY,
    TYPE_SLOT,
    TYPE_VERSION,
    TYPE_SIZE_MAX,               /* and following: of each image */
    TYPE_COUNTER = MAJOR | 0x10, /* and following */
};

_Static_assert(TYPE_SIZE_MAX + OB_IMAGES_MAX <= TYPE_COUNTER, "the types of two facts do not meet");
_Static_assert(sizeof(struct ob_version) == 8, "a version is stored as it is");

/* ---- writing ---- */

struct writer {
    uint8_t *out;
    uint32_t size;
    uint32_t at; /* beyond size: there was no room */
};

static void put(struct writer *writer, uint16_t type, const void *data, uint16_t len)
{
    uint32_t all = HEAD_SIZE + len;

    if (writer->at <= writer->size && all <= writer->size - writer->at) {
        ob_put_le16(writer->out + writer->at, type);
        ob_put_le16(writer->out + writer->at + 2, len);
        memcpy(writer->out + writer->at + HEAD_SIZE, data, len);
    }
    writer->at += all;
}

static void put_images(struct writer *writer, uint16_t type, const uint32_t *values, uint32_t count)
{
    for (uint32_t image = 0; image < count; image++) {
        uint8_t stored[4];
        ob_put_le32(stored, values[image]);
        put(writer, (uint16_t)(type + image), stored, sizeof(stored));
    }
}

uint32_t ob_boot_info_encode(const struct ob_boot_info *info, uint8_t *out, uint32_t size)
{
    struct writer writer = {out, size, HEAD_SIZE};

    put(&writer, TYPE_MODE, &info->mode, 1);
    if (info->signature != OB_INFO_SIGNATURE_UNSAID) {
        put(&writer, TYPE_SIGNATURE, &info->signature, 1);
    }
    put(&writer, TYPE_RECOVERY, &info->recovery, 1);
    put(&writer, TYPE_SLOT, &info->slot, 1);
    put(&writer, TYPE_VERSION, &info->version, sizeof(info->version));
    put_images(&writer, TYPE_SIZE_MAX, info->size_max, info->image_count);
    put_images(&writer, TYPE_COUNTER, info->counter, info->counts ? info->image_count : 0);
    if (writer.at > size) {
        return 0;
    }
    ob_put_le16(out, MAGIC); /* last: what was there before does not count with half of this behind it */
    ob_put_le16(out + 2, (uint16_t)writer.at);
    return writer.at;
}

/* ---- reading ---- */

static void take_image(const uint8_t *data, uint32_t image, uint32_t *values, uint32_t *count)
{
    if (image < OB_IMAGES_MAX) {
        values[image] = ob_get_le32(data);
        *count = OB_MAX(*count, image + 1);
    }
}

/* Of types and lengths that are not known here nothing is taken. */
static void take(uint16_t type, const uint8_t *data, uint16_t len, struct ob_boot_info *out)
{
    uint8_t *const bytes[] = {&out->mode, &out->signature, &out->recovery, &out->slot};
    uint32_t counters = 0;

    if (type >= TYPE_MODE && type - TYPE_MODE < (int)OB_ARRAY_SIZE(bytes) && len == 1) {
        *bytes[type - TYPE_MODE] = data[0];
    } else if (type == TYPE_VERSION && len == sizeof(out->version)) {
        memcpy(&out->version, data, sizeof(out->version));
    } else if (type >= TYPE_SIZE_MAX && type < TYPE_COUNTER && len == 4) {
        take_image(data, type - (uint32_t)TYPE_SIZE_MAX, out->size_max, &out->image_count);
    } else if (type >= TYPE_COUNTER && type < TYPE_COUNTER + 0x10 && len == 4) {
        take_image(data, type - (uint32_t)TYPE_COUNTER, out->counter, &counters);
        out->counts = true;
    }
}

enum ob_err ob_boot_info_decode(const uint8_t *bytes, uint32_t size, struct ob_boot_info *out)
{
    struct ob_boot_info info = {.signature = OB_INFO_SIGNATURE_UNSAID};

    if (size < HEAD_SIZE || ob_get_le16(bytes) != MAGIC) {
        return OB_ERR_EMPTY;
    }
    const uint32_t end = ob_get_le16(bytes + 2);
    uint32_t at = HEAD_SIZE;
    if (end < HEAD_SIZE || end > size) {
        return OB_ERR_FORMAT;
    }
    //@ split end;
    //@ dynamic_split at;
    while (at < end) {
        const uint16_t len = end - at < HEAD_SIZE ? UINT16_MAX : ob_get_le16(bytes + at + 2);
        if (HEAD_SIZE + len > end - at) {
            return OB_ERR_FORMAT;
        }
        take(ob_get_le16(bytes + at), bytes + at + HEAD_SIZE, len, &info);
        at += HEAD_SIZE + len;
    }
    *out = info;
    return OB_OK;
}
