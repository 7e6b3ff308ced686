/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/keys.h"

#include <assert.h>
#include <sodium.h>

#include "crypto/hash.h"

static_assert(KITH_SEED_BYTES == crypto_kdf_KEYBYTES, "the seed is a derivation key");
static_assert(KITH_KEY_BYTES == crypto_sign_PUBLICKEYBYTES, "Ed25519 public keys");
static_assert(KITH_KEY_BYTES == crypto_box_PUBLICKEYBYTES, "X25519 public keys");
static_assert(KITH_KEY_BYTES == crypto_box_SECRETKEYBYTES, "X25519 secret keys");
static_assert(KITH_SIGNATURE_BYTES == crypto_sign_BYTES, "Ed25519 signatures");

/* What each derived secret is for; never renumbered. */
enum { SUBKEY_SIGN = 1, SUBKEY_BOX = 2 };

static const char derivation_context[crypto_kdf_CONTEXTBYTES] = {'k', 'i', 't', 'h',
                                                                 'd', 'e', 'v', '1'};

void kith_device_box_keys(const uint8_t seed[KITH_SEED_BYTES], uint8_t secret[KITH_KEY_BYTES],
                          uint8_t box[KITH_KEY_BYTES])
{
    uint8_t subseed[crypto_box_SEEDBYTES];
    (void)crypto_kdf_derive_from_key(subseed, sizeof subseed, SUBKEY_BOX, derivation_context, seed);
    (void)crypto_box_seed_keypair(box, secret, subseed);
    kith_wipe(subseed, sizeof subseed);
}

void kith_device_keys_derive(const uint8_t seed[KITH_SEED_BYTES], kith_device_keys *keys_out)
{
    uint8_t subseed[crypto_sign_SEEDBYTES];
    uint8_t sign_secret[crypto_sign_SECRETKEYBYTES];
    uint8_t box_secret[crypto_box_SECRETKEYBYTES];
    (void)crypto_kdf_derive_from_key(subseed, sizeof subseed, SUBKEY_SIGN, derivation_context,
                                     seed);
    (void)crypto_sign_seed_keypair(keys_out->sign, sign_secret, subseed);
    kith_device_box_keys(seed, box_secret, keys_out->box);
    kith_wipe(subseed, sizeof subseed);
    kith_wipe(sign_secret, sizeof sign_secret);
    kith_wipe(box_secret, sizeof box_secret);
}

void kith_device_sign(const uint8_t seed[KITH_SEED_BYTES], const char *purpose, kith_slice message,
                      uint8_t signature[KITH_SIGNATURE_BYTES])
{
    uint8_t subseed[crypto_sign_SEEDBYTES];
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
    uint8_t secret_key[crypto_sign_SECRETKEYBYTES];
    uint8_t hash[KITH_HASH_BYTES];
    kith_hash(purpose, message, hash);
    (void)crypto_kdf_derive_from_key(subseed, sizeof subseed, SUBKEY_SIGN, derivation_context,
                                     seed);
    (void)crypto_sign_seed_keypair(public_key, secret_key, subseed);
    (void)crypto_sign_detached(signature, NULL, hash, sizeof hash, secret_key);
    kith_wipe(subseed, sizeof subseed);
    kith_wipe(secret_key, sizeof secret_key);
}

bool kith_signature_is_good(const uint8_t sign[KITH_KEY_BYTES], const char *purpose,
                            kith_slice message, const uint8_t signature[KITH_SIGNATURE_BYTES])
{
    uint8_t hash[KITH_HASH_BYTES];
    kith_hash(purpose, message, hash);
    return crypto_sign_verify_detached(signature, hash, sizeof hash, sign) == 0;
}

kith_author_id kith_author_derive(const uint8_t sign[KITH_KEY_BYTES],
                                  const uint8_t incarnation[KITH_INCARNATION_BYTES])
{
    kith_hasher hasher;
    uint8_t hash[KITH_HASH_BYTES];
    kith_author_id author;
    kith_hash_begin(&hasher, "kith author");
    kith_hash_add(&hasher, kith_slice_make(sign, KITH_KEY_BYTES));
    kith_hash_add(&hasher, kith_slice_make(incarnation, KITH_INCARNATION_BYTES));
    kith_hash_end(&hasher, hash);
    memcpy(author.bytes, hash, sizeof author.bytes);
    return author;
}

void kith_wipe(void *secret, size_t length)
{
    sodium_memzero(secret, length);
}
