/* The kith command: what its parts share. It uses the public headers of libkith like any other
 * program. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_CLI_APP_H
#define KITH_CLI_APP_H

#include <kith/edit.h>
#include <kith/history.h>
#include <kith/query.h>
#include <kith/sync.h>
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
    const char *home;     /* folder of the replicas; NULL if nothing says where it is */
    const char *space;    /* to work in; NULL for the one in use */
    const char *language; /* ISO 639-3; NULL for English */
    bool is_json;
    bool is_quiet;
    const char *command;   /* for messages */
    kith_replica *replica; /* to work in: one of the open ones */
    kith_replica *replicas[KITH_SYNC_SPACES_MAX];
    size_t replica_count;
} cli;

/** The program's folder of a kind, as the XDG base directory specification gives it: below what the
 *  variable of that name says, else below the user's own. NULL if the environment says neither;
 *  free it. */
char *user_folder(const char *name, const char *beside_home);

/** The folder of the replicas where no option names one: $KITH_HOME, or the place that the XDG base
 *  directory specification gives. NULL if the environment does not say. Lives as long as the
 *  process. */
const char *default_home(void);

/* A device has a replica for each space it is in. The first is kith.db in the home folder, those
 * after it kith-2.db, kith-3.db …; the file "space" holds the number of the one in use. */

/** Opens or makes the first replica in a folder; says why it could not.
 *
 *  @param folder       NULL is reported
 *  @param options      NULL to open
 *  @param replica_out  for kith_replica_close() */
exit_code open_folder(const cli *app, const char *folder, const kith_open_options *options,
                      kith_replica **replica_out);

/** The path of a replica's file by its index, from 0; free it. */
char *replica_path(const char *folder, size_t index);

/** Opens the replica to work in: that of app->space, or the one in use. Says why it could not. */
exit_code open_replica(cli *app);

/** The same with all others, unless app->space names one. */
exit_code open_replicas(cli *app);

/** Closes what is open. */
void close_replicas(cli *app);

/** Makes one more replica of this device, beside those of open_replicas(), to work in. */
exit_code add_replica(cli *app);

/** Takes back what add_replica() made, file and all. */
void drop_replica(cli *app);

/** Makes the replica at work the one in use from now on. */
exit_code use_replica(const cli *app);

#endif
