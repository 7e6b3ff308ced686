/* SPDX-License-Identifier: Apache-2.0 */
#include "value/number.h"

#include <inttypes.h>
#include <stdio.h>

#include "harness.h"

static const char *const not_whole = "is not a whole number";
static const char *const not_decimal = "is not a decimal number";
static const char *const not_a_place = "is not a place";
static const char *const too_many = "has too many digits";

/* A number with any count of significant bits, each as likely as the other. */
static int64_t any_number(test_random *random)
{
    uint64_t size = test_next(random) >> test_below(random, 64);
    return (int64_t)(test_below(random, 2) == 1 ? ~size : size);
}

static void assert_why(const char *text, kith_status status, const char *why, const char *expected)
{
    if (status != KITH_E_REFUSED || why == NULL || strcmp(why, expected) != 0) {
        fail_msg("\"%s\": %s, \"%s\"", text, kith_status_name(status), why == NULL ? "" : why);
    }
}

static void assert_integer_refused(const char *text, const char *expected)
{
    int64_t number = 1;
    const char *why = NULL;
    kith_status status = kith_integer_parse(kith_slice_of(text), &number, &why);
    assert_why(text, status, why, expected);
    assert_int_equal(number, 0);
}

static void assert_decimal_refused(const char *text, const char *expected)
{
    kith_decimal decimal = {1, 1};
    const char *why = NULL;
    kith_status status = kith_decimal_parse(kith_slice_of(text), &decimal, &why);
    assert_why(text, status, why, expected);
    assert_int_equal(decimal.mantissa, 0);
    assert_int_equal(decimal.scale, 0);
}

static void assert_geo_refused(const char *text, const char *expected)
{
    kith_geo geo = {1, 1};
    const char *why = NULL;
    kith_status status = kith_geo_parse(kith_slice_of(text), &geo, &why);
    assert_why(text, status, why, expected);
    assert_int_equal(geo.north, 0);
    assert_int_equal(geo.east, 0);
}

static void assert_integer(const char *text, int64_t expected)
{
    int64_t number = 0;
    const char *why = "before";
    assert_ok(kith_integer_parse(kith_slice_of(text), &number, &why));
    assert_true(number == expected);
    assert_null(why);
}

/* The decimal of a text, formatted, and its bytes read back. */
static void assert_decimal(const char *text, const char *formatted)
{
    kith_decimal decimal;
    kith_decimal back;
    const char *why = NULL;
    kith_buf buf;
    kith_buf_init(&buf, test_context(), 64);
    if (kith_decimal_parse(kith_slice_of(text), &decimal, &why) != KITH_OK) {
        fail_msg("%s %s", text, why);
    }
    kith_decimal_format(decimal, &buf);
    assert_slice(kith_buf_slice(&buf), formatted);
    kith_buf_clear(&buf);
    kith_decimal_write(&buf, decimal);
    assert_true(kith_decimal_read(kith_buf_slice(&buf), &back));
    assert_true(back.mantissa == decimal.mantissa && back.scale == decimal.scale);
    kith_buf_deinit(&buf);
}

/* The same for a place. */
static void assert_geo(const char *text, const char *formatted)
{
    kith_geo geo;
    kith_geo back;
    const char *why = NULL;
    kith_buf buf;
    kith_buf_init(&buf, test_context(), 64);
    if (kith_geo_parse(kith_slice_of(text), &geo, &why) != KITH_OK) {
        fail_msg("%s %s", text, why);
    }
    kith_geo_format(geo, &buf);
    assert_slice(kith_buf_slice(&buf), formatted);
    kith_buf_clear(&buf);
    kith_geo_write(&buf, geo);
    assert_true(kith_geo_read(kith_buf_slice(&buf), &back));
    assert_true(back.north == geo.north && back.east == geo.east);
    kith_buf_deinit(&buf);
}

static void test_integer_parse__takes_every_64_bit_number(void **state)
{
    (void)state;
    assert_integer("0", 0);
    assert_integer("-0", 0);
    assert_integer("+5", 5);
    assert_integer("007", 7);
    assert_integer("9007199254740993", INT64_C(9007199254740993));
    assert_integer("9223372036854775807", INT64_MAX);
    assert_integer("-9223372036854775808", INT64_MIN);
    assert_integer("000000000000000000000000000001", 1);
}

static void test_integer_parse__undoes_the_printing_of_any_number(void **state)
{
    (void)state;
    test_random random = test_random_of(test_seed());
    for (size_t round = 0; round < 5000; round++) {
        char text[32];
        int64_t number = any_number(&random);
        (void)snprintf(text, sizeof text, "%" PRId64, number);
        assert_integer(text, number);
    }
}

static void test_integer_parse__refuses_what_passes_64_bits(void **state)
{
    (void)state;
    assert_integer_refused("9223372036854775808", "is too large");
    assert_integer_refused("-9223372036854775809", "is too large");
    assert_integer_refused("18446744073709551616", "is too large");
    assert_integer_refused("99999999999999999999999999", "is too large");
}

static void test_integer_parse__refuses_what_is_no_whole_number(void **state)
{
    (void)state;
    static const char *const texts[] = {"",    "-",    "+",     "--1", "+-1",   "1e3",
                                        "1.0", "0x10", " 1",    "1 ",  "1,000", "৯",
                                        "one", "1-",   "1e308", "NaN", "inf"};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(texts); i++) {
        assert_integer_refused(texts[i], not_whole);
    }
}

static void test_decimal_parse__drops_needless_zeros_only(void **state)
{
    (void)state;
    assert_decimal("12.5", "12.5");
    assert_decimal("12.50", "12.5");
    assert_decimal("12.000", "12");
    assert_decimal("100", "100");
    assert_decimal("100.0", "100");
    assert_decimal("0.0", "0");
    assert_decimal("-0", "0");
    assert_decimal("-0.0", "0");
    assert_decimal("00.5", "0.5");
    assert_decimal("+1.5", "1.5");
    assert_decimal("-0.05", "-0.05");
}

static void test_decimal_parse__is_exact_at_the_extremes(void **state)
{
    (void)state;
    assert_decimal("9223372036854775807", "9223372036854775807");
    assert_decimal("-9223372036854775807", "-9223372036854775807");
    assert_decimal("9.223372036854775807", "9.223372036854775807");
    assert_decimal("0.000000000000000001", "0.000000000000000001");
    assert_decimal("-0.000000000000000001", "-0.000000000000000001");
    assert_decimal("9007199254740993", "9007199254740993");
    assert_decimal("0.1234567890123456780000", "0.123456789012345678");
}

static void test_decimal_parse__refuses_too_many_digits(void **state)
{
    (void)state;
    assert_decimal_refused("9223372036854775808", too_many);
    assert_decimal_refused("-9223372036854775808", too_many);
    assert_decimal_refused("0.0000000000000000001", too_many);
    assert_decimal_refused("92233720368547758.08", too_many);
    assert_decimal_refused("100000000000000000000", too_many);
}

static void test_decimal_parse__refuses_what_is_no_decimal(void **state)
{
    (void)state;
    static const char *const texts[] = {"",    "-",    ".",     "-.",  ".5",  "1.2.3", "1,5",
                                        "+-1", "1e5",  "1e308", "1E5", "NaN", "inf",   "1 000",
                                        "১.৫", "1.5-", "0x1",   "--1", " 1",  "1..0",  ".0"};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(texts); i++) {
        assert_decimal_refused(texts[i], not_decimal);
    }
}

static void test_decimal_format__gives_any_decimal_its_text_back(void **state)
{
    (void)state;
    test_random random = test_random_of(test_seed());
    for (size_t round = 0; round < 5000; round++) {
        int64_t mantissa = any_number(&random);
        uint8_t scale = (uint8_t)test_below(&random, KITH_DECIMAL_SCALE_MAX + 1);
        bool needless_zero = scale > 0 && mantissa % 10 == 0;
        if (mantissa == INT64_MIN || needless_zero) {
            continue;
        }
        kith_buf buf;
        kith_buf_init(&buf, test_context(), 64);
        kith_decimal_format((kith_decimal){mantissa, scale}, &buf);
        kith_decimal back;
        const char *why;
        assert_ok(kith_decimal_parse(kith_buf_slice(&buf), &back, &why));
        assert_true(back.mantissa == mantissa && back.scale == scale);
        assert_decimal(test_text(&buf), test_text(&buf));
        kith_buf_deinit(&buf);
    }
}

static void test_decimal_read__refuses_bytes_that_are_not_canonical(void **state)
{
    (void)state;
    static const kith_slice inputs[] = {
        {NULL, 0},                            /* nothing */
        {(const uint8_t *)"\x02", 1},         /* no scale */
        {(const uint8_t *)"\x14\x01", 2},     /* 1.0 */
        {(const uint8_t *)"\x00\x01", 2},     /* 0.0 */
        {(const uint8_t *)"\x02\x13", 2},     /* scale 19 */
        {(const uint8_t *)"\x02\x00\x00", 3}, /* one byte more */
        {(const uint8_t *)"\x82\x00\x00", 3}, /* longer than needed */
        {(const uint8_t *)"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x00", 11}}; /* least int64 */
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(inputs); i++) {
        kith_decimal decimal;
        if (kith_decimal_read(inputs[i], &decimal)) {
            fail_msg("input %zu", i);
        }
    }
}

static void test_geo_parse__gives_five_digits_back(void **state)
{
    (void)state;
    assert_geo("25.57880,91.89330", "25.57880,91.89330");
    assert_geo("-25.57880,-91.89330", "-25.57880,-91.89330");
    assert_geo("25.5,91", "25.50000,91.00000");
    assert_geo("+25.5,+091", "25.50000,91.00000");
    assert_geo(" 25.5788 , 91.8933 ", "25.57880,91.89330");
    assert_geo("0,-0", "0.00000,0.00000");
}

static void test_geo_parse__rounds_to_the_nearest_unit(void **state)
{
    (void)state;
    assert_geo("25.578804,91.893305", "25.57880,91.89331");
    assert_geo("25.578804999999999,91.8933049", "25.57880,91.89330");
    assert_geo("-25.578804,-91.893305", "-25.57880,-91.89331");
    assert_geo("25.999995,0.999999999", "26.00000,1.00000");
    assert_geo("0.000004,-0.000004", "0.00000,0.00000");
    assert_geo("-0.000005,0.000005", "-0.00001,0.00001");
}

static void test_geo_parse__takes_the_whole_world(void **state)
{
    (void)state;
    assert_geo("90,180", "90.00000,180.00000");
    assert_geo("-90,-180", "-90.00000,-180.00000");
    assert_geo("90.000004,180.000004", "90.00000,180.00000");
}

static void test_geo_parse__refuses_what_lies_outside(void **state)
{
    (void)state;
    static const char *const texts[] = {"90.00001,0",      "90.000005,0", "-90.00001,0",
                                        "91.8933,25.5788", "0,180.00001", "0,-180.00001",
                                        "0,999",           "999.99999,0"};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(texts); i++) {
        assert_geo_refused(texts[i], "lies outside the world");
    }
}

static void test_geo_parse__refuses_what_is_no_place(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",        ",",           "25.5",     "25.5,",          ",91",       "25.5;91",
        "25.5 91", "25.5,91,8",   "25.5°,91", "N25.5,E91",      "1e1,2",     ".5,1",
        "+-1,2",   "25 .5,1",     "0025,91",  "1000,0",         "25.5.5,91", "25.5,91.x",
        "২৫.৫,৯১", "25.57880x,1", "25.-5,1",  "25.578800000x,1"};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(texts); i++) {
        assert_geo_refused(texts[i], not_a_place);
    }
}

static void test_geo_format__gives_any_place_its_text_back(void **state)
{
    (void)state;
    test_random random = test_random_of(test_seed());
    for (size_t round = 0; round < 5000; round++) {
        kith_geo geo = {(int32_t)test_below(&random, 18000001) - 9000000,
                        (int32_t)test_below(&random, 36000001) - 18000000};
        kith_geo back;
        const char *why;
        kith_buf buf;
        kith_buf_init(&buf, test_context(), 64);
        kith_geo_format(geo, &buf);
        assert_ok(kith_geo_parse(kith_buf_slice(&buf), &back, &why));
        assert_int_equal(back.north, geo.north);
        assert_int_equal(back.east, geo.east);
        assert_geo(test_text(&buf), test_text(&buf));
        kith_buf_deinit(&buf);
    }
}

static void assert_geo_bytes(int64_t north, int64_t east, bool expected)
{
    kith_geo geo = {1, 1};
    kith_buf buf;
    kith_buf_init(&buf, test_context(), 32);
    kith_write_zigzag(&buf, north);
    kith_write_zigzag(&buf, east);
    assert_int_equal(kith_geo_read(kith_buf_slice(&buf), &geo), expected);
    assert_true(expected || (geo.north == 0 && geo.east == 0));
    kith_buf_deinit(&buf);
}

static void test_geo_read__keeps_to_the_world(void **state)
{
    (void)state;
    assert_geo_bytes(9000000, 18000000, true);
    assert_geo_bytes(-9000000, -18000000, true);
    assert_geo_bytes(9000001, 0, false);
    assert_geo_bytes(-9000001, 0, false);
    assert_geo_bytes(0, 18000001, false);
    assert_geo_bytes(0, -18000001, false);
    assert_geo_bytes(INT64_C(1) << 32, 0, false);
    assert_geo_bytes(0, INT64_MIN, false);
}

static void test_geo_read__refuses_bytes_that_are_not_canonical(void **state)
{
    (void)state;
    static const kith_slice inputs[] = {{NULL, 0},
                                        {(const uint8_t *)"\x02", 1},
                                        {(const uint8_t *)"\x02\x02\x02", 3},
                                        {(const uint8_t *)"\x82\x00\x02", 3}};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(inputs); i++) {
        kith_geo geo;
        assert_false(kith_geo_read(inputs[i], &geo));
    }
}

static void test_decimal_compare__orders_as_numbers_do(void **state)
{
    (void)state;
    static const char *const rising[] = {"-999999999999999999",
                                         "-3",
                                         "-2.5",
                                         "-0.5",
                                         "-0.000000000000000001",
                                         "0",
                                         "0.000000000000000001",
                                         "0.5",
                                         "0.75",
                                         "2.5",
                                         "9",
                                         "9.75",
                                         "999999999999999999"};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(rising); i++) {
        for (size_t j = 0; j < KITH_ARRAY_LENGTH(rising); j++) {
            kith_decimal a;
            kith_decimal b;
            const char *why = NULL;
            assert_int_equal(kith_decimal_parse(kith_slice_of(rising[i]), &a, &why), KITH_OK);
            assert_int_equal(kith_decimal_parse(kith_slice_of(rising[j]), &b, &why), KITH_OK);
            assert_int_equal(kith_decimal_compare(a, b), (i > j) - (i < j));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_integer_parse__takes_every_64_bit_number),
        cmocka_unit_test(test_integer_parse__undoes_the_printing_of_any_number),
        cmocka_unit_test(test_integer_parse__refuses_what_passes_64_bits),
        cmocka_unit_test(test_integer_parse__refuses_what_is_no_whole_number),
        cmocka_unit_test(test_decimal_parse__drops_needless_zeros_only),
        cmocka_unit_test(test_decimal_parse__is_exact_at_the_extremes),
        cmocka_unit_test(test_decimal_parse__refuses_too_many_digits),
        cmocka_unit_test(test_decimal_parse__refuses_what_is_no_decimal),
        cmocka_unit_test(test_decimal_format__gives_any_decimal_its_text_back),
        cmocka_unit_test(test_decimal_compare__orders_as_numbers_do),
        cmocka_unit_test(test_decimal_read__refuses_bytes_that_are_not_canonical),
        cmocka_unit_test(test_geo_parse__gives_five_digits_back),
        cmocka_unit_test(test_geo_parse__rounds_to_the_nearest_unit),
        cmocka_unit_test(test_geo_parse__takes_the_whole_world),
        cmocka_unit_test(test_geo_parse__refuses_what_lies_outside),
        cmocka_unit_test(test_geo_parse__refuses_what_is_no_place),
        cmocka_unit_test(test_geo_format__gives_any_place_its_text_back),
        cmocka_unit_test(test_geo_read__keeps_to_the_world),
        cmocka_unit_test(test_geo_read__refuses_bytes_that_are_not_canonical),
    };
    return cmocka_run_group_tests_name("value/number", tests, NULL, NULL);
}
