/* Sealing a secret to a device: libsodium's sealed boxes (X25519, XSalsa20-Poly1305;
 * https://doc.libsodium.org/public-key_cryptography/sealed_boxes). SPDX-License-Identifier:
 * Apache-2.0 */
#ifndef KITH_CRYPTO_BOX_H
#define KITH_CRYPTO_BOX_H

#include "crypto/keys.h"

enum { KITH_BOX_OVERHEAD_BYTES = 48 };

/** Seals bytes so that only the holder of the seed behind `box` reads them.
 *
 *  @param sealed  receives plain.length + KITH_BOX_OVERHEAD_BYTES bytes
 *  @return KITH_OK; KITH_E_IO without random bytes */
KITH_MUST_USE kith_status kith_box_seal(kith_context *cx, const uint8_t box[KITH_KEY_BYTES],
                                        kith_slice plain, uint8_t *sealed);

/** Opens what was sealed to the device whose seed this is: writes sealed.length -
 *  KITH_BOX_OVERHEAD_BYTES bytes to `plain`. False, and zeros are written, if it was sealed to
 *  another or changed. Any thread. */
bool kith_box_open(const uint8_t seed[KITH_SEED_BYTES], kith_slice sealed, uint8_t *plain);

#endif
