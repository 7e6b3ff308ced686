/* The proof of a request, as anybody may send it: only what the key's holder signed is taken. The
 * input is method, target and value, a NUL between; what is refused is signed and then taken.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "fuzz.h"
#include "wire/request.h"

enum { TEXT_BYTES = 2000 };

/* Takes a text off the front of the input. */
static void take_text(const uint8_t **data, size_t *size, char text[TEXT_BYTES])
{
    size_t length = 0;
    while (length < *size && (*data)[length] != '\0') {
        length++;
    }
    (void)snprintf(text, TEXT_BYTES, "%.*s", (int)length, (const char *)*data);
    length += length < *size;
    *data += length;
    *size -= length;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t seed[KITH_SEED_BYTES] = {7};
    kith_context cx;
    kith_request_proof proof;
    kith_device_keys keys;
    char method[TEXT_BYTES];
    char target[TEXT_BYTES];
    char value[TEXT_BYTES];
    char own[KITH_AUTHORIZATION_SIZE];
    if (size == 0) {
        return 0;
    }
    FUZZ_ENSURE(kith_context_init(&cx, NULL) == KITH_OK);
    FUZZ_ENSURE(kith_crypto_init(&cx) == KITH_OK);
    take_text(&data, &size, method);
    take_text(&data, &size, target);
    take_text(&data, &size, value);
    if (kith_request_verify(&cx, method, target, value, &proof) == KITH_OK) {
        FUZZ_ENSURE(strlen(value) == KITH_AUTHORIZATION_SIZE - 1);
    }
    FUZZ_ENSURE(kith_request_sign(&cx, seed, method, target, (int64_t)size, own) == KITH_OK);
    FUZZ_ENSURE(kith_request_verify(&cx, method, target, own, &proof) == KITH_OK);
    kith_device_keys_derive(seed, &keys);
    FUZZ_ENSURE(memcmp(proof.key, keys.sign, sizeof proof.key) == 0);
    FUZZ_ENSURE(proof.time_ms == (int64_t)size);
    return 0;
}
