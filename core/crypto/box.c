/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/box.h"

#include <assert.h>
#include <sodium.h>

static_assert(KITH_BOX_OVERHEAD_BYTES == crypto_box_SEALBYTES, "a sealed box");

/* A sealed box is: an ephemeral public key, then crypto_box() from it to the recipient with the
 * nonce BLAKE2b-192(ephemeral key ‖ recipient's key). crypto_box_seal() makes the same, but draws
 * from libsodium's own randomness, where simulations could not replay it. */
static void seal_from(const uint8_t ephemeral_seed[crypto_box_SEEDBYTES],
                      const uint8_t box[KITH_KEY_BYTES], kith_slice plain, uint8_t *sealed)
{
    uint8_t secret[crypto_box_SECRETKEYBYTES];
    uint8_t nonce[crypto_box_NONCEBYTES];
    uint8_t keys[2 * crypto_box_PUBLICKEYBYTES];
    (void)crypto_box_seed_keypair(keys, secret, ephemeral_seed);
    memcpy(keys + crypto_box_PUBLICKEYBYTES, box, crypto_box_PUBLICKEYBYTES);
    (void)crypto_generichash(nonce, sizeof nonce, keys, sizeof keys, NULL, 0);
    memcpy(sealed, keys, crypto_box_PUBLICKEYBYTES);
    int code = crypto_box_easy(sealed + crypto_box_PUBLICKEYBYTES, plain.data, plain.length, nonce,
                               box, secret);
    if (code != 0) {
        /* A recipient's key of small order: nobody holds its secret, so nobody is to read this. */
        memset(sealed, 0, plain.length + KITH_BOX_OVERHEAD_BYTES);
    }
    kith_wipe(secret, sizeof secret);
}

kith_status kith_box_seal(kith_context *cx, const uint8_t box[KITH_KEY_BYTES], kith_slice plain,
                          uint8_t *sealed)
{
    uint8_t seed[crypto_box_SEEDBYTES];
    KITH_ENSURE(cx->env.random(cx->env.user, seed, sizeof seed) == KITH_OK,
                kith_fail(cx, KITH_E_IO, "the system gave no random bytes"));
    seal_from(seed, box, plain, sealed);
    kith_wipe(seed, sizeof seed);
    return KITH_OK;
}

bool kith_box_open(const uint8_t seed[KITH_SEED_BYTES], kith_slice sealed, uint8_t *plain)
{
    uint8_t secret[KITH_KEY_BYTES];
    uint8_t box[KITH_KEY_BYTES];
    if (sealed.length < KITH_BOX_OVERHEAD_BYTES) {
        return false;
    }
    kith_device_box_keys(seed, secret, box);
    bool is_open = crypto_box_seal_open(plain, sealed.data, sealed.length, box, secret) == 0;
    kith_wipe(secret, sizeof secret);
    if (!is_open) {
        memset(plain, 0, sealed.length - KITH_BOX_OVERHEAD_BYTES);
    }
    return is_open;
}
