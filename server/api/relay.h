/* The relay: what its requests share. Any thread may use it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITHD_API_RELAY_H
#define KITHD_API_RELAY_H

#include "server/api/commit.h"
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

/** Puts a batch into the store, in one transaction with those of others that wait, and tells the
 *  news.
 *
 *  @return KITH_OK, with each item's status; storage statuses, with nothing of it stored */
KITH_MUST_USE kith_status kithd_relay_commit(kithd_relay *relay, kithd_store *store,
                                             kithd_batch *batch);

/** Has a thread of the relay's own run all transactions from now on, until _stop(), which ends what
 *  was handed in. Without it, threads that commit do that themselves. */
KITH_MUST_USE kith_status kithd_relay_start(kithd_relay *relay);
void kithd_relay_stop(kithd_relay *relay);

/** As kithd_committer_hand_in(); the news are for the caller to tell when it is done. */
bool kithd_relay_hand_in(kithd_relay *relay, kithd_ticket *ticket);
void kithd_relay_tell_batch(kithd_relay *relay, const kithd_batch *batch);

/** Figures for /metrics. */
kithd_figures kithd_relay_figures(kithd_relay *relay);
void kithd_relay_count_refusal(kithd_relay *relay);

#endif
