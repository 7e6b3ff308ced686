/* A request under way; what the files of this folder share. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITHD_HTTP_REQUEST_H
#define KITHD_HTTP_REQUEST_H

#include <microhttpd.h>
#include <pthread.h>

#include "server/api/session.h"
#include "server/http/guard.h"
#include "server/http/pace.h"
#include "server/http/server.h"

/* Waiting requests stand in buckets by their space. */
enum { KITHD_WAIT_BUCKETS = 256, KITHD_WAIT_SPACES_MAX = 16 };

typedef struct kithd_wait kithd_wait;

struct kithd_server {
    kithd_relay *relay;
    kith_context cx;
    struct MHD_Daemon *daemon;
    kithd_guard *guard;
    kithd_pace *pace;
    bool guards_addresses;     /* they are the clients' own, not a proxy's */
    atomic_uint request_count; /* under way */
    pthread_mutex_t wait_lock;
    kithd_wait *waits[KITHD_WAIT_BUCKETS];
    size_t wait_count;
    pthread_t ticker;
    pthread_cond_t tick;
    bool is_stopping;
};

/* A request that waits for news of a space, in one bucket for each of its spaces. */
struct kithd_wait {
    kith_space_id space;
    struct kithd_request *request;
    kithd_wait *next;
    kithd_wait **link; /* what points to it */
};

typedef struct kithd_request {
    kithd_server *server;
    kithd_paced *paced; /* its connection; may be NULL */
    char *target;       /* path with query, as it was sent */
    bool is_begun;
    bool is_answered;
    int64_t begun_ms;
    kithd_session *session; /* of a sync */
    bool is_handed_in;      /* what it brought is being stored, or is */
    kith_status failure;    /* why there is none */
    unsigned failure_code;  /* of HTTP */
    const char *failure_text;
    uint64_t received;
    uint64_t sent;
    kithd_wait waits[KITHD_WAIT_SPACES_MAX];
    size_t wait_count;
    int64_t wait_until_ms;             /* by the monotonic clock */
    struct MHD_Connection *connection; /* while it is suspended */
    bool is_suspended;
    bool is_woken;
    bool is_timed_out;
} kithd_request;

/** Proves a request: its signature, time, nonce, rate. On failure the request's failure is set. */
bool kithd_request_prove(kithd_request *request, struct MHD_Connection *connection,
                         const char *method, kith_request_proof *proof_out);

/** Answers with a failure's frames. */
enum MHD_Result kithd_request_fail(kithd_request *request, struct MHD_Connection *connection);

/** Answers with a code and a text. */
enum MHD_Result kithd_request_say(kithd_request *request, struct MHD_Connection *connection,
                                  unsigned code, const char *type, kith_slice text);

/** One call of MHD's for a sync. */
enum MHD_Result kithd_sync_call(kithd_request *request, struct MHD_Connection *connection,
                                const char *data, size_t *length);

/** The call of MHD's for a wait: suspends the connection, or answers. */
enum MHD_Result kithd_wait_call(kithd_request *request, struct MHD_Connection *connection);

/** Takes a request out of the buckets, when it is answered or gone. */
void kithd_wait_forget(kithd_request *request);

/** Wakes those who wait for a space: a function for kithd_relay_watch(). */
void kithd_wait_wake(void *user, kith_space_id space);

/** Wakes those whose time is up, or all. */
void kithd_wait_expire(kithd_server *server, bool all);

#endif
