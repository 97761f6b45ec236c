/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool read_stream(FILE *in, const char *path, size_t max, char **data, size_t *len)
{
    struct ob_loc at = {.file = path};
    struct stat st;

    if (fstat(fileno(in), &st) != 0 || !S_ISREG(st.st_mode)) {
        ob_diag_error(&at, "is not a regular file");
        return false;
    }
    if (st.st_size < 0 || (uintmax_t)st.st_size > max) {
        ob_diag_error(&at, "has %jd bytes, more than the %zu that are accepted", (intmax_t)st.st_size, max);
        return false;
    }
    char *buf = malloc((size_t)st.st_size + 1);
    if (buf == NULL) {
        ob_diag_error(&at, "cannot be read: out of memory");
        return false;
    }
    *len = fread(buf, 1, (size_t)st.st_size, in);
    bool is_whole = *len == (size_t)st.st_size && fgetc(in) == EOF;
    if (ferror(in)) {
        ob_diag_error(&at, "cannot be read: %s", strerror(errno));
        free(buf);
        return false;
    }
    if (!is_whole) { /* somebody writes it just now; or it is one of /proc, which has no size */
        ob_diag_error(&at, "has another size than it says; try again when it is written");
        free(buf);
        return false;
    }
    buf[*len] = '\0';
    *data = buf;
    return true;
}

enum ob_exit ob_file_read(const char *path, size_t max, char **data, size_t *len)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* a pipe without a writer would block */
    FILE *in = fd < 0 ? NULL : fdopen(fd, "rb");

    *data = NULL;
    *len = 0;
    if (in == NULL) {
        ob_diag_error(&(struct ob_loc){.file = path}, "cannot be opened: %s", strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return OB_EXIT_USAGE;
    }
    bool ok = read_stream(in, path, max, data, len);
    fclose(in);
    return ok ? OB_EXIT_OK : OB_EXIT_USAGE;
}

static bool write_stream(const struct ob_file_text *file, FILE *out)
{
    bool ok = out != NULL && fwrite(file->data, 1, file->len, out) == file->len;

    return (out == NULL || fclose(out) == 0) && ok;
}

/** A pipe or a device is written into: a file in its place would not be what was named. */
static bool is_written_into(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

/**
 * The new file gets the mode of the one that it replaces; where that is a link, it is what the link leads to.
 * @return the path of the complete temporary file, to be freed by the caller; NULL on error
 */
static char *write_temporary(const struct ob_file_text *file)
{
    struct stat st;
    char *target = realpath(file->path, NULL);
    char *path = NULL;

    int len = asprintf(&path, "%s.%ld.tmp", target != NULL ? target : file->path, (long)getpid());
    free(target);
    if (len < 0) {
        return NULL;
    }
    FILE *out = fopen(path, "wb");
    if (out == NULL) {
        free(path);
        return NULL;
    }
    bool ok = stat(file->path, &st) != 0 || fchmod(fileno(out), st.st_mode & 0777) == 0;
    ok = write_stream(file, out) && ok;
    if (!ok) {
        unlink(path);
        free(path);
        return NULL;
    }
    return path;
}

static bool holds_already(const struct ob_file_text *file)
{
    char chunk[4096];
    size_t done = 0;
    size_t len;
    bool same = true;

    FILE *in = fopen(file->path, "rb");
    if (in == NULL) {
        return false;
    }
    while (same && (len = fread(chunk, 1, sizeof(chunk), in)) > 0) {
        same = len <= file->len - done && memcmp(chunk, file->data + done, len) == 0;
        done += len;
    }
    fclose(in);
    return same && done == file->len;
}

/** What depends on a file is made again when its time changes, so equal content stays as it is. */
static bool replace(const struct ob_file_text *file, const char *temporary)
{
    if (is_written_into(file->path)) {
        return write_stream(file, fopen(file->path, "wb"));
    }
    if (holds_already(file)) {
        return unlink(temporary) == 0;
    }
    char *target = realpath(file->path, NULL);
    bool ok = rename(temporary, target != NULL ? target : file->path) == 0;
    free(target);
    return ok;
}

static bool all_differ(const struct ob_file_text *files, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (strcmp(files[i].path, files[k].path) == 0) {
                ob_diag_error(&(struct ob_loc){.file = files[i].path},
                              "would be written twice; give each output its file");
                return false;
            }
        }
    }
    return true;
}

FILE *ob_file_text_open(struct ob_file_text *file)
{
    FILE *out = open_memstream(&file->data, &file->len);

    if (out == NULL) {
        ob_diag_error(NULL, "out of memory");
    }
    return out;
}

void ob_file_text_free(struct ob_file_text *files, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(files[i].data);
        files[i].data = NULL;
    }
}

enum ob_exit ob_file_write_all(const struct ob_file_text *files, size_t count)
{
    char **temporaries = calloc(count + 1, sizeof(*temporaries));
    bool ok = temporaries != NULL && all_differ(files, count);

    for (size_t i = 0; ok && i < count; i++) {
        temporaries[i] = is_written_into(files[i].path) ? NULL : write_temporary(&files[i]);
        ok = temporaries[i] != NULL || is_written_into(files[i].path);
        if (!ok) {
            ob_diag_error(&(struct ob_loc){.file = files[i].path}, "cannot be written: %s", strerror(errno));
        }
    }
    for (size_t i = 0; ok && i < count; i++) {
        ok = replace(&files[i], temporaries[i]);
        if (!ok) {
            ob_diag_error(&(struct ob_loc){.file = files[i].path}, "cannot be replaced: %s", strerror(errno));
        }
    }
    for (size_t i = 0; temporaries != NULL && i < count; i++) {
        if (!ok && temporaries[i] != NULL) {
            unlink(temporaries[i]);
        }
        free(temporaries[i]);
    }
    free(temporaries);
    return ok ? OB_EXIT_OK : OB_EXIT_USAGE;
}

enum ob_exit ob_file_text_write(struct ob_file_text *file, FILE *out)
{
    fclose(out);
    enum ob_exit status = ob_file_write_all(file, 1);
    ob_file_text_free(file, 1);
    return status;
}
