/* Saying what went wrong: "kith: what: why; what to do", or the same as a JSON object.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_CLI_REPORT_H
#define KITH_CLI_REPORT_H

#include "app.h"
#include "term/json.h"

/** The exit code that a status comes to. */
exit_code exit_code_of(kith_status status);

/** Reports a failure of the replica's last call. */
exit_code report_status(const cli *app, kith_status status, const char *what);

/** Reports a failure that has no replica. */
exit_code report_error(const cli *app, const kith_error *error, const char *what);

/** Reports a failure of our own. `todo` may be NULL. */
exit_code report_failure(const cli *app, kith_status status, const char *what, const char *why,
                         const char *todo);

/** Reports what a file could not do: errno's text. */
exit_code report_file(const cli *app, const char *path);

/** Something that is wrong with a record. */
typedef struct fault {
    const char *field;    /* "" for the record as a whole */
    const char *message;  /* "is not in the calendar" */
    const char *accepted; /* what would be, or "" */
} fault;

/** Says on one line of standard error: "kith: <where>: <field> <message>; give <accepted>". */
void print_fault(const char *where, const fault *f);

/** Puts the members of a fault into a JSON object. */
void put_fault(json_value *object, const fault *f);

/** Prints each problem of an edit as a fault. */
void print_problems(const char *where, const kith_edit *edit);

/** The problems of an edit as a JSON array, to be put into an object. */
json_value *problems_json(const kith_edit *edit);

/** Reports all problems of a refused edit, or the status if there are none. */
exit_code report_edit(const cli *app, kith_status status, const kith_edit *edit);

#endif
