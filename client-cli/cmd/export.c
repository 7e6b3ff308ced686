/* kith export: write records to a file or standard output. SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "term/report.h"
#include "term/text.h"

typedef struct export_work {
    progress bar; /* first, so that show_progress() can be given the whole */
    FILE *file;
} export_work;

static kith_status write_more(void *user, kith_slice bytes)
{
    export_work *work = user;
    return fwrite(bytes.data, 1, bytes.length, work->file) == bytes.length ? KITH_OK : KITH_E_IO;
}

static exit_code write_records(const cli *app, export_work *work, bool is_csv, kith_slice kind,
                               const char *path)
{
    kith_export_options options = KITH_EXPORT_OPTIONS_INIT;
    options.write = write_more;
    /* A bar would run through what is written to the same terminal. */
    bool shares_terminal = work->file == stdout && isatty(STDOUT_FILENO) != 0;
    options.progress = shares_terminal ? NULL : show_progress;
    options.user = work;
    options.kind = kind;
    catch_interrupt();
    kith_status status = is_csv ? kith_export_csv(app->replica, &options, NULL)
                                : kith_export_jsonl(app->replica, &options, NULL);
    end_progress(&work->bar);
    if (status == KITH_E_IO && ferror(work->file) != 0) {
        return report_file(app, path);
    }
    return status == KITH_OK ? EXIT_DONE : report_status(app, status, path);
}

/* A file is complete on the disk, or reported. */
static exit_code close_output(const cli *app, FILE *file, const char *path, exit_code code)
{
    if (file == stdout) {
        return code;
    }
    bool failed = fflush(file) != 0 || fsync(fileno(file)) != 0;
    failed = fclose(file) != 0 || failed;
    return failed && code == EXIT_DONE ? report_file(app, path) : code;
}

exit_code run_export(cli *app, int argument_count, char **arguments)
{
    static const struct option options[] = {{"output", required_argument, NULL, 'o'},
                                            {NULL, 0, NULL, 0}};
    const char *path = NULL;
    export_work work = {.file = stdout};
    int option = 0;
    while ((option = getopt_long(argument_count, arguments, "", options, NULL)) != -1) {
        if (option != 'o') {
            return usage_error(app, "unknown or incomplete option %s", arguments[optind - 1]);
        }
        path = optarg;
    }
    int count = argument_count - optind;
    bool is_csv = count == 2 && strcmp(arguments[optind], "csv") == 0;
    bool is_jsonl = count >= 1 && count <= 2 && strcmp(arguments[optind], "jsonl") == 0;
    if (!is_csv && !is_jsonl) {
        return usage_error(app, "jsonl [KIND] or csv KIND is needed");
    }
    exit_code code = open_replica(app);
    if (code != EXIT_DONE) {
        return code;
    }
    if (path != NULL) {
        work.file = fopen(path, "wb");
        if (work.file == NULL) {
            return report_file(app, path);
        }
    }
    path = path == NULL ? "standard output" : path;
    work.bar = (progress){.app = app, .what = "exporting"};
    kith_slice kind = kith_slice_of(count == 2 ? arguments[optind + 1] : NULL);
    code = write_records(app, &work, is_csv, kind, path);
    return close_output(app, work.file, path, code);
}
