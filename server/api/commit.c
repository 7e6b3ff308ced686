/* SPDX-License-Identifier: Apache-2.0 */
#include "server/api/commit.h"

void kithd_committer_init(kithd_committer *committer, uint64_t space_quota, uint64_t device_quota)
{
    *committer = (kithd_committer){.space_quota = space_quota, .device_quota = device_quota};
    (void)pthread_mutex_init(&committer->lock, NULL);
    (void)pthread_cond_init(&committer->done, NULL);
    (void)pthread_cond_init(&committer->more, NULL);
}

void kithd_committer_deinit(kithd_committer *committer)
{
    KITH_ASSERT(!committer->is_running);
    (void)pthread_cond_destroy(&committer->more);
    (void)pthread_cond_destroy(&committer->done);
    (void)pthread_mutex_destroy(&committer->lock);
}

kithd_figures kithd_committer_figures(kithd_committer *committer)
{
    (void)pthread_mutex_lock(&committer->lock);
    kithd_figures figures = committer->figures;
    (void)pthread_mutex_unlock(&committer->lock);
    return figures;
}

/* The rows that a segment changes. */
typedef struct item_rows {
    kithd_space space;
    kithd_author author;
    kithd_device device;
} item_rows;

static kith_status read_rows(kithd_store *store, const kithd_item *item, item_rows *rows)
{
    KITH_TRY(kithd_author_get(store, item->space, item->author, &rows->author));
    KITH_TRY(kithd_space_get(store, item->space, &rows->space));
    return kithd_device_get(store, item->space, item->device, &rows->device);
}

static bool is_past(uint64_t bytes, uint64_t own_quota, uint64_t relays_quota)
{
    uint64_t quota = own_quota == 0 ? relays_quota : own_quota;
    return quota != 0 && bytes > quota;
}

/* What becomes of a segment that comes after the author's last. */
static kith_status judge_item(const kithd_committer *committer, const item_rows *rows,
                              kithd_item *item)
{
    if (item->number > rows->author.number + 1) {
        return KITH_E_GAP;
    }
    if (memcmp(rows->author.header, item->previous, sizeof item->previous) != 0) {
        return KITH_E_FORKED;
    }
    item->is_device_full =
        is_past(rows->device.bytes + item->length, rows->device.quota, committer->device_quota);
    return item->is_device_full || is_past(rows->space.bytes + item->length, rows->space.quota,
                                           committer->space_quota)
               ? KITH_E_QUOTA
               : KITH_OK;
}

static kith_status store_item(kithd_store *store, item_rows *rows, const kithd_batch *batch,
                              kithd_item *item)
{
    kithd_segment segment = {.position = ++rows->space.position,
                             .author = item->author,
                             .number = item->number,
                             .bytes =
                                 kith_slice_make(batch->bytes.data + item->start, item->length)};
    rows->space.bytes += item->length;
    rows->device.bytes += item->length;
    rows->author.number = item->number;
    memcpy(rows->author.header, item->header, sizeof rows->author.header);
    KITH_TRY(kithd_segment_put(store, item->space, &segment));
    KITH_TRY(kithd_author_put(store, item->space, item->author, &rows->author));
    KITH_TRY(kithd_device_put(store, item->space, item->device, &rows->device));
    KITH_TRY(kithd_staged_remove(store, item->space, item->author));
    KITH_TRY(kithd_space_put(store, item->space, &rows->space));
    item->position = segment.position;
    return KITH_OK;
}

static kith_status put_item(const kithd_committer *committer, kithd_store *store,
                            const kithd_batch *batch, kithd_item *item)
{
    item_rows rows;
    uint8_t header[KITH_HASH_BYTES];
    KITH_TRY(read_rows(store, item, &rows));
    item->position = 0;
    if (item->number <= rows.author.number) {
        KITH_TRY(kithd_segment_header(store, item->space, item->author, item->number, header));
        bool is_same = memcmp(header, item->header, sizeof header) == 0;
        item->status = is_same ? KITH_OK : KITH_E_FORKED;
    } else {
        item->status = judge_item(committer, &rows, item);
        KITH_TRY(item->status == KITH_OK ? store_item(store, &rows, batch, item) : KITH_OK);
    }
    item->head = rows.author.number;
    memcpy(item->head_header, rows.author.header, sizeof item->head_header);
    return KITH_OK;
}

static kith_status put_batches(const kithd_committer *committer, kithd_store *store,
                               const kithd_ticket *tickets)
{
    KITH_TRY(kithd_txn_begin(store));
    kith_status status = KITH_OK;
    for (const kithd_ticket *t = tickets; status == KITH_OK && t != NULL; t = t->next) {
        for (size_t i = 0; status == KITH_OK && i < t->batch->count; i++) {
            status = put_item(committer, store, t->batch, &t->batch->items[i]);
        }
    }
    if (status != KITH_OK) {
        kithd_txn_rollback(store);
        return status;
    }
    return kithd_txn_commit(store);
}

static void count_batch(kithd_figures *figures, const kithd_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        bool is_accepted = batch->items[i].status == KITH_OK;
        figures->segments_accepted += is_accepted;
        figures->bytes_accepted += is_accepted ? batch->items[i].length : 0;
        figures->refusals += !is_accepted;
    }
}

/* Marks tickets as done; those that must be called are left as a list. A ticket whose thread waits
 * is its thread's again, and may be gone, once the lock is. The lock is held. */
static kithd_ticket *settle(kithd_committer *committer, kithd_ticket *tickets, kith_status status)
{
    kithd_ticket *called = NULL;
    committer->figures.commits++;
    for (kithd_ticket *t = tickets; t != NULL;) {
        kithd_ticket *next = t->next;
        if (status == KITH_OK) {
            count_batch(&committer->figures, t->batch);
        }
        t->status = status;
        t->is_done = true;
        if (t->done != NULL) {
            t->next = called;
            called = t;
        }
        t = next;
    }
    (void)pthread_cond_broadcast(&committer->done);
    return called;
}

/* Runs transactions until nobody waits. The lock is held at the start and the end. */
static void lead(kithd_committer *committer, kithd_store *store)
{
    committer->is_committing = true;
    while (committer->first != NULL) {
        kithd_ticket *tickets = committer->first;
        committer->first = NULL;
        committer->last = NULL;
        (void)pthread_mutex_unlock(&committer->lock);
        kith_status status = put_batches(committer, store, tickets);
        (void)pthread_mutex_lock(&committer->lock);
        kithd_ticket *called = settle(committer, tickets, status);
        (void)pthread_mutex_unlock(&committer->lock);
        while (called != NULL) {
            kithd_ticket *next = called->next; /* who is called may take the ticket away */
            called->done(called->user);
            called = next;
        }
        (void)pthread_mutex_lock(&committer->lock);
    }
    committer->is_committing = false;
}

static void add_ticket(kithd_committer *committer, kithd_ticket *ticket)
{
    if (committer->last == NULL) {
        committer->first = ticket;
    } else {
        committer->last->next = ticket;
    }
    committer->last = ticket;
    (void)pthread_cond_signal(&committer->more);
}

kith_status kithd_committer_commit(kithd_committer *committer, kithd_store *store,
                                   kithd_batch *batch)
{
    kithd_ticket own = {.batch = batch};
    (void)pthread_mutex_lock(&committer->lock);
    add_ticket(committer, &own);
    if (!committer->is_running && !committer->is_committing) {
        lead(committer, store);
    }
    while (!own.is_done) {
        (void)pthread_cond_wait(&committer->done, &committer->lock);
    }
    (void)pthread_mutex_unlock(&committer->lock);
    return own.status;
}

bool kithd_committer_hand_in(kithd_committer *committer, kithd_ticket *ticket)
{
    (void)pthread_mutex_lock(&committer->lock);
    bool is_running = committer->is_running;
    if (is_running) {
        add_ticket(committer, ticket);
    }
    (void)pthread_mutex_unlock(&committer->lock);
    return is_running;
}

static void *run(void *user)
{
    kithd_committer *committer = user;
    (void)pthread_mutex_lock(&committer->lock);
    while (committer->is_running) {
        if (committer->first == NULL) {
            (void)pthread_cond_wait(&committer->more, &committer->lock);
        }
        lead(committer, committer->store); /* also what came before it was told to end */
    }
    (void)pthread_mutex_unlock(&committer->lock);
    return NULL;
}

kith_status kithd_committer_start(kithd_committer *committer, kithd_store *store)
{
    committer->store = store;
    committer->is_running = true;
    if (pthread_create(&committer->thread, NULL, run, committer) != 0) {
        committer->is_running = false;
        return kith_fail(kithd_store_context(store), KITH_E_IO, "no thread could be started");
    }
    return KITH_OK;
}

void kithd_committer_stop(kithd_committer *committer)
{
    (void)pthread_mutex_lock(&committer->lock);
    bool was_running = committer->is_running;
    committer->is_running = false;
    (void)pthread_cond_signal(&committer->more);
    (void)pthread_mutex_unlock(&committer->lock);
    if (was_running) {
        (void)pthread_join(committer->thread, NULL);
    }
}
