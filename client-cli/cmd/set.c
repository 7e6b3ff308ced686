/* kith set: change a record. SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cmd/assign.h"

static exit_code set_fields(cli *app, kith_edit *edit, const call *given)
{
    uint32_t record = 0;
    exit_code code = open_record(app, edit, given->words[0], &record);
    if (code == EXIT_DONE) {
        code = assign_words(app, edit, record, given, ASSIGN);
    }
    return code == EXIT_DONE ? commit(app, edit) : code;
}

exit_code run_set(cli *app, const call *given)
{
    bool is_stream = strcmp(given->words[0], "-") == 0;
    if (is_stream && given->word_count > 1) {
        return usage_error(app, "- stands alone");
    }
    if (!is_stream && given->word_count == 1) {
        return usage_error(app, "%s", given->command->lacking);
    }
    return with_edit(app, is_stream ? edit_lines : set_fields, given);
}
