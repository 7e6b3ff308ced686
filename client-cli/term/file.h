/* Files as the streams that the library reads and writes. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_CLI_FILE_H
#define KITH_CLI_FILE_H

#include <stdio.h>

#include "app.h"

/** Reads a whole file of at most `max_bytes` into memory that the caller frees; NULL after
 *  reporting what is wrong. */
char *read_file(const cli *app, const char *path, size_t max_bytes, size_t *length_out);

/** Opens a file for reading, "-" for standard input; NULL after reporting. `bytes_out` is its
 * length if it is known, else 0. */
FILE *open_input(const cli *app, const char *path, uint64_t *bytes_out);

/** Closes what open_input() opened. */
void close_input(FILE *file);

#endif
