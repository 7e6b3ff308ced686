/* SPDX-License-Identifier: Apache-2.0 */
#include "term/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "term/output.h"
#include "term/report.h"

exit_code open_input(const cli *app, const char *path, FILE **file_out, uint64_t *bytes_out)
{
    struct stat info;
    *file_out = NULL;
    *bytes_out = 0;
    if (strcmp(path, "-") == 0) {
        *file_out = stdin;
        return EXIT_DONE;
    }
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return report_file(app, path);
    }
    if (fstat(fileno(file), &info) == 0 && S_ISREG(info.st_mode)) {
        *bytes_out = (uint64_t)info.st_size;
    } else if (S_ISDIR(info.st_mode)) {
        (void)fclose(file);
        errno = EISDIR;
        return report_file(app, path);
    }
    *file_out = file;
    return EXIT_DONE;
}

void close_input(FILE *file)
{
    if (file != NULL && file != stdin) {
        (void)fclose(file);
    }
}

exit_code read_file(const cli *app, const char *path, uint8_t **bytes_out, size_t *length_out)
{
    FILE *file = NULL;
    uint64_t size = 0;
    *bytes_out = NULL;
    *length_out = 0;
    exit_code code = open_input(app, path, &file, &size);
    if (code != EXIT_DONE) {
        return code;
    }
    uint8_t *bytes = malloc(TEXT_BYTES_MAX);
    if (bytes == NULL) {
        end_without_memory();
    }
    size_t length = fread(bytes, 1, TEXT_BYTES_MAX, file);
    if (ferror(file) != 0) {
        code = report_file(app, path);
        free(bytes);
    } else {
        *bytes_out = bytes;
        *length_out = length;
    }
    close_input(file);
    return code;
}

/* Makes room for a byte and a terminator behind the line. */
static void grow_line(line_reader *reader)
{
    if (reader->length + 1 < reader->capacity) {
        return;
    }
    reader->capacity = reader->capacity == 0 ? 256 : reader->capacity * 2;
    reader->text = realloc(reader->text, reader->capacity);
    if (reader->text == NULL) {
        end_without_memory();
    }
}

static void trim_line(line_reader *reader)
{
    static const char mark[] = "\xef\xbb\xbf";
    size_t mark_length = sizeof mark - 1;
    if (reader->length > 0 && reader->text[reader->length - 1] == '\r') {
        reader->length--;
    }
    if (reader->number == 1 && reader->length >= mark_length &&
        memcmp(reader->text, mark, mark_length) == 0) {
        reader->length -= mark_length;
        memmove(reader->text, reader->text + mark_length, reader->length);
    }
    reader->text[reader->length] = '\0';
}

bool read_line(line_reader *reader)
{
    int byte = getc(reader->file);
    reader->length = 0;
    grow_line(reader);
    if (byte == EOF) {
        return false;
    }
    for (; byte != EOF && byte != '\n'; byte = getc(reader->file)) {
        if (reader->length < TEXT_BYTES_MAX) {
            grow_line(reader);
            reader->text[reader->length++] = (char)byte;
        }
    }
    reader->number++;
    trim_line(reader);
    return ferror(reader->file) == 0;
}

/* Whether the file is written beside its place first: not where something else than a file is
 * there, such as a pipe or a link, which has to stay what it is. */
static bool is_replaced(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0 ? S_ISREG(info.st_mode) : errno == ENOENT;
}

/* Begins a file. With errno on failure, when nothing is to be freed. */
static bool begin(const char *path, output_file *out)
{
    int descriptor = -1;
    *out = (output_file){.path = path};
    if (is_replaced(path)) {
        if (asprintf(&out->part_path, "%s.XXXXXX", path) < 0) {
            end_without_memory();
        }
        descriptor = mkstemp(out->part_path);
    } else {
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
    }
    out->file = descriptor < 0 ? NULL : fdopen(descriptor, "wb");
    if (out->file == NULL) {
        int reason = errno;
        free(out->part_path);
        errno = reason;
    }
    return out->file != NULL;
}

exit_code open_output(const cli *app, const char *path, output_file *out)
{
    return begin(path, out) ? EXIT_DONE : report_file(app, path);
}

/* Brings a file's new name to the disk; where folders cannot be flushed, nobody can. */
static bool flush_name(const char *path)
{
    char *copy = strdup(path);
    if (copy == NULL) {
        end_without_memory();
    }
    int folder = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool flushed = folder < 0 || fsync(folder) == 0 || errno == EINVAL;
    if (folder >= 0) {
        (void)close(folder);
    }
    free(copy);
    return flushed;
}

static bool take_place(const output_file *out)
{
    return out->part_path == NULL ||
           (rename(out->part_path, out->path) == 0 && flush_name(out->path));
}

/* The bytes are on the disk before the name is: a power cut leaves the old file or the new one. */
static bool complete(const output_file *out)
{
    bool written = fflush(out->file) == 0 && (fsync(fileno(out->file)) == 0 || errno == EINVAL);
    int reason = errno;
    bool closed = fclose(out->file) == 0;
    errno = written ? errno : reason;
    return written && closed && take_place(out);
}

static void drop(const output_file *out)
{
    if (out->part_path != NULL) {
        (void)unlink(out->part_path);
    }
}

exit_code close_output(const cli *app, output_file *out, exit_code code)
{
    if (code != EXIT_DONE) {
        (void)fclose(out->file);
    } else if (!complete(out)) {
        code = report_file(app, out->path);
    }
    if (code != EXIT_DONE) {
        drop(out);
    }
    free(out->part_path);
    return code;
}

bool write_file(const char *path, const char *text)
{
    output_file out;
    if (!begin(path, &out)) {
        return false;
    }
    bool is_text_out = fputs(text, out.file) >= 0; /* what fails is told when the file is ended */
    bool is_written = complete(&out) && is_text_out;
    if (!is_written) {
        drop(&out);
    }
    free(out.part_path);
    return is_written;
}
