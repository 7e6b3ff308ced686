/* Syncing, for the commands that need it. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_CLI_SYNC_H
#define KITH_CLI_SYNC_H

#include <kith/sync.h>

#include "app.h"

/** The open replicas whose spaces have a relay; if none has, the one at work. Returns how many. */
size_t replicas_to_sync(const cli *app, kith_replica *replicas[KITH_SYNC_SPACES_MAX]);

/** Syncs the open replicas once, with a progress bar on a terminal.
 *
 *  @param progress_out  what came of it
 *  @param failed_out    the first that could not be synced; NULL on success */
kith_status try_sync(const cli *app, kith_sync_progress *progress_out, kith_replica **failed_out);

/** Says what went wrong with that. */
exit_code report_sync(const cli *app, kith_status status, kith_replica *failed);

/** Both. `progress_out` may be NULL. */
exit_code sync_now(const cli *app, kith_sync_progress *progress_out);

/** The same, unless the space has no relay: then what changes travels in bundles. */
exit_code sync_if_relay(const cli *app, kith_sync_progress *progress_out);

/** Says, in plain words, that a device was put back from a backup and goes on. */
void print_restored(void);

/** Says what a sync has brought. */
void print_synced(const cli *app, const kith_sync_progress *synced);

/** Syncs whenever there is something to send or to receive, until interrupted. Being without a
 *  network is said once each time. */
exit_code watch(const cli *app);

#endif
