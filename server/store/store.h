/* What the relay keeps, behind one interface: no SQL outside of it, the space first in every key,
 * so that another database can take its place (DESIGN §5).
 *
 * A store is one connection and belongs to one thread at a time. Writes happen between
 * kithd_txn_begin() and kithd_txn_commit(); what was written is durable when that returns KITH_OK.
 * Slices that are handed out live until the next call on the store.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITHD_STORE_STORE_H
#define KITHD_STORE_STORE_H

#include "base/buf.h"
#include "base/id.h"
#include "crypto/hash.h"
#include "crypto/keys.h"
#include "wire/frame.h"

typedef struct kithd_store kithd_store;

/** Opens the database in a data folder, which must be there; makes it if `create`.
 *
 *  A marker beside the database holds the same random value as it does, a new one since each start.
 *  Where they differ, one of the two was put back from a backup, and the relay gets a new epoch.
 *
 *  @return KITH_OK; KITH_E_NOT_FOUND; KITH_E_EXISTS if `create` and there is one; KITH_E_NEWER;
 *          KITH_E_DAMAGED; KITH_E_IO */
KITH_MUST_USE kith_status kithd_store_open(kith_context *cx, const char *folder, bool create,
                                           kithd_store **store_out);
void kithd_store_close(kithd_store *store);

/** Draws a new value for the marker: a relay does so when it starts. */
KITH_MUST_USE kith_status kithd_store_mark(kithd_store *store, const char *folder);

/** Where failures go from now on, and where they go. */
void kithd_store_lend(kithd_store *store, kith_context *cx);
kith_context *kithd_store_context(kithd_store *store);

KITH_MUST_USE kith_status kithd_txn_begin(kithd_store *store);
KITH_MUST_USE kith_status kithd_txn_commit(kithd_store *store);
/** Fine when none is open. */
void kithd_txn_rollback(kithd_store *store);

/** Reads that must show one moment stand between these two. */
KITH_MUST_USE kith_status kithd_read_begin(kithd_store *store);
void kithd_read_end(kithd_store *store);

/** The relay's epoch: which database this is. */
KITH_MUST_USE kith_status kithd_store_epoch(kithd_store *store,
                                            uint8_t epoch[KITH_RELAY_EPOCH_BYTES]);

typedef struct kithd_space {
    uint64_t position; /* of the last segment */
    uint64_t bytes;    /* of all segments */
    uint64_t quota;    /* bytes; 0 for the relay's default */
    uint32_t entry_count;
} kithd_space;

/** KITH_E_NOT_FOUND if the relay does not have the space. */
KITH_MUST_USE kith_status kithd_space_get(kithd_store *store, kith_space_id space,
                                          kithd_space *space_out);
KITH_MUST_USE kith_status kithd_space_put(kithd_store *store, kith_space_id space,
                                          const kithd_space *row);

/** Called for each space; anything but KITH_OK stops. */
typedef kith_status (*kithd_space_visitor)(void *user, kith_space_id space, const kithd_space *row);
KITH_MUST_USE kith_status kithd_space_scan(kithd_store *store, kithd_space_visitor visit,
                                           void *user);

/** `joined_position` is the space's position when the entry came. */
KITH_MUST_USE kith_status kithd_entry_put(kithd_store *store, kith_space_id space, uint32_t number,
                                          uint64_t joined_position, kith_slice bytes);
typedef kith_status (*kithd_entry_visitor)(void *user, uint32_t number, uint64_t joined_position,
                                           kith_slice bytes);
KITH_MUST_USE kith_status kithd_entry_scan(kithd_store *store, kith_space_id space, uint32_t after,
                                           kithd_entry_visitor visit, void *user);

/** How far an author's segments are here. All zero if none is. */
typedef struct kithd_author {
    uint64_t number;
    uint8_t header[KITH_HASH_BYTES];
} kithd_author;
KITH_MUST_USE kith_status kithd_author_get(kithd_store *store, kith_space_id space,
                                           kith_author_id author, kithd_author *author_out);
KITH_MUST_USE kith_status kithd_author_put(kithd_store *store, kith_space_id space,
                                           kith_author_id author, const kithd_author *row);

/** What the segments come to that a device signed, and its room. All zero if there are none. */
typedef struct kithd_device {
    uint64_t bytes;
    uint64_t quota; /* bytes; 0 for the relay's default */
} kithd_device;
KITH_MUST_USE kith_status kithd_device_get(kithd_store *store, kith_space_id space,
                                           const uint8_t key[KITH_KEY_BYTES],
                                           kithd_device *device_out);
KITH_MUST_USE kith_status kithd_device_put(kithd_store *store, kith_space_id space,
                                           const uint8_t key[KITH_KEY_BYTES],
                                           const kithd_device *row);

/** Appends all authors' heads, as kith_heads_write() has them. */
KITH_MUST_USE kith_status kithd_author_heads(kithd_store *store, kith_space_id space,
                                             kith_buf *out);

typedef struct kithd_segment {
    uint64_t position;
    kith_author_id author;
    uint64_t number;
    kith_slice bytes; /* header and sealed body */
} kithd_segment;

KITH_MUST_USE kith_status kithd_segment_put(kithd_store *store, kith_space_id space,
                                            const kithd_segment *segment);

/** The first segment after a position. KITH_E_NOT_FOUND at the end. */
KITH_MUST_USE kith_status kithd_segment_next(kithd_store *store, kith_space_id space,
                                             uint64_t after, kithd_segment *segment_out);

/** The hash of the header that is here under an author's number. KITH_E_NOT_FOUND. */
KITH_MUST_USE kith_status kithd_segment_header(kithd_store *store, kith_space_id space,
                                               kith_author_id author, uint64_t number,
                                               uint8_t header[KITH_HASH_BYTES]);

/** Keeps the start of an author's next segment, from a transfer that broke or is slow. One for each
 *  author, of which a shorter one with the same header does not take the place, while those of the
 *  space stay within `room` bytes: KITH_E_QUOTA past that. */
KITH_MUST_USE kith_status kithd_staged_put(kithd_store *store, kith_space_id space,
                                           kith_author_id author, uint64_t number, int64_t now_ms,
                                           kith_slice bytes, uint64_t room);
/** Its bytes are appended. KITH_E_NOT_FOUND. */
KITH_MUST_USE kith_status kithd_staged_get(kithd_store *store, kith_space_id space,
                                           kith_author_id author, uint64_t *number_out,
                                           kith_buf *out);
KITH_MUST_USE kith_status kithd_staged_remove(kithd_store *store, kith_space_id space,
                                              kith_author_id author);
/** Forgets what was staged before a time. */
KITH_MUST_USE kith_status kithd_staged_expire(kithd_store *store, int64_t before_ms);

/** Keeps a segment apart that its device had no right to send any more, while what is kept so of
 *  the space stays within `room` bytes: KITH_E_QUOTA past that. */
KITH_MUST_USE kith_status kithd_held_put(kithd_store *store, kith_space_id space,
                                         const uint8_t header[KITH_HASH_BYTES], kith_slice bytes,
                                         uint64_t room);

/** What is kept apart of a space; with a key, of that device. */
typedef struct kithd_held {
    uint64_t count;
    uint64_t bytes;
} kithd_held;
KITH_MUST_USE kith_status kithd_held_get(kithd_store *store, kith_space_id space,
                                         const uint8_t *key, kithd_held *held_out);

/* Registration tokens: only their hashes are kept. */
KITH_MUST_USE kith_status kithd_token_put(kithd_store *store, kith_slice token);
/** Uses a token up. KITH_E_DENIED if there is none such. */
KITH_MUST_USE kith_status kithd_token_take(kithd_store *store, kith_slice token);

/** Checks the database: SQLite's own check, every segment's hash and chain, positions without gaps,
 *  what the segments of spaces and devices come to. KITH_E_DAMAGED with the first finding in the
 * detail. */
KITH_MUST_USE kith_status kithd_store_check(kithd_store *store, uint64_t *segment_count_out);

/** Copies the database, while it is in use, to a new file, which fits no marker. KITH_E_EXISTS;
 *  KITH_E_IO. */
KITH_MUST_USE kith_status kithd_store_backup(kithd_store *store, const char *path);

#endif
