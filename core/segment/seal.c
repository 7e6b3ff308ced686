/* SPDX-License-Identifier: Apache-2.0 */
#include "segment/seal.h"

#include "base/limits.h"

enum { LENGTH_BYTES = 4, OVERHEAD_BYTES = KITH_AEAD_NONCE_BYTES + KITH_AEAD_TAG_BYTES };

static unsigned floor_log2(size_t number)
{
    unsigned exponent = 0;
    while (number > 1) {
        number >>= 1;
        exponent++;
    }
    return exponent;
}

size_t kith_padme(size_t length)
{
    if (length < 2) {
        return length;
    }
    unsigned exponent = floor_log2(length);
    unsigned kept_bits = floor_log2(exponent) + 1;
    size_t mask = ((size_t)1 << (exponent - kept_bits)) - 1;
    return (length + mask) & ~mask;
}

/* The key that an epoch's segments are sealed with: not the epoch key itself, which opens capsules
 * and other things too. */
static void derive_key(const uint8_t epoch_key[KITH_AEAD_KEY_BYTES],
                       uint8_t key[KITH_AEAD_KEY_BYTES])
{
    kith_hash("kith segment key", kith_slice_make(epoch_key, KITH_AEAD_KEY_BYTES), key);
}

/* Makes room for the nonce and the padded body, in place. */
static void put_padded(kith_slice body, size_t padded_bytes, uint8_t *at)
{
    for (size_t i = 0; i < LENGTH_BYTES; i++) {
        at[i] = (uint8_t)(body.length >> (8 * (LENGTH_BYTES - 1 - i)));
    }
    if (body.length > 0) {
        memcpy(at + LENGTH_BYTES, body.data, body.length);
    }
    memset(at + LENGTH_BYTES + body.length, 0, padded_bytes - LENGTH_BYTES - body.length);
}

static void seal_in_place(const uint8_t epoch_key[KITH_AEAD_KEY_BYTES],
                          const kith_segment_header *header, uint8_t *sealed, size_t padded_bytes)
{
    uint8_t key[KITH_AEAD_KEY_BYTES];
    uint8_t bound[KITH_HEADER_BOUND_BYTES];
    uint8_t *padded = sealed + KITH_AEAD_NONCE_BYTES;
    derive_key(epoch_key, key);
    kith_header_write_bound(header, bound);
    kith_aead_seal(key, sealed, kith_slice_make(bound, sizeof bound),
                   kith_slice_make(padded, padded_bytes), padded);
    kith_wipe(key, sizeof key);
}

kith_status kith_segment_seal(kith_context *cx, const uint8_t epoch_key[KITH_AEAD_KEY_BYTES],
                              const uint8_t seed[KITH_SEED_BYTES], kith_segment_header *header,
                              kith_slice body, kith_buf *out)
{
    uint8_t nonce[KITH_AEAD_NONCE_BYTES];
    size_t padded_bytes = kith_padme(LENGTH_BYTES + body.length);
    size_t sealed_bytes = OVERHEAD_BYTES + padded_bytes;
    KITH_ENSURE(
        sealed_bytes <= KITH_SEGMENT_SEALED_MAX,
        kith_fail(cx, KITH_E_LIMIT, "a segment is longer than %zu bytes", KITH_SEGMENT_SEALED_MAX));
    KITH_ENSURE(cx->env.random(cx->env.user, nonce, sizeof nonce) == KITH_OK,
                kith_fail(cx, KITH_E_IO, "the system gave no random bytes"));
    uint8_t *segment = kith_buf_extend(out, KITH_HEADER_BYTES + sealed_bytes);
    KITH_ENSURE(segment != NULL, kith_buf_status(out));
    uint8_t *sealed = segment + KITH_HEADER_BYTES;
    memcpy(sealed, nonce, sizeof nonce);
    put_padded(body, padded_bytes, sealed + KITH_AEAD_NONCE_BYTES);
    seal_in_place(epoch_key, header, sealed, padded_bytes);
    kith_body_hash(kith_slice_make(sealed, sealed_bytes), header->body);
    kith_header_sign(header, seed, segment);
    return KITH_OK;
}

static kith_status damaged(kith_context *cx, const char *what)
{
    return kith_fail(cx, KITH_E_DAMAGED, "a segment's body is damaged: %s", what);
}

/* Cuts the body out of what it was padded to; every byte of padding must be zero, so that a body
 * has one form. */
static kith_status take_body(kith_context *cx, kith_slice padded, kith_buf *out)
{
    size_t length = 0;
    for (size_t i = 0; i < LENGTH_BYTES; i++) {
        length = length << 8 | padded.data[i];
    }
    KITH_ENSURE(length <= padded.length - LENGTH_BYTES &&
                    kith_padme(LENGTH_BYTES + length) == padded.length,
                damaged(cx, "its length"));
    for (size_t i = LENGTH_BYTES + length; i < padded.length; i++) {
        KITH_ENSURE(padded.data[i] == 0, damaged(cx, "its padding"));
    }
    kith_buf_append(out, padded.data + LENGTH_BYTES, length);
    return kith_buf_status(out);
}

static kith_status unseal(kith_context *cx, const uint8_t epoch_key[KITH_AEAD_KEY_BYTES],
                          const kith_segment_header *header, kith_slice sealed, uint8_t *padded)
{
    uint8_t key[KITH_AEAD_KEY_BYTES];
    uint8_t bound[KITH_HEADER_BOUND_BYTES];
    derive_key(epoch_key, key);
    kith_header_write_bound(header, bound);
    bool is_open = kith_aead_open(key, sealed.data, kith_slice_make(bound, sizeof bound),
                                  kith_slice_skip(sealed, KITH_AEAD_NONCE_BYTES), padded);
    kith_wipe(key, sizeof key);
    return is_open ? KITH_OK : damaged(cx, "it was sealed with another key");
}

kith_status kith_segment_open(kith_context *cx, const uint8_t epoch_key[KITH_AEAD_KEY_BYTES],
                              const kith_segment_header *header, kith_slice sealed, kith_buf *out)
{
    uint8_t hash[KITH_HASH_BYTES];
    KITH_ENSURE(sealed.length >= OVERHEAD_BYTES + LENGTH_BYTES &&
                    sealed.length <= KITH_SEGMENT_SEALED_MAX,
                damaged(cx, "its size"));
    kith_body_hash(sealed, hash);
    KITH_ENSURE(memcmp(hash, header->body, sizeof hash) == 0,
                damaged(cx, "it is not the one its header names"));
    size_t padded_bytes = sealed.length - OVERHEAD_BYTES;
    uint8_t *padded = kith_allocate(cx, padded_bytes);
    KITH_ENSURE(padded != NULL, KITH_E_MEMORY);
    kith_status status = unseal(cx, epoch_key, header, sealed, padded);
    if (status == KITH_OK) {
        status = take_body(cx, kith_slice_make(padded, padded_bytes), out);
    }
    kith_wipe(padded, padded_bytes);
    kith_free(cx, padded);
    return status;
}
