/* SPDX-License-Identifier: Apache-2.0 */
#include "image.h"

#include <string.h>

#include <outboard/tlv.h>
#include <outboard/util.h>

static const char *read_header(const struct image_file *file, struct image_facts *facts)
{
    const uint8_t *header = file->bytes;
    if (file->len < OB_IMAGE_HEADER_SIZE || ob_get_le32(header) != OB_IMAGE_MAGIC) {
        return "is not an image: it does not start with the magic 0x96f3b83d";
    }
    facts->load_address = ob_get_le32(header + 4);
    facts->header_size = ob_get_le16(header + 8);
    facts->protected_size = ob_get_le16(header + 10);
    facts->payload_size = ob_get_le32(header + 12);
    facts->flags = ob_get_le32(header + 16);
    facts->version = (struct ob_version){
        .major = header[20],
        .minor = header[21],
        .revision = ob_get_le16(header + 22),
        .build = ob_get_le32(header + 24),
    };
    return NULL;
}

/* A TLV area with all of its entries. */
static bool check_area(const struct image_file *file, uint32_t area, uint32_t magic, uint32_t *size)
{
    struct image_tlv tlv;
    uint32_t off = 0;
    if (area > file->len || file->len - area < OB_TLV_HEAD_SIZE || ob_get_le16(file->bytes + area) != magic) {
        return false;
    }
    uint32_t total = ob_get_le16(file->bytes + area + 2);
    if (total < OB_TLV_HEAD_SIZE || total > file->len - area) {
        return false;
    }
    while (image_tlv_next(file, area, total, &off, &tlv)) {
    }
    *size = total;
    return off == area + total;
}

bool image_tlv_next(const struct image_file *file, uint32_t area, uint32_t size, uint32_t *off, struct image_tlv *tlv)
{
    if (size < OB_TLV_HEAD_SIZE) {
        return false;
    }
    if (*off == 0) {
        *off = area + OB_TLV_HEAD_SIZE;
    }
    uint32_t left = area + size - *off;
    const uint8_t *entry = file->bytes + *off;
    if (left < OB_TLV_ENTRY_SIZE || ob_get_le16(entry + 2) > left - OB_TLV_ENTRY_SIZE) {
        return false;
    }
    *tlv = (struct image_tlv){ob_get_le16(entry), ob_get_le16(entry + 2), entry + OB_TLV_ENTRY_SIZE};
    *off += OB_TLV_ENTRY_SIZE + tlv->len;
    return true;
}

static const char *read_areas(const struct image_file *file, struct image_facts *facts)
{
    uint32_t size = 0;
    if (facts->header_size < OB_IMAGE_HEADER_SIZE || facts->header_size > file->len ||
        facts->payload_size > file->len - facts->header_size) {
        return "is cut short: header and payload are longer than the file";
    }
    facts->protected_area = facts->header_size + facts->payload_size;
    if (facts->protected_size > 0 &&
        (!check_area(file, facts->protected_area, OB_TLV_PROTECTED_MAGIC, &size) || size != facts->protected_size)) {
        return "its protected TLVs are malformed or cut short";
    }
    facts->unprotected_area = facts->protected_area + facts->protected_size;
    if (!check_area(file, facts->unprotected_area, OB_TLV_MAGIC, &facts->unprotected_size)) {
        return "its TLVs are malformed or cut short";
    }
    facts->size = facts->unprotected_area + facts->unprotected_size;
    return NULL;
}

bool image_tlv_is_digest(const struct image_tlv *tlv, const struct ob_hash *hash)
{
    return tlv->type == hash->tlv && tlv->len == hash->size;
}

static const struct ob_hash *hash_of(const struct image_file *file, const struct image_facts *facts)
{
    static const struct ob_hash *const all[] = {&ob_hash_sha256, &ob_hash_sha384, &ob_hash_sha512};
    struct image_tlv tlv;
    uint32_t off = 0;

    while (image_tlv_next(file, facts->unprotected_area, facts->unprotected_size, &off, &tlv)) {
        for (size_t i = 0; i < OB_ARRAY_SIZE(all); i++) {
            if (image_tlv_is_digest(&tlv, all[i])) {
                return all[i];
            }
        }
    }
    return all[0];
}

static void compute_digest(const struct image_file *file, struct image_facts *facts)
{
    union ob_hash_state state;

    facts->hash = hash_of(file, facts);
    facts->hash->start(&state);
    facts->hash->add(&state, file->bytes, facts->unprotected_area);
    facts->hash->finish(&state, facts->digest);
}

/* Every BOOT_MAX_ALIGN has a magic of its own, so at most one fits. */
static void read_trailer(const struct image_file *file, struct image_facts *facts)
{
    for (uint32_t align = 8; facts->trailer_align == 0 && align <= 32; align *= 2) {
        struct ob_trailer trailer;
        if (ob_trailer_size(align) <= file->len - facts->size &&
            ob_trailer_read(&file->slot, align, &trailer) == OB_OK && trailer.magic == OB_MAGIC_GOOD) {
            facts->trailer_align = align;
            facts->trailer = trailer;
        }
    }
}

const char *image_facts_read(const struct image_file *file, struct image_facts *facts)
{
    *facts = (struct image_facts){0};
    const char *wrong = read_header(file, facts);
    if (wrong == NULL) {
        wrong = read_areas(file, facts);
    }
    if (wrong == NULL) {
        compute_digest(file, facts);
        facts->encrypted = (facts->flags & OB_IMAGE_ENCRYPTED) != 0 && !file->decrypted;
        read_trailer(file, facts);
    }
    return wrong;
}

enum ob_exit image_facts_print(const struct image_file *file, const char *wrong)
{
    const char *cure = image_cure_of(file);

    ob_diag_error(&(struct ob_loc){.file = file->path}, "%s; %s", wrong,
                  cure != NULL ? cure : "sign or download it again");
    return OB_EXIT_FINDING;
}

enum ob_image_kind image_kind_of(const struct image_file *file)
{
    static const struct ob_decryption any = {.wrap = &ob_wrap_ec256, .size = 16};
    static const struct ob_keys none = {.type = &ob_signature_p256, .decryption = &any};
    struct ob_image image;
    enum ob_err why;

    /* Without a key nothing is accepted, but the kind is found out. */
    return ob_image_verify(&file->slot, file->slot.size, OB_FORM_RUNNING, &none, NULL, &image, &why) ==
                   OB_VERDICT_REJECTED
               ? image.kind
               : OB_KIND_NONE;
}
