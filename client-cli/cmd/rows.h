/* Printing lists of records, as lines for people or as JSON Lines.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_CLI_ROWS_H
#define KITH_CLI_ROWS_H

#include "commands.h"

/** Prints a list: a line each, or with --json the whole record each. */
exit_code print_rows(const cli *app, const kith_list *list);

/** Prints a record as one line of JSON. */
exit_code print_record_json(const cli *app, kith_record *record);

/** Reads --limit; leaves 0 without. Reports what is no number of rows. */
exit_code read_limit(const cli *app, const call *given, uint32_t *limit_out);

#endif
