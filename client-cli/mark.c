/* SPDX-License-Identifier: Apache-2.0 */
#include "mark.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "term/file.h"
#include "term/output.h"

enum { NUMBER_BYTES = 24 };

/* The file of an author's mark, to be freed; NULL if there is no place for marks. */
static char *mark_path(const char *author)
{
    char *path = NULL;
    char *folder = user_folder("XDG_STATE_HOME", ".local/state/kith");
    if (folder != NULL && asprintf(&path, "%s/%s", folder, author) < 0) {
        end_without_memory();
    }
    free(folder);
    return path;
}

/* Makes the folders that a file is to lie in. Those that cannot be made are missed by the file. */
static void make_folders(char *path)
{
    for (char *at = strchr(path + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        *at = '\0';
        (void)mkdir(path, 0700);
        *at = '/';
    }
}

static kith_status get_mark(void *user, const char *author, uint64_t *number_out)
{
    char number[NUMBER_BYTES] = "";
    char *path = mark_path(author);
    FILE *file = path == NULL ? NULL : fopen(path, "r");
    (void)user;
    free(path);
    *number_out = 0;
    if (file == NULL) {
        return KITH_OK; /* none was kept yet */
    }
    bool is_read = fgets(number, sizeof number, file) != NULL;
    (void)fclose(file);
    *number_out = strtoull(number, NULL, 10);
    return is_read ? KITH_OK : KITH_E_IO;
}

static kith_status set_mark(void *user, const char *author, uint64_t number)
{
    char text[NUMBER_BYTES];
    char *path = mark_path(author);
    (void)user;
    if (path == NULL) {
        return KITH_E_IO;
    }
    make_folders(path);
    (void)snprintf(text, sizeof text, "%" PRIu64 "\n", number);
    bool is_kept = write_file(path, text);
    free(path);
    return is_kept ? KITH_OK : KITH_E_IO;
}

const kith_mark file_mark = {get_mark, set_mark, NULL};
