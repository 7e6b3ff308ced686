/* kith undo: take this device's last change back. SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cmd/assign.h"
#include "term/report.h"

static void print_undone(const cli *app, const kith_edit *edit)
{
    uint32_t count = kith_edit_record_count(edit);
    json_value *records = app->is_json ? json_array() : NULL;
    for (uint32_t i = 0; i < count; i++) {
        char text[KITH_ID_TEXT_SIZE];
        kith_id_format(kith_edit_record_id(edit, i), text);
        if (app->is_json) {
            json_value *entry = json_object();
            json_put_text(entry, "id", text);
            json_add(records, entry);
        } else {
            (void)printf("took back the last change of %s\n", text);
        }
    }
    if (app->is_json) {
        json_value *object = json_object();
        json_put(object, "records", records);
        json_print(stdout, object);
    }
}

static exit_code undo(cli *app, kith_edit *edit, int word_count, char **words)
{
    (void)word_count;
    (void)words;
    kith_status status = kith_edit_undo(edit);
    if (status != KITH_OK) {
        return report_edit(app, status, edit);
    }
    print_undone(app, edit);
    return EXIT_DONE;
}

exit_code run_undo(cli *app, int argument_count, char **arguments)
{
    return argument_count > 1 ? usage_error(app, "%s is too much", arguments[1])
                              : with_edit(app, undo, 0, NULL);
}
