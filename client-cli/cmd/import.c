/* kith import: bring records in from a file. SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "term/file.h"
#include "term/report.h"
#include "term/text.h"

enum { MAPPING_BYTES_MAX = 1 << 20 };

typedef struct import_work {
    progress bar; /* first, so that show_progress() can be given the whole */
    const cli *app;
    FILE *file;
    const char *path;
} import_work;

static kith_status read_more(void *user, uint8_t *buffer, size_t capacity, size_t *length_out)
{
    import_work *work = user;
    *length_out = fread(buffer, 1, capacity, work->file);
    return ferror(work->file) != 0 ? KITH_E_IO : KITH_OK;
}

/* Rows that were not taken in: a line each on standard error. */
static void print_reject(void *user, const kith_reject *reject)
{
    const import_work *work = user;
    if (work->app->is_json) {
        json_value *object = json_object();
        json_put_integer(object, "line", (int64_t)reject->line);
        json_put_text(object, "kind", reject->kind);
        json_put_text(object, "field", reject->field);
        json_put_text(object, "message", reject->message);
        json_put_text(object, "accepted", reject->accepted);
        json_print(stderr, object);
        return;
    }
    (void)fprintf(stderr, "kith: %s:%llu: %s%s%s %s%s%s\n", work->path,
                  (unsigned long long)reject->line, reject->kind,
                  reject->kind[0] == '\0' ? "" : ": ",
                  reject->field[0] == '\0' ? "the row" : reject->field, reject->message,
                  reject->accepted[0] == '\0' ? "" : "; give ", reject->accepted);
}

static void print_report(const cli *app, const kith_import_report *report)
{
    if (app->is_json) {
        json_value *object = json_object();
        json_put_integer(object, "rows", (int64_t)report->row_count);
        json_put_integer(object, "added", (int64_t)report->added_count);
        json_put_integer(object, "known", (int64_t)report->known_count);
        json_put_integer(object, "rejected", (int64_t)report->rejected_count);
        json_print(stdout, object);
    } else if (!app->is_quiet) {
        (void)printf("%llu rows: %llu records added, %llu here already, %llu rows rejected\n",
                     (unsigned long long)report->row_count, (unsigned long long)report->added_count,
                     (unsigned long long)report->known_count,
                     (unsigned long long)report->rejected_count);
    }
}

static exit_code import(const cli *app, import_work *work, bool is_csv, kith_slice mapping,
                        uint64_t total_bytes)
{
    kith_import_options options = KITH_IMPORT_OPTIONS_INIT;
    kith_import_report report = {.struct_size = sizeof report};
    options.read = read_more;
    options.reject = print_reject;
    options.progress = show_progress;
    options.total_bytes = total_bytes;
    options.user = work;
    options.mapping = mapping;
    catch_interrupt();
    kith_status status = is_csv ? kith_import_csv(app->replica, &options, &report)
                                : kith_import_jsonl(app->replica, &options, &report);
    end_progress(&work->bar);
    print_report(app, &report);
    if (status == KITH_E_STOPPED) {
        return report_failure(app, status, work->path, "stopped",
                              "what was reported as added stays; import again to go on");
    }
    if (status != KITH_OK) {
        return report_status(app, status, work->path);
    }
    return report.rejected_count > 0 ? EXIT_REFUSED : EXIT_DONE;
}

static exit_code import_file(cli *app, const char *path, bool is_csv, const char *mapping_path)
{
    import_work work = {.app = app, .path = path};
    work.bar = (progress){.app = app, .what = "importing"};
    uint64_t bytes = 0;
    size_t length = 0;
    char *mapping = NULL;
    if (is_csv) {
        mapping = read_file(app, mapping_path, MAPPING_BYTES_MAX, &length);
        if (mapping == NULL) {
            return EXIT_NOT_FOUND;
        }
    }
    work.file = open_input(app, path, &bytes);
    exit_code code = EXIT_NOT_FOUND;
    if (work.file != NULL) {
        kith_slice text = {(const uint8_t *)mapping, length};
        code = import(app, &work, is_csv, text, bytes);
    }
    close_input(work.file);
    free(mapping);
    return code;
}

exit_code run_import(cli *app, int argument_count, char **arguments)
{
    static const struct option options[] = {{"mapping", required_argument, NULL, 'm'},
                                            {NULL, 0, NULL, 0}};
    const char *mapping = NULL;
    int option = 0;
    while ((option = getopt_long(argument_count, arguments, "", options, NULL)) != -1) {
        if (option != 'm') {
            return usage_error(app, "unknown or incomplete option %s", arguments[optind - 1]);
        }
        mapping = optarg;
    }
    if (argument_count - optind != 2) {
        return usage_error(app, "a format and a FILE are needed");
    }
    bool is_csv = strcmp(arguments[optind], "csv") == 0;
    if (!is_csv && strcmp(arguments[optind], "jsonl") != 0) {
        return usage_error(app, "the format is jsonl or csv, not %s", arguments[optind]);
    }
    if (is_csv != (mapping != NULL)) {
        return usage_error(app, "csv needs --mapping FILE, jsonl takes none");
    }
    exit_code code = open_replica(app);
    return code == EXIT_DONE ? import_file(app, arguments[optind + 1], is_csv, mapping) : code;
}
