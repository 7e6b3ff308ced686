/* The body of a segment before it is sealed: a run of one author's commits, by column
 * (proto/spec/segment.md §3). Everything that is alike stands together: all times, all names, all
 * notes; so it deflates to half of what the same commits take one behind the other.
 *
 * A body stands alone: names and authors are spelled out in it. SPDX-License-Identifier: Apache-2.0
 */
#ifndef KITH_SEGMENT_BODY_H
#define KITH_SEGMENT_BODY_H

#include "merge/known.h"
#include "segment/column.h"
#include "segment/tables.h"

/** How far the author had seen another when it made the segment. */
typedef struct kith_seen_head {
    kith_author_id author;
    uint64_t segment; /* number of its last segment seen */
} kith_seen_head;

/** What a body is made of; all borrowed. */
typedef struct kith_body_source {
    const kith_author *authors; /* by ordinal */
    const kith_slice *names;    /* by ordinal */
    uint32_t author;            /* whose commits they are */
    const kith_commit *commits; /* their numbers follow each other */
    size_t commit_count;
    const kith_seen_head *heads; /* those that moved since the author's last segment */
    size_t head_count;
} kith_body_source;

/** Appends the body of a run of commits.
 *
 *  @return KITH_OK; KITH_E_LIMIT if it is more than one segment can hold; KITH_E_MEMORY. `out` then
 *          holds what was there before */
KITH_MUST_USE kith_status kith_body_write(kith_context *cx, const kith_body_source *source,
                                          kith_buf *out);

typedef struct kith_body_shape kith_body_shape;
typedef struct kith_value_list kith_value_list;
typedef struct kith_predictor kith_predictor;

/** A column of numbers being used up. */
typedef struct kith_number_cursor {
    kith_numbers numbers;
    size_t next;
} kith_number_cursor;

/** A body being read. It lives in the arena and the bytes it was opened with. */
typedef struct kith_body {
    kith_context *cx;
    kith_arena *arena;
    kith_author_table authors;
    kith_slice *names;
    size_t name_count;
    kith_seen_head *heads;
    size_t head_count;
    uint64_t first; /* number of its first change */
    size_t commit_count;
    size_t change_count;
    /* Filled in by whoever knows the replica's ordinals, before kith_body_next(): */
    uint32_t *author_ordinals; /* by index; 0 is the own author */
    uint32_t *name_ordinals;   /* by index */
    /* What is left to be read: */
    kith_body_shape *shapes;
    size_t shape_count;
    kith_value_list *lists;
    size_t *list_cursors;
    size_t list_count;
    int64_t last_ms;
    kith_number_cursor sizes;
    kith_number_cursor undoes;
    kith_number_cursor steps;
    kith_number_cursor stamps;
    kith_number_cursor aheads;
    kith_number_cursor shape_indexes;
    kith_number_cursor records;
    kith_number_cursor table_authors;
    kith_number_cursor table_numbers;
    kith_number_cursor replaced;
    kith_number_cursor removals;
    kith_number_cursor dot_authors;
    kith_number_cursor dot_numbers;
    uint64_t next; /* number of the next change */
    size_t commits_read;
    uint64_t *creations; /* numbers of the changes read that created records */
    size_t creation_count;
    kith_predictor *predictor;
} kith_body;

/** Reads a body's columns.
 *
 *  @param author  whose segment it is
 *  @return KITH_OK; KITH_E_DAMAGED if it is no body, or of more than a segment may hold;
 *          KITH_E_NEWER for a later layout; KITH_E_MEMORY */
KITH_MUST_USE kith_status kith_body_open(kith_context *cx, kith_slice bytes, kith_author_id author,
                                         kith_arena *arena, kith_body *body_out);

/** Reads the next commit into an arena, which may be reset before the one after it: a body may hold
 *  some ten thousand. KITH_E_NOT_FOUND at the end; KITH_E_DAMAGED; KITH_E_MEMORY. */
KITH_MUST_USE kith_status kith_body_next(kith_body *body, kith_arena *arena,
                                         kith_commit *commit_out);

#endif
