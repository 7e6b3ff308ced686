/* SPDX-License-Identifier: Apache-2.0 */
#include "merge/known.h"

#include "harness.h"

/* The ids sort the other way round than the ordinals. */
static const kith_author authors[] = {
    {{{0}}, 0, 0}, {{{0xf0, 1}}, 10, 0}, {{{0x0f, 2}}, 3, 0}, {{{0x0f, 1}}, 0, 0}};

static kith_known known_with(const kith_correction *corrections, size_t count)
{
    return (kith_known){authors, KITH_ARRAY_LENGTH(authors), corrections, count};
}

static void test_known_has__what_the_head_has_passed(void **state)
{
    (void)state;
    kith_known known = known_with(NULL, 0);
    assert_true(kith_known_has(&known, (kith_dot){1, 1}));
    assert_true(kith_known_has(&known, (kith_dot){1, 10}));
    assert_false(kith_known_has(&known, (kith_dot){1, 11}));
    assert_false(kith_known_has(&known, (kith_dot){3, 1}));
}

static void test_known_has__nothing_of_authors_it_never_met(void **state)
{
    (void)state;
    kith_known known = known_with(NULL, 0);
    assert_false(kith_known_has(&known, (kith_dot){4, 1}));
    assert_false(kith_known_has(&known, (kith_dot){UINT32_MAX, 1}));
}

static void test_known_id__names_a_change_for_everybody(void **state)
{
    (void)state;
    kith_known known = known_with(NULL, 0);
    kith_id id = kith_known_id(&known, (kith_dot){2, 37});
    assert_true(kith_id_equal(id, kith_id_make(authors[2].id, 37)));
}

static void test_known_compare__orders_by_author_id_then_number(void **state)
{
    (void)state;
    kith_known known = known_with(NULL, 0);
    static const kith_dot in_order[] = {{3, 9}, {2, 1}, {2, 2}, {2, 300}, {1, 1}};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(in_order); i++) {
        for (size_t j = 0; j < KITH_ARRAY_LENGTH(in_order); j++) {
            int order = kith_known_compare(&known, in_order[i], in_order[j]);
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
        }
    }
}

static void test_known_stamp__is_the_clocks_own_without_a_correction(void **state)
{
    (void)state;
    kith_known known = known_with(NULL, 0);
    kith_stamp stamp = kith_known_stamp(&known, (kith_dot){1, 1}, (kith_stamp){1000, 7, 0});
    assert_int_equal(stamp.ms, 1000);
    assert_int_equal(stamp.counter, 7);
    assert_int_equal(stamp.trust, KITH_TRUST_NONE);
}

static void test_known_stamp__is_moved_and_confirmed_by_a_correction(void **state)
{
    (void)state;
    const kith_correction correction = {1, 3, 5, 500};
    kith_known known = known_with(&correction, 1);
    kith_stamp stamp = kith_known_stamp(&known, (kith_dot){1, 4}, (kith_stamp){1000, 7, 0});
    assert_int_equal(stamp.ms, 1500);
    assert_int_equal(stamp.counter, 7);
    assert_int_equal(stamp.trust, KITH_TRUST_CONFIRMED);
}

static void test_known_stamp__is_moved_from_first_to_last_only(void **state)
{
    (void)state;
    const kith_correction correction = {1, 3, 5, -500};
    kith_known known = known_with(&correction, 1);
    for (uint64_t number = 1; number <= 7; number++) {
        bool is_covered = number >= 3 && number <= 5;
        kith_stamp stamp =
            kith_known_stamp(&known, (kith_dot){1, number}, (kith_stamp){1000, 0, 1});
        assert_int_equal(stamp.ms, is_covered ? 500 : 1000);
        assert_int_equal(stamp.trust, is_covered ? KITH_TRUST_CONFIRMED : KITH_TRUST_CLAIMED);
    }
}

static void test_known_stamp__is_moved_for_its_author_only(void **state)
{
    (void)state;
    const kith_correction correction = {1, 1, 9, 500};
    kith_known known = known_with(&correction, 1);
    kith_stamp stamp = kith_known_stamp(&known, (kith_dot){2, 4}, (kith_stamp){1000, 0, 1});
    assert_int_equal(stamp.ms, 1000);
}

static void test_known_stamp__is_moved_by_the_last_of_several(void **state)
{
    (void)state;
    const kith_correction corrections[] = {{1, 1, 9, 100}, {1, 4, 9, 200}, {2, 1, 9, 300}};
    kith_known known = known_with(corrections, KITH_ARRAY_LENGTH(corrections));
    assert_int_equal(kith_known_stamp(&known, (kith_dot){1, 3}, (kith_stamp){0, 0, 0}).ms, 100);
    assert_int_equal(kith_known_stamp(&known, (kith_dot){1, 4}, (kith_stamp){0, 0, 0}).ms, 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_has__what_the_head_has_passed),
        cmocka_unit_test(test_known_has__nothing_of_authors_it_never_met),
        cmocka_unit_test(test_known_id__names_a_change_for_everybody),
        cmocka_unit_test(test_known_compare__orders_by_author_id_then_number),
        cmocka_unit_test(test_known_stamp__is_the_clocks_own_without_a_correction),
        cmocka_unit_test(test_known_stamp__is_moved_and_confirmed_by_a_correction),
        cmocka_unit_test(test_known_stamp__is_moved_from_first_to_last_only),
        cmocka_unit_test(test_known_stamp__is_moved_for_its_author_only),
        cmocka_unit_test(test_known_stamp__is_moved_by_the_last_of_several),
    };
    return cmocka_run_group_tests_name("merge/known", tests, NULL, NULL);
}
