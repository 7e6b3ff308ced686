/* What a segment spells out once and then calls by number: authors and names. Author 0 is the
 * segment's own. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_SEGMENT_TABLES_H
#define KITH_SEGMENT_TABLES_H

#include "base/arena.h"
#include "base/id.h"

typedef struct kith_author_table {
    kith_arena *arena;
    kith_author_id *ids;
    size_t count; /* with the own author */
    size_t capacity;
} kith_author_table;

/** A table of the own author alone. */
KITH_MUST_USE kith_status kith_author_table_init(kith_author_table *table, kith_arena *arena,
                                                 kith_author_id own);

/** The number of an author, given out now if it is new. */
KITH_MUST_USE kith_status kith_author_table_index(kith_author_table *table, kith_author_id id,
                                                  size_t *index_out);

#endif
