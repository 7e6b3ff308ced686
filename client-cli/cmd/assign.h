/* What add, set and settle share: FIELD=VALUE words, ids, JSON Lines on standard input.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_CLI_ASSIGN_H
#define KITH_CLI_ASSIGN_H

#include "app.h"

/** How an assignment is meant. */
typedef enum assign_mode { ASSIGN, ASSIGN_TO_SETTLE } assign_mode;

/** Puts FIELD=VALUE, FIELD+=VALUE or FIELD-=VALUE into the edit; reports what is wrong with it. */
exit_code assign(const cli *app, kith_edit *edit, uint32_t record, const char *word,
                 assign_mode mode);

/** Finds a record by whole or abbreviated id; reports if there is none. */
exit_code resolve_id(const cli *app, const char *text, kith_id *id_out);

/** Takes the record of an id into the edit; reports if there is none. */
exit_code open_record(const cli *app, kith_edit *edit, const char *id_text, uint32_t *record_out);

/** Commits; reports every problem. */
exit_code commit(const cli *app, kith_edit *edit);

/** Work on a fresh edit of the opened replica, with the command's words. */
typedef exit_code (*edit_work)(cli *app, kith_edit *edit, int word_count, char **words);

/** Opens the replica, begins an edit, does the work, frees the edit. */
exit_code with_edit(cli *app, edit_work work, int word_count, char **words);

/** Reads JSON Lines from standard input, one atomic change a line, and answers each when it is
 *  durable: with its id, or what was wrong. EXIT_REFUSED if any line was refused. */
exit_code edit_lines(cli *app);

/** Prints the ids of an edit's new records. */
void print_ids(const cli *app, const kith_edit *edit);

#endif
