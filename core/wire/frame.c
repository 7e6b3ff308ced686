/* The parts of frames: reading and writing of each stand together.
 * SPDX-License-Identifier: Apache-2.0 */
#include "wire/frame.h"

#include "base/limits.h"
#include "base/writer.h"

enum { TEXT_BYTES_MAX = 200, STATUS_MAX = 1023 };

static void write_head(kith_buf *out, kith_frame_type type, size_t length)
{
    kith_write_u8(out, (uint8_t)type);
    kith_write_varint(out, length);
}

void kith_frame_write(kith_buf *out, kith_frame_type type, kith_slice payload)
{
    write_head(out, type, payload.length);
    kith_buf_append_slice(out, payload);
}

/* Appends what a function writes as one frame: its length is known when it stands. */
typedef void (*payload_writer)(kith_buf *out, const void *value);

static void write_framed(kith_buf *out, kith_frame_type type, payload_writer write,
                         const void *value)
{
    kith_buf payload;
    if (out->status != KITH_OK) {
        return;
    }
    kith_buf_init(&payload, out->cx, KITH_FRAME_BYTES_MAX);
    write(&payload, value);
    if (kith_buf_status(&payload) == KITH_OK) {
        kith_frame_write(out, type, kith_buf_slice(&payload));
    } else {
        kith_buf_spoil(out, kith_buf_status(&payload));
    }
    kith_buf_deinit(&payload);
}

void kith_heads_write(kith_buf *out, const kith_segment_head *heads, size_t count)
{
    kith_write_varint(out, count);
    for (size_t i = 0; i < count; i++) {
        kith_buf_append(out, heads[i].author.bytes, sizeof heads[i].author.bytes);
        kith_write_varint(out, heads[i].number);
    }
}

size_t kith_heads_begin(kith_slice heads, kith_reader *reader_out)
{
    *reader_out = kith_reader_of(heads);
    return kith_read_count(reader_out, KITH_AUTHOR_BYTES + 1);
}

kith_segment_head kith_heads_next(kith_reader *reader)
{
    kith_segment_head head = {.number = 0};
    kith_read_into(reader, head.author.bytes, sizeof head.author.bytes);
    head.number = kith_read_varint_max(reader, KITH_NUMBER_MAX);
    return head;
}

/* Takes a list of heads off a reader, checked. */
static kith_slice read_heads(kith_reader *reader)
{
    const uint8_t *start = reader->at;
    size_t count = kith_read_count(reader, KITH_AUTHOR_BYTES + 1);
    for (size_t i = 0; i < count && !reader->failed; i++) {
        (void)kith_heads_next(reader);
    }
    return reader->failed ? (kith_slice){NULL, 0}
                          : kith_slice_make(start, (size_t)(reader->at - start));
}

static void write_ask(kith_buf *out, const void *value)
{
    const kith_ask *ask = value;
    kith_buf_append(out, ask->space.bytes, sizeof ask->space.bytes);
    kith_write_varint(out, ask->cursor);
    kith_buf_append(out, ask->relay_epoch, sizeof ask->relay_epoch);
    kith_write_varint(out, ask->charter_count);
    kith_buf_append(out, ask->charter_head, sizeof ask->charter_head);
    kith_buf_append(out, ask->incarnation, sizeof ask->incarnation);
    kith_write_varint(out, ask->own_head);
    kith_write_varint(out, ask->flags);
    if ((ask->flags & KITH_ASK_HEADS) != 0) {
        kith_buf_append_slice(out, ask->heads);
    }
    if ((ask->flags & KITH_ASK_PARTIAL) != 0) {
        kith_buf_append(out, ask->partial_header, sizeof ask->partial_header);
        kith_write_varint(out, ask->partial_offset);
    }
}

void kith_frame_write_ask(kith_buf *out, const kith_ask *ask)
{
    write_framed(out, KITH_FRAME_ASK, write_ask, ask);
}

bool kith_frame_read_ask(kith_slice payload, kith_ask *ask_out)
{
    kith_reader reader = kith_reader_of(payload);
    kith_ask ask = {.flags = 0};
    kith_read_into(&reader, ask.space.bytes, sizeof ask.space.bytes);
    ask.cursor = kith_read_varint_max(&reader, INT64_MAX);
    kith_read_into(&reader, ask.relay_epoch, sizeof ask.relay_epoch);
    ask.charter_count = (uint32_t)kith_read_varint_max(&reader, KITH_ENTRIES_MAX);
    kith_read_into(&reader, ask.charter_head, sizeof ask.charter_head);
    kith_read_into(&reader, ask.incarnation, sizeof ask.incarnation);
    ask.own_head = kith_read_varint_max(&reader, KITH_NUMBER_MAX);
    ask.flags = (uint32_t)kith_read_varint_max(&reader, KITH_ASK_ALL);
    if ((ask.flags & KITH_ASK_HEADS) != 0) {
        ask.heads = read_heads(&reader);
    }
    if ((ask.flags & KITH_ASK_PARTIAL) != 0) {
        kith_read_into(&reader, ask.partial_header, sizeof ask.partial_header);
        ask.partial_offset = kith_read_varint_max(&reader, KITH_FRAME_BYTES_MAX);
    }
    bool is_one = kith_reader_finished(&reader);
    *ask_out = is_one ? ask : (kith_ask){.flags = 0};
    return is_one;
}

void kith_frame_write_rest(kith_buf *out, const kith_rest_frame *rest)
{
    size_t offset_bytes = kith_varint_bytes(rest->offset);
    write_head(out, KITH_FRAME_REST, KITH_HASH_BYTES + offset_bytes + rest->bytes.length);
    kith_buf_append(out, rest->header, sizeof rest->header);
    kith_write_varint(out, rest->offset);
    kith_buf_append_slice(out, rest->bytes);
}

bool kith_frame_read_rest(kith_slice payload, kith_rest_frame *rest_out)
{
    kith_reader reader = kith_reader_of(payload);
    *rest_out = (kith_rest_frame){.offset = 0};
    kith_read_into(&reader, rest_out->header, sizeof rest_out->header);
    rest_out->offset = kith_read_varint_max(&reader, KITH_FRAME_BYTES_MAX);
    rest_out->bytes = kith_read_bytes(&reader, kith_reader_left(&reader));
    return kith_reader_finished(&reader) && rest_out->offset > 0 && rest_out->bytes.length > 0;
}

static void write_time(kith_buf *out, int64_t time_ms)
{
    for (int shift = 40; shift >= 0; shift -= 8) {
        kith_write_u8(out, (uint8_t)((uint64_t)time_ms >> shift));
    }
}

static int64_t read_time(kith_reader *reader)
{
    uint64_t time = 0;
    for (size_t i = 0; i < 6; i++) {
        time = time << 8 | kith_read_u8(reader);
    }
    return (int64_t)time;
}

static void write_relay(kith_buf *out, const void *value)
{
    const kith_relay_frame *relay = value;
    kith_write_u8(out, (uint8_t)relay->protocol);
    kith_buf_append(out, relay->relay_epoch, sizeof relay->relay_epoch);
    write_time(out, relay->time_ms);
}

void kith_frame_write_relay(kith_buf *out, const kith_relay_frame *relay)
{
    write_framed(out, KITH_FRAME_RELAY, write_relay, relay);
}

bool kith_frame_read_relay(kith_slice payload, kith_relay_frame *relay_out)
{
    kith_reader reader = kith_reader_of(payload);
    *relay_out = (kith_relay_frame){.protocol = kith_read_u8(&reader)};
    kith_read_into(&reader, relay_out->relay_epoch, sizeof relay_out->relay_epoch);
    relay_out->time_ms = read_time(&reader);
    return kith_reader_finished(&reader);
}

static void write_space(kith_buf *out, const void *value)
{
    const kith_space_frame *space = value;
    kith_buf_append(out, space->space.bytes, sizeof space->space.bytes);
    kith_write_varint(out, space->position);
    kith_write_varint(out, space->charter_count);
    kith_buf_append(out, space->charter_head, sizeof space->charter_head);
    kith_write_varint(out, space->flags);
}

void kith_frame_write_space(kith_buf *out, const kith_space_frame *space)
{
    write_framed(out, KITH_FRAME_SPACE, write_space, space);
}

bool kith_frame_read_space(kith_slice payload, kith_space_frame *space_out)
{
    kith_reader reader = kith_reader_of(payload);
    *space_out = (kith_space_frame){.flags = 0};
    kith_read_into(&reader, space_out->space.bytes, sizeof space_out->space.bytes);
    space_out->position = kith_read_varint_max(&reader, INT64_MAX);
    space_out->charter_count = (uint32_t)kith_read_varint_max(&reader, KITH_ENTRIES_MAX);
    kith_read_into(&reader, space_out->charter_head, sizeof space_out->charter_head);
    space_out->flags = (uint32_t)kith_read_varint_max(
        &reader, KITH_SPACE_UNKNOWN | KITH_SPACE_NO_MEMBER | KITH_SPACE_REVOKED);
    return kith_reader_finished(&reader);
}

void kith_frame_write_accepted(kith_buf *out, const kith_accepted_frame *accepted)
{
    write_head(out, KITH_FRAME_ACCEPTED,
               KITH_AUTHOR_BYTES + kith_varint_bytes(accepted->number) + KITH_HASH_BYTES);
    kith_buf_append(out, accepted->author.bytes, sizeof accepted->author.bytes);
    kith_write_varint(out, accepted->number);
    kith_buf_append(out, accepted->header, sizeof accepted->header);
}

bool kith_frame_read_accepted(kith_slice payload, kith_accepted_frame *accepted_out)
{
    kith_reader reader = kith_reader_of(payload);
    kith_segment_head head = kith_heads_next(&reader);
    *accepted_out = (kith_accepted_frame){.author = head.author, .number = head.number};
    kith_read_into(&reader, accepted_out->header, sizeof accepted_out->header);
    return kith_reader_finished(&reader);
}

static void write_refused(kith_buf *out, const void *value)
{
    const kith_refused_frame *refused = value;
    kith_buf_append(out, refused->author.bytes, sizeof refused->author.bytes);
    kith_write_varint(out, refused->number);
    kith_write_varint(out, (uint64_t)refused->status);
    kith_buf_append_slice(out, kith_slice_head(refused->text, TEXT_BYTES_MAX));
}

void kith_frame_write_refused(kith_buf *out, const kith_refused_frame *refused)
{
    write_framed(out, KITH_FRAME_REFUSED, write_refused, refused);
}

/* A message for people, at the end of a frame: printable, so that it cannot play with a terminal.
 */
static kith_slice read_text(kith_reader *reader)
{
    kith_slice text = kith_read_bytes(reader, kith_reader_left(reader));
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] < ' ' || text.data[i] > '~') {
            kith_reader_spoil(reader);
        }
    }
    if (text.length > TEXT_BYTES_MAX) {
        kith_reader_spoil(reader);
    }
    return text;
}

bool kith_frame_read_refused(kith_slice payload, kith_refused_frame *refused_out)
{
    kith_reader reader = kith_reader_of(payload);
    kith_segment_head head = kith_heads_next(&reader);
    *refused_out = (kith_refused_frame){.author = head.author, .number = head.number};
    refused_out->status = (kith_status)kith_read_varint_max(&reader, STATUS_MAX);
    refused_out->text = read_text(&reader);
    return kith_reader_finished(&reader);
}

static void write_staged(kith_buf *out, const void *value)
{
    const kith_staged_frame *staged = value;
    kith_buf_append(out, staged->author.bytes, sizeof staged->author.bytes);
    kith_write_varint(out, staged->number);
    kith_buf_append(out, staged->header, sizeof staged->header);
    kith_write_varint(out, staged->offset);
}

void kith_frame_write_staged(kith_buf *out, const kith_staged_frame *staged)
{
    write_framed(out, KITH_FRAME_STAGED, write_staged, staged);
}

bool kith_frame_read_staged(kith_slice payload, kith_staged_frame *staged_out)
{
    kith_reader reader = kith_reader_of(payload);
    kith_segment_head head = kith_heads_next(&reader);
    *staged_out = (kith_staged_frame){.author = head.author, .number = head.number};
    kith_read_into(&reader, staged_out->header, sizeof staged_out->header);
    staged_out->offset = kith_read_varint_max(&reader, KITH_FRAME_BYTES_MAX);
    return kith_reader_finished(&reader);
}

void kith_frame_write_heads(kith_buf *out, kith_slice heads)
{
    kith_frame_write(out, KITH_FRAME_HEADS, heads);
}

bool kith_frame_read_heads(kith_slice payload, kith_slice *heads_out)
{
    kith_reader reader = kith_reader_of(payload);
    *heads_out = read_heads(&reader);
    return kith_reader_finished(&reader);
}

void kith_frame_write_given(kith_buf *out, const kith_given_frame *given)
{
    bool is_rest = given->offset > 0;
    size_t length = kith_varint_bytes(given->position) + given->bytes.length +
                    (is_rest ? kith_varint_bytes(given->offset) : 0);
    write_head(out, is_rest ? KITH_FRAME_GIVEN_REST : KITH_FRAME_GIVEN_SEGMENT, length);
    kith_write_varint(out, given->position);
    if (is_rest) {
        kith_write_varint(out, given->offset);
    }
    kith_buf_append_slice(out, given->bytes);
}

static bool read_given(kith_slice payload, bool is_rest, kith_given_frame *given_out)
{
    kith_reader reader = kith_reader_of(payload);
    *given_out = (kith_given_frame){.position = kith_read_varint_max(&reader, INT64_MAX)};
    if (is_rest) {
        given_out->offset = kith_read_varint_max(&reader, KITH_FRAME_BYTES_MAX);
    }
    given_out->bytes = kith_read_bytes(&reader, kith_reader_left(&reader));
    return kith_reader_finished(&reader) && given_out->position > 0 &&
           is_rest == (given_out->offset > 0);
}

bool kith_frame_read_given(kith_slice payload, kith_given_frame *given_out)
{
    return read_given(payload, false, given_out);
}

bool kith_frame_read_given_rest(kith_slice payload, kith_given_frame *given_out)
{
    return read_given(payload, true, given_out);
}

void kith_frame_write_end(kith_buf *out, uint64_t cursor)
{
    write_head(out, KITH_FRAME_END, kith_varint_bytes(cursor));
    kith_write_varint(out, cursor);
}

bool kith_frame_read_end(kith_slice payload, uint64_t *cursor_out)
{
    kith_reader reader = kith_reader_of(payload);
    *cursor_out = kith_read_varint_max(&reader, INT64_MAX);
    return kith_reader_finished(&reader);
}

void kith_frame_write_failure(kith_buf *out, kith_status status, const char *text)
{
    kith_slice shown = kith_slice_head(kith_slice_of(text), TEXT_BYTES_MAX);
    write_head(out, KITH_FRAME_FAILURE, kith_varint_bytes((uint64_t)status) + shown.length);
    kith_write_varint(out, (uint64_t)status);
    kith_buf_append_slice(out, shown);
}

bool kith_frame_read_failure(kith_slice payload, kith_status *status_out, kith_slice *text_out)
{
    kith_reader reader = kith_reader_of(payload);
    *status_out = (kith_status)kith_read_varint_max(&reader, STATUS_MAX);
    *text_out = read_text(&reader);
    return kith_reader_finished(&reader);
}
