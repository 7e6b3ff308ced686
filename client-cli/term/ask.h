/* Asking field by field, in the worker's language. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_CLI_ASK_H
#define KITH_CLI_ASK_H

#include "app.h"

typedef enum ask_scope {
    ASK_SHORT_FORM, /* required fields and those of the short form */
    ASK_ALL
} ask_scope;

/** Asks for the fields of the edit's first record, which is of the kind. Each answer is checked at
 *  once and asked for again if it is wrong; an empty one leaves the field out, or keeps what was
 *  given as a word. The end of input ends the questions. */
exit_code ask_fields(const cli *app, kith_edit *edit, const char *kind, ask_scope scope);

#endif
