/* SPDX-License-Identifier: Apache-2.0 */
#include "transfer/keys.h"

#include "codec/checksum.h"

enum { CAPACITY_MIN = 1024 };

uint32_t kith_fingerprint(kith_slice text)
{
    uint32_t checksum = kith_checksum(0, text);
    return text.length == 0 ? 0 : checksum == 0 ? 1 : checksum;
}

void kith_keys_init(kith_keys *keys, kith_context *cx)
{
    *keys = (kith_keys){.cx = cx};
}

void kith_keys_deinit(kith_keys *keys)
{
    if (keys->cx != NULL) {
        kith_free(keys->cx, keys->items);
    }
    *keys = (kith_keys){0};
}

/* The place of a key, or the free place where it would go. */
static kith_known_key *place_of(const kith_keys *keys, int64_t hash)
{
    size_t mask = keys->capacity - 1;
    size_t place = (size_t)hash & mask;
    while (keys->items[place].id.author != 0 && keys->items[place].hash != hash) {
        place = (place + 1) & mask;
    }
    return &keys->items[place];
}

static kith_status grow(kith_keys *keys)
{
    if (keys->count * 2 < keys->capacity) {
        return KITH_OK;
    }
    kith_keys old = *keys;
    size_t capacity = old.capacity == 0 ? CAPACITY_MIN : old.capacity * 2;
    kith_known_key *items = kith_allocate_array(keys->cx, capacity, sizeof *items);
    KITH_ENSURE(items != NULL, KITH_E_MEMORY);
    keys->items = items;
    keys->capacity = capacity;
    for (size_t i = 0; i < old.capacity; i++) {
        if (old.items[i].id.author != 0) {
            *place_of(keys, old.items[i].hash) = old.items[i];
        }
    }
    kith_free(keys->cx, old.items);
    return KITH_OK;
}

kith_known_key *kith_keys_find(const kith_keys *keys, int64_t hash)
{
    kith_known_key *place = keys->capacity == 0 ? NULL : place_of(keys, hash);
    return place == NULL || place->id.author == 0 ? NULL : place;
}

kith_status kith_keys_put(kith_keys *keys, const kith_known_key *key)
{
    KITH_TRY(grow(keys));
    kith_known_key *place = place_of(keys, key->hash);
    keys->count += place->id.author == 0;
    *place = *key;
    return KITH_OK;
}
