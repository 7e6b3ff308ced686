/* The sync machine over HTTP: request after request until it is done, and again what broke.
 * SPDX-License-Identifier: Apache-2.0 */
#include <time.h>

#include "net/http.h"
#include "net/pause.h"
#include "sync/sync.h"

enum { TRIES_DEFAULT = 5, STALL_SECONDS = 60 };

/* A sync under way, with one relay. */
typedef struct run {
    kith_context *cx; /* of the first replica */
    kith_replica *replicas[KITH_SYNC_SPACES_MAX];
    uint32_t indexes[KITH_SYNC_SPACES_MAX]; /* among the caller's */
    size_t count;
    const kith_sync_options *options;
    const kith_sync_progress *before; /* what other relays came to */
    kith_sync *sync;
    kith_http http;
    uint64_t unsent_bytes; /* that the machine gave to requests which broke before they were out */
} run;

/* The machine knows what it gave away; what of that was sent, the connection. */
static void read_progress(const run *r, kith_sync_progress *out)
{
    const kith_sync_progress *before = r->before;
    kith_sync_read_progress(r->sync, out);
    out->sent_bytes = r->http.sent_bytes + r->http.now_bytes;
    out->to_send_bytes -=
        r->unsent_bytes < out->to_send_bytes ? r->unsent_bytes : out->to_send_bytes;
    out->request_count += before->request_count;
    out->sent_bytes += before->sent_bytes;
    out->to_send_bytes += before->to_send_bytes;
    out->received_bytes += before->received_bytes;
    out->received_changes += before->received_changes;
    out->set_aside_count += before->set_aside_count;
    out->first_failed =
        before->failed_count > 0 ? before->first_failed : r->indexes[out->first_failed];
    out->failed_count += before->failed_count;
}

/* Of the requests so far; none is under way. */
static uint64_t count_unsent(const run *r)
{
    kith_sync_progress progress;
    kith_sync_read_progress(r->sync, &progress);
    uint64_t sent_bytes = r->http.sent_bytes;
    return progress.sent_bytes > sent_bytes ? progress.sent_bytes - sent_bytes : 0;
}

static kith_status give_request(void *user, uint8_t *out, size_t capacity, size_t *length_out)
{
    run *r = user;
    return kith_sync_read_request(r->sync, out, capacity, length_out);
}

static kith_status take_answer(void *user, kith_slice bytes)
{
    run *r = user;
    return kith_sync_put_answer(r->sync, bytes);
}

static kith_status tell_progress(void *user)
{
    run *r = user;
    kith_sync_progress progress;
    if (r->options->progress == NULL) {
        return KITH_OK;
    }
    read_progress(r, &progress);
    KITH_ENSURE(r->options->progress(r->options->user, &progress) == KITH_OK,
                kith_fail(r->cx, KITH_E_STOPPED, "the sync was stopped"));
    return KITH_OK;
}

static uint32_t draw(const run *r)
{
    const kith_env *env = &r->cx->env;
    uint32_t chance = 0;
    uint8_t bytes[sizeof chance];
    if (env->random(env->user, bytes, sizeof bytes) == KITH_OK) {
        memcpy(&chance, bytes, sizeof chance);
    }
    return chance;
}

/* Waits between tries, telling how it goes meanwhile. */
static kith_status pause_for(run *r, uint32_t pause_ms)
{
    enum { STEP_MS = 100 };
    for (uint32_t waited_ms = 0; waited_ms < pause_ms; waited_ms += STEP_MS) {
        uint32_t left_ms = pause_ms - waited_ms < STEP_MS ? pause_ms - waited_ms : STEP_MS;
        const struct timespec step = {0, (long)left_ms * 1000000};
        (void)nanosleep(&step, NULL);
        KITH_TRY(tell_progress(r));
    }
    return KITH_OK;
}

/* One request and what it came to: KITH_E_NOT_FOUND when none is left to be made. */
static kith_status run_request(run *r)
{
    const char *url = NULL;
    const char *authorization = NULL;
    int32_t code = 0;
    uint32_t tries = r->options->tries == 0 ? TRIES_DEFAULT : r->options->tries;
    KITH_TRY(kith_sync_next_request(r->sync, &url, &authorization));
    KITH_TRY(
        kith_http_perform(&r->http, url, authorization, kith_sync_request_length(r->sync), &code));
    kith_error why_broken = r->cx->error;
    r->unsent_bytes = count_unsent(r);
    kith_status status = kith_sync_end_answer(r->sync, code);
    bool is_broken = code == 0 && status == KITH_E_NETWORK;
    if (!is_broken) {
        return status;
    }
    uint32_t failures = kith_sync_failures(r->sync);
    r->cx->error = why_broken; /* it says more than that it broke */
    KITH_ENSURE(failures <= tries, KITH_E_NETWORK);
    return pause_for(r, kith_pause_ms(failures - 1, draw(r)));
}

static kith_status run_requests(run *r)
{
    const kith_http_calls calls = {give_request, take_answer, tell_progress, r};
    KITH_TRY(kith_sync_begin(r->replicas, r->count, &r->sync));
    KITH_TRY(kith_http_open(&r->http, r->cx, &calls, kith_sync_pin(r->sync), STALL_SECONDS));
    kith_status status = KITH_OK;
    while (status == KITH_OK) {
        status = run_request(r);
    }
    return status == KITH_E_NOT_FOUND ? KITH_OK : status;
}

/* What failed with all spaces of the relay at once has its detail with the first. */
static kith_status run_relay(run *r, kith_sync_progress *progress)
{
    kith_status status = run_requests(r);
    kith_sync_progress after = *progress;
    if (r->sync != NULL) {
        read_progress(r, &after);
    }
    if (status != KITH_OK && after.failed_count == progress->failed_count) {
        after.first_failed = after.failed_count > 0 ? after.first_failed : r->indexes[0];
        after.failed_count += (uint32_t)r->count;
    }
    *progress = after;
    kith_http_close(&r->http);
    kith_sync_end(r->sync);
    return status;
}

/* The first replica that is not done yet, and those at its relay. */
static void gather(run *r, kith_replica *const *replicas, size_t count, bool *done)
{
    for (size_t i = 0; i < count; i++) {
        bool is_one =
            !done[i] && (r->count == 0 || kith_sync_is_same_relay(r->replicas[0], replicas[i]));
        if (is_one) {
            r->replicas[r->count] = replicas[i];
            r->indexes[r->count++] = (uint32_t)i;
            done[i] = true;
        }
    }
}

static kith_status check(kith_replica *const *replicas, size_t count,
                         const kith_sync_options *options)
{
    KITH_ENSURE(count > 0, KITH_E_ARGUMENT);
    KITH_ENSURE(count <= KITH_SYNC_SPACES_MAX,
                kith_fail(&replicas[0]->cx, KITH_E_ARGUMENT, "at most %d spaces sync together",
                          KITH_SYNC_SPACES_MAX));
    KITH_ENSURE(options->struct_size == sizeof *options,
                kith_fail(&replicas[0]->cx, KITH_E_ARGUMENT, "kith_sync_options has another size"));
    return KITH_OK;
}

kith_status kith_sync_run(kith_replica *const *replicas, size_t count,
                          const kith_sync_options *options, kith_sync_progress *progress_out)
{
    static const kith_sync_options defaults = KITH_SYNC_OPTIONS_INIT;
    const kith_sync_options *chosen = options == NULL ? &defaults : options;
    kith_sync_progress progress = {.struct_size = sizeof progress};
    bool done[KITH_SYNC_SPACES_MAX] = {false};
    kith_status first = check(replicas, count, chosen);
    for (size_t left = first == KITH_OK ? count : 0; left > 0;) {
        const kith_sync_progress before = progress;
        run r = {.options = chosen, .before = &before};
        gather(&r, replicas, count, done);
        r.cx = &r.replicas[0]->cx;
        left -= r.count;
        kith_status status = run_relay(&r, &progress);
        first = first == KITH_OK ? status : first;
    }
    if (progress_out != NULL) {
        *progress_out = progress;
    }
    return first;
}
