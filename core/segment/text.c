/* SPDX-License-Identifier: Apache-2.0 */
#include "segment/text.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/writer.h"
#include "segment/words.h"

enum { CODING_PLAIN = 0, CODING_DISTINCT = 1, CODING_WORDS = 2 };

static kith_status damaged(kith_column_reader *columns)
{
    return kith_fail(columns->cx, KITH_E_DAMAGED, "a segment is damaged: a column of texts");
}

bool kith_text_cut(kith_slice bytes, kith_slice *texts_out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t end = kith_slice_find(bytes, '\0');
        if (end == bytes.length) {
            return false;
        }
        texts_out[i] = kith_slice_head(bytes, end);
        bytes = kith_slice_skip(bytes, end + 1);
    }
    return bytes.length == 0;
}

static kith_status write_plain(kith_context *cx, const kith_slice *texts, size_t count,
                               kith_buf *out)
{
    kith_buf joined;
    kith_buf_init(&joined, cx, KITH_SEGMENT_INFLATED_MAX);
    for (size_t i = 0; i < count; i++) {
        kith_buf_append_slice(&joined, texts[i]);
        kith_write_u8(&joined, 0);
    }
    kith_status status = kith_buf_status(&joined);
    if (status == KITH_OK) {
        status = kith_bytes_write(cx, kith_buf_slice(&joined), KITH_STREAM_TEXT, out);
    }
    kith_buf_deinit(&joined);
    return status;
}

/* A text and where it first stands. */
typedef struct placed_text {
    kith_slice text;
    size_t place;
} placed_text;

static int compare_placed(const void *a, const void *b)
{
    const placed_text *first = a;
    const placed_text *second = b;
    int order = kith_slice_compare(first->text, second->text);
    return order != 0 ? order : (first->place > second->place) - (first->place < second->place);
}

/* Different texts in the order in which they first stand, and the number of each text's. */
static kith_status find_distinct(kith_arena *arena, const kith_slice *texts, size_t count,
                                 kith_slice *distinct, size_t *distinct_count_out,
                                 kith_numbers *indexes)
{
    placed_text *sorted = kith_arena_array(arena, count, sizeof *sorted);
    size_t *firsts = kith_arena_array(arena, count, sizeof *firsts);
    size_t *numbers = kith_arena_array(arena, count, sizeof *numbers);
    size_t distinct_count = 0;
    KITH_ENSURE(sorted != NULL && firsts != NULL && numbers != NULL, KITH_E_MEMORY);
    for (size_t i = 0; i < count; i++) {
        sorted[i] = (placed_text){texts[i], i};
    }
    qsort(sorted, count, sizeof *sorted, compare_placed);
    size_t first = 0;
    for (size_t i = 0; i < count; i++) {
        first =
            i > 0 && kith_slice_equal(sorted[i].text, sorted[i - 1].text) ? first : sorted[i].place;
        firsts[sorted[i].place] = first;
    }
    for (size_t i = 0; i < count; i++) {
        if (firsts[i] == i) {
            numbers[i] = distinct_count;
            distinct[distinct_count++] = texts[i];
        }
        KITH_TRY(kith_numbers_add(indexes, arena, (int64_t)numbers[firsts[i]]));
    }
    *distinct_count_out = distinct_count;
    return KITH_OK;
}

/* Leaves `out` empty if every text is another. */
static kith_status write_distinct(kith_context *cx, kith_arena *arena, const kith_slice *texts,
                                  size_t count, kith_buf *out)
{
    kith_numbers indexes = {0};
    size_t distinct_count = 0;
    kith_slice *distinct = kith_arena_array(arena, count, sizeof *distinct);
    KITH_ENSURE(distinct != NULL, KITH_E_MEMORY);
    KITH_TRY(find_distinct(arena, texts, count, distinct, &distinct_count, &indexes));
    if (distinct_count == count) {
        return KITH_OK;
    }
    kith_write_varint(out, distinct_count);
    KITH_TRY(write_plain(cx, distinct, distinct_count, out));
    return kith_numbers_write(cx, &indexes, out);
}

/* Appends the shortest of the codings that could be made. */
static kith_status append_smallest(const kith_buf codings[3], kith_buf *out)
{
    size_t best = CODING_PLAIN;
    for (size_t i = CODING_DISTINCT; i <= CODING_WORDS; i++) {
        if (codings[i].length > 0 && codings[i].length < codings[best].length) {
            best = i;
        }
    }
    kith_write_u8(out, (uint8_t)best);
    kith_buf_append_slice(out, kith_buf_slice(&codings[best]));
    return kith_buf_status(out);
}

kith_status kith_text_column_write(kith_context *cx, const kith_slice *texts, size_t count,
                                   kith_buf *out)
{
    kith_buf codings[3];
    kith_arena arena;
    kith_status status = KITH_OK;
    if (count == 0) {
        return KITH_OK;
    }
    kith_arena_init(&arena, cx);
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(codings); i++) {
        kith_buf_init(&codings[i], cx, KITH_SEGMENT_INFLATED_MAX * 2);
    }
    KITH_TRY_OUT(write_plain(cx, texts, count, &codings[CODING_PLAIN]));
    KITH_TRY_OUT(write_distinct(cx, &arena, texts, count, &codings[CODING_DISTINCT]));
    KITH_TRY_OUT(kith_words_write(cx, &arena, texts, count, &codings[CODING_WORDS]));
    status = append_smallest(codings, out);
out:
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(codings); i++) {
        kith_buf_deinit(&codings[i]);
    }
    kith_arena_deinit(&arena);
    return status;
}

static kith_status read_plain(kith_column_reader *columns, kith_slice *texts, size_t count)
{
    kith_slice joined;
    KITH_TRY(kith_bytes_read(columns, KITH_STREAM_TEXT, &joined));
    KITH_ENSURE(kith_text_cut(joined, texts, count), damaged(columns));
    return KITH_OK;
}

static kith_status read_distinct(kith_column_reader *columns, kith_slice *texts, size_t count)
{
    kith_numbers indexes;
    uint64_t distinct_count = kith_read_varint(&columns->reader);
    KITH_ENSURE(!columns->reader.failed && distinct_count > 0 && distinct_count < count,
                damaged(columns));
    kith_slice *distinct =
        kith_arena_array(columns->arena, (size_t)distinct_count, sizeof *distinct);
    KITH_ENSURE(distinct != NULL, KITH_E_MEMORY);
    KITH_TRY(read_plain(columns, distinct, (size_t)distinct_count));
    KITH_TRY(kith_numbers_read(columns, count, &indexes));
    for (size_t i = 0; i < count; i++) {
        uint64_t index = (uint64_t)indexes.items[i];
        KITH_ENSURE(index < distinct_count, damaged(columns));
        texts[i] = distinct[index];
        KITH_TRY(kith_column_take(columns, texts[i].length)); /* it stands for so much */
    }
    return KITH_OK;
}

kith_status kith_text_column_read(kith_column_reader *columns, size_t count, kith_slice **texts_out)
{
    *texts_out = NULL;
    if (count == 0) {
        return KITH_OK;
    }
    KITH_TRY(kith_column_take(columns, count));
    kith_slice *texts = kith_arena_array(columns->arena, count, sizeof *texts);
    KITH_ENSURE(texts != NULL, KITH_E_MEMORY);
    *texts_out = texts;
    switch (kith_read_u8(&columns->reader)) {
    case CODING_PLAIN:
        return read_plain(columns, texts, count);
    case CODING_DISTINCT:
        return read_distinct(columns, texts, count);
    case CODING_WORDS:
        return kith_words_read(columns, texts, count);
    default:
        return damaged(columns);
    }
}
