/* Cutting a stream into frames. SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "wire/frame.h"

/* A type and a length of at most three bytes: one that takes more is of no frame. */
enum { HEAD_BYTES_MAX = 4 };
_Static_assert(KITH_FRAME_BYTES_MAX < (size_t)1 << 21, "three bytes hold every length");

void kith_frame_stream_init(kith_frame_stream *stream, kith_context *cx)
{
    *stream = (kith_frame_stream){.taken = 0};
    /* One frame, and what has come behind it in one piece. */
    kith_buf_init(&stream->bytes, cx, 2 * KITH_FRAME_BYTES_MAX);
}

void kith_frame_stream_deinit(kith_frame_stream *stream)
{
    kith_buf_deinit(&stream->bytes);
    *stream = (kith_frame_stream){.taken = 0};
}

/* What has been given out is forgotten when the next bytes come: each byte moves once at the most,
 * as a frame is not given out before it is whole. */
static void forget_taken(kith_frame_stream *stream)
{
    kith_buf *bytes = &stream->bytes;
    if (stream->taken > 0) {
        memmove(bytes->data, bytes->data + stream->taken, bytes->length - stream->taken);
        bytes->length -= stream->taken;
        stream->taken = 0;
    }
}

kith_status kith_frame_stream_put(kith_frame_stream *stream, kith_slice bytes)
{
    forget_taken(stream);
    kith_buf_append_slice(&stream->bytes, bytes);
    return kith_buf_status(&stream->bytes);
}

/* What is wrong with a head that could not be read, if anything is but that it is not whole. */
static kith_status judge_head(kith_slice head)
{
    bool ends = false;
    for (size_t i = 1; i < head.length; i++) {
        ends = ends || head.data[i] < 0x80;
    }
    return ends ? KITH_E_SYNTAX : head.length < HEAD_BYTES_MAX ? KITH_E_NOT_FOUND : KITH_E_LIMIT;
}

/* Reads the head of the next frame. KITH_E_NOT_FOUND if it is not whole yet. */
static kith_status read_head(const kith_frame_stream *stream, uint8_t *type_out,
                             uint64_t *length_out, kith_slice *rest_out)
{
    kith_slice left = kith_slice_skip(kith_buf_slice(&stream->bytes), stream->taken);
    kith_slice head = kith_slice_head(left, HEAD_BYTES_MAX);
    kith_reader reader = kith_reader_of(head);
    *type_out = kith_read_u8(&reader);
    *length_out = kith_read_varint(&reader);
    if (reader.failed) {
        return judge_head(head);
    }
    *rest_out = kith_slice_skip(left, head.length - kith_reader_left(&reader));
    return *length_out <= KITH_FRAME_BYTES_MAX ? KITH_OK : KITH_E_LIMIT;
}

kith_status kith_frame_stream_next(kith_frame_stream *stream, kith_frame *frame_out)
{
    kith_slice rest;
    uint64_t length = 0;
    uint8_t type = 0;
    *frame_out = (kith_frame){0};
    KITH_TRY(read_head(stream, &type, &length, &rest));
    if (rest.length < length) {
        return KITH_E_NOT_FOUND;
    }
    *frame_out = (kith_frame){type, kith_slice_head(rest, (size_t)length)};
    stream->taken = stream->bytes.length - (rest.length - (size_t)length);
    return KITH_OK;
}

bool kith_frame_stream_is_empty(const kith_frame_stream *stream)
{
    return stream->taken == stream->bytes.length;
}

bool kith_frame_stream_partial(const kith_frame_stream *stream, kith_frame *frame_out,
                               uint64_t *length_out)
{
    uint8_t type = 0;
    *frame_out = (kith_frame){0};
    *length_out = 0;
    if (read_head(stream, &type, length_out, &frame_out->payload) != KITH_OK) {
        return false;
    }
    frame_out->type = type;
    return true;
}
