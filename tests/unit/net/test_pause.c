/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"
#include "net/pause.h"

enum { FIRST_MS = 200, LAST_MS = 5000, DRAWS = 10000 };

/* The shortest and the longest pause after so many failures, over many draws. */
typedef struct span {
    uint32_t shortest_ms;
    uint32_t longest_ms;
} span;

static span span_of(uint32_t failures)
{
    test_random random = test_random_of(failures);
    span found = {UINT32_MAX, 0};
    for (int i = 0; i < DRAWS; i++) {
        uint32_t pause_ms = kith_pause_ms(failures, (uint32_t)test_next(&random));
        found.shortest_ms = pause_ms < found.shortest_ms ? pause_ms : found.shortest_ms;
        found.longest_ms = pause_ms > found.longest_ms ? pause_ms : found.longest_ms;
    }
    return found;
}

static void test_pause__doubles_from_short_to_no_more_than_the_longest(void **state)
{
    static const uint32_t longest_ms[] = {FIRST_MS, 400, 800, 1600, 3200, LAST_MS, LAST_MS};
    (void)state;
    for (uint32_t failures = 0; failures < 7; failures++) {
        assert_int_equal(span_of(failures).longest_ms, longest_ms[failures]);
    }
}

static void test_pause__is_spread_over_half_its_length(void **state)
{
    (void)state;
    for (uint32_t failures = 0; failures < 7; failures++) {
        span found = span_of(failures);
        assert_in_range(found.shortest_ms, found.longest_ms / 2, found.longest_ms * 51 / 100);
    }
}

static void test_pause__stays_the_longest_after_any_number_of_failures(void **state)
{
    static const uint32_t failures[] = {31, 32, 33, 64, 1u << 31, UINT32_MAX};
    (void)state;
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(failures); i++) {
        assert_in_range(kith_pause_ms(failures[i], 0), LAST_MS / 2, LAST_MS);
        assert_in_range(kith_pause_ms(failures[i], UINT32_MAX), LAST_MS / 2, LAST_MS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pause__doubles_from_short_to_no_more_than_the_longest),
        cmocka_unit_test(test_pause__is_spread_over_half_its_length),
        cmocka_unit_test(test_pause__stays_the_longest_after_any_number_of_failures),
    };
    return cmocka_run_group_tests_name("net/pause", tests, NULL, NULL);
}
