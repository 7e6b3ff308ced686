/* SPDX-License-Identifier: Apache-2.0 */
#include "base/slice.h"

#include "harness.h"

static const kith_slice nothing = {NULL, 0};

static void test_slice_of__counts_no_terminator(void **state)
{
    (void)state;
    assert_int_equal(kith_slice_of("abc").length, 3);
    assert_int_equal(kith_slice_of("").length, 0);
}

static void test_slice_of__makes_nothing_of_null(void **state)
{
    (void)state;
    assert_int_equal(kith_slice_of(NULL).length, 0);
}

static void test_slice__counts_a_nul_inside_the_literal(void **state)
{
    (void)state;
    kith_slice slice = KITH_SLICE("a\0b");
    assert_int_equal(slice.length, 3);
    assert_int_equal(slice.data[2], 'b');
}

static void test_slice_equal__compares_bytes_and_lengths(void **state)
{
    (void)state;
    assert_true(kith_slice_equal(KITH_SLICE("ab"), kith_slice_of("ab")));
    assert_false(kith_slice_equal(KITH_SLICE("ab"), KITH_SLICE("ac")));
    assert_false(kith_slice_equal(KITH_SLICE("ab"), KITH_SLICE("a")));
    assert_false(kith_slice_equal(KITH_SLICE("a\0b"), KITH_SLICE("a\0c")));
}

static void test_slice_equal__takes_every_empty_slice_for_the_same(void **state)
{
    (void)state;
    assert_true(kith_slice_equal(nothing, KITH_SLICE("")));
    assert_false(kith_slice_equal(nothing, KITH_SLICE("a")));
}

/* The pointer is read anew each time, or gcc unrolls the loop and warns of what it never reads. */
static bool is(kith_slice slice, const char *text)
{
    const char *volatile same_text = text;
    return kith_slice_is(slice, same_text);
}

static void test_slice_is__takes_exactly_the_text(void **state)
{
    (void)state;
    assert_true(is(KITH_SLICE("person"), "person"));
    assert_true(is(nothing, ""));
    assert_false(is(KITH_SLICE("perso"), "person"));
    assert_false(is(KITH_SLICE("persons"), "person"));
    assert_false(is(nothing, "person"));
    assert_false(is(KITH_SLICE("person"), ""));
}

static void test_slice_is__does_not_read_past_a_nul(void **state)
{
    (void)state;
    assert_false(is(KITH_SLICE("ab\0"), "ab"));
    assert_false(is(KITH_SLICE("ab\0cd"), "ab"));
}

static void test_slice_compare__sorts_by_unsigned_bytes(void **state)
{
    (void)state;
    assert_true(kith_slice_compare(KITH_SLICE("a"), KITH_SLICE("b")) < 0);
    assert_true(kith_slice_compare(KITH_SLICE("\xe0"), KITH_SLICE("z")) > 0);
    assert_int_equal(kith_slice_compare(KITH_SLICE("ab"), KITH_SLICE("ab")), 0);
}

static void test_slice_compare__sorts_the_shorter_before_the_longer(void **state)
{
    (void)state;
    assert_true(kith_slice_compare(KITH_SLICE("a"), KITH_SLICE("aa")) < 0);
    assert_true(kith_slice_compare(KITH_SLICE("b"), KITH_SLICE("aa")) > 0);
    assert_true(kith_slice_compare(nothing, KITH_SLICE("\0")) < 0);
    assert_int_equal(kith_slice_compare(nothing, KITH_SLICE("")), 0);
}

static void test_slice_skip__stops_at_the_end(void **state)
{
    (void)state;
    assert_slice(kith_slice_skip(KITH_SLICE("abc"), 1), "bc");
    assert_slice(kith_slice_skip(KITH_SLICE("abc"), 3), "");
    assert_slice(kith_slice_skip(KITH_SLICE("abc"), SIZE_MAX), "");
    assert_slice(kith_slice_skip(nothing, 4), "");
}

static void test_slice_head__stops_at_the_end(void **state)
{
    (void)state;
    assert_slice(kith_slice_head(KITH_SLICE("abc"), 2), "ab");
    assert_slice(kith_slice_head(KITH_SLICE("abc"), 0), "");
    assert_slice(kith_slice_head(KITH_SLICE("abc"), SIZE_MAX), "abc");
    assert_slice(kith_slice_head(nothing, 4), "");
}

static void test_slice_find__gives_the_first_place_or_the_length(void **state)
{
    (void)state;
    assert_int_equal(kith_slice_find(KITH_SLICE("a.b.c"), '.'), 1);
    assert_int_equal(kith_slice_find(KITH_SLICE("abc"), '.'), 3);
    assert_int_equal(kith_slice_find(KITH_SLICE("ab\0"), '\0'), 2);
    assert_int_equal(kith_slice_find(KITH_SLICE("abc"), '\0'), 3);
    assert_int_equal(kith_slice_find(nothing, '.'), 0);
}

static void test_slice_trim__takes_blanks_off_both_ends_only(void **state)
{
    (void)state;
    assert_slice(kith_slice_trim(KITH_SLICE(" \t\r\na b \r\n")), "a b");
    assert_slice(kith_slice_trim(KITH_SLICE("ab")), "ab");
    assert_slice(kith_slice_trim(KITH_SLICE(" \n\t ")), "");
    assert_slice(kith_slice_trim(nothing), "");
}

static void test_slice_trim__leaves_nul_bytes(void **state)
{
    (void)state;
    assert_int_equal(kith_slice_trim(KITH_SLICE("\0 a \0")).length, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slice_of__counts_no_terminator),
        cmocka_unit_test(test_slice_of__makes_nothing_of_null),
        cmocka_unit_test(test_slice__counts_a_nul_inside_the_literal),
        cmocka_unit_test(test_slice_equal__compares_bytes_and_lengths),
        cmocka_unit_test(test_slice_equal__takes_every_empty_slice_for_the_same),
        cmocka_unit_test(test_slice_is__takes_exactly_the_text),
        cmocka_unit_test(test_slice_is__does_not_read_past_a_nul),
        cmocka_unit_test(test_slice_compare__sorts_by_unsigned_bytes),
        cmocka_unit_test(test_slice_compare__sorts_the_shorter_before_the_longer),
        cmocka_unit_test(test_slice_skip__stops_at_the_end),
        cmocka_unit_test(test_slice_head__stops_at_the_end),
        cmocka_unit_test(test_slice_find__gives_the_first_place_or_the_length),
        cmocka_unit_test(test_slice_trim__takes_blanks_off_both_ends_only),
        cmocka_unit_test(test_slice_trim__leaves_nul_bytes),
    };
    return cmocka_run_group_tests_name("base/slice", tests, NULL, NULL);
}
