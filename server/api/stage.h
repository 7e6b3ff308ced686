/* Starts of segments: what is kept of a transfer that breaks, and how it is gone on with.
 *
 * An author has one, of its next segment. It only ever grows: what a connection brings that was
 * given up long ago does not take the place of more that came since. A device goes on from the
 * offset that it was told, which may be less than what is here by then: its bytes count from there,
 * and the hash of the body tells whether they belong together.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITHD_API_STAGE_H
#define KITHD_API_STAGE_H

#include "server/api/answer.h"

/** Keeps the start of a segment durably, if it may become the next of an author of the device that
 *  asks, and if no longer one is there. */
void kithd_stage_start(kithd_session *session, const kithd_asked *asked, kith_slice start);

/** Joins a rest to the start that it goes on from, in session->staged. `number_out` is the
 *  segment's.
 *
 *  @return KITH_OK; KITH_E_NOT_FOUND if there is no such start, or less of it; storage statuses */
KITH_MUST_USE kith_status kithd_stage_join(kithd_session *session, const kithd_asked *asked,
                                           const kith_rest_frame *rest, uint64_t *number_out);

/** Removes a start that can become no segment any more. */
KITH_MUST_USE kith_status kithd_stage_forget(kithd_session *session, const kithd_asked *asked);

#endif
