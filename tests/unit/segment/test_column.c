/* Columns against proto/spec/segment.md §4. SPDX-License-Identifier: Apache-2.0 */
#include "segment/column.h"

#include "base/limits.h"
#include "base/writer.h"
#include "heap.h"

static kith_arena arena;
static kith_buf out;

static int begin(void **state)
{
    (void)state;
    kith_arena_init(&arena, test_context());
    kith_buf_init(&out, test_context(), 2 * KITH_SEGMENT_INFLATED_MAX);
    return 0;
}

static int end(void **state)
{
    (void)state;
    kith_arena_deinit(&arena);
    kith_buf_deinit(&out);
    return 0;
}

static kith_column_reader reader_of(kith_slice bytes)
{
    return (kith_column_reader){.cx = test_context(),
                                .arena = &arena,
                                .reader = kith_reader_of(bytes),
                                .room = KITH_SEGMENT_INFLATED_MAX};
}

static void assert_written(kith_slice expected)
{
    assert_ok(kith_buf_status(&out));
    assert_int_equal(out.length, expected.length);
    assert_memory_equal(out.data, expected.data, expected.length);
}

static kith_slice zeros(size_t length)
{
    return kith_slice_make(kith_arena_array(&arena, length, 1), length);
}

static void test_stream__keeps_what_deflate_would_not_make_smaller(void **state)
{
    (void)state;
    kith_slice read;
    assert_ok(kith_stream_write(test_context(), KITH_SLICE("abc"), KITH_STREAM_BYTES, &out));
    assert_written(KITH_SLICE("\x00"
                              "abc"));
    kith_column_reader reader = reader_of(kith_buf_slice(&out));
    assert_ok(kith_stream_read(&reader, 3, KITH_STREAM_BYTES, &read));
    assert_slice(read, "abc");
    assert_true(kith_reader_finished(&reader.reader));
}

static void test_stream__deflates_the_rest(void **state)
{
    (void)state;
    kith_slice read;
    kith_slice bytes = zeros(10000);
    assert_ok(kith_stream_write(test_context(), bytes, KITH_STREAM_BYTES, &out));
    assert_true(out.length < 100);
    kith_column_reader reader = reader_of(kith_buf_slice(&out));
    assert_ok(kith_stream_read(&reader, bytes.length, KITH_STREAM_BYTES, &read));
    assert_true(kith_slice_equal(read, bytes));
    assert_true(kith_reader_finished(&reader.reader));
}

/* Words of the schema stand in the dictionary: they cost a reference. */
static void test_stream__of_texts_knows_the_schema(void **state)
{
    (void)state;
    kith_slice text = KITH_SLICE("missing_child\0trafficking\0bonded_labour\0");
    kith_slice read;
    assert_ok(kith_stream_write(test_context(), text, KITH_STREAM_TEXT, &out));
    assert_true(out.length < text.length / 2);
    kith_column_reader reader = reader_of(kith_buf_slice(&out));
    assert_ok(kith_stream_read(&reader, text.length, KITH_STREAM_TEXT, &read));
    assert_true(kith_slice_equal(read, text));
    reader = reader_of(kith_buf_slice(&out));
    assert_status(kith_stream_read(&reader, text.length, KITH_STREAM_BYTES, &read), KITH_E_DAMAGED);
}

static void assert_stream_damaged(kith_slice bytes, size_t length)
{
    kith_slice read;
    kith_column_reader reader = reader_of(bytes);
    assert_status(kith_stream_read(&reader, length, KITH_STREAM_BYTES, &read), KITH_E_DAMAGED);
}

static void test_stream__must_hold_just_what_is_announced(void **state)
{
    (void)state;
    assert_ok(kith_stream_write(test_context(), zeros(10000), KITH_STREAM_BYTES, &out));
    assert_stream_damaged(kith_buf_slice(&out), 9999);
    assert_stream_damaged(kith_buf_slice(&out), 10001);
    for (size_t length = 0; length < out.length; length++) {
        assert_stream_damaged(kith_slice_head(kith_buf_slice(&out), length), 10000);
    }
    assert_stream_damaged(KITH_SLICE("\x00"
                                     "ab"),
                          3);
    assert_stream_damaged(KITH_SLICE("\x7f"
                                     "ab"),
                          3);
    assert_stream_damaged(KITH_SLICE(""), 3);
    assert_stream_damaged(KITH_SLICE("\x01\xff"), 0); /* the room for nothing is no memory */
}

static void test_bytes__tell_their_length(void **state)
{
    (void)state;
    kith_slice read;
    assert_ok(kith_bytes_write(test_context(), KITH_SLICE("abc"), KITH_STREAM_BYTES, &out));
    assert_ok(kith_bytes_write(test_context(), KITH_SLICE(""), KITH_STREAM_BYTES, &out));
    assert_written(KITH_SLICE("\x03\x00"
                              "abc\x00\x00"));
    kith_column_reader reader = reader_of(kith_buf_slice(&out));
    assert_ok(kith_bytes_read(&reader, KITH_STREAM_BYTES, &read));
    assert_slice(read, "abc");
    assert_ok(kith_bytes_read(&reader, KITH_STREAM_BYTES, &read));
    assert_int_equal(read.length, 0);
    assert_true(kith_reader_finished(&reader.reader));
}

static void test_columns__take_no_more_room_than_there_is(void **state)
{
    (void)state;
    kith_slice read;
    kith_numbers numbers;
    kith_column_reader reader = reader_of(KITH_SLICE("\x05\x00hello"));
    reader.room = 4;
    assert_status(kith_bytes_read(&reader, KITH_STREAM_BYTES, &read), KITH_E_DAMAGED);
    reader = reader_of(KITH_SLICE("\x00\x00"));
    reader.room = 9;
    assert_status(kith_numbers_read(&reader, 10, &numbers), KITH_E_DAMAGED);
    reader.room = 10;
    assert_ok(kith_numbers_read(&reader, 10, &numbers));
    assert_int_equal(reader.room, 0);
}

/* A few hundred bytes that would come to a mebibyte each, again and again. */
static void test_columns__stop_a_bomb(void **state)
{
    (void)state;
    kith_slice read;
    kith_status status = KITH_OK;
    size_t count = 0;
    assert_ok(kith_bytes_write(test_context(), zeros(1 << 20), KITH_STREAM_BYTES, &out));
    kith_slice bytes = kith_buf_slice(&out);
    kith_column_reader reader = reader_of(bytes);
    while (status == KITH_OK) {
        reader.reader = kith_reader_of(bytes);
        status = kith_bytes_read(&reader, KITH_STREAM_BYTES, &read);
        count += status == KITH_OK ? read.length : 0;
    }
    assert_int_equal(status, KITH_E_DAMAGED);
    assert_true(count <= KITH_SEGMENT_INFLATED_MAX);
}

static kith_numbers numbers_of(const int64_t *items, size_t count)
{
    kith_numbers numbers = {0};
    for (size_t i = 0; i < count; i++) {
        assert_ok(kith_numbers_add(&numbers, &arena, items[i]));
    }
    return numbers;
}

static void assert_reads_back(const int64_t *items, size_t count)
{
    kith_numbers read;
    kith_numbers numbers = numbers_of(items, count);
    kith_buf_clear(&out);
    assert_ok(kith_numbers_write(test_context(), &numbers, &out));
    kith_column_reader reader = reader_of(kith_buf_slice(&out));
    assert_ok(kith_numbers_read(&reader, count, &read));
    assert_true(kith_reader_finished(&reader.reader));
    assert_int_equal(read.count, count);
    for (size_t i = 0; i < count; i++) {
        assert_true(read.items[i] == items[i]);
    }
}

#define ASSERT_READS_BACK(...) \
    assert_reads_back((const int64_t[]){__VA_ARGS__}, sizeof((const int64_t[]){__VA_ARGS__}) / 8)

static void test_numbers__come_back(void **state)
{
    (void)state;
    ASSERT_READS_BACK(0);
    ASSERT_READS_BACK(7, 7, 7);
    ASSERT_READS_BACK(-1, 0, 1);
    ASSERT_READS_BACK(255, 0);
    ASSERT_READS_BACK(256, 0);
    ASSERT_READS_BACK(INT64_MIN);
    ASSERT_READS_BACK(INT64_MAX, INT64_MIN, 0);
    ASSERT_READS_BACK(1795507200000, 1795507260000, 1795507200001);
}

static void test_numbers__come_back_whatever_they_are(void **state)
{
    (void)state;
    test_random random = test_random_of(test_seed());
    for (size_t round = 0; round < 200; round++) {
        int64_t items[300];
        size_t count = 1 + test_below(&random, KITH_ARRAY_LENGTH(items));
        unsigned shift = (unsigned)test_below(&random, 64);
        for (size_t i = 0; i < count; i++) {
            items[i] = (int64_t)(test_next(&random) >> shift);
        }
        assert_reads_back(items, count);
    }
}

static void test_numbers__follow_the_specification(void **state)
{
    (void)state;
    kith_numbers numbers = numbers_of((const int64_t[]){-3, 0x100, -2}, 3);
    assert_ok(kith_numbers_write(test_context(), &numbers, &out));
    assert_written(KITH_SLICE("\x05\x02"            /* base -3, two bytes wide */
                              "\x00\x00\x03\x01"    /* the least significant ones */
                              "\x00\x00\x01\x00")); /* the most significant ones */
}

static void test_numbers__cost_nothing_where_they_are_all_alike(void **state)
{
    (void)state;
    kith_numbers none = {0};
    assert_ok(kith_numbers_write(test_context(), &none, &out));
    assert_int_equal(out.length, 0);
    int64_t items[1000];
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(items); i++) {
        items[i] = 1;
    }
    kith_numbers alike = numbers_of(items, KITH_ARRAY_LENGTH(items));
    assert_ok(kith_numbers_write(test_context(), &alike, &out));
    assert_written(KITH_SLICE("\x02\x00"));
}

static void test_numbers__refuse_what_is_no_column(void **state)
{
    (void)state;
    static const kith_slice wrong[] = {
        BYTES(""),
        BYTES("\x00"),
        BYTES("\x00\x09"),                         /* nine bytes wide */
        BYTES("\x00\x01\x00\x01"),                 /* a byte of two */
        BYTES("\x80\x00\x01\x00\x01\x02"),         /* a base in a longer form */
        BYTES("\x00\x01\x05\x01\x02\x03\x04\x05"), /* no deflate stream */
    };
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(wrong); i++) {
        kith_numbers numbers;
        kith_column_reader reader = reader_of(wrong[i]);
        assert_status(kith_numbers_read(&reader, 2, &numbers), KITH_E_DAMAGED);
    }
}

static kith_status write_and_read(kith_context *cx, void *user)
{
    const kith_slice *text = user;
    kith_arena texts;
    kith_buf bytes;
    kith_numbers numbers = {0};
    kith_slice read;
    kith_status status = KITH_OK;
    kith_arena_init(&texts, cx);
    kith_buf_init(&bytes, cx, 1000);
    for (size_t i = 0; status == KITH_OK && i < text->length; i++) {
        status = kith_numbers_add(&numbers, &texts, text->data[i]);
    }
    if (status == KITH_OK) {
        status = kith_numbers_write(cx, &numbers, &bytes);
    }
    if (status == KITH_OK) {
        status = kith_bytes_write(cx, *text, KITH_STREAM_TEXT, &bytes);
    }
    kith_column_reader reader = {
        .cx = cx, .arena = &texts, .reader = kith_reader_of(kith_buf_slice(&bytes)), .room = 1000};
    if (status == KITH_OK) {
        status = kith_numbers_read(&reader, text->length, &numbers);
    }
    if (status == KITH_OK) {
        status = kith_bytes_read(&reader, KITH_STREAM_TEXT, &read);
    }
    kith_buf_deinit(&bytes);
    kith_arena_deinit(&texts);
    return status;
}

static void test_columns__report_lack_of_memory(void **state)
{
    (void)state;
    kith_slice text = KITH_SLICE("missing_child missing_child missing_child");
    heap_fail_each_allocation(write_and_read, &text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_stream__keeps_what_deflate_would_not_make_smaller,
                                        begin, end),
        cmocka_unit_test_setup_teardown(test_stream__deflates_the_rest, begin, end),
        cmocka_unit_test_setup_teardown(test_stream__of_texts_knows_the_schema, begin, end),
        cmocka_unit_test_setup_teardown(test_stream__must_hold_just_what_is_announced, begin, end),
        cmocka_unit_test_setup_teardown(test_bytes__tell_their_length, begin, end),
        cmocka_unit_test_setup_teardown(test_columns__take_no_more_room_than_there_is, begin, end),
        cmocka_unit_test_setup_teardown(test_columns__stop_a_bomb, begin, end),
        cmocka_unit_test_setup_teardown(test_columns__report_lack_of_memory, begin, end),
        cmocka_unit_test_setup_teardown(test_numbers__come_back, begin, end),
        cmocka_unit_test_setup_teardown(test_numbers__come_back_whatever_they_are, begin, end),
        cmocka_unit_test_setup_teardown(test_numbers__follow_the_specification, begin, end),
        cmocka_unit_test_setup_teardown(test_numbers__cost_nothing_where_they_are_all_alike, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_numbers__refuse_what_is_no_column, begin, end),
    };
    return cmocka_run_group_tests_name("segment/column", tests, NULL, NULL);
}
