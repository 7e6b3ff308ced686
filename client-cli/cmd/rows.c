/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/rows.h"

#include <stdio.h>
#include <stdlib.h>

#include "term/report.h"
#include "term/text.h"

bool read_limit(const char *text, uint32_t *limit_out)
{
    char *end = NULL;
    long number = strtol(text, &end, 10);
    *limit_out = 0;
    if (end == text || *end != '\0' || number < 1 || number > 100000000) {
        return false;
    }
    *limit_out = (uint32_t)number;
    return true;
}

exit_code print_record_json(const cli *app, kith_record *record)
{
    kith_slice json;
    kith_status status = kith_record_json(record, &json);
    if (status != KITH_OK) {
        return report_status(app, status, app->command);
    }
    (void)fwrite(json.data, 1, json.length, stdout);
    (void)fputc('\n', stdout);
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

static void print_row(const cli *app, const kith_list_row *row)
{
    char id[SHORT_ID_SIZE];
    char when[WHEN_TEXT_SIZE];
    format_short_id(row->id, id);
    format_when(row->changed_ms, row->changed_trust, when);
    (void)printf("%-12s %s%.10s %s%s  %s%s%s%s%s\n", id, dim(app),
                 row->changed_trust == KITH_TIME_UNKNOWN ? "(no time) " : when, row->kind,
                 plain(app), row->title[0] == '\0' ? "(no title)" : row->title, warning(app),
                 row->in_conflict != 0 ? "  in conflict" : "",
                 row->is_removed != 0   ? "  removed"
                 : row->is_revived != 0 ? "  removed by one, changed by another"
                                        : "",
                 plain(app));
}

exit_code print_rows(const cli *app, const kith_list *list)
{
    exit_code code = EXIT_DONE;
    for (size_t i = 0; i < kith_list_count(list) && code == EXIT_DONE; i++) {
        const kith_list_row *row = kith_list_row_at(list, i);
        if (app->is_json) {
            code = print_row_json(app, row);
        } else {
            print_row(app, row);
        }
    }
    return code;
}
