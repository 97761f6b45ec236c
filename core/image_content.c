/* SPDX-License-Identifier: Apache-2.0 */
/* What is hashed: payload and protected TLVs. */
#include <string.h>

#include "image_parts.h"

#define UUID_SIZE 16u

struct dependency { /* as it is stored */
    uint8_t image;
    uint8_t unused[3];
    struct ob_version version;
};

_Static_assert(sizeof(struct dependency) == 12, "a dependency is read as it is");

static enum ob_err take_dependency(struct ob_reader *reader, struct ob_image *image)
{
    struct dependency dependency;
    enum ob_err err = ob_reader_take(reader, &dependency, sizeof(dependency));
    if (err == OB_OK && dependency.image < OB_IMAGES_MAX) {
        struct ob_version *needs = &image->needs[dependency.image];
        *needs = ob_version_is_older(needs, &dependency.version) ? dependency.version : *needs;
    } else if (err == OB_OK) {
        image->needs_unknown = true;
    }
    return err;
}

static enum ob_err take_counter(struct ob_reader *reader, struct ob_image *image)
{
    image->has_counter = true;
    return ob_reader_take(reader, &image->counter, sizeof(image->counter));
}

static enum ob_err take_uuid(struct ob_reader *reader, const uint8_t *expected, bool *is_expected)
{
    uint8_t uuid[UUID_SIZE];
    enum ob_err err = ob_reader_take(reader, uuid, sizeof(uuid));
    *is_expected = err == OB_OK && expected != NULL && ob_equal(uuid, expected, sizeof(uuid));
    return err;
}

/* Of a length that its type does not have, what is decided on it would be undefined. */
static uint32_t protected_len(uint16_t type, uint32_t len)
{
    switch (type) {
    case OB_TLV_DEPENDENCY:
        return sizeof(struct dependency);
    case OB_TLV_SEC_CNT:
        return sizeof(uint32_t);
    case OB_TLV_UUID_VID:
    case OB_TLV_UUID_CID:
        return UUID_SIZE;
    default:
        return len;
    }
}

/* What would prove something by itself belongs into the other area. */
static enum ob_err take_protected(struct ob_reader *reader, struct ob_content *content)
{
    struct ob_tlv entry;
    enum ob_err err = ob_reader_take(reader, &entry, sizeof(entry));
    if (err == OB_OK && (ob_tlv_is_claim(entry.type) || entry.len != protected_len(entry.type, entry.len))) {
        err = OB_ERR_FORMAT;
    }
    if (err != OB_OK) {
        return err;
    }
    switch (entry.type) {
    case OB_TLV_DEPENDENCY:
        return take_dependency(reader, content->image);
    case OB_TLV_SEC_CNT:
        return take_counter(reader, content->image);
    case OB_TLV_UUID_VID:
        return take_uuid(reader, content->keys->vendor, &content->is_vendor);
    case OB_TLV_UUID_CID:
        return take_uuid(reader, content->keys->class, &content->is_class);
    default:
        return ob_reader_pass(reader, entry.len);
    }
}

/* The protected TLVs: all that is left up to `end`, which the header stated. */
static enum ob_err read_protected(struct ob_reader *reader, struct ob_content *content)
{
    uint32_t size;
    enum ob_err err = ob_tlvs_enter(reader, OB_TLV_PROTECTED_MAGIC, &size);
    if (err == OB_OK && size != reader->end - reader->pos) {
        err = OB_ERR_FORMAT;
    }
    while (err == OB_OK && reader->pos < reader->end) {
        err = take_protected(reader, content);
    }
    return err;
}

/* Stack pointer and reset vector, then the rest of the payload. Never on the stack: a return address that is popped
 * from the wrong place would be the image's own entry. */
static enum ob_err read_payload(struct ob_reader *reader, struct ob_image *image)
{
    const uint32_t vectors_size = sizeof(image->stack) + sizeof(image->entry);

    if (image->payload_size < vectors_size) {
        return ob_reader_pass(reader, image->payload_size);
    }
    enum ob_err err = ob_reader_take(reader, &image->stack, sizeof(image->stack));
    if (err == OB_OK) {
        err = ob_reader_take(reader, &image->entry, sizeof(image->entry));
    }
    return err == OB_OK ? ob_reader_pass(reader, image->payload_size - vectors_size) : err;
}

enum ob_err ob_content_read(struct ob_reader *reader, struct ob_content *content)
{
    struct ob_image *image = content->image;
    reader->pos = OB_IMAGE_HEADER_SIZE;
    reader->end = image->hashed_size;
    enum ob_err err = ob_reader_pass(reader, image->header_size - OB_IMAGE_HEADER_SIZE);
    if (err == OB_OK) {
        err = read_payload(reader, image);
    }
    if (err == OB_OK && reader->pos < reader->end) {
        err = read_protected(reader, content);
    }
    return err;
}

/* A pure signature is over its own first half, the key and the image, as RFC 8032 has it. */
static void start_hash(struct ob_reader *reader, const struct ob_claims *claims, const struct ob_header *header)
{
    const struct ob_signature *type = OB_KEYS_TYPE(claims->keys);

    ob_hash_of(claims->keys)->start(reader->state);
    if (type->pure && claims->signer != NULL) {
        ob_hash_of(claims->keys)->add(reader->state, claims->signature, OB_DIGEST_SIZE);
        ob_hash_of(claims->keys)->add(reader->state, claims->signer->data, OB_DIGEST_SIZE);
    }
    ob_hash_of(claims->keys)->add(reader->state, header, sizeof(*header));
}

/* Inlined its state would lie on the stack for as long as the signature is looked at, where the stack is deepest. */
__attribute__((noinline)) enum ob_err ob_content_hash(const struct ob_area *area, const struct ob_claims *claims,
                                                      const struct ob_hooks *hooks, const struct ob_header *header,
                                                      struct ob_content *content, uint8_t *digest)
{
    union ob_hash_state state;
    struct ob_reader reader = {.area = area, .keys = claims->keys, .state = &state, .cipher = content->cipher};

    if (OB_ENABLED(CONFIG_BOOT_WATCHDOG_FEED)) {
        reader.hooks = hooks;
    }
    start_hash(&reader, claims, header);
    enum ob_err err = ob_content_read(&reader, content);
    if (err == OB_OK) {
        ob_hash_of(claims->keys)->finish(&state, digest);
        memcpy(content->image->digest, digest, OB_DIGEST_SIZE);
    }
    return err;
}
