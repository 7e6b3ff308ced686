/* Where the replica is. SPDX-License-Identifier: Apache-2.0 */
#include <kith/space.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "term/output.h"
#include "term/report.h"

/* "first/second", to be freed. */
static char *join(const char *first, const char *second)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s", first, second) < 0) {
        end_without_memory();
    }
    return path;
}

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value == NULL || value[0] == '\0' ? NULL : value;
}

const char *default_home(void)
{
    static char *path; /* made once */
    const char *home = variable("KITH_HOME");
    const char *data = variable("XDG_DATA_HOME");
    const char *user = variable("HOME");
    if (home != NULL) {
        return home;
    }
    if (path == NULL && data != NULL && data[0] == '/') {
        path = join(data, "kith");
    } else if (path == NULL && user != NULL) {
        path = join(user, ".local/share/kith");
    }
    return path;
}

exit_code open_folder(const cli *app, const char *folder, const kith_open_options *options,
                      kith_replica **replica_out)
{
    kith_error error = {0};
    if (folder == NULL) {
        return report_failure(app, KITH_E_ARGUMENT, "replica", "nothing says where it is",
                              "name its folder with --home");
    }
    char *path = join(folder, "kith.db");
    kith_status status = kith_replica_open(path, options, replica_out, &error);
    free(path);
    if (status == KITH_E_NOT_FOUND) {
        return report_failure(app, status, folder, "there is no replica here",
                              "make one with `kith init`, or name its folder with --home");
    }
    return status == KITH_OK ? EXIT_DONE : report_error(app, &error, folder);
}

/* A replica that belongs to no space yet is in one of its own, called local. */
static exit_code check_space(const cli *app)
{
    kith_space_status space = {.struct_size = sizeof space};
    kith_status status = kith_space_read_status(app->replica, &space);
    if (status != KITH_OK && status != KITH_E_NOT_FOUND) {
        return report_status(app, status, app->space);
    }
    const char *name = status == KITH_OK ? space.name : "local";
    return strcmp(app->space, name) == 0
               ? EXIT_DONE
               : report_failure(app, KITH_E_NOT_FOUND, app->space, "there is no such space",
                                "`kith space list` shows the one there is");
}

exit_code open_replica(cli *app)
{
    exit_code code = open_folder(app, app->home, NULL, &app->replica);
    return code == EXIT_DONE && app->space != NULL ? check_space(app) : code;
}
