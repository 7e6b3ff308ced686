/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/aead.h"

#include <assert.h>
#include <sodium.h>

#include "base/status.h"

static_assert(KITH_AEAD_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "its key");
static_assert(KITH_AEAD_NONCE_BYTES == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "its nonce");
static_assert(KITH_AEAD_TAG_BYTES == crypto_aead_xchacha20poly1305_ietf_ABYTES, "its tag");

void kith_aead_seal(const uint8_t key[KITH_AEAD_KEY_BYTES],
                    const uint8_t nonce[KITH_AEAD_NONCE_BYTES], kith_slice associated,
                    kith_slice plain, uint8_t *sealed)
{
    int code = crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, NULL, plain.data, plain.length,
                                                          associated.data, associated.length, NULL,
                                                          nonce, key);
    KITH_ASSERT(code == 0);
}

bool kith_aead_open(const uint8_t key[KITH_AEAD_KEY_BYTES],
                    const uint8_t nonce[KITH_AEAD_NONCE_BYTES], kith_slice associated,
                    kith_slice sealed, uint8_t *plain)
{
    return sealed.length >= KITH_AEAD_TAG_BYTES &&
           crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, sealed.data, sealed.length,
                                                      associated.data, associated.length, nonce,
                                                      key) == 0;
}
