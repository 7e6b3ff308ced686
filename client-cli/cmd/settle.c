/* kith settle: decide a conflict. SPDX-License-Identifier: Apache-2.0 */
#include "cmd/assign.h"
#include "term/report.h"

/* Without a field: a record that was removed by one and changed by another stays. */
static exit_code keep_record(const cli *app, kith_edit *edit, uint32_t record, const char *id_text)
{
    kith_status status = kith_edit_keep(edit, record);
    if (status != KITH_OK) {
        return report_status(app, status, id_text);
    }
    exit_code code = commit(app, edit);
    if (code == EXIT_DONE && kith_edit_has_changed(edit) == 0) {
        return report_failure(app, KITH_E_REFUSED, id_text, "the record was not removed by anybody",
                              "name a FIELD=VALUE to settle");
    }
    return code;
}

static exit_code settle_record(cli *app, kith_edit *edit, const call *given)
{
    uint32_t record = 0;
    exit_code code = open_record(app, edit, given->words[0], &record);
    if (code != EXIT_DONE) {
        return code;
    }
    if (given->word_count == 1) {
        return keep_record(app, edit, record, given->words[0]);
    }
    code = assign_words(app, edit, record, given, ASSIGN_TO_SETTLE);
    return code == EXIT_DONE ? commit(app, edit) : code;
}

exit_code run_settle(cli *app, const call *given)
{
    return with_edit(app, settle_record, given);
}
