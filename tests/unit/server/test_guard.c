/* Repeated and frequent requests. SPDX-License-Identifier: Apache-2.0 */
#include "server/http/guard.h"

#include "harness.h"

enum { MINUTE_MS = 60000 };
static const int64_t now_ms = INT64_C(1795737600000);
static kithd_guard *guard;

static int begin(void **state)
{
    (void)state;
    assert_ok(kith_crypto_init(test_context()));
    assert_ok(kithd_guard_new(test_context(), &guard));
    return 0;
}

static int end(void **state)
{
    (void)state;
    kithd_guard_free(guard);
    return 0;
}

/* A request of a device, with a nonce of its own. */
static kith_request_proof proof_of(uint8_t device, uint32_t nonce, int64_t time_ms)
{
    kith_request_proof proof = {.key = {device}, .time_ms = time_ms};
    memcpy(proof.nonce, &nonce, sizeof nonce);
    return proof;
}

static kith_status judge(uint8_t device, uint32_t nonce, int64_t time_ms, int64_t at_ms)
{
    kith_request_proof proof = proof_of(device, nonce, time_ms);
    return kithd_guard_judge(guard, &proof, at_ms);
}

static void test_guard__takes_times_within_five_minutes(void **state)
{
    (void)state;
    assert_ok(judge(1, 1, now_ms - 5 * MINUTE_MS, now_ms));
    assert_ok(judge(1, 2, now_ms + 5 * MINUTE_MS, now_ms));
    assert_status(judge(1, 3, now_ms - 5 * MINUTE_MS - 1, now_ms), KITH_E_TIME);
    assert_status(judge(1, 4, now_ms + 5 * MINUTE_MS + 1, now_ms), KITH_E_TIME);
    assert_status(judge(1, 5, 0, now_ms), KITH_E_TIME);
    assert_status(judge(1, 6, (INT64_C(1) << 48) - 1, now_ms), KITH_E_TIME);
}

/* The last moment at which a request's time is still taken is ten minutes after the first. */
static void test_guard__takes_a_request_once_while_its_time_is_good(void **state)
{
    (void)state;
    int64_t time_ms = now_ms + 5 * MINUTE_MS;
    assert_ok(judge(1, 1, time_ms, now_ms));
    assert_status(judge(1, 1, time_ms, now_ms), KITH_E_DENIED);
    assert_status(judge(1, 1, time_ms, now_ms + 5 * MINUTE_MS), KITH_E_DENIED);
    assert_status(judge(1, 1, time_ms, now_ms + 10 * MINUTE_MS), KITH_E_DENIED);
    assert_ok(judge(2, 1, time_ms, now_ms)); /* another device's */
}

static void test_guard__lets_a_device_ask_so_often(void **state)
{
    (void)state;
    uint32_t taken = 0;
    while (taken < 1000 && judge(1, taken, now_ms, now_ms) == KITH_OK) {
        taken++;
    }
    assert_int_equal(taken, 120);
    assert_ok(judge(2, 1, now_ms, now_ms));
    assert_ok(judge(1, 2000, now_ms, now_ms + 100)); /* ten a second */
    assert_status(judge(1, 2001, now_ms, now_ms + 100), KITH_E_BUSY);
    assert_ok(judge(1, 2002, now_ms, now_ms + 2 * MINUTE_MS));
}

static void test_guard__lets_an_address_ask_so_often(void **state)
{
    (void)state;
    static const uint8_t first[] = {192, 0, 2, 1};
    static const uint8_t second[] = {192, 0, 2, 2};
    kith_slice address = kith_slice_make(first, sizeof first);
    uint32_t taken = 0;
    while (taken < 10000 && kithd_guard_judge_address(guard, address, now_ms) == KITH_OK) {
        taken++;
    }
    assert_int_equal(taken, 1200);
    assert_ok(kithd_guard_judge_address(guard, kith_slice_make(second, sizeof second), now_ms));
    assert_ok(kithd_guard_judge_address(guard, address, now_ms + 10));
}

/* Who holds a network of IPv6 has more addresses than any table. */
static void test_guard__counts_a_network_of_ipv6_as_one(void **state)
{
    (void)state;
    uint8_t bytes[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 1};
    kith_slice address = kith_slice_make(bytes, sizeof bytes);
    for (size_t i = 0; i < 1200; i++) {
        bytes[8 + i % 8] = (uint8_t)(i + 1);
        assert_ok(kithd_guard_judge_address(guard, address, now_ms));
    }
    assert_status(kithd_guard_judge_address(guard, address, now_ms), KITH_E_BUSY);
    bytes[7] = 2;
    assert_ok(kithd_guard_judge_address(guard, address, now_ms));
}

/* However many come, none is let through unremembered. */
static void test_guard__forgets_no_nonce_for_lack_of_room(void **state)
{
    (void)state;
    enum { REQUESTS = 100000 };
    uint32_t taken = 0;
    for (uint32_t i = 0; i < REQUESTS; i++) {
        kith_request_proof proof = proof_of(1, i, now_ms);
        memcpy(proof.key, &i, sizeof i); /* each from a device of its own */
        if (kithd_guard_judge(guard, &proof, now_ms) == KITH_OK) {
            taken++;
            assert_true(kithd_guard_judge(guard, &proof, now_ms) != KITH_OK);
        }
    }
    assert_in_range(taken, 40000, 65536);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_guard__takes_times_within_five_minutes),
        TEST(test_guard__takes_a_request_once_while_its_time_is_good),
        TEST(test_guard__lets_a_device_ask_so_often),
        TEST(test_guard__lets_an_address_ask_so_often),
        TEST(test_guard__counts_a_network_of_ipv6_as_one),
        TEST(test_guard__forgets_no_nonce_for_lack_of_room),
    };
    return cmocka_run_group_tests_name("server/guard", tests, NULL, NULL);
}
