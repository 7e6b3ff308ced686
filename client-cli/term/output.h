/* Everything the command writes goes through here: text for people, made harmless for their
 * terminals, and JSON. A failure to write standard output is remembered until end_output().
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_CLI_OUTPUT_H
#define KITH_CLI_OUTPUT_H

#include <stdio.h>

#include "app.h"

/* Emphasis, to be put into the formats below. Dropped where the stream is no terminal or $NO_COLOR
 * is set. */
#define BOLD "\033[1m"
#define DIM "\033[2m"
#define WARNING "\033[33m"
#define PLAIN "\033[0m"

/** Writes text to standard output, as printf(). What a terminal might obey (control characters but
 *  newline and tab) and what is no UTF-8 is written as "\x1b" and the like. */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** The same to standard output or standard error. */
void print_to(FILE *file, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Says on one line of standard error what is wrong: "kith: …". */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Writes bytes to standard output as they are. */
void print_bytes(kith_slice bytes);

/** Writes JSON that holds no line's end, and then one. Hands it on at once: whoever reads the other
 *  end of a pipe may be waiting for it. */
void print_json_text(FILE *file, kith_slice json);

/** Hands on what was written to standard output so far. */
void flush_output(void);

/** True if something could not be written to standard output: there is no use in going on. */
bool has_output_failed(void);

/** Ends the output; reports that it could not be written, because then nothing was answered.
 *
 *  @return the exit code of the whole */
exit_code end_output(const cli *app, exit_code code);

/** Ends the process: a command that cannot get a few hundred bytes has nothing left to say. */
_Noreturn void end_without_memory(void);

#endif
