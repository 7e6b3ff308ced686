/* A call of the command, taken apart: options and words. Options may stand anywhere, in front of
 * the command and behind it; "--" ends them. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_CLI_CALL_H
#define KITH_CLI_CALL_H

#include "app.h"

/** A line of a command's help: an option, or a form that a word can have. */
typedef struct usage_line {
    const char
        *word; /* "--limit", "-i"; or a form, such as "FIELD=VALUE" or "-"; NULL at the end */
    const char *value; /* what an option takes, such as "N"; NULL if it takes nothing */
    const char *meaning;
} usage_line;

/** True for an option, not for a form of words. */
bool is_option(const char *word);

typedef struct given_option {
    const char *name;  /* as its usage line has it */
    const char *value; /* NULL if it takes none */
} given_option;

typedef struct call {
    const char *name;              /* of the command, as it was given; or NULL */
    const struct command *command; /* NULL if there is none of that name */
    char **words;                  /* behind the command's name, without options */
    int word_count;
    given_option *options; /* in the order given */
    int option_count;
    bool has_ended_options; /* "--" stood somewhere */
    const char *fault;      /* what is wrong with the call, to be followed by fault_word; or NULL */
    const char *fault_word;
    const usage_line *incomplete; /* the option at the end whose value is missing, or NULL */
} call;

/** Takes a call apart, whatever is wrong with it; the first fault is noted.
 *
 *  @param texts  as main() has them; reordered, and borrowed by the call
 *  @return end it with end_call() */
call begin_call(int text_count, char **texts);

/** Frees what begin_call() took; texts stay. */
void end_call(call *given);

bool has_option(const call *given, const char *name);

/** The value of an option, the last if it was given several times; NULL without. */
const char *option_value(const call *given, const char *name);

#endif
