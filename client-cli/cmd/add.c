/* kith add: record something new. SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cmd/assign.h"
#include "term/ask.h"
#include "term/report.h"

static exit_code fill(cli *app, kith_edit *edit, int word_count, char **words)
{
    uint32_t record = 0;
    kith_status status = kith_edit_create(edit, kith_slice_of(words[0]), &record);
    if (status != KITH_OK) {
        return report_status(app, status, app->command);
    }
    for (int i = 1; i < word_count; i++) {
        exit_code code = assign(app, edit, record, words[i], ASSIGN);
        if (code != EXIT_DONE) {
            return code;
        }
    }
    return EXIT_DONE;
}

static exit_code finish(const cli *app, kith_edit *edit)
{
    exit_code code = commit(app, edit);
    if (code == EXIT_DONE) {
        print_ids(app, edit);
    }
    return code;
}

static exit_code add_typed(cli *app, kith_edit *edit, int word_count, char **words)
{
    exit_code code = fill(app, edit, word_count, words);
    return code == EXIT_DONE ? finish(app, edit) : code;
}

static exit_code add_asked(cli *app, kith_edit *edit, int word_count, char **words)
{
    exit_code code = fill(app, edit, word_count, words);
    if (code == EXIT_DONE) {
        code = ask_fields(app, edit, words[0], ASK_SHORT_FORM);
    }
    return code == EXIT_DONE ? finish(app, edit) : code;
}

static exit_code add_asked_all(cli *app, kith_edit *edit, int word_count, char **words)
{
    exit_code code = fill(app, edit, word_count, words);
    if (code == EXIT_DONE) {
        code = ask_fields(app, edit, words[0], ASK_ALL);
    }
    return code == EXIT_DONE ? finish(app, edit) : code;
}

exit_code run_add(cli *app, int argument_count, char **arguments)
{
    edit_work work = add_typed;
    int count = 0;
    for (int i = 1; i < argument_count; i++) {
        if (strcmp(arguments[i], "-i") == 0) {
            work = work == add_typed ? add_asked : work;
        } else if (strcmp(arguments[i], "--all") == 0) {
            work = add_asked_all;
        } else if (arguments[i][0] == '-' && arguments[i][1] != '\0') {
            return usage_error(app, "unknown option %s", arguments[i]);
        } else {
            arguments[count++] = arguments[i];
        }
    }
    if (count == 0) {
        return usage_error(app, "a KIND is needed; `kith schema show` lists them");
    }
    if (strcmp(arguments[0], "-") == 0) {
        return count == 1 && work == add_typed ? edit_lines(app)
                                               : usage_error(app, "- stands alone");
    }
    return with_edit(app, work, count, arguments);
}
