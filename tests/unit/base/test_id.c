/* SPDX-License-Identifier: Apache-2.0 */
#include "base/id.h"

#include "base/limits.h"
#include "harness.h"

#include <stdio.h>

static const kith_author_id author = {{0x3f, 0x01, 0xa9, 0x77, 0x20, 0x00, 0xff, 0x10, 0x42, 0x5e}};

static void test_id_format__reads_back(void **state)
{
    (void)state;
    static const uint64_t numbers[] = {1, 37, 65536, KITH_NUMBER_MAX};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(numbers); i++) {
        char text[KITH_ID_TEXT_SIZE];
        kith_id back;
        kith_id id = kith_id_make(author, numbers[i]);
        kith_id_format(id, text);
        assert_ok(kith_id_parse(kith_slice_of(text), &back));
        assert_true(kith_id_equal(id, back));
        assert_int_equal(kith_id_number(back), numbers[i]);
    }
}

static void test_id_parse__takes_letters_that_look_alike(void **state)
{
    (void)state;
    kith_id plain;
    kith_id odd;
    assert_ok(kith_id_parse(kith_slice_of("0011aaaaaaaaaaaa-7"), &plain));
    assert_ok(kith_id_parse(kith_slice_of("OoIlAAAAAAAAAAAA-7"), &odd));
    assert_true(kith_id_equal(plain, odd));
}

static void test_id_parse__refuses_what_is_no_whole_id(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "37",
                                        "-37",
                                        "0011aaaaaaaaaaaa",
                                        "0011aaaaaaaaaaaa-",
                                        "0011aaaaaaaaaaaa-0",
                                        "u-1",
                                        "a-1",
                                        "-",
                                        "0011aaaaaaaaaaaa-01",
                                        "0011aaaaaaaaaaaa-1x",
                                        "0011aaaaaaaaaaaaa-1",
                                        "0011aaaaaaaaaaaa-1099511627776",
                                        "0011aaaaaaaaaaaa--1"};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(texts); i++) {
        kith_id id;
        assert_status(kith_id_parse(kith_slice_of(texts[i]), &id), KITH_E_SYNTAX);
        assert_true(kith_id_is_zero(id));
    }
}

static void test_id_compare__sorts_by_author_then_number(void **state)
{
    (void)state;
    kith_author_id later = author;
    later.bytes[9]++;
    assert_true(kith_id_compare(kith_id_make(author, 256), kith_id_make(author, 255)) > 0);
    assert_true(kith_id_compare(kith_id_make(author, 999), kith_id_make(later, 1)) < 0);
}

static void test_id_pattern__fits_by_first_letters(void **state)
{
    (void)state;
    char text[KITH_AUTHOR_TEXT_LENGTH + 1];
    char abbreviated[32];
    kith_id_pattern pattern;
    kith_author_format(author, text);
    (void)snprintf(abbreviated, sizeof abbreviated, "%.4s-12", text);
    assert_ok(kith_id_pattern_parse(kith_slice_of(abbreviated), &pattern));
    assert_int_equal(pattern.number, 12);
    assert_true(kith_id_pattern_fits(&pattern, author));
    pattern.letters[3] = pattern.letters[3] == '0' ? '1' : '0';
    assert_false(kith_id_pattern_fits(&pattern, author));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_id_format__reads_back),
        cmocka_unit_test(test_id_parse__takes_letters_that_look_alike),
        cmocka_unit_test(test_id_parse__refuses_what_is_no_whole_id),
        cmocka_unit_test(test_id_compare__sorts_by_author_then_number),
        cmocka_unit_test(test_id_pattern__fits_by_first_letters),
    };
    return cmocka_run_group_tests_name("base/id", tests, NULL, NULL);
}
