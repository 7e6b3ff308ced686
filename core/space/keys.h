/* Getting at a space's epoch keys: from an invite, from a rekey, from the key that came after
 * (proto/spec/charter.md §2). SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_SPACE_KEYS_H
#define KITH_SPACE_KEYS_H

#include "space/charter.h"

/** True if a key is the one that the charter commits to for an epoch, counted from 1. */
bool kith_epoch_key_is_good(const kith_charter *charter, uint32_t epoch,
                            const uint8_t key[KITH_KEY_BYTES]);

/** Reads the key that an entry seals to a device or invite: a rekey's or an invite's.
 *
 *  @param charter  with the entry applied, and none after it
 *  @param entry    of kind invite, revoke or rotate
 *  @param seed     the device's, or kith_invite_seed()'s of an invite
 *  @return KITH_OK; KITH_E_NOT_FOUND if nothing in it is sealed to this seed; KITH_E_DAMAGED if
 *          what is sealed is not the key that the charter commits to */
KITH_MUST_USE kith_status kith_epoch_key_open(const kith_charter *charter, kith_slice entry,
                                              const uint8_t seed[KITH_SEED_BYTES],
                                              uint32_t *epoch_out, uint8_t key_out[KITH_KEY_BYTES]);

/** The key of the epoch before, from an epoch's key.
 *
 *  @param epoch    whose key `key` is; above 1
 *  @param key_out  receives it; may be `key`
 *  @return KITH_OK; KITH_E_DAMAGED if the charter's link does not lead to the key it commits to */
KITH_MUST_USE kith_status kith_epoch_key_before(const kith_charter *charter, uint32_t epoch,
                                                const uint8_t key[KITH_KEY_BYTES],
                                                uint8_t key_out[KITH_KEY_BYTES]);

/** The space's name, opened with epoch key 1. KITH_E_DAMAGED if it is not sealed with it or is no
 *  UTF-8. */
KITH_MUST_USE kith_status kith_space_name_open(const kith_charter *charter,
                                               const uint8_t key[KITH_KEY_BYTES], kith_buf *out);

#endif
