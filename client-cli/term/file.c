/* SPDX-License-Identifier: Apache-2.0 */
#include "term/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "term/report.h"

FILE *open_input(const cli *app, const char *path, uint64_t *bytes_out)
{
    struct stat info;
    *bytes_out = 0;
    if (strcmp(path, "-") == 0) {
        return stdin;
    }
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        (void)report_file(app, path);
        return NULL;
    }
    if (fstat(fileno(file), &info) == 0 && S_ISREG(info.st_mode)) {
        *bytes_out = (uint64_t)info.st_size;
    } else if (S_ISDIR(info.st_mode)) {
        errno = EISDIR;
        (void)report_file(app, path);
        (void)fclose(file);
        return NULL;
    }
    return file;
}

void close_input(FILE *file)
{
    if (file != NULL && file != stdin) {
        (void)fclose(file);
    }
}

char *read_file(const cli *app, const char *path, size_t max_bytes, size_t *length_out)
{
    uint64_t bytes = 0;
    FILE *file = open_input(app, path, &bytes);
    if (file == NULL) {
        return NULL;
    }
    char *text = malloc(max_bytes + 1);
    *length_out = text == NULL ? 0 : fread(text, 1, max_bytes + 1, file);
    bool failed = text == NULL || ferror(file) != 0;
    bool too_long = !failed && *length_out > max_bytes;
    if (failed) {
        (void)report_file(app, path);
    } else if (too_long) {
        char why[64];
        (void)snprintf(why, sizeof why, "is longer than %zu bytes", max_bytes);
        (void)report_failure(app, KITH_E_LIMIT, path, why, NULL);
    }
    close_input(file);
    if (failed || too_long) {
        free(text);
        return NULL;
    }
    return text;
}
