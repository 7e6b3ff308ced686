/* The epoch keys that a device holds of its spaces. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_SPACE_KEYRING_H
#define KITH_SPACE_KEYRING_H

#include "base/context.h"
#include "base/id.h"
#include "crypto/keys.h"

typedef struct kith_epoch_key {
    kith_space_id space;
    uint32_t epoch;
    uint8_t key[KITH_KEY_BYTES];
} kith_epoch_key;

typedef struct kith_keyring {
    kith_context *cx;
    kith_epoch_key *keys;
    size_t count;
    size_t capacity;
} kith_keyring;

void kith_keyring_init(kith_keyring *ring, kith_context *cx);
/** Wipes and forgets all keys; the ring can be used on. A zeroed ring is fine. */
void kith_keyring_clear(kith_keyring *ring);

/** Adds a key, unless it is there. KITH_E_MEMORY. */
KITH_MUST_USE kith_status kith_keyring_add(kith_keyring *ring, const kith_epoch_key *key);

/** The key of a space's epoch, or NULL. Borrowed until the ring changes. */
const uint8_t *kith_keyring_find(const kith_keyring *ring, kith_space_id space, uint32_t epoch);

#endif
