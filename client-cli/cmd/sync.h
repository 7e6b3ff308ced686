/* Syncing, for the commands that need it. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_CLI_SYNC_H
#define KITH_CLI_SYNC_H

#include <kith/sync.h>

#include "app.h"

/** Syncs once, with a progress bar on a terminal; says what went wrong.
 *
 *  @param progress_out  what came of it; may be NULL */
exit_code sync_now(const cli *app, kith_sync_progress *progress_out);

/** Reads 64 hexadecimal digits as a relay's pin; says what is wrong. */
exit_code read_pin(const cli *app, const char *text, uint8_t pin[32]);

#endif
