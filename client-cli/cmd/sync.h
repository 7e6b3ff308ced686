/* Syncing, for the commands that need it. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_CLI_SYNC_H
#define KITH_CLI_SYNC_H

#include <kith/sync.h>

#include "app.h"

/** Syncs once, with a progress bar on a terminal.
 *
 *  @param progress_out  what came of it; may be NULL */
kith_status try_sync(const cli *app, kith_sync_progress *progress_out);

/** The same; says what went wrong. */
exit_code sync_now(const cli *app, kith_sync_progress *progress_out);

/** Says what a sync has brought. */
void print_synced(const cli *app, const kith_sync_progress *synced);

/** Syncs whenever there is something to send or to receive, until interrupted. Being without a
 *  network is said once each time. */
exit_code watch(const cli *app);

#endif
