/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/request.h"

#include "crypto/base64.h"

enum { PROOF_BYTES = KITH_KEY_BYTES + 6 + KITH_NONCE_BYTES + KITH_SIGNATURE_BYTES };

static const char prefix[] = "Kith1 ";

_Static_assert(sizeof prefix - 1 + KITH_BASE64_SIZE(PROOF_BYTES) == KITH_AUTHORIZATION_SIZE,
               "the header's value");

/* What is signed: method, a blank, target, a NUL, then time and nonce as they stand in the proof.
 */
static kith_status write_message(kith_buf *out, const char *method, const char *target,
                                 const uint8_t *time_and_nonce)
{
    kith_buf_append_text(out, method);
    kith_buf_append_text(out, " ");
    kith_buf_append(out, target, strlen(target) + 1);
    kith_buf_append(out, time_and_nonce, 6 + KITH_NONCE_BYTES);
    return kith_buf_status(out);
}

/* Longer targets than this are nobody's. */
enum { MESSAGE_BYTES_MAX = 64 * 1024 };

kith_status kith_request_sign(kith_context *cx, const uint8_t seed[KITH_SEED_BYTES],
                              const char *method, const char *target, int64_t time_ms,
                              char value[KITH_AUTHORIZATION_SIZE])
{
    uint8_t proof[PROOF_BYTES];
    uint8_t *nonce = proof + KITH_KEY_BYTES + 6;
    kith_device_keys keys;
    kith_buf message;
    KITH_ENSURE(cx->env.random(cx->env.user, nonce, KITH_NONCE_BYTES) == KITH_OK,
                kith_fail(cx, KITH_E_IO, "the system gave no random bytes"));
    kith_device_keys_derive(seed, &keys);
    memcpy(proof, keys.sign, KITH_KEY_BYTES);
    uint64_t time = time_ms < 0 ? 0 : (uint64_t)time_ms;
    for (size_t i = 0; i < 6; i++) {
        proof[KITH_KEY_BYTES + i] = (uint8_t)(time >> (8 * (5 - i)));
    }
    kith_buf_init(&message, cx, MESSAGE_BYTES_MAX);
    kith_status status = write_message(&message, method, target, proof + KITH_KEY_BYTES);
    if (status == KITH_OK) {
        kith_device_sign(seed, "kith request", kith_buf_slice(&message), nonce + KITH_NONCE_BYTES);
        memcpy(value, prefix, sizeof prefix);
        kith_base64_write(kith_slice_make(proof, sizeof proof), value + sizeof prefix - 1,
                          KITH_AUTHORIZATION_SIZE - sizeof prefix + 1);
    }
    kith_buf_deinit(&message);
    return status;
}

static kith_status denied(kith_context *cx)
{
    return kith_fail(cx, KITH_E_DENIED, "the request is not signed as it must be");
}

kith_status kith_request_verify(kith_context *cx, const char *method, const char *target,
                                const char *value, kith_request_proof *proof_out)
{
    uint8_t proof[PROOF_BYTES];
    size_t length = 0;
    kith_buf message;
    kith_slice text = kith_slice_of(value);
    kith_slice start = kith_slice_make(prefix, sizeof prefix - 1);
    *proof_out = (kith_request_proof){.time_ms = 0};
    KITH_ENSURE(
        kith_slice_equal(kith_slice_head(text, start.length), start) &&
            kith_base64_read(kith_slice_skip(text, start.length), proof, sizeof proof, &length) &&
            length == sizeof proof,
        denied(cx));
    kith_buf_init(&message, cx, MESSAGE_BYTES_MAX);
    kith_status status = write_message(&message, method, target, proof + KITH_KEY_BYTES);
    bool is_good =
        status == KITH_OK && kith_signature_is_good(proof, "kith request", kith_buf_slice(&message),
                                                    proof + KITH_KEY_BYTES + 6 + KITH_NONCE_BYTES);
    kith_buf_deinit(&message);
    KITH_TRY(status);
    KITH_ENSURE(is_good, denied(cx));
    memcpy(proof_out->key, proof, KITH_KEY_BYTES);
    for (size_t i = 0; i < 6; i++) {
        proof_out->time_ms = proof_out->time_ms << 8 | proof[KITH_KEY_BYTES + i];
    }
    memcpy(proof_out->nonce, proof + KITH_KEY_BYTES + 6, KITH_NONCE_BYTES);
    return KITH_OK;
}
