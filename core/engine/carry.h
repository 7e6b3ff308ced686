/* Carrying for others: charters and segments of spaces that this replica is not a member of, kept
 * unread until they are handed on or the replica joins (proto/spec/bundle.md §3).
 *
 * What can be checked without keys is: the charter from the space's id on, and that each segment is
 * signed by a device that the charter counts. Anybody can found a space, so what is kept is
 * bounded: what does not fit is refused, and nothing is dropped for it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_ENGINE_CARRY_H
#define KITH_ENGINE_CARRY_H

#include "engine/space.h"

/** A space while things of it come in. */
typedef struct kith_carrying {
    kith_replica *replica;
    kith_space_id space;
    uint32_t ordinal; /* 0 until something of it is kept */
    kith_charter charter;
    uint32_t space_count; /* carried in all … */
    uint64_t bytes;       /* … and what is carried of them */
} kith_carrying;

/** Begins to take things of a space: reads what is here of its charter. End it in any case. */
KITH_MUST_USE kith_status kith_carry_begin(kith_replica *replica, kith_space_id space,
                                           kith_carrying *carrying_out);
void kith_carry_end(kith_carrying *carrying);

/* Taking an entry of the charter, or a segment. Durable when they return.
 *
 *  @param is_new_out   false if it is here already
 *  @param problem_out  why it cannot be taken, with the detail in the handle; KITH_OK if it is here
 *                      now. Of an entry as kith_charter_apply(); of a segment KITH_E_DAMAGED if it
 *                      does not verify, KITH_E_DENIED if the charter does not count it,
 *                      KITH_E_NEWER; of both KITH_E_LIMIT if there is no room
 *  @return KITH_OK; storage statuses */
KITH_MUST_USE kith_status kith_carry_entry(kith_carrying *carrying, kith_slice entry,
                                           bool *is_new_out, kith_status *problem_out);
KITH_MUST_USE kith_status kith_carry_segment(kith_carrying *carrying, kith_slice bytes,
                                             bool *is_new_out, kith_status *problem_out);

/** Takes in what was carried of the space that this replica has by now, if there is any: by itself,
 *  or by another replica of the device. Durable when it returns; a crash on the way leaves the rest
 *  for the next time. Not in a batch. The replica at fault has the detail. */
KITH_MUST_USE kith_status kith_engine_adopt_carried(kith_replica *replica, kith_replica *carrier);

/** Forgets all that is carried. Durable when it returns. */
KITH_MUST_USE kith_status kith_carry_forget(kith_replica *replica);

#endif
