/* kith export: write records out. SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "term/file.h"
#include "term/output.h"
#include "term/report.h"
#include "term/stream.h"

static kith_status write_more(void *user, kith_slice bytes)
{
    const stream *out = user;
    if (out->file != NULL) {
        return write_stream(user, bytes);
    }
    print_bytes(bytes);
    return has_output_failed() ? KITH_E_IO : KITH_OK;
}

static exit_code write_records(const cli *app, stream *out, const call *given)
{
    bool is_csv = strcmp(given->words[0], "csv") == 0;
    const char *kind = given->word_count > 1 ? given->words[1] : NULL;
    kith_export_options options = KITH_EXPORT_OPTIONS_INIT;
    options.write = write_more;
    options.progress = show_progress;
    options.user = out;
    options.kind = kith_slice_of(kind);
    out->bar = begin_progress(app, "exporting");
    /* A bar would run through what is written to the same terminal. */
    out->bar.is_shown = out->bar.is_shown && (out->file != NULL || isatty(STDOUT_FILENO) == 0);
    kith_status status = is_csv ? kith_export_csv(app->replica, &options, NULL)
                                : kith_export_jsonl(app->replica, &options, NULL);
    hide_progress(&out->bar);
    if (has_output_failed()) {
        return EXIT_REFUSED; /* end_output() says why */
    }
    if (status == KITH_E_STOPPED) {
        return report_failure(app, status, app->command, "stopped", NULL);
    }
    if (out->failure != 0) {
        return report_stream(app, out);
    }
    return status == KITH_OK ? EXIT_DONE
                             : report_status(app, status, kind != NULL ? kind : app->command);
}

static exit_code export(const cli *app, const call *given, const char *path)
{
    stream out = {.path = path};
    output_file output;
    if (path == NULL) {
        return write_records(app, &out, given);
    }
    exit_code code = open_output(app, path, &output);
    if (code != EXIT_DONE) {
        return code;
    }
    out.file = output.file;
    code = write_records(app, &out, given);
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
