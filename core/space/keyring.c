/* SPDX-License-Identifier: Apache-2.0 */
#include "space/keyring.h"

void kith_keyring_init(kith_keyring *ring, kith_context *cx)
{
    *ring = (kith_keyring){.cx = cx};
}

void kith_keyring_clear(kith_keyring *ring)
{
    if (ring->keys != NULL) {
        kith_wipe(ring->keys, ring->capacity * sizeof *ring->keys);
        kith_free(ring->cx, ring->keys);
    }
    kith_keyring_init(ring, ring->cx);
}

/* A ring that moves leaves no key behind in memory that was given back. */
static kith_status make_room(kith_keyring *ring)
{
    if (ring->count < ring->capacity) {
        return KITH_OK;
    }
    size_t capacity = ring->capacity == 0 ? 8 : ring->capacity * 2;
    kith_epoch_key *keys = kith_allocate_array(ring->cx, capacity, sizeof *keys);
    KITH_ENSURE(keys != NULL, KITH_E_MEMORY);
    if (ring->count > 0) {
        memcpy(keys, ring->keys, ring->count * sizeof *keys);
        kith_wipe(ring->keys, ring->capacity * sizeof *keys);
        kith_free(ring->cx, ring->keys);
    }
    ring->keys = keys;
    ring->capacity = capacity;
    return KITH_OK;
}

kith_status kith_keyring_add(kith_keyring *ring, const kith_epoch_key *key)
{
    if (kith_keyring_find(ring, key->space, key->epoch) != NULL) {
        return KITH_OK;
    }
    KITH_TRY(make_room(ring));
    ring->keys[ring->count++] = *key;
    return KITH_OK;
}

const uint8_t *kith_keyring_find(const kith_keyring *ring, kith_space_id space, uint32_t epoch)
{
    for (size_t i = 0; i < ring->count; i++) {
        if (ring->keys[i].epoch == epoch && kith_space_id_equal(ring->keys[i].space, space)) {
            return ring->keys[i].key;
        }
    }
    return NULL;
}
