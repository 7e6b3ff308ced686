/* Sealing a body (proto/spec/segment.md §7):
 *
 *   nonce    24 bytes, random
 *   sealed   XChaCha20-Poly1305 of the padded body, bound to the front of the header
 *
 * The padded body is the body's length in 4 bytes, big-endian, the body, and zeros up to a length
 * that Padmé allows (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and
 * Communication with PURBs", PoPETs 2019): at most an eighth longer, and telling no more of the
 * length than its order of magnitude. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_SEGMENT_SEAL_H
#define KITH_SEGMENT_SEAL_H

#include "base/buf.h"
#include "crypto/aead.h"
#include "segment/header.h"

/** The least length that Padmé allows for `length` bytes. */
size_t kith_padme(size_t length);

/** Seals a body and signs the segment.
 *
 *  @param epoch_key  of the header's epoch
 *  @param seed       of the device whose key is header->sign
 *  @param header     its body's hash is filled in
 *  @param out        receives the header and the sealed body
 *  @return KITH_OK; KITH_E_LIMIT past KITH_SEGMENT_SEALED_MAX; KITH_E_IO without random bytes;
 *          KITH_E_MEMORY; `out` then holds what was there before */
KITH_MUST_USE kith_status kith_segment_seal(kith_context *cx,
                                            const uint8_t epoch_key[KITH_AEAD_KEY_BYTES],
                                            const uint8_t seed[KITH_SEED_BYTES],
                                            kith_segment_header *header, kith_slice body,
                                            kith_buf *out);

/** Opens a sealed body whose header was read and checked.
 *
 *  @param out  receives the body
 *  @return KITH_OK; KITH_E_DAMAGED if it is not the body that the header names, or not sealed with
 *          this key; KITH_E_LIMIT; KITH_E_MEMORY; `out` then holds what was there before */
KITH_MUST_USE kith_status kith_segment_open(kith_context *cx,
                                            const uint8_t epoch_key[KITH_AEAD_KEY_BYTES],
                                            const kith_segment_header *header, kith_slice sealed,
                                            kith_buf *out);

#endif
