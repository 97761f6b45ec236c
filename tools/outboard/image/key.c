/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <outboard/util.h>

#include "../common/file.h"

#define KEYS_MAX 16u
#define UUID_SIZE 16u

enum option_key {
    KEY_PEM = 0x100,
    KEY_C,
    KEY_TYPE,
    KEY_SIGN,
    KEY_WHERE,
    KEY_VID,
    KEY_CID,
    KEY_ENC_PEM,
    KEY_ENC_TYPE,
    KEY_ENC_SIZE,
    KEY_ENC_REQUIRED
};

struct options {
    const char *pem[KEYS_MAX];
    uint32_t count;
    const char *c;
    const struct image_type *type; /* NULL: what the first key is for */
    bool sign;                     /* the first key must be able to */
    const char *where;             /* who named the keys; NULL: the caller */
    bool has_vendor, has_class;
    uint8_t vendor[UUID_SIZE], class[UUID_SIZE];
    const struct image_wrap *wrap; /* NULL: no encrypted images */
    const char *enc_pem;           /* NULL: who is not to decrypt */
    uint32_t enc_size;
    bool enc_required;
};

static void print_bytes(FILE *out, const char *name, const uint8_t *bytes, size_t len)
{
    fprintf(out, "static const uint8_t %s[] __attribute__((aligned(8))) = {", name);
    for (size_t i = 0; i < len; i++) {
        fprintf(out, "%s0x%02x,", i % 16 == 0 ? "\n    " : " ", bytes[i]);
    }
    fprintf(out, "\n};\n");
}

static void print_numbered(FILE *out, const char *name, uint32_t number, const uint8_t *bytes, size_t len)
{
    char numbered[16];

    snprintf(numbered, sizeof(numbered), "%s_%" PRIu32, name, number);
    print_bytes(out, numbered, bytes, len);
}

/* The file's name for a comment, which it must not be able to end. Without its folder: builds are reproducible. */
static void print_name(FILE *out, const char *path)
{
    const char *slash = strrchr(path, '/');
    for (const char *name = slash == NULL ? path : slash + 1; *name != '\0'; name++) {
        fputc(isalnum((unsigned char)*name) || strchr("._-", *name) != NULL ? *name : '_', out);
    }
}

/* What is needed of encrypted images. Who has no secret has no code for it either. */
static void print_decryption(FILE *out, const struct options *options, const struct image_secret *secret)
{
    const struct ob_key_wrap *wrap = options->wrap->wrap;

    if (options->enc_pem != NULL) {
        fprintf(out, "/* Secret. */\n");
        print_bytes(out, "secret", secret->bytes, secret->len);
    } else {
        fprintf(out, "static const struct ob_key_wrap wrap = {.kind = %d, .tlv = 0x%x};\n", wrap->kind, wrap->tlv);
    }
    fprintf(out,
            "static const struct ob_decryption decryption = {\n"
            "    .wrap = &%s,\n"
            "    .key = %s,\n"
            "    .size = %" PRIu32 ",\n"
            "    .required = %s,\n"
            "};\n",
            options->enc_pem != NULL ? options->wrap->symbol : "wrap", options->enc_pem != NULL ? "secret" : "NULL",
            options->enc_size, options->enc_required ? "true" : "false");
}

static void print_c(FILE *out, const struct options *options, const struct image_key *key,
                    const struct image_secret *secret, bool demo)
{
    fprintf(out, "/* Made by 'outboard image key': the keys whose images this bootloader runs. */\n"
                 "#include <stddef.h>\n\n"
                 "#include <outboard/cipher.h>\n"
                 "#include <outboard/keys.h>\n"
                 "#include <outboard/signature.h>\n\n");
    for (uint32_t i = 0; i < options->count; i++) {
        fprintf(out, "/* ");
        print_name(out, options->pem[i]);
        fprintf(out, " */\n");
        print_numbered(out, "hash", i, key[i].hash, options->type->signature->hash->size);
        print_numbered(out, "data", i, key[i].data, key[i].data_len);
    }
    if (options->has_vendor) {
        print_bytes(out, "vendor", options->vendor, UUID_SIZE);
    }
    if (options->has_class) {
        print_bytes(out, "class", options->class, UUID_SIZE);
    }
    if (options->wrap != NULL) {
        print_decryption(out, options, secret);
    }
    fprintf(out, "\nstatic const struct ob_key key[] = {\n");
    for (uint32_t i = 0; i < options->count; i++) {
        fprintf(out, "    {.hash = hash_%u, .data = data_%u},\n", i, i);
    }
    fprintf(out,
            "};\n\n"
            "const struct ob_keys ob_keys = {\n"
            "    .key = key,\n"
            "    .count = %u,\n"
            "    .type = &%s,\n"
            "    .vendor = %s,\n"
            "    .class = %s,\n"
            "    .decryption = %s,\n"
            "};\n"
            "const bool ob_keys_demo = %s;\n"
            "const bool ob_decryption_demo = %s;\n",
            options->count, options->type->symbol, options->has_vendor ? "vendor" : "NULL",
            options->has_class ? "class" : "NULL", options->wrap != NULL ? "&decryption" : "NULL",
            demo ? "true" : "false", options->enc_pem != NULL && image_secret_demo(secret) != NULL ? "true" : "false");
}

static enum ob_exit write_c(const struct options *options, const struct image_key *key,
                            const struct image_secret *secret, bool demo)
{
    struct ob_file_text file = {.path = options->c};
    FILE *out = ob_file_text_open(&file);
    if (out == NULL) {
        return OB_EXIT_USAGE;
    }
    print_c(out, options, key, secret, demo);
    return ob_file_text_write(&file, out);
}

static void parse_uuid(const char *text, uint8_t uuid[UUID_SIZE], struct argp_state *state)
{
    unsigned digits = 0;

    for (const char *at = text; *at != '\0'; at++) {
        const char *hex = "0123456789abcdef";
        const char *found = strchr(hex, tolower((unsigned char)*at));
        if (*at == '-') {
            continue;
        }
        if (found == NULL || digits == 2 * UUID_SIZE) {
            ob_args_error(state, "'%s' is no UUID: 32 hexadecimal digits", text);
            return;
        }
        uuid[digits / 2] = (uint8_t)(uuid[digits / 2] << 4 | (found - hex));
        digits++;
    }
    if (digits != 2 * UUID_SIZE) {
        ob_args_error(state, "'%s' is no UUID: 32 hexadecimal digits", text);
    }
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case KEY_PEM:
        if (options->count == KEYS_MAX) {
            ob_args_error(state, "more than %u keys", KEYS_MAX);
        }
        options->pem[options->count++] = arg;
        return 0;
    case KEY_C:
        options->c = arg;
        return 0;
    case KEY_TYPE:
        options->type = image_type_argument(arg, state);
        return 0;
    case KEY_SIGN:
        options->sign = true;
        return 0;
    case KEY_WHERE:
        options->where = arg;
        return 0;
    case KEY_VID:
        options->has_vendor = true;
        parse_uuid(arg, options->vendor, state);
        return 0;
    case KEY_CID:
        options->has_class = true;
        parse_uuid(arg, options->class, state);
        return 0;
    case KEY_ENC_PEM:
        options->enc_pem = arg;
        return 0;
    case KEY_ENC_TYPE:
        options->wrap = image_wrap_named(arg);
        if (options->wrap == NULL) {
            char names[160];
            image_wrap_names(names, sizeof(names));
            ob_args_error(state, "--enc-type: '%s' is none of: %s", arg, names);
        }
        return 0;
    case KEY_ENC_SIZE:
        options->enc_size = strcmp(arg, "16") == 0 ? 16 : strcmp(arg, "32") == 0 ? 32 : 0;
        if (options->enc_size == 0) {
            ob_args_error(state, "--enc-size: '%s' is neither 16 (AES-128) nor 32 (AES-256)", arg);
        }
        return 0;
    case KEY_ENC_REQUIRED:
        options->enc_required = true;
        return 0;
    case ARGP_KEY_END:
        if (options->count == 0 || options->c == NULL) {
            ob_args_error(state, "--pem and --c are needed");
        }
        if (options->enc_pem != NULL && options->wrap == NULL) {
            ob_args_error(state, "--enc-pem needs --enc-type");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* All keys of a bootloader are of one type: only that type's code is in it. */
static enum ob_exit read_key(struct options *options, const char *path, struct image_key *key)
{
    enum ob_exit status = image_key_read(path, key);
    if (status != OB_EXIT_OK) {
        return status;
    }
    if (options->type == NULL) {
        options->type = image_type_for(key->algorithm, OB_KIND_NONE);
    }
    if (key->algorithm != options->type->algorithm) {
        ob_diag_error(&(struct ob_loc){.file = path}, "is %s, but this bootloader takes %s; make one: imgtool keygen",
                      image_key_text(key->algorithm), ob_image_kind_text(options->type->signature->kind));
        return OB_EXIT_USAGE;
    }
    if (options->sign && !key->is_private && path == options->pem[0]) {
        ob_diag_error(&(struct ob_loc){.file = path},
                      "is a public key, and images are signed with it; name the private key's file");
        return OB_EXIT_USAGE;
    }
    image_key_bind(key, options->type->signature);
    return OB_EXIT_OK;
}

static enum ob_exit read_secret(const struct options *options, struct image_secret *secret)
{
    const struct ob_loc at = {.file = options->enc_pem};
    enum ob_exit status = options->enc_pem != NULL ? image_secret_read(options->enc_pem, secret) : OB_EXIT_OK;

    if (status != OB_EXIT_OK || options->enc_pem == NULL) {
        return status;
    }
    if (secret->kind != options->wrap->kind || (secret->kind == IMAGE_SECRET_KW && secret->len != options->enc_size)) {
        ob_diag_error(&at, "is %s of %" PRIu32 " bytes, but this bootloader takes %s, which needs %s",
                      image_secret_text(secret->kind), secret->len, ob_image_kind_text(options->wrap->wrap->kind),
                      image_secret_text(options->wrap->kind));
        return OB_EXIT_USAGE;
    }
    const char *owner = image_secret_demo(secret);
    if (owner != NULL) {
        ob_diag_warning(NULL, "%s is %s's public demo key: anybody can decrypt what is encrypted for this device",
                        options->enc_pem, owner);
    }
    return OB_EXIT_OK;
}

int image_cmd_key(int argc, char **argv)
{
    static const struct argp_option known[] = {
        {"pem", KEY_PEM, "PEM", 0, "a key, public or private; may be repeated, with keys of one kind", 0},
        {"type", KEY_TYPE, "TYPE", 0, "of the signatures: ecdsa-p256 and others; default: what the first key is for",
         0},
        {"sign", KEY_SIGN, NULL, 0, "refuse a first key that cannot sign", 0},
        {"where", KEY_WHERE, "PLACE", 0, "who names the keys, for the warning about a demo key", 0},
        {"vid", KEY_VID, "UUID", 0, "refuse images that do not state this vendor", 0},
        {"cid", KEY_CID, "UUID", 0, "refuse images that do not state this class of devices", 0},
        {"enc-type", KEY_ENC_TYPE, "TYPE", 0,
         "take encrypted images whose content key is wrapped so: ecies-p256 and others", 0},
        {"enc-size", KEY_ENC_SIZE, "N", 0, "bytes of a content key: 16 (AES-128, the default) or 32", 0},
        {"enc-required", KEY_ENC_REQUIRED, NULL, 0, "refuse images that are not encrypted", 0},
        {"enc-pem", KEY_ENC_PEM, "PEM", 0, "the private key that they are decrypted with, for a bootloader", 0},
        {"c", KEY_C, "FILE", 0, "C file to write", 0},
        {0},
    };
    static const struct argp argp = {
        known,
        parse_option,
        NULL,
        "Turn the keys of a bootloader into C. Of those it trusts only the public half is written.\v"
        "  outboard image key --pem key.pem --type ecdsa-p256 --c keys.c",
        NULL,
        NULL,
        NULL};
    struct options options = {.enc_size = 16};
    static struct image_key key[KEYS_MAX];
    struct image_secret secret = {0};
    bool demo = false;
    ob_args_parse(&argp, argc, argv, 0, &options);
    for (uint32_t i = 0; i < options.count; i++) {
        enum ob_exit status = read_key(&options, options.pem[i], &key[i]);
        if (status != OB_EXIT_OK) {
            return (int)status;
        }
        const char *owner = image_key_demo(&key[i]);
        if (owner != NULL) {
            ob_diag_warning(options.where == NULL ? NULL : &(struct ob_loc){.file = options.where},
                            "%s is %s's public demo key: anybody can sign for this device", options.pem[i], owner);
            demo = true;
        }
    }
    enum ob_exit status = read_secret(&options, &secret);
    if (status == OB_EXIT_OK) {
        status = write_c(&options, key, &secret, demo);
    }
    ob_wipe(&secret, sizeof(secret));
    return (int)status;
}
