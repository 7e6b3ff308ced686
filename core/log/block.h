/* Blocks: runs of one author's commits as the log stores them (proto/spec/encoding.md).
 *
 *   version  1 byte, 1
 *   author   10 bytes
 *   first    varint: number of the first change
 *   count    varint: commits
 *   authors  varint count, 10 bytes each: others that are named; 1, 2 … below, 0 is the author,
 *            who is not among them
 *   names    varint count, for each a slice: kinds and fields that are named; 0, 1 … below
 *   commits  one behind the other:
 *     changes  varint count
 *     undoes   varint: 0, or how far back the first change of the undone commit lies
 *     stamp    zigzag milliseconds against the commit before (the first against 0),
 *              varint counter << 3 | is ahead << 2 | trust
 *     ahead    varint milliseconds that the logical clock was ahead, if so announced
 *     for each change
 *       deed     varint: deed, for CREATE | kind << 2
 *       record   dot, unless CREATE
 *       CREATE, EDIT  varint count of operations, for each
 *         varint field << 3 | action << 1 | replaces something
 *         value, unless CLEAR
 *         dots replaced: varint count, dots; if so announced
 *       REMOVE, KEEP  dots of removals replaced: varint count, dots
 *       REMOVE        dots seen: varint count, dots
 *   dot      varint author; varint number, for the block's own author how far back from the change
 *
 * A block stands alone: names and authors are spelled out in it, so it can be read on any replica.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_LOG_BLOCK_H
#define KITH_LOG_BLOCK_H

#include "merge/known.h"

/** Gathers commits of one author into a block. */
typedef struct kith_block_writer {
    kith_context *cx;
    uint32_t author;
    uint64_t first;
    uint64_t next; /* the number that the next change must have */
    uint64_t commit_count;
    int64_t last_ms;
    uint32_t *authors; /* ordinals by index, without the author */
    size_t author_count;
    size_t author_capacity;
    uint32_t *used_names; /* ordinals by index */
    size_t name_count;
    size_t name_capacity;
    kith_buf commits;
} kith_block_writer;

/** A writer without commits. */
void kith_block_writer_init(kith_block_writer *writer, kith_context *cx, uint32_t author);
void kith_block_writer_deinit(kith_block_writer *writer);

/** Forgets all commits. */
void kith_block_writer_clear(kith_block_writer *writer);

/** Appends a commit; its first number must follow the last one. Nothing is appended on failure:
 *  KITH_E_LIMIT past KITH_COMMIT_BYTES_MAX, KITH_E_MEMORY. */
KITH_MUST_USE kith_status kith_block_writer_add(kith_block_writer *writer,
                                                const kith_commit *commit);

/** About how long the block is so far. */
size_t kith_block_writer_bytes(const kith_block_writer *writer);

/** Appends the whole block to `out`. The writer keeps its commits. `names` are texts by ordinal.
 *  KITH_E_LIMIT past KITH_BLOCK_BYTES_MAX, KITH_E_MEMORY; what `out` holds then is no block. */
KITH_MUST_USE kith_status kith_block_writer_finish(const kith_block_writer *writer,
                                                   const kith_author *authors,
                                                   const kith_slice *names, kith_buf *out);

/** A block being read. The slices are borrowed from its bytes. */
typedef struct kith_block {
    kith_context *cx;
    kith_author_id author;
    uint64_t first;
    uint64_t commit_count;
    const uint8_t *author_bytes; /* author_count × KITH_AUTHOR_BYTES */
    size_t author_count;
    kith_slice *names; /* in the arena */
    size_t name_count;
    /* Filled in by whoever knows the replica's ordinals, before kith_block_next(), which tells
     * the fields of a change apart by them: */
    uint32_t author_ordinal;
    uint32_t *author_ordinals; /* by index - 1; in the arena */
    uint32_t *name_ordinals;   /* by index; in the arena */
    /* Where reading stands: */
    kith_reader reader;
    uint64_t next;
    uint64_t commits_read;
    int64_t last_ms;
} kith_block;

/** Reads the head of a block. KITH_E_DAMAGED if it is none, KITH_E_NEWER for a later version. */
KITH_MUST_USE kith_status kith_block_open(kith_context *cx, kith_slice bytes, kith_arena *arena,
                                          kith_block *block_out);

/** The id of the author at an index of the block's table, counted from 0. */
kith_author_id kith_block_author(const kith_block *block, size_t index);

/** Reads the next commit into the arena; values are borrowed from the block's bytes.
 *  KITH_E_NOT_FOUND at the end; KITH_E_DAMAGED if the bytes are no commit. */
KITH_MUST_USE kith_status kith_block_next(kith_block *block, kith_arena *arena,
                                          kith_commit *commit_out);

#endif
