/* SPDX-License-Identifier: Apache-2.0 */
#include "server/http/server.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "server/http/request.h"

/* A connection's own memory: headers, and a piece of a body. 10,000 that wait have 60 MB in all. */
enum { CONNECTION_BYTES = 6144, CONNECTIONS = 12000 };

/* A thread that commits waits for the disk, and the next transaction is of all who came meanwhile:
 * more threads than processors make more of each fsync. */
enum { THREADS_MIN = 2, THREADS_DEFAULT = 16 };

/* Connections from one address: many phones share one of their carrier's. */
enum { ADDRESS_CONNECTIONS = 2000 };

/* How often those who wait are looked through; how long starts of segments are kept. */
enum { TICK_MS = 500, STAGED_MS = 24 * 3600 * 1000, STAGED_TICKS = 7200 };

static int64_t now_ms(const kithd_server *server)
{
    const kith_env *env = kithd_relay_env(server->relay);
    return env->wall_ms(env->user);
}

/* MHD shows the target as it came, before it takes it apart: what the device has signed. */
static void *begin_request(void *user, const char *target, struct MHD_Connection *connection)
{
    kithd_server *server = user;
    kith_context cx = {.env = *kithd_relay_env(server->relay)};
    size_t length = strlen(target);
    kithd_request *request = kith_allocate(&cx, sizeof *request + length + 1);
    if (request != NULL) {
        request->server = server;
        request->target = (char *)(request + 1);
        memcpy(request->target, target, length + 1);
        request->begun_ms = now_ms(server);
        request->paced = kithd_paced_of(connection);
        kithd_paced_restart(request->paced);
        (void)atomic_fetch_add(&server->request_count, 1);
    }
    return request;
}

static void note_request(const kithd_request *request)
{
    kith_context cx = {.env = *kithd_relay_env(request->server->relay)};
    size_t path_length = strcspn(request->target, "?");
    kith_note(&cx, KITH_LOG_INFO,
              "\"path\":\"%.*s\",\"status\":\"%s\",\"ms\":%lld,\"received\":%llu,\"sent\":%llu",
              path_length > 40 ? 40 : (int)path_length, request->target,
              kith_status_name(request->failure),
              (long long)(now_ms(request->server) - request->begun_ms),
              (unsigned long long)request->received, (unsigned long long)request->sent);
}

static void end_request(void *user, struct MHD_Connection *connection, void **slot,
                        enum MHD_RequestTerminationCode how)
{
    kithd_request *request = *slot;
    (void)user;
    (void)connection;
    (void)how;
    if (request == NULL) {
        return;
    }
    *slot = NULL;
    kithd_wait_forget(request);
    if (request->session != NULL && !request->is_answered) {
        kithd_session_break(request->session);
    }
    kithd_session_close(request->session);
    if (strncmp(request->target, "/v1/", 4) == 0) {
        note_request(request);
    }
    kithd_paced_restart(request->paced);
    (void)atomic_fetch_sub(&request->server->request_count, 1);
    kith_context cx = {.env = *kithd_relay_env(request->server->relay)};
    kith_free(&cx, request);
}

static kith_status judge_address(kithd_server *server, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *address = info == NULL ? NULL : info->client_addr;
    if (!server->guards_addresses || address == NULL) {
        return KITH_OK;
    }
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    if (address->sa_family == AF_INET6) {
        memcpy(&v6, address, sizeof v6);
        return kithd_guard_judge_address(
            server->guard, kith_slice_make(&v6.sin6_addr, sizeof v6.sin6_addr), now_ms(server));
    }
    memcpy(&v4, address, sizeof v4);
    return kithd_guard_judge_address(
        server->guard, kith_slice_make(&v4.sin_addr, sizeof v4.sin_addr), now_ms(server));
}

/* Cheapest first: where it comes from, then its signature, then its time, nonce and rate. */
static kith_status judge_request(kithd_request *request, struct MHD_Connection *connection,
                                 const char *method, kith_request_proof *proof_out)
{
    kithd_server *server = request->server;
    kith_context cx = {.env = *kithd_relay_env(server->relay)};
    const char *value =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_AUTHORIZATION);
    KITH_TRY(judge_address(server, connection));
    KITH_ENSURE(value != NULL, KITH_E_DENIED);
    KITH_TRY(kith_request_verify(&cx, method, request->target, value, proof_out));
    return kithd_guard_judge(server->guard, proof_out, now_ms(server));
}

bool kithd_request_prove(kithd_request *request, struct MHD_Connection *connection,
                         const char *method, kith_request_proof *proof_out)
{
    request->failure = judge_request(request, connection, method, proof_out);
    bool is_busy = request->failure == KITH_E_BUSY;
    request->failure_code = is_busy ? MHD_HTTP_TOO_MANY_REQUESTS : MHD_HTTP_UNAUTHORIZED;
    request->failure_text = is_busy ? "too many requests; wait a minute"
                            : request->failure == KITH_E_TIME
                                ? "the request's time is not the relay's"
                                : "the request is not signed as it must be, or came before";
    if (request->failure != KITH_OK) {
        kithd_relay_count_refusal(request->server->relay);
    }
    return request->failure == KITH_OK;
}

/* MHD copies the bytes and does not write to them; its parameter lacks the const. */
static void *discard_const(const void *bytes)
{
    void *result = NULL;
    memcpy(&result, &bytes, sizeof result);
    return result;
}

static enum MHD_Result queue(kithd_request *request, struct MHD_Connection *connection,
                             unsigned code, const char *type, kith_slice body)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        body.length, discard_const(body.data), MHD_RESPMEM_MUST_COPY);
    if (response == NULL) {
        return MHD_NO;
    }
    if (body.length > 0) {
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    }
    if (code == MHD_HTTP_TOO_MANY_REQUESTS || code == MHD_HTTP_SERVICE_UNAVAILABLE) {
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, "30");
    }
    request->sent += body.length;
    request->is_answered = true;
    enum MHD_Result result = MHD_queue_response(connection, code, response);
    MHD_destroy_response(response);
    return result;
}

enum MHD_Result kithd_request_say(kithd_request *request, struct MHD_Connection *connection,
                                  unsigned code, const char *type, kith_slice text)
{
    return queue(request, connection, code, type, text);
}

enum MHD_Result kithd_request_fail(kithd_request *request, struct MHD_Connection *connection)
{
    kith_buf out;
    kith_context cx = {.env = *kithd_relay_env(request->server->relay)};
    kith_buf_init(&out, &cx, 4096);
    kithd_write_failure(request->server->relay, request->failure, request->failure_text, &out);
    enum MHD_Result result = queue(request, connection, request->failure_code,
                                   "application/octet-stream", kith_buf_slice(&out));
    kith_buf_deinit(&out);
    return result;
}

/* Prometheus' text format, version 0.0.4. */
static enum MHD_Result say_metrics(kithd_request *request, struct MHD_Connection *connection)
{
    kith_buf out;
    kithd_server *server = request->server;
    kith_context cx = {.env = *kithd_relay_env(server->relay)};
    kithd_figures figures = kithd_relay_figures(server->relay);
    (void)pthread_mutex_lock(&server->wait_lock);
    size_t waiting = server->wait_count;
    (void)pthread_mutex_unlock(&server->wait_lock);
    kith_buf_init(&out, &cx, 8192);
    kith_buf_format(&out,
                    "# TYPE kithd_segments_accepted_total counter\n"
                    "kithd_segments_accepted_total %llu\n"
                    "# TYPE kithd_bytes_accepted_total counter\n"
                    "kithd_bytes_accepted_total %llu\n"
                    "# TYPE kithd_commits_total counter\n"
                    "kithd_commits_total %llu\n"
                    "# TYPE kithd_refusals_total counter\n"
                    "kithd_refusals_total %llu\n"
                    "# TYPE kithd_connections gauge\n"
                    "kithd_connections %zu\n"
                    "# TYPE kithd_waiting gauge\n"
                    "kithd_waiting %zu\n",
                    (unsigned long long)figures.segments_accepted,
                    (unsigned long long)figures.bytes_accepted, (unsigned long long)figures.commits,
                    (unsigned long long)figures.refusals, kithd_pace_connections(server->pace),
                    waiting);
    enum MHD_Result result =
        queue(request, connection, MHD_HTTP_OK, "text/plain; version=0.0.4", kith_buf_slice(&out));
    kith_buf_deinit(&out);
    return result;
}

static enum MHD_Result handle(void *user, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *data,
                              size_t *length, void **slot)
{
    kithd_request *request = *slot;
    (void)user;
    (void)version;
    if (request == NULL) {
        return MHD_NO; /* no memory when it began */
    }
    bool is_post = strcmp(method, "POST") == 0;
    bool is_get = strcmp(method, "GET") == 0;
    if (is_post && strcmp(url, "/v1/sync") == 0) {
        return kithd_sync_call(request, connection, data, length);
    }
    if (*length > 0) {
        *length = 0; /* a body where none belongs */
        return MHD_YES;
    }
    if (is_get && strcmp(url, "/v1/wait") == 0) {
        return kithd_wait_call(request, connection);
    }
    if (is_get && strcmp(url, "/healthz") == 0) {
        return queue(request, connection, MHD_HTTP_OK, "text/plain", kith_slice_of("ok\n"));
    }
    if (is_get && strcmp(url, "/metrics") == 0) {
        return say_metrics(request, connection);
    }
    return queue(request, connection, MHD_HTTP_NOT_FOUND, "text/plain",
                 kith_slice_of("there is nothing here\n"));
}

static void expire_staged(kithd_server *server)
{
    kithd_store *store = NULL;
    kith_context cx = {.env = *kithd_relay_env(server->relay)};
    if (kithd_relay_borrow(server->relay, &cx, &store) != KITH_OK) {
        return;
    }
    if (kithd_staged_expire(store, now_ms(server) - STAGED_MS) != KITH_OK) {
        kith_note(&cx, KITH_LOG_WARNING, "\"event\":\"old starts of segments were not removed\"");
    }
    kithd_relay_return(server->relay, store);
}

static void *run_ticker(void *user)
{
    kithd_server *server = user;
    bool is_stopping = false;
    for (unsigned tick = 0; !is_stopping; tick++) {
        struct timespec until;
        (void)clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += (long)TICK_MS * 1000000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        (void)pthread_mutex_lock(&server->wait_lock);
        if (!server->is_stopping) {
            (void)pthread_cond_timedwait(&server->tick, &server->wait_lock, &until);
        }
        is_stopping = server->is_stopping;
        (void)pthread_mutex_unlock(&server->wait_lock);
        kithd_wait_expire(server, is_stopping);
        kithd_pace_cut(server->pace);
        if (tick % STAGED_TICKS == 0) {
            expire_staged(server);
        }
    }
    return NULL;
}

static bool read_address(const kithd_listen *where, struct sockaddr_storage *address)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(where->port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(where->port)};
    memset(address, 0, sizeof *address);
    if (inet_pton(AF_INET, where->address, &v4.sin_addr) == 1) {
        memcpy(address, &v4, sizeof v4);
        return true;
    }
    if (inet_pton(AF_INET6, where->address, &v6.sin6_addr) == 1) {
        memcpy(address, &v6, sizeof v6);
        return true;
    }
    return false;
}

static unsigned thread_count(const kithd_listen *where)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned wanted = where->threads;
    if (wanted == 0) {
        wanted = processors > THREADS_DEFAULT ? (unsigned)processors : THREADS_DEFAULT;
    }
    return wanted < THREADS_MIN         ? THREADS_MIN
           : wanted < KITHD_THREADS_MAX ? wanted
                                        : KITHD_THREADS_MAX;
}

static struct MHD_Daemon *start_daemon(kithd_server *server, const kithd_listen *where,
                                       struct sockaddr_storage *address)
{
    const kithd_certificate *certificate = where->certificate;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC |
                     (certificate != NULL ? MHD_USE_TLS : 0u) |
                     (address->ss_family == AF_INET6 ? MHD_USE_IPv6 : 0u);
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_KEY, 0, certificate == NULL ? NULL : certificate->key.data},
        {MHD_OPTION_HTTPS_MEM_CERT, 0, certificate == NULL ? NULL : certificate->certificate.data},
        {MHD_OPTION_END, 0, NULL}};
    struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
    return MHD_start_daemon(
        flags, where->port, NULL, NULL, handle, server, MHD_OPTION_SOCK_ADDR, address,
        MHD_OPTION_THREAD_POOL_SIZE, thread_count(where), MHD_OPTION_CONNECTION_LIMIT,
        where->connections > 0 ? where->connections : (unsigned)CONNECTIONS,
        MHD_OPTION_CONNECTION_TIMEOUT, where->timeout + 1, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        server->guards_addresses ? (unsigned)ADDRESS_CONNECTIONS : 0u,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES, MHD_OPTION_URI_LOG_CALLBACK,
        begin_request, server, MHD_OPTION_NOTIFY_COMPLETED, end_request, server,
        MHD_OPTION_NOTIFY_CONNECTION, kithd_pace_notify, server->pace, MHD_OPTION_ARRAY,
        certificate == NULL ? none : tls, MHD_OPTION_END);
}

/* Ends what was started. What is being stored is first, for MHD does not end while a connection is
 * suspended. */
static void end_server(kithd_server *server)
{
    kith_context cx = server->cx;
    kithd_relay_stop(server->relay);
    if (server->daemon != NULL) {
        MHD_stop_daemon(server->daemon);
    }
    kithd_relay_watch(server->relay, NULL, NULL);
    kithd_pace_free(server->pace);
    kithd_guard_free(server->guard);
    (void)pthread_cond_destroy(&server->tick);
    (void)pthread_mutex_destroy(&server->wait_lock);
    kith_free(&cx, server);
}

kith_status kithd_server_start(kithd_relay *relay, const kithd_listen *where,
                               kithd_server **server_out, kith_error *error)
{
    struct sockaddr_storage address;
    kith_context cx = {.env = *kithd_relay_env(relay)};
    *server_out = NULL;
    if (!read_address(where, &address)) {
        return kith_error_set(error, KITH_E_ARGUMENT, KITH_DOMAIN_KITH, 0,
                              "%s is no numeric address", where->address);
    }
    kithd_server *server = kith_allocate(&cx, sizeof *server);
    KITH_ENSURE(server != NULL, KITH_E_MEMORY);
    server->relay = relay;
    server->cx = cx;
    (void)pthread_mutex_init(&server->wait_lock, NULL);
    (void)pthread_cond_init(&server->tick, NULL);
    server->guards_addresses = where->certificate != NULL;
    kith_status status = kithd_guard_new(&server->cx, &server->guard);
    if (status == KITH_OK) {
        status = kithd_pace_new(&server->cx, where->timeout, &server->pace);
    }
    kithd_relay_watch(relay, kithd_wait_wake, server);
    if (status == KITH_OK) {
        status = kithd_relay_start(relay);
    }
    if (status == KITH_OK) {
        server->daemon = start_daemon(server, where, &address);
        status = server->daemon != NULL ? KITH_OK : KITH_E_IO;
    }
    if (status != KITH_OK) {
        end_server(server);
        return kith_error_set(error, status, KITH_DOMAIN_KITH, 0, "%s:%u cannot be listened on",
                              where->address, where->port);
    }
    if (pthread_create(&server->ticker, NULL, run_ticker, server) != 0) {
        end_server(server);
        return kith_error_set(error, KITH_E_IO, KITH_DOMAIN_KITH, 0, "no thread could be started");
    }
    *server_out = server;
    return KITH_OK;
}

uint16_t kithd_server_port(const kithd_server *server)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info == NULL ? 0 : info->port;
}

void kithd_server_stop(kithd_server *server, unsigned seconds)
{
    if (server == NULL) {
        return;
    }
    MHD_socket listener = MHD_quiesce_daemon(server->daemon);
    (void)pthread_mutex_lock(&server->wait_lock);
    server->is_stopping = true;
    (void)pthread_cond_signal(&server->tick);
    (void)pthread_mutex_unlock(&server->wait_lock);
    (void)pthread_join(server->ticker, NULL);
    for (unsigned i = 0; i < seconds * 20 && atomic_load(&server->request_count) > 0; i++) {
        const struct timespec pause = {0, 50000000};
        (void)nanosleep(&pause, NULL);
    }
    end_server(server);
    if (listener != MHD_INVALID_SOCKET) {
        (void)close(listener);
    }
}
