/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/rows.h"

#include <stdio.h>
#include <stdlib.h>

#include "term/output.h"
#include "term/report.h"
#include "term/text.h"

enum { LIMIT_MAX = 100000000 };

exit_code read_limit(const cli *app, const call *given, uint32_t *limit_out)
{
    const char *text = option_value(given, "--limit");
    char *end = NULL;
    *limit_out = 0;
    if (text == NULL) {
        return EXIT_DONE;
    }
    long number = strtol(text, &end, 10);
    if (end == text || *end != '\0' || number < 1 || number > LIMIT_MAX) {
        return usage_error(app, "--limit takes a number from 1, not %s", text);
    }
    *limit_out = (uint32_t)number;
    return EXIT_DONE;
}

exit_code print_record_json(const cli *app, kith_record *record)
{
    kith_slice json;
    kith_status status = kith_record_json(record, &json);
    if (status != KITH_OK) {
        return report_status(app, status, app->command);
    }
    print_json_text(stdout, json);
    return EXIT_DONE;
}

static exit_code print_row_json(const cli *app, const kith_list_row *row)
{
    kith_record *record = NULL;
    kith_status status = kith_record_get(app->replica, row->id, app->language, &record);
    if (status != KITH_OK) {
        return report_status(app, status, app->command);
    }
    exit_code code = print_record_json(app, record);
    kith_record_free(record);
    return code;
}

static void print_row(const kith_list_row *row)
{
    char id[SHORT_ID_SIZE];
    char when[WHEN_TEXT_SIZE];
    format_short_id(row->id, id);
    format_when(row->changed_ms, row->changed_trust, when);
    print("%-12s " DIM "%.10s %s" PLAIN "  %s" WARNING "%s%s" PLAIN "\n", id,
          row->changed_trust == KITH_TIME_UNKNOWN ? "(no time) " : when, row->kind,
          row->title[0] == '\0' ? "(no title)" : row->title,
          row->in_conflict != 0 ? "  in conflict" : "",
          row->is_removed != 0   ? "  removed"
          : row->is_revived != 0 ? "  removed by one, changed by another"
                                 : "");
}

exit_code print_rows(const cli *app, const kith_list *list)
{
    exit_code code = EXIT_DONE;
    for (size_t i = 0; i < kith_list_count(list) && code == EXIT_DONE && !has_output_failed();
         i++) {
        const kith_list_row *row = kith_list_row_at(list, i);
        if (app->is_json) {
            code = print_row_json(app, row);
        } else {
            print_row(row);
        }
    }
    return code;
}
