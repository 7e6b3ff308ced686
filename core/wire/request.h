/* How a device proves a request (proto/spec/sync.md §1): the value of its Authorization header.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_WIRE_REQUEST_H
#define KITH_WIRE_REQUEST_H

#include "wire/frame.h"

/* "Kith1 ", 152 letters of base64url, NUL. */
enum { KITH_AUTHORIZATION_SIZE = 159 };

typedef struct kith_request_proof {
    uint8_t key[KITH_KEY_BYTES];
    int64_t time_ms;
    uint8_t nonce[KITH_NONCE_BYTES];
} kith_request_proof;

/** Makes the header's value for a request.
 *
 *  @param seed     of the device
 *  @param target   path with its query
 *  @param time_ms  as the relay has it, or as the device believes
 *  @return KITH_OK; KITH_E_IO without random bytes */
KITH_MUST_USE kith_status kith_request_sign(kith_context *cx, const uint8_t seed[KITH_SEED_BYTES],
                                            const char *method, const char *target, int64_t time_ms,
                                            char value[KITH_AUTHORIZATION_SIZE]);

/** Reads a header's value and checks its signature; the time and nonce are for the relay to judge.
 *  KITH_E_DENIED if it is none, or not signed by its key for this method and target. Any thread. */
KITH_MUST_USE kith_status kith_request_verify(kith_context *cx, const char *method,
                                              const char *target, const char *value,
                                              kith_request_proof *proof_out);

#endif
