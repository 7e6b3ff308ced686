/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/hash.h"

#include <assert.h>
#include <sodium.h>

static_assert(sizeof(crypto_generichash_state) <= sizeof(kith_hasher), "room for BLAKE2b's state");

static crypto_generichash_state *state_of(kith_hasher *hasher)
{
    return (crypto_generichash_state *)(void *)hasher->opaque;
}

kith_status kith_crypto_init(kith_context *cx)
{
    KITH_ENSURE(sodium_init() >= 0,
                kith_fail(cx, KITH_E_INTERNAL, "the crypto library did not start"));
    return KITH_OK;
}

void kith_hash_begin(kith_hasher *hasher, const char *purpose)
{
    unsigned char personal[crypto_generichash_blake2b_PERSONALBYTES] = {0};
    size_t length = strlen(purpose);
    KITH_ASSERT(length <= sizeof personal);
    memcpy(personal, purpose, length);
    int code = crypto_generichash_blake2b_init_salt_personal(state_of(hasher), NULL, 0,
                                                             KITH_HASH_BYTES, NULL, personal);
    KITH_ASSERT(code == 0);
}

void kith_hash_add(kith_hasher *hasher, kith_slice bytes)
{
    int code = crypto_generichash_update(state_of(hasher), bytes.data, bytes.length);
    KITH_ASSERT(code == 0);
}

void kith_hash_end(kith_hasher *hasher, uint8_t hash[KITH_HASH_BYTES])
{
    int code = crypto_generichash_final(state_of(hasher), hash, KITH_HASH_BYTES);
    KITH_ASSERT(code == 0);
}

void kith_hash(const char *purpose, kith_slice bytes, uint8_t hash[KITH_HASH_BYTES])
{
    kith_hasher hasher;
    kith_hash_begin(&hasher, purpose);
    kith_hash_add(&hasher, bytes);
    kith_hash_end(&hasher, hash);
}
