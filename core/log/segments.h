/* The part of the log that is in segments: what was shared with others or came from them. Our own
 * changes become segments when a sync or bundle needs them, and then stand in the log as such and
 * no longer as packs: the bytes that travel are the bytes that are kept.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_LOG_SEGMENTS_H
#define KITH_LOG_SEGMENTS_H

#include "log/log.h"
#include "segment/body.h"
#include "segment/seal.h"

/** A segment opened for reading. */
typedef struct kith_open_segment {
    kith_segment_header header;
    kith_body body;
    uint32_t author; /* our ordinal of it */
} kith_open_segment;

/** Opens a segment's seal and body, and gives ordinals to the names and authors it brings.
 *
 *  @param header  read and checked
 *  @param arena   everything of the body lives here
 *  @return KITH_OK; KITH_E_NOT_FOUND if the key of its epoch is not on the ring; KITH_E_DAMAGED;
 *          KITH_E_NEWER; KITH_E_LIMIT; KITH_E_MEMORY */
KITH_MUST_USE kith_status kith_log_open_segment(kith_log *log, const kith_segment_header *header,
                                                kith_slice sealed, kith_arena *arena,
                                                kith_open_segment *segment_out);

/** Visits the commits of an open segment. */
KITH_MUST_USE kith_status kith_log_visit_commits(kith_log *log, kith_open_segment *segment,
                                                 kith_commit_visitor visit, void *user);

/** The same of a segment of the log, header and sealed body. */
KITH_MUST_USE kith_status kith_log_visit_segment(kith_log *log, kith_slice bytes,
                                                 kith_commit_visitor visit, void *user);

/** Reads the plain body of a segment of the log; `body` is appended to. */
KITH_MUST_USE kith_status kith_log_unseal(kith_log *log, kith_slice bytes, kith_buf *body);

/** Opens a plain body, as kith_log_unseal() gives it, of an author. */
KITH_MUST_USE kith_status kith_log_open_body(kith_log *log, kith_slice plain, uint32_t author,
                                             kith_arena *arena, kith_body *body_out);

/** Stores a segment that is the next of its author's chain, and moves that. Its commits must have
 *  been applied, in this transaction or before; of ours, none may be in the tail. */
KITH_MUST_USE kith_status kith_log_store_segment(kith_log *log, const kith_segment *segment,
                                                 const kith_segment_header *header);

/** Where an author's chain would stand if it ended with a segment that is here; 0 for none. */
KITH_MUST_USE kith_status kith_log_chain_at(kith_log *log, uint32_t author, uint64_t number,
                                            kith_chain *chain_out);

/** What own changes are sealed with. */
typedef struct kith_sealing {
    kith_space_id space;
    uint8_t sign[KITH_KEY_BYTES];
    uint8_t incarnation[KITH_INCARNATION_BYTES];
    const uint8_t *seed;
    uint32_t epoch;
    const uint8_t *epoch_key;
} kith_sealing;

/** Makes segments of all own changes that are in none, and takes their packs and rows of the tail
 *  away. Nothing may be unwritten or unfolded. In a transaction: sealed bytes must be durable
 *  before anybody sees them.
 *
 *  @return KITH_OK; KITH_E_IO without random bytes; KITH_E_LIMIT; KITH_E_MEMORY; storage statuses
 */
KITH_MUST_USE kith_status kith_log_seal(kith_log *log, const kith_sealing *sealing);

/** The digest of what an author has seen, moved on by the heads that a body names
 *  (proto/spec/sync.md §4).
 *
 *  @param seen     the digest before, and after
 *  @return KITH_OK; KITH_E_NOT_FOUND if a segment it names is not here: `seen` is as before;
 *          storage statuses */
KITH_MUST_USE kith_status kith_log_move_seen(kith_log *log, const kith_seen_head *heads,
                                             size_t count, uint8_t seen[KITH_HASH_BYTES]);

#endif
