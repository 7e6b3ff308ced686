/* A stream of frames, as anybody may send it. It is cut into the same frames whatever pieces it
 * comes in, and what is read of a frame is all of it: written again, it is the same bytes.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/limits.h"
#include "fuzz.h"
#include "wire/frame.h"

/* What a payload is read as and written from. */
typedef union parts {
    kith_ask ask;
    kith_rest_frame rest;
    kith_relay_frame relay;
    kith_space_frame space;
    kith_accepted_frame accepted;
    kith_refused_frame refused;
    kith_staged_frame staged;
    kith_given_frame given;
    kith_slice heads;
    uint64_t cursor;
} parts;

static bool read_parts(const kith_frame *frame, parts *p)
{
    kith_slice payload = frame->payload;
    switch (frame->type) {
    case KITH_FRAME_ASK:
        return kith_frame_read_ask(payload, &p->ask);
    case KITH_FRAME_REST:
        return kith_frame_read_rest(payload, &p->rest);
    case KITH_FRAME_RELAY:
        return kith_frame_read_relay(payload, &p->relay);
    case KITH_FRAME_SPACE:
        return kith_frame_read_space(payload, &p->space);
    case KITH_FRAME_ACCEPTED:
        return kith_frame_read_accepted(payload, &p->accepted);
    case KITH_FRAME_REFUSED:
        return kith_frame_read_refused(payload, &p->refused);
    case KITH_FRAME_STAGED:
        return kith_frame_read_staged(payload, &p->staged);
    case KITH_FRAME_HEADS:
        return kith_frame_read_heads(payload, &p->heads);
    case KITH_FRAME_GIVEN_SEGMENT:
        return kith_frame_read_given(payload, &p->given);
    case KITH_FRAME_GIVEN_REST:
        return kith_frame_read_given_rest(payload, &p->given);
    case KITH_FRAME_END:
        return kith_frame_read_end(payload, &p->cursor);
    default:
        return false;
    }
}

static void write_parts(uint8_t type, const parts *p, kith_buf *out)
{
    switch (type) {
    case KITH_FRAME_ASK:
        kith_frame_write_ask(out, &p->ask);
        return;
    case KITH_FRAME_REST:
        kith_frame_write_rest(out, &p->rest);
        return;
    case KITH_FRAME_RELAY:
        kith_frame_write_relay(out, &p->relay);
        return;
    case KITH_FRAME_SPACE:
        kith_frame_write_space(out, &p->space);
        return;
    case KITH_FRAME_ACCEPTED:
        kith_frame_write_accepted(out, &p->accepted);
        return;
    case KITH_FRAME_REFUSED:
        kith_frame_write_refused(out, &p->refused);
        return;
    case KITH_FRAME_STAGED:
        kith_frame_write_staged(out, &p->staged);
        return;
    case KITH_FRAME_HEADS:
        kith_frame_write_heads(out, p->heads);
        return;
    case KITH_FRAME_END:
        kith_frame_write_end(out, p->cursor);
        return;
    default:
        kith_frame_write_given(out, &p->given);
    }
}

static void check_frame(const kith_frame *frame, kith_buf *whole, kith_buf *again)
{
    parts p;
    memset(&p, 0, sizeof p);
    if (!read_parts(frame, &p)) {
        return;
    }
    kith_buf_clear(whole);
    kith_buf_clear(again);
    kith_frame_write(whole, (kith_frame_type)frame->type, frame->payload);
    write_parts(frame->type, &p, again);
    FUZZ_ENSURE(kith_buf_status(again) == KITH_OK);
    FUZZ_ENSURE(kith_slice_equal(kith_buf_slice(whole), kith_buf_slice(again)));
}

/* Cuts the stream, all frames going to `out`; tells how it ended. */
static kith_status cut(kith_context *cx, kith_slice left, size_t piece, kith_buf *out)
{
    kith_frame_stream stream;
    kith_status status = KITH_E_NOT_FOUND;
    kith_frame_stream_init(&stream, cx);
    while (status == KITH_E_NOT_FOUND && left.length > 0) {
        kith_frame frame;
        size_t length = piece < left.length ? piece : left.length;
        FUZZ_ENSURE(kith_frame_stream_put(&stream, kith_slice_head(left, length)) == KITH_OK);
        left = kith_slice_skip(left, length);
        while ((status = kith_frame_stream_next(&stream, &frame)) == KITH_OK) {
            kith_frame_write(out, (kith_frame_type)frame.type, frame.payload);
        }
    }
    kith_frame_stream_deinit(&stream);
    return status;
}

static void check_frames(kith_context *cx, kith_slice bytes)
{
    kith_frame frame;
    kith_buf whole;
    kith_buf again;
    kith_frame_stream stream;
    kith_buf_init(&whole, cx, 2 * KITH_FRAME_BYTES_MAX);
    kith_buf_init(&again, cx, 2 * KITH_FRAME_BYTES_MAX);
    kith_frame_stream_init(&stream, cx);
    FUZZ_ENSURE(kith_frame_stream_put(&stream, bytes) == KITH_OK);
    while (kith_frame_stream_next(&stream, &frame) == KITH_OK) {
        check_frame(&frame, &whole, &again);
    }
    kith_frame_stream_deinit(&stream);
    kith_buf_deinit(&again);
    kith_buf_deinit(&whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    kith_context cx;
    kith_buf once;
    kith_buf piecemeal;
    kith_slice bytes =
        kith_slice_make(data, size < KITH_FRAME_BYTES_MAX ? size : KITH_FRAME_BYTES_MAX);
    FUZZ_ENSURE(kith_context_init(&cx, NULL) == KITH_OK);
    kith_buf_init(&once, &cx, 2 * KITH_FRAME_BYTES_MAX);
    kith_buf_init(&piecemeal, &cx, 2 * KITH_FRAME_BYTES_MAX);
    kith_status status = cut(&cx, bytes, bytes.length, &once);
    FUZZ_ENSURE(cut(&cx, bytes, 1 + bytes.length % 7, &piecemeal) == status);
    FUZZ_ENSURE(kith_slice_equal(kith_buf_slice(&once), kith_buf_slice(&piecemeal)));
    /* Frames are the stream's own bytes. */
    FUZZ_ENSURE(kith_slice_equal(kith_slice_head(bytes, once.length), kith_buf_slice(&once)));
    check_frames(&cx, bytes);
    kith_buf_deinit(&piecemeal);
    kith_buf_deinit(&once);
    return 0;
}
