/* What comes of the own space by hand: from a bundle, or from what was carried unread before this
 * device joined. No relay has looked at it, and none says which of two entries came first.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_ENGINE_HANDED_H
#define KITH_ENGINE_HANDED_H

#include "engine/share.h"
#include "wire/bundle.h"

/** Takes an entry of the charter. Durable when it returns.
 *
 *  @param is_new_out   false if it is here already
 *  @param problem_out  why the entry cannot be taken, with the detail in the handle; KITH_OK if it
 *                      is here now. KITH_E_FORKED if another stands under its number; KITH_E_BUSY
 *                      if that is one that the relay has yet to judge, or an admission by an older
 *                      charter, which its device will make anew; else as kith_charter_apply()
 *  @return KITH_OK; storage statuses */
KITH_MUST_USE kith_status kith_engine_take_handed_entry(kith_replica *replica, kith_slice entry,
                                                        bool *is_new_out, kith_status *problem_out);

/** The end of what came: tries again what was set aside; where there is no relay, a joining device
 *  makes its own admission. Durable when it returns.
 *
 *  @return also KITH_E_DENIED if the invite does not admit it any more */
KITH_MUST_USE kith_status kith_engine_end_handed(kith_replica *replica, kith_taken *taken_out);

/** Keeps what a member says to hold; nothing if the device is no member, or this one. */
KITH_MUST_USE kith_status kith_engine_note_holding(kith_replica *replica,
                                                   const kith_holds_frame *holds);

#endif
