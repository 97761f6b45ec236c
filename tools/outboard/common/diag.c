/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "diag.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#define SGR_RED "\x1b[1;31m"
#define SGR_MAGENTA "\x1b[1;35m"
#define SGR_CYAN "\x1b[1;36m"
#define SGR_RESET "\x1b[0m"

static cJSON *errors; /* NULL: nobody asked for JSON, or the command has printed its own */

static bool use_colour(void)
{
    const char *no_color = getenv("NO_COLOR");

    return isatty(STDERR_FILENO) && (no_color == NULL || no_color[0] == '\0');
}

/** C0, DEL, and the first byte of C1, which UTF-8 writes as c2 80 to c2 9f. */
static bool is_control(const unsigned char *c)
{
    return (c[0] < 0x20 && c[0] != '\t') || c[0] == 0x7f || (c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0);
}

static void print_visible(const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        if (is_control(c)) {
            fprintf(stderr, "\\x%02x", *c);
        } else {
            fputc(*c, stderr);
        }
    }
}

static void print_location(const struct ob_loc *at)
{
    if (at == NULL || at->file == NULL) {
        fputs("outboard: ", stderr);
        return;
    }
    print_visible(at->file);
    if (at->line != 0) {
        fprintf(stderr, ":%u:%u", at->line, at->col);
    }
    fputs(": ", stderr);
}

static void add_error(const struct ob_loc *at, const char *text)
{
    cJSON *error = cJSON_CreateObject();

    if (at != NULL && at->file != NULL) {
        cJSON_AddStringToObject(error, "file", at->file);
    }
    if (at != NULL && at->line != 0) {
        cJSON_AddNumberToObject(error, "line", at->line);
        cJSON_AddNumberToObject(error, "column", at->col);
    }
    cJSON_AddStringToObject(error, "message", text);
    cJSON_AddItemToArray(errors, error);
}

static void print_message(const struct ob_loc *at, const char *sgr, const char *kind, const char *fmt, va_list args)
{
    bool colour = use_colour();
    char *text = NULL;

    print_location(at);
    fprintf(stderr, "%s%s:%s ", colour ? sgr : "", kind, colour ? SGR_RESET : "");
    if (vasprintf(&text, fmt, args) < 0) {
        fputs("(out of memory)\n", stderr);
        return;
    }
    print_visible(text);
    fputc('\n', stderr);
    if (errors != NULL && strcmp(kind, "error") == 0) {
        add_error(at, text);
    }
    free(text);
}

void ob_diag_error(const struct ob_loc *at, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    print_message(at, SGR_RED, "error", fmt, args);
    va_end(args);
}

void ob_diag_warning(const struct ob_loc *at, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    print_message(at, SGR_MAGENTA, "warning", fmt, args);
    va_end(args);
}

void ob_diag_note(const struct ob_loc *at, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    print_message(at, SGR_CYAN, "note", fmt, args);
    va_end(args);
}

void ob_diag_json(void)
{
    errors = errors == NULL ? cJSON_CreateArray() : errors;
}

void ob_diag_json_printed(void)
{
    cJSON_Delete(errors);
    errors = NULL;
}

static void print_errors(void)
{
    cJSON *root = cJSON_CreateObject();

    cJSON_AddItemToObject(root, "errors", errors);
    char *text = cJSON_Print(root);
    puts(text == NULL ? "{}" : text);
    cJSON_free(text);
    cJSON_Delete(root);
    errors = NULL;
}

int ob_diag_end(int status)
{
    if (errors != NULL && status != OB_EXIT_OK) {
        print_errors();
    }
    bool failed = ferror(stdout) != 0;

    failed = fflush(stdout) != 0 || failed;
    if (!failed || errno == EPIPE) {
        return status;
    }
    ob_diag_error(NULL, "standard output cannot be written: %s", strerror(errno));
    return OB_EXIT_USAGE;
}
