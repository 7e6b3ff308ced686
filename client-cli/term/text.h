/* Text for people: short ids, times, who wrote. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_CLI_TEXT_H
#define KITH_CLI_TEXT_H

#include <kith/record.h>
#include <kith/space.h>

/** A moment as "2026-11-24T03:22:00Z". */
#define TIME_TEXT_SIZE 32
void format_time(int64_t unix_ms, char text[TIME_TEXT_SIZE]);

/** When, for people: "2026-11-24 03:22", with what to think of it. */
#define WHEN_TEXT_SIZE 80
void format_when(int64_t unix_ms, int32_t trust, char text[WHEN_TEXT_SIZE]);

/** An id with four letters of its author, such as "7m3k-37": enough to type. */
#define SHORT_ID_SIZE 24
void format_short_id(kith_id id, char text[SHORT_ID_SIZE]);

/** Who wrote: the device's name, or the author's letters while the name is not known here. */
const char *writer_name(const kith_written *written);

/** A member's role as people call it: "worker". */
const char *role_name(uint32_t role);

/** Reads it; false if there is no such role. */
bool read_role(const char *text, uint32_t *role_out);

/** Prints a value; lines behind its first begin with `indent`, so that they cannot be taken for
 *  lines of ours. */
void print_value_text(const char *text, const char *indent);

#endif
