/* Taking in other authors' changes. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_ENGINE_EXCHANGE_H
#define KITH_ENGINE_EXCHANGE_H

#include "engine/replica.h"

/** Takes in a block of another author's commits, which must continue what is here of it.
 *
 *  @return KITH_OK; KITH_E_DAMAGED if it is no sound block or leaves a gap; KITH_E_STATE if it is
 *          our own author's; KITH_E_LIMIT; storage statuses. Nothing of it is kept on failure.
 *  Durable when it returns KITH_OK. */
KITH_MUST_USE kith_status kith_engine_accept(kith_replica *replica, kith_slice block);

/** Gives `to` all that `from` has and it lacks. */
KITH_MUST_USE kith_status kith_engine_send(kith_replica *from, kith_replica *to,
                                           uint64_t *sent_out);

#endif
