/* Group commit: batches of many requests go into the store in one transaction, with one fsync.
 * While it is under way others gather, and the next is of all of them. Any thread.
 *
 * A thread that serves many connections must not wait for the disk: they would be stored one by
 * one. It hands its batch in, goes on with the others, and is called when the batch is done.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITHD_API_COMMIT_H
#define KITHD_API_COMMIT_H

#include <pthread.h>

#include "server/store/store.h"

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

/** A batch that waits for its transaction. It and the batch stay where they are until it is done.
 */
typedef struct kithd_ticket {
    kithd_batch *batch;
    struct kithd_ticket *next;
    void (*done)(void *user); /* called when it is, from the committer's thread, if not NULL */
    void *user;
    bool is_done;
    kith_status status; /* KITH_OK, with each item's; storage statuses, with nothing of it stored */
} kithd_ticket;

/** Figures for /metrics. */
typedef struct kithd_figures {
    uint64_t segments_accepted;
    uint64_t bytes_accepted;
    uint64_t commits; /* of batches, of which each may be of many requests */
    uint64_t refusals;
} kithd_figures;

typedef struct kithd_committer {
    uint64_t space_quota; /* of who has none of its own; 0 for none */
    uint64_t device_quota;
    pthread_mutex_t lock; /* over everything below */
    pthread_cond_t done;
    pthread_cond_t more;
    kithd_ticket *first; /* waiting, in order */
    kithd_ticket *last;
    bool is_committing;
    bool is_running; /* it has a thread */
    pthread_t thread;
    kithd_store *store; /* the thread's */
    kithd_figures figures;
} kithd_committer;

void kithd_committer_init(kithd_committer *committer, uint64_t space_quota, uint64_t device_quota);
void kithd_committer_deinit(kithd_committer *committer);

/** Starts a thread that runs the transactions, with a store that is its alone until _stop(), which
 *  ends what was handed in. Fine when none was started. */
KITH_MUST_USE kith_status kithd_committer_start(kithd_committer *committer, kithd_store *store);
void kithd_committer_stop(kithd_committer *committer);

/** Commits and waits for it. @return as a ticket's status */
KITH_MUST_USE kith_status kithd_committer_commit(kithd_committer *committer, kithd_store *store,
                                                 kithd_batch *batch);

/** Hands a batch in. False if there is no thread to commit it. */
bool kithd_committer_hand_in(kithd_committer *committer, kithd_ticket *ticket);

kithd_figures kithd_committer_figures(kithd_committer *committer);

#endif
