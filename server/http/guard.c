/* Two tables of fixed size, in which what is looked for can stand in a few places only.
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/http/guard.h"

#include <pthread.h>

/* A request's time may be five minutes off, so its nonce must be remembered for twice that. */
enum { TIME_WINDOW_MS = 300000, NONCE_LIFE_MS = 2 * TIME_WINDOW_MS };

/* Nonces remembered: a district's devices at a request a second for ten minutes. Places looked at
 * for each. */
enum { NONCES = 65536, DEVICES = 8192, PLACES = 8 };

/* A device may ask so often: a burst, then so many a second. A sync is one request, or a few. */
enum { BURST = 120, PER_SECOND = 10, COST = 1000 };

typedef struct seen_nonce {
    uint64_t hash;
    int64_t until_ms;
} seen_nonce;

typedef struct device_rate {
    uint64_t hash;
    int64_t at_ms;
    int64_t tokens; /* thousandths of requests */
} device_rate;

struct kithd_guard {
    kith_context *cx;
    pthread_mutex_t lock;
    uint8_t salt[16]; /* nobody outside can aim at a place of the tables */
    seen_nonce nonces[NONCES];
    device_rate devices[DEVICES];
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

static uint64_t hash_of(const kithd_guard *guard, const uint8_t *key, const uint8_t *nonce)
{
    uint8_t hash[KITH_HASH_BYTES];
    uint64_t number = 0;
    kith_hasher hasher;
    kith_hash_begin(&hasher, "kithd guard");
    kith_hash_add(&hasher, kith_slice_make(guard->salt, sizeof guard->salt));
    kith_hash_add(&hasher, kith_slice_make(key, KITH_KEY_BYTES));
    if (nonce != NULL) {
        kith_hash_add(&hasher, kith_slice_make(nonce, KITH_NONCE_BYTES));
    }
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

/* The bucket of a device; a device that is not in the table takes the place of the one that has
 * been quiet for longest, whose bucket is most likely full again. */
static device_rate *bucket_of(kithd_guard *guard, uint64_t hash, int64_t now_ms)
{
    device_rate *oldest = &guard->devices[hash % DEVICES];
    for (size_t i = 0; i < PLACES; i++) {
        device_rate *rate = &guard->devices[(hash + i) % DEVICES];
        if (rate->hash == hash) {
            return rate;
        }
        oldest = rate->at_ms < oldest->at_ms ? rate : oldest;
    }
    *oldest = (device_rate){hash, now_ms, (int64_t)BURST * COST};
    return oldest;
}

static kith_status spend(device_rate *rate, int64_t now_ms)
{
    int64_t passed_ms = now_ms > rate->at_ms ? now_ms - rate->at_ms : 0;
    int64_t gained = passed_ms > 60000 ? (int64_t)BURST * COST : passed_ms * PER_SECOND;
    rate->tokens = rate->tokens + gained > (int64_t)BURST * COST ? (int64_t)BURST * COST
                                                                 : rate->tokens + gained;
    rate->at_ms = now_ms;
    if (rate->tokens < COST) {
        return KITH_E_BUSY;
    }
    rate->tokens -= COST;
    return KITH_OK;
}

kith_status kithd_guard_judge(kithd_guard *guard, const kith_request_proof *proof, int64_t now_ms)
{
    int64_t off_ms = proof->time_ms - now_ms;
    if (off_ms > TIME_WINDOW_MS || off_ms < -TIME_WINDOW_MS) {
        return KITH_E_TIME;
    }
    uint64_t nonce = hash_of(guard, proof->key, proof->nonce);
    uint64_t device = hash_of(guard, proof->key, NULL);
    (void)pthread_mutex_lock(&guard->lock);
    kith_status status = spend(bucket_of(guard, device, now_ms), now_ms);
    if (status == KITH_OK) {
        status = note_nonce(guard, nonce, now_ms);
    }
    (void)pthread_mutex_unlock(&guard->lock);
    return status;
}
