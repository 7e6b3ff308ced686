/* Memory for what dies together at the end of one call. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_BASE_ARENA_H
#define KITH_BASE_ARENA_H

#include "base/context.h"
#include "base/slice.h"

typedef struct kith_arena_chunk kith_arena_chunk;

typedef struct kith_arena {
    kith_context *cx;
    kith_arena_chunk *chunk; /* the one in use; older ones behind it */
    size_t used;             /* bytes taken of that chunk */
} kith_arena;

/** An empty arena. Allocates nothing yet. */
void kith_arena_init(kith_arena *arena, kith_context *cx);

/** Gives everything back. A zeroed arena is fine. */
void kith_arena_deinit(kith_arena *arena);

/** Forgets everything but keeps the largest piece of memory for the next use. */
void kith_arena_reset(kith_arena *arena);

/** Zeroed memory for any type, alive until the arena is reset; NULL with the detail set. */
KITH_MUST_USE void *kith_arena_allocate(kith_arena *arena, size_t size);

/** As kith_arena_allocate() for `count` items; NULL if the product overflows. */
KITH_MUST_USE void *kith_arena_array(kith_arena *arena, size_t count, size_t item_size);

/** Makes room for one more item in an array of the arena, as kith_grow() does on the heap; the old
 *  place stays valid until the arena is reset. */
KITH_MUST_USE void *kith_arena_grow(kith_arena *arena, void *items, size_t count, size_t *capacity,
                                    size_t item_size);

/** The parts one behind the other, with a NUL behind them that does not count. */
KITH_MUST_USE kith_status kith_arena_join(kith_arena *arena, const kith_slice *parts,
                                          size_t part_count, kith_slice *joined_out);

/** A copy of the bytes with a NUL behind them that does not count. */
KITH_MUST_USE kith_status kith_arena_copy(kith_arena *arena, kith_slice slice,
                                          kith_slice *copy_out);

#endif
