/* Sealing: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03), whose nonces are long enough to be
 * drawn at random: a restored backup never repeats one (TRAPS §1, 1). SPDX-License-Identifier:
 * Apache-2.0 */
#ifndef KITH_CRYPTO_AEAD_H
#define KITH_CRYPTO_AEAD_H

#include "base/slice.h"

enum { KITH_AEAD_KEY_BYTES = 32, KITH_AEAD_NONCE_BYTES = 24, KITH_AEAD_TAG_BYTES = 16 };

/** Seals bytes: what is written to `sealed` is plain.length + KITH_AEAD_TAG_BYTES long, and may
 *  begin where the plain bytes do. `associated` is bound to it, not contained. Any thread. */
void kith_aead_seal(const uint8_t key[KITH_AEAD_KEY_BYTES],
                    const uint8_t nonce[KITH_AEAD_NONCE_BYTES], kith_slice associated,
                    kith_slice plain, uint8_t *sealed);

/** Opens what was sealed so: writes sealed.length - KITH_AEAD_TAG_BYTES bytes to `plain`. False,
 * and zeros are written, unless key, nonce and associated bytes are those it was sealed with and
 * every byte of it is what it was. Any thread. */
bool kith_aead_open(const uint8_t key[KITH_AEAD_KEY_BYTES],
                    const uint8_t nonce[KITH_AEAD_NONCE_BYTES], kith_slice associated,
                    kith_slice sealed, uint8_t *plain);

#endif
