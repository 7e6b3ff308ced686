/* Writing an answer, part by part, as it is read. SPDX-License-Identifier: Apache-2.0 */
#include "server/api/answer.h"

#include "base/limits.h"
#include "segment/header.h"

/* So much is made ahead of what has been read. */
enum { AHEAD_BYTES = 64 * 1024 };

static void write_relay(kithd_relay *relay, const uint8_t epoch[KITH_RELAY_EPOCH_BYTES],
                        kith_buf *out)
{
    const kith_env *env = kithd_relay_env(relay);
    kith_relay_frame frame = {.protocol = KITH_PROTOCOL, .time_ms = env->wall_ms(env->user)};
    memcpy(frame.relay_epoch, epoch, sizeof frame.relay_epoch);
    kith_frame_write_relay(out, &frame);
}

void kithd_write_failure(kithd_relay *relay, kith_status status, const char *text, kith_buf *out)
{
    static const uint8_t unknown[KITH_RELAY_EPOCH_BYTES];
    write_relay(relay, unknown, out);
    kith_frame_write_failure(out, status, text);
}

static kith_status write_beginning(kithd_session *session)
{
    uint8_t epoch[KITH_RELAY_EPOCH_BYTES];
    KITH_TRY(kithd_store_epoch(session->store, epoch));
    write_relay(session->relay, epoch, &session->out);
    session->part = KITHD_PART_SPACE;
    return kith_buf_status(&session->out);
}

/* Entries of a charter being written out. */
typedef struct entry_writing {
    kithd_session *session;
    const kithd_asked *asked;
} entry_writing;

static kith_status write_entry(void *user, uint32_t number, uint64_t joined, kith_slice bytes)
{
    entry_writing *writing = user;
    const kithd_asked *asked = writing->asked;
    (void)joined;
    if (asked->first_taken > 0 && asked->first_taken <= number && number <= asked->last_taken) {
        return KITH_OK; /* the device has it from itself */
    }
    kith_frame_write(&writing->session->out, KITH_FRAME_GIVEN_ENTRY, bytes);
    return kith_buf_status(&writing->session->out);
}

/* How the charter stands, and what the device is in it. */
static kith_status read_charter(kithd_session *session, const kithd_asked *asked,
                                kith_space_frame *frame)
{
    kith_charter *charter = NULL;
    const uint64_t *joined = NULL;
    kith_status status =
        kithd_charter_hold(session->relay, session->store, asked->ask.space, &charter, &joined);
    if (status == KITH_E_NOT_FOUND) {
        frame->flags = KITH_SPACE_UNKNOWN;
        return KITH_OK;
    }
    KITH_TRY(status);
    const kith_member *member = kith_charter_find(charter, session->key);
    frame->charter_count = charter->entry_count;
    memcpy(frame->charter_head, charter->head, sizeof frame->charter_head);
    frame->flags = member == NULL         ? KITH_SPACE_NO_MEMBER
                   : member->revoked != 0 ? KITH_SPACE_REVOKED
                                          : 0;
    kithd_charter_release(session->relay);
    return KITH_OK;
}

kith_author_id kithd_own_author(const kithd_session *session, const kithd_asked *asked)
{
    return kith_author_derive(session->key, asked->ask.incarnation);
}

/* How far the relay is with the device's own author. */
static kith_status write_own(kithd_session *session, const kithd_asked *asked)
{
    kithd_author author;
    uint64_t number = 0;
    kith_author_id own = kithd_own_author(session, asked);
    KITH_TRY(kithd_author_get(session->store, asked->ask.space, own, &author));
    if (author.number != asked->told_head) {
        kith_accepted_frame accepted = {own, author.number, {0}};
        memcpy(accepted.header, author.header, sizeof accepted.header);
        kith_frame_write_accepted(&session->out, &accepted);
    }
    kith_buf_clear(&session->staged);
    kith_status status =
        kithd_staged_get(session->store, asked->ask.space, own, &number, &session->staged);
    if (status == KITH_OK && number == author.number + 1) {
        kith_staged_frame staged = {
            .author = own, .number = number, .offset = session->staged.length};
        kith_header_hash(kith_slice_head(kith_buf_slice(&session->staged), KITH_HEADER_BYTES),
                         staged.header);
        kith_frame_write_staged(&session->out, &staged);
    }
    return status == KITH_E_NOT_FOUND ? KITH_OK : status;
}

static kith_status write_heads(kithd_session *session, const kithd_asked *asked)
{
    kith_buf heads;
    kith_buf_init(&heads, &session->cx, KITH_FRAME_BYTES_MAX);
    kith_status status = kithd_author_heads(session->store, asked->ask.space, &heads);
    if (status == KITH_OK) {
        kith_frame_write_heads(&session->out, kith_buf_slice(&heads));
    }
    kith_buf_deinit(&heads);
    return status;
}

/* Everything of a space but its segments. */
static kith_status write_space(kithd_session *session)
{
    kithd_space row;
    kithd_asked *asked = &session->asks[session->ask_index];
    kith_space_frame frame = {.space = asked->ask.space};
    entry_writing writing = {session, asked};
    kith_status status = kithd_space_get(session->store, asked->ask.space, &row);
    if (status != KITH_OK && status != KITH_E_NOT_FOUND) {
        return status;
    }
    frame.position = row.position;
    KITH_TRY(read_charter(session, asked, &frame));
    bool is_member = frame.flags == 0;
    if (!is_member) {
        frame.position = 0;
    }
    kith_frame_write_space(&session->out, &frame);
    KITH_TRY(kithd_entry_scan(session->store, asked->ask.space, asked->ask.charter_count,
                              write_entry, &writing));
    kith_buf_append_slice(&session->out, kith_buf_slice(&asked->results));
    session->has_given = false;
    session->position = asked->ask.cursor;
    bool probes = (asked->ask.flags & KITH_ASK_PROBES) != 0;
    session->last = probes && asked->ask.cursor < row.position ? asked->ask.cursor : row.position;
    session->part = KITHD_PART_SEGMENTS;
    if (!is_member) {
        session->last = 0;
        return kith_buf_status(&session->out);
    }
    KITH_TRY(write_own(session, asked));
    if ((asked->ask.flags & KITH_ASK_WANTS_HEADS) != 0) {
        KITH_TRY(write_heads(session, asked));
    }
    return kith_buf_status(&session->out);
}

static bool was_brought(const kithd_asked *asked, uint64_t position)
{
    for (size_t i = 0; i < asked->brought_count; i++) {
        if (asked->brought[i].first <= position && position <= asked->brought[i].last) {
            return true;
        }
    }
    return false;
}

/* True if the device has the segment: it said so, or brought it just now. */
static bool is_there(const kithd_session *session, const kithd_asked *asked,
                     const kithd_segment *segment)
{
    kith_reader reader;
    kith_author_id own = kithd_own_author(session, asked);
    if (was_brought(asked, segment->position)) {
        return true;
    }
    if (memcmp(&own, &segment->author, sizeof own) == 0 && segment->number <= asked->ask.own_head) {
        return true;
    }
    if (asked->heads.length == 0) {
        return false;
    }
    size_t count = kith_heads_begin(kith_buf_slice(&asked->heads), &reader);
    for (size_t i = 0; i < count; i++) {
        kith_segment_head head = kith_heads_next(&reader);
        if (memcmp(&head.author, &segment->author, sizeof head.author) == 0) {
            return segment->number <= head.number;
        }
    }
    return false;
}

/* The first segment may go on from where a broken transfer ended. */
static void write_segment(kithd_session *session, const kithd_asked *asked,
                          const kithd_segment *segment)
{
    uint8_t hash[KITH_HASH_BYTES];
    kith_given_frame given = {.position = segment->position, .bytes = segment->bytes};
    bool may_be_rest = !session->has_given && (asked->ask.flags & KITH_ASK_PARTIAL) != 0 &&
                       asked->ask.partial_offset > 0 &&
                       asked->ask.partial_offset < segment->bytes.length;
    if (may_be_rest) {
        kith_header_hash(kith_slice_head(segment->bytes, KITH_HEADER_BYTES), hash);
        if (memcmp(hash, asked->ask.partial_header, sizeof hash) == 0) {
            given.offset = asked->ask.partial_offset;
            given.bytes = kith_slice_skip(segment->bytes, (size_t)given.offset);
        }
    }
    session->has_given = true;
    kith_frame_write_given(&session->out, &given);
}

static kith_status write_segments(kithd_session *session)
{
    kithd_asked *asked = &session->asks[session->ask_index];
    while (session->out.length < AHEAD_BYTES) {
        kithd_segment segment;
        kith_status status =
            session->position >= session->last
                ? KITH_E_NOT_FOUND
                : kithd_segment_next(session->store, asked->ask.space, session->position, &segment);
        if (status == KITH_E_NOT_FOUND || (status == KITH_OK && segment.position > session->last)) {
            kith_frame_write_end(&session->out, session->last);
            session->ask_index++;
            session->part = KITHD_PART_SPACE;
            return kith_buf_status(&session->out);
        }
        KITH_TRY(status);
        session->position = segment.position;
        if (!is_there(session, asked, &segment)) {
            write_segment(session, asked, &segment);
        }
    }
    return kith_buf_status(&session->out);
}

kith_status kithd_answer_more(kithd_session *session)
{
    switch (session->part) {
    case KITHD_PART_RELAY:
        return write_beginning(session);
    case KITHD_PART_SPACE:
        if (session->ask_index < session->ask_count) {
            return write_space(session);
        }
        if (session->fault != KITH_OK) {
            kith_frame_write_failure(&session->out, session->fault, session->fault_text);
        }
        session->part = KITHD_PART_DONE;
        return kith_buf_status(&session->out);
    case KITHD_PART_SEGMENTS:
        return write_segments(session);
    default:
        return KITH_OK;
    }
}

kith_status kithd_session_read(kithd_session *session, uint8_t *out, size_t capacity,
                               size_t *length_out)
{
    *length_out = 0;
    if (session->out_taken == session->out.length) {
        kith_buf_clear(&session->out);
        session->out_taken = 0;
    }
    if (session->out.length == 0 && session->part != KITHD_PART_DONE) {
        KITH_TRY(kithd_session_enter(session));
        kith_status status = KITH_OK;
        while (status == KITH_OK && session->out.length == 0 && session->part != KITHD_PART_DONE) {
            status = kithd_answer_more(session);
        }
        kithd_session_leave(session);
        KITH_TRY(status);
    }
    size_t left = session->out.length - session->out_taken;
    size_t length = left < capacity ? left : capacity;
    if (length > 0) {
        memcpy(out, session->out.data + session->out_taken, length);
    }
    session->out_taken += length;
    *length_out = length;
    return KITH_OK;
}
