/* kith remove: remove records, all of them or none. SPDX-License-Identifier: Apache-2.0 */
#include "cmd/assign.h"
#include "term/report.h"

static exit_code remove_records(cli *app, kith_edit *edit, const call *given)
{
    for (int i = 0; i < given->word_count; i++) {
        uint32_t record = 0;
        exit_code code = open_record(app, edit, given->words[i], &record);
        if (code != EXIT_DONE) {
            return code;
        }
        kith_status status = kith_edit_remove(edit, record);
        if (status != KITH_OK) {
            return report_status(app, status, given->words[i]);
        }
    }
    return commit(app, edit);
}

exit_code run_remove(cli *app, const call *given)
{
    return with_edit(app, remove_records, given);
}
