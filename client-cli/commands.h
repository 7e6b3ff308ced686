/* The commands: what there is, and how each is called. One table for the parser of calls, the help
 * and the completion. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_CLI_COMMANDS_H
#define KITH_CLI_COMMANDS_H

#include <limits.h>
#include <stdio.h>

#include "call.h"

enum { WORDS_ANY = INT_MAX };

typedef struct command {
    const char *name;
    const char *form;        /* what stands behind the name, for the usage line */
    const char *summary;     /* one line for the list of commands; NULL if it is not for people */
    int words_min;           /* words behind the name */
    int words_max;           /* or WORDS_ANY */
    const char *lacking;     /* what to say below words_min */
    const usage_line *lines; /* options and forms of words; NULL if there are none */
    exit_code (*run)(cli *app, const call *given);
} command;

/** All commands, ended by one without a name; in the order of the help. */
extern const command commands[];

/** Options of every command. */
extern const usage_line global_options[];

/** A command by name, or NULL. */
const command *find_command(const char *name);

/** Prints a table of options and forms, one a line. */
void print_usage_lines(FILE *file, const usage_line *lines);

/** Prints how a command is called; without one, how any is. */
void print_usage(FILE *file, const command *c);

/** Explains a command on standard output; without one, lists them all. */
exit_code explain(const cli *app, const command *c);

/** Says what is wrong with a call and how it is right. */
exit_code usage_error(const cli *app, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* What each command does; each in cmd/<name>.c. */
exit_code run_add(cli *app, const call *given);
exit_code run_bundle(cli *app, const call *given);
exit_code run_check(cli *app, const call *given);
exit_code run_complete(cli *app, const call *given);
exit_code run_conflicts(cli *app, const call *given);
exit_code run_device(cli *app, const call *given);
exit_code run_export(cli *app, const call *given);
exit_code run_find(cli *app, const call *given);
exit_code run_help(cli *app, const call *given);
exit_code run_import(cli *app, const call *given);
exit_code run_init(cli *app, const call *given);
exit_code run_invite(cli *app, const call *given);
exit_code run_join(cli *app, const call *given);
exit_code run_key(cli *app, const call *given);
exit_code run_list(cli *app, const call *given);
exit_code run_log(cli *app, const call *given);
exit_code run_remove(cli *app, const call *given);
exit_code run_schema(cli *app, const call *given);
exit_code run_set(cli *app, const call *given);
exit_code run_settle(cli *app, const call *given);
exit_code run_show(cli *app, const call *given);
exit_code run_space(cli *app, const call *given);
exit_code run_status(cli *app, const call *given);
exit_code run_sync(cli *app, const call *given);
exit_code run_undo(cli *app, const call *given);

#endif
