/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/sync.h"

#include "bundle/bundle.h"

/* Requests in a row that bring nothing further: the longest way is joining, a wrong time, a lost
 * relay, a restored device; a relay that asks for more plays with us. Others are not counted: where
 * the network breaks every few seconds, an archive takes thousands. */
enum { REQUESTS_IN_VAIN_MAX = 64 };

bool kith_sync_is_same_relay(const kith_replica *a, const kith_replica *b)
{
    return strcmp(a->space.relay, b->space.relay) == 0 && a->space.has_pin == b->space.has_pin &&
           memcmp(a->space.pin, b->space.pin, sizeof a->space.pin) == 0;
}

/* One request is signed by one device, and is about each space once. */
static kith_status check_together(kith_replica *first, kith_replica *other)
{
    uint8_t keys[2][KITH_KEY_BYTES];
    KITH_TRY(kith_engine_sign_key(first, keys[0]));
    KITH_TRY(kith_engine_sign_key(other, keys[1]));
    bool fits = memcmp(keys[0], keys[1], KITH_KEY_BYTES) == 0 &&
                kith_sync_is_same_relay(first, other) &&
                !kith_space_id_equal(first->space.id, other->space.id);
    KITH_ENSURE(fits, kith_fail(&first->cx, KITH_E_ARGUMENT,
                                "replicas of one device, with spaces of their own at one relay, "
                                "can be synced together"));
    return KITH_OK;
}

static kith_status check_replica(kith_replica *replica)
{
    KITH_TRY(kith_engine_notice(replica));
    KITH_ENSURE(
        replica->space.exists,
        kith_fail(&replica->cx, KITH_E_STATE, "this replica has no space; found one or join one"));
    KITH_ENSURE(replica->space.relay[0] != '\0',
                kith_fail(&replica->cx, KITH_E_STATE, "the space has no relay yet; name one"));
    KITH_ENSURE(!replica->is_syncing && !replica->is_in_batch,
                kith_fail(&replica->cx, KITH_E_STATE, "a sync or a batch is going on"));
    return KITH_OK;
}

/* What goes wrong with another replica is told by the first one, as there is no sync to tell it. */
static kith_status check_replicas(kith_replica *const *replicas, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        kith_status status = check_replica(replicas[i]);
        if (status != KITH_OK) {
            replicas[0]->cx.error = replicas[i]->cx.error;
            return status;
        }
        for (size_t k = 0; k < i; k++) {
            KITH_TRY(check_together(replicas[k], replicas[i]));
        }
    }
    return KITH_OK;
}

static void begin_part(kith_sync *sync, kith_replica *replica)
{
    const kith_space *space = &replica->space;
    kith_sync_part *part = &sync->parts[sync->part_count++];
    part->sync = sync;
    part->replica = replica;
    part->plan.is_wanted = true;
    part->facts = (kith_sync_facts){.cursor = space->cursor,
                                    .accepted = space->accepted,
                                    .accepted_entries = space->accepted_entries,
                                    .is_joining = space->is_joining,
                                    .synced_ms = space->synced_ms,
                                    .unoffered = space->unoffered};
    part->plan.is_survey = space->unoffered > 0;
    memcpy(part->facts.relay_epoch, space->relay_epoch, sizeof part->facts.relay_epoch);
    kith_buf_init(&part->partial, &replica->cx, KITH_FRAME_BYTES_MAX);
    replica->is_syncing = true;
}

kith_status kith_sync_begin(kith_replica *const *replicas, size_t count, kith_sync **sync_out)
{
    *sync_out = NULL;
    KITH_ENSURE(count > 0 && count <= KITH_SYNC_SPACES_MAX, KITH_E_ARGUMENT);
    KITH_TRY(check_replicas(replicas, count));
    KITH_TRY(kith_bundle_adopt(replicas, count));
    kith_context *cx = &replicas[0]->cx;
    kith_sync *sync = kith_allocate(cx, sizeof *sync);
    KITH_ENSURE(sync != NULL, KITH_E_MEMORY);
    sync->parts = kith_allocate_array(cx, count, sizeof *sync->parts);
    if (sync->parts == NULL) {
        kith_free(cx, sync);
        return KITH_E_MEMORY;
    }
    sync->cx = cx;
    sync->progress.struct_size = sizeof sync->progress;
    for (size_t i = 0; i < count; i++) {
        begin_part(sync, replicas[i]);
    }
    kith_buf_init(&sync->out, cx, 2 * KITH_FRAME_BYTES_MAX);
    kith_buf_init(&sync->segment, cx, KITH_FRAME_BYTES_MAX);
    kith_frame_stream_init(&sync->in, cx);
    *sync_out = sync;
    return KITH_OK;
}

void kith_sync_end(kith_sync *sync)
{
    if (sync == NULL) {
        return;
    }
    kith_context *cx = sync->cx;
    for (size_t i = 0; i < sync->part_count; i++) {
        kith_sync_part *part = &sync->parts[i];
        part->replica->is_syncing = false;
        kith_buf_deinit(&part->partial);
        kith_free(&part->replica->cx, part->relay_heads);
    }
    kith_frame_stream_deinit(&sync->in);
    kith_buf_deinit(&sync->out);
    kith_buf_deinit(&sync->segment);
    kith_free(cx, sync->parts);
    kith_free(cx, sync);
}

void kith_sync_fail_part(kith_sync_part *part, kith_status status)
{
    kith_sync_progress *progress = &part->sync->progress;
    if (part->status != KITH_OK) {
        return;
    }
    part->status = status;
    part->plan = (kith_sync_plan){0};
    progress->first_failed =
        progress->failed_count == 0 ? (uint32_t)(part - part->sync->parts) : progress->first_failed;
    progress->failed_count++;
}

/* KITH_OK as long as a space is left; else what the first one failed of. */
static kith_status is_any_left(const kith_sync *sync)
{
    const kith_sync_progress *progress = &sync->progress;
    return progress->failed_count < sync->part_count ? KITH_OK
                                                     : sync->parts[progress->first_failed].status;
}

static void forget_answer(kith_sync *sync)
{
    kith_frame_stream_deinit(&sync->in);
    kith_frame_stream_init(&sync->in, sync->cx);
    sync->told = NULL;
    sync->has_relay = false;
    sync->is_garbled = false;
    sync->failure = KITH_OK;
    sync->failure_text[0] = '\0';
    for (size_t i = 0; i < sync->part_count; i++) {
        kith_sync_part *part = &sync->parts[i];
        part->has_end = false;
        part->has_own_head = false;
        part->failure = KITH_OK;
        part->failure_text[0] = '\0';
        part->space = (kith_space_frame){0};
    }
}

/* True if anything has got through since the mark was made; makes it anew. */
static bool has_part_gained(const kith_sync_part *part, kith_sync_mark *mark)
{
    const kith_sync_mark before = *mark;
    *mark = (kith_sync_mark){.cursor = part->facts.cursor,
                             .received_changes = part->sync->progress.received_changes,
                             .partial_bytes = part->partial.length,
                             .accepted = part->facts.accepted,
                             .accepted_entries = part->facts.accepted_entries,
                             .staged_bytes = part->staged.offset};
    return before.cursor != mark->cursor || before.received_changes != mark->received_changes ||
           before.partial_bytes != mark->partial_bytes || before.accepted != mark->accepted ||
           before.accepted_entries != mark->accepted_entries ||
           before.staged_bytes != mark->staged_bytes;
}

/* The same of any space, since the request before, or since a transfer last broke. */
static bool has_gained(kith_sync *sync, bool since_failure)
{
    bool has = false;
    for (size_t i = 0; i < sync->part_count; i++) {
        kith_sync_part *part = &sync->parts[i];
        has = has_part_gained(part, since_failure ? &part->failure_mark : &part->mark) || has;
    }
    return has;
}

uint32_t kith_sync_failures(const kith_sync *sync)
{
    return sync->failures;
}

static bool is_any_wanted(const kith_sync *sync)
{
    for (size_t i = 0; i < sync->part_count; i++) {
        if (sync->parts[i].plan.is_wanted) {
            return true;
        }
    }
    return false;
}

/* Whether all went well. */
static kith_status outcome(const kith_sync *sync)
{
    const kith_sync_progress *progress = &sync->progress;
    return progress->failed_count == 0 ? KITH_E_NOT_FOUND
                                       : sync->parts[progress->first_failed].status;
}

kith_status kith_sync_next_request(kith_sync *sync, const char **url_out, const char **header_out)
{
    *url_out = sync->url;
    *header_out = sync->header;
    if (!is_any_wanted(sync)) {
        return outcome(sync);
    }
    sync->requests_in_vain = has_gained(sync, false) ? 0 : sync->requests_in_vain + 1;
    KITH_ENSURE(
        sync->requests_in_vain <= REQUESTS_IN_VAIN_MAX,
        kith_fail(sync->cx, KITH_E_DAMAGED, "the relay asks for one request after the other"));
    forget_answer(sync);
    KITH_TRY(kith_sync_make_request(sync));
    KITH_TRY(is_any_left(sync));
    sync->progress.request_count++;
    return KITH_OK;
}

int64_t kith_sync_request_length(kith_sync *sync)
{
    return sync->written == sync->part_count ? (int64_t)sync->out.length : -1;
}

kith_status kith_sync_read_request(kith_sync *sync, uint8_t *out, size_t capacity,
                                   size_t *length_out)
{
    *length_out = 0;
    if (sync->out_taken == sync->out.length && sync->written < sync->part_count) {
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

static void tell_watchers(const kith_sync *sync)
{
    for (size_t i = 0; i < sync->part_count; i++) {
        kith_engine_tell(sync->parts[i].replica);
    }
}

kith_status kith_sync_put_answer(kith_sync *sync, kith_slice bytes)
{
    sync->progress.received_bytes += bytes.length;
    if (sync->is_garbled) {
        return KITH_OK;
    }
    KITH_TRY(kith_frame_stream_put(&sync->in, bytes));
    kith_status status = take_frames(sync);
    tell_watchers(sync);
    return status == KITH_OK ? is_any_left(sync) : status;
}

/* A space of which all came has its answer; the others begin where the transfer broke. */
static void conclude_or_repeat(kith_sync_part *part, bool is_broken)
{
    if (!part->request.is_wanted || part->status != KITH_OK) {
        return;
    }
    if (is_broken && !part->has_end) {
        bool has_pushed = !part->request.is_probe && !part->request.is_survey;
        part->plan = part->request;
        part->plan.is_probe = part->plan.is_probe || has_pushed;
        return;
    }
    if (!part->request.is_probe) {
        kith_buf_clear(&part->partial);
    }
    kith_status status = kith_sync_conclude(part);
    if (status != KITH_OK) {
        kith_sync_fail_part(part, status);
    }
}

static void conclude_all(kith_sync *sync, bool is_broken)
{
    for (size_t i = 0; i < sync->part_count; i++) {
        conclude_or_repeat(&sync->parts[i], is_broken);
    }
    tell_watchers(sync);
}

static kith_status end_broken(kith_sync *sync)
{
    KITH_TRY(kith_sync_keep_partial(sync));
    conclude_all(sync, true);
    sync->failures = has_gained(sync, true) ? 1 : sync->failures + 1;
    return kith_fail(sync->cx, KITH_E_NETWORK,
                     "the connection to the relay broke; nothing is lost");
}

/* The relay's clock and ours differ: once more, with its time. */
static kith_status end_mistimed(kith_sync *sync)
{
    const kith_env *env = &sync->cx->env;
    KITH_ENSURE(
        !sync->has_offset && sync->has_relay,
        kith_fail(sync->cx, KITH_E_NETWORK, "the relay takes no time for right, not even its own"));
    sync->has_offset = true;
    sync->clock_offset_ms = sync->progress.relay_time_ms - env->wall_ms(env->user);
    for (size_t i = 0; i < sync->part_count; i++) {
        if (sync->parts[i].status == KITH_OK) {
            sync->parts[i].plan = sync->parts[i].request;
        }
    }
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

static kith_status report_failure(const kith_sync *sync)
{
    const char *text = sync->failure_text[0] == '\0' ? "it gives no reason" : sync->failure_text;
    return kith_fail(sync->cx, sync->failure, "the relay refused: %s", text);
}

kith_status kith_sync_end_answer(kith_sync *sync, int32_t http_code)
{
    kith_context *cx = sync->cx;
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
    KITH_ENSURE(sync->failure == KITH_OK, report_failure(sync));
    KITH_ENSURE(!sync->is_garbled,
                kith_fail(cx, KITH_E_DAMAGED, "the relay's answer makes no sense"));
    conclude_all(sync, false);
    return is_any_left(sync);
}

void kith_sync_read_progress(const kith_sync *sync, kith_sync_progress *progress_out)
{
    *progress_out = sync->progress;
}

const uint8_t *kith_sync_pin(const kith_sync *sync)
{
    const kith_space *space = &sync->parts[0].replica->space;
    return space->has_pin ? space->pin : NULL;
}
