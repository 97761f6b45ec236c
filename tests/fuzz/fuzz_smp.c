/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever a client, or somebody on its line, may send. The first byte of the input chooses: the rest is a stream of
 * bytes in one of the two framings, a request, or a script for requests that are nearly right. An answer must be whole
 * and answer its request; a store of images must only be asked for what an upload may do, in order and within its
 * length.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <outboard/smp.h>
#include <outboard/util.h>

#define BUFFER_SIZE 300u
#define ANSWER_SIZE 400u
#define SLOT_SIZE 4096u
#define WRITE_UNIT 4u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

/* A store that takes what is announced, and aborts on anything else. */
struct upload {
    uint32_t size;
    uint32_t written;
    bool ended;
};

static struct upload upload;

static enum ob_smp_rc store_read(void *ctx, uint32_t image, uint32_t slot, struct ob_smp_slot *out)
{
    (void)ctx;
    require(image < 2 && slot < OB_SMP_SLOTS);
    *out = (struct ob_smp_slot){.version = {255, 255, 65535, UINT32_MAX}, .active = slot == 0};
    memset(out->hash, (int)(image * OB_SMP_SLOTS + slot), sizeof(out->hash));
    return image == 1 && slot == 1 ? OB_SMP_NOENT : OB_SMP_OK;
}

static enum ob_smp_rc store_request(void *ctx, const uint8_t hash[OB_DIGEST_SIZE], bool permanent, const char **reason)
{
    (void)ctx;
    *reason = "no";
    return hash[OB_DIGEST_SIZE - 1] == (permanent ? 1 : 2) ? OB_SMP_OK : OB_SMP_NOENT;
}

static enum ob_smp_rc store_confirm(void *ctx, const char **reason)
{
    (void)ctx;
    (void)reason;
    return OB_SMP_OK;
}

static enum ob_smp_rc store_begin(void *ctx, uint32_t target, uint32_t size, const uint8_t *header, bool upgrade_only,
                                  const char **reason)
{
    uint8_t copy[OB_IMAGE_HEADER_SIZE];

    (void)ctx;
    require(target < 2);
    memcpy(copy, header, sizeof(copy)); /* all of it is there */
    if (size > SLOT_SIZE || upgrade_only) {
        *reason = "no";
        return OB_SMP_INVALID;
    }
    upload = (struct upload){.size = size};
    return OB_SMP_OK;
}

static enum ob_err store_write(void *ctx, const uint8_t *data, uint32_t len)
{
    static uint8_t slot[SLOT_SIZE];

    (void)ctx;
    require(!upload.ended && len <= upload.size - upload.written && upload.written % WRITE_UNIT == 0);
    require(len % WRITE_UNIT == 0 || upload.written + len == upload.size);
    memcpy(slot + upload.written, data, len);
    upload.written += len;
    return OB_OK;
}

static uint32_t store_unit(void *ctx)
{
    (void)ctx;
    return WRITE_UNIT;
}

static enum ob_smp_rc store_end(void *ctx, const char **reason)
{
    (void)ctx;
    (void)reason;
    require(!upload.ended && upload.written == upload.size);
    upload.ended = true;
    return OB_SMP_OK;
}

static enum ob_smp_rc store_erase(void *ctx, uint32_t slot, const char **reason)
{
    (void)ctx;
    *reason = "no";
    return slot == 1 ? OB_SMP_OK : OB_SMP_INVALID;
}

static enum ob_smp_rc store_info(void *ctx, uint32_t image, uint32_t slot, uint32_t *size, int *target)
{
    (void)ctx;
    *size = SLOT_SIZE;
    *target = slot == 0 ? -1 : (int)image;
    return OB_SMP_OK;
}

static uint32_t store_capacity(void *ctx, uint32_t image)
{
    (void)ctx;
    return image == 0 ? SLOT_SIZE : 0;
}

static const struct ob_smp_store store = {
    .read = store_read,
    .request = store_request,
    .confirm = store_confirm,
    .begin = store_begin,
    .write = store_write,
    .unit = store_unit,
    .end = store_end,
    .erase = store_erase,
    .info = store_info,
    .capacity = store_capacity,
};

static struct ob_smp_images images;
static struct ob_smp_os os = {.buffer_size = BUFFER_SIZE, .mode = OB_INFO_MODE_SWAP, .no_downgrade = true};
static const struct ob_smp_group groups[] = {
    {OB_SMP_GROUP_OS, ob_smp_os_handle, &os},
    {OB_SMP_GROUP_IMAGE, ob_smp_images_handle, &images},
};
static struct ob_smp smp = {.groups = groups, .group_count = OB_ARRAY_SIZE(groups)};

/* Each from memory of its exact size, so that a sanitizer sees a read or a write past the end. */
static void handle(const uint8_t *request, uint32_t len, uint32_t answer_size)
{
    uint8_t *copy = malloc(len == 0 ? 1 : len);
    uint8_t *answer = malloc(answer_size == 0 ? 1 : answer_size);

    require(copy != NULL && answer != NULL);
    if (len > 0) {
        memcpy(copy, request, len);
    }
    uint32_t size = ob_smp_handle(&smp, copy, len, answer, answer_size);
    require(size <= answer_size);
    if (size > 0) {
        require(len >= OB_SMP_HEADER_SIZE && size > OB_SMP_HEADER_SIZE);
        require(answer[0] == (copy[0] & 0x1f) + 1 && memcmp(answer + 4, copy + 4, 4) == 0);
        require((uint32_t)(answer[2] << 8 | answer[3]) == size - OB_SMP_HEADER_SIZE);
        require(answer[OB_SMP_HEADER_SIZE] == 0xbf && answer[size - 1] == 0xff); /* a map */
    }
    free(copy);
    free(answer);
    require(images.done <= images.size || images.size == 0);
}

static void stream(const uint8_t *data, size_t size, bool raw)
{
    uint8_t *buffer = malloc(BUFFER_SIZE);
    struct ob_smp_framing framing = {.buffer = buffer, .size = BUFFER_SIZE};

    require(buffer != NULL);
    for (size_t i = 0; i < size; i++) {
        const uint8_t *request;
        uint32_t len;
        bool whole = raw ? ob_smp_raw_take(&framing, data[i], &request, &len)
                         : ob_smp_console_take(&framing, data[i], &request, &len);
        if (whole) {
            require(request >= buffer && len <= BUFFER_SIZE && request + len <= buffer + BUFFER_SIZE);
            handle(request, len, ANSWER_SIZE);
        }
    }
    free(buffer);
}

/* Requests that are nearly right: a byte of the script chooses each item of the map. */
struct writer {
    uint8_t bytes[600];
    uint32_t len;
};

static void put(struct writer *writer, const void *data, uint32_t len)
{
    if (len <= sizeof(writer->bytes) - writer->len) {
        memcpy(writer->bytes + writer->len, data, len);
        writer->len += len;
    }
}

static void put_head(struct writer *writer, uint8_t major, uint32_t value)
{
    const uint8_t head[5] = {(uint8_t)(major << 5 | 26), (uint8_t)(value >> 24), (uint8_t)(value >> 16),
                             (uint8_t)(value >> 8), (uint8_t)value};

    put(writer, head, sizeof(head));
}

static void put_key(struct writer *writer, uint8_t choice)
{
    static const char *const keys[] = {"off",     "data", "len",   "image", "sha",       "upgrade", "hash",
                                       "confirm", "slot", "query", "d",     "boot_mode", "other"};
    const char *key = keys[choice % OB_ARRAY_SIZE(keys)];

    put_head(writer, 3, (uint32_t)strlen(key));
    put(writer, key, (uint32_t)strlen(key));
}

static void put_image(struct writer *writer, uint32_t len)
{
    uint8_t image[200] = {0x3d, 0xb8, 0xf3, 0x96};

    put_head(writer, 2, OB_MIN(len, sizeof(image)));
    put(writer, image, OB_MIN(len, (uint32_t)sizeof(image)));
}

static void put_value(struct writer *writer, uint8_t choice, uint8_t argument)
{
    static const uint8_t odd[] = {0x9f, 0xbf, 0xff, 0xc1, 0x7f, 0xf6, 0x1b, 0xa1, 0x81, 0xf4, 0xf5};

    switch (choice % 6) {
    case 0:
        put_head(writer, 0, argument);
        break;
    case 1:
        put_head(writer, 0, argument * 16u);
        break;
    case 2:
        put_image(writer, argument);
        break;
    case 3:
        put_image(writer, OB_DIGEST_SIZE);
        break;
    default:
        put(writer, &odd[argument % OB_ARRAY_SIZE(odd)], 1);
        break;
    }
}

static void script(const uint8_t *data, size_t size)
{
    while (size >= 4) {
        struct writer writer = {.len = OB_SMP_HEADER_SIZE};
        uint32_t pairs = OB_MIN(data[3] % 8u, (uint32_t)(size - 4) / 3);
        put_head(&writer, 5, pairs);
        for (uint32_t i = 0; i < pairs; i++) {
            const uint8_t *pair = data + 4 + 3 * i;
            put_key(&writer, pair[0]);
            put_value(&writer, pair[1], pair[2]);
        }
        const uint32_t payload = writer.len - OB_SMP_HEADER_SIZE;
        const uint8_t header[OB_SMP_HEADER_SIZE] = {
            (uint8_t)((data[0] & 0x1a)), 0, (uint8_t)(payload >> 8), (uint8_t)payload, 0, data[1] % 3, data[0],
            (uint8_t)(data[2] % 9)};
        memcpy(writer.bytes, header, sizeof(header));
        handle(writer.bytes, writer.len, data[0] >= 0xf0 ? data[2] : ANSWER_SIZE);
        data += 4 + 3 * pairs;
        size -= 4 + 3 * pairs;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    images = (struct ob_smp_images){.store = &store, .image_count = 2, .target_count = 2};
    upload = (struct upload){0};
    if (size == 0) {
        return 0;
    }
    switch (data[0] % 8) {
    case 0:
        stream(data + 1, size - 1, false);
        break;
    case 1:
        stream(data + 1, size - 1, true);
        break;
    case 2:
        handle(data + 1, (uint32_t)(size - 1), ANSWER_SIZE);
        break;
    default:
        script(data + 1, size - 1);
        break;
    }
    return 0;
}
