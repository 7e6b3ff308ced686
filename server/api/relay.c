/* SPDX-License-Identifier: Apache-2.0 */
#include "server/api/relay.h"

#include <pthread.h>

#include "base/limits.h"

/* Connections to the store: one for each thread of the server, and some. Requests under way at a
 * time: each may hold a few megabytes while a slow link brings it. */
enum { CONNECTIONS_MAX = 64, CHARTERS_MAX = 256, SESSIONS_MAX = 1000 };

/* A charter in memory. */
typedef struct cached_charter {
    kith_charter charter;
    kith_context cx;
    uint64_t *joined; /* positions, by entry */
    size_t joined_capacity;
    uint64_t used; /* when it was asked for last, by a counter */
} cached_charter;

struct kithd_relay {
    kithd_options options;
    kith_context cx;
    pthread_mutex_t lock; /* over everything below but the charters */
    kithd_store *idle[CONNECTIONS_MAX];
    size_t idle_count;
    size_t lent_count;
    size_t session_count;
    uint64_t refusals; /* of what never was in a batch */
    kithd_committer committer;
    kithd_store *committer_store; /* while it has a thread */
    kithd_news_function news;
    void *news_user;
    pthread_mutex_t charter_lock;
    cached_charter *charters[CHARTERS_MAX];
    size_t charter_count;
    uint64_t charter_uses;
};

kith_status kithd_relay_open(const kithd_options *options, kithd_relay **relay_out,
                             kith_error *error)
{
    kith_context cx;
    kithd_store *store = NULL;
    *relay_out = NULL;
    kith_status status = kith_context_init(&cx, options->env);
    kithd_relay *relay = status == KITH_OK ? kith_allocate(&cx, sizeof *relay) : NULL;
    if (relay == NULL) {
        status = status == KITH_OK ? KITH_E_MEMORY : status;
        return kith_error_set(error, status, KITH_DOMAIN_KITH, 0, "the relay could not start");
    }
    relay->options = *options;
    relay->cx = cx;
    (void)pthread_mutex_init(&relay->lock, NULL);
    (void)pthread_mutex_init(&relay->charter_lock, NULL);
    kithd_committer_init(&relay->committer, options->quota, options->device_quota);
    status = kith_crypto_init(&relay->cx);
    if (status == KITH_OK) {
        status = kithd_store_open(&relay->cx, options->folder, false, &store);
    }
    if (status == KITH_OK) {
        status = kithd_store_mark(store, options->folder);
    }
    if (status == KITH_OK) {
        relay->idle[relay->idle_count++] = store;
    } else {
        kithd_store_close(store);
        if (error != NULL) {
            *error = relay->cx.error;
        }
        kithd_relay_close(relay);
        return status;
    }
    *relay_out = relay;
    return KITH_OK;
}

static void forget_charter(kithd_relay *relay, size_t index)
{
    cached_charter *cached = relay->charters[index];
    kith_charter_deinit(&cached->charter);
    kith_free(&relay->cx, cached->joined);
    kith_free(&relay->cx, cached);
    relay->charters[index] = relay->charters[--relay->charter_count];
}

void kithd_relay_close(kithd_relay *relay)
{
    if (relay == NULL) {
        return;
    }
    KITH_ASSERT(relay->lent_count == 0);
    KITH_ASSERT(relay->session_count == 0);
    while (relay->charter_count > 0) {
        forget_charter(relay, 0);
    }
    for (size_t i = 0; i < relay->idle_count; i++) {
        kithd_store_close(relay->idle[i]);
    }
    kithd_committer_deinit(&relay->committer);
    (void)pthread_mutex_destroy(&relay->charter_lock);
    (void)pthread_mutex_destroy(&relay->lock);
    kith_context cx = relay->cx;
    kith_free(&cx, relay);
}

const kith_env *kithd_relay_env(const kithd_relay *relay)
{
    return &relay->cx.env;
}

const kithd_options *kithd_relay_options(const kithd_relay *relay)
{
    return &relay->options;
}

void kithd_relay_watch(kithd_relay *relay, kithd_news_function function, void *user)
{
    relay->news = function;
    relay->news_user = user;
}

void kithd_relay_tell(kithd_relay *relay, kith_space_id space)
{
    if (relay->news != NULL) {
        relay->news(relay->news_user, space);
    }
}

kith_status kithd_relay_borrow(kithd_relay *relay, kith_context *cx, kithd_store **store_out)
{
    kith_status status = KITH_OK;
    *store_out = NULL;
    (void)pthread_mutex_lock(&relay->lock);
    bool is_free = relay->lent_count < CONNECTIONS_MAX;
    relay->lent_count += is_free;
    if (is_free && relay->idle_count > 0) {
        *store_out = relay->idle[--relay->idle_count];
    }
    (void)pthread_mutex_unlock(&relay->lock);
    KITH_ENSURE(is_free, kith_fail(cx, KITH_E_BUSY, "the relay is busy; try again"));
    if (*store_out == NULL) {
        status = kithd_store_open(cx, relay->options.folder, false, store_out);
    } else {
        kithd_store_lend(*store_out, cx);
    }
    if (status != KITH_OK) {
        (void)pthread_mutex_lock(&relay->lock);
        relay->lent_count--;
        (void)pthread_mutex_unlock(&relay->lock);
    }
    return status;
}

void kithd_relay_return(kithd_relay *relay, kithd_store *store)
{
    kithd_txn_rollback(store);
    kithd_store_lend(store, &relay->cx);
    (void)pthread_mutex_lock(&relay->lock);
    relay->idle[relay->idle_count++] = store;
    relay->lent_count--;
    (void)pthread_mutex_unlock(&relay->lock);
}

kith_status kithd_relay_admit(kithd_relay *relay)
{
    (void)pthread_mutex_lock(&relay->lock);
    bool is_free = relay->session_count < SESSIONS_MAX;
    relay->session_count += is_free;
    (void)pthread_mutex_unlock(&relay->lock);
    return is_free ? KITH_OK : KITH_E_BUSY;
}

void kithd_relay_dismiss(kithd_relay *relay)
{
    (void)pthread_mutex_lock(&relay->lock);
    relay->session_count--;
    (void)pthread_mutex_unlock(&relay->lock);
}

kithd_figures kithd_relay_figures(kithd_relay *relay)
{
    (void)pthread_mutex_lock(&relay->lock);
    uint64_t refusals = relay->refusals;
    (void)pthread_mutex_unlock(&relay->lock);
    kithd_figures figures = kithd_committer_figures(&relay->committer);
    figures.refusals += refusals;
    return figures;
}

void kithd_relay_count_refusal(kithd_relay *relay)
{
    (void)pthread_mutex_lock(&relay->lock);
    relay->refusals++;
    (void)pthread_mutex_unlock(&relay->lock);
}

/* Charters. The lock is held from hold to release, so what is cached is used by one at a time. */

static cached_charter *find_charter(kithd_relay *relay, kith_space_id space)
{
    for (size_t i = 0; i < relay->charter_count; i++) {
        if (kith_space_id_equal(relay->charters[i]->charter.space, space)) {
            return relay->charters[i];
        }
    }
    return NULL;
}

static void make_room(kithd_relay *relay)
{
    size_t oldest = 0;
    if (relay->charter_count < CHARTERS_MAX) {
        return;
    }
    for (size_t i = 1; i < relay->charter_count; i++) {
        if (relay->charters[i]->used < relay->charters[oldest]->used) {
            oldest = i;
        }
    }
    forget_charter(relay, oldest);
}

static cached_charter *add_charter(kithd_relay *relay, kith_space_id space)
{
    make_room(relay);
    cached_charter *cached = kith_allocate(&relay->cx, sizeof *cached);
    if (cached == NULL) {
        return NULL;
    }
    cached->cx = relay->cx;
    kith_charter_init(&cached->charter, &cached->cx, &space);
    relay->charters[relay->charter_count++] = cached;
    return cached;
}

static kith_status load_entry(void *user, uint32_t number, uint64_t joined, kith_slice bytes)
{
    cached_charter *cached = user;
    uint64_t *positions = kith_grow(&cached->cx, cached->joined, cached->charter.entry_count,
                                    &cached->joined_capacity, sizeof *positions);
    (void)number;
    KITH_ENSURE(positions != NULL, KITH_E_MEMORY);
    cached->joined = positions;
    positions[cached->charter.entry_count] = joined;
    return kith_charter_apply(&cached->charter, bytes);
}

/* The charter as the database has it. */
static kith_status bring_up_to_date(kithd_relay *relay, kithd_store *store, kith_space_id space,
                                    cached_charter **cached_out)
{
    cached_charter *cached = find_charter(relay, space);
    if (cached == NULL) {
        cached = add_charter(relay, space);
        KITH_ENSURE(cached != NULL, KITH_E_MEMORY);
    }
    cached->used = ++relay->charter_uses;
    *cached_out = cached;
    return kithd_entry_scan(store, space, cached->charter.entry_count, load_entry, cached);
}

kith_status kithd_charter_hold(kithd_relay *relay, kithd_store *store, kith_space_id space,
                               kith_charter **charter_out, const uint64_t **joined_out)
{
    cached_charter *cached = NULL;
    kithd_space row;
    *charter_out = NULL;
    *joined_out = NULL;
    KITH_TRY(kithd_space_get(store, space, &row));
    (void)pthread_mutex_lock(&relay->charter_lock);
    kith_status status = bring_up_to_date(relay, store, space, &cached);
    if (status != KITH_OK) {
        (void)pthread_mutex_unlock(&relay->charter_lock);
        return status;
    }
    *charter_out = &cached->charter;
    *joined_out = cached->joined;
    return KITH_OK;
}

void kithd_charter_release(kithd_relay *relay)
{
    (void)pthread_mutex_unlock(&relay->charter_lock);
}

/* An admission by an invite that has expired; only the relay's clock can say. */
static bool is_expired(const kithd_relay *relay, const kith_charter *charter, kith_slice entry)
{
    const kith_env *env = &relay->cx.env;
    kith_entry_head head;
    uint32_t number = 0;
    if (!kith_entry_read_head(entry, &head) || head.kind != KITH_ENTRY_ADMIT) {
        return false;
    }
    for (size_t i = 0; i < 4; i++) {
        number = number << 8 | entry.data[KITH_ENTRY_HEAD_BYTES + i];
    }
    const kith_charter_invite *invite = kith_charter_find_invite(charter, number);
    return invite != NULL && invite->expires_ms != KITH_EXPIRES_NEVER &&
           env->wall_ms(env->user) > invite->expires_ms;
}

/* Stores an entry that holds, in the open transaction. */
static kith_status store_entry(kithd_relay *relay, kithd_store *store, kith_space_id space,
                               uint32_t number, kith_slice entry, kith_slice token)
{
    kithd_space row;
    kith_status status = kithd_space_get(store, space, &row);
    if (status == KITH_E_NOT_FOUND) {
        KITH_TRY(relay->options.is_open ? KITH_OK : kithd_token_take(store, token));
        status = KITH_OK;
    }
    KITH_TRY(status);
    row.entry_count = number;
    KITH_TRY(kithd_space_put(store, space, &row));
    return kithd_entry_put(store, space, number, row.position, entry);
}

static kith_status take_entry(kithd_relay *relay, kithd_store *store, kith_space_id space,
                              kith_slice entry, kith_slice token)
{
    cached_charter *cached = NULL;
    kith_context *cx = kithd_store_context(store);
    KITH_TRY(bring_up_to_date(relay, store, space, &cached));
    kith_status status = kith_charter_judge(&cached->charter, entry);
    if (status != KITH_OK) {
        cx->error = cached->cx.error;
        return status;
    }
    KITH_ENSURE(!is_expired(relay, &cached->charter, entry),
                kith_fail(cx, KITH_E_DENIED, "the invite has expired"));
    status = store_entry(relay, store, space, cached->charter.entry_count + 1, entry, token);
    if (status == KITH_OK) {
        status = kithd_txn_commit(store);
    }
    if (status != KITH_OK) {
        kithd_txn_rollback(store);
        return status;
    }
    /* From the database, as it will be read by everybody. */
    return bring_up_to_date(relay, store, space, &cached);
}

kith_status kithd_charter_take(kithd_relay *relay, kithd_store *store, kith_space_id space,
                               kith_slice entry, kith_slice founds_with)
{
    KITH_TRY(kithd_txn_begin(store));
    (void)pthread_mutex_lock(&relay->charter_lock);
    kith_status status = take_entry(relay, store, space, entry, founds_with);
    cached_charter *cached = find_charter(relay, space);
    if (status != KITH_OK && cached != NULL && cached->charter.entry_count == 0) {
        /* Nothing is kept of spaces that were never founded. */
        for (size_t i = 0; i < relay->charter_count; i++) {
            if (relay->charters[i] == cached) {
                forget_charter(relay, i);
                break;
            }
        }
    }
    (void)pthread_mutex_unlock(&relay->charter_lock);
    kithd_txn_rollback(store);
    if (status == KITH_OK) {
        kithd_relay_tell(relay, space);
    }
    return status;
}

/* Tells the news of a batch once for each run of segments of a space. */
void kithd_relay_tell_batch(kithd_relay *relay, const kithd_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        bool is_last = i + 1 == batch->count ||
                       !kith_space_id_equal(batch->items[i].space, batch->items[i + 1].space);
        if (is_last) {
            kithd_relay_tell(relay, batch->items[i].space);
        }
    }
}

kith_status kithd_relay_commit(kithd_relay *relay, kithd_store *store, kithd_batch *batch)
{
    kith_status status = kithd_committer_commit(&relay->committer, store, batch);
    KITH_ENSURE(status == KITH_OK, kith_fail(kithd_store_context(store), status,
                                             "the relay could not store what was sent"));
    kithd_relay_tell_batch(relay, batch);
    return KITH_OK;
}

bool kithd_relay_hand_in(kithd_relay *relay, kithd_ticket *ticket)
{
    return kithd_committer_hand_in(&relay->committer, ticket);
}

kith_status kithd_relay_start(kithd_relay *relay)
{
    KITH_TRY(kithd_relay_borrow(relay, &relay->cx, &relay->committer_store));
    kith_status status = kithd_committer_start(&relay->committer, relay->committer_store);
    if (status != KITH_OK) {
        kithd_relay_stop(relay);
    }
    return status;
}

void kithd_relay_stop(kithd_relay *relay)
{
    kithd_committer_stop(&relay->committer);
    if (relay->committer_store != NULL) {
        kithd_relay_return(relay, relay->committer_store);
        relay->committer_store = NULL;
    }
}
