/* Asking field by field, in the worker's language. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_CLI_ASK_H
#define KITH_CLI_ASK_H

#include "call.h"

typedef enum ask_scope {
    ASK_SHORT_FORM, /* required fields and those of the short form */
    ASK_ALL
} ask_scope;

/** Asks for the fields of the edit's first record, whose kind the call's first word names. Each
 *  answer is checked at once and asked for again if it is wrong or missing; an empty one leaves out
 *  a field that is not needed, or keeps what a word gave. The end of input ends the questions. */
exit_code ask_fields(const cli *app, kith_edit *edit, const call *given, ask_scope scope);

#endif
