/* SPDX-License-Identifier: Apache-2.0 */
#include "image.h"

#include <argp.h>
#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <outboard/util.h>

#define KEYS_MAX 16u

enum option_key { KEY_JSON = 0x100, KEY_KEY, KEY_SLOT_SIZE };

struct options {
    const char *file;
    const char *key[KEYS_MAX];
    uint32_t key_count;
    uint32_t slot_size;
    bool json;
};

static void print_refusal(const struct image_file *file, enum ob_err why, bool slot_given)
{
    struct ob_loc at = {.file = file->path};
    char flags[160] = "";
    switch (why) {
    case OB_ERR_EMPTY:
        ob_diag_error(&at, "refused: not an image; is it the output of `imgtool sign`?");
        return;
    case OB_ERR_SIZE:
        ob_diag_error(&at, slot_given ? "refused: it does not fit; make the image smaller or the slot larger"
                                      : "refused: cut short, or a length in it lies; sign or download it again");
        return;
    case OB_ERR_KEY:
        ob_diag_error(&at, "refused: not signed by a key of the device; sign it with one, or name the key with --key");
        return;
    case OB_ERR_FORMAT:
        if (file->len >= OB_IMAGE_HEADER_SIZE) {
            image_flag_names(ob_get_le32(file->bytes + 16) & OB_IMAGE_UNSUPPORTED, flags, sizeof(flags));
        }
        if (flags[0] != '\0') {
            ob_diag_error(&at, "refused: its flag %s is not supported; sign it without", flags);
            return;
        }
        break;
    default:
        break;
    }
    ob_diag_error(&at, "refused: %s; sign or download it again", ob_err_text(why));
}

static void print_json(const struct ob_image *image, enum ob_verdict verdict, enum ob_err why)
{
    char version[32];
    cJSON *root = cJSON_CreateObject();
    bool described = why == OB_OK || why == OB_ERR_DIGEST || why == OB_ERR_KEY || why == OB_ERR_AUTH;
    cJSON_AddBoolToObject(root, "accepted", verdict == OB_VERDICT_ACCEPTED);
    cJSON_AddNumberToObject(root, "error", why);
    cJSON_AddStringToObject(root, "reason", ob_err_text(why));
    if (described) {
        snprintf(version, sizeof(version), "%u.%u.%u+%" PRIu32, image->version.major, image->version.minor,
                 image->version.revision, image->version.build);
        cJSON_AddStringToObject(root, "version", version);
        cJSON_AddNumberToObject(root, "image_size", image->size);
    }
    char *text = cJSON_Print(root);
    puts(text == NULL ? "" : text);
    cJSON_free(text);
    cJSON_Delete(root);
}

static enum ob_exit decide(const struct options *options, const struct ob_keys *keys)
{
    struct image_file file;
    struct ob_image image = {0};
    enum ob_err why;
    enum ob_exit status = image_file_read(&file, options->file, options->slot_size);
    if (status != OB_EXIT_OK) {
        return status;
    }
    enum ob_verdict verdict = ob_image_verify(&file.slot, file.slot.size, keys, NULL, &image, &why);
    if (options->json) {
        print_json(&image, verdict, why);
    } else if (verdict == OB_VERDICT_ACCEPTED) {
        printf("%s: accepted: version %u.%u.%u+%" PRIu32 ", %" PRIu32 " bytes\n", options->file, image.version.major,
               image.version.minor, image.version.revision, image.version.build, image.size);
    }
    if (verdict != OB_VERDICT_ACCEPTED) {
        print_refusal(&file, why, options->slot_size != 0);
    }
    image_file_free(&file);
    return verdict == OB_VERDICT_ACCEPTED ? OB_EXIT_OK : OB_EXIT_FINDING;
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
            argp_error(state, "more than %u keys", KEYS_MAX);
        }
        options->key[options->key_count++] = arg;
        return 0;
    case KEY_SLOT_SIZE:
        if (parse_size(arg, &options->slot_size) != 0) {
            argp_error(state, "--slot-size: `%s` is not a size between 1 and 0x10000000 bytes", arg);
        }
        return 0;
    case ARGP_KEY_ARG:
        if (options->file != NULL) {
            argp_error(state, "one file at a time");
        }
        options->file = arg;
        return 0;
    case ARGP_KEY_END:
        if (options->file == NULL || options->key_count == 0) {
            argp_error(state, "the image file and at least one --key are needed: a device runs only what is signed");
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
        {"slot-size", KEY_SLOT_SIZE, "N", 0, "bytes that the image may take; default: no limit", 0},
        {"json", KEY_JSON, NULL, 0, "print JSON", 0},
        {0},
    };
    static const struct argp argp = {known,
                                     parse_option,
                                     "FILE",
                                     "Would a device run this image? Decided by the code that the bootloader runs.\v"
                                     "Exit status: 0 accepted, 1 refused, 2 a file cannot be read.",
                                     NULL,
                                     NULL,
                                     NULL};
    struct options options = {0};
    struct ob_key key[KEYS_MAX];
    if (argp_parse(&argp, argc, argv, 0, NULL, &options) != 0) {
        return OB_EXIT_USAGE;
    }
    for (uint32_t i = 0; i < options.key_count; i++) {
        enum ob_exit status = image_key_read(options.key[i], &key[i]);
        if (status != OB_EXIT_OK) {
            return (int)status;
        }
    }
    return (int)decide(&options, &(struct ob_keys){.key = key, .count = options.key_count});
}
