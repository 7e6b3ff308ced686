/* Two tables of fixed size, in which what is looked for can stand in a few places only.
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/http/guard.h"

#include <pthread.h>

/* A request's time may be five minutes off, so its nonce must be remembered for twice that. */
enum { TIME_WINDOW_MS = 300000, NONCE_LIFE_MS = 2 * TIME_WINDOW_MS };

/* Nonces remembered: a district's devices at a request a second for ten minutes. Places looked at
 * for each. */
enum { NONCES = 65536, RATES = 8192, PLACES = 8 };

/* How often somebody may ask: a burst, then so many a second. */
typedef struct rate_limit {
    int64_t burst;
    int64_t per_second;
} rate_limit;

/* A sync is one request, or a few. Behind one address may be a whole carrier's phones. */
static const rate_limit of_device = {120, 10};
static const rate_limit of_address = {1200, 100};
enum { COST = 1000 };

typedef struct seen_nonce {
    uint64_t hash;
    int64_t until_ms;
} seen_nonce;

typedef struct rate {
    uint64_t hash;
    int64_t at_ms;
    int64_t tokens; /* thousandths of requests */
} rate;

struct kithd_guard {
    kith_context *cx;
    pthread_mutex_t lock;
    uint8_t salt[16]; /* nobody outside can aim at a place of the tables */
    seen_nonce nonces[NONCES];
    rate devices[RATES];
    rate addresses[RATES];
};

kith_status kithd_guard_new(kith_context *cx, kithd_guard **guard_out)
{
    *guard_out = NULL;
    kithd_guard *guard = kith_allocate(cx, sizeof *guard);
    KITH_ENSURE(guard != NULL, KITH_E_MEMORY);
    guard->cx = cx;
    if (cx->env.random(cx->env.user, guard->salt, sizeof guard->salt) != KITH_OK) {
        kith_free(cx, guard);
        return kith_fail(cx, KITH_E_IO, "the system gave no random bytes");
    }
    (void)pthread_mutex_init(&guard->lock, NULL);
    *guard_out = guard;
    return KITH_OK;
}

void kithd_guard_free(kithd_guard *guard)
{
    if (guard != NULL) {
        (void)pthread_mutex_destroy(&guard->lock);
        kith_free(guard->cx, guard);
    }
}

static uint64_t hash_of(const kithd_guard *guard, kith_slice what, kith_slice more)
{
    uint8_t hash[KITH_HASH_BYTES];
    uint64_t number = 0;
    kith_hasher hasher;
    kith_hash_begin(&hasher, "kithd guard");
    kith_hash_add(&hasher, kith_slice_make(guard->salt, sizeof guard->salt));
    kith_hash_add(&hasher, what);
    kith_hash_add(&hasher, more);
    kith_hash_end(&hasher, hash);
    memcpy(&number, hash, sizeof number);
    return number;
}

/* Remembers a nonce. Where all its places are taken by others that still count, the request has to
 * wait rather than to be let through unremembered. */
static kith_status note_nonce(kithd_guard *guard, uint64_t hash, int64_t now_ms)
{
    seen_nonce *place = NULL;
    for (size_t i = 0; i < PLACES; i++) {
        seen_nonce *seen = &guard->nonces[(hash + i) % NONCES];
        bool is_free = seen->until_ms < now_ms;
        if (!is_free && seen->hash == hash) {
            return KITH_E_DENIED;
        }
        place = place == NULL && is_free ? seen : place;
    }
    if (place == NULL) {
        return KITH_E_BUSY;
    }
    *place = (seen_nonce){hash, now_ms + NONCE_LIFE_MS};
    return KITH_OK;
}

/* Somebody's bucket. Who is not in the table takes the place of the one that has been quiet for
 * longest, whose bucket is most likely full again. */
static rate *bucket_of(rate rates[RATES], uint64_t hash, int64_t now_ms, const rate_limit *limit)
{
    rate *oldest = &rates[hash % RATES];
    for (size_t i = 0; i < PLACES; i++) {
        rate *found = &rates[(hash + i) % RATES];
        if (found->hash == hash) {
            return found;
        }
        oldest = found->at_ms < oldest->at_ms ? found : oldest;
    }
    *oldest = (rate){hash, now_ms, limit->burst * COST};
    return oldest;
}

static kith_status spend(rate rates[RATES], uint64_t hash, int64_t now_ms, const rate_limit *limit)
{
    rate *bucket = bucket_of(rates, hash, now_ms, limit);
    int64_t full = limit->burst * COST;
    int64_t passed_ms = now_ms > bucket->at_ms ? now_ms - bucket->at_ms : 0;
    int64_t gained = passed_ms > 60000 ? full : passed_ms * limit->per_second;
    bucket->tokens = bucket->tokens + gained > full ? full : bucket->tokens + gained;
    bucket->at_ms = now_ms;
    if (bucket->tokens < COST) {
        return KITH_E_BUSY;
    }
    bucket->tokens -= COST;
    return KITH_OK;
}

kith_status kithd_guard_judge(kithd_guard *guard, const kith_request_proof *proof, int64_t now_ms)
{
    kith_slice key = kith_slice_make(proof->key, sizeof proof->key);
    int64_t off_ms = proof->time_ms - now_ms;
    if (off_ms > TIME_WINDOW_MS || off_ms < -TIME_WINDOW_MS) {
        return KITH_E_TIME;
    }
    uint64_t device = hash_of(guard, key, (kith_slice){NULL, 0});
    uint64_t nonce = hash_of(guard, key, kith_slice_make(proof->nonce, sizeof proof->nonce));
    (void)pthread_mutex_lock(&guard->lock);
    kith_status status = spend(guard->devices, device, now_ms, &of_device);
    if (status == KITH_OK) {
        status = note_nonce(guard, nonce, now_ms);
    }
    (void)pthread_mutex_unlock(&guard->lock);
    return status;
}

/* The last eight bytes of an IPv6 address are for who holds the first to choose. */
kith_status kithd_guard_judge_address(kithd_guard *guard, kith_slice address, int64_t now_ms)
{
    uint64_t hash = hash_of(guard, kith_slice_head(address, 8), (kith_slice){NULL, 0});
    (void)pthread_mutex_lock(&guard->lock);
    kith_status status = spend(guard->addresses, hash, now_ms, &of_address);
    (void)pthread_mutex_unlock(&guard->lock);
    return status;
}
