/* Text from outside that shall stand on a terminal or in JSON: arguments, file names, lines of a
 * file, labels that other devices wrote. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_CLI_LEGIBLE_H
#define KITH_CLI_LEGIBLE_H

#include <stdbool.h>
#include <stddef.h>

/** How many bytes the character at the start of a text takes; 0 if the bytes are no UTF-8 (RFC
 *  3629), at the end of the text too. */
size_t character_bytes(const char *text);

/** True if a terminal might obey the character at the start of a text instead of showing it. */
bool is_control(const char *text);

/** Copies a text; what does not fit is cut off between two characters, and "…" says so. */
void shorten(const char *text, char *copy, size_t size);

/** A byte as what stands in its place, such as "\x1b". */
#define ESCAPED_BYTE_SIZE 5
void escape_byte(char byte, char escaped[ESCAPED_BYTE_SIZE]);

#endif
