/* The writer, and that the parser reads what it writes. SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "codec/json.h"
#include "harness.h"

enum { ROOM = 1 << 20 };

static kith_buf buf_of(size_t max_bytes)
{
    kith_buf buf;
    kith_buf_init(&buf, test_context(), max_bytes);
    return buf;
}

static kith_json_writer writer_of(kith_context *cx)
{
    kith_json_writer writer;
    kith_json_writer_init(&writer, cx);
    return writer;
}

/* Ends the text and compares it whole. */
static void assert_written(kith_json_writer *writer, const char *text)
{
    kith_buf out = buf_of(ROOM);
    assert_ok(kith_json_writer_finish(writer, &out));
    assert_slice(kith_buf_slice(&out), text);
    kith_buf_deinit(&out);
}

static void test_json_put__nests_and_keeps_the_order(void **state)
{
    (void)state;
    kith_json_writer w = writer_of(test_context());
    kith_json_put_object(&w, NULL);
    kith_json_put_array(&w, "b");
    kith_json_put_integer(&w, NULL, 1);
    kith_json_put_object(&w, NULL);
    kith_json_put_end(&w);
    kith_json_put_array(&w, NULL);
    kith_json_put_end(&w);
    kith_json_put_end(&w);
    kith_json_put_bool(&w, "a", true);
    kith_json_put_bool(&w, "c", false);
    kith_json_put_null(&w, "");
    kith_json_put_text(&w, "d", KITH_SLICE("e"));
    kith_json_put_end(&w);
    assert_written(&w, "{\"b\":[1,{},[]],\"a\":true,\"c\":false,\"\":null,\"d\":\"e\"}");
}

static void test_json_put__takes_a_lone_value(void **state)
{
    (void)state;
    kith_json_writer w = writer_of(test_context());
    kith_json_put_text(&w, NULL, KITH_SLICE("alone"));
    assert_written(&w, "\"alone\"");
}

static void test_json_put__nests_as_deep_as_the_parser_reads(void **state)
{
    (void)state;
    kith_json_writer w = writer_of(test_context());
    for (size_t i = 0; i < KITH_JSON_DEPTH_MAX; i++) {
        kith_json_put_array(&w, NULL);
    }
    kith_json_put_integer(&w, NULL, 7);
    for (size_t i = 0; i < KITH_JSON_DEPTH_MAX; i++) {
        kith_json_put_end(&w);
    }
    kith_buf out = buf_of(ROOM);
    kith_json *json = NULL;
    assert_ok(kith_json_writer_finish(&w, &out));
    assert_ok(kith_json_parse(test_context(), kith_buf_slice(&out), &json));
    kith_json_free(json);
    kith_buf_deinit(&out);
}

static void test_json_put_integer__writes_what_doubles_hold_as_numbers(void **state)
{
    (void)state;
    static const int64_t numbers[] = {0, -1, 9007199254740991, 9007199254740992, -9007199254740992};
    kith_json_writer w = writer_of(test_context());
    kith_json_put_array(&w, NULL);
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(numbers); i++) {
        kith_json_put_integer(&w, NULL, numbers[i]);
    }
    kith_json_put_end(&w);
    assert_written(&w, "[0,-1,9007199254740991,9007199254740992,-9007199254740992]");
}

static void test_json_put_integer__writes_larger_ones_as_strings(void **state)
{
    (void)state;
    static const int64_t numbers[] = {9007199254740993, -9007199254740993, INT64_MAX, INT64_MIN};
    kith_json_writer w = writer_of(test_context());
    kith_json_put_array(&w, NULL);
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(numbers); i++) {
        kith_json_put_integer(&w, NULL, numbers[i]);
    }
    kith_json_put_end(&w);
    assert_written(&w, "[\"9007199254740993\",\"-9007199254740993\",\"9223372036854775807\","
                       "\"-9223372036854775808\"]");
}

static void test_json_put_text__escapes_what_json_reserves(void **state)
{
    (void)state;
    kith_json_writer w = writer_of(test_context());
    kith_json_put_object(&w, NULL);
    kith_json_put_text(&w, "a\"b", KITH_SLICE("\"\\\b\f\n\r\t\x01\x1f/é"));
    kith_json_put_end(&w);
    assert_written(&w, "{\"a\\\"b\":\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f/é\"}");
}

static void test_json_put_text__reads_no_further_than_the_slice(void **state)
{
    (void)state;
    kith_json_writer w = writer_of(test_context());
    kith_json_put_array(&w, NULL);
    kith_json_put_text(&w, NULL, kith_slice_make("abcdef", 3));
    kith_json_put_text(&w, NULL, (kith_slice){NULL, 0});
    kith_json_put_end(&w);
    assert_written(&w, "[\"abc\",\"\"]");
}

static void test_json_put_text__takes_texts_of_any_length(void **state)
{
    (void)state;
    char text[1001];
    char expected[1010];
    memset(text, 'x', sizeof text);
    for (size_t length = 250; length < 1000; length += length < 260 ? 1 : 370) {
        text[length] = '\0';
        (void)snprintf(expected, sizeof expected, "\"%s\"", text);
        kith_json_writer w = writer_of(test_context());
        kith_json_put_text(&w, NULL, kith_slice_of(text));
        assert_written(&w, expected);
        text[length] = 'x';
    }
}

/* U+0000 is well-formed UTF-8; a text that holds it must not come out as another one. */
static void test_json_put_text__never_cuts_at_a_nul(void **state)
{
    (void)state;
    kith_buf out = buf_of(ROOM);
    kith_json_writer w = writer_of(test_context());
    kith_json_put_text(&w, NULL, KITH_SLICE("a\0b"));
    kith_status status = kith_json_writer_finish(&w, &out);
    assert_false(status == KITH_OK && kith_slice_is(kith_buf_slice(&out), "\"a\""));
    kith_buf_deinit(&out);
}

static void test_json_writer_finish__appends_to_what_is_there(void **state)
{
    (void)state;
    kith_buf out = buf_of(ROOM);
    kith_buf_append_text(&out, "x=");
    kith_json_writer w = writer_of(test_context());
    kith_json_put_null(&w, NULL);
    assert_ok(kith_json_writer_finish(&w, &out));
    assert_slice(kith_buf_slice(&out), "x=null");
    kith_buf_deinit(&out);
}

static void test_json_writer_finish__fails_when_the_buffer_is_too_small(void **state)
{
    (void)state;
    kith_buf out = buf_of(4);
    kith_json_writer w = writer_of(test_context());
    kith_json_put_text(&w, NULL, KITH_SLICE("abc"));
    assert_status(kith_json_writer_finish(&w, &out), KITH_E_LIMIT);
    assert_int_equal(out.length, 0);
    kith_buf_deinit(&out);
}

static void *no_memory(void *user, void *pointer, size_t size)
{
    (void)user;
    (void)pointer;
    (void)size;
    return NULL;
}

static void test_json_writer_finish__reports_the_first_failure(void **state)
{
    (void)state;
    uint8_t text[300]; /* too long for the stack */
    kith_context cx;
    kith_env env = KITH_ENV_INIT;
    env.reallocate = no_memory;
    memset(text, 'a', sizeof text);
    assert_ok(kith_context_init(&cx, &env));
    kith_buf out = buf_of(ROOM);
    kith_json_writer w = writer_of(&cx);
    kith_json_put_object(&w, NULL);
    kith_json_put_text(&w, "a", kith_slice_make(text, sizeof text));
    kith_json_put_array(&w, "b");
    kith_json_put_integer(&w, NULL, 1);
    kith_json_put_end(&w);
    kith_json_put_end(&w);
    assert_int_equal(kith_json_writer_finish(&w, &out), KITH_E_MEMORY);
    assert_int_equal(out.length, 0);
    kith_buf_deinit(&out);
}

static void test_json_writer_deinit__leaves_a_writer_that_works(void **state)
{
    (void)state;
    kith_json_writer w = writer_of(test_context());
    kith_json_put_object(&w, NULL);
    kith_json_put_array(&w, "open");
    kith_json_writer_deinit(&w);
    kith_json_put_bool(&w, NULL, true);
    assert_written(&w, "true");
}

/* A text of any code points but NUL and surrogates; at most 4 * points bytes. */
static kith_slice random_text(test_random *random, size_t points, uint8_t *bytes)
{
    size_t length = 0;
    static const uint32_t bounds[] = {0x80, 0x800, 0x10000, 0x110000};
    for (size_t i = 0; i < points; i++) {
        uint32_t bound = bounds[test_below(random, KITH_ARRAY_LENGTH(bounds))];
        uint32_t point = (uint32_t)test_below(random, bound - 1) + 1;
        point = point >= 0xd800 && point <= 0xdfff ? 0x09b0 : point;
        size_t size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
        for (size_t j = size - 1; j > 0; j--) {
            bytes[length + j] = (uint8_t)(0x80 | (point & 0x3f));
            point >>= 6;
        }
        bytes[length] = (uint8_t)(size == 1 ? point : (0xf0u << (4 - size) | point));
        length += size;
    }
    return kith_slice_make(bytes, length);
}

static void test_json_put_text__reads_back_any_text(void **state)
{
    (void)state;
    test_random random = test_random_of(test_seed());
    for (size_t round = 0; round < 1000; round++) {
        uint8_t bytes[400];
        kith_slice text = random_text(&random, (size_t)test_below(&random, 100), bytes);
        kith_buf out = buf_of(ROOM);
        kith_json *json = NULL;
        kith_json_writer w = writer_of(test_context());
        kith_json_put_text(&w, NULL, text);
        assert_ok(kith_json_writer_finish(&w, &out));
        assert_ok(kith_json_parse(test_context(), kith_buf_slice(&out), &json));
        assert_int_equal(kith_json_type_of(json), KITH_JSON_TEXT);
        assert_true(kith_slice_equal(kith_json_text(json), text));
        kith_json_free(json);
        kith_buf_deinit(&out);
    }
}

/* Writes a tree of at most `depth` levels. */
static void put_random(kith_json_writer *w, const char *name, test_random *random, unsigned depth)
{
    uint8_t bytes[40];
    uint64_t kind = test_below(random, depth > 0 ? 7 : 5);
    char member[32];
    switch (kind) {
    case 0:
        kith_json_put_null(w, name);
        return;
    case 1:
        kith_json_put_bool(w, name, test_below(random, 2) == 1);
        return;
    case 2:
    case 3:
        kith_json_put_integer(w, name, (int64_t)(test_next(random) >> test_below(random, 64)));
        return;
    case 4:
        kith_json_put_text(w, name, random_text(random, (size_t)test_below(random, 10), bytes));
        return;
    case 5:
        kith_json_put_array(w, name);
        break;
    default:
        kith_json_put_object(w, name);
        break;
    }
    for (uint64_t i = test_below(random, 6); i > 0; i--) {
        (void)snprintf(member, sizeof member, "m\"é\n%" PRIu64, i);
        put_random(w, kind == 5 ? NULL : member, random, depth - 1);
    }
    kith_json_put_end(w);
}

/* Writes a parsed tree again. */
static void put_tree(kith_json_writer *w, const char *name, const kith_json *json)
{
    kith_json_type type = kith_json_type_of(json);
    if (type == KITH_JSON_NULL) {
        kith_json_put_null(w, name);
    } else if (type == KITH_JSON_BOOL) {
        kith_json_put_bool(w, name, kith_json_is_true(json));
    } else if (type == KITH_JSON_NUMBER) {
        kith_json_put_integer(w, name, strtoll((const char *)kith_json_text(json).data, NULL, 10));
    } else if (type == KITH_JSON_TEXT) {
        kith_json_put_text(w, name, kith_json_text(json));
    } else {
        bool is_array = type == KITH_JSON_ARRAY;
        (is_array ? kith_json_put_array : kith_json_put_object)(w, name);
        const kith_json *item = kith_json_first(json);
        for (; item != NULL; item = kith_json_next(item)) {
            put_tree(w, is_array ? NULL : (const char *)kith_json_name(item).data, item);
        }
        kith_json_put_end(w);
    }
}

static void test_json_parse__undoes_the_writing_of_any_tree(void **state)
{
    (void)state;
    test_random random = test_random_of(test_seed());
    for (size_t round = 0; round < 500; round++) {
        kith_buf once = buf_of(ROOM);
        kith_buf again = buf_of(ROOM);
        kith_json *json = NULL;
        kith_json_writer w = writer_of(test_context());
        put_random(&w, NULL, &random, 6);
        assert_ok(kith_json_writer_finish(&w, &once));
        assert_ok(kith_json_parse(test_context(), kith_buf_slice(&once), &json));
        put_tree(&w, NULL, json);
        assert_ok(kith_json_writer_finish(&w, &again));
        assert_true(kith_slice_equal(kith_buf_slice(&once), kith_buf_slice(&again)));
        kith_json_free(json);
        kith_buf_deinit(&once);
        kith_buf_deinit(&again);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_put__nests_and_keeps_the_order),
        cmocka_unit_test(test_json_put__takes_a_lone_value),
        cmocka_unit_test(test_json_put__nests_as_deep_as_the_parser_reads),
        cmocka_unit_test(test_json_put_integer__writes_what_doubles_hold_as_numbers),
        cmocka_unit_test(test_json_put_integer__writes_larger_ones_as_strings),
        cmocka_unit_test(test_json_put_text__escapes_what_json_reserves),
        cmocka_unit_test(test_json_put_text__reads_no_further_than_the_slice),
        cmocka_unit_test(test_json_put_text__takes_texts_of_any_length),
        cmocka_unit_test(test_json_put_text__never_cuts_at_a_nul),
        cmocka_unit_test(test_json_put_text__reads_back_any_text),
        cmocka_unit_test(test_json_writer_finish__appends_to_what_is_there),
        cmocka_unit_test(test_json_writer_finish__fails_when_the_buffer_is_too_small),
        cmocka_unit_test(test_json_writer_finish__reports_the_first_failure),
        cmocka_unit_test(test_json_writer_deinit__leaves_a_writer_that_works),
        cmocka_unit_test(test_json_parse__undoes_the_writing_of_any_tree),
    };
    return cmocka_run_group_tests_name("codec/json_writer", tests, NULL, NULL);
}
