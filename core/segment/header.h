/* A segment's header: what the relay sees of it (proto/spec/segment.md §2). Nothing in it tells
 * when or about whom something was written, or how much.
 *
 *   offset bytes
 *     0     1   version, 1
 *     1    16   space
 *    17    32   the device's signing key
 *    49    16   incarnation: with the key it makes the author
 *    65     6   number of the segment among its author's, counted from 1
 *    71     4   epoch, counted from 1
 *    75    32   hash of the author's segment before; zeros for the first
 *   107    32   digest of the heads of others that the author had seen
 *   139    32   hash of the sealed body
 *   171    64   signature of the device over all before it
 *   235
 *
 * Numbers are big-endian. The header names the hash of the body, not the body: a body can be erased
 * lawfully, and the chain of headers still verifies. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_SEGMENT_HEADER_H
#define KITH_SEGMENT_HEADER_H

#include "base/context.h"
#include "crypto/hash.h"
#include "crypto/keys.h"

enum {
    KITH_HEADER_BYTES = 235,
    KITH_HEADER_BOUND_BYTES = 139 /* from the front: what a body is sealed to */
};

typedef struct kith_segment_header {
    kith_space_id space;
    uint8_t sign[KITH_KEY_BYTES];
    uint8_t incarnation[KITH_INCARNATION_BYTES];
    uint64_t number;
    uint32_t epoch;
    uint8_t previous[KITH_HASH_BYTES];
    uint8_t seen[KITH_HASH_BYTES];
    uint8_t body[KITH_HASH_BYTES];
} kith_segment_header;

/** Writes the part that a body is sealed to; the body's hash does not matter yet. */
void kith_header_write_bound(const kith_segment_header *header,
                             uint8_t bytes[KITH_HEADER_BOUND_BYTES]);

/** Writes a header and signs it with the device's key, which must be header->sign. */
void kith_header_sign(const kith_segment_header *header, const uint8_t seed[KITH_SEED_BYTES],
                      uint8_t bytes[KITH_HEADER_BYTES]);

/** Reads a header and checks its signature.
 *
 *  @return KITH_OK; KITH_E_NEWER for a later version; KITH_E_DAMAGED if it is no header or not
 *          signed by the key in it. Whether that key may write is for the charter to say. */
KITH_MUST_USE kith_status kith_header_read(kith_context *cx, kith_slice bytes,
                                           kith_segment_header *header_out);

/** The author that a header's key and incarnation make. */
kith_author_id kith_header_author(const kith_segment_header *header);

/** The hash that the next segment names: of the whole header, signature and all. */
void kith_header_hash(kith_slice header_bytes, uint8_t hash[KITH_HASH_BYTES]);

/** The hash of a sealed body. */
void kith_body_hash(kith_slice sealed, uint8_t hash[KITH_HASH_BYTES]);

#endif
