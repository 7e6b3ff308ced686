/* The values of one field and type as columns (proto/spec/segment.md §6). What a column holds is
 * the value's own numbers: days, degrees, digits; the reader makes the canonical bytes of them.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_SEGMENT_VALUES_H
#define KITH_SEGMENT_VALUES_H

#include "segment/column.h"
#include "segment/tables.h"
#include "value/value.h"

/** Values of one type, each with the number of the change that wrote it: references to records of
 *  the own author are stored as distances from it. */
typedef struct kith_value_list {
    uint8_t type;
    kith_value *values;
    uint64_t *numbers;
    size_t count;
    size_t capacity;
} kith_value_list;

KITH_MUST_USE kith_status kith_value_list_add(kith_value_list *list, kith_arena *arena,
                                              kith_value value, uint64_t number);

/** Appends the columns of a list; authors that references name join the table. */
KITH_MUST_USE kith_status kith_values_write(kith_context *cx, kith_arena *arena,
                                            const kith_value_list *list, kith_author_table *authors,
                                            kith_buf *out);

/** Reads the values of a list whose type, count and numbers are set. KITH_E_DAMAGED if there are no
 *  such columns or a value is not canonical; KITH_E_MEMORY. */
KITH_MUST_USE kith_status kith_values_read(kith_column_reader *columns,
                                           const kith_author_table *authors, kith_value_list *list);

#endif
