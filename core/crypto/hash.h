/* Hashes for naming things: BLAKE2b (RFC 7693), domain-separated. Nothing outside of this folder
 * uses libsodium. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_CRYPTO_HASH_H
#define KITH_CRYPTO_HASH_H

#include "base/context.h"
#include "base/slice.h"

enum { KITH_HASH_BYTES = 32 };

typedef struct kith_hasher {
    _Alignas(64) uint8_t opaque[384];
} kith_hasher;

/** Readies the crypto library for the process; any number of times, any thread. */
KITH_MUST_USE kith_status kith_crypto_init(kith_context *cx);

/** Starts a hash. `purpose` keeps hashes made for one thing from being taken for another; at most
 *  16 bytes. */
void kith_hash_begin(kith_hasher *hasher, const char *purpose);
void kith_hash_add(kith_hasher *hasher, kith_slice bytes);
void kith_hash_end(kith_hasher *hasher, uint8_t hash[KITH_HASH_BYTES]);

/** The hash of bytes that stand together. */
void kith_hash(const char *purpose, kith_slice bytes, uint8_t hash[KITH_HASH_BYTES]);

#endif
