/* A hash table of what an import met: the keys of records, or the records themselves.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TRANSFER_KEYS_H
#define KITH_TRANSFER_KEYS_H

#include "base/context.h"
#include "merge/change.h"

/** A key's hash is 64 bits of BLAKE2b: among a million keys, two meet by chance once in thirty
 *  million imports. */
typedef struct kith_known_key {
    int64_t hash;
    kith_dot id; /* author 0 marks a free place */
    struct kith_said *said;
} kith_known_key;

/** What rows said of a record: a fingerprint for each field of its map, 0 for nothing. */
typedef struct kith_said {
    size_t field_count;
    uint32_t fingerprints[];
} kith_said;

/** Open addressing, at most half full. */
typedef struct kith_keys {
    kith_context *cx;
    kith_known_key *items;
    size_t count;
    size_t capacity;
} kith_keys;

/** A text's fingerprint: 0 for no text, something else for any other. */
uint32_t kith_fingerprint(kith_slice text);

void kith_keys_init(kith_keys *keys, kith_context *cx);
void kith_keys_deinit(kith_keys *keys);

/** The key, or NULL. Borrowed until the next kith_keys_put(). */
kith_known_key *kith_keys_find(const kith_keys *keys, int64_t hash);

/** Puts a key in, or what it says in place of what it said. */
KITH_MUST_USE kith_status kith_keys_put(kith_keys *keys, const kith_known_key *key);

#endif
