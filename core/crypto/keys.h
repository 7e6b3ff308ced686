/* A device's keys: made on the device from one secret seed that never leaves it; what they sign.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_CRYPTO_KEYS_H
#define KITH_CRYPTO_KEYS_H

#include "base/context.h"
#include "base/id.h"

enum {
    KITH_SEED_BYTES = 32,
    KITH_INCARNATION_BYTES = 16,
    KITH_KEY_BYTES = 32,
    KITH_SIGNATURE_BYTES = 64
};

/** The public half of a device's keys. */
typedef struct kith_device_keys {
    uint8_t sign[KITH_KEY_BYTES]; /* Ed25519 (RFC 8032) */
    uint8_t box[KITH_KEY_BYTES];  /* X25519 (RFC 7748) */
} kith_device_keys;

/** Derives both key pairs from the seed and gives their public halves. */
void kith_device_keys_derive(const uint8_t seed[KITH_SEED_BYTES], kith_device_keys *keys_out);

/** Both halves of a device's X25519 key; for crypto/box.c. Wipe the secret one. */
void kith_device_box_keys(const uint8_t seed[KITH_SEED_BYTES], uint8_t secret[KITH_KEY_BYTES],
                          uint8_t box[KITH_KEY_BYTES]);

/** The author that a device's signing key and an incarnation make: the first ten bytes of their
 *  hash (proto/spec/model.md). */
kith_author_id kith_author_derive(const uint8_t sign[KITH_KEY_BYTES],
                                  const uint8_t incarnation[KITH_INCARNATION_BYTES]);

/** Signs a message with the device's key: Ed25519 over the hash of the message. `purpose` keeps
 * what is signed for one thing from being shown for another; at most 16 bytes. */
void kith_device_sign(const uint8_t seed[KITH_SEED_BYTES], const char *purpose, kith_slice message,
                      uint8_t signature[KITH_SIGNATURE_BYTES]);

/** True if the holder of a device's key signed the message for the purpose. Any thread. */
bool kith_signature_is_good(const uint8_t sign[KITH_KEY_BYTES], const char *purpose,
                            kith_slice message, const uint8_t signature[KITH_SIGNATURE_BYTES]);

/** Overwrites a secret so that no optimiser leaves it standing. */
void kith_wipe(void *secret, size_t length);

#endif
