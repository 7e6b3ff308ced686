/* Bodies of segments by hand, with the authors and names of blocks.h.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TESTS_SEGMENTS_H
#define KITH_TESTS_SEGMENTS_H

#include "blocks.h"
#include "segment/body.h"
#include "segment/seal.h"

/** A header to seal under, with the seed of its device and the key of its epoch: each time the
 * same. The crypto library is ready. */
void segments_header(uint8_t seed[KITH_SEED_BYTES], uint8_t epoch_key[KITH_AEAD_KEY_BYTES],
                     kith_segment_header *header);

/** What a body of author 1's commits is made of, without heads. */
kith_body_source segments_source(const kith_commit *commits, size_t count);

/** Appends the body that holds the commits. */
void segments_write(const kith_commit *commits, size_t count, kith_buf *out);

/** Opens a body and gives its authors and names their ordinals; others go on behind those. */
KITH_MUST_USE kith_status segments_open(kith_slice bytes, kith_arena *arena, kith_body *body_out);

/** Opens a body and reads all of it: KITH_OK, or what ended that. */
KITH_MUST_USE kith_status segments_read(kith_slice bytes);

/** Fails unless the body holds just these commits. */
void segments_assert(kith_slice bytes, const kith_commit *commits, size_t count);

#endif
