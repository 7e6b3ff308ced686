/* Where the replicas are: one for each space of the device. SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mark.h"
#include "term/file.h"
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

char *user_folder(const char *name, const char *beside_home)
{
    const char *folder = variable(name);
    const char *user = variable("HOME");
    return folder != NULL && folder[0] == '/' ? join(folder, "kith")
           : user != NULL                     ? join(user, beside_home)
                                              : NULL;
}

const char *default_home(void)
{
    static char *path; /* made once */
    const char *home = variable("KITH_HOME");
    if (home == NULL && path == NULL) {
        path = user_folder("XDG_DATA_HOME", ".local/share/kith");
    }
    return home != NULL ? home : path;
}

static exit_code open_path(const cli *app, const char *folder, size_t index,
                           const kith_open_options *given, kith_replica **replica_out)
{
    kith_error error = {0};
    kith_open_options options = KITH_OPEN_OPTIONS_INIT;
    if (given != NULL) {
        options = *given;
    }
    options.mark = &file_mark;
    char *path = replica_path(folder, index);
    kith_status status = kith_replica_open(path, &options, replica_out, &error);
    free(path);
    if (status == KITH_E_NOT_FOUND) {
        return report_failure(app, status, folder, "there is no replica here",
                              "make one with `kith init`, or name its folder with --home");
    }
    return status == KITH_OK ? EXIT_DONE : report_error(app, &error, folder);
}

char *replica_path(const char *folder, size_t index)
{
    char name[32] = "kith.db";
    if (index > 0) {
        (void)snprintf(name, sizeof name, "kith-%zu.db", index + 1);
    }
    return join(folder, name);
}

exit_code open_folder(const cli *app, const char *folder, const kith_open_options *options,
                      kith_replica **replica_out)
{
    return folder == NULL
               ? report_failure(app, KITH_E_ARGUMENT, "replica", "nothing says where it is",
                                "name its folder with --home")
               : open_path(app, folder, 0, options, replica_out);
}

/* Replicas are numbered without gaps. */
static size_t count_replicas(const char *folder)
{
    size_t count = 1; /* if it is not there, opening it says so */
    for (; count < KITH_SYNC_SPACES_MAX; count++) {
        char *path = replica_path(folder, count);
        int code = access(path, F_OK);
        free(path);
        if (code != 0) {
            break;
        }
    }
    return count;
}

/* The number of the replica in use; 0 if the file that holds it is damaged. */
static unsigned long read_number(const char *path)
{
    char line[16] = "1"; /* without the file it is the first */
    FILE *file = fopen(path, "r");
    if (file != NULL) {
        if (fgets(line, sizeof line, file) == NULL) {
            line[0] = '\0';
        }
        (void)fclose(file);
    }
    return strtoul(line, NULL, 10);
}

/* The index of the replica in use. */
static exit_code read_used(const cli *app, size_t count, size_t *index_out)
{
    char *path = join(app->home, "space");
    unsigned long number = read_number(path);
    bool is_one = number >= 1 && number <= count;
    exit_code code = is_one ? EXIT_DONE
                            : report_failure(app, KITH_E_DAMAGED, path, "it names no space",
                                             "choose one with `kith space use`");
    free(path);
    *index_out = is_one ? number - 1 : 0;
    return code;
}

static exit_code open_next(cli *app, size_t index, const kith_open_options *options)
{
    exit_code code = open_path(app, app->home, index, options, &app->replica);
    if (code == EXIT_DONE) {
        app->replicas[app->replica_count++] = app->replica;
    }
    return code;
}

/* True if a replica is that of the space named. One that belongs to no space yet is in one of its
 * own, called local. */
static bool is_space(kith_replica *replica, const char *name)
{
    kith_space_status space = {.struct_size = sizeof space};
    kith_status status = kith_space_read_status(replica, &space);
    return status == KITH_OK ? strcmp(space.name, name) == 0 || strcmp(space.id, name) == 0
                             : status == KITH_E_NOT_FOUND && strcmp(name, "local") == 0;
}

static exit_code open_named(cli *app, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        exit_code code = open_next(app, i, NULL);
        if (code != EXIT_DONE || is_space(app->replica, app->space)) {
            return code;
        }
        close_replicas(app);
    }
    return report_failure(app, KITH_E_NOT_FOUND, app->space, "there is no such space",
                          "`kith space list` shows those there are");
}

static exit_code open_some(cli *app, bool all)
{
    size_t used = 0;
    if (app->home == NULL) {
        return open_folder(app, NULL, NULL, &app->replica);
    }
    size_t count = count_replicas(app->home);
    if (app->space != NULL) {
        return open_named(app, count);
    }
    exit_code code = read_used(app, count, &used);
    if (code != EXIT_DONE || !all) {
        return code == EXIT_DONE ? open_next(app, used, NULL) : code;
    }
    for (size_t i = 0; code == EXIT_DONE && i < count; i++) {
        code = open_next(app, i, NULL);
    }
    app->replica = code == EXIT_DONE ? app->replicas[used] : NULL;
    return code;
}

exit_code open_replica(cli *app)
{
    return open_some(app, false);
}

exit_code open_replicas(cli *app)
{
    return open_some(app, true);
}

void close_replicas(cli *app)
{
    while (app->replica_count > 0) {
        kith_replica_close(app->replicas[--app->replica_count]);
    }
    app->replica = NULL;
}

/* What people call this device; to be freed. NULL if that cannot be read. */
static char *device_name(kith_replica *replica)
{
    kith_replica_status figures = {.struct_size = sizeof figures};
    kith_record *record = NULL;
    char *name = NULL;
    if (kith_replica_read_status(replica, &figures) == KITH_OK &&
        kith_record_get(replica, figures.device, NULL, &record) == KITH_OK) {
        const kith_record_field *field = kith_record_find_field(record, kith_slice_of("name"));
        name = field != NULL && field->text_count > 0 ? strdup(field->texts[0]) : NULL;
    }
    kith_record_free(record);
    return name;
}

exit_code add_replica(cli *app)
{
    kith_open_options options = KITH_OPEN_OPTIONS_INIT;
    if (app->replica_count == KITH_SYNC_SPACES_MAX) {
        return report_failure(app, KITH_E_LIMIT, app->home, "it holds as many spaces as it may",
                              "use another folder");
    }
    char *name = device_name(app->replica);
    options.create = 1;
    options.device_name = name;
    options.device_of = app->replica;
    exit_code code = open_next(app, app->replica_count, &options);
    free(name);
    return code;
}

void drop_replica(cli *app)
{
    static const char *const companions[] = {"", "-wal", "-shm"};
    kith_replica_close(app->replicas[--app->replica_count]);
    char *path = replica_path(app->home, app->replica_count);
    for (size_t i = 0; i < sizeof companions / sizeof companions[0]; i++) {
        char *file = NULL;
        if (asprintf(&file, "%s%s", path, companions[i]) < 0) {
            end_without_memory();
        }
        (void)unlink(file); /* a companion may not be there */
        free(file);
    }
    free(path);
    app->replica = app->replicas[0];
}

exit_code use_replica(const cli *app)
{
    output_file out;
    size_t index = 0;
    while (app->replicas[index] != app->replica) {
        index++;
    }
    char *path = join(app->home, "space");
    exit_code code = open_output(app, path, &out);
    if (code == EXIT_DONE) {
        bool is_written = fprintf(out.file, "%zu\n", index + 1) > 0;
        code = close_output(app, &out, is_written ? EXIT_DONE : report_file(app, path));
    }
    free(path);
    return code;
}
