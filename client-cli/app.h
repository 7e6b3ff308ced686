/* The kith command: what its parts share. It uses the public headers of libkith like any other
 * program. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_CLI_APP_H
#define KITH_CLI_APP_H

#include <kith/edit.h>
#include <kith/history.h>
#include <kith/query.h>
#include <kith/transfer.h>

/* Exit codes; scripts rely on them (DESIGN §8). */
typedef enum exit_code {
    EXIT_DONE = 0,
    EXIT_REFUSED = 1,
    EXIT_USAGE = 2,
    EXIT_NOT_FOUND = 3,
    EXIT_NETWORK = 4,
    EXIT_DAMAGED = 5,
    EXIT_LOCKED = 6
} exit_code;

typedef struct cli {
    const char *home;     /* folder of the replica */
    const char *language; /* ISO 639-3; NULL for English */
    bool is_json;
    bool is_quiet;
    bool has_color; /* standard output is a terminal that wants colour */
    kith_replica *replica;
    const char *command; /* for messages */
} cli;

typedef struct command {
    const char *name;
    const char *arguments; /* for the usage line */
    const char *summary;   /* one line for the list of commands */
    const char *help;      /* what its options do; NULL if there are none */
    exit_code (*run)(cli *app, int argument_count, char **arguments);
} command;

/** All commands, ended by one without a name; in the order of the help. */
extern const command commands[];

/** A command by name, or NULL. */
const command *find_command(const char *name);

/** Opens the replica of app->home; says why it could not. */
exit_code open_replica(cli *app);

/** Says how the command is called and what its options do. */
exit_code usage(const cli *app);

/** As usage(), after saying what was wrong. */
exit_code usage_error(const cli *app, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* What each command does; each in cmd/<name>.c. arguments[0] is its name. */
exit_code run_add(cli *app, int argument_count, char **arguments);
exit_code run_check(cli *app, int argument_count, char **arguments);
exit_code run_complete(cli *app, int argument_count, char **arguments);
exit_code run_conflicts(cli *app, int argument_count, char **arguments);
exit_code run_exchange(cli *app, int argument_count, char **arguments);
exit_code run_export(cli *app, int argument_count, char **arguments);
exit_code run_find(cli *app, int argument_count, char **arguments);
exit_code run_help(cli *app, int argument_count, char **arguments);
exit_code run_import(cli *app, int argument_count, char **arguments);
exit_code run_init(cli *app, int argument_count, char **arguments);
exit_code run_list(cli *app, int argument_count, char **arguments);
exit_code run_log(cli *app, int argument_count, char **arguments);
exit_code run_remove(cli *app, int argument_count, char **arguments);
exit_code run_schema(cli *app, int argument_count, char **arguments);
exit_code run_set(cli *app, int argument_count, char **arguments);
exit_code run_settle(cli *app, int argument_count, char **arguments);
exit_code run_show(cli *app, int argument_count, char **arguments);
exit_code run_status(cli *app, int argument_count, char **arguments);
exit_code run_undo(cli *app, int argument_count, char **arguments);

#endif
