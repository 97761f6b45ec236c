/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/image.h>

#include <outboard/digest.h>
#include <outboard/tlv.h>
#include <outboard/upgrade.h>
#include <outboard/util.h>

/* MCUboot's limit. The longest P-256 signature has 72 bytes; imgtool --pad-sig appends zeros. */
#define SIGNATURE_MAX 128u

/* An image read once, front to back: external flash may answer differently the second time. */
struct reader {
    const struct ob_area *area;
    uint32_t pos;          /* next byte to read */
    uint32_t end;          /* nothing at or behind it is read; never below pos */
    struct ob_sha256 *sha; /* takes every byte up to the end of the hashed part; NULL: nothing is hashed */
    const struct ob_hooks *hooks;
};

/* The first bytes of an image, and the heads of TLV areas and entries, exactly as they are stored: little endian. */
struct header {
    uint32_t magic;
    uint32_t load_address;
    uint16_t header_size;
    uint16_t protected_size;
    uint32_t payload_size;
    uint32_t flags;
    struct ob_version version;
    uint32_t padding;
};

struct area_head {
    uint16_t magic;
    uint16_t size; /* with the head */
};

_Static_assert(sizeof(struct header) == OB_IMAGE_HEADER_SIZE, "an image header is read as it is");
_Static_assert(sizeof(struct area_head) == OB_TLV_HEAD_SIZE, "a TLV area's head is read as it is");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "images are little endian");

struct entry {
    uint16_t type;
    uint16_t len; /* bytes of data that follow, as the entry states it */
};

/* What the unprotected TLVs have proved so far. */
struct proof {
    const struct ob_keys *keys;
    const uint8_t *digest;    /* of this image, computed */
    const struct ob_key *key; /* named by the last KEYHASH, used up by the next signature; NULL: none */
    bool digest_matched;
    uint32_t checked;          /* signatures, matching or not */
    enum ob_verdict signature; /* of the last one that was checked */
    enum ob_err why_not;       /* says why signature is not accepted */
};

static enum ob_err take(struct reader *reader, void *dst, uint32_t len)
{
    if (len > reader->end - reader->pos) {
        return OB_ERR_FORMAT;
    }
    enum ob_err err = ob_area_read(reader->area, reader->pos, dst, len);
    if (err == OB_OK) {
        reader->pos += len;
        if (reader->sha != NULL) {
            ob_sha256_add(reader->sha, dst, len);
        }
    }
    return err;
}

/* Pass over bytes that only the digest looks at. */
static enum ob_err pass(struct reader *reader, uint32_t len)
{
    uint8_t chunk[256];
    enum ob_err err = OB_OK;
    if (len > reader->end - reader->pos) {
        return OB_ERR_FORMAT;
    }
    if (reader->sha == NULL) {
        reader->pos += len;
        return OB_OK;
    }
    while (err == OB_OK && len > 0) {
        uint32_t part = OB_MIN(len, (uint32_t)sizeof(chunk));
        err = take(reader, chunk, part);
        if (OB_ENABLED(CONFIG_BOOT_WATCHDOG_FEED)) {
            ob_feed(reader->hooks);
        }
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

static enum ob_err read_header(struct reader *reader, struct ob_image *image, uint16_t *protected_size)
{
    struct header header;
    uint32_t room = reader->end;
    enum ob_err err = take(reader, &header, sizeof(header));
    if (err != OB_OK) {
        return err;
    }
    if (header.magic != OB_IMAGE_MAGIC) {
        return OB_ERR_EMPTY;
    }
    if (header.header_size < OB_IMAGE_HEADER_SIZE || (header.flags & OB_IMAGE_UNSUPPORTED) != 0) {
        return OB_ERR_FORMAT;
    }
    if (!fits(&room, header.header_size) || !fits(&room, header.payload_size) || !fits(&room, header.protected_size) ||
        room < OB_TLV_HEAD_SIZE) {
        return OB_ERR_SIZE;
    }
    image->version = header.version;
    image->flags = header.flags;
    image->header_size = header.header_size;
    image->payload_size = header.payload_size;
    image->hashed_size = reader->end - room;
    *protected_size = header.protected_size;
    return OB_OK;
}

/* The head of a TLV area. size: bytes of the entries, without the head. */
static enum ob_err read_area_head(struct reader *reader, uint32_t magic, uint32_t *size)
{
    struct area_head head;
    enum ob_err err = take(reader, &head, sizeof(head));
    if (err == OB_OK && (head.magic != magic || head.size < sizeof(head))) {
        err = OB_ERR_FORMAT;
    }
    if (err == OB_OK) {
        *size = head.size - (uint32_t)sizeof(head);
    }
    return err;
}

/* MCUboot's allow list for the area that nothing protects, without what its P-256 builds do not accept either. */
static bool allowed_unprotected(uint16_t type)
{
    switch (type) {
    case OB_TLV_KEYHASH:
    case OB_TLV_PUBKEY:
    case OB_TLV_SHA256:
    case OB_TLV_SHA384:
    case OB_TLV_SHA512:
    case OB_TLV_RSA2048:
    case OB_TLV_ECDSA224:
    case OB_TLV_ECDSA:
    case OB_TLV_RSA3072:
    case OB_TLV_ED25519:
    case OB_TLV_ENC_RSA2048:
    case OB_TLV_ENC_KW:
    case OB_TLV_ENC_EC256:
    case OB_TLV_ENC_X25519:
        return true;
    default:
        return false;
    }
}

/* Nothing in there decides whether to trust the image; what would, belongs into the other area. */
static enum ob_err read_protected(struct reader *reader, uint16_t expected_size)
{
    struct reader entries = *reader;
    struct entry entry;
    uint32_t size;
    enum ob_err err = read_area_head(&entries, OB_TLV_PROTECTED_MAGIC, &size);
    if (err == OB_OK && size + OB_TLV_HEAD_SIZE != expected_size) {
        err = OB_ERR_FORMAT;
    }
    if (err == OB_OK) {
        entries.end = entries.pos + size; /* expected_size was part of what fits */
    }
    while (err == OB_OK && entries.pos < entries.end) {
        err = take(&entries, &entry, sizeof(entry));
        if (err == OB_OK && allowed_unprotected(entry.type)) {
            err = OB_ERR_FORMAT;
        }
        if (err == OB_OK) {
            err = pass(&entries, entry.len);
        }
    }
    reader->pos = entries.pos;
    return err;
}

/* Everything up to the first unprotected entry. Leaves the reader there, ending where the image ends. */
static enum ob_err read_layout(struct reader *reader, struct ob_image *image)
{
    uint16_t protected_size;
    uint32_t entries_size;
    enum ob_err err = read_header(reader, image, &protected_size);
    if (err == OB_OK) {
        err = pass(reader, image->header_size - OB_IMAGE_HEADER_SIZE);
    }
    if (err == OB_OK) {
        err = pass(reader, image->payload_size);
    }
    if (err == OB_OK && protected_size > 0) {
        err = read_protected(reader, protected_size);
    }
    reader->sha = NULL;
    if (err == OB_OK) {
        err = read_area_head(reader, OB_TLV_MAGIC, &entries_size);
    }
    if (err == OB_OK && entries_size > reader->end - reader->pos) {
        err = OB_ERR_SIZE;
    }
    if (err == OB_OK) {
        reader->end = reader->pos + entries_size;
        image->size = reader->end;
    }
    return err;
}

static enum ob_err check_digest(struct reader *reader, uint16_t len, struct proof *proof)
{
    uint8_t stated[OB_DIGEST_SIZE];
    if (len != sizeof(stated)) {
        return OB_ERR_FORMAT;
    }
    enum ob_err err = take(reader, stated, sizeof(stated));
    if (err == OB_OK && !ob_equal(stated, proof->digest, sizeof(stated))) {
        err = OB_ERR_DIGEST;
    }
    proof->digest_matched = err == OB_OK;
    return err;
}

static enum ob_err select_key(struct reader *reader, uint16_t len, struct proof *proof)
{
    uint8_t hash[OB_DIGEST_SIZE];
    if (len != sizeof(hash)) {
        return OB_ERR_FORMAT;
    }
    proof->key = NULL;
    enum ob_err err = take(reader, hash, sizeof(hash));
    for (uint32_t i = 0; err == OB_OK && proof->key == NULL && i < proof->keys->count; i++) {
        if (ob_equal(hash, proof->keys->key[i].hash, sizeof(hash))) {
            proof->key = &proof->keys->key[i];
        }
    }
    return err;
}

static enum ob_err check_signature(struct reader *reader, uint16_t len, struct proof *proof)
{
    uint8_t der[SIGNATURE_MAX];
    uint8_t signature[OB_P256_SIGNATURE_SIZE];
    const struct ob_key *key = proof->key;
    if (key == NULL) {
        return pass(reader, len); /* of a key that this device does not know */
    }
    if (len > sizeof(der) || proof->checked == proof->keys->count) {
        return OB_ERR_FORMAT; /* one signature per key: hundreds would keep the device from starting what it has */
    }
    enum ob_err err = take(reader, der, len);
    if (err == OB_OK) {
        proof->key = NULL;
        proof->checked++;
        proof->signature = OB_VERDICT_REJECTED;
        proof->why_not = OB_ERR_AUTH;
        if (ob_p256_signature_from_der(der, len, signature)) {
            proof->signature = ob_p256_verify(key->point, proof->digest, signature);
        }
    }
    return err;
}

static enum ob_err check_entry(struct reader *reader, struct proof *proof)
{
    struct entry entry;
    enum ob_err err = take(reader, &entry, sizeof(entry));
    if (err != OB_OK) {
        return err;
    }
    switch (entry.type) {
    case OB_TLV_SHA256:
        return check_digest(reader, entry.len, proof);
    case OB_TLV_KEYHASH:
        return select_key(reader, entry.len, proof);
    case OB_TLV_ECDSA:
        return check_signature(reader, entry.len, proof);
    default:
        return allowed_unprotected(entry.type) ? pass(reader, entry.len) : OB_ERR_FORMAT;
    }
}

/* OB_OK and proof->signature together accept the image. */
static enum ob_err check_entries(struct reader *reader, struct proof *proof)
{
    enum ob_err err = OB_OK;
    while (err == OB_OK && reader->pos < reader->end) {
        err = check_entry(reader, proof);
    }
    if (err == OB_OK && !proof->digest_matched) {
        err = OB_ERR_FORMAT;
    }
    if (err == OB_OK && proof->signature != OB_VERDICT_ACCEPTED) {
        err = proof->why_not;
    }
    return err;
}

static struct reader start_reader(const struct ob_area *area, uint32_t max_size, struct ob_sha256 *sha)
{
    return (struct reader){.area = area, .end = OB_MIN(max_size, area->size), .sha = sha};
}

enum ob_err ob_image_parse(const struct ob_area *area, uint32_t max_size, struct ob_image *out)
{
    struct reader reader = start_reader(area, max_size, NULL);
    struct ob_image image = {0};
    enum ob_err err = read_layout(&reader, &image);
    if (err == OB_OK) {
        *out = image;
    }
    return err;
}

enum ob_verdict ob_image_verify(const struct ob_area *area, uint32_t max_size, const struct ob_keys *keys,
                                const struct ob_hooks *hooks, struct ob_image *out, enum ob_err *why)
{
    struct ob_sha256 sha;
    struct reader reader = start_reader(area, max_size, &sha);
    struct ob_image image = {0};
    struct proof proof = {
        .keys = keys,
        .digest = image.digest,
        .signature = OB_VERDICT_REJECTED,
        .why_not = OB_ERR_KEY,
    };
    if (OB_ENABLED(CONFIG_BOOT_WATCHDOG_FEED)) {
        reader.hooks = hooks;
    }
    ob_sha256_start(&sha);
    *why = read_layout(&reader, &image);
    if (*why != OB_OK) {
        return OB_VERDICT_REJECTED;
    }
    ob_sha256_finish(&sha, image.digest);
    *out = image;
    *why = check_entries(&reader, &proof);
    return *why == OB_OK ? proof.signature : OB_VERDICT_REJECTED;
}
