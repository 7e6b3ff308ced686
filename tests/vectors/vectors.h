/* What the programs that make proto/vectors share. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TESTS_VECTORS_H
#define KITH_TESTS_VECTORS_H

#include "codec/json.h"
#include "harness.h"

/** The main() of a program whose `make` appends the text of a file of vectors: puts that to
 *  standard output, or with a file's name checks that the file holds just what is made today. */
int vectors_main(int argument_count, char **arguments, const char *name,
                 void (*make)(kith_buf *text));

/** An item of a list, an object on a line of its own. */
kith_json_writer vectors_begin_item(kith_buf *text);
void vectors_end_item(kith_json_writer *json, kith_buf *text);

/** Bytes in hexadecimal, as a member of an item or bare. */
void vectors_put_hex(kith_json_writer *json, const char *name, const void *bytes, size_t length);
void vectors_append_hex(kith_buf *text, const void *bytes, size_t length);

#endif
