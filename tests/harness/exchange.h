/* Replicas of one process that take each other's changes over as they stand in their logs: for
 * tests of what comes of changes, which need no relay, no keys and no segments.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TESTS_EXCHANGE_H
#define KITH_TESTS_EXCHANGE_H

#include "engine/replica.h"

/** Takes in a block of another author's commits, which must continue what is here of it. Durable
 *  when it returns KITH_OK.
 *
 *  @return KITH_OK; KITH_E_DAMAGED if it is no sound block or leaves a gap; KITH_E_STATE if it is
 *          our own author's; KITH_E_LIMIT; storage statuses. Nothing of it is kept on failure. */
KITH_MUST_USE kith_status exchange_accept(kith_replica *replica, kith_slice block);

/** Brings two replicas to the same changes. How many came to the first and went to the other is
 *  counted where asked for. On failure, of which the first has the detail, what came stays. */
KITH_MUST_USE kith_status exchange_changes(kith_replica *replica, kith_replica *other,
                                           uint64_t *received_out, uint64_t *sent_out);

#endif
