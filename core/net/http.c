/* The sync machine over HTTP, by libcurl. SPDX-License-Identifier: Apache-2.0 */
#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include <kith/sync.h>

#include "crypto/base64.h"
#include "engine/space.h"
#include "net/pause.h"
#include "wire/request.h"

enum { TRIES_DEFAULT = 5, CONNECT_SECONDS = 30, STALL_SECONDS = 60, PIN_TEXT_SIZE = 64 };

static pthread_once_t global_once = PTHREAD_ONCE_INIT;
static CURLcode global_code;

/* libcurl's own state of the process, which it keeps until the end. */
static void start_libcurl(void)
{
    global_code = curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* A sync or a wait under way. */
typedef struct transfer {
    kith_replica *replica;
    kith_sync *sync; /* NULL of a wait */
    CURL *curl;
    kith_sync_function progress;
    void *user;
    kith_status failure; /* what a callback ended the transfer for */
    bool has_moved;      /* bytes got through since the last failure */
} transfer;

static void read_progress(const transfer *t, kith_sync_progress *progress)
{
    *progress = (kith_sync_progress){.struct_size = sizeof *progress};
    if (t->sync != NULL) {
        kith_sync_read_progress(t->sync, progress);
    }
}

static size_t give_request(char *out, size_t size, size_t count, void *user)
{
    transfer *t = user;
    size_t length = 0;
    t->failure = kith_sync_read_request(t->sync, (uint8_t *)out, size * count, &length);
    t->has_moved = t->has_moved || length > 0;
    return t->failure == KITH_OK ? length : CURL_READFUNC_ABORT;
}

static size_t take_answer(char *bytes, size_t size, size_t count, void *user)
{
    transfer *t = user;
    size_t length = size * count;
    t->has_moved = true;
    if (t->sync != NULL) {
        t->failure = kith_sync_put_answer(t->sync, kith_slice_make(bytes, length));
    }
    return t->failure == KITH_OK ? length : 0;
}

static int tell_progress(void *user, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                         curl_off_t up)
{
    transfer *t = user;
    kith_sync_progress progress;
    (void)down_total;
    (void)down;
    (void)up_total;
    (void)up;
    if (t->progress == NULL) {
        return 0;
    }
    read_progress(t, &progress);
    if (t->progress(t->user, &progress) != KITH_OK) {
        t->failure = kith_fail(&t->replica->cx, KITH_E_STOPPED, "the sync was stopped");
        return 1;
    }
    return 0;
}

/* The relay's key is known: then neither who signed its certificate nor its dates matter, which a
 * phone in 1970 could not judge anyway. */
static CURLcode set_pin(CURL *curl, const uint8_t pin[KITH_PIN_BYTES])
{
    char letters[KITH_BASE64_SIZE(KITH_PIN_BYTES)];
    char text[PIN_TEXT_SIZE];
    kith_base64_write(kith_slice_make(pin, KITH_PIN_BYTES), letters, sizeof letters);
    for (char *at = letters; *at != '\0'; at++) { /* libcurl takes the older alphabet */
        *at = (char)(*at == '-' ? '+' : *at == '_' ? '/' : *at);
    }
    (void)snprintf(text, sizeof text, "sha256//%s=", letters);
    CURLcode code = curl_easy_setopt(curl, CURLOPT_PINNEDPUBLICKEY, text);
    code = code != CURLE_OK ? code : curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
    return code != CURLE_OK ? code : curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
}

static CURLcode set_callbacks(transfer *t)
{
    CURL *curl = t->curl;
    CURLcode code = curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_answer);
    code = code != CURLE_OK ? code : curl_easy_setopt(curl, CURLOPT_WRITEDATA, t);
    code = code != CURLE_OK ? code : curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_request);
    code = code != CURLE_OK ? code : curl_easy_setopt(curl, CURLOPT_READDATA, t);
    code =
        code != CURLE_OK ? code : curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, tell_progress);
    code = code != CURLE_OK ? code : curl_easy_setopt(curl, CURLOPT_XFERINFODATA, t);
    return code != CURLE_OK ? code : curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
}

static CURLcode set_limits(CURL *curl, long stall_seconds)
{
    CURLcode code = curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    code = code != CURLE_OK ? code : curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    code = code != CURLE_OK ? code
                            : curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    code = code != CURLE_OK ? code : curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    code = code != CURLE_OK ? code : curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, stall_seconds);
    code = code != CURLE_OK ? code : curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
    code = code != CURLE_OK ? code
                            : curl_easy_setopt(curl, CURLOPT_NOPROXY, "localhost,127.0.0.1,::1");
    return code != CURLE_OK
               ? code
               : curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
}

static kith_status no_libcurl(kith_replica *replica, CURLcode code)
{
    return kith_fail(&replica->cx, KITH_E_INTERNAL, "libcurl: %s", curl_easy_strerror(code));
}

static kith_status open_transfer(transfer *t, long stall_seconds)
{
    const kith_space *space = &t->replica->space;
    (void)pthread_once(&global_once, start_libcurl);
    t->curl = global_code == CURLE_OK ? curl_easy_init() : NULL;
    KITH_ENSURE(t->curl != NULL, no_libcurl(t->replica, CURLE_FAILED_INIT));
    CURLcode code = set_limits(t->curl, stall_seconds);
    code = code != CURLE_OK ? code : set_callbacks(t);
    code = code != CURLE_OK || !space->has_pin ? code : set_pin(t->curl, space->pin);
    KITH_ENSURE(code == CURLE_OK, no_libcurl(t->replica, code));
    return KITH_OK;
}

static struct curl_slist *make_headers(const char *authorization)
{
    /* Each takes out what libcurl would add, and nothing needs. */
    static const char *const lines[] = {"Accept:", "Expect:", "Content-Type:"};
    struct curl_slist *headers = curl_slist_append(NULL, authorization);
    for (size_t i = 0; headers != NULL && i < KITH_ARRAY_LENGTH(lines); i++) {
        struct curl_slist *longer = curl_slist_append(headers, lines[i]);
        if (longer == NULL) {
            curl_slist_free_all(headers);
        }
        headers = longer;
    }
    return headers;
}

/* Makes one request. The HTTP code is 0 if none came. */
static kith_status perform(transfer *t, const char *url, const char *authorization, bool posts,
                           long *code_out)
{
    struct curl_slist *headers = make_headers(authorization);
    *code_out = 0;
    KITH_ENSURE(headers != NULL, KITH_E_MEMORY);
    CURLcode code = curl_easy_setopt(t->curl, CURLOPT_URL, url);
    code = code != CURLE_OK ? code : curl_easy_setopt(t->curl, CURLOPT_HTTPHEADER, headers);
    if (posts) {
        int64_t length = kith_sync_request_length(t->sync);
        code = code != CURLE_OK ? code : curl_easy_setopt(t->curl, CURLOPT_POST, 1L);
        code = code != CURLE_OK
                   ? code
                   : curl_easy_setopt(t->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
    }
    code = code != CURLE_OK ? code : curl_easy_perform(t->curl);
    curl_slist_free_all(headers);
    KITH_ENSURE(t->failure == KITH_OK, t->failure);
    if (code == CURLE_OK) {
        (void)curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, code_out);
        return KITH_OK;
    }
    bool is_other =
        code == CURLE_SSL_PINNEDPUBKEYNOTMATCH || code == CURLE_PEER_FAILED_VERIFICATION;
    KITH_ENSURE(!is_other, kith_fail(&t->replica->cx, KITH_E_NETWORK,
                                     "the relay at that address is not the one of the invite"));
    KITH_ENSURE(code != CURLE_OUT_OF_MEMORY, KITH_E_MEMORY);
    (void)kith_fail(&t->replica->cx, KITH_E_NETWORK, "the relay could not be reached: %s",
                    curl_easy_strerror(code));
    return KITH_OK;
}

static uint32_t draw(kith_replica *replica)
{
    const kith_env *env = &replica->cx.env;
    uint32_t chance = 0;
    uint8_t bytes[sizeof chance];
    if (env->random(env->user, bytes, sizeof bytes) == KITH_OK) {
        memcpy(&chance, bytes, sizeof chance);
    }
    return chance;
}

/* Waits between tries, telling how it goes meanwhile. */
static kith_status pause_for(transfer *t, uint32_t pause_ms)
{
    enum { STEP_MS = 100 };
    for (uint32_t waited = 0; waited < pause_ms; waited += STEP_MS) {
        uint32_t left = pause_ms - waited < STEP_MS ? pause_ms - waited : STEP_MS;
        const struct timespec step = {0, (long)left * 1000000};
        (void)nanosleep(&step, NULL);
        KITH_ENSURE(tell_progress(t, 0, 0, 0, 0) == 0, t->failure);
    }
    return KITH_OK;
}

/* One request and what it came to. `*failures` counts those in a row that moved nothing. */
static kith_status run_request(transfer *t, uint32_t tries, uint32_t *failures)
{
    const char *url = NULL;
    const char *authorization = NULL;
    long code = 0;
    KITH_TRY(kith_sync_next_request(t->sync, &url, &authorization));
    t->has_moved = false;
    KITH_TRY(perform(t, url, authorization, true, &code));
    kith_error error = t->replica->cx.error;
    kith_status status = kith_sync_end_answer(t->sync, (int32_t)code);
    bool is_broken = code == 0 && status == KITH_E_NETWORK;
    if (!is_broken) {
        return status;
    }
    /* Why it broke says more than that it did. */
    t->replica->cx.error = error;
    *failures = t->has_moved ? 1 : *failures + 1;
    KITH_ENSURE(*failures < tries, KITH_E_NETWORK);
    return pause_for(t, kith_pause_ms(*failures - 1, draw(t->replica)));
}

kith_status kith_sync_run(kith_replica *replica, const kith_sync_options *options,
                          kith_sync_progress *progress_out)
{
    static const kith_sync_options defaults = KITH_SYNC_OPTIONS_INIT;
    options = options == NULL ? &defaults : options;
    transfer t = {.replica = replica, .progress = options->progress, .user = options->user};
    uint32_t failures = 0;
    KITH_ENSURE(options->struct_size == sizeof *options,
                kith_fail(&replica->cx, KITH_E_ARGUMENT, "kith_sync_options has another size"));
    uint32_t tries = options->tries == 0 ? TRIES_DEFAULT : options->tries;
    kith_status status = kith_sync_begin(replica, &t.sync);
    if (status == KITH_OK) {
        status = open_transfer(&t, STALL_SECONDS);
    }
    while (status == KITH_OK) {
        status = run_request(&t, tries, &failures);
    }
    if (progress_out != NULL) {
        read_progress(&t, progress_out);
    }
    curl_easy_cleanup(t.curl);
    kith_sync_end(t.sync);
    return status == KITH_E_NOT_FOUND ? KITH_OK : status;
}

static void write_target(const kith_space *space, uint32_t seconds, char *target, size_t size)
{
    char hex[2 * KITH_SPACE_ID_BYTES + 1];
    for (size_t i = 0; i < KITH_SPACE_ID_BYTES; i++) {
        (void)snprintf(hex + 2 * i, 3, "%02x", space->id.bytes[i]);
    }
    (void)snprintf(target, size, "/v1/wait?%s=%llu&seconds=%u", hex,
                   (unsigned long long)space->cursor, seconds);
}

static kith_status sign_wait(kith_replica *replica, const char *target, char *line, size_t size)
{
    const kith_env *env = &replica->cx.env;
    uint8_t seed[KITH_SEED_BYTES];
    char value[KITH_AUTHORIZATION_SIZE];
    KITH_TRY(kith_engine_seed(replica, seed));
    kith_status status =
        kith_request_sign(&replica->cx, seed, "GET", target, env->wall_ms(env->user), value);
    kith_wipe(seed, sizeof seed);
    (void)snprintf(line, size, "Authorization: %s", status == KITH_OK ? value : "");
    return status;
}

static kith_status judge_wait(kith_replica *replica, long code, uint32_t *is_new_out)
{
    /* A clock that is wrong is a sync's to put right. */
    *is_new_out = code == 200 || code == 401;
    if (code == 200 || code == 204 || code == 401) {
        return KITH_OK;
    }
    KITH_ENSURE(code != 0, KITH_E_NETWORK); /* the detail is set */
    return kith_fail(&replica->cx, code == 403 ? KITH_E_DENIED : KITH_E_NETWORK,
                     "the relay answered with HTTP %ld", code);
}

kith_status kith_sync_wait(kith_replica *replica, uint32_t seconds, kith_sync_function progress,
                           void *user, uint32_t *is_new_out)
{
    enum { SECONDS_MAX = 300 };
    char target[128];
    char url[KITH_RELAY_URL_BYTES_MAX + sizeof target];
    char authorization[32 + KITH_AUTHORIZATION_SIZE];
    long code = 0;
    const kith_space *space = &replica->space;
    transfer t = {.replica = replica, .progress = progress, .user = user};
    *is_new_out = 0;
    KITH_TRY(kith_engine_notice(replica));
    KITH_ENSURE(space->exists && space->relay[0] != '\0' && seconds >= 1 && seconds <= SECONDS_MAX,
                kith_fail(&replica->cx, KITH_E_STATE, "there is no relay to wait for"));
    write_target(space, seconds, target, sizeof target);
    size_t length = strlen(space->relay);
    length -= length > 0 && space->relay[length - 1] == '/';
    (void)snprintf(url, sizeof url, "%.*s%s", (int)length, space->relay, target);
    KITH_TRY(sign_wait(replica, target, authorization, sizeof authorization));
    kith_status status = open_transfer(&t, (long)seconds + STALL_SECONDS);
    if (status == KITH_OK) {
        status = perform(&t, url, authorization, false, &code);
    }
    curl_easy_cleanup(t.curl);
    return status == KITH_OK ? judge_wait(replica, code, is_new_out) : status;
}
