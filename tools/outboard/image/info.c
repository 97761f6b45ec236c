/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <outboard/tlv.h>
#include <outboard/util.h>

#include "../common/json.h"

enum option_key { KEY_JSON = 0x100, KEY_ENC_KEY };

struct options {
    const char *file;
    const char *enc_key; /* NULL: as it is */
    bool json;
};

#define HEX_SHOWN 32u /* bytes of a TLV that the text shows; --json shows all */

static char *hex(const uint8_t *bytes, size_t len)
{
    char *text = malloc(2 * len + 1);
    if (text != NULL) {
        text[0] = '\0';
        for (size_t i = 0; i < len; i++) {
            snprintf(text + 2 * i, 3, "%02x", bytes[i]);
        }
    }
    return text;
}

static void version_text(const struct ob_version *version, char out[32])
{
    snprintf(out, 32, "%u.%u.%u+%" PRIu32, version->major, version->minor, version->revision, version->build);
}

static const char *flag_text(enum ob_flag flag)
{
    return flag == OB_FLAG_SET ? "set" : flag == OB_FLAG_UNSET ? "unset" : "bad";
}

/* As RFC 9562 writes it. */
static void uuid_text(const uint8_t uuid[16], char *out, size_t size)
{
    size_t at = 0;

    for (unsigned i = 0; i < 16; i++) {
        bool dash = i == 4 || i == 6 || i == 8 || i == 10;
        at += (size_t)snprintf(out + at, size - at, dash ? "-%02x" : "%02x", uuid[i]);
    }
}

/* What the data means, for the types where that is one short fact. */
static void explain(const struct image_tlv *tlv, const struct image_facts *facts, char *out, size_t size)
{
    out[0] = '\0';
    if (image_tlv_is_digest(tlv, facts->hash)) {
        bool same = memcmp(tlv->data, facts->digest, tlv->len) == 0;
        snprintf(out, size, "%s",
                 same               ? "matches the content"
                 : facts->encrypted ? "of the decrypted content: --enc-key compares it"
                                    : "DOES NOT MATCH the content");
    } else if (tlv->type == OB_TLV_KEYHASH && tlv->len == OB_DIGEST_SIZE && image_demo_key_of(tlv->data) != NULL) {
        snprintf(out, size, "%s's public demo key", image_demo_key_of(tlv->data));
    } else if (tlv->type == OB_TLV_SEC_CNT && tlv->len == 4) {
        snprintf(out, size, "%" PRIu32, ob_get_le32(tlv->data));
    } else if ((tlv->type == OB_TLV_UUID_VID || tlv->type == OB_TLV_UUID_CID) && tlv->len == 16) {
        uuid_text(tlv->data, out, size);
    } else if (tlv->type == OB_TLV_DEPENDENCY && tlv->len == 12) {
        snprintf(out, size, "image %u needs %u.%u.%u+%" PRIu32 " or newer", tlv->data[0], tlv->data[4], tlv->data[5],
                 ob_get_le16(tlv->data + 6), ob_get_le32(tlv->data + 8));
    }
}

static void print_area(const struct image_file *file, const struct image_facts *facts, const char *title, uint32_t area,
                       uint32_t size)
{
    struct image_tlv tlv;
    uint32_t off = 0;
    char meaning[80];
    printf("%s: %" PRIu32 " bytes at 0x%" PRIx32 "\n", title, size, area);
    while (image_tlv_next(file, area, size, &off, &tlv)) {
        char *data = hex(tlv.data, OB_MIN(tlv.len, HEX_SHOWN));
        explain(&tlv, facts, meaning, sizeof(meaning));
        printf("  0x%04x %-16s %5u  %s%s%s%s%s\n", tlv.type, image_tlv_name(tlv.type), tlv.len,
               data == NULL ? "" : data, tlv.len > HEX_SHOWN ? "..." : "", meaning[0] == '\0' ? "" : "  (", meaning,
               meaning[0] == '\0' ? "" : ")");
        free(data);
    }
}

static void print_text(const struct image_file *file, const struct image_facts *facts)
{
    char version[32];
    char flags[160];
    version_text(&facts->version, version);
    image_flag_names(facts->flags, flags, sizeof(flags));
    printf("version: %s\n", version);
    printf("flags: 0x%" PRIx32 "%s%s\n", facts->flags, flags[0] == '\0' ? "" : " ", flags);
    printf("load address: 0x%" PRIx32 "\n", facts->load_address);
    printf("header: %" PRIu32 " bytes\n", facts->header_size);
    printf("payload: %" PRIu32 " bytes at 0x%" PRIx32 "\n", facts->payload_size, facts->header_size);
    if (facts->protected_size > 0) {
        print_area(file, facts, "protected TLVs", facts->protected_area, facts->protected_size);
    }
    print_area(file, facts, "TLVs", facts->unprotected_area, facts->unprotected_size);
    printf("image: %" PRIu32 " bytes, header to the end of the TLVs; the file has %" PRIu32 "\n", facts->size,
           file->len);
    if (facts->trailer_align != 0) {
        printf("trailer: magic good (alignment %" PRIu32 "), image_ok %s, copy_done %s\n", facts->trailer_align,
               flag_text(facts->trailer.image_ok), flag_text(facts->trailer.copy_done));
    } else {
        printf("trailer: none\n");
    }
}

static void add_hex(cJSON *object, const char *name, const uint8_t *bytes, size_t len)
{
    char *text = hex(bytes, len);
    cJSON_AddStringToObject(object, name, text == NULL ? "" : text);
    free(text);
}

static void add_area(cJSON *tlvs, const struct image_file *file, uint32_t area, uint32_t size, bool is_protected)
{
    struct image_tlv tlv;
    uint32_t off = 0;
    while (image_tlv_next(file, area, size, &off, &tlv)) {
        cJSON *entry = cJSON_CreateObject();
        cJSON_AddNumberToObject(entry, "type", tlv.type);
        cJSON_AddStringToObject(entry, "name", image_tlv_name(tlv.type));
        cJSON_AddBoolToObject(entry, "protected", is_protected);
        add_hex(entry, "data", tlv.data, tlv.len);
        cJSON_AddItemToArray(tlvs, entry);
    }
}

static void print_json(const struct image_file *file, const struct image_facts *facts)
{
    char version[32];
    char flags[160];
    cJSON *root = cJSON_CreateObject();
    version_text(&facts->version, version);
    image_flag_names(facts->flags, flags, sizeof(flags));
    cJSON_AddStringToObject(root, "version", version);
    cJSON_AddNumberToObject(root, "flags", facts->flags);
    cJSON_AddStringToObject(root, "flag_names", flags);
    cJSON_AddNumberToObject(root, "load_address", facts->load_address);
    cJSON_AddNumberToObject(root, "header_size", facts->header_size);
    cJSON_AddNumberToObject(root, "payload_size", facts->payload_size);
    cJSON_AddNumberToObject(root, "image_size", facts->size);
    cJSON_AddNumberToObject(root, "file_size", file->len);
    add_hex(root, "digest", facts->digest, facts->hash->size);
    cJSON *tlvs = cJSON_AddArrayToObject(root, "tlvs");
    add_area(tlvs, file, facts->protected_area, facts->protected_size, true);
    add_area(tlvs, file, facts->unprotected_area, facts->unprotected_size, false);
    cJSON *trailer = facts->trailer_align == 0 ? NULL : cJSON_AddObjectToObject(root, "trailer");
    if (trailer == NULL) {
        cJSON_AddNullToObject(root, "trailer");
    } else {
        cJSON_AddNumberToObject(trailer, "align", facts->trailer_align);
        cJSON_AddStringToObject(trailer, "image_ok", flag_text(facts->trailer.image_ok));
        cJSON_AddStringToObject(trailer, "copy_done", flag_text(facts->trailer.copy_done));
    }
    ob_json_print(stdout, root);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case KEY_JSON:
        options->json = true;
        return 0;
    case KEY_ENC_KEY:
        options->enc_key = arg;
        return 0;
    case ARGP_KEY_ARG:
        image_file_argument(&options->file, arg, state);
        return 0;
    case ARGP_KEY_NO_ARGS:
        ob_args_error(state, "the image file is missing");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int image_cmd_info(int argc, char **argv)
{
    static const struct argp_option known[] = {
        {"enc-key", KEY_ENC_KEY, "PEM", 0, "decrypt it first, with the device's private key", 0},
        {"json", KEY_JSON, NULL, 0, "print JSON", 0},
        {0},
    };
    static const struct argp argp = {known,
                                     parse_option,
                                     "FILE",
                                     "Describe an image, also one that no device would run.\v"
                                     "  outboard image info build/dfu/app_update.bin",
                                     NULL,
                                     NULL,
                                     NULL};
    struct options options = {0};
    struct image_file file;
    struct image_facts facts;
    ob_args_parse(&argp, argc, argv, 0, &options);
    enum ob_exit status = image_file_read(&file, options.file, 0);
    if (status != OB_EXIT_OK) {
        return (int)status;
    }
    if (options.enc_key != NULL) {
        status = image_decrypt(&file, options.enc_key);
    }
    if (status == OB_EXIT_OK) {
        const char *wrong = image_facts_read(&file, &facts);
        if (wrong == NULL) {
            (options.json ? print_json : print_text)(&file, &facts);
        } else {
            status = image_facts_print(&file, wrong);
        }
    }
    image_file_free(&file);
    return (int)status;
}
