/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/bundle.h"

#include "base/limits.h"
#include "harness.h"

static const uint8_t seed[KITH_SEED_BYTES] = {1, 2, 3};
static const kith_space_id space = {{4, 5, 6}};

/* The payload of the one frame in a buffer. */
static kith_slice payload_of(const kith_buf *frame, kith_frame_type type)
{
    kith_reader reader = kith_reader_of(kith_buf_slice(frame));
    assert_int_equal(kith_read_u8(&reader), type);
    kith_slice payload = kith_read_slice(&reader);
    assert_true(kith_reader_finished(&reader));
    return payload;
}

static void write_holds(kith_buf *out)
{
    kith_held_head heads[2] = {{.author = {{7}}, .number = 1}, {.author = {{8}}}};
    heads[1].number = KITH_NUMBER_MAX;
    memset(heads[1].header, 9, sizeof heads[1].header);
    kith_buf_init(out, test_context(), KITH_FRAME_BYTES_MAX);
    kith_frame_write_holds(out, space, seed, heads, 2);
    assert_ok(kith_buf_status(out));
}

static void test_holds__reads_back(void **state)
{
    kith_buf frame;
    kith_reader reader;
    kith_holds_frame holds;
    (void)state;
    write_holds(&frame);
    assert_true(kith_frame_read_holds(payload_of(&frame, KITH_FRAME_HOLDS), space, &holds));
    assert_int_equal(kith_holds_begin(holds.heads, &reader), 2);
    assert_int_equal(kith_holds_next(&reader).number, 1);
    kith_held_head last = kith_holds_next(&reader);
    assert_int_equal(last.number, KITH_NUMBER_MAX);
    assert_int_equal(last.header[31], 9);
    assert_true(kith_reader_finished(&reader));
    kith_buf_deinit(&frame);
}

static void test_holds__is_of_one_space_and_one_device(void **state)
{
    kith_buf frame;
    kith_holds_frame holds;
    static const kith_space_id other = {{4, 5, 7}};
    (void)state;
    write_holds(&frame);
    kith_slice payload = payload_of(&frame, KITH_FRAME_HOLDS);
    assert_false(kith_frame_read_holds(payload, other, &holds));
    for (size_t i = 0; i < payload.length; i++) {
        uint8_t *byte = frame.data + (payload.data - frame.data) + i;
        *byte ^= 1;
        assert_false(kith_frame_read_holds(payload, space, &holds));
        *byte ^= 1;
        assert_false(kith_frame_read_holds(kith_slice_head(payload, i), space, &holds));
    }
    assert_true(kith_frame_read_holds(payload, space, &holds));
    kith_buf_deinit(&frame);
}

static void test_holds__tells_no_more_heads_than_a_frame_takes(void **state)
{
    kith_buf frame;
    kith_reader reader;
    kith_holds_frame holds;
    size_t count = KITH_HOLDS_MAX + 1;
    kith_held_head *heads = kith_allocate_array(test_context(), count, sizeof *heads);
    (void)state;
    assert_non_null(heads);
    for (size_t i = 0; i < count; i++) {
        heads[i].number = KITH_NUMBER_MAX;
    }
    kith_buf_init(&frame, test_context(), 2 * KITH_FRAME_BYTES_MAX);
    kith_frame_write_holds(&frame, space, seed, heads, count);
    assert_ok(kith_buf_status(&frame));
    assert_true(kith_frame_read_holds(payload_of(&frame, KITH_FRAME_HOLDS), space, &holds));
    assert_int_equal(kith_holds_begin(holds.heads, &reader), KITH_HOLDS_MAX);
    kith_buf_deinit(&frame);
    kith_free(test_context(), heads);
}

static void test_sum_and_carry__read_back_and_nothing_else(void **state)
{
    kith_buf frame;
    kith_sum_frame sum = {1, 300, UINT64_MAX, {5}};
    kith_sum_frame read;
    kith_space_id id;
    (void)state;
    kith_buf_init(&frame, test_context(), 1024);
    kith_frame_write_sum(&frame, &sum);
    kith_slice payload = payload_of(&frame, KITH_FRAME_SUM);
    assert_true(kith_frame_read_sum(payload, &read));
    assert_memory_equal(&read, &sum, sizeof sum);
    for (size_t i = 0; i < payload.length; i++) {
        assert_false(kith_frame_read_sum(kith_slice_head(payload, i), &read));
    }
    kith_buf_clear(&frame);
    kith_frame_write_carry(&frame, space);
    payload = payload_of(&frame, KITH_FRAME_CARRY);
    assert_true(kith_frame_read_carry(payload, &id));
    assert_true(kith_space_id_equal(id, space));
    assert_false(kith_frame_read_carry(kith_slice_skip(payload, 1), &id));
    kith_buf_deinit(&frame);
}

static void test_magic__tells_a_later_version_from_another_file(void **state)
{
    (void)state;
    assert_ok(kith_bundle_read_magic(test_context(), (const uint8_t *)"KITHBDL1"));
    assert_status(kith_bundle_read_magic(test_context(), (const uint8_t *)"KITHBDL2"),
                  KITH_E_NEWER);
    assert_status(kith_bundle_read_magic(test_context(), (const uint8_t *)"KITHBDL0"),
                  KITH_E_SYNTAX);
    assert_status(kith_bundle_read_magic(test_context(), (const uint8_t *)"KITHBDX1"),
                  KITH_E_SYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_holds__reads_back),
        cmocka_unit_test(test_holds__is_of_one_space_and_one_device),
        cmocka_unit_test(test_holds__tells_no_more_heads_than_a_frame_takes),
        cmocka_unit_test(test_sum_and_carry__read_back_and_nothing_else),
        cmocka_unit_test(test_magic__tells_a_later_version_from_another_file)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
