/* SPDX-License-Identifier: Apache-2.0 */
#include "image.h"

#include <argp.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/file.h"

#define KEYS_MAX 16u

enum option_key { KEY_PEM = 0x100, KEY_C };

struct options {
    const char *pem[KEYS_MAX];
    uint32_t count;
    const char *c;
};

static void print_bytes(FILE *out, const char *name, const uint8_t *bytes, size_t len)
{
    fprintf(out, "        .%s = {", name);
    for (size_t i = 0; i < len; i++) {
        fprintf(out, "%s0x%02x,", i % 16 == 0 ? "\n            " : " ", bytes[i]);
    }
    fprintf(out, "\n        },\n");
}

/* The file's name for a comment, which it must not be able to end. Without its folder: builds are reproducible. */
static void print_name(FILE *out, const char *path)
{
    const char *slash = strrchr(path, '/');
    for (const char *name = slash == NULL ? path : slash + 1; *name != '\0'; name++) {
        fputc(isalnum((unsigned char)*name) || strchr("._-", *name) != NULL ? *name : '_', out);
    }
}

static void print_c(FILE *out, const struct options *options, const struct ob_key *key, bool demo)
{
    fprintf(out, "/* Made by `outboard image key`: the keys whose images this bootloader runs. */\n"
                 "#include <outboard/keys.h>\n\n"
                 "static const struct ob_key key[] = {\n");
    for (uint32_t i = 0; i < options->count; i++) {
        fprintf(out, "    {\n        /* ");
        print_name(out, options->pem[i]);
        fprintf(out, " */\n");
        print_bytes(out, "hash", key[i].hash, sizeof(key[i].hash));
        print_bytes(out, "point", key[i].point, sizeof(key[i].point));
        fprintf(out, "    },\n");
    }
    fprintf(out,
            "};\n\n"
            "const struct ob_keys ob_keys = {.key = key, .count = %u};\n"
            "const bool ob_keys_demo = %s;\n",
            options->count, demo ? "true" : "false");
}

static enum ob_exit write_c(const struct options *options, const struct ob_key *key, bool demo)
{
    struct ob_file_text file = {.path = options->c};
    char *text = NULL;
    FILE *out = open_memstream(&text, &file.len);
    if (out == NULL) {
        ob_diag_error(NULL, "out of memory");
        return OB_EXIT_USAGE;
    }
    print_c(out, options, key, demo);
    fclose(out);
    file.data = text;
    enum ob_exit status = ob_file_write_all(&file, 1);
    free(text);
    return status;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case KEY_PEM:
        if (options->count == KEYS_MAX) {
            argp_error(state, "more than %u keys", KEYS_MAX);
        }
        options->pem[options->count++] = arg;
        return 0;
    case KEY_C:
        options->c = arg;
        return 0;
    case ARGP_KEY_END:
        if (options->count == 0 || options->c == NULL) {
            argp_error(state, "--pem and --c are needed");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int image_cmd_key(int argc, char **argv)
{
    static const struct argp_option known[] = {
        {"pem", KEY_PEM, "PEM", 0, "an ECDSA P-256 key, public or private; may be repeated", 0},
        {"c", KEY_C, "FILE", 0, "C file to write", 0},
        {0},
    };
    static const struct argp argp = {
        known, parse_option, NULL, "Turn the keys that a bootloader trusts into C. Only the public half is written.",
        NULL,  NULL,         NULL};
    struct options options = {0};
    struct ob_key key[KEYS_MAX];
    bool demo = false;
    if (argp_parse(&argp, argc, argv, 0, NULL, &options) != 0) {
        return OB_EXIT_USAGE;
    }
    for (uint32_t i = 0; i < options.count; i++) {
        enum ob_exit status = image_key_read(options.pem[i], &key[i]);
        if (status != OB_EXIT_OK) {
            return (int)status;
        }
        const char *owner = image_demo_key_of(key[i].hash);
        if (owner != NULL) {
            ob_diag_warning(NULL, "%s is %s's public demo key: anybody can sign for this device", options.pem[i],
                            owner);
            demo = true;
        }
    }
    return (int)write_c(&options, key, demo);
}
