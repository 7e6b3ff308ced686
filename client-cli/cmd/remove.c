/* kith remove: remove records, all of them or none. SPDX-License-Identifier: Apache-2.0 */
#include "cmd/assign.h"
#include "term/report.h"

static exit_code remove_records(cli *app, kith_edit *edit, int id_count, char **ids)
{
    for (int i = 0; i < id_count; i++) {
        uint32_t record = 0;
        exit_code code = open_record(app, edit, ids[i], &record);
        if (code != EXIT_DONE) {
            return code;
        }
        kith_status status = kith_edit_remove(edit, record);
        if (status != KITH_OK) {
            return report_status(app, status, ids[i]);
        }
    }
    return commit(app, edit);
}

exit_code run_remove(cli *app, int argument_count, char **arguments)
{
    if (argument_count < 2) {
        return usage_error(app, "an ID is needed");
    }
    return with_edit(app, remove_records, argument_count - 1, arguments + 1);
}
