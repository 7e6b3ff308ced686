/* kith import: bring records in from a file. SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "term/file.h"
#include "term/output.h"
#include "term/report.h"
#include "term/stream.h"

typedef struct import_work {
    stream in; /* first, so that its functions can be given the whole */
    const cli *app;
    const char *mapping_path; /* NULL for JSON Lines */
} import_work;

/* What was not taken in: a line each on standard error. */
static void print_reject(void *user, const kith_reject *reject)
{
    import_work *work = user;
    fault f = {reject->field, reject->message, reject->accepted};
    if (work->app->is_json) {
        json_value *object = json_object();
        json_put_integer(object, "line", (int64_t)reject->line);
        json_put_text(object, "kind", reject->kind);
        put_fault(object, &f);
        json_print(stderr, object);
        return;
    }
    hide_progress(&work->in.bar);
    complain("%s:%" PRIu64 ": %s%s%s %s%s%s", work->in.path, reject->line, reject->kind,
             reject->kind[0] == '\0' ? "" : ": ", f.field[0] == '\0' ? "the row" : f.field,
             f.message, f.accepted[0] == '\0' ? "" : "; give ", f.accepted);
}

static void print_report(const cli *app, const kith_import_report *report)
{
    if (app->is_json) {
        json_value *object = json_object();
        json_put_integer(object, "rows", (int64_t)report->row_count);
        json_put_integer(object, "added", (int64_t)report->added_count);
        json_put_integer(object, "known", (int64_t)report->known_count);
        json_put_integer(object, "completed", (int64_t)report->completed_count);
        json_put_integer(object, "rejected", (int64_t)report->rejected_count);
        json_put_integer(object, "left_out", (int64_t)report->left_out_count);
        json_print(stdout, object);
    } else if (!app->is_quiet) {
        print("%" PRIu64 " rows: %" PRIu64 " records added, %" PRIu64 " here already, %" PRIu64
              " rows rejected",
              report->row_count, report->added_count, report->known_count, report->rejected_count);
        if (report->completed_count > 0) {
            print(", %" PRIu64 " fields added to what was here", report->completed_count);
        }
        if (report->left_out_count > 0) {
            print(", %" PRIu64 " values left out", report->left_out_count);
        }
        print("\n");
    }
}

/* Whether no row was read because the mapping is faulty. */
static bool is_about_mapping(const import_work *work, kith_status status)
{
    return work->mapping_path != NULL && (status == KITH_E_SYNTAX || status == KITH_E_REFUSED);
}

static exit_code report_import(const cli *app, const import_work *work, kith_status status)
{
    if (status == KITH_E_STOPPED) {
        return report_failure(app, status, work->in.path, "stopped",
                              "what was reported as added stays; import again to go on");
    }
    if (work->in.failure != 0) {
        return report_stream(app, &work->in);
    }
    return report_status(app, status,
                         is_about_mapping(work, status) ? work->mapping_path : work->in.path);
}

static exit_code import(const cli *app, import_work *work, kith_slice mapping, uint64_t total_bytes)
{
    kith_import_options options = KITH_IMPORT_OPTIONS_INIT;
    kith_import_report report = {.struct_size = sizeof report};
    options.read = read_stream;
    options.reject = print_reject;
    options.progress = show_progress;
    options.total_bytes = total_bytes;
    options.user = work;
    options.mapping = mapping;
    bool is_csv = mapping.data != NULL;
    kith_status status = is_csv ? kith_import_csv(app->replica, &options, &report)
                                : kith_import_jsonl(app->replica, &options, &report);
    hide_progress(&work->in.bar);
    if (!is_about_mapping(work, status)) {
        print_report(app, &report);
    }
    if (status != KITH_OK) {
        return report_import(app, work, status);
    }
    return report.rejected_count + report.left_out_count > 0 ? EXIT_REFUSED : EXIT_DONE;
}

static exit_code import_file(const cli *app, const char *path, const char *mapping_path)
{
    import_work work = {.in.path = path, .app = app, .mapping_path = mapping_path};
    uint64_t bytes = 0;
    uint8_t *mapping = NULL;
    size_t length = 0;
    exit_code code = EXIT_DONE;
    if (mapping_path != NULL) {
        code = read_file(app, mapping_path, &mapping, &length);
    }
    if (code == EXIT_DONE) {
        code = open_input(app, path, &work.in.file, &bytes);
    }
    if (code == EXIT_DONE) {
        work.in.bar = begin_progress(app, "importing");
        code = import(app, &work, (kith_slice){mapping, length}, bytes);
    }
    close_input(work.in.file);
    free(mapping);
    return code;
}

exit_code run_import(cli *app, const call *given)
{
    const char *format = given->words[0];
    const char *mapping = option_value(given, "--mapping");
    bool is_csv = strcmp(format, "csv") == 0;
    if (!is_csv && strcmp(format, "jsonl") != 0) {
        return usage_error(app, "the format is jsonl or csv, not %s", format);
    }
    if (is_csv != (mapping != NULL)) {
        return usage_error(app, "csv needs --mapping FILE, jsonl takes none");
    }
    exit_code code = open_replica(app);
    return code == EXIT_DONE ? import_file(app, given->words[1], mapping) : code;
}
