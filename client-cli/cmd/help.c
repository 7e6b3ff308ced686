/* kith help: what there is, and how a command is called. SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "app.h"
#include "term/report.h"

static exit_code list_commands(void)
{
    (void)fputs("Kith keeps records of villages, people, journeys and cases on this device.\n\n"
                "usage: kith [OPTION ...] COMMAND ...\n\n",
                stdout);
    for (const command *c = commands; c->name != NULL; c++) {
        if (c->summary != NULL) {
            (void)printf("  %-10s %s\n", c->name, c->summary);
        }
    }
    (void)fputs("\nOptions:\n"
                "  --home DIR    folder of the replica; else $KITH_HOME\n"
                "  --json        one JSON object or JSON Lines on standard output, nothing else\n"
                "  --quiet       say nothing but the answer\n"
                "  --space NAME  the space to work in\n"
                "  --lang CODE   language of labels: eng, hin, ben, asm, nep; else $KITH_LANG\n"
                "  --version     print the version\n"
                "\n`kith help COMMAND` explains a command. IDs may be abbreviated: 7m3k-37, or 37 "
                "for what\nwas made on this device.\n",
                stdout);
    return EXIT_DONE;
}

exit_code run_help(cli *app, int argument_count, char **arguments)
{
    if (argument_count < 2) {
        return list_commands();
    }
    const command *c = find_command(arguments[1]);
    if (c == NULL || c->summary == NULL) {
        return report_failure(app, KITH_E_NOT_FOUND, arguments[1], "there is no such command",
                              "`kith help` lists them");
    }
    (void)printf("%s\n", c->summary);
    app->command = c->name;
    return usage(app);
}
