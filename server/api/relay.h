/* The relay: what its requests share. Any thread may use it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITHD_API_RELAY_H
#define KITHD_API_RELAY_H

#include "server/store/store.h"
#include "space/charter.h"

typedef struct kithd_options {
    const char *folder;
    bool is_open;          /* spaces are founded without a token */
    uint64_t quota;        /* bytes of a space without one of its own */
    uint64_t device_quota; /* the same of a device in a space; 0 for none */
    const kith_env *env;   /* NULL for the platform's */
} kithd_options;

typedef struct kithd_relay kithd_relay;

KITH_MUST_USE kith_status kithd_relay_open(const kithd_options *options, kithd_relay **relay_out,
                                           kith_error *error);
/** No session may be open. */
void kithd_relay_close(kithd_relay *relay);

const kith_env *kithd_relay_env(const kithd_relay *relay);
const kithd_options *kithd_relay_options(const kithd_relay *relay);

/** Called when a space has grown, on the thread that made it so, with no lock held. It is set while
 *  no session is open. */
typedef void (*kithd_news_function)(void *user, kith_space_id space);
void kithd_relay_watch(kithd_relay *relay, kithd_news_function function, void *user);
void kithd_relay_tell(kithd_relay *relay, kith_space_id space);

/** Lends a connection to the store, its failures going to `cx`. KITH_E_BUSY if too many are lent.
 *  The caller gives it back. */
KITH_MUST_USE kith_status kithd_relay_borrow(kithd_relay *relay, kith_context *cx,
                                             kithd_store **store_out);
void kithd_relay_return(kithd_relay *relay, kithd_store *store);

/** Counts a session in, which lives until it is counted out. KITH_E_BUSY if there are too many. */
KITH_MUST_USE kith_status kithd_relay_admit(kithd_relay *relay);
void kithd_relay_dismiss(kithd_relay *relay);

/** A space's charter, read or brought up to date; held until kithd_charter_release(), during which
 *  nobody else has any. `joined_out` are the space's positions when the entries came, by their
 *  number less one. KITH_E_NOT_FOUND. */
KITH_MUST_USE kith_status kithd_charter_hold(kithd_relay *relay, kithd_store *store,
                                             kith_space_id space, kith_charter **charter_out,
                                             const uint64_t **joined_out);
void kithd_charter_release(kithd_relay *relay);

/** Takes an entry: judges it, stores it durably, tells the news. `founds_with` is a token, or
 * empty.
 *
 *  @return as kith_charter_apply(); KITH_E_DENIED also for an expired invite or a bad token;
 *          KITH_E_LIMIT; storage statuses. The detail is in the store's context. */
KITH_MUST_USE kith_status kithd_charter_take(kithd_relay *relay, kithd_store *store,
                                             kith_space_id space, kith_slice entry,
                                             kith_slice founds_with);

/** A segment on its way into the store, and what became of it. */
typedef struct kithd_item {
    kith_space_id space;
    kith_author_id author;
    uint8_t device[KITH_KEY_BYTES]; /* that signed it */
    uint64_t number;
    uint8_t previous[KITH_HASH_BYTES];
    uint8_t header[KITH_HASH_BYTES];
    size_t start; /* of its bytes in the batch */
    size_t length;
    kith_status status;  /* KITH_OK: durable; KITH_E_GAP, KITH_E_FORKED, KITH_E_QUOTA */
    bool is_device_full; /* with KITH_E_QUOTA: the device has no room left, rather than the space */
    uint64_t position;   /* that it was given; 0 if it was there before, or has none */
    uint64_t head;       /* of the author, afterwards, and the hash of its header */
    uint8_t head_header[KITH_HASH_BYTES];
} kithd_item;

typedef struct kithd_batch {
    kithd_item *items;
    size_t count;
    size_t capacity;
    kith_buf bytes;
} kithd_batch;

/** Puts a batch into the store, in one transaction with those of other threads that wait.
 *
 *  @return KITH_OK, with each item's status; storage statuses, with nothing of it stored */
KITH_MUST_USE kith_status kithd_relay_commit(kithd_relay *relay, kithd_store *store,
                                             kithd_batch *batch);

/** Figures for /metrics. */
typedef struct kithd_figures {
    uint64_t segments_accepted;
    uint64_t bytes_accepted;
    uint64_t commits; /* of batches, of which each may be of many requests */
    uint64_t refusals;
} kithd_figures;
kithd_figures kithd_relay_figures(kithd_relay *relay);
void kithd_relay_count_refusal(kithd_relay *relay);

#endif
