/* Proofs of requests. The expected one was made with Python's hashlib and libsodium's Ed25519 from
 * the words of proto/spec/sync.md §1. SPDX-License-Identifier: Apache-2.0 */
#include "wire/request.h"

#include "crypto/base64.h"
#include "harness.h"
#include "heap.h"

static const char expected[] =
    "Kith1 6gxPt0J6Qx6eXLM5uwTCDGitRhhk0zcgpYD-6LGppRgBohpNQHvw8fLz9PX29_j5-vvAbNKfwRalUla3FeP7tOJ3"
    "ElG9CLm6HVJHkp8xQT59IkExPR232-Pdj3RQ3wRDCvt3Pt1pcajGsxZIr0LCxIkA";
static const int64_t time_ms = INT64_C(1795737600123);
static uint8_t seed[KITH_SEED_BYTES];

static int begin(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof seed; i++) {
        seed[i] = (uint8_t)i;
    }
    assert_ok(kith_crypto_init(test_context()));
    return 0;
}

static kith_status draw_counting(void *user, uint8_t *bytes, size_t length)
{
    (void)user;
    for (size_t i = 0; i < length; i++) {
        bytes[i] = (uint8_t)(0xf0 + i);
    }
    return KITH_OK;
}

static kith_status draw_nothing(void *user, uint8_t *bytes, size_t length)
{
    (void)user;
    (void)bytes;
    (void)length;
    return KITH_E_IO;
}

static kith_context context_with(kith_status (*random)(void *, uint8_t *, size_t))
{
    kith_context cx;
    kith_env env = KITH_ENV_INIT;
    env.random = random;
    assert_ok(kith_context_init(&cx, &env));
    return cx;
}

static kith_status verify(const char *method, const char *target, const char *value)
{
    kith_request_proof proof;
    kith_status status = kith_request_verify(test_context(), method, target, value, &proof);
    if (status != KITH_OK) {
        static const kith_request_proof nothing;
        assert_memory_equal(&proof, &nothing, sizeof proof);
    }
    return status;
}

static void test_request_sign__makes_what_the_specification_says(void **state)
{
    (void)state;
    char value[KITH_AUTHORIZATION_SIZE];
    kith_context cx = context_with(draw_counting);
    assert_ok(kith_request_sign(&cx, seed, "POST", "/v1/sync", time_ms, value));
    assert_string_equal(value, expected);
}

static void test_request_verify__tells_key_time_and_nonce(void **state)
{
    (void)state;
    kith_request_proof proof;
    kith_device_keys keys;
    uint8_t nonce[KITH_NONCE_BYTES];
    kith_device_keys_derive(seed, &keys);
    assert_ok(draw_counting(NULL, nonce, sizeof nonce));
    assert_ok(kith_request_verify(test_context(), "POST", "/v1/sync", expected, &proof));
    assert_memory_equal(proof.key, keys.sign, KITH_KEY_BYTES);
    assert_true(proof.time_ms == time_ms);
    assert_memory_equal(proof.nonce, nonce, sizeof nonce);
}

static void test_request_verify__takes_a_phone_in_1970(void **state)
{
    (void)state;
    static const int64_t times[] = {0, -86400000, 1, (INT64_C(1) << 48) - 1};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(times); i++) {
        char value[KITH_AUTHORIZATION_SIZE];
        kith_request_proof proof;
        assert_ok(kith_request_sign(test_context(), seed, "GET", "/v1/wait?00=1", times[i], value));
        assert_ok(kith_request_verify(test_context(), "GET", "/v1/wait?00=1", value, &proof));
        assert_true(proof.time_ms == (times[i] < 0 ? 0 : times[i]));
    }
}

static void test_request_sign__never_repeats_itself(void **state)
{
    (void)state;
    char first[KITH_AUTHORIZATION_SIZE];
    char second[KITH_AUTHORIZATION_SIZE];
    assert_ok(kith_request_sign(test_context(), seed, "POST", "/v1/sync", time_ms, first));
    assert_ok(kith_request_sign(test_context(), seed, "POST", "/v1/sync", time_ms, second));
    assert_string_not_equal(first, second);
}

static void test_request_verify__is_for_one_method_and_target(void **state)
{
    (void)state;
    assert_status(verify("GET", "/v1/sync", expected), KITH_E_DENIED);
    assert_status(verify("POST", "/v1/sync?", expected), KITH_E_DENIED);
    assert_status(verify("POST", "/v1/syn", expected), KITH_E_DENIED);
    assert_status(verify("POST ", "/v1/sync", expected), KITH_E_DENIED);
    assert_status(verify("", "", expected), KITH_E_DENIED);
}

/* Every letter counts: of the key, the time, the nonce and the signature. */
static void test_request_verify__refuses_any_letter_changed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof expected - 1; i++) {
        char value[sizeof expected];
        memcpy(value, expected, sizeof value);
        value[i] = value[i] == 'A' ? 'B' : 'A';
        assert_status(verify("POST", "/v1/sync", value), KITH_E_DENIED);
    }
}

static void test_request_verify__refuses_what_is_cut_or_lengthened(void **state)
{
    (void)state;
    char value[sizeof expected + 8];
    for (size_t length = 0; length < sizeof expected - 1; length++) {
        memcpy(value, expected, length);
        value[length] = '\0';
        assert_status(verify("POST", "/v1/sync", value), KITH_E_DENIED);
    }
    static const char *const ends[] = {"A", "AAAA", " ", "=", "=="};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(ends); i++) {
        memcpy(value, expected, sizeof expected - 1);
        memcpy(value + sizeof expected - 1, ends[i], strlen(ends[i]) + 1);
        assert_status(verify("POST", "/v1/sync", value), KITH_E_DENIED);
    }
}

static void test_request_verify__refuses_targets_beyond_any_use(void **state)
{
    (void)state;
    static char target[65 * 1024];
    memset(target, 'a', sizeof target - 1);
    kith_request_proof proof;
    kith_status status = kith_request_verify(test_context(), "GET", target, expected, &proof);
    assert_status(status, KITH_E_LIMIT);
}

static void test_request_sign__needs_random_bytes(void **state)
{
    (void)state;
    char value[KITH_AUTHORIZATION_SIZE];
    kith_context cx = context_with(draw_nothing);
    assert_status(kith_request_sign(&cx, seed, "POST", "/v1/sync", time_ms, value), KITH_E_IO);
}

static kith_status sign_and_verify(kith_context *cx, void *user)
{
    char value[KITH_AUTHORIZATION_SIZE];
    kith_request_proof proof;
    (void)user;
    KITH_TRY(kith_request_sign(cx, seed, "POST", "/v1/sync", time_ms, value));
    return kith_request_verify(cx, "POST", "/v1/sync", value, &proof);
}

static void test_request__reports_lack_of_memory(void **state)
{
    (void)state;
    heap_fail_each_allocation(sign_and_verify, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request_sign__makes_what_the_specification_says),
        cmocka_unit_test(test_request_verify__tells_key_time_and_nonce),
        cmocka_unit_test(test_request_verify__takes_a_phone_in_1970),
        cmocka_unit_test(test_request_sign__never_repeats_itself),
        cmocka_unit_test(test_request_verify__is_for_one_method_and_target),
        cmocka_unit_test(test_request_verify__refuses_any_letter_changed),
        cmocka_unit_test(test_request_verify__refuses_what_is_cut_or_lengthened),
        cmocka_unit_test(test_request_verify__refuses_targets_beyond_any_use),
        cmocka_unit_test(test_request_sign__needs_random_bytes),
        cmocka_unit_test(test_request__reports_lack_of_memory),
    };
    return cmocka_run_group_tests_name("wire/request", tests, begin, NULL);
}
