/* What a write most likely replaces: the last write of the same segment to the same field or
 * element of the same record. Writer and reader keep the same table, so that what was foreseen
 * costs next to nothing. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_SEGMENT_PREDICT_H
#define KITH_SEGMENT_PREDICT_H

#include "base/arena.h"
#include "merge/change.h"

typedef struct kith_predict_entry kith_predict_entry;

/** Open addressing; at most half full. */
typedef struct kith_predictor {
    uint32_t *places;   /* index of an entry and 1; 0 for none */
    size_t place_count; /* a power of two */
    kith_predict_entry *entries;
    uint32_t entry_count;
    uint32_t element_count;
    kith_value *elements; /* that entries are about */
} kith_predictor;

/** A table for so many operations, of which so many are about elements, and not one more.
 *  KITH_E_MEMORY. */
KITH_MUST_USE kith_status kith_predictor_init(kith_predictor *predictor, kith_arena *arena,
                                              size_t op_count, size_t element_count);

/** The change of the segment whose write the operation most likely replaces, 0 for none; and from
 *  now on `number` is what the next one on that place will.
 *
 *  @param op  its value's bytes are borrowed until the predictor's end */
uint64_t kith_predict(kith_predictor *predictor, kith_dot record, const kith_op *op,
                      uint64_t number);

#endif
