/* The parser; test_json_suite.c has the public test suite, test_json_writer.c the writer.
 * SPDX-License-Identifier: Apache-2.0 */
#include "codec/json.h"

#include <stdio.h>
#include <stdlib.h>

#include "harness.h"

static kith_json *parsed(const char *text)
{
    kith_json *json = NULL;
    assert_ok(kith_json_parse(test_context(), kith_slice_of(text), &json));
    assert_non_null(json);
    return json;
}

static void assert_refused(kith_slice text, kith_status expected)
{
    kith_json *json = (kith_json *)test_context();
    kith_status status = kith_json_parse(test_context(), text, &json);
    if (status != expected) {
        print_error("input: %.80s\n", (const char *)text.data);
    }
    assert_status(status, expected);
    assert_null(json);
}

static void assert_all_refused(const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_refused(kith_slice_of(texts[i]), KITH_E_SYNTAX);
    }
}

static void assert_parsed(kith_slice text)
{
    kith_json *json = NULL;
    assert_ok(kith_json_parse(test_context(), text, &json));
    kith_json_free(json);
}

/* One text `count` times between a head and a tail. */
static kith_buf repeated(const char *head, const char *part, size_t count, const char *tail)
{
    kith_buf buf;
    kith_buf_init(&buf, test_context(), KITH_JSON_BYTES_MAX * 2);
    kith_buf_append_text(&buf, head);
    for (size_t i = 0; i < count; i++) {
        kith_buf_append_text(&buf, part);
    }
    kith_buf_append_text(&buf, tail);
    assert_ok(kith_buf_status(&buf));
    return buf;
}

static kith_buf nested(const char *opening, const char *inside, const char *closing, size_t depth)
{
    kith_buf buf = repeated("", opening, depth, inside);
    for (size_t i = 0; i < depth; i++) {
        kith_buf_append_text(&buf, closing);
    }
    return buf;
}

static void test_json_parse__tells_the_types_apart(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        kith_json_type type;
    } cases[] = {{"null", KITH_JSON_NULL},   {"true", KITH_JSON_BOOL},  {"false", KITH_JSON_BOOL},
                 {"-0", KITH_JSON_NUMBER},   {"\"1\"", KITH_JSON_TEXT}, {"\"\"", KITH_JSON_TEXT},
                 {"\"ÿ1\"", KITH_JSON_TEXT}, {"[]", KITH_JSON_ARRAY},   {"{}", KITH_JSON_OBJECT}};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(cases); i++) {
        kith_json *json = parsed(cases[i].text);
        assert_int_equal(kith_json_type_of(json), cases[i].type);
        kith_json_free(json);
    }
}

static void test_json_parse__keeps_numbers_as_written(void **state)
{
    (void)state;
    static const char *const numbers[] = {"9007199254740993",
                                          "9223372036854775807",
                                          "-9223372036854775808",
                                          "18446744073709551616",
                                          "-0",
                                          "1.10",
                                          "1E400",
                                          "0.1e-7",
                                          "100000000000000000000000000000000000000000000000000000"};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(numbers); i++) {
        kith_json *json = parsed(numbers[i]);
        assert_int_equal(kith_json_type_of(json), KITH_JSON_NUMBER);
        assert_slice(kith_json_text(json), numbers[i]);
        kith_json_free(json);
    }
}

static void test_json_parse__refuses_numbers_past_64_characters(void **state)
{
    (void)state;
    kith_buf digits = repeated("", "1", 64, "");
    assert_parsed(kith_buf_slice(&digits));
    kith_buf_append_text(&digits, "1");
    assert_refused(kith_buf_slice(&digits), KITH_E_SYNTAX);
    kith_buf_deinit(&digits);
}

static void test_json_parse__reads_escapes(void **state)
{
    (void)state;
    kith_json *json = parsed("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\u09b0\\ud83d\\ude00\"");
    assert_slice(kith_json_text(json), "\"\\/\b\f\n\r\tAé\u09b0😀");
    kith_json_free(json);
}

static void test_json_parse__refuses_nul_characters(void **state)
{
    (void)state;
    static const char *const texts[] = {"\"\\u0000\"", "\"a\\u0000b\"", "{\"a\\u0000\":1}"};
    assert_all_refused(texts, KITH_ARRAY_LENGTH(texts));
    assert_refused(KITH_SLICE("\"a\0b\""), KITH_E_SYNTAX);
    assert_refused(KITH_SLICE("[1]\0"), KITH_E_SYNTAX);
}

static void test_json_parse__refuses_half_a_surrogate_pair(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "\"\\ud800\"",        "\"\\udbff\"",        "\"\\udc00\"",      "\"\\uDFFF\"",
        "\"\\ud800\\u0041\"", "\"\\ud800\\ud800\"", "\"\\ud800x\"",     "\"\\ud83d\\n\"",
        "\"\\ude00\\ud83d\"", "{\"\\ud800\":1}",    "\"\\ud800\\udc\"", "\"\\ud800\\\""};
    assert_all_refused(texts, KITH_ARRAY_LENGTH(texts));
}

static void test_json_parse__refuses_names_that_repeat(void **state)
{
    (void)state;
    static const char *const texts[] = {"{\"a\":1,\"a\":1}",
                                        "{\"a\":1,\"b\":2,\"\\u0061\":3}",
                                        "{\"\":1,\"\":2}",
                                        "[1,{\"b\":[]},{\"b\":{\"c\":1,\"c\":2}}]",
                                        "{\"x\":[[],{\"a\":{}},[{\"q\":1,\"r\":{},\"q\":2}]]}",
                                        "{\"a\":{\"b\":{\"c\":1}},\"d\":1,\"a\":2}"};
    assert_all_refused(texts, KITH_ARRAY_LENGTH(texts));
}

static void test_json_parse__takes_names_that_repeat_elsewhere(void **state)
{
    (void)state;
    static const char *const texts[] = {"{\"a\":{\"a\":{\"a\":1}}}", "[{\"a\":1},{\"a\":1}]",
                                        "{\"a\":1,\"A\":2}",
                                        "{\"\\u00e9\":1,\"e\\u0301\":2,\"e\":3}"};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(texts); i++) {
        assert_parsed(kith_slice_of(texts[i]));
    }
}

static void test_json_parse__bounds_the_names_of_an_object(void **state)
{
    (void)state;
    enum { NAMES = 1024 };
    kith_buf text = repeated("{", "", 0, "");
    for (unsigned i = 0; i < NAMES; i++) {
        kith_buf_format(&text, "%s\"%u\":0", i > 0 ? "," : "", i);
    }
    size_t length = text.length;
    kith_buf_append_text(&text, "}");
    assert_parsed(kith_buf_slice(&text));
    text.length = length;
    kith_buf_append_text(&text, ",\"more\":0}");
    assert_refused(kith_buf_slice(&text), KITH_E_LIMIT);
    kith_buf_deinit(&text);
}

static void test_json_parse__takes_the_deepest_level_and_no_deeper(void **state)
{
    (void)state;
    static const char *const levels[][3] = {
        {"[", "1", "]"}, {"{\"a\":", "{}", "}"}, {"[", "[]", "]"}, {"[0,", "\"\"", ",0]"}};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(levels); i++) {
        size_t own = strchr("[{", levels[i][1][0]) != NULL ? 1 : 0;
        kith_buf text = nested(levels[i][0], levels[i][1], levels[i][2], KITH_JSON_DEPTH_MAX - own);
        assert_parsed(kith_buf_slice(&text));
        kith_buf_deinit(&text);
        text = nested(levels[i][0], levels[i][1], levels[i][2], KITH_JSON_DEPTH_MAX + 1 - own);
        assert_refused(kith_buf_slice(&text), KITH_E_LIMIT);
        kith_buf_deinit(&text);
    }
}

static void test_json_parse__counts_open_levels_only(void **state)
{
    (void)state;
    kith_buf text = repeated("[0", ",[[]],{\"a\":{}}", 1000, "]");
    assert_parsed(kith_buf_slice(&text));
    kith_buf_deinit(&text);
}

static void test_json_parse__takes_the_largest_text_and_no_larger(void **state)
{
    (void)state;
    kith_buf text = repeated("\"", "a", KITH_JSON_BYTES_MAX - 2, "\"");
    assert_int_equal(text.length, KITH_JSON_BYTES_MAX);
    kith_json *json = NULL;
    assert_ok(kith_json_parse(test_context(), kith_buf_slice(&text), &json));
    assert_int_equal(kith_json_text(json).length, KITH_JSON_BYTES_MAX - 2);
    kith_json_free(json);
    kith_buf_append_text(&text, " ");
    assert_refused(kith_buf_slice(&text), KITH_E_LIMIT);
    kith_buf_deinit(&text);
}

static void test_json_parse__has_room_for_the_most_numbers(void **state)
{
    (void)state;
    kith_buf text = repeated("[0", ",1", (KITH_JSON_BYTES_MAX - 3) / 2, "]");
    kith_json *json = NULL;
    assert_ok(kith_json_parse(test_context(), kith_buf_slice(&text), &json));
    size_t count = 0;
    for (const kith_json *item = kith_json_first(json); item != NULL; item = kith_json_next(item)) {
        count++;
    }
    assert_int_equal(count, (KITH_JSON_BYTES_MAX - 3) / 2 + 1);
    kith_json_free(json);
    kith_buf_deinit(&text);
}

static void test_json_parse__names_the_place_of_a_fault(void **state)
{
    (void)state;
    assert_refused(KITH_SLICE("{\"a\": tru}"), KITH_E_SYNTAX);
    assert_non_null(strstr(test_context()->error.message, "at byte 7"));
    assert_refused(KITH_SLICE("[1\n2]"), KITH_E_SYNTAX);
    assert_non_null(strstr(test_context()->error.message, "at byte 4"));
    assert_refused(KITH_SLICE("\"ab\xff\""), KITH_E_SYNTAX);
    assert_non_null(strstr(test_context()->error.message, "at byte 4"));
}

static void test_json_parse__refuses_nothing_at_all(void **state)
{
    (void)state;
    assert_refused((kith_slice){NULL, 0}, KITH_E_SYNTAX);
    assert_refused(KITH_SLICE(" \t\r\n"), KITH_E_SYNTAX);
}

static void *no_memory(void *user, void *pointer, size_t size)
{
    (void)user;
    (void)pointer;
    (void)size;
    return NULL;
}

static void test_json_parse__reports_lack_of_memory(void **state)
{
    (void)state;
    kith_context cx;
    kith_env env = KITH_ENV_INIT;
    env.reallocate = no_memory;
    assert_ok(kith_context_init(&cx, &env));
    kith_json *json = (kith_json *)&cx;
    assert_int_equal(kith_json_parse(&cx, KITH_SLICE("[1]"), &json), KITH_E_MEMORY);
    assert_null(json);
}

static void test_json_get__finds_members_by_exact_name(void **state)
{
    (void)state;
    kith_json *json = parsed("{\"name\":\"Rina\",\"Name\":\"Mary\",\"\":0}");
    assert_slice(kith_json_text(kith_json_get(json, "name")), "Rina");
    assert_slice(kith_json_text(kith_json_get(json, "Name")), "Mary");
    assert_slice(kith_json_text(kith_json_get(json, "")), "0");
    assert_null(kith_json_get(json, "NAME"));
    assert_null(kith_json_get(json, "nam"));
    kith_json_free(json);
}

static void test_json_get__finds_nothing_in_what_is_no_object(void **state)
{
    (void)state;
    kith_json *json = parsed("[{\"a\":1}]");
    assert_null(kith_json_get(json, "a"));
    assert_null(kith_json_get(NULL, "a"));
    kith_json_free(json);
}

static void test_json_first__walks_in_the_order_of_the_text(void **state)
{
    (void)state;
    kith_json *json = parsed("{\"b\":[1,2],\"a\":true,\"c\":\"x\"}");
    const kith_json *member = kith_json_first(json);
    assert_slice(kith_json_name(member), "b");
    const kith_json *item = kith_json_first(member);
    assert_slice(kith_json_text(item), "1");
    assert_slice(kith_json_name(item), "");
    assert_slice(kith_json_text(kith_json_next(item)), "2");
    assert_null(kith_json_next(kith_json_next(item)));
    member = kith_json_next(member);
    assert_slice(kith_json_name(member), "a");
    assert_true(kith_json_is_true(member));
    assert_null(kith_json_first(member));
    member = kith_json_next(member);
    assert_null(kith_json_first(member));
    assert_null(kith_json_next(member));
    kith_json_free(json);
}

static void test_json_count__counts_items_and_members(void **state)
{
    (void)state;
    kith_json *json =
        parsed("{\"list\":[1,[2,3],4],\"object\":{\"a\":1},\"empty\":[],\"text\":\"x\"}");
    assert_int_equal(kith_json_count(json), 4);
    assert_int_equal(kith_json_count(kith_json_get(json, "list")), 3);
    assert_int_equal(kith_json_count(kith_json_get(json, "object")), 1);
    assert_int_equal(kith_json_count(kith_json_get(json, "empty")), 0);
    assert_int_equal(kith_json_count(kith_json_get(json, "text")), 0);
    assert_int_equal(kith_json_count(NULL), 0);
    kith_json_free(json);
}

static void test_json_unknown_member__finds_the_first_that_is_not_named(void **state)
{
    (void)state;
    static const char *const known[] = {"a", "b", NULL};
    static const char *const nothing[] = {NULL};
    kith_json *json = parsed("{\"b\":1,\"a\":2,\"A\":3,\"c\":4}");
    assert_slice(kith_json_name(kith_json_unknown_member(json, known)), "A");
    assert_slice(kith_json_name(kith_json_unknown_member(json, nothing)), "b");
    kith_json_free(json);
    json = parsed("[{\"b\":1},[\"c\"],\"c\",{}]");
    assert_null(kith_json_unknown_member(json, known));
    for (const kith_json *item = kith_json_first(json); item != NULL; item = kith_json_next(item)) {
        assert_null(kith_json_unknown_member(item, known));
    }
    assert_null(kith_json_unknown_member(NULL, known));
    kith_json_free(json);
}

static void test_json_text__is_empty_for_what_has_none(void **state)
{
    (void)state;
    kith_json *json = parsed("[null,true,{},[\"a\"]]");
    assert_slice(kith_json_text(json), "");
    for (const kith_json *item = kith_json_first(json); item != NULL; item = kith_json_next(item)) {
        assert_slice(kith_json_text(item), "");
    }
    assert_slice(kith_json_text(NULL), "");
    kith_json_free(json);
}

static void test_json_is_true__is_false_of_everything_else(void **state)
{
    (void)state;
    kith_json *json = parsed("[false,null,1,\"true\",[true],{\"true\":true}]");
    for (const kith_json *item = kith_json_first(json); item != NULL; item = kith_json_next(item)) {
        assert_false(kith_json_is_true(item));
    }
    assert_false(kith_json_is_true(NULL));
    kith_json_free(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_parse__tells_the_types_apart),
        cmocka_unit_test(test_json_parse__keeps_numbers_as_written),
        cmocka_unit_test(test_json_parse__refuses_numbers_past_64_characters),
        cmocka_unit_test(test_json_parse__reads_escapes),
        cmocka_unit_test(test_json_parse__refuses_nul_characters),
        cmocka_unit_test(test_json_parse__refuses_half_a_surrogate_pair),
        cmocka_unit_test(test_json_parse__refuses_names_that_repeat),
        cmocka_unit_test(test_json_parse__takes_names_that_repeat_elsewhere),
        cmocka_unit_test(test_json_parse__bounds_the_names_of_an_object),
        cmocka_unit_test(test_json_parse__takes_the_deepest_level_and_no_deeper),
        cmocka_unit_test(test_json_parse__counts_open_levels_only),
        cmocka_unit_test(test_json_parse__takes_the_largest_text_and_no_larger),
        cmocka_unit_test(test_json_parse__has_room_for_the_most_numbers),
        cmocka_unit_test(test_json_parse__names_the_place_of_a_fault),
        cmocka_unit_test(test_json_parse__refuses_nothing_at_all),
        cmocka_unit_test(test_json_parse__reports_lack_of_memory),
        cmocka_unit_test(test_json_get__finds_members_by_exact_name),
        cmocka_unit_test(test_json_get__finds_nothing_in_what_is_no_object),
        cmocka_unit_test(test_json_first__walks_in_the_order_of_the_text),
        cmocka_unit_test(test_json_count__counts_items_and_members),
        cmocka_unit_test(test_json_unknown_member__finds_the_first_that_is_not_named),
        cmocka_unit_test(test_json_text__is_empty_for_what_has_none),
        cmocka_unit_test(test_json_is_true__is_false_of_everything_else),
    };
    return cmocka_run_group_tests_name("codec/json", tests, NULL, NULL);
}
