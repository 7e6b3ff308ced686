/* What add, set, settle and remove share: edits, FIELD=VALUE words, ids.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_CLI_ASSIGN_H
#define KITH_CLI_ASSIGN_H

#include "commands.h"
#include "term/json.h"

/** How an assignment is meant. */
typedef enum assign_mode { ASSIGN, ASSIGN_TO_SETTLE } assign_mode;

/** Puts FIELD=VALUE, FIELD+=VALUE or FIELD-=VALUE into the edit; reports what is wrong with it. */
exit_code assign(const cli *app, kith_edit *edit, uint32_t record, const char *word,
                 assign_mode mode);

/** Puts all words of a call but the first, which is the record's, into the edit. */
exit_code assign_words(const cli *app, kith_edit *edit, uint32_t record, const call *given,
                       assign_mode mode);

/** Finds a record by whole or abbreviated id; reports if there is none. */
exit_code resolve_id(const cli *app, const char *text, kith_id *id_out);

/** Takes the record of an id into the edit; reports if there is none. */
exit_code open_record(const cli *app, kith_edit *edit, const char *id_text, uint32_t *record_out);

/** Commits; reports every problem. */
exit_code commit(const cli *app, kith_edit *edit);

/** Work on a fresh edit of the opened replica. */
typedef exit_code (*edit_work)(cli *app, kith_edit *edit, const call *given);

/** Opens the replica, begins an edit, does the work, frees the edit. */
exit_code with_edit(cli *app, edit_work work, const call *given);

/** An edit_work: reads JSON Lines from standard input, one atomic change a line, and answers each
 *  when it is durable: with its id, or what was wrong. EXIT_REFUSED if any line was refused. */
exit_code edit_lines(cli *app, kith_edit *edit, const call *given);

/** The ids of an edit's records as a JSON array: [{"id": …}, …]. */
json_value *ids_json(const kith_edit *edit);

/** Prints the ids of an edit's records. */
void print_ids(const cli *app, const kith_edit *edit);

#endif
