/* kith conflicts: what needs a person's decision. SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cmd/rows.h"
#include "term/output.h"
#include "term/report.h"
#include "term/text.h"

static void print_field(const kith_record_field *field)
{
    print("  " BOLD "%s" PLAIN "\n", field->name);
    for (uint32_t i = 0; i < field->rival_count; i++) {
        const kith_rival *rival = &field->rivals[i];
        char when[WHEN_TEXT_SIZE];
        format_when(rival->written.unix_ms, rival->written.trust, when);
        print("    %s ", i == 0 ? "shown:" : "or:   ");
        print_value_text(rival->text[0] == '\0' ? "(cleared)" : rival->text, "           ");
        print("  " DIM "%s, %s" PLAIN "\n", writer_name(&rival->written), when);
    }
}

static exit_code print_conflicts(const cli *app, const kith_list_row *row)
{
    kith_record *record = NULL;
    kith_status status = kith_record_get(app->replica, row->id, app->language, &record);
    if (status != KITH_OK) {
        return report_status(app, status, app->command);
    }
    if (app->is_json) {
        exit_code code = print_record_json(app, record);
        kith_record_free(record);
        return code;
    }
    char id[KITH_ID_TEXT_SIZE];
    kith_id_format(row->id, id);
    print("%s  %s %s%s\n", id, row->kind, row->title,
          row->is_revived != 0 ? "  (removed by one, changed by another)" : "");
    for (uint32_t i = 0; i < kith_record_field_count(record); i++) {
        const kith_record_field *field = kith_record_field_at(record, i);
        if (field->rival_count > 0) {
            print_field(field);
        }
    }
    kith_record_free(record);
    return EXIT_DONE;
}

exit_code run_conflicts(cli *app, const call *given)
{
    (void)given;
    kith_list *list = NULL;
    exit_code code = open_replica(app);
    if (code != EXIT_DONE) {
        return code;
    }
    kith_status status = kith_list_conflicts(app->replica, app->language, &list);
    if (status != KITH_OK) {
        return report_status(app, status, app->command);
    }
    for (size_t i = 0; i < kith_list_count(list) && code == EXIT_DONE; i++) {
        code = print_conflicts(app, kith_list_row_at(list, i));
    }
    if (kith_list_count(list) > 0 && !app->is_json && !app->is_quiet) {
        print("`kith settle ID FIELD=VALUE` decides\n");
    }
    kith_list_free(list);
    return code;
}
