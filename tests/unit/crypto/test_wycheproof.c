/* Sealing against the cases that C2SP/wycheproof collected from what went wrong elsewhere
 * (tests/data/crypto). SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "codec/json.h"
#include "crypto/aead.h"
#include "crypto/hash.h"
#include "harness.h"

enum { CASES = 306, BYTES_MAX = 1024 };

static unsigned digit_of(uint8_t letter)
{
    return letter <= '9' ? letter - (unsigned)'0' : letter - (unsigned)'a' + 10;
}

/* A member's hexadecimal digits as bytes in the buffer. */
static kith_slice bytes_of(const kith_json *json, const char *name, uint8_t buffer[BYTES_MAX])
{
    kith_slice text = kith_json_text(kith_json_get(json, name));
    assert_true(text.length / 2 <= BYTES_MAX);
    for (size_t i = 0; i < text.length / 2; i++) {
        buffer[i] = (uint8_t)(digit_of(text.data[2 * i]) << 4 | digit_of(text.data[2 * i + 1]));
    }
    return kith_slice_make(buffer, text.length / 2);
}

static void check_case(const kith_json *json)
{
    uint8_t key[BYTES_MAX];
    uint8_t nonce[BYTES_MAX];
    uint8_t associated_bytes[BYTES_MAX];
    uint8_t plain_bytes[BYTES_MAX];
    uint8_t sealed[BYTES_MAX + KITH_AEAD_TAG_BYTES];
    uint8_t opened[BYTES_MAX];
    uint8_t made[BYTES_MAX + KITH_AEAD_TAG_BYTES];
    bool is_valid = kith_slice_is(kith_json_text(kith_json_get(json, "result")), "valid");
    assert_int_equal(bytes_of(json, "key", key).length, KITH_AEAD_KEY_BYTES);
    assert_int_equal(bytes_of(json, "iv", nonce).length, KITH_AEAD_NONCE_BYTES);
    kith_slice associated = bytes_of(json, "aad", associated_bytes);
    kith_slice plain = bytes_of(json, "msg", plain_bytes);
    size_t length = bytes_of(json, "ct", sealed).length;
    assert_int_equal(bytes_of(json, "tag", sealed + length).length, KITH_AEAD_TAG_BYTES);
    length += KITH_AEAD_TAG_BYTES;
    bool is_open = kith_aead_open(key, nonce, associated, kith_slice_make(sealed, length), opened);
    kith_aead_seal(key, nonce, associated, plain, made);
    bool is_same = memcmp(made, sealed, length) == 0;
    if (is_open != is_valid || is_same != is_valid ||
        (is_open && memcmp(opened, plain.data, plain.length) != 0)) {
        kith_slice id = kith_json_text(kith_json_get(json, "tcId"));
        fail_msg("case %.*s: opens %d, is made %d, is valid %d", KITH_SLICE_ARGUMENTS(id), is_open,
                 is_same, is_valid);
    }
}

static void test_aead__does_what_wycheproof_asks(void **state)
{
    (void)state;
    size_t length = 0;
    kith_json *cases = NULL;
    assert_ok(kith_crypto_init(test_context()));
    uint8_t *text = test_read_file("crypto/wycheproof-xchacha20-poly1305.json", &length);
    assert_ok(kith_json_parse(test_context(), kith_slice_make(text, length), &cases));
    assert_int_equal(kith_json_count(cases), CASES);
    for (const kith_json *json = kith_json_first(cases); json != NULL;
         json = kith_json_next(json)) {
        check_case(json);
    }
    kith_json_free(cases);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_aead__does_what_wycheproof_asks),
    };
    return cmocka_run_group_tests_name("crypto/wycheproof", tests, NULL, NULL);
}
