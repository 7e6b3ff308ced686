/* The parser against nst/JSONTestSuite (tests/data/json). SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "codec/json.h"
#include "harness.h"

#define SUITE "json/jsontestsuite"

/* What RFC 8259 allows and Kith refuses. */
static const struct {
    const char *name;
    const char *reason;
} exceptions[] = {
    {"y_number_double_close_to_zero.json", "a number has at most 64 characters"},
    {"y_object_duplicated_key_and_value.json", "a name stands once in an object"},
    {"y_string_null_escape.json", "text cannot hold NUL"},
};

/* What RFC 8259 leaves open and Kith takes: numbers that no double holds, because they are kept as
 * written. Everything else of the i_ files is refused: surrogates without their half, bytes that
 * are no UTF-8, a byte order mark. */
static const char *const accepted[] = {
    "i_number_double_huge_neg_exp.json", "i_number_neg_int_huge_exp.json",
    "i_number_real_neg_overflow.json",   "i_number_real_underflow.json",
    "i_number_too_big_pos_int.json",
};

static kith_status parse_file(const char *name)
{
    char path[300];
    size_t length = 0;
    kith_json *json = NULL;
    (void)snprintf(path, sizeof path, SUITE "/%s", name);
    uint8_t *data = test_read_file(path, &length);
    kith_status status = kith_json_parse(test_context(), kith_slice_make(data, length), &json);
    assert_int_equal(json != NULL, status == KITH_OK);
    kith_json_free(json);
    free(data);
    return status;
}

/* Parses each file whose name starts with the letter and hands over what came of it. */
static void each_file(char letter, size_t expected_count,
                      void (*check)(const char *name, kith_status status))
{
    size_t count = 0;
    DIR *folder = opendir(KITH_TEST_DATA "/" SUITE);
    assert_non_null(folder);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (entry->d_name[0] == letter && entry->d_name[1] == '_') {
            check(entry->d_name, parse_file(entry->d_name));
            count++;
        }
    }
    (void)closedir(folder);
    assert_int_equal(count, expected_count);
}

static void must_refuse(const char *name, kith_status status)
{
    if (status != KITH_E_SYNTAX && status != KITH_E_LIMIT) {
        fail_msg("%s: %s", name, kith_status_name(status));
    }
}

static void must_accept(const char *name, kith_status status)
{
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(exceptions); i++) {
        if (strcmp(name, exceptions[i].name) == 0) {
            if (status != KITH_E_SYNTAX) {
                fail_msg("%s: %s although %s", name, kith_status_name(status),
                         exceptions[i].reason);
            }
            return;
        }
    }
    if (status != KITH_OK) {
        fail_msg("%s: %s", name, test_context()->error.message);
    }
}

static void must_decide(const char *name, kith_status status)
{
    kith_status expected = KITH_E_SYNTAX;
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(accepted); i++) {
        expected = strcmp(name, accepted[i]) == 0 ? KITH_OK : expected;
    }
    if (status != expected) {
        fail_msg("%s: %s", name, kith_status_name(status));
    }
}

static void test_json_parse__refuses_what_is_no_json(void **state)
{
    (void)state;
    each_file('n', 92, must_refuse);
}

static void test_json_parse__accepts_json_but_for_our_limits(void **state)
{
    (void)state;
    each_file('y', 47, must_accept);
}

static void test_json_parse__decides_what_the_standard_leaves_open(void **state)
{
    (void)state;
    each_file('i', 18, must_decide);
}

/* The two files that are too large to keep: n_structure_100000_opening_arrays.json and
 * n_structure_open_array_object.json. */
static void test_json_parse__survives_levels_without_end(void **state)
{
    (void)state;
    static const struct {
        const char *part;
        size_t count;
    } inputs[] = {{"[", 100000}, {"[{\"\":", 50000}};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(inputs); i++) {
        kith_buf text;
        kith_json *json = NULL;
        kith_buf_init(&text, test_context(), KITH_JSON_BYTES_MAX);
        for (size_t j = 0; j < inputs[i].count; j++) {
            kith_buf_append_text(&text, inputs[i].part);
        }
        assert_ok(kith_buf_status(&text));
        assert_status(kith_json_parse(test_context(), kith_buf_slice(&text), &json), KITH_E_LIMIT);
        assert_null(json);
        kith_buf_deinit(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_parse__refuses_what_is_no_json),
        cmocka_unit_test(test_json_parse__accepts_json_but_for_our_limits),
        cmocka_unit_test(test_json_parse__decides_what_the_standard_leaves_open),
        cmocka_unit_test(test_json_parse__survives_levels_without_end),
    };
    return cmocka_run_group_tests_name("codec/json_suite", tests, NULL, NULL);
}
