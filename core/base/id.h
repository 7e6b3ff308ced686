/* Record ids and author ids: their parts. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_BASE_ID_H
#define KITH_BASE_ID_H

#include "base/slice.h"

enum { KITH_AUTHOR_BYTES = 10, KITH_AUTHOR_TEXT_LENGTH = 16 };

/** One device's writing life in one space; see proto/spec/model.md for how it is made. */
typedef struct kith_author_id {
    uint8_t bytes[KITH_AUTHOR_BYTES];
} kith_author_id;

enum { KITH_SPACE_ID_BYTES = 16 };

/** A space: the hash of the entry that founded it (proto/spec/charter.md §1). */
typedef struct kith_space_id {
    uint8_t bytes[KITH_SPACE_ID_BYTES];
} kith_space_id;

static inline bool kith_space_id_equal(kith_space_id a, kith_space_id b)
{
    return memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}

kith_id kith_id_make(kith_author_id author, uint64_t number);
kith_author_id kith_id_author(kith_id id);
uint64_t kith_id_number(kith_id id);
int kith_id_compare(kith_id a, kith_id b);

/** An id as a person may abbreviate it: the first letters of the author, or none, and the number.
 */
typedef struct kith_id_pattern {
    char letters[KITH_AUTHOR_TEXT_LENGTH + 1]; /* lower case, NUL-terminated */
    size_t letter_count;
    uint64_t number;
} kith_id_pattern;

/** Reads "7m3k-37", "-37" or "37". KITH_E_SYNTAX if it is nothing of the kind. */
KITH_MUST_USE kith_status kith_id_pattern_parse(kith_slice text, kith_id_pattern *pattern_out);

/** True if the author's text begins with the pattern's letters. */
bool kith_id_pattern_fits(const kith_id_pattern *pattern, kith_author_id author);

/** Writes the sixteen letters of an author, NUL-terminated. */
void kith_author_format(kith_author_id author, char text[KITH_AUTHOR_TEXT_LENGTH + 1]);

#endif
