/* kith undo: take this device's last change back. SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cmd/assign.h"
#include "term/output.h"
#include "term/report.h"

static void print_undone(const kith_edit *edit)
{
    for (uint32_t i = 0; i < kith_edit_record_count(edit); i++) {
        char text[KITH_ID_TEXT_SIZE];
        kith_id_format(kith_edit_record_id(edit, i), text);
        print("took back the last change of %s\n", text);
    }
}

static void print_undone_json(const kith_edit *edit)
{
    json_value *object = json_object();
    json_put(object, "records", ids_json(edit));
    json_print(stdout, object);
}

static exit_code undo(cli *app, kith_edit *edit, const call *given)
{
    (void)given;
    kith_status status = kith_edit_undo(edit);
    if (status != KITH_OK) {
        return report_edit(app, status, edit);
    }
    if (app->is_json) {
        print_undone_json(edit);
    } else {
        print_undone(edit);
    }
    return EXIT_DONE;
}

exit_code run_undo(cli *app, const call *given)
{
    return with_edit(app, undo, given);
}
