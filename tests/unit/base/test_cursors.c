/* The reading and the writing cursor, which are each other's inverse.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/reader.h"
#include "base/writer.h"
#include "harness.h"

static const uint64_t edges[] = {0,
                                 1,
                                 0x7f,
                                 0x80,
                                 0x3fff,
                                 0x4000,
                                 UINT32_MAX,
                                 UINT64_C(1) << 32,
                                 (UINT64_C(1) << 56) - 1,
                                 UINT64_C(1) << 56,
                                 INT64_MAX,
                                 UINT64_C(1) << 63,
                                 UINT64_MAX};

static kith_buf buf_of(size_t max_bytes)
{
    kith_buf buf;
    kith_buf_init(&buf, test_context(), max_bytes);
    return buf;
}

/* A number with any count of significant bits, each as likely as the other. */
static uint64_t any_number(test_random *random)
{
    return test_next(random) >> test_below(random, 64);
}

static void assert_varint_reads_back(uint64_t value)
{
    kith_buf buf = buf_of(10);
    kith_write_varint(&buf, value);
    assert_ok(kith_buf_status(&buf));
    assert_int_equal(buf.length, kith_varint_bytes(value));
    kith_reader reader = kith_reader_of(kith_buf_slice(&buf));
    assert_true(kith_read_varint(&reader) == value);
    assert_true(kith_reader_finished(&reader));
    kith_buf_deinit(&buf);
}

static void test_write_varint__reads_back_at_every_edge(void **state)
{
    (void)state;
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(edges); i++) {
        assert_varint_reads_back(edges[i]);
    }
}

static void test_write_varint__reads_back_any_number(void **state)
{
    (void)state;
    test_random random = test_random_of(test_seed());
    for (size_t i = 0; i < 2000; i++) {
        assert_varint_reads_back(any_number(&random));
    }
}

static void test_write_varint__puts_the_least_bits_first(void **state)
{
    (void)state;
    kith_buf buf = buf_of(10);
    kith_write_varint(&buf, 300);
    assert_int_equal(buf.length, 2);
    assert_memory_equal(buf.data, "\xac\x02", 2);
    kith_buf_deinit(&buf);
}

static void test_varint_bytes__is_one_to_ten(void **state)
{
    (void)state;
    assert_int_equal(kith_varint_bytes(0), 1);
    assert_int_equal(kith_varint_bytes(127), 1);
    assert_int_equal(kith_varint_bytes(128), 2);
    assert_int_equal(kith_varint_bytes(INT64_MAX), 9);
    assert_int_equal(kith_varint_bytes(UINT64_MAX), 10);
}

static void assert_varint_refused(kith_slice bytes)
{
    kith_reader reader = kith_reader_of(bytes);
    assert_int_equal(kith_read_varint(&reader), 0);
    assert_true(reader.failed);
    assert_int_equal(kith_reader_left(&reader), 0);
}

static void test_read_varint__refuses_longer_forms(void **state)
{
    (void)state;
    assert_varint_refused(KITH_SLICE("\x80\x00"));
    assert_varint_refused(KITH_SLICE("\x81\x00"));
    assert_varint_refused(KITH_SLICE("\xff\x80\x00"));
    assert_varint_refused(KITH_SLICE("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00"));
}

static void test_read_varint__refuses_what_passes_64_bits(void **state)
{
    (void)state;
    assert_varint_refused(KITH_SLICE("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"));
    assert_varint_refused(KITH_SLICE("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x81\x00"));
    assert_varint_refused(KITH_SLICE("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"));
}

static void test_read_varint__refuses_a_number_without_its_end(void **state)
{
    (void)state;
    assert_varint_refused((kith_slice){NULL, 0});
    assert_varint_refused(KITH_SLICE("\x80"));
    assert_varint_refused(KITH_SLICE("\xff\xff\xff\xff\xff\xff\xff\xff\xff"));
}

static void test_read_varint__has_one_form_for_each_value(void **state)
{
    (void)state;
    /* All texts of one and two bytes: what is read is written again as the same bytes. */
    for (unsigned i = 0; i < 65536; i++) {
        uint8_t bytes[2] = {(uint8_t)i, (uint8_t)(i >> 8)};
        kith_reader reader = kith_reader_of(kith_slice_make(bytes, 2));
        uint64_t value = kith_read_varint(&reader);
        if (reader.failed) {
            continue;
        }
        size_t taken = 2 - kith_reader_left(&reader);
        kith_buf buf = buf_of(10);
        kith_write_varint(&buf, value);
        assert_true(kith_slice_equal(kith_buf_slice(&buf), kith_slice_make(bytes, taken)));
        kith_buf_deinit(&buf);
    }
}

static void test_read_varint_max__takes_the_maximum_and_no_more(void **state)
{
    (void)state;
    kith_reader reader = kith_reader_of(KITH_SLICE("\xac\x02"));
    assert_int_equal(kith_read_varint_max(&reader, 300), 300);
    assert_true(kith_reader_finished(&reader));
    reader = kith_reader_of(KITH_SLICE("\xac\x02"));
    assert_int_equal(kith_read_varint_max(&reader, 299), 0);
    assert_true(reader.failed);
}

static void test_zigzag__folds_small_numbers_onto_small_ones(void **state)
{
    (void)state;
    assert_int_equal(kith_zigzag(0), 0);
    assert_int_equal(kith_zigzag(-1), 1);
    assert_int_equal(kith_zigzag(1), 2);
    assert_int_equal(kith_zigzag(-2), 3);
    assert_true(kith_zigzag(INT64_MAX) == UINT64_MAX - 1);
    assert_true(kith_zigzag(INT64_MIN) == UINT64_MAX);
}

static void test_write_zigzag__reads_back(void **state)
{
    (void)state;
    test_random random = test_random_of(test_seed());
    for (size_t i = 0; i < 2000; i++) {
        uint64_t number =
            i < KITH_ARRAY_LENGTH(edges) ? edges[i] : any_number(&random) ^ (i % 2 - 1);
        int64_t value = (int64_t)number;
        kith_buf buf = buf_of(10);
        kith_write_zigzag(&buf, value);
        kith_reader reader = kith_reader_of(kith_buf_slice(&buf));
        assert_true(kith_read_zigzag(&reader) == value);
        assert_true(kith_reader_finished(&reader));
        kith_buf_deinit(&buf);
    }
}

static void test_write_slice__reads_back(void **state)
{
    (void)state;
    kith_buf buf = buf_of(1000);
    uint8_t bytes[300];
    memset(bytes, 0xfe, sizeof bytes);
    static const size_t lengths[] = {0, 1, 127, 128, 300};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(lengths); i++) {
        kith_write_slice(&buf, kith_slice_make(bytes, lengths[i]));
    }
    assert_ok(kith_buf_status(&buf));
    kith_reader reader = kith_reader_of(kith_buf_slice(&buf));
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(lengths); i++) {
        kith_slice read = kith_read_slice(&reader);
        assert_true(kith_slice_equal(read, kith_slice_make(bytes, lengths[i])));
    }
    assert_true(kith_reader_finished(&reader));
    kith_buf_deinit(&buf);
}

static void test_read_slice__refuses_a_length_past_the_end(void **state)
{
    (void)state;
    static const kith_slice inputs[] = {
        {(const uint8_t *)"\x04"
                          "abc",
         4},
        {(const uint8_t *)"\x01", 1},
        {(const uint8_t *)"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01x", 11}};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(inputs); i++) {
        kith_reader reader = kith_reader_of(inputs[i]);
        kith_slice slice = kith_read_slice(&reader);
        assert_null(slice.data);
        assert_int_equal(slice.length, 0);
        assert_true(reader.failed);
    }
}

static void test_read_bytes__borrows_from_the_input(void **state)
{
    (void)state;
    kith_slice input = KITH_SLICE("abcd");
    kith_reader reader = kith_reader_of(input);
    assert_slice(kith_read_bytes(&reader, 1), "a");
    kith_slice bytes = kith_read_bytes(&reader, 2);
    assert_ptr_equal(bytes.data, input.data + 1);
    assert_int_equal(kith_reader_left(&reader), 1);
    assert_slice(kith_read_bytes(&reader, 0), "");
    assert_false(kith_reader_finished(&reader));
}

static void test_read_count__takes_what_can_fit(void **state)
{
    (void)state;
    kith_reader reader = kith_reader_of(KITH_SLICE("\x02"
                                                   "aabb"));
    assert_int_equal(kith_read_count(&reader, 2), 2);
    assert_false(reader.failed);
    reader = kith_reader_of(KITH_SLICE("\x00"));
    assert_int_equal(kith_read_count(&reader, 100), 0);
    assert_true(kith_reader_finished(&reader));
}

static void test_read_count__refuses_what_cannot_fit(void **state)
{
    (void)state;
    static const kith_slice inputs[] = {
        {(const uint8_t *)"\x02"
                          "aab",
         4},
        {(const uint8_t *)"\x01", 1},
        {(const uint8_t *)"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01xxxxxxxx", 18},
        {(const uint8_t *)"\x81\x80\x80\x80\x80\x80\x80\x80\x80\x01xx", 12}};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(inputs); i++) {
        kith_reader reader = kith_reader_of(inputs[i]);
        assert_int_equal(kith_read_count(&reader, 2), 0);
        assert_true(reader.failed);
    }
}

static void test_reader__reads_zero_after_a_failure(void **state)
{
    (void)state;
    kith_reader reader = kith_reader_of(KITH_SLICE("abcdefgh"));
    (void)kith_read_bytes(&reader, 9);
    assert_int_equal(kith_read_u8(&reader), 0);
    assert_int_equal(kith_read_varint(&reader), 0);
    assert_int_equal(kith_read_zigzag(&reader), 0);
    assert_int_equal(kith_read_count(&reader, 1), 0);
    assert_slice(kith_read_slice(&reader), "");
    assert_slice(kith_read_bytes(&reader, 1), "");
    assert_int_equal(kith_reader_left(&reader), 0);
    assert_false(kith_reader_finished(&reader));
}

static void test_reader_spoil__ends_the_reading(void **state)
{
    (void)state;
    kith_reader reader = kith_reader_of(KITH_SLICE("abc"));
    assert_int_equal(kith_read_u8(&reader), 'a');
    kith_reader_spoil(&reader);
    assert_int_equal(kith_read_u8(&reader), 0);
    assert_false(kith_reader_finished(&reader));
}

static void test_reader_finished__is_true_of_nothing_at_all(void **state)
{
    (void)state;
    kith_reader reader = kith_reader_of((kith_slice){NULL, 0});
    assert_true(kith_reader_finished(&reader));
    assert_int_equal(kith_read_u8(&reader), 0);
    assert_false(kith_reader_finished(&reader));
}

static void test_write__sticks_at_the_first_failure(void **state)
{
    (void)state;
    kith_buf buf = buf_of(3);
    kith_write_u8(&buf, 1);
    kith_write_varint(&buf, UINT64_MAX);
    kith_write_u8(&buf, 2);
    kith_write_slice(&buf, KITH_SLICE("a"));
    assert_status(kith_buf_status(&buf), KITH_E_LIMIT);
    assert_slice(kith_buf_slice(&buf), "\x01");
    kith_buf_deinit(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_write_varint__reads_back_at_every_edge),
        cmocka_unit_test(test_write_varint__reads_back_any_number),
        cmocka_unit_test(test_write_varint__puts_the_least_bits_first),
        cmocka_unit_test(test_varint_bytes__is_one_to_ten),
        cmocka_unit_test(test_read_varint__refuses_longer_forms),
        cmocka_unit_test(test_read_varint__refuses_what_passes_64_bits),
        cmocka_unit_test(test_read_varint__refuses_a_number_without_its_end),
        cmocka_unit_test(test_read_varint__has_one_form_for_each_value),
        cmocka_unit_test(test_read_varint_max__takes_the_maximum_and_no_more),
        cmocka_unit_test(test_zigzag__folds_small_numbers_onto_small_ones),
        cmocka_unit_test(test_write_zigzag__reads_back),
        cmocka_unit_test(test_write_slice__reads_back),
        cmocka_unit_test(test_read_slice__refuses_a_length_past_the_end),
        cmocka_unit_test(test_read_bytes__borrows_from_the_input),
        cmocka_unit_test(test_read_count__takes_what_can_fit),
        cmocka_unit_test(test_read_count__refuses_what_cannot_fit),
        cmocka_unit_test(test_reader__reads_zero_after_a_failure),
        cmocka_unit_test(test_reader_spoil__ends_the_reading),
        cmocka_unit_test(test_reader_finished__is_true_of_nothing_at_all),
        cmocka_unit_test(test_write__sticks_at_the_first_failure),
    };
    return cmocka_run_group_tests_name("base/cursors", tests, NULL, NULL);
}
