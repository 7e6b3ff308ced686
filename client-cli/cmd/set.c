/* kith set: change a record. SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cmd/assign.h"

static exit_code set_fields(cli *app, kith_edit *edit, int word_count, char **words)
{
    uint32_t record = 0;
    exit_code code = open_record(app, edit, words[0], &record);
    for (int i = 1; code == EXIT_DONE && i < word_count; i++) {
        code = assign(app, edit, record, words[i], ASSIGN);
    }
    return code == EXIT_DONE ? commit(app, edit) : code;
}

exit_code run_set(cli *app, int argument_count, char **arguments)
{
    if (argument_count == 2 && strcmp(arguments[1], "-") == 0) {
        return edit_lines(app);
    }
    if (argument_count < 3) {
        return usage_error(app, "an ID and FIELD=VALUE are needed");
    }
    return with_edit(app, set_fields, argument_count - 1, arguments + 1);
}
