/* Waiting for news at a relay (proto/spec/sync.md §5). SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "net/http.h"
#include "sync/sync.h"

/* The relay answers by itself when the time is up: a minute later there is no connection. */
enum { SECONDS_MAX = 300, STALL_SECONDS = 60 };

/* An answer is empty or two short frames: the relay's time, and why it refused. */
enum { ANSWER_BYTES_MAX = 1024, TARGET_SIZE = 64 + 64 * KITH_SYNC_SPACES_MAX };

/* A wait under way. */
typedef struct waiting {
    kith_replica *const *replicas;
    size_t count;
    kith_context *cx; /* of the first */
    kith_sync_function progress;
    void *user;
    kith_http http;
    kith_buf answer;
} waiting;

static kith_status take_answer(void *user, kith_slice bytes)
{
    waiting *w = user;
    size_t room = ANSWER_BYTES_MAX - w->answer.length;
    kith_buf_append_slice(&w->answer, kith_slice_head(bytes, room));
    return kith_buf_status(&w->answer);
}

static kith_status tell_progress(void *user)
{
    waiting *w = user;
    const kith_sync_progress nothing = {.struct_size = sizeof nothing};
    KITH_ENSURE(w->progress == NULL || w->progress(w->user, &nothing) == KITH_OK,
                kith_fail(w->cx, KITH_E_STOPPED, "the wait was stopped"));
    return KITH_OK;
}

static void write_hex(const kith_space *space, char hex[2 * KITH_SPACE_ID_BYTES + 1])
{
    for (size_t i = 0; i < KITH_SPACE_ID_BYTES; i++) {
        (void)snprintf(hex + 2 * i, 3, "%02x", space->id.bytes[i]);
    }
}

/* The path with its query, which is what the device signs. */
static void write_target(const waiting *w, uint32_t seconds, char target[TARGET_SIZE])
{
    char hex[2 * KITH_SPACE_ID_BYTES + 1];
    size_t length = (size_t)snprintf(target, TARGET_SIZE, "/v1/wait?");
    for (size_t i = 0; i < w->count; i++) {
        const kith_space *space = &w->replicas[i]->space;
        if (kith_sync_is_same_relay(w->replicas[0], w->replicas[i])) {
            write_hex(space, hex);
            length += (size_t)snprintf(target + length, TARGET_SIZE - length, "%s=%llu&", hex,
                                       (unsigned long long)space->cursor);
        }
    }
    (void)snprintf(target + length, TARGET_SIZE - length, "seconds=%u", seconds);
}

static kith_status sign(kith_replica *replica, const char *target, int64_t time_ms, char *line,
                        size_t size)
{
    uint8_t seed[KITH_SEED_BYTES];
    char value[KITH_AUTHORIZATION_SIZE];
    KITH_TRY(kith_engine_seed(replica, seed));
    kith_status status = kith_request_sign(&replica->cx, seed, "GET", target, time_ms, value);
    kith_wipe(seed, sizeof seed);
    KITH_TRY(status);
    (void)snprintf(line, size, "Authorization: %s", value);
    return KITH_OK;
}

static kith_status ask(waiting *w, const char *target, int64_t time_ms, int32_t *code_out)
{
    char url[KITH_RELAY_URL_BYTES_MAX + TARGET_SIZE];
    char authorization[32 + KITH_AUTHORIZATION_SIZE];
    const char *relay = w->replicas[0]->space.relay;
    size_t length = strlen(relay);
    while (length > 0 && relay[length - 1] == '/') {
        length--;
    }
    (void)snprintf(url, sizeof url, "%.*s%s", (int)length, relay, target);
    KITH_TRY(sign(w->replicas[0], target, time_ms, authorization, sizeof authorization));
    kith_buf_clear(&w->answer);
    return kith_http_perform(&w->http, url, authorization, 0, code_out);
}

/* What a refusal says. KITH_E_NETWORK if it is no relay's. */
static kith_status read_refusal(waiting *w, kith_relay_frame *relay_out)
{
    kith_frame_stream stream;
    kith_frame frame;
    kith_slice text;
    kith_status refused = KITH_E_NETWORK;
    kith_frame_stream_init(&stream, w->cx);
    kith_status status = kith_frame_stream_put(&stream, kith_buf_slice(&w->answer));
    bool is_relay =
        status == KITH_OK && kith_frame_stream_next(&stream, &frame) == KITH_OK &&
        frame.type == KITH_FRAME_RELAY && kith_frame_read_relay(frame.payload, relay_out) &&
        kith_frame_stream_next(&stream, &frame) == KITH_OK && frame.type == KITH_FRAME_FAILURE &&
        kith_frame_read_failure(frame.payload, &refused, &text);
    kith_frame_stream_deinit(&stream);
    return is_relay ? refused : KITH_E_NETWORK;
}

/* Asks, and once more with the relay's time where the clocks differ: a phone in 1970 waits like any
 * other. */
static kith_status ask_in_time(waiting *w, const char *target, uint32_t *is_new_out)
{
    kith_context *cx = w->cx;
    kith_relay_frame relay = {0};
    int32_t code = 0;
    KITH_TRY(ask(w, target, cx->env.wall_ms(cx->env.user), &code));
    if (code == 401 && read_refusal(w, &relay) == KITH_E_TIME) {
        KITH_TRY(ask(w, target, relay.time_ms, &code));
    }
    KITH_ENSURE(code != 0, KITH_E_NETWORK); /* the detail is set */
    *is_new_out = code == 200;
    if (code == 200 || code == 204) {
        return KITH_OK;
    }
    return kith_fail(cx, read_refusal(w, &relay) == KITH_E_DENIED ? KITH_E_DENIED : KITH_E_NETWORK,
                     "the relay answered with HTTP %d", (int)code);
}

static kith_status check(kith_replica *const *replicas, size_t count, uint32_t seconds)
{
    KITH_ENSURE(count > 0 && count <= KITH_SYNC_SPACES_MAX, KITH_E_ARGUMENT);
    kith_context *cx = &replicas[0]->cx;
    for (size_t i = 0; i < count; i++) {
        KITH_TRY(kith_engine_notice(replicas[i]));
        const kith_space *space = &replicas[i]->space;
        KITH_ENSURE(space->exists && space->relay[0] != '\0',
                    kith_fail(cx, KITH_E_STATE, "there is no relay to wait for"));
    }
    KITH_ENSURE(seconds >= 1 && seconds <= SECONDS_MAX,
                kith_fail(cx, KITH_E_ARGUMENT, "a wait takes 1 to %d seconds", (int)SECONDS_MAX));
    return KITH_OK;
}

kith_status kith_sync_wait(kith_replica *const *replicas, size_t count, uint32_t seconds,
                           kith_sync_function progress, void *user, uint32_t *is_new_out)
{
    char target[TARGET_SIZE];
    waiting w = {.replicas = replicas, .count = count, .progress = progress, .user = user};
    const kith_http_calls calls = {NULL, take_answer, tell_progress, &w};
    kith_status status = KITH_OK;
    *is_new_out = 0;
    KITH_TRY(check(replicas, count, seconds));
    w.cx = &replicas[0]->cx;
    const kith_space *space = &replicas[0]->space;
    kith_buf_init(&w.answer, w.cx, ANSWER_BYTES_MAX);
    KITH_TRY_OUT(kith_http_open(&w.http, w.cx, &calls, space->has_pin ? space->pin : NULL,
                                seconds + STALL_SECONDS));
    write_target(&w, seconds, target);
    KITH_TRY_OUT(ask_in_time(&w, target, is_new_out));
out:
    kith_http_close(&w.http);
    kith_buf_deinit(&w.answer);
    return status;
}
