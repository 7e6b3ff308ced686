/* What a session remembers of its request, for the answer. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITHD_API_ANSWER_H
#define KITHD_API_ANSWER_H

#include "server/api/session.h"

/* Spaces in one request: a worker has a handful. */
enum { KITHD_ASKS_MAX = 16 };

/* Runs of positions remembered of one request; others in between are rare. */
enum { KITHD_SPANS_MAX = 16 };

/** Positions from the first to the last. */
typedef struct kithd_span {
    uint64_t first;
    uint64_t last;
} kithd_span;

/** A space asked about. */
typedef struct kithd_asked {
    kith_ask ask;         /* its heads stand in `heads` */
    kith_buf heads;       /* as kith_heads_begin() reads them; empty if none were told */
    kith_buf results;     /* accepted and refused frames */
    uint64_t told_head;   /* of its own author, as the device knows it from itself or the results */
    bool is_known;        /* the device is or was a member */
    uint32_t first_taken; /* entries that this request brought; 0 if none */
    uint32_t last_taken;
    kithd_span brought[KITHD_SPANS_MAX]; /* where the segments stand that this request brought */
    size_t brought_count;
} kithd_asked;

/** Where writing the answer stands. */
typedef enum kithd_part {
    KITHD_PART_RELAY,
    KITHD_PART_SPACE,
    KITHD_PART_SEGMENTS,
    KITHD_PART_DONE
} kithd_part;

struct kithd_session {
    kithd_relay *relay;
    kith_context cx;
    kithd_store *store;          /* between enter and leave */
    uint8_t key[KITH_KEY_BYTES]; /* of the device that asks */
    kith_frame_stream in;
    kithd_asked asks[KITHD_ASKS_MAX];
    size_t ask_count;
    uint8_t token_bytes[KITH_TOKEN_BYTES_MAX];
    kith_slice token;
    kithd_batch batch;
    kithd_ticket ticket; /* of the batch, when it was handed in */
    kith_buf staged;
    int64_t kept_ms;   /* when what had come was stored last, by the monotonic clock */
    size_t kept_bytes; /* of the frame under way, so far as they were stored */
    kith_status fault; /* why the rest of the request was not taken */
    const char *fault_text;
    /* The answer: */
    kithd_part part;
    size_t ask_index;
    uint64_t position; /* of the segment looked at last */
    uint64_t last;     /* position to end with */
    bool has_given;    /* a segment of this space was sent */
    kith_buf out;
    size_t out_taken;
};

/** Takes a connection to the store, and gives it back. */
KITH_MUST_USE kith_status kithd_session_enter(kithd_session *session);
void kithd_session_leave(kithd_session *session);

/** The author whose segments the device makes in a space that it asks about. */
kith_author_id kithd_own_author(const kithd_session *session, const kithd_asked *asked);

/** Writes the next part of the answer to session->out. */
KITH_MUST_USE kith_status kithd_answer_more(kithd_session *session);

#endif
