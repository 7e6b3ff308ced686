/* GET /v1/wait: a request that is answered when a space grows. Its connection is suspended
 * meanwhile and costs no thread. SPDX-License-Identifier: Apache-2.0 */
#include "server/http/request.h"

#include <stdlib.h>

#include "base/limits.h"

enum { SECONDS_DEFAULT = 60, SECONDS_MAX = 300 };

static int64_t monotonic(const kithd_server *server)
{
    const kith_env *env = kithd_relay_env(server->relay);
    return env->monotonic_ms(env->user);
}

/* The spaces that a query names, with the positions it knows. */
typedef struct wait_query {
    kith_space_id spaces[KITHD_WAIT_SPACES_MAX];
    uint64_t cursors[KITHD_WAIT_SPACES_MAX];
    size_t count;
    long seconds;
    bool is_bad;
} wait_query;

static int digit_of(char letter)
{
    return letter >= '0' && letter <= '9'   ? letter - '0'
           : letter >= 'a' && letter <= 'f' ? letter - 'a' + 10
                                            : -1;
}

static bool read_space(const char *text, kith_space_id *space)
{
    if (strlen(text) != 2 * KITH_SPACE_ID_BYTES) {
        return false;
    }
    for (size_t i = 0; i < KITH_SPACE_ID_BYTES; i++) {
        int high = digit_of(text[2 * i]);
        int low = digit_of(text[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        space->bytes[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static enum MHD_Result read_argument(void *user, enum MHD_ValueKind kind, const char *name,
                                     const char *value)
{
    wait_query *query = user;
    char *end = NULL;
    unsigned long long number = value == NULL ? 0 : strtoull(value, &end, 10);
    (void)kind;
    bool is_number = value != NULL && end != value && *end == '\0' && number <= INT64_MAX;
    if (is_number && strcmp(name, "seconds") == 0) {
        query->seconds = number > SECONDS_MAX ? SECONDS_MAX : (long)number;
        return MHD_YES;
    }
    if (!is_number || query->count == KITHD_WAIT_SPACES_MAX ||
        !read_space(name, &query->spaces[query->count])) {
        query->is_bad = true;
        return MHD_NO;
    }
    query->cursors[query->count++] = number;
    return MHD_YES;
}

/* True if a space has what the device lacks; the failure is set if it is none of its members. */
static bool has_news(kithd_request *request, kithd_store *store, const wait_query *query,
                     const uint8_t key[KITH_KEY_BYTES])
{
    bool found = false;
    for (size_t i = 0; i < query->count; i++) {
        kithd_space row;
        kith_charter *charter = NULL;
        const uint64_t *joined = NULL;
        kith_space_id space = query->spaces[i];
        if (kithd_space_get(store, space, &row) != KITH_OK ||
            kithd_charter_hold(request->server->relay, store, space, &charter, &joined) !=
                KITH_OK) {
            request->failure = KITH_E_DENIED;
            return false;
        }
        bool is_member = kith_charter_may(charter, key, KITH_ROLE_READER);
        kithd_charter_release(request->server->relay);
        if (!is_member) {
            request->failure = KITH_E_DENIED;
            return false;
        }
        found = found || row.position > query->cursors[i];
    }
    return found;
}

static bool look(kithd_request *request, const wait_query *query, const uint8_t key[KITH_KEY_BYTES])
{
    kithd_store *store = NULL;
    kith_context cx = {.env = *kithd_relay_env(request->server->relay)};
    request->failure_code = MHD_HTTP_FORBIDDEN;
    request->failure_text = "the device is no member of the space";
    if (kithd_relay_borrow(request->server->relay, &cx, &store) != KITH_OK) {
        request->failure = KITH_E_BUSY;
        request->failure_code = MHD_HTTP_SERVICE_UNAVAILABLE;
        request->failure_text = "the relay is busy; try again";
        return false;
    }
    bool found = has_news(request, store, query, key);
    kithd_relay_return(request->server->relay, store);
    return found;
}

static size_t bucket_of(kith_space_id space)
{
    return space.bytes[0]; /* a hash already */
}

/* Puts the request into the buckets. */
static void enrol(kithd_request *request, const wait_query *query)
{
    kithd_server *server = request->server;
    (void)pthread_mutex_lock(&server->wait_lock);
    for (size_t i = 0; i < query->count; i++) {
        kithd_wait *wait = &request->waits[i];
        kithd_wait **bucket = &server->waits[bucket_of(query->spaces[i])];
        *wait = (kithd_wait){query->spaces[i], request, *bucket, bucket};
        if (*bucket != NULL) {
            (*bucket)->link = &wait->next;
        }
        *bucket = wait;
    }
    request->wait_count = query->count;
    server->wait_count++;
    (void)pthread_mutex_unlock(&server->wait_lock);
}

void kithd_wait_forget(kithd_request *request)
{
    kithd_server *server = request->server;
    if (request->wait_count == 0) {
        return;
    }
    (void)pthread_mutex_lock(&server->wait_lock);
    for (size_t i = 0; i < request->wait_count; i++) {
        kithd_wait *wait = &request->waits[i];
        *wait->link = wait->next;
        if (wait->next != NULL) {
            wait->next->link = wait->link;
        }
    }
    request->wait_count = 0;
    server->wait_count--;
    (void)pthread_mutex_unlock(&server->wait_lock);
}

/* The lock is held. */
static void wake(kithd_request *request, bool is_timed_out, struct MHD_Connection **resumed_out)
{
    *resumed_out = NULL;
    request->is_woken = true;
    request->is_timed_out = is_timed_out;
    if (request->is_suspended) {
        request->is_suspended = false;
        *resumed_out = request->connection;
    }
}

void kithd_wait_wake(void *user, kith_space_id space)
{
    kithd_server *server = user;
    (void)pthread_mutex_lock(&server->wait_lock);
    for (kithd_wait *wait = server->waits[bucket_of(space)]; wait != NULL; wait = wait->next) {
        struct MHD_Connection *resumed = NULL;
        if (kith_space_id_equal(wait->space, space) && !wait->request->is_woken) {
            wake(wait->request, false, &resumed);
        }
        if (resumed != NULL) {
            MHD_resume_connection(resumed);
        }
    }
    (void)pthread_mutex_unlock(&server->wait_lock);
}

void kithd_wait_expire(kithd_server *server, bool all)
{
    int64_t now_ms = monotonic(server);
    (void)pthread_mutex_lock(&server->wait_lock);
    for (size_t i = 0; i < KITHD_WAIT_BUCKETS; i++) {
        for (kithd_wait *wait = server->waits[i]; wait != NULL; wait = wait->next) {
            struct MHD_Connection *resumed = NULL;
            kithd_request *request = wait->request;
            if (!request->is_woken && (all || now_ms >= request->wait_until_ms)) {
                wake(request, true, &resumed);
            }
            if (resumed != NULL) {
                MHD_resume_connection(resumed);
            }
        }
    }
    (void)pthread_mutex_unlock(&server->wait_lock);
}

static enum MHD_Result finish(kithd_request *request, struct MHD_Connection *connection,
                              bool is_new)
{
    kith_slice nothing = {NULL, 0};
    kithd_wait_forget(request);
    return kithd_request_say(request, connection, is_new ? MHD_HTTP_OK : MHD_HTTP_NO_CONTENT,
                             "text/plain", nothing);
}

/* Suspends the connection unless it was woken since it was enrolled. */
static bool suspend(kithd_request *request, struct MHD_Connection *connection)
{
    kithd_server *server = request->server;
    (void)pthread_mutex_lock(&server->wait_lock);
    bool waits = !request->is_woken && !server->is_stopping;
    if (waits) {
        request->is_suspended = true;
        request->connection = connection;
        kithd_paced_exempt(request->paced);
        MHD_suspend_connection(connection);
    }
    (void)pthread_mutex_unlock(&server->wait_lock);
    return waits;
}

enum MHD_Result kithd_wait_call(kithd_request *request, struct MHD_Connection *connection)
{
    kith_request_proof proof;
    wait_query query = {.seconds = SECONDS_DEFAULT};
    if (request->is_begun) {
        return finish(request, connection, request->is_woken && !request->is_timed_out);
    }
    request->is_begun = true;
    if (!kithd_request_prove(request, connection, "GET", &proof)) {
        return kithd_request_fail(request, connection);
    }
    (void)MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, read_argument, &query);
    if (query.is_bad || query.count == 0) {
        request->failure = KITH_E_SYNTAX;
        request->failure_code = MHD_HTTP_BAD_REQUEST;
        request->failure_text = "a wait names spaces and positions";
        return kithd_request_fail(request, connection);
    }
    request->wait_until_ms = monotonic(request->server) + query.seconds * 1000;
    /* Enrolled before it looks: news in between wake it. */
    enrol(request, &query);
    bool is_new = look(request, &query, proof.key);
    if (request->failure != KITH_OK) {
        kithd_wait_forget(request);
        return kithd_request_fail(request, connection);
    }
    if (!is_new && suspend(request, connection)) {
        return MHD_YES;
    }
    return finish(request, connection, is_new || !request->is_timed_out);
}
