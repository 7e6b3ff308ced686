/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/sync.h"

/* Requests in a row that bring nothing further: the longest way is joining, a wrong time, a lost
 * relay, a restored device; a relay that asks for more plays with us. Others are not counted: where
 * the network breaks every few seconds, an archive takes thousands. */
enum { REQUESTS_IN_VAIN_MAX = 64 };

kith_status kith_sync_begin(kith_replica *replica, kith_sync **sync_out)
{
    *sync_out = NULL;
    KITH_TRY(kith_engine_notice(replica));
    KITH_ENSURE(
        replica->space.exists,
        kith_fail(&replica->cx, KITH_E_STATE, "this replica has no space; found one or join one"));
    KITH_ENSURE(replica->space.relay[0] != '\0',
                kith_fail(&replica->cx, KITH_E_STATE, "the space has no relay yet; name one"));
    KITH_ENSURE(!replica->is_syncing && !replica->is_in_batch,
                kith_fail(&replica->cx, KITH_E_STATE, "a sync or a batch is going on"));
    kith_sync *sync = kith_allocate(&replica->cx, sizeof *sync);
    KITH_ENSURE(sync != NULL, KITH_E_MEMORY);
    sync->replica = replica;
    sync->progress.struct_size = sizeof sync->progress;
    sync->plan.is_wanted = true;
    sync->facts = (kith_sync_facts){.cursor = replica->space.cursor,
                                    .accepted = replica->space.accepted,
                                    .accepted_entries = replica->space.accepted_entries,
                                    .is_joining = replica->space.is_joining,
                                    .synced_ms = replica->space.synced_ms};
    memcpy(sync->facts.relay_epoch, replica->space.relay_epoch, sizeof sync->facts.relay_epoch);
    kith_buf_init(&sync->out, &replica->cx, 2 * KITH_FRAME_BYTES_MAX);
    kith_buf_init(&sync->segment, &replica->cx, KITH_FRAME_BYTES_MAX);
    kith_buf_init(&sync->partial, &replica->cx, KITH_FRAME_BYTES_MAX);
    kith_frame_stream_init(&sync->in, &replica->cx);
    replica->is_syncing = true;
    *sync_out = sync;
    return KITH_OK;
}

void kith_sync_end(kith_sync *sync)
{
    if (sync == NULL) {
        return;
    }
    kith_context *cx = &sync->replica->cx;
    sync->replica->is_syncing = false;
    kith_frame_stream_deinit(&sync->in);
    kith_buf_deinit(&sync->out);
    kith_buf_deinit(&sync->segment);
    kith_buf_deinit(&sync->partial);
    kith_free(cx, sync->relay_heads);
    kith_free(cx, sync);
}

static void forget_answer(kith_sync *sync)
{
    kith_context *cx = &sync->replica->cx;
    kith_frame_stream_deinit(&sync->in);
    kith_frame_stream_init(&sync->in, cx);
    sync->has_relay = false;
    sync->has_end = false;
    sync->has_own_head = false;
    sync->is_garbled = false;
    sync->failure = KITH_OK;
    sync->failure_text[0] = '\0';
    sync->space = (kith_space_frame){0};
}

/* True if anything has got through since the mark was made; makes it anew. */
static bool has_gained(const kith_sync *sync, kith_sync_mark *mark)
{
    const kith_sync_mark before = *mark;
    *mark = (kith_sync_mark){.cursor = sync->facts.cursor,
                             .received_changes = sync->progress.received_changes,
                             .partial_bytes = sync->partial.length,
                             .accepted = sync->facts.accepted,
                             .accepted_entries = sync->facts.accepted_entries,
                             .staged_bytes = sync->staged.offset};
    return before.cursor != mark->cursor || before.received_changes != mark->received_changes ||
           before.partial_bytes != mark->partial_bytes || before.accepted != mark->accepted ||
           before.accepted_entries != mark->accepted_entries ||
           before.staged_bytes != mark->staged_bytes;
}

uint32_t kith_sync_failures(const kith_sync *sync)
{
    return sync->failures;
}

kith_status kith_sync_next_request(kith_sync *sync, const char **url_out, const char **header_out)
{
    *url_out = sync->url;
    *header_out = sync->header;
    if (!sync->plan.is_wanted) {
        return KITH_E_NOT_FOUND;
    }
    sync->requests_in_vain = has_gained(sync, &sync->mark) ? 0 : sync->requests_in_vain + 1;
    KITH_ENSURE(sync->requests_in_vain <= REQUESTS_IN_VAIN_MAX,
                kith_fail(&sync->replica->cx, KITH_E_DAMAGED,
                          "the relay asks for one request after the other"));
    sync->progress.request_count++;
    forget_answer(sync);
    return kith_sync_make_request(sync);
}

int64_t kith_sync_request_length(kith_sync *sync)
{
    return sync->step == KITH_STEP_DONE ? (int64_t)sync->out.length : -1;
}

kith_status kith_sync_read_request(kith_sync *sync, uint8_t *out, size_t capacity,
                                   size_t *length_out)
{
    *length_out = 0;
    if (sync->out_taken == sync->out.length && sync->step != KITH_STEP_DONE) {
        kith_buf_clear(&sync->out);
        sync->out_taken = 0;
        KITH_TRY(kith_sync_fill(sync));
    }
    size_t left = sync->out.length - sync->out_taken;
    size_t length = left < capacity ? left : capacity;
    if (length > 0) {
        memcpy(out, sync->out.data + sync->out_taken, length);
    }
    sync->out_taken += length;
    sync->progress.sent_bytes += length;
    *length_out = length;
    return KITH_OK;
}

static kith_status take_frames(kith_sync *sync)
{
    kith_status status = KITH_OK;
    while (status == KITH_OK) {
        kith_frame frame;
        status = kith_frame_stream_next(&sync->in, &frame);
        if (status == KITH_E_SYNTAX || status == KITH_E_LIMIT) {
            /* Something between us and the relay may have answered: the HTTP code will tell. */
            sync->is_garbled = true;
            return KITH_OK;
        }
        if (status == KITH_OK) {
            status = kith_sync_take_frame(sync, &frame);
        }
    }
    return status == KITH_E_NOT_FOUND ? KITH_OK : status;
}

kith_status kith_sync_put_answer(kith_sync *sync, kith_slice bytes)
{
    sync->progress.received_bytes += bytes.length;
    if (sync->is_garbled) {
        return KITH_OK;
    }
    KITH_TRY(kith_frame_stream_put(&sync->in, bytes));
    kith_status status = take_frames(sync);
    kith_engine_tell(sync->replica);
    return status;
}

/* The transfer broke: the next request begins where it did. */
static kith_status end_broken(kith_sync *sync)
{
    bool has_pushed = !sync->request.is_probe && !sync->request.is_survey;
    KITH_TRY(kith_sync_keep_partial(sync));
    sync->plan = sync->request;
    sync->plan.is_probe = sync->plan.is_probe || has_pushed;
    sync->failures = has_gained(sync, &sync->failure_mark) ? 1 : sync->failures + 1;
    return kith_fail(&sync->replica->cx, KITH_E_NETWORK,
                     "the connection to the relay broke; nothing is lost");
}

/* The relay's clock and ours differ: once more, with its time. */
static kith_status end_mistimed(kith_sync *sync)
{
    const kith_env *env = &sync->replica->cx.env;
    KITH_ENSURE(!sync->has_offset && sync->has_relay,
                kith_fail(&sync->replica->cx, KITH_E_NETWORK,
                          "the relay takes no time for right, not even its own"));
    sync->has_offset = true;
    sync->clock_offset_ms = sync->relay_time_ms - env->wall_ms(env->user);
    sync->plan = sync->request;
    return KITH_OK;
}

static kith_status status_of_code(int32_t http_code)
{
    switch (http_code) {
    case 401:
    case 403:
        return KITH_E_DENIED;
    case 507:
        return KITH_E_FULL;
    default:
        return KITH_E_NETWORK;
    }
}

kith_status kith_sync_end_answer(kith_sync *sync, int32_t http_code)
{
    kith_context *cx = &sync->replica->cx;
    if (http_code == 0) {
        return end_broken(sync);
    }
    if (sync->failure == KITH_E_TIME) {
        return end_mistimed(sync);
    }
    if (http_code != 200 && (sync->is_garbled || sync->failure == KITH_OK)) {
        return kith_fail(cx, status_of_code(http_code), "the relay answered with HTTP %d",
                         (int)http_code);
    }
    /* On a borrowed network a page that asks to log in answers for the relay. */
    KITH_ENSURE(sync->has_relay,
                kith_fail(cx, KITH_E_NETWORK, "what answered at the relay's address is no relay"));
    KITH_ENSURE(!sync->is_garbled && (sync->has_end || sync->failure != KITH_OK),
                kith_fail(cx, KITH_E_DAMAGED, "the relay's answer makes no sense"));
    if (!sync->request.is_probe) {
        kith_buf_clear(&sync->partial);
    }
    kith_status status = kith_sync_conclude(sync);
    kith_engine_tell(sync->replica);
    return status;
}

void kith_sync_read_progress(const kith_sync *sync, kith_sync_progress *progress_out)
{
    *progress_out = sync->progress;
}

const uint8_t *kith_sync_pin(const kith_sync *sync)
{
    return sync->replica->space.has_pin ? sync->replica->space.pin : NULL;
}
