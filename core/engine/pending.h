/* Records whose new state is not written yet, found by id. Edits hit any record, so the set is a
 * hash table over an array in the order of arrival; it is sorted once, when it is written.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_ENGINE_PENDING_H
#define KITH_ENGINE_PENDING_H

#include "base/context.h"
#include "merge/change.h"

typedef struct kith_pending {
    kith_dot id;
    uint32_t kind;
    uint32_t marks;
    int64_t changed_ms;
    uint8_t *state; /* packed; owned by the set */
    size_t state_bytes;
    bool is_new; /* the database has no row of it */
} kith_pending;

typedef struct kith_pending_set {
    kith_context *cx;
    kith_pending *items;
    size_t count;
    size_t capacity;
    size_t state_bytes; /* of all states together */
    uint32_t *places;   /* open addressing: position in items + 1, or 0; at most half full */
    size_t place_count; /* a power of two, or 0 */
} kith_pending_set;

void kith_pending_init(kith_pending_set *set, kith_context *cx);
void kith_pending_deinit(kith_pending_set *set);

/** Forgets all records, keeps the memory. */
void kith_pending_clear(kith_pending_set *set);

/** The entry of a record, or NULL. Borrowed until the set changes. */
kith_pending *kith_pending_find(const kith_pending_set *set, kith_dot id);

/** The entry of a record, made if there is none, with a copy of its packed state in place of the
 *  one it had. Nothing changes on failure. */
KITH_MUST_USE kith_status kith_pending_put(kith_pending_set *set, kith_dot id, kith_slice state,
                                           kith_pending **entry_out);

/** Puts the entries in the order of their ids, which is that of the database's pages. */
void kith_pending_sort(kith_pending_set *set);

#endif
