/* Shapes: what a change does, without the values. Most changes of a segment have one of a few.
 *
 *   deed    varint: deed + kind · 4 (kind only for create)
 *   create, edit: varint count of operations, for each
 *     varint field · 4 + action
 *     varint type of its value, unless clear
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_SEGMENT_SHAPE_H
#define KITH_SEGMENT_SHAPE_H

#include "base/arena.h"
#include "base/reader.h"
#include "merge/change.h"

typedef struct kith_shape_op {
    uint32_t field; /* name's index */
    uint8_t action;
    uint8_t type; /* none for clear */
    size_t list;  /* which list of values it takes its value from */
} kith_shape_op;

struct kith_body_shape {
    uint8_t deed;
    uint32_t kind; /* name's index */
    kith_shape_op *ops;
    size_t op_count;
};

static inline bool kith_deed_has_ops(uint8_t deed)
{
    return deed == KITH_DEED_CREATE || deed == KITH_DEED_EDIT;
}

#endif
