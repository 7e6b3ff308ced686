/* Frames: what the requests and answers of sync and bundles are made of (proto/spec/sync.md §2).
 *
 *   type    1 byte
 *   length  varint
 *   payload
 *
 * This file cuts a stream into frames and reads and writes their parts; what to send and what to
 * make of it is for core/sync and the relay to say. Reading insists on the exact form, and nothing
 * is allocated for what has not arrived. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_WIRE_FRAME_H
#define KITH_WIRE_FRAME_H

#include "base/buf.h"
#include "base/id.h"
#include "base/reader.h"
#include "crypto/hash.h"
#include "crypto/keys.h"

/* Stored in bundles and sent: never renumbered. */
typedef enum kith_frame_type {
    KITH_FRAME_ASK = 1,
    KITH_FRAME_ENTRY = 2,
    KITH_FRAME_SEGMENT = 3,
    KITH_FRAME_REST = 4,
    KITH_FRAME_TOKEN = 5,
    KITH_FRAME_CARRY = 7, /* this one, HOLDS and SUM: wire/bundle.h */
    KITH_FRAME_HOLDS = 8,
    KITH_FRAME_SUM = 15,
    KITH_FRAME_RELAY = 16,
    KITH_FRAME_SPACE = 17,
    KITH_FRAME_GIVEN_ENTRY = 18,
    KITH_FRAME_ACCEPTED = 19,
    KITH_FRAME_REFUSED = 20,
    KITH_FRAME_STAGED = 21,
    KITH_FRAME_HEADS = 22,
    KITH_FRAME_GIVEN_SEGMENT = 23,
    KITH_FRAME_GIVEN_REST = 24,
    KITH_FRAME_END = 25,
    KITH_FRAME_FAILURE = 26
} kith_frame_type;

enum {
    KITH_RELAY_EPOCH_BYTES = 16,
    KITH_NONCE_BYTES = 12,
    KITH_TOKEN_BYTES_MAX = 64,
    KITH_PROTOCOL = 1
};

typedef struct kith_frame {
    uint8_t type; /* kith_frame_type */
    kith_slice payload;
} kith_frame;

/** How far an author got: the number of its last segment. */
typedef struct kith_segment_head {
    kith_author_id author;
    uint64_t number;
} kith_segment_head;

enum {
    KITH_ASK_HEADS = 1,
    KITH_ASK_PARTIAL = 2,
    KITH_ASK_WANTS_HEADS = 4,
    KITH_ASK_PROBES = 8,
    KITH_ASK_ALL = 15
};

typedef struct kith_ask {
    kith_space_id space;
    uint64_t cursor;
    uint8_t relay_epoch[KITH_RELAY_EPOCH_BYTES];
    uint32_t charter_count;
    uint8_t charter_head[KITH_HASH_BYTES];
    uint8_t incarnation[KITH_INCARNATION_BYTES];
    uint64_t own_head;
    uint32_t flags;   /* KITH_ASK_… */
    kith_slice heads; /* with KITH_ASK_HEADS: as kith_heads_next() reads them */
    uint8_t partial_header[KITH_HASH_BYTES];
    uint64_t partial_offset;
} kith_ask;

/** How far the relay is with an author. */
typedef struct kith_accepted_frame {
    kith_author_id author;
    uint64_t number;
    uint8_t header[KITH_HASH_BYTES]; /* of that segment; zeros for 0 */
} kith_accepted_frame;

enum { KITH_SPACE_UNKNOWN = 1, KITH_SPACE_NO_MEMBER = 2, KITH_SPACE_REVOKED = 4 };

typedef struct kith_space_frame {
    kith_space_id space;
    uint64_t position;
    uint32_t charter_count;
    uint8_t charter_head[KITH_HASH_BYTES];
    uint32_t flags; /* KITH_SPACE_… */
} kith_space_frame;

typedef struct kith_relay_frame {
    uint64_t protocol;
    uint8_t relay_epoch[KITH_RELAY_EPOCH_BYTES];
    int64_t time_ms;
} kith_relay_frame;

typedef struct kith_refused_frame {
    kith_author_id author; /* zeros for an entry */
    uint64_t number;
    kith_status status;
    kith_slice text;
} kith_refused_frame;

typedef struct kith_staged_frame {
    kith_author_id author;
    uint64_t number;
    uint8_t header[KITH_HASH_BYTES];
    uint64_t offset;
} kith_staged_frame;

/** A segment, or the end of one, with the position that a relay gave it. */
typedef struct kith_given_frame {
    uint64_t position;
    uint64_t offset; /* 0 for a whole segment */
    kith_slice bytes;
} kith_given_frame;

/** The end of a segment being pushed. */
typedef struct kith_rest_frame {
    uint8_t header[KITH_HASH_BYTES];
    uint64_t offset;
    kith_slice bytes;
} kith_rest_frame;

/* Writing. Each appends one whole frame; failure sticks to the buffer. `authors` are heads. */
void kith_frame_write(kith_buf *out, kith_frame_type type, kith_slice payload);
void kith_frame_write_ask(kith_buf *out, const kith_ask *ask);
void kith_frame_write_rest(kith_buf *out, const kith_rest_frame *rest);
void kith_frame_write_relay(kith_buf *out, const kith_relay_frame *relay);
void kith_frame_write_space(kith_buf *out, const kith_space_frame *space);
void kith_frame_write_accepted(kith_buf *out, const kith_accepted_frame *accepted);
void kith_frame_write_refused(kith_buf *out, const kith_refused_frame *refused);
void kith_frame_write_staged(kith_buf *out, const kith_staged_frame *staged);
void kith_frame_write_heads(kith_buf *out, kith_slice heads);
void kith_frame_write_given(kith_buf *out, const kith_given_frame *given);
void kith_frame_write_end(kith_buf *out, uint64_t cursor);
void kith_frame_write_failure(kith_buf *out, kith_status status, const char *text);

/** Appends one head to a list that is not framed yet; the list begins with their count. */
void kith_heads_write(kith_buf *out, const kith_segment_head *heads, size_t count);

/* Reading a payload. False if it is not exactly one of its kind; slices are borrowed from it. */
bool kith_frame_read_ask(kith_slice payload, kith_ask *ask_out);
bool kith_frame_read_rest(kith_slice payload, kith_rest_frame *rest_out);
bool kith_frame_read_relay(kith_slice payload, kith_relay_frame *relay_out);
bool kith_frame_read_space(kith_slice payload, kith_space_frame *space_out);
bool kith_frame_read_accepted(kith_slice payload, kith_accepted_frame *accepted_out);
bool kith_frame_read_refused(kith_slice payload, kith_refused_frame *refused_out);
bool kith_frame_read_staged(kith_slice payload, kith_staged_frame *staged_out);
bool kith_frame_read_heads(kith_slice payload, kith_slice *heads_out);
bool kith_frame_read_given(kith_slice payload, kith_given_frame *given_out);
bool kith_frame_read_given_rest(kith_slice payload, kith_given_frame *given_out);
bool kith_frame_read_end(kith_slice payload, uint64_t *cursor_out);
bool kith_frame_read_failure(kith_slice payload, kith_status *status_out, kith_slice *text_out);

/** How many heads a list has, and the next of them. The list was checked when its frame was read.
 */
size_t kith_heads_begin(kith_slice heads, kith_reader *reader_out);
kith_segment_head kith_heads_next(kith_reader *reader);

/** Cuts a stream into frames. Bytes come in pieces of any size. */
typedef struct kith_frame_stream {
    kith_buf bytes; /* of the frame that is not complete */
    size_t taken;   /* of them given out already */
} kith_frame_stream;

void kith_frame_stream_init(kith_frame_stream *stream, kith_context *cx);
void kith_frame_stream_deinit(kith_frame_stream *stream);

/** Takes the next bytes of the stream. KITH_E_MEMORY. */
KITH_MUST_USE kith_status kith_frame_stream_put(kith_frame_stream *stream, kith_slice bytes);

/** Gives the next complete frame, borrowed until the next call of this or _put().
 *
 *  @return KITH_OK; KITH_E_NOT_FOUND until more bytes come; KITH_E_SYNTAX if what came is no frame;
 *          KITH_E_LIMIT if one announces more than KITH_FRAME_BYTES_MAX */
KITH_MUST_USE kith_status kith_frame_stream_next(kith_frame_stream *stream, kith_frame *frame_out);

/** True if nothing has come of a further frame. */
bool kith_frame_stream_is_empty(const kith_frame_stream *stream);

/** The frame being received, as far as it has come: its type and the payload so far. False if there
 *  is none. For what is kept of a transfer that breaks. */
bool kith_frame_stream_partial(const kith_frame_stream *stream, kith_frame *frame_out,
                               uint64_t *length_out);

#endif
