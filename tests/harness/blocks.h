/* Blocks of the log by hand: authors and names to write with, reading back, comparing.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TESTS_BLOCKS_H
#define KITH_TESTS_BLOCKS_H

#include "harness.h"
#include "log/block.h"

enum { BLOCKS_AUTHORS = 4, BLOCKS_NAMES = 6 /* each with none */ };

/** By ordinal. Blocks are author 1's unless a test says otherwise. */
extern const kith_author blocks_authors[BLOCKS_AUTHORS];
extern const kith_slice blocks_names[BLOCKS_NAMES];

/** A commit of author 1: gives the changes their numbers, from `first` on, and the commit's
 *  stamp, as whoever appends it does. */
kith_commit blocks_commit(uint64_t first, kith_change *changes, size_t count);

/** Appends the block that holds the commits, which are of one author. */
void blocks_write(const kith_commit *commits, size_t count, kith_buf *out);

/** Opens a block and gives its authors and names their ordinals; others go on behind those. */
KITH_MUST_USE kith_status blocks_open(kith_slice bytes, kith_arena *arena, kith_block *block_out);

/** Opens a block and reads all of it: KITH_OK, or what ended that. */
KITH_MUST_USE kith_status blocks_read(kith_slice bytes);

/** Fails unless the block holds just these commits. */
void blocks_assert(kith_slice bytes, const kith_commit *commits, size_t count);

/** The ordinals of what a block or a segment spells out; others go on behind those above, by their
 *  index in it. */
uint32_t blocks_author_ordinal(kith_author_id id, size_t index);
uint32_t blocks_name_ordinal(kith_slice name, size_t index);

/** Fails unless the two commits are the same in every part. */
void assert_same_commit(const kith_commit *commit, const kith_commit *expected);

#endif
