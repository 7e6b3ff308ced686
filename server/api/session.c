/* SPDX-License-Identifier: Apache-2.0 */
#include "server/api/session.h"

#include "base/limits.h"
#include "segment/header.h"
#include "server/api/stage.h"

/* A batch is stored when it has so many bytes: enough for a fsync to be worth it, little enough for
 * a hundred connections. */
enum { BATCH_BYTES = 512 * 1024, BATCH_ITEMS = 1024 };

/* What became of a request's parts: past this nobody reads it. What is kept of a space of revoked
 * devices' segments. */
enum { RESULTS_BYTES = 256 * 1024, HELD_BYTES = 16 * 1024 * 1024 };

/* How often a slow upload is stored while it comes, and how much must have come. A link that dies
 * without a word costs what came since: 16 KB over 2G, two seconds of it. Oftener would be a write
 * to the disk for little, from each of a thousand slow links; a fast one is through before. */
enum { KEEP_MS = 2000, KEEP_BYTES = 1024 };

kith_status kithd_session_open(kithd_relay *relay, const uint8_t key[KITH_KEY_BYTES],
                               kithd_session **session_out)
{
    kith_context cx = {.env = *kithd_relay_env(relay)};
    *session_out = NULL;
    KITH_TRY(kithd_relay_admit(relay));
    kithd_session *session = kith_allocate(&cx, sizeof *session);
    if (session == NULL) {
        kithd_relay_dismiss(relay);
        return KITH_E_MEMORY;
    }
    session->relay = relay;
    session->cx = cx;
    session->kept_ms = cx.env.monotonic_ms(cx.env.user);
    memcpy(session->key, key, sizeof session->key);
    kith_frame_stream_init(&session->in, &session->cx);
    kith_buf_init(&session->batch.bytes, &session->cx, BATCH_BYTES + 2 * KITH_FRAME_BYTES_MAX);
    kith_buf_init(&session->staged, &session->cx, KITH_FRAME_BYTES_MAX);
    kith_buf_init(&session->out, &session->cx, 8 * KITH_FRAME_BYTES_MAX);
    *session_out = session;
    return KITH_OK;
}

void kithd_session_close(kithd_session *session)
{
    if (session == NULL) {
        return;
    }
    kith_context cx = session->cx;
    for (size_t i = 0; i < session->ask_count; i++) {
        kith_buf_deinit(&session->asks[i].results);
        kith_buf_deinit(&session->asks[i].heads);
    }
    kith_frame_stream_deinit(&session->in);
    kith_buf_deinit(&session->batch.bytes);
    kith_free(&cx, session->batch.items);
    kith_buf_deinit(&session->staged);
    kith_buf_deinit(&session->out);
    kithd_relay_dismiss(session->relay);
    kith_free(&cx, session);
}

/* Ends the request early; the answer says why, behind what was accepted before. */
static void fault(kithd_session *session, kith_status status, const char *text)
{
    if (session->fault == KITH_OK) {
        session->fault = status;
        session->fault_text = text;
        kithd_relay_count_refusal(session->relay);
    }
}

static kithd_asked *current(kithd_session *session)
{
    return session->ask_count == 0 ? NULL : &session->asks[session->ask_count - 1];
}

static void limit_results(kithd_session *session, const kithd_asked *asked)
{
    if (asked->results.length > RESULTS_BYTES) {
        fault(session, KITH_E_LIMIT, "too many parts of the request were refused");
    }
}

static void refuse(kithd_session *session, kithd_asked *asked, kith_author_id author,
                   uint64_t number, kith_status status, const char *text)
{
    kith_refused_frame refused = {author, number, status, kith_slice_of(text)};
    kith_frame_write_refused(&asked->results, &refused);
    limit_results(session, asked);
    kithd_relay_count_refusal(session->relay);
}

static kithd_asked *asked_of(kithd_session *session, kith_space_id space)
{
    for (size_t i = 0; i < session->ask_count; i++) {
        if (kith_space_id_equal(session->asks[i].ask.space, space)) {
            return &session->asks[i];
        }
    }
    return NULL;
}

static void tell_accepted(kithd_session *session, kithd_asked *asked, const kithd_item *item)
{
    kith_accepted_frame accepted = {item->author, item->head, {0}};
    kith_author_id own = kithd_own_author(session, asked);
    memcpy(accepted.header, item->head_header, sizeof accepted.header);
    kith_frame_write_accepted(&asked->results, &accepted);
    if (memcmp(&own, &item->author, sizeof own) == 0) {
        asked->told_head = item->head;
    }
    limit_results(session, asked);
}

static const char *reason_of(const kithd_item *item)
{
    return item->status == KITH_E_GAP      ? "segments before it are missing"
           : item->status == KITH_E_FORKED ? "another segment stands under its number"
           : item->status != KITH_E_QUOTA  ? "it could not be stored"
           : item->is_device_full ? "the device has used up its room in the space at the relay"
                                  : "the space has used up its room at the relay";
}

/* The device need not get back what it brought. Where there is no room to remember it, it does. */
static void note_brought(kithd_asked *asked, uint64_t position)
{
    kithd_span *last = asked->brought_count == 0 ? NULL : &asked->brought[asked->brought_count - 1];
    if (last != NULL && last->last + 1 == position) {
        last->last = position;
    } else if (asked->brought_count < KITHD_SPANS_MAX) {
        asked->brought[asked->brought_count++] = (kithd_span){position, position};
    }
}

/* Says what became of the items of a batch: of a run that was accepted, its end. */
static void report_batch(kithd_session *session)
{
    const kithd_batch *batch = &session->batch;
    for (size_t i = 0; i < batch->count; i++) {
        const kithd_item *item = &batch->items[i];
        const kithd_item *next = i + 1 < batch->count ? &batch->items[i + 1] : NULL;
        kithd_asked *asked = asked_of(session, item->space);
        bool goes_on = next != NULL && next->status == KITH_OK &&
                       memcmp(&next->author, &item->author, sizeof item->author) == 0;
        if (item->position > 0) {
            note_brought(asked, item->position);
        }
        if (item->status != KITH_OK) {
            refuse(session, asked, item->author, item->number, item->status, reason_of(item));
        } else if (!goes_on) {
            tell_accepted(session, asked, item);
        }
    }
}

/* Stores the batch, if that was not done since it was handed in. */
static kith_status commit_batch(kithd_session *session)
{
    if (!session->ticket.is_done) {
        return kithd_relay_commit(session->relay, session->store, &session->batch);
    }
    kith_status status = session->ticket.status;
    session->ticket = (kithd_ticket){.batch = NULL};
    if (status == KITH_OK) {
        kithd_relay_tell_batch(session->relay, &session->batch);
    }
    return status;
}

static void flush(kithd_session *session)
{
    kithd_batch *batch = &session->batch;
    if (batch->count > 0) {
        kith_status status = commit_batch(session);
        if (status == KITH_OK) {
            report_batch(session);
        } else {
            fault(session, status, "the relay could not store what was sent");
        }
    }
    batch->count = 0;
    kith_buf_clear(&batch->bytes);
}

/* Whether the device is or was a member: nothing is kept or checked for others. */
static kith_status know_device(kithd_session *session, kithd_asked *asked)
{
    kith_charter *charter = NULL;
    const uint64_t *joined = NULL;
    if (!asked->is_known) {
        KITH_TRY(kithd_charter_hold(session->relay, session->store, asked->ask.space, &charter,
                                    &joined));
        asked->is_known = kith_charter_find(charter, session->key) != NULL;
        kithd_charter_release(session->relay);
    }
    KITH_ENSURE(asked->is_known,
                kith_fail(&session->cx, KITH_E_DENIED, "the device is no member of the space"));
    return KITH_OK;
}

static void take_ask(kithd_session *session, kith_slice payload)
{
    kith_ask ask;
    if (!kith_frame_read_ask(payload, &ask)) {
        fault(session, KITH_E_SYNTAX, "an ask frame is malformed");
        return;
    }
    if (session->ask_count == KITHD_ASKS_MAX || asked_of(session, ask.space) != NULL) {
        fault(session, KITH_E_LIMIT, "too many spaces, or one twice");
        return;
    }
    kithd_asked *asked = &session->asks[session->ask_count++];
    *asked = (kithd_asked){.ask = ask, .told_head = ask.own_head};
    kith_buf_init(&asked->results, &session->cx, KITH_FRAME_BYTES_MAX);
    kith_buf_init(&asked->heads, &session->cx, KITH_FRAME_BYTES_MAX);
    if (ask.heads.length > 0 && know_device(session, asked) == KITH_OK) {
        kith_buf_append_slice(&asked->heads, ask.heads); /* the frame's bytes go away */
    }
    asked->ask.heads = (kith_slice){NULL, 0};
    session->token = (kith_slice){NULL, 0};
}

static void take_token(kithd_session *session, kith_slice payload)
{
    if (payload.length > sizeof session->token_bytes) {
        fault(session, KITH_E_LIMIT, "a registration token is too long");
        return;
    }
    memcpy(session->token_bytes, payload.data == NULL ? (const uint8_t *)"" : payload.data,
           payload.length);
    session->token = kith_slice_make(session->token_bytes, payload.length);
}

static void take_entry(kithd_session *session, kithd_asked *asked, kith_slice entry)
{
    static const kith_author_id nobody;
    kith_entry_head head;
    flush(session);
    kith_status status =
        kithd_charter_take(session->relay, session->store, asked->ask.space, entry, session->token);
    if (status == KITH_OK) {
        (void)kith_entry_read_head(entry, &head);
        asked->first_taken = asked->first_taken == 0 ? head.number : asked->first_taken;
        asked->last_taken = head.number;
    } else if (status != KITH_E_EXISTS) {
        (void)kith_entry_read_head(entry, &head);
        refuse(session, asked, nobody, head.number, status, session->cx.error.message);
    }
}

/* What can be said of a segment before its place in the chain is: whether it counts, what it is. */
static kith_status judge_segment(kithd_session *session, kithd_asked *asked, kith_slice bytes,
                                 kith_segment_header *header, uint8_t hash[KITH_HASH_BYTES],
                                 bool *is_late_out)
{
    uint8_t body[KITH_HASH_BYTES];
    kith_charter *charter = NULL;
    const uint64_t *joined = NULL;
    *is_late_out = false;
    KITH_ENSURE(bytes.length > KITH_HEADER_BYTES &&
                    bytes.length <= KITH_HEADER_BYTES + KITH_SEGMENT_SEALED_MAX,
                kith_fail(&session->cx, KITH_E_LIMIT, "a segment has an impossible length"));
    KITH_TRY(know_device(session, asked));
    KITH_TRY(kith_header_read(&session->cx, kith_slice_head(bytes, KITH_HEADER_BYTES), header));
    KITH_ENSURE(kith_space_id_equal(header->space, asked->ask.space),
                kith_fail(&session->cx, KITH_E_DENIED, "the segment is of another space"));
    kith_body_hash(kith_slice_skip(bytes, KITH_HEADER_BYTES), body);
    KITH_ENSURE(memcmp(body, header->body, sizeof body) == 0,
                kith_fail(&session->cx, KITH_E_DAMAGED, "the segment's body was changed"));
    kith_header_hash(kith_slice_head(bytes, KITH_HEADER_BYTES), hash);
    KITH_TRY(
        kithd_charter_hold(session->relay, session->store, asked->ask.space, &charter, &joined));
    bool is_pusher = kith_charter_may(charter, session->key, KITH_ROLE_READER);
    bool counts =
        kith_charter_counts(charter, header->sign, header->incarnation, header->number, hash);
    const kith_member *member = kith_charter_find(charter, header->sign);
    bool was_member = member != NULL && member->revoked != 0;
    uint64_t admitted_at = member == NULL ? 0 : joined[member->admitted - 1];
    kithd_charter_release(session->relay);
    *is_late_out = was_member && !counts;
    KITH_ENSURE(is_pusher || *is_late_out,
                kith_fail(&session->cx, KITH_E_DENIED, "the device is no member of the space"));
    KITH_ENSURE(!*is_late_out,
                kith_fail(&session->cx, KITH_E_HELD, "it was kept apart for a supervisor"));
    KITH_ENSURE(counts,
                kith_fail(&session->cx, KITH_E_DENIED, "its device may not write in the space"));
    KITH_ENSURE(header->number > 1 || asked->ask.cursor >= admitted_at ||
                    memcmp(header->sign, session->key, KITH_KEY_BYTES) != 0,
                kith_fail(&session->cx, KITH_E_PULL, "a new device receives before it sends"));
    return KITH_OK;
}

/* Keeps a segment apart; what its sender is told. */
static kith_status hold(kithd_session *session, const kithd_asked *asked, kith_slice bytes,
                        const uint8_t hash[KITH_HASH_BYTES])
{
    kith_status status = kithd_txn_begin(session->store);
    if (status == KITH_OK) {
        status = kithd_held_put(session->store, asked->ask.space, hash, bytes, HELD_BYTES);
    }
    if (status == KITH_OK) {
        status = kithd_txn_commit(session->store);
    }
    kithd_txn_rollback(session->store);
    if (status == KITH_OK) {
        return kith_fail(&session->cx, KITH_E_HELD, "it was kept apart for a supervisor");
    }
    if (status != KITH_E_QUOTA) {
        fault(session, status, "the relay could not store what was sent");
    }
    return status;
}

static void add_item(kithd_session *session, const kith_segment_header *header,
                     const uint8_t hash[KITH_HASH_BYTES], kith_slice bytes)
{
    kithd_batch *batch = &session->batch;
    kithd_item *items =
        kith_grow(&session->cx, batch->items, batch->count, &batch->capacity, sizeof *items);
    if (items == NULL) {
        fault(session, KITH_E_MEMORY, "the relay is out of memory");
        return;
    }
    batch->items = items;
    kithd_item *item = &items[batch->count];
    *item = (kithd_item){.space = header->space,
                         .author = kith_header_author(header),
                         .number = header->number,
                         .start = batch->bytes.length,
                         .length = bytes.length};
    memcpy(item->device, header->sign, sizeof item->device);
    memcpy(item->previous, header->previous, sizeof item->previous);
    memcpy(item->header, hash, sizeof item->header);
    kith_buf_append_slice(&batch->bytes, bytes);
    if (kith_buf_status(&batch->bytes) != KITH_OK) {
        fault(session, KITH_E_MEMORY, "the relay is out of memory");
        return;
    }
    batch->count++;
    if (batch->bytes.length >= BATCH_BYTES || batch->count >= BATCH_ITEMS) {
        flush(session);
    }
}

/* Takes a segment into the batch, or says why not. */
static kith_status take_segment(kithd_session *session, kithd_asked *asked, kith_slice bytes)
{
    kith_segment_header header = {.number = 0};
    uint8_t hash[KITH_HASH_BYTES] = {0};
    bool is_late = false;
    kith_status status = judge_segment(session, asked, bytes, &header, hash, &is_late);
    if (status == KITH_OK) {
        add_item(session, &header, hash, bytes);
        return KITH_OK;
    }
    /* Reports stand in the order of what they are about. */
    kith_error why = session->cx.error;
    flush(session);
    if (is_late) {
        status = hold(session, asked, bytes, hash);
        why = session->cx.error;
    }
    refuse(session, asked, kith_header_author(&header), header.number, status, why.message);
    return status;
}

static void take_rest(kithd_session *session, kithd_asked *asked, kith_slice payload)
{
    kith_rest_frame rest;
    uint64_t number = 0;
    if (!kith_frame_read_rest(payload, &rest)) {
        fault(session, KITH_E_SYNTAX, "a rest frame is malformed");
        return;
    }
    kith_status status = kithd_stage_join(session, asked, &rest, &number);
    if (status == KITH_OK) {
        status = take_segment(session, asked, kith_buf_slice(&session->staged));
    } else {
        flush(session);
        refuse(session, asked, kithd_own_author(session, asked), number, KITH_E_GAP,
               "its start is not here any more");
    }
    if (status == KITH_E_DAMAGED || status == KITH_E_LIMIT) {
        status = kithd_stage_forget(session, asked);
        if (status != KITH_OK) {
            fault(session, status, "the relay could not store what was sent");
        }
    }
}

static void take_frame(kithd_session *session, const kith_frame *frame)
{
    kithd_asked *asked = current(session);
    session->kept_bytes = 0;
    if (frame->type == KITH_FRAME_ASK) {
        flush(session);
        take_ask(session, frame->payload);
        return;
    }
    if (asked == NULL) {
        fault(session, KITH_E_SYNTAX, "a frame belongs to no space");
        return;
    }
    switch (frame->type) {
    case KITH_FRAME_TOKEN:
        take_token(session, frame->payload);
        return;
    case KITH_FRAME_ENTRY:
        take_entry(session, asked, frame->payload);
        return;
    case KITH_FRAME_SEGMENT:
        take_segment(session, asked, frame->payload);
        return;
    case KITH_FRAME_REST:
        take_rest(session, asked, frame->payload);
        return;
    default:
        fault(session, KITH_E_SYNTAX, "a frame of an unknown type");
        return;
    }
}

kith_status kithd_session_enter(kithd_session *session)
{
    return kithd_relay_borrow(session->relay, &session->cx, &session->store);
}

void kithd_session_leave(kithd_session *session)
{
    kithd_relay_return(session->relay, session->store);
    session->store = NULL;
}

static kith_status take_frames(kithd_session *session)
{
    kith_status status = KITH_OK;
    while (status == KITH_OK && session->fault == KITH_OK) {
        kith_frame frame;
        status = kith_frame_stream_next(&session->in, &frame);
        if (status == KITH_OK) {
            take_frame(session, &frame);
        } else if (status != KITH_E_NOT_FOUND) {
            fault(session, status, "what was sent is no frame");
        }
    }
    return status == KITH_E_MEMORY ? status : KITH_OK;
}

/* Keeps what is whole of the request, and of a frame that is not what has come of it, if that is so
 * much more than was kept before. */
static void keep(kithd_session *session, size_t more)
{
    kith_frame frame;
    kith_rest_frame rest;
    uint64_t length = 0;
    uint64_t number = 0;
    kithd_asked *asked = current(session);
    flush(session);
    if (asked == NULL || session->fault != KITH_OK ||
        !kith_frame_stream_partial(&session->in, &frame, &length) ||
        frame.payload.length < session->kept_bytes + more) {
        return;
    }
    session->kept_bytes = frame.payload.length;
    if (frame.type == KITH_FRAME_SEGMENT) {
        kithd_stage_start(session, asked, frame.payload);
    } else if (frame.type == KITH_FRAME_REST && kith_frame_read_rest(frame.payload, &rest) &&
               kithd_stage_join(session, asked, &rest, &number) == KITH_OK) {
        kithd_stage_start(session, asked, kith_buf_slice(&session->staged));
    }
}

/* Of a link that dies without a word the relay learns only when it cuts the connection, and the
 * device has long come again by then: what it is told to go on from must be stored already. */
static void keep_slow(kithd_session *session)
{
    const kith_env *env = &session->cx.env;
    int64_t now_ms = env->monotonic_ms(env->user);
    if (now_ms - session->kept_ms >= KEEP_MS) {
        session->kept_ms = now_ms;
        keep(session, KEEP_BYTES);
    }
}

kith_status kithd_session_put(kithd_session *session, kith_slice bytes)
{
    if (session->fault != KITH_OK) {
        return KITH_OK;
    }
    KITH_TRY(kith_frame_stream_put(&session->in, bytes));
    KITH_TRY(kithd_session_enter(session));
    kith_status status = take_frames(session);
    if (status == KITH_OK) {
        keep_slow(session);
    }
    kithd_session_leave(session);
    return status;
}

void kithd_session_break(kithd_session *session)
{
    if (kithd_session_enter(session) == KITH_OK) {
        keep(session, 1);
        kithd_session_leave(session);
    }
}

bool kithd_session_hand_in(kithd_session *session, void (*done)(void *user), void *user)
{
    session->ticket = (kithd_ticket){.batch = &session->batch, .done = done, .user = user};
    return kithd_relay_hand_in(session->relay, &session->ticket);
}

bool kithd_session_has_unstored(const kithd_session *session)
{
    return session->batch.count > 0;
}

void kithd_session_finish(kithd_session *session)
{
    kith_status status = kithd_session_enter(session);
    if (status != KITH_OK) {
        fault(session, status, "the relay is busy; try again");
        return;
    }
    flush(session);
    kithd_session_leave(session);
    if (!kith_frame_stream_is_empty(&session->in)) {
        fault(session, KITH_E_SYNTAX, "the request ends in the middle of a frame");
    }
}
