/* Columns: how a segment's numbers and bytes are stored (proto/spec/segment.md §4).
 *
 *   stream   bytes whose number the reader knows: varint deflated; 0: the bytes themselves, else so
 *            many bytes of a raw deflate stream that holds just them
 *   bytes    varint length, then a stream of so many bytes
 *   numbers  as many as the reader knows, nothing if none: zigzag base, one byte width (0 … 8),
 * then `width` streams of a byte for each number, the least significant byte of number - base first
 *
 * A reader allots room for what is inflated beforehand, so that a few bytes cannot stand for more
 * than a segment may hold. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_SEGMENT_COLUMN_H
#define KITH_SEGMENT_COLUMN_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/reader.h"

/** Numbers being gathered. Zeroed it is empty. */
typedef struct kith_numbers {
    int64_t *items; /* in the arena that they are added with */
    size_t count;
    size_t capacity;
} kith_numbers;

KITH_MUST_USE kith_status kith_numbers_add(kith_numbers *numbers, kith_arena *arena, int64_t item);

/** How bytes are expected to look: texts are deflated against the preset dictionary. */
typedef enum kith_stream_kind { KITH_STREAM_BYTES, KITH_STREAM_TEXT } kith_stream_kind;

/* Writers append to `out`; failure sticks to it. */
KITH_MUST_USE kith_status kith_stream_write(kith_context *cx, kith_slice bytes,
                                            kith_stream_kind kind, kith_buf *out);
KITH_MUST_USE kith_status kith_bytes_write(kith_context *cx, kith_slice bytes,
                                           kith_stream_kind kind, kith_buf *out);
KITH_MUST_USE kith_status kith_numbers_write(kith_context *cx, const kith_numbers *numbers,
                                             kith_buf *out);

/** Reads columns one behind the other. What it gives lives in the arena. */
typedef struct kith_column_reader {
    kith_context *cx;
    kith_arena *arena;
    kith_reader reader;
    size_t room; /* bytes that columns may still inflate to */
} kith_column_reader;

/** Takes room for `count` items of a column; KITH_E_DAMAGED if a segment cannot hold so many. */
KITH_MUST_USE kith_status kith_column_take(kith_column_reader *columns, uint64_t count);

/* KITH_E_DAMAGED if the bytes are no such column; KITH_E_MEMORY. */
KITH_MUST_USE kith_status kith_stream_read(kith_column_reader *columns, size_t length,
                                           kith_stream_kind kind, kith_slice *bytes_out);
KITH_MUST_USE kith_status kith_bytes_read(kith_column_reader *columns, kith_stream_kind kind,
                                          kith_slice *bytes_out);
KITH_MUST_USE kith_status kith_numbers_read(kith_column_reader *columns, size_t count,
                                            kith_numbers *numbers_out);

#endif
