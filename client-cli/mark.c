/* SPDX-License-Identifier: Apache-2.0 */
#include "mark.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, NUMBER_BYTES = 24 };

/* Writes a path, which begins with a variable of the environment. False if that is no folder's name
 * or the whole is too long. */
static bool format_path(char path[PATH_BYTES], const char *variable, const char *rest)
{
    const char *folder = getenv(variable);
    if (folder == NULL || folder[0] != '/') {
        return false;
    }
    int length = snprintf(path, PATH_BYTES, "%s%s", folder, rest);
    return length > 0 && length < PATH_BYTES;
}

/* The folder for state, as the XDG base directory specification has it. */
static bool format_folder(char path[PATH_BYTES])
{
    return format_path(path, "XDG_STATE_HOME", "/kith") ||
           format_path(path, "HOME", "/.local/state/kith");
}

/* Makes the folder and those above it. */
static bool make_folder(char path[PATH_BYTES])
{
    for (char *at = strchr(path + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        *at = '\0';
        (void)mkdir(path, 0700); /* it may be there; whether the last one can be made says all */
        *at = '/';
    }
    return mkdir(path, 0700) == 0 || access(path, W_OK) == 0;
}

static bool join(char path[PATH_BYTES], const char *folder, const char *name, const char *ending)
{
    int length = snprintf(path, PATH_BYTES, "%s/%s%s", folder, name, ending);
    return length > 0 && length < PATH_BYTES;
}

static kith_status get_mark(void *user, const char *author, uint64_t *number_out)
{
    char folder[PATH_BYTES];
    char path[PATH_BYTES];
    char number[NUMBER_BYTES] = "";
    (void)user;
    *number_out = 0;
    FILE *file = format_folder(folder) && join(path, folder, author, "") ? fopen(path, "r") : NULL;
    if (file == NULL) {
        return KITH_OK; /* none was kept yet */
    }
    bool is_read = fgets(number, sizeof number, file) != NULL;
    (void)fclose(file);
    *number_out = strtoull(number, NULL, 10);
    return is_read ? KITH_OK : KITH_E_IO;
}

static bool write_durably(const char *path, const char *text)
{
    size_t length = strlen(text);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) {
        return false;
    }
    bool is_written = write(file, text, length) == (ssize_t)length && fsync(file) == 0;
    return close(file) == 0 && is_written;
}

static bool sync_folder(const char *path)
{
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_synced = folder >= 0 && fsync(folder) == 0;
    return (folder < 0 || close(folder) == 0) && is_synced;
}

/* Under another name first, so that it is never half there. */
static kith_status set_mark(void *user, const char *author, uint64_t number)
{
    char folder[PATH_BYTES];
    char path[PATH_BYTES];
    char fresh[PATH_BYTES];
    char text[NUMBER_BYTES];
    (void)user;
    (void)snprintf(text, sizeof text, "%" PRIu64 "\n", number);
    bool is_kept = format_folder(folder) && make_folder(folder) && join(path, folder, author, "") &&
                   join(fresh, folder, author, ".new") && write_durably(fresh, text) &&
                   rename(fresh, path) == 0 && sync_folder(folder);
    return is_kept ? KITH_OK : KITH_E_IO;
}

const kith_mark file_mark = {get_mark, set_mark, NULL};
