/* SPDX-License-Identifier: Apache-2.0 */
#include "value/date.h"

#include <stdio.h>

#include "base/limits.h"
#include "harness.h"

static kith_date date_of(const char *text)
{
    kith_date date;
    const char *why = NULL;
    if (kith_date_parse(kith_slice_of(text), &date, &why) != KITH_OK) {
        fail_msg("%s %s", text, why);
    }
    return date;
}

static void assert_same_date(const kith_date *a, const kith_date *b)
{
    assert_int_equal(a->first.precision, b->first.precision);
    assert_int_equal(a->first.count, b->first.count);
    assert_int_equal(a->last.precision, b->last.precision);
    assert_int_equal(a->last.count, b->last.count);
    assert_int_equal(a->is_about, b->is_about);
    assert_int_equal(a->is_range, b->is_range);
}

/* The text form comes back, and so does the date through its bytes. */
static void assert_round_trip(const char *text)
{
    kith_date date = date_of(text);
    kith_date back;
    kith_buf buf;
    kith_buf_init(&buf, test_context(), 64);
    kith_date_format(&date, &buf);
    assert_slice(kith_buf_slice(&buf), text);
    kith_buf_clear(&buf);
    kith_date_write(&buf, &date);
    assert_ok(kith_buf_status(&buf));
    assert_true(kith_date_read(kith_buf_slice(&buf), &back));
    assert_same_date(&date, &back);
    kith_buf_deinit(&buf);
}

static void assert_refused(const char *const *texts, size_t count, const char *why)
{
    for (size_t i = 0; i < count; i++) {
        kith_date date = {.is_about = true};
        const char *why_out = NULL;
        kith_status status = kith_date_parse(kith_slice_of(texts[i]), &date, &why_out);
        if (status != KITH_E_REFUSED || strcmp(why_out, why) != 0) {
            fail_msg("\"%s\": %s, \"%s\"", texts[i], kith_status_name(status),
                     why_out == NULL ? "" : why_out);
        }
        assert_false(date.is_about);
    }
}

static void test_date_format__gives_the_text_back(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "2009-03-14", "2009-03",    "2009",       "~2009",      "~2009-03",   "~2009-03-14",
        "2024-02-29", "2000-02-29", "1970-01-01", "1969-12-31", "1000",       "1000-01-01",
        "9999-12-31", "9999-12",    "9999",       "2038-01-20", "1901-12-13", "1582-10-10"};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(texts); i++) {
        assert_round_trip(texts[i]);
    }
}

static void test_date_format__gives_ranges_back(void **state)
{
    (void)state;
    static const char *const texts[] = {"2009-01..2009-06",       "~1998..2001",
                                        "2009..2010-03-14",       "2009..2009",
                                        "2009-06..2009",          "1000..9999",
                                        "2009-03-14..2009-03",    "1969-12-31..1970-01-01",
                                        "2009-03-14..2009-03-14", "~1000-01-01..9999-12-31"};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(texts); i++) {
        assert_round_trip(texts[i]);
    }
}

static bool is_leap(unsigned year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned days_in(unsigned year, unsigned month)
{
    static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
}

static void test_date_parse__takes_exactly_the_days_of_the_calendar(void **state)
{
    (void)state;
    static const unsigned years[] = {1000, 1600, 1899, 1900, 1904, 1999, 2000, 2001, 2023, 9999};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(years); i++) {
        for (unsigned month = 0; month <= 13; month++) {
            for (unsigned day = 0; day <= 32; day++) {
                char text[16];
                kith_date date;
                const char *why;
                (void)snprintf(text, sizeof text, "%04u-%02u-%02u", years[i], month, day);
                bool exists =
                    month >= 1 && month <= 12 && day >= 1 && day <= days_in(years[i], month);
                kith_status status = kith_date_parse(kith_slice_of(text), &date, &why);
                if ((status == KITH_OK) != exists) {
                    fail_msg("%s: %s", text, kith_status_name(status));
                }
            }
        }
    }
}

static void test_date_parse__refuses_what_is_not_in_the_calendar(void **state)
{
    (void)state;
    static const char *const texts[] = {"2023-02-30", "2023-13-01", "2023-00-01",   "2023-01-00",
                                        "2023-02-29", "1900-02-29", "2023-04-31",   "2023-13",
                                        "2023-00",    "2023-01-32", "2022..2023-13"};
    assert_refused(texts, KITH_ARRAY_LENGTH(texts), "is not in the calendar");
}

static void test_date_parse__refuses_years_that_cannot_be_meant(void **state)
{
    (void)state;
    static const char *const texts[] = {"0999", "0000", "0999-12-31", "~0023", "0009..2009"};
    assert_refused(texts, KITH_ARRAY_LENGTH(texts), "has a year that cannot be meant");
}

static void test_date_parse__refuses_ranges_that_end_before_they_begin(void **state)
{
    (void)state;
    static const char *const texts[] = {"2010..2009", "2009-03-15..2009-03-14", "2009-07..2009-06",
                                        "~2010-01-01..2009"};
    assert_refused(texts, KITH_ARRAY_LENGTH(texts), "ends before it begins");
}

static void test_date_parse__refuses_what_is_no_date(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "~",
                                        "~~2009",
                                        "20090314",
                                        "2009-3-14",
                                        "2009-03-1",
                                        "2009-03-140",
                                        "2009-",
                                        "2009-03-",
                                        "2009-03-14T00:00",
                                        "14-03-2009",
                                        "14/03/2009",
                                        "2009..",
                                        "..2009",
                                        "2009...2010",
                                        "12009",
                                        "-2009",
                                        "+2009",
                                        "2009-01..~2009-06",
                                        "2009..2010..2011",
                                        " 2009",
                                        "2009 ",
                                        "2009.2010",
                                        "２００９",
                                        "2OO9",
                                        "2009-03~",
                                        "March 2009",
                                        "2009-03-14-01"};
    assert_refused(texts, KITH_ARRAY_LENGTH(texts), "is not a date");
}

static void test_date_parse__refuses_half_of_a_range_sign(void **state)
{
    (void)state;
    static const char *const texts[] = {"2009.", "2009-03.", "2009-03-14."};
    assert_refused(texts, KITH_ARRAY_LENGTH(texts), "is not a date");
}

static void test_date_parse__counts_from_1970(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t count;
    } cases[] = {{"1970-01-01", 0},
                 {"1969-12-31", -1},
                 {"2000-03-01", 11017},
                 {"1970-01", 0},
                 {"1969-12", -1},
                 {"1971-02", 13},
                 {"1970", 0},
                 {"1000", -970},
                 {"9999", 8029},
                 {"1000-01-01", -354285},
                 {"9999-12-31", 2932896}};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(cases); i++) {
        assert_int_equal(date_of(cases[i].text).first.count, cases[i].count);
    }
}

static void test_date_first_day__and_last_day_enclose_what_may_be_meant(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *first;
        const char *last;
    } cases[] = {
        {"2009-03-14", "2009-03-14", "2009-03-14"}, {"2008-02", "2008-02-01", "2008-02-29"},
        {"2009-12", "2009-12-01", "2009-12-31"},    {"2009", "2009-01-01", "2009-12-31"},
        {"~2009", "2009-01-01", "2009-12-31"},      {"1969", "1969-01-01", "1969-12-31"},
        {"1969-11", "1969-11-01", "1969-11-30"},    {"2009..2010-02", "2009-01-01", "2010-02-28"},
        {"9999", "9999-01-01", "9999-12-31"},       {"1000", "1000-01-01", "1000-12-31"}};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(cases); i++) {
        kith_date date = date_of(cases[i].text);
        assert_int_equal(kith_date_first_day(&date), date_of(cases[i].first).first.count);
        assert_int_equal(kith_date_last_day(&date), date_of(cases[i].last).first.count);
    }
}

static void random_point(test_random *random, char text[16])
{
    unsigned year = 1000 + (unsigned)test_below(random, 9000);
    unsigned month = 1 + (unsigned)test_below(random, 12);
    unsigned day = 1 + (unsigned)test_below(random, days_in(year, month));
    int length = snprintf(text, 16, "%04u-%02u-%02u", year, month, day);
    assert_int_equal(length, 10);
    static const size_t lengths[] = {4, 7, 10};
    text[lengths[test_below(random, 3)]] = '\0';
}

static void test_date_read__undoes_the_writing_of_any_date(void **state)
{
    (void)state;
    test_random random = test_random_of(test_seed());
    for (size_t round = 0; round < 5000; round++) {
        char first[16];
        char last[16];
        char text[40];
        random_point(&random, first);
        random_point(&random, last);
        bool is_range = test_below(&random, 2) == 1 && strncmp(first, last, 4) < 0;
        (void)snprintf(text, sizeof text, "%s%s%s%s", test_below(&random, 2) == 1 ? "~" : "", first,
                       is_range ? ".." : "", is_range ? last : "");
        assert_round_trip(text);
    }
}

static void test_date_write__makes_the_bytes_of_the_specification(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        kith_slice bytes;
    } cases[] = {{"1970-01-02", {(const uint8_t *)"\x00\x02", 2}},
                 {"1969-12", {(const uint8_t *)"\x01\x01", 2}},
                 {"~2009", {(const uint8_t *)"\x06\x4e", 2}},
                 {"2009..2010-01", {(const uint8_t *)"\x1a\x4e\xc0\x07", 4}}};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(cases); i++) {
        kith_date date = date_of(cases[i].text);
        kith_buf buf;
        kith_buf_init(&buf, test_context(), 32);
        kith_date_write(&buf, &date);
        assert_true(kith_slice_equal(kith_buf_slice(&buf), cases[i].bytes));
        kith_buf_deinit(&buf);
    }
}

static void test_date_read__refuses_forms_that_do_not_exist(void **state)
{
    (void)state;
    static const kith_slice inputs[] = {
        {NULL, 0},                            /* nothing */
        {(const uint8_t *)"\x00", 1},         /* no count */
        {(const uint8_t *)"\x03\x02", 2},     /* precision 3 */
        {(const uint8_t *)"\x10\x02", 2},     /* precision of a second date that is not there */
        {(const uint8_t *)"\x40\x02", 2},     /* bit 6 */
        {(const uint8_t *)"\x80\x02", 2},     /* bit 7 */
        {(const uint8_t *)"\x48\x02\x02", 3}, /* bit 6 with a range */
        {(const uint8_t *)"\x38\x02\x02", 3}, /* second precision 3 */
        {(const uint8_t *)"\x08\x02", 2},     /* the second date is missing */
        {(const uint8_t *)"\x00\x02\x02", 3}, /* one more number */
        {(const uint8_t *)"\x00\x82\x00", 3}, /* longer than needed */
        {(const uint8_t *)"\x08\x04\x02", 3}, /* ends before it begins */
        {(const uint8_t *)"\x02\x95\x0f", 3}, /* the year 999 */
        {(const uint8_t *)"\x02\xbc\x7d", 3}, /* the year 10000 */
        {(const uint8_t *)"\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11},
        {(const uint8_t *)"\x01\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11}};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(inputs); i++) {
        kith_date date;
        if (kith_date_read(inputs[i], &date)) {
            fail_msg("input %zu", i);
        }
    }
}

static void test_date_read__takes_the_first_and_last_years(void **state)
{
    (void)state;
    kith_date date;
    assert_true(kith_date_read(KITH_SLICE("\x02\x93\x0f"), &date)); /* 1000 */
    assert_true(kith_date_read(KITH_SLICE("\x02\xba\x7d"), &date)); /* 9999 */
}

static void test_date_read__takes_nothing_but_canonical_bytes(void **state)
{
    (void)state;
    test_random random = test_random_of(test_seed());
    size_t read_count = 0;
    for (size_t round = 0; round < 200000; round++) {
        uint8_t bytes[8];
        kith_date date;
        size_t length = (size_t)test_below(&random, sizeof bytes) + 1;
        uint64_t noise = test_next(&random) & test_next(&random);
        memcpy(bytes, &noise, sizeof bytes);
        kith_slice slice = kith_slice_make(bytes, length);
        if (kith_date_read(slice, &date)) {
            kith_buf buf;
            kith_buf_init(&buf, test_context(), 32);
            kith_date_write(&buf, &date);
            assert_true(kith_slice_equal(kith_buf_slice(&buf), slice));
            kith_buf_deinit(&buf);
            read_count++;
        }
    }
    assert_true(read_count > 100);
}

static void test_time_format__writes_utc_seconds(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        const char *text;
    } cases[] = {{0, "1970-01-01T00:00:00Z"},
                 {999, "1970-01-01T00:00:00Z"},
                 {-1, "1969-12-31T23:59:59Z"},
                 {INT64_C(1795490520000), "2026-11-24T03:22:00Z"},
                 {KITH_TIME_MS_MAX, "9999-12-31T23:59:59Z"}};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(cases); i++) {
        char text[KITH_TIME_TEXT_SIZE];
        kith_time_format(cases[i].ms, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void test_time_format__ends_its_text_for_any_number(void **state)
{
    (void)state;
    static const int64_t times[] = {INT64_MIN, INT64_MAX, -KITH_TIME_MS_MAX};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(times); i++) {
        char text[KITH_TIME_TEXT_SIZE];
        memset(text, 'x', sizeof text);
        kith_time_format(times[i], text);
        assert_non_null(memchr(text, '\0', sizeof text));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_date_format__gives_the_text_back),
        cmocka_unit_test(test_date_format__gives_ranges_back),
        cmocka_unit_test(test_date_parse__takes_exactly_the_days_of_the_calendar),
        cmocka_unit_test(test_date_parse__refuses_what_is_not_in_the_calendar),
        cmocka_unit_test(test_date_parse__refuses_years_that_cannot_be_meant),
        cmocka_unit_test(test_date_parse__refuses_ranges_that_end_before_they_begin),
        cmocka_unit_test(test_date_parse__refuses_what_is_no_date),
        cmocka_unit_test(test_date_parse__refuses_half_of_a_range_sign),
        cmocka_unit_test(test_date_parse__counts_from_1970),
        cmocka_unit_test(test_date_first_day__and_last_day_enclose_what_may_be_meant),
        cmocka_unit_test(test_date_read__undoes_the_writing_of_any_date),
        cmocka_unit_test(test_date_write__makes_the_bytes_of_the_specification),
        cmocka_unit_test(test_date_read__refuses_forms_that_do_not_exist),
        cmocka_unit_test(test_date_read__takes_the_first_and_last_years),
        cmocka_unit_test(test_date_read__takes_nothing_but_canonical_bytes),
        cmocka_unit_test(test_time_format__writes_utc_seconds),
        cmocka_unit_test(test_time_format__ends_its_text_for_any_number),
    };
    return cmocka_run_group_tests_name("value/date", tests, NULL, NULL);
}
