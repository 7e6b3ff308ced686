/* kith export: write records out. SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "term/file.h"
#include "term/output.h"
#include "term/progress.h"
#include "term/report.h"

typedef struct export_work {
    progress bar;      /* first, so that show_progress() can be given the whole */
    FILE *file;        /* NULL for standard output */
    int write_failure; /* errno; 0 while all is well */
} export_work;

static kith_status write_more(void *user, kith_slice bytes)
{
    export_work *work = user;
    if (work->file == NULL) {
        print_bytes(bytes);
        return has_output_failed() ? KITH_E_IO : KITH_OK;
    }
    if (fwrite(bytes.data, 1, bytes.length, work->file) == bytes.length) {
        return KITH_OK;
    }
    work->write_failure = errno;
    return was_interrupted() ? KITH_E_STOPPED : KITH_E_IO;
}

static exit_code write_records(const cli *app, export_work *work, const call *given,
                               const char *path)
{
    bool is_csv = strcmp(given->words[0], "csv") == 0;
    const char *kind = given->word_count > 1 ? given->words[1] : NULL;
    kith_export_options options = KITH_EXPORT_OPTIONS_INIT;
    options.write = write_more;
    options.progress = show_progress;
    options.user = work;
    options.kind = kith_slice_of(kind);
    work->bar = begin_progress(app, "exporting");
    /* A bar would run through what is written to the same terminal. */
    work->bar.is_shown = work->bar.is_shown && (path != NULL || isatty(STDOUT_FILENO) == 0);
    kith_status status = is_csv ? kith_export_csv(app->replica, &options, NULL)
                                : kith_export_jsonl(app->replica, &options, NULL);
    hide_progress(&work->bar);
    if (has_output_failed()) {
        return EXIT_REFUSED; /* end_output() says why */
    }
    if (status == KITH_E_STOPPED) {
        return report_failure(app, status, app->command, "stopped", NULL);
    }
    if (work->write_failure != 0) {
        errno = work->write_failure;
        return report_file(app, path);
    }
    return status == KITH_OK ? EXIT_DONE
                             : report_status(app, status, kind != NULL ? kind : app->command);
}

static exit_code export(const cli *app, const call *given, const char *path)
{
    export_work work = {.file = NULL};
    output_file output;
    if (path == NULL) {
        return write_records(app, &work, given, path);
    }
    exit_code code = open_output(app, path, &output);
    if (code != EXIT_DONE) {
        return code;
    }
    work.file = output.file;
    code = write_records(app, &work, given, path);
    return close_output(app, &output, code);
}

exit_code run_export(cli *app, const call *given)
{
    bool is_csv = strcmp(given->words[0], "csv") == 0;
    if (is_csv ? given->word_count != 2 : strcmp(given->words[0], "jsonl") != 0) {
        return usage_error(app, "jsonl [KIND] or csv KIND is needed");
    }
    exit_code code = open_replica(app);
    return code == EXIT_DONE ? export(app, given, option_value(given, "--output")) : code;
}
