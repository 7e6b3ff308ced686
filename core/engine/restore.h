/* A device that was restored from a backup, or of which there are two: others have segments of its
 * author that it does not have itself (DESIGN §5; TRAPS §1, 1). It closes its incarnation then and
 * goes on as a new author, so that no number is ever used for two changes: its commits from some
 * point on are given to the new author under new numbers, with all that refers to them; nobody can
 * have seen them as the old one's.
 *
 * Where such a segment comes, the point follows from what it holds, held against the device's own
 * log from the last segment that both have. Commits that are the same are the same: a backup may
 * have been made just before they were sent. Where none comes, it is the last own segment; should
 * one come later that holds commits which are here too, these stand twice.
 *
 * The new author follows from the old one and the first commit that moves. A device that is
 * restored once more, to before it did so, becomes the same author again.
 *
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

/** Goes on as a new author without having met a segment that calls for it: others have some that
 *  nobody can give back by now. Own commits that are in no segment become the new author's.
 *
 *  @return KITH_OK; KITH_E_STATE in a batch; KITH_E_IO without random bytes; storage statuses.
 *          Durable when it returns. */
KITH_MUST_USE kith_status kith_engine_renew(kith_replica *replica);

/** Goes on as an author of this device of which no segment is here, if that is whom its commits
 *  that are in no segment lead to: it has done so before, and was restored since.
 *
 *  @param resumed_out  true if it does; what comes of the author is this device's own then
 *  @return as kith_engine_renew() */
KITH_MUST_USE kith_status kith_engine_resume(kith_replica *replica, kith_author_id author,
                                             bool *resumed_out);

#endif
