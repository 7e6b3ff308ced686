/* SPDX-License-Identifier: Apache-2.0 */
#include "transfer/date_form.h"

#include <locale.h>
#include <stdio.h>

#include "harness.h"

/* The date as we write it, or "refused". */
static const char *date_of(const char *form, const char *text)
{
    static char date[32];
    kith_arena arena;
    kith_slice read;
    const char *why = NULL;
    kith_arena_init(&arena, test_context());
    kith_status status =
        kith_date_form_read(kith_slice_of(form), kith_slice_of(text), &arena, &read, &why);
    assert_true(status == KITH_OK || (status == KITH_E_REFUSED && why != NULL));
    (void)snprintf(date, sizeof date, "%.*s", KITH_SLICE_ARGUMENTS(read));
    kith_arena_deinit(&arena);
    return status == KITH_OK ? date : "refused";
}

static void test_date_form_read__reads_the_forms_of_the_world(void **state)
{
    (void)state;
    assert_string_equal(date_of("%d-%b-%y", "9-Jul-19"), "2019-07-09");
    assert_string_equal(date_of("%d/%m/%Y", "09/07/2019"), "2019-07-09");
    assert_string_equal(date_of("%m/%d/%Y", "7/9/2019"), "2019-07-09");
    assert_string_equal(date_of("%B %d, %Y", "December 31, 1999"), "1999-12-31");
    assert_string_equal(date_of("%Y%m%d", "20190709"), "2019-07-09");
    assert_string_equal(date_of("on %d.%m.%Y", "on 1.2.2003"), "2003-02-01");
}

static void test_date_form_read__makes_up_nothing_that_is_not_given(void **state)
{
    (void)state;
    assert_string_equal(date_of("%b %Y", "Jul 2019"), "2019-07");
    assert_string_equal(date_of("%m/%Y", "12/2019"), "2019-12");
    assert_string_equal(date_of("%Y", "2019"), "2019");
}

static void test_date_form_read__takes_months_by_name_whole_or_short_in_any_case(void **state)
{
    static const char *const names[] = {"January",   "FEBRUARY", "Mar",      "april",
                                        "May",       "Jun",      "July",     "AUG",
                                        "September", "Oct",      "November", "dec"};
    (void)state;
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(names); i++) {
        char expected[32];
        char text[32];
        (void)snprintf(expected, sizeof expected, "2000-%02zu", i + 1);
        (void)snprintf(text, sizeof text, "%s 2000", names[i]);
        assert_string_equal(date_of("%b %Y", text), expected);
        assert_string_equal(date_of("%B %Y", text), expected);
    }
    assert_string_equal(date_of("%d %b %Y", "3 Sept 2000"), "2000-09-03");
    assert_string_equal(date_of("%b %Y", "Ju 2000"), "refused");
    assert_string_equal(date_of("%b %Y", "Mayor 2000"), "refused");
}

static void test_date_form_read__ends_the_century_with_68(void **state)
{
    (void)state;
    assert_string_equal(date_of("%y", "00"), "2000");
    assert_string_equal(date_of("%y", "68"), "2068");
    assert_string_equal(date_of("%y", "69"), "1969");
    assert_string_equal(date_of("%y", "99"), "1999");
}

static void test_date_form_read__refuses_what_has_another_form(void **state)
{
    static const char *const texts[] = {
        "",       "9",        "9-Jul",      "9-Jul-1",  "9-Jul-19x", "x9-Jul-19", "9-Jul-2019",
        "9-7-19", "9 Jul 19", "009-Jul-19", "0-Jul-19", "-9-Jul-19", "9-Jux-19",  "9--19"};
    (void)state;
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(texts); i++) {
        assert_string_equal(date_of("%d-%b-%y", texts[i]), "refused");
    }
    assert_string_equal(date_of("%m/%Y", "00/2019"), "refused");
    assert_string_equal(date_of("%Y", "19"), "refused");
    assert_string_equal(date_of("%Y", "20190"), "refused");
}

static void test_date_form_read__leaves_the_calendar_to_others(void **state)
{
    (void)state;
    assert_string_equal(date_of("%d-%b-%y", "31-Feb-19"), "2019-02-31");
    assert_string_equal(date_of("%m/%Y", "13/2019"), "2019-13");
}

static void test_date_form_read__does_not_ask_the_locale(void **state)
{
    (void)state;
    (void)setlocale(LC_ALL, "de_DE.UTF-8"); /* stays as it is where that is not installed */
    assert_string_equal(date_of("%d-%b-%y", "9-May-19"), "2019-05-09");
    (void)setlocale(LC_ALL, "C");
}

static void test_date_form_fault__finds_forms_that_make_no_date(void **state)
{
    static const char *const faulty[] = {"",   "date", "%",     "%Y-%",  "%d-%H-%Y", "%%",
                                         "%m", "%d",   "%d-%m", "%d %Y", "%j %Y"};
    static const char *const sound[] = {"%Y", "%y", "%m %Y", "%Y, %b", "%d.%m.%y", "%Y%B%d"};
    (void)state;
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(faulty); i++) {
        assert_non_null(kith_date_form_fault(kith_slice_of(faulty[i])));
    }
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(sound); i++) {
        assert_null(kith_date_form_fault(kith_slice_of(sound[i])));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_date_form_read__reads_the_forms_of_the_world),
        cmocka_unit_test(test_date_form_read__makes_up_nothing_that_is_not_given),
        cmocka_unit_test(test_date_form_read__takes_months_by_name_whole_or_short_in_any_case),
        cmocka_unit_test(test_date_form_read__ends_the_century_with_68),
        cmocka_unit_test(test_date_form_read__refuses_what_has_another_form),
        cmocka_unit_test(test_date_form_read__leaves_the_calendar_to_others),
        cmocka_unit_test(test_date_form_read__does_not_ask_the_locale),
        cmocka_unit_test(test_date_form_fault__finds_forms_that_make_no_date),
    };
    return cmocka_run_group_tests_name("transfer/date_form", tests, NULL, NULL);
}
