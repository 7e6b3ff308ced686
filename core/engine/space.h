/* The space of a replica: what it knows of its charter, keys and relay.
 *
 * One row of facts, the entries of the charter, the keys of its epochs. Facts and keys are read
 * with everything else; the charter, whose every signature is checked, only when something asks.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_ENGINE_SPACE_H
#define KITH_ENGINE_SPACE_H

#include <kith/space.h>

#include "base/limits.h"
#include "engine/replica.h"
#include "space/invite.h"
#include "wire/frame.h"

/* The ordinal of a replica's space: there is one. */
enum { KITH_SPACE_ORDINAL = 1 };

/** Reads the facts and keys anew; a replica without a space has none. */
KITH_MUST_USE kith_status kith_engine_load_space(kith_replica *replica);

/** Stores the facts in the open transaction. */
KITH_MUST_USE kith_status kith_engine_save_space(kith_replica *replica);

/** The charter as far as it is here, read if it was not; borrowed until the replica is reloaded.
 *  KITH_E_STATE without a space. */
KITH_MUST_USE kith_status kith_engine_charter(kith_replica *replica, kith_charter **charter_out);

/** Appends an entry to the charter, ours or one that was received, and takes what keys it brings.
 *  In a transaction.
 *
 *  @return KITH_OK; KITH_E_EXISTS if it is the last one already there; as kith_charter_apply() */
KITH_MUST_USE kith_status kith_engine_take_entry(kith_replica *replica, kith_slice entry);

/** Takes our entries back that the relay has not accepted, with the keys of epochs that they began:
 *  the charter has grown by others. In a transaction. */
KITH_MUST_USE kith_status kith_engine_drop_entries(kith_replica *replica, uint32_t above);

/** How far the charter is firm: where there is a relay, without entries that this device made and
 *  no relay has accepted, nor what follows them. Only what is firm is handed on, or sealed by:
 *  the relay may yet take another's entry in their place.
 *
 *  @param epoch_out  the last epoch of those entries; may be NULL */
KITH_MUST_USE kith_status kith_engine_firm_entries(kith_replica *replica, uint32_t *count_out,
                                                   uint32_t *epoch_out);

/** Stores the key of an epoch and those before it that lack. In a transaction. */
KITH_MUST_USE kith_status kith_engine_take_key(kith_replica *replica, uint32_t epoch,
                                               const uint8_t key[KITH_KEY_BYTES]);

/** The device's secret seed. Wipe it when it has served. */
KITH_MUST_USE kith_status kith_engine_seed(kith_replica *replica, uint8_t seed[KITH_SEED_BYTES]);

/** The public half of the device's signing key. */
KITH_MUST_USE kith_status kith_engine_sign_key(kith_replica *replica, uint8_t sign[KITH_KEY_BYTES]);

/** The device's membership, also a revoked one; NULL if it has none. */
KITH_MUST_USE kith_status kith_engine_membership(kith_replica *replica,
                                                 const kith_member **member_out);

#endif
