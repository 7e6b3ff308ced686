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
    const char *home;     /* folder of the replica; NULL if nothing says where it is */
    const char *space;    /* that must be the replica's; NULL for any */
    const char *language; /* ISO 639-3; NULL for English */
    bool is_json;
    bool is_quiet;
    kith_replica *replica;
    const char *command; /* for messages */
} cli;

/** The folder of the replica where no option names one: $KITH_HOME, or the place that the XDG base
 *  directory specification gives. NULL if the environment does not say. Lives as long as the
 *  process. */
const char *default_home(void);

/** Opens the replica of app->home; says why it could not. */
exit_code open_replica(cli *app);

/** Opens the replica in a folder, or makes it; says why it could not.
 *
 *  @param folder       NULL is reported
 *  @param options      NULL to open
 *  @param replica_out  for kith_replica_close() */
exit_code open_folder(const cli *app, const char *folder, const kith_open_options *options,
                      kith_replica **replica_out);

#endif
