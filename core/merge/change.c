/* SPDX-License-Identifier: Apache-2.0 */
#include "merge/change.h"

#include <stdlib.h>

static int compare_targets(const void *a, const void *b)
{
    const kith_op *one = *(const kith_op *const *)a;
    const kith_op *other = *(const kith_op *const *)b;
    if (one->field != other->field) {
        return (one->field > other->field) - (one->field < other->field);
    }
    if (kith_action_is_of_element(one->action) != kith_action_is_of_element(other->action)) {
        return kith_action_is_of_element(one->action) ? 1 : -1;
    }
    return kith_action_is_of_element(one->action) ? kith_value_compare(one->value, other->value)
                                                  : 0;
}

kith_status kith_change_check(kith_context *cx, kith_arena *arena, const kith_change *change)
{
    const kith_op **ops = kith_arena_array(arena, change->op_count, sizeof(const kith_op *));
    KITH_ENSURE(ops != NULL, KITH_E_MEMORY);
    for (size_t i = 0; i < change->op_count; i++) {
        ops[i] = &change->ops[i];
    }
    qsort(ops, change->op_count, sizeof(const kith_op *), compare_targets);
    for (size_t i = 1; i < change->op_count; i++) {
        KITH_ENSURE(compare_targets(&ops[i - 1], &ops[i]) != 0,
                    kith_fail(cx, KITH_E_DAMAGED,
                              "a block of the log is damaged: a change writes one field twice"));
    }
    return KITH_OK;
}
