/* A file as the library reads or writes it bit by bit, with a bar that shows how far it is.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_CLI_STREAM_H
#define KITH_CLI_STREAM_H

#include <kith/transfer.h>
#include <stdio.h>

#include "term/progress.h"

typedef struct stream {
    progress bar; /* first, so that show_progress() can be given the whole */
    FILE *file;
    const char *path;
    int failure; /* errno; 0 while all is well */
} stream;

/** Functions that the library calls, over a stream. KITH_E_IO on a failure of the file;
 *  KITH_E_STOPPED if the user interrupted meanwhile. */
kith_status read_stream(void *user, uint8_t *buffer, size_t capacity, size_t *length_out);
kith_status write_stream(void *user, kith_slice bytes);

/** Says what failed. */
exit_code report_stream(const cli *app, const stream *s);

#endif
