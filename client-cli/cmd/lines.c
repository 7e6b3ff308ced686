/* add - and set -: JSON Lines from standard input, an answer a line.
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/assign.h"
#include "term/file.h"
#include "term/output.h"
#include "term/report.h"

/* In JSON each line of input has one line of output, also where it was refused. */
static void answer_json(const cli *app, const kith_edit *edit, kith_status status,
                        uint64_t line_number)
{
    json_value *object = json_object();
    json_put_integer(object, "line", (int64_t)line_number);
    json_put_text(object, "status", kith_status_name(status));
    if (status == KITH_OK) {
        if (kith_edit_record_count(edit) > 0) {
            json_put_id(object, "id", kith_edit_record_id(edit, 0));
        }
        json_put(object, "records", ids_json(edit));
    } else {
        json_put_text(object, "why", kith_replica_error(app->replica)->message);
        json_put(object, "problems", problems_json(edit));
    }
    json_print(stdout, object);
}

static void answer_text(const cli *app, const kith_edit *edit, kith_status status,
                        uint64_t line_number)
{
    char where[40];
    if (status == KITH_OK) {
        print_ids(app, edit);
        flush_output();
        return;
    }
    (void)snprintf(where, sizeof where, "line %" PRIu64, line_number);
    if (kith_edit_problem_count(edit) > 0) {
        print_problems(where, edit);
    } else {
        complain("%s: %s", where, kith_replica_error(app->replica)->message);
    }
}

/* Statuses that say something of the line; others end the work. */
static bool concerns_line(kith_status status)
{
    return status == KITH_E_REFUSED || status == KITH_E_SYNTAX || status == KITH_E_LIMIT ||
           status == KITH_E_NOT_FOUND || status == KITH_E_AMBIGUOUS || status == KITH_E_ARGUMENT;
}

static exit_code edit_each_line(const cli *app, kith_edit *edit, line_reader *reader)
{
    exit_code code = EXIT_DONE;
    while (!has_output_failed() && read_line(reader)) {
        kith_slice text = {(const uint8_t *)reader->text, reader->length};
        if (strspn(reader->text, " \t") == reader->length) {
            continue;
        }
        kith_edit_reset(edit);
        kith_status status = kith_edit_json(edit, text);
        if (status == KITH_OK) {
            status = kith_edit_commit(edit);
        }
        if (status != KITH_OK && !concerns_line(status)) {
            return report_status(app, status, app->command);
        }
        code = status == KITH_OK ? code : EXIT_REFUSED;
        if (app->is_json) {
            answer_json(app, edit, status, reader->number);
        } else {
            answer_text(app, edit, status, reader->number);
        }
    }
    return ferror(reader->file) != 0 ? report_file(app, "standard input") : code;
}

exit_code edit_lines(cli *app, kith_edit *edit, const call *given)
{
    (void)given;
    line_reader reader = {.file = stdin};
    exit_code code = edit_each_line(app, edit, &reader);
    free(reader.text);
    return code;
}
