/* A device that was restored from a backup, or of which there are two: the relay has a segment of
 * its author that it does not have itself (DESIGN §5; TRAPS §1, 1).
 *
 * What that segment holds is held against the device's own log from the last segment that both
 * have. Commits that are the same are the same: a backup may have been made just before they were
 * sent. Where the two part, the device closes its incarnation and goes on as a new author, so that
 * no number is ever used for two changes: its commits from there on are given to the new author
 * under new numbers, with all that refers to them; nobody can have seen them as the old one's.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_ENGINE_RESTORE_H
#define KITH_ENGINE_RESTORE_H

#include "engine/replica.h"
#include "segment/header.h"

/** Makes room for a segment of this device's own author. Afterwards it continues the author's chain
 *  and can be taken like anybody's.
 *
 *  @param header       read and checked; its number is at most one above the chain's
 *  @param sealed       its body
 *  @param renewed_out  true if the device goes on as a new author
 *  @return KITH_OK; KITH_E_STATE in a batch; KITH_E_IO without random bytes; KITH_E_DAMAGED,
 *          KITH_E_NOT_FOUND, KITH_E_NEWER, KITH_E_LIMIT if the body cannot be read; storage
 *          statuses. Durable when it returns. */
KITH_MUST_USE kith_status kith_engine_reconcile(kith_replica *replica,
                                                const kith_segment_header *header,
                                                kith_slice sealed, bool *renewed_out);

#endif
