/* Sync: bringing a replica and its relay level.
 *
 * kith_sync_run() does it over HTTP with libcurl. A host with a network stack of its own drives the
 * same machine by hand: kith_sync_begin(), then for each request the machine wants, its address,
 * headers and body out and the answer in.
 *
 * Everything a sync has received is durable as it arrives, so it can be broken off at any byte and
 * loses nothing; the next one goes on from there. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_SYNC_H
#define KITH_SYNC_H

#include <kith/space.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How far a sync is. */
typedef struct kith_sync_progress {
    uint32_t struct_size;
    uint32_t request_count; /* begun so far */
    uint64_t sent_bytes;    /* of segments and entries */
    uint64_t to_send_bytes; /* that there are to send in all */
    uint64_t received_bytes;
    uint64_t received_changes; /* applied and durable */
    uint64_t set_aside_count;  /* segments that wait or could not be read */
    uint64_t position;         /* of what was received last at the relay … */
    uint64_t last_position;    /* … and of what it has */
    uint32_t failed_count;     /* replicas that could not be synced … */
    uint32_t first_failed;     /* … and the index of the first; its replica says why */
    int64_t relay_time_ms;     /* the relay's clock, since 1970, when it answered last; 0 before */
    uint32_t was_restored;     /* 1 if this device had been put back from a backup, or copied: it
                                  has its own changes back and goes on as a new author */
    uint32_t had_relay_lost;   /* 1 if the relay had lost something, and was told what is here */
} kith_sync_progress;

typedef struct kith_sync kith_sync;

/** Spaces that can be synced together. */
#define KITH_SYNC_SPACES_MAX 16

/** Begins a sync of one or more replicas: spaces of one device at one relay, which take one request
 *  together. One at a time on a replica; the replicas may be used between its calls, on the same
 *  thread. What is wrong with one space does not stop the others.
 *
 *  @param replicas  1 … KITH_SYNC_SPACES_MAX
 *  @return KITH_OK; KITH_E_STATE without a space or relay, or if one is going on; KITH_E_ARGUMENT
 *          if they do not belong together; storage statuses. The first replica has the detail. */
KITH_API KITH_MUST_USE kith_status kith_sync_begin(kith_replica *const *replicas, size_t count,
                                                   kith_sync **sync_out);
/** Ends it, finished or not; NULL is fine. */
KITH_API void kith_sync_end(kith_sync *sync);

/** The next request.
 *
 *  @param url_out     where to POST to; borrowed until the next call of this
 *  @param header_out  the whole line "Authorization: …"; borrowed likewise
 *  @return KITH_OK; KITH_E_NOT_FOUND when there is nothing more to ask: the sync is done; if a
 *          space could not be synced, why: progress tells which; storage statuses */
KITH_API KITH_MUST_USE kith_status kith_sync_next_request(kith_sync *sync, const char **url_out,
                                                          const char **header_out);

/** The body's length, if it is known before it is made; else -1, and the body goes out chunked. */
KITH_API int64_t kith_sync_request_length(kith_sync *sync);

/** Takes the next bytes of the request's body.
 *
 *  @param length_out  0 at its end
 *  @return KITH_OK; storage statuses */
KITH_API KITH_MUST_USE kith_status kith_sync_read_request(kith_sync *sync, uint8_t *out,
                                                          size_t capacity, size_t *length_out);

/** Hands over the next bytes of the answer, as they come.
 *
 *  @return KITH_OK; KITH_E_DAMAGED if the relay answers nonsense; storage statuses. After a failure
 *          the sync is to be ended. */
KITH_API KITH_MUST_USE kith_status kith_sync_put_answer(kith_sync *sync, kith_slice bytes);

/** Says that the answer has ended.
 *
 *  @param http_code  0 if the connection broke, or none came about
 *  @return KITH_OK: ask for the next request; KITH_E_NETWORK if it broke or the relay is busy; if
 *          no space can be synced, why the first cannot: KITH_E_BUSY if another admin changed the
 *          membership first, KITH_E_DENIED, KITH_E_QUOTA … as the relay says; storage statuses */
KITH_API KITH_MUST_USE kith_status kith_sync_end_answer(kith_sync *sync, int32_t http_code);

KITH_API void kith_sync_read_progress(const kith_sync *sync, kith_sync_progress *progress_out);

/** SHA-256 of the public key that the relay must show, 32 bytes; NULL if a certificate authority is
 *  to vouch for it. Lives as long as the sync. */
KITH_API const uint8_t *kith_sync_pin(const kith_sync *sync);

/** Called now and then during kith_sync_run(), at least once a second. It must not use the replica.
 *
 *  @return KITH_OK to go on; anything else stops, and the call answers KITH_E_STOPPED */
typedef kith_status (*kith_sync_function)(void *user, const kith_sync_progress *progress);

typedef struct kith_sync_options {
    uint32_t struct_size;
    uint32_t tries;              /* how often a broken request is repeated; 0 for 5 */
    kith_sync_function progress; /* may be NULL */
    void *user;
} kith_sync_options;

#define KITH_SYNC_OPTIONS_INIT                   \
    {                                            \
        sizeof(kith_sync_options), 0, NULL, NULL \
    }

/** Syncs over HTTP: one request if nothing is amiss, for all replicas whose spaces are at one
 *  relay. A broken transfer is taken up again where it broke, after pauses that are short and grow.
 *
 *  @param replicas      of one device, each with a space of its own
 *  @param options       NULL for the defaults
 *  @param progress_out  what came of it, also on failure; may be NULL
 *  @return KITH_OK; else why the first replica could not be synced that could not, which
 *          progress_out tells and which has the detail: KITH_E_NETWORK if the relay could not be
 *          reached (nothing is lost, try later); KITH_E_DENIED; KITH_E_QUOTA; KITH_E_FORKED;
 *          KITH_E_STATE without a space or relay, or if the library was built without a transport;
 *          KITH_E_STOPPED; storage statuses */
KITH_API KITH_MUST_USE kith_status kith_sync_run(kith_replica *const *replicas, size_t count,
                                                 const kith_sync_options *options,
                                                 kith_sync_progress *progress_out);

/** Waits until the relay has something new for any of the replicas, for at most so many seconds
 *  (1 … 300). Replicas whose spaces are at another relay than the first one's are not waited for.
 *
 *  @param is_new_out  1 if it has
 *  @return KITH_OK; KITH_E_NETWORK; KITH_E_DENIED; KITH_E_ARGUMENT; KITH_E_STATE; KITH_E_STOPPED.
 *          The first replica has the detail. */
KITH_API KITH_MUST_USE kith_status kith_sync_wait(kith_replica *const *replicas, size_t count,
                                                  uint32_t seconds, kith_sync_function progress,
                                                  void *user, uint32_t *is_new_out);

#ifdef __cplusplus
}
#endif

#endif
