/* kith add: record something new. SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cmd/assign.h"
#include "term/ask.h"
#include "term/report.h"

static exit_code add_record(cli *app, kith_edit *edit, const call *given)
{
    uint32_t record = 0;
    bool asks_all = has_option(given, "--all");
    kith_status status = kith_edit_create(edit, kith_slice_of(given->words[0]), &record);
    if (status != KITH_OK) {
        return report_status(app, status, app->command);
    }
    exit_code code = assign_words(app, edit, record, given, ASSIGN);
    if (code == EXIT_DONE && (asks_all || has_option(given, "-i"))) {
        code = ask_fields(app, edit, given, asks_all ? ASK_ALL : ASK_SHORT_FORM);
    }
    if (code == EXIT_DONE) {
        code = commit(app, edit);
    }
    if (code == EXIT_DONE) {
        print_ids(app, edit);
    }
    return code;
}

exit_code run_add(cli *app, const call *given)
{
    if (strcmp(given->words[0], "-") != 0) {
        return with_edit(app, add_record, given);
    }
    if (given->word_count > 1 || has_option(given, "-i") || has_option(given, "--all")) {
        return usage_error(app, "- stands alone");
    }
    return with_edit(app, edit_lines, given);
}
