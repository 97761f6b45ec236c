/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <outboard/util.h>

#include "../common/json.h"

#define KEYS_MAX 16u

enum option_key { KEY_JSON = 0x100, KEY_KEY, KEY_TYPE, KEY_SLOT_SIZE, KEY_PARTITIONS, KEY_ENC_KEY };

struct options {
    const char *file;
    const char *key[KEYS_MAX];
    uint32_t key_count;
    const struct image_type *type; /* NULL: what the keys and the image are for */
    uint32_t slot_size;
    const char *partitions;
    struct ob_home home; /* from partitions */
    const char *enc_key; /* NULL: a device that takes no encrypted images */
    bool json;
};

/* What was asked, and the answer. */
struct decision {
    const struct options *options;
    const struct image_file *file;
    const struct ob_signature *type;
    struct ob_image image;
    enum ob_verdict verdict;
    enum ob_err why;
    bool runs; /* but not as an update: its payload is not encrypted any more, or yet */
};

/* "version 1.2.3+4: ", as far as the image tells. */
static void version_text(const struct ob_image *image, char *out, size_t size)
{
    const struct ob_version *version = &image->version;

    out[0] = '\0';
    if (image->kind != OB_KIND_NONE) {
        snprintf(out, size, "version %u.%u.%u+%" PRIu32 ": ", version->major, version->minor, version->revision,
                 version->build);
    }
}

/* What to do about it. */
static const char *cure(const struct decision *decision)
{
    const char *other = image_cure_of(decision->file);

    if (decision->runs) {
        return "its payload is not encrypted, so it is for a programmer and the primary slot only; sign updates "
               "without "
               "--clear";
    }
    switch (decision->why) {
    case OB_ERR_EMPTY:
        return other != NULL ? other : "is it the output of 'imgtool sign'?";
    case OB_ERR_SIZE:
        return decision->options->slot_size != 0 ? "make the image smaller or the slot larger"
               : other != NULL                   ? other
                                                 : "it is cut short, or a length in it lies; sign or download it again";
    case OB_ERR_KEY:
        return decision->image.kind == OB_KIND_FULL_KEY
                   ? "sign it with --public-key-format hash"
                   : "sign it with a key of the device, or name the key with --key";
    case OB_ERR_TYPE:
    case OB_ERR_KIND:
        return decision->image.kind == OB_KIND_ENCRYPTED ? "name the key that it is decrypted with: --enc-key"
                                                         : "sign it so, without other options";
    case OB_ERR_UNWRAP:
        return "encrypt it with the public half of the device's key, or name that key with --enc-key";
    case OB_ERR_HEADER_SIZE:
        return "sign it with the layout's --header-size";
    case OB_ERR_ADDRESS:
        return "sign it without --rom-fixed, or with the address of mcuboot_primary";
    case OB_ERR_STACK:
    case OB_ERR_ENTRY:
        return "link it for this layout";
    default:
        return other != NULL ? other : "sign or download it again";
    }
}

static void print_refusal(const struct decision *decision)
{
    struct ob_loc at = {.file = decision->options->file};
    const struct ob_image *image = &decision->image;
    const struct ob_home *home = &decision->options->home;
    char version[64];

    version_text(image, version, sizeof(version));
    switch (decision->why) {
    case OB_ERR_TYPE:
    case OB_ERR_KIND:
    case OB_ERR_KEY:
        ob_diag_error(&at, "refused: %s%s; it is %s, this device takes %s; %s", version, ob_err_text(decision->why),
                      ob_image_kind_text(image->kind), ob_image_kind_text(decision->type->kind), cure(decision));
        return;
    case OB_ERR_HEADER_SIZE:
        ob_diag_error(&at, "refused: %s%s: 0x%" PRIx32 " instead of 0x%" PRIx32 " bytes; %s", version,
                      ob_err_text(decision->why), image->header_size, home->header_size, cure(decision));
        return;
    case OB_ERR_ADDRESS:
        ob_diag_error(&at, "refused: %s%s: 0x%" PRIx32 " instead of 0x%" PRIx32 "; %s", version,
                      ob_err_text(decision->why), image->load_address, home->address, cure(decision));
        return;
    case OB_ERR_STACK:
        ob_diag_error(&at, "refused: %s%s: 0x%" PRIx32 " is not in 0x%" PRIx32 " to 0x%" PRIx32 "; %s", version,
                      ob_err_text(decision->why), image->stack, home->ram_start, home->ram_start + home->ram_size,
                      cure(decision));
        return;
    case OB_ERR_ENTRY:
        ob_diag_error(&at, "refused: %s%s: 0x%" PRIx32 "; %s", version, ob_err_text(decision->why), image->entry,
                      cure(decision));
        return;
    default:
        ob_diag_error(&at, "refused: %s%s; %s", version, ob_err_text(decision->why), cure(decision));
    }
}

static void print_json(const struct decision *decision)
{
    char version[32];
    const struct ob_image *image = &decision->image;
    cJSON *root = cJSON_CreateObject();
    cJSON_AddBoolToObject(root, "accepted", decision->verdict == OB_VERDICT_ACCEPTED);
    cJSON_AddNumberToObject(root, "error", decision->why);
    cJSON_AddStringToObject(root, "reason", ob_err_text(decision->why));
    cJSON_AddStringToObject(root, "takes", ob_image_kind_text(decision->type->kind));
    if (image->kind != OB_KIND_NONE) {
        snprintf(version, sizeof(version), "%u.%u.%u+%" PRIu32, image->version.major, image->version.minor,
                 image->version.revision, image->version.build);
        cJSON_AddStringToObject(root, "version", version);
        cJSON_AddStringToObject(root, "kind", ob_image_kind_text(image->kind));
    }
    if (image->size != 0) {
        cJSON_AddNumberToObject(root, "image_size", image->size);
    }
    ob_json_print(stdout, root);
}

static void print_decision(const struct decision *decision)
{
    const struct ob_image *image = &decision->image;

    if (decision->options->json) {
        print_json(decision);
    } else if (decision->verdict == OB_VERDICT_ACCEPTED) {
        printf("%s: accepted: version %u.%u.%u+%" PRIu32 ", %" PRIu32 " bytes\n", decision->options->file,
               image->version.major, image->version.minor, image->version.revision, image->version.build, image->size);
    }
    if (decision->verdict != OB_VERDICT_ACCEPTED) {
        print_refusal(decision);
    }
}

/* All keys of a device are of one type. An Ed25519 key serves three: without --type, the one that the image has. */
static enum ob_exit bind_keys(const struct options *options, const struct image_file *file, struct image_key *read,
                              struct ob_key *key, const struct ob_signature **out)
{
    const struct image_type *type = options->type;
    if (type == NULL) {
        type = image_type_for(read[0].algorithm, image_kind_of(file));
    }
    for (uint32_t i = 0; i < options->key_count; i++) {
        if (read[i].algorithm != type->algorithm) {
            ob_diag_error(&(struct ob_loc){.file = options->key[i]},
                          "is %s, but this device takes %s: a device has keys of one type; leave it out",
                          image_key_text(read[i].algorithm), ob_image_kind_text(type->signature->kind));
            return OB_EXIT_USAGE;
        }
        image_key_bind(&read[i], type->signature);
        key[i] = read[i].key;
    }
    *out = type->signature;
    return OB_EXIT_OK;
}

static void decide(struct decision *decision, const struct image_file *file, const struct ob_keys *keys)
{
    const struct options *options = decision->options;

    decision->verdict =
        ob_image_verify(&file->slot, file->slot.size, OB_FORM_STORED, keys, NULL, &decision->image, &decision->why);
    if (decision->verdict != OB_VERDICT_ACCEPTED && (decision->image.flags & OB_IMAGE_ENCRYPTED) != 0) {
        struct ob_image running;
        enum ob_err why;
        decision->runs = ob_image_verify(&file->slot, file->slot.size, OB_FORM_RUNNING, keys, NULL, &running, &why) ==
                         OB_VERDICT_ACCEPTED;
    }
    if (decision->verdict == OB_VERDICT_ACCEPTED && options->partitions != NULL) {
        decision->why = ob_image_belongs(&decision->image, &options->home);
        decision->verdict = decision->why == OB_OK ? OB_VERDICT_ACCEPTED : OB_VERDICT_REJECTED;
    }
}

static enum ob_exit verify_file(const struct options *options, struct image_key *read)
{
    struct image_file file;
    struct ob_key key[KEYS_MAX];
    struct decision decision = {.options = options, .file = &file};
    struct image_secret secret = {0};
    struct ob_decryption decryption;
    enum ob_exit status = image_file_read(&file, options->file, options->slot_size);
    if (status != OB_EXIT_OK) {
        return status;
    }
    status = bind_keys(options, &file, read, key, &decision.type);
    if (status == OB_EXIT_OK && options->enc_key != NULL) {
        status = image_decryption_read(options->enc_key, &file, &secret, &decryption);
    }
    if (status == OB_EXIT_OK) {
        const struct ob_keys keys = {.key = key,
                                     .count = options->key_count,
                                     .type = decision.type,
                                     .decryption = options->enc_key != NULL ? &decryption : NULL};
        decide(&decision, &file, &keys);
        print_decision(&decision);
        status = decision.verdict == OB_VERDICT_ACCEPTED ? OB_EXIT_OK : OB_EXIT_FINDING;
    }
    ob_wipe(&secret, sizeof(secret));
    image_file_free(&file);
    return status;
}

static error_t parse_size(const char *arg, uint32_t *size)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(arg, &end, 0);
    if (errno != 0 || end == arg || *end != '\0' || arg[0] == '-' || value == 0 || value > 0x10000000) {
        return EINVAL;
    }
    *size = (uint32_t)value;
    return 0;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case KEY_JSON:
        options->json = true;
        return 0;
    case KEY_KEY:
        if (options->key_count == KEYS_MAX) {
            ob_args_error(state, "more than %u keys", KEYS_MAX);
        }
        options->key[options->key_count++] = arg;
        return 0;
    case KEY_TYPE:
        options->type = image_type_argument(arg, state);
        return 0;
    case KEY_ENC_KEY:
        options->enc_key = arg;
        return 0;
    case KEY_PARTITIONS:
        options->partitions = arg;
        return 0;
    case KEY_SLOT_SIZE:
        if (parse_size(arg, &options->slot_size) != 0) {
            ob_args_error(state, "--slot-size: '%s' is not a size between 1 and 0x10000000 bytes", arg);
        }
        return 0;
    case ARGP_KEY_ARG:
        image_file_argument(&options->file, arg, state);
        return 0;
    case ARGP_KEY_END:
        if (options->file == NULL || options->key_count == 0) {
            ob_args_error(state, "the image file and at least one --key are needed: a device runs only what is signed");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int image_cmd_verify(int argc, char **argv)
{
    static const struct argp_option known[] = {
        {"key", KEY_KEY, "PEM", 0, "a key of the device, public or private; may be repeated", 0},
        {"type", KEY_TYPE, "TYPE", 0, "of the device's signatures, as ecdsa-p256; default: what the keys are for", 0},
        {"enc-key", KEY_ENC_KEY, "PEM", 0, "the private key that the device decrypts with: encrypted images are taken",
         0},
        {"partitions", KEY_PARTITIONS, "YML", 0,
         "partitions.yml of the device's build: the image must fit the slot and be linked for it", 0},
        {"slot-size", KEY_SLOT_SIZE, "N", 0, "bytes that the image may take; default: no limit", 0},
        {"json", KEY_JSON, NULL, 0, "print JSON", 0},
        {0},
    };
    static const struct argp argp = {known,
                                     parse_option,
                                     "FILE",
                                     "Would a device run this image? Decided by the code that the bootloader runs.\v"
                                     "  outboard image verify app_update.bin --key key.pem \\\n"
                                     "    --partitions build/dfu/partitions.yml\n\n"
                                     "Exit status: 0 accepted, 1 refused, 2 a file cannot be read.",
                                     NULL,
                                     NULL,
                                     NULL};
    struct options options = {0};
    static struct image_key key[KEYS_MAX];
    ob_args_parse(&argp, argc, argv, 0, &options);
    enum ob_exit status = OB_EXIT_OK;
    if (options.partitions != NULL) {
        status = image_home_read(options.partitions, &options.home, &options.slot_size);
    }
    for (uint32_t i = 0; i < options.key_count && status == OB_EXIT_OK; i++) {
        status = image_key_read(options.key[i], &key[i]);
    }
    return (int)(status == OB_EXIT_OK ? verify_file(&options, key) : status);
}
