/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <stdio.h>
#include <string.h>

#include <outboard/tlv.h>
#include <outboard/util.h>

#include "../common/file.h"

enum option_key { KEY_ENC_KEY = 0x100, KEY_OUTPUT };

struct options {
    const char *file;
    const char *enc_key;
    const char *output;
};

/* imgtool --clear: says that it is encrypted, and its payload has the digest already. */
static bool is_clear(const struct image_file *file, const struct image_facts *facts)
{
    struct image_tlv tlv;
    uint32_t off = 0;
    bool clear = false;

    while (!clear && image_tlv_next(file, facts->unprotected_area, facts->unprotected_size, &off, &tlv)) {
        clear = image_tlv_is_digest(&tlv, facts->hash) && memcmp(tlv.data, facts->digest, tlv.len) == 0;
    }
    return clear;
}

static void print_failure(const struct image_file *file, const struct image_secret *secret, enum ob_err err)
{
    const struct ob_loc at = {.file = file->path};
    const struct image_wrap *wrap = image_wrap_of(file);

    if (wrap == NULL && err == OB_ERR_FORMAT) {
        ob_diag_error(&at,
                      "cannot be decrypted: its content key is not in it; encrypt it for an ECDSA P-256, X25519 or "
                      "RSA-2048 key");
    } else if (wrap != NULL && wrap->kind != secret->kind) {
        ob_diag_error(&at,
                      "cannot be decrypted with %s: it is %s; name the private half of the key that it was encrypted "
                      "with",
                      image_secret_text(secret->kind), ob_image_kind_text(wrap->wrap->kind));
    } else if (err == OB_ERR_KIND) { /* no device takes it, whatever its key */
        ob_diag_error(&at, "cannot be decrypted: it is %s, which no device takes; sign it without",
                      ob_image_kind_text(image_kind_of(file)));
    } else {
        ob_diag_error(&at, "cannot be decrypted: %s; name the private half of the key that it was encrypted with",
                      ob_err_text(err));
    }
}

static enum ob_exit apply(struct image_file *file, const struct image_secret *secret,
                          const struct ob_decryption *decryption)
{
    const struct ob_loc at = {.file = file->path};
    const struct ob_keys keys = {.type = &ob_signature_p256, .decryption = decryption};
    struct image_facts facts;
    struct ob_cipher cipher = {0};
    const char *wrong = image_facts_read(file, &facts);

    if (wrong != NULL) {
        return image_facts_print(file, wrong);
    }
    enum ob_err err = is_clear(file, &facts) ? OB_OK : ob_image_cipher(&file->slot, file->slot.size, &keys, &cipher);

    if (err != OB_OK) {
        print_failure(file, secret, err);
        return OB_EXIT_FINDING;
    }
    if (cipher.size == 0) {
        ob_diag_error(&at, "is not encrypted; use it as it is");
        return OB_EXIT_FINDING;
    }
    ob_cipher_apply(&cipher, 0, file->bytes, file->len);
    ob_wipe(&cipher, sizeof(cipher));
    file->decrypted = true;
    return OB_EXIT_OK;
}

enum ob_exit image_decrypt(struct image_file *file, const char *enc_key)
{
    struct image_secret secret = {0};
    struct ob_decryption decryption;
    enum ob_exit status = image_decryption_read(enc_key, file, &secret, &decryption);

    if (status == OB_EXIT_OK) {
        status = apply(file, &secret, &decryption);
    }
    ob_wipe(&secret, sizeof(secret));
    return status;
}

static enum ob_exit decrypt_file(const struct options *options)
{
    struct image_file file;
    enum ob_exit status = image_file_read(&file, options->file, 0);

    if (status != OB_EXIT_OK) {
        return status;
    }
    status = image_decrypt(&file, options->enc_key);
    if (status == OB_EXIT_OK) {
        const struct ob_file_text out = {.path = options->output, .data = (char *)file.bytes, .len = file.len};
        status = ob_file_write_all(&out, 1);
    }
    image_file_free(&file);
    return status;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case KEY_ENC_KEY:
        options->enc_key = arg;
        return 0;
    case KEY_OUTPUT:
        options->output = arg;
        return 0;
    case ARGP_KEY_ARG:
        image_file_argument(&options->file, arg, state);
        return 0;
    case ARGP_KEY_END:
        if (options->file == NULL || options->enc_key == NULL || options->output == NULL) {
            ob_args_error(state, "the image file, --enc-key and --output are needed");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int image_cmd_decrypt(int argc, char **argv)
{
    static const struct argp_option known[] = {
        {"enc-key", KEY_ENC_KEY, "PEM", 0, "the private key that the device decrypts with", 0},
        {"output", KEY_OUTPUT, "FILE", 0, "the image as it runs in the primary slot", 0},
        {0},
    };
    static const struct argp argp = {
        known,
        parse_option,
        "FILE",
        "Decrypt an image's payload. Its signature is not looked at: 'outboard image verify'.\v"
        "  outboard image decrypt app_update.bin --enc-key device.pem \\\n"
        "    --output plain.bin\n\n"
        "Exit status: 0 decrypted, 1 it cannot be, 2 a file cannot be read or written.",
        NULL,
        NULL,
        NULL};
    struct options options = {0};
    ob_args_parse(&argp, argc, argv, 0, &options);
    return (int)decrypt_file(&options);
}
