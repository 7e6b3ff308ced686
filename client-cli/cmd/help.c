/* kith help: what there is, and how a command is called. SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "commands.h"
#include "term/output.h"
#include "term/report.h"

static void list_commands(void)
{
    print("Kith keeps records of villages, people, journeys and cases on this device.\n\n"
          "usage: kith [OPTION ...] COMMAND ...\n\n");
    for (const command *c = commands; c->name != NULL; c++) {
        if (c->summary != NULL) {
            print("  %-10s %s\n", c->name, c->summary);
        }
    }
    print("\nOptions:\n");
    print_usage_lines(stdout, global_options);
    print("\n`kith help COMMAND` explains a command. IDs may be abbreviated: 7m3k-37, or 37 for "
          "what\nwas made on this device.\n");
}

static json_value *lines_json(const usage_line *lines)
{
    json_value *array = json_array();
    for (const usage_line *line = lines; line != NULL && line->word != NULL; line++) {
        json_value *object = json_object();
        json_put_text(object, "word", line->word);
        if (line->value != NULL) {
            json_put_text(object, "value", line->value);
        }
        json_put_text(object, "meaning", line->meaning);
        json_add(array, object);
    }
    return array;
}

static void print_command_json(const command *c)
{
    json_value *object = json_object();
    json_put_text(object, "command", c->name);
    json_put_text(object, "form", c->form);
    json_put_text(object, "summary", c->summary);
    json_put(object, "options", lines_json(c->lines));
    json_print(stdout, object);
}

exit_code explain(const cli *app, const command *c)
{
    c = c != NULL && c->summary == NULL ? NULL : c;
    if (c == NULL && !app->is_json) {
        list_commands();
    } else if (c == NULL) {
        for (c = commands; c->name != NULL; c++) {
            if (c->summary != NULL) {
                print_command_json(c);
            }
        }
    } else if (app->is_json) {
        print_command_json(c);
    } else {
        print("%s\n", c->summary);
        print_usage(stdout, c);
    }
    return EXIT_DONE;
}

exit_code run_help(cli *app, const call *given)
{
    const command *c = given->word_count == 0 ? NULL : find_command(given->words[0]);
    if (given->word_count > 0 && (c == NULL || c->summary == NULL)) {
        return report_failure(app, KITH_E_NOT_FOUND, given->words[0], "there is no such command",
                              "`kith help` lists them");
    }
    return explain(app, c);
}
