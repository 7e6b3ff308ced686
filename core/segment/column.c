/* SPDX-License-Identifier: Apache-2.0 */
#include "segment/column.h"

#include "base/writer.h"
#include "codec/deflate.h"
#include "segment/preset.h"

enum { WIDTH_MAX = 8 };

kith_status kith_numbers_add(kith_numbers *numbers, kith_arena *arena, int64_t item)
{
    int64_t *items =
        kith_arena_grow(arena, numbers->items, numbers->count, &numbers->capacity, sizeof *items);
    KITH_ENSURE(items != NULL, KITH_E_MEMORY);
    items[numbers->count++] = item;
    numbers->items = items;
    return KITH_OK;
}

static kith_slice preset_of(kith_stream_kind kind)
{
    return kind == KITH_STREAM_TEXT ? kith_slice_make(kith_preset, kith_preset_bytes)
                                    : (kith_slice){NULL, 0};
}

kith_status kith_stream_write(kith_context *cx, kith_slice bytes, kith_stream_kind kind,
                              kith_buf *out)
{
    kith_buf deflated;
    bool is_smaller = false;
    kith_buf_init(&deflated, cx, KITH_DEFLATE_BYTES_MAX);
    kith_status status = kith_deflate_smallest(cx, bytes, preset_of(kind), &deflated, &is_smaller);
    if (status == KITH_OK) {
        kith_slice stored = is_smaller ? kith_buf_slice(&deflated) : bytes;
        kith_write_varint(out, is_smaller ? deflated.length : 0);
        kith_buf_append_slice(out, stored);
        status = kith_buf_status(out);
    }
    kith_buf_deinit(&deflated);
    return status;
}

kith_status kith_bytes_write(kith_context *cx, kith_slice bytes, kith_stream_kind kind,
                             kith_buf *out)
{
    kith_write_varint(out, bytes.length);
    return kith_stream_write(cx, bytes, kind, out);
}

static void find_range(const kith_numbers *numbers, int64_t *least_out, uint64_t *span_out)
{
    int64_t least = numbers->items[0];
    int64_t most = numbers->items[0];
    for (size_t i = 1; i < numbers->count; i++) {
        least = numbers->items[i] < least ? numbers->items[i] : least;
        most = numbers->items[i] > most ? numbers->items[i] : most;
    }
    *least_out = least;
    *span_out = (uint64_t)most - (uint64_t)least;
}

static uint8_t width_of(uint64_t span)
{
    uint8_t width = 0;
    for (; span > 0; span >>= 8) {
        width++;
    }
    return width;
}

kith_status kith_numbers_write(kith_context *cx, const kith_numbers *numbers, kith_buf *out)
{
    int64_t base = 0;
    uint64_t span = 0;
    kith_status status = KITH_OK;
    if (numbers->count == 0) {
        return KITH_OK;
    }
    find_range(numbers, &base, &span);
    uint8_t width = width_of(span);
    uint8_t *plane = kith_allocate(cx, numbers->count);
    KITH_ENSURE(plane != NULL, KITH_E_MEMORY);
    kith_write_zigzag(out, base);
    kith_write_u8(out, width);
    for (unsigned byte = 0; status == KITH_OK && byte < width; byte++) {
        for (size_t i = 0; i < numbers->count; i++) {
            plane[i] = (uint8_t)(((uint64_t)numbers->items[i] - (uint64_t)base) >> (8 * byte));
        }
        kith_slice bytes = kith_slice_make(plane, numbers->count);
        status = kith_stream_write(cx, bytes, KITH_STREAM_BYTES, out);
    }
    kith_free(cx, plane);
    return status == KITH_OK ? kith_buf_status(out) : status;
}

static kith_status damaged(kith_column_reader *columns, const char *what)
{
    return kith_fail(columns->cx, KITH_E_DAMAGED, "a segment is damaged: %s", what);
}

kith_status kith_column_take(kith_column_reader *columns, uint64_t count)
{
    KITH_ENSURE(count <= columns->room, damaged(columns, "it holds more than a segment may"));
    columns->room -= (size_t)count;
    return KITH_OK;
}

static kith_status inflate(kith_column_reader *columns, kith_slice deflated, size_t length,
                           kith_stream_kind kind, kith_slice *bytes_out)
{
    kith_buf inflated;
    kith_buf_init(&inflated, columns->cx, length);
    kith_status status =
        kith_inflate_exact(columns->cx, deflated, preset_of(kind), length, &inflated);
    if (status == KITH_OK) {
        status = kith_arena_copy(columns->arena, kith_buf_slice(&inflated), bytes_out);
    }
    kith_buf_deinit(&inflated);
    return status == KITH_E_LIMIT ? damaged(columns, "a column is longer than it says") : status;
}

kith_status kith_stream_read(kith_column_reader *columns, size_t length, kith_stream_kind kind,
                             kith_slice *bytes_out)
{
    *bytes_out = (kith_slice){NULL, 0};
    KITH_TRY(kith_column_take(columns, length));
    uint64_t deflated = kith_read_varint(&columns->reader);
    KITH_ENSURE(deflated <= kith_reader_left(&columns->reader), damaged(columns, "a column"));
    kith_slice stored =
        kith_read_bytes(&columns->reader, deflated == 0 ? length : (size_t)deflated);
    KITH_ENSURE(!columns->reader.failed, damaged(columns, "a column"));
    if (deflated == 0) {
        *bytes_out = stored;
        return KITH_OK;
    }
    return inflate(columns, stored, length, kind, bytes_out);
}

kith_status kith_bytes_read(kith_column_reader *columns, kith_stream_kind kind,
                            kith_slice *bytes_out)
{
    uint64_t length = kith_read_varint_max(&columns->reader, columns->room);
    KITH_ENSURE(!columns->reader.failed, damaged(columns, "a column's length"));
    return kith_stream_read(columns, (size_t)length, kind, bytes_out);
}

static kith_status read_plane(kith_column_reader *columns, unsigned byte, kith_numbers *numbers)
{
    kith_slice plane;
    KITH_TRY(kith_stream_read(columns, numbers->count, KITH_STREAM_BYTES, &plane));
    KITH_ASSERT(plane.data != NULL); /* columns of none are not read */
    for (size_t i = 0; i < numbers->count; i++) {
        uint64_t number = (uint64_t)numbers->items[i] + ((uint64_t)plane.data[i] << (8 * byte));
        numbers->items[i] = (int64_t)number;
    }
    return KITH_OK;
}

kith_status kith_numbers_read(kith_column_reader *columns, size_t count, kith_numbers *numbers_out)
{
    *numbers_out = (kith_numbers){0};
    if (count == 0) {
        return KITH_OK;
    }
    KITH_TRY(kith_column_take(columns, count));
    int64_t base = kith_read_zigzag(&columns->reader);
    uint8_t width = kith_read_u8(&columns->reader);
    KITH_ENSURE(!columns->reader.failed && width <= WIDTH_MAX, damaged(columns, "a column's head"));
    int64_t *items = kith_arena_array(columns->arena, count, sizeof *items);
    KITH_ENSURE(items != NULL, KITH_E_MEMORY);
    for (size_t i = 0; i < count; i++) {
        items[i] = base;
    }
    *numbers_out = (kith_numbers){items, count, count};
    for (unsigned byte = 0; byte < width; byte++) {
        KITH_TRY(read_plane(columns, byte, numbers_out));
    }
    return KITH_OK;
}
