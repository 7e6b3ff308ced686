/* POST /v1/sync: the body goes into a session as it comes, the answer out of it as it is taken.
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/http/request.h"

/* Bodies that are only passed over: a client reads our answer when it has sent all of its. */
enum { PASSED_BYTES_MAX = 4 * 1024 * 1024 };

/* An answer that is no longer goes out with its length. */
enum { WHOLE_BYTES = 32 * 1024, BLOCK_BYTES = 32 * 1024 };

static void begin(kithd_request *request, struct MHD_Connection *connection)
{
    kith_request_proof proof;
    if (!kithd_request_prove(request, connection, "POST", &proof)) {
        return;
    }
    request->failure = kithd_session_open(request->server->relay, proof.key, &request->session);
    request->failure_code = MHD_HTTP_SERVICE_UNAVAILABLE;
    request->failure_text = "the relay is busy; try again";
}

static ssize_t read_more(void *user, uint64_t position, char *out, size_t capacity)
{
    kithd_request *request = user;
    size_t length = 0;
    (void)position;
    kith_status status = kithd_session_read(request->session, (uint8_t *)out, capacity, &length);
    if (status != KITH_OK) {
        return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    request->sent += length;
    kithd_paced_count(request->paced, length);
    return length == 0 ? MHD_CONTENT_READER_END_OF_STREAM : (ssize_t)length;
}

/* What a streamed answer begins with, and the request whose rest follows. */
typedef struct streaming {
    kith_context cx; /* the request may be gone when the answer is done with */
    kithd_request *request;
    size_t length;
    size_t taken;
    uint8_t start[WHOLE_BYTES];
} streaming;

static ssize_t read_stream(void *user, uint64_t position, char *out, size_t capacity)
{
    streaming *s = user;
    size_t left = s->length - s->taken;
    if (left == 0) {
        return read_more(s->request, position, out, capacity);
    }
    size_t length = left < capacity ? left : capacity;
    memcpy(out, s->start + s->taken, length);
    s->taken += length;
    s->request->sent += length;
    kithd_paced_count(s->request->paced, length);
    return (ssize_t)length;
}

static void end_stream(void *user)
{
    streaming *s = user;
    kith_context cx = s->cx;
    kith_free(&cx, s);
}

/* Reads as much as goes out with a length. */
static kith_status read_start(streaming *s, bool *is_whole_out)
{
    size_t length = 1;
    *is_whole_out = false;
    while (length > 0 && s->length < sizeof s->start) {
        KITH_TRY(kithd_session_read(s->request->session, s->start + s->length,
                                    sizeof s->start - s->length, &length));
        s->length += length;
    }
    *is_whole_out = length == 0;
    return KITH_OK;
}

static enum MHD_Result answer(kithd_request *request, struct MHD_Connection *connection)
{
    kith_context cx = {.env = *kithd_relay_env(request->server->relay)};
    streaming *s = kith_allocate(&cx, sizeof *s);
    bool is_whole = false;
    if (s == NULL) {
        return MHD_NO;
    }
    s->cx = cx;
    s->request = request;
    if (read_start(s, &is_whole) != KITH_OK) {
        kith_free(&cx, s);
        request->failure = KITH_E_BUSY;
        request->failure_code = MHD_HTTP_SERVICE_UNAVAILABLE;
        request->failure_text = "the relay could not read what it has; try again";
        return kithd_request_fail(request, connection);
    }
    struct MHD_Response *response = NULL;
    if (is_whole) {
        request->sent += s->length;
        kithd_paced_count(request->paced, s->length);
        response = MHD_create_response_from_buffer(s->length, s->start, MHD_RESPMEM_MUST_COPY);
        kith_free(&cx, s);
    } else {
        response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, read_stream, s,
                                                     end_stream);
    }
    if (response == NULL) {
        return MHD_NO;
    }
    request->is_answered = true;
    enum MHD_Result result = MHD_queue_response(connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return result;
}

static void resume(void *user)
{
    MHD_resume_connection(user);
}

/* This thread serves others while the disk is waited for. The connection is suspended first: it may
 * be resumed before the call that hands in returns. */
static enum MHD_Result store(kithd_request *request, struct MHD_Connection *connection)
{
    MHD_suspend_connection(connection);
    if (!kithd_session_hand_in(request->session, resume, connection)) {
        MHD_resume_connection(connection);
    }
    return MHD_YES;
}

enum MHD_Result kithd_sync_call(kithd_request *request, struct MHD_Connection *connection,
                                const char *data, size_t *length)
{
    if (!request->is_begun) {
        request->is_begun = true;
        begin(request, connection);
        return MHD_YES;
    }
    if (*length > 0) {
        kith_slice bytes = kith_slice_make(data, *length);
        request->received += *length;
        kithd_paced_count(request->paced, *length);
        *length = 0;
        if (request->session == NULL) {
            return request->received > PASSED_BYTES_MAX ? MHD_NO : MHD_YES;
        }
        return kithd_session_put(request->session, bytes) == KITH_OK ? MHD_YES : MHD_NO;
    }
    if (request->session == NULL) {
        return kithd_request_fail(request, connection);
    }
    if (!request->is_handed_in && kithd_session_has_unstored(request->session)) {
        request->is_handed_in = true;
        return store(request, connection);
    }
    kithd_session_finish(request->session);
    return answer(request, connection);
}
