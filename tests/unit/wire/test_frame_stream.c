/* Cutting a stream into frames, whatever pieces it comes in. SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "base/writer.h"
#include "harness.h"
#include "heap.h"
#include "wire/frame.h"

static kith_frame_stream stream;
static kith_buf sent;

static int begin(void **state)
{
    (void)state;
    kith_frame_stream_init(&stream, test_context());
    kith_buf_init(&sent, test_context(), 8 * KITH_FRAME_BYTES_MAX);
    return 0;
}

static int end(void **state)
{
    (void)state;
    kith_frame_stream_deinit(&stream);
    kith_buf_deinit(&sent);
    return 0;
}

/* A payload of so many bytes that tells where it comes from. */
static kith_slice filled(size_t length)
{
    static uint8_t bytes[KITH_FRAME_BYTES_MAX];
    for (size_t i = 0; i < length; i++) {
        bytes[i] = (uint8_t)(length + i);
    }
    return kith_slice_make(bytes, length);
}

static const size_t lengths[] = {0, 1, 127, 128, 3000, 0, 16383, 16384, 70000, 2};

static void send_all(void)
{
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(lengths); i++) {
        kith_frame_write(&sent, KITH_FRAME_SEGMENT, filled(lengths[i]));
    }
    assert_ok(kith_buf_status(&sent));
}

static void assert_next(size_t length)
{
    kith_frame frame;
    assert_ok(kith_frame_stream_next(&stream, &frame));
    assert_int_equal(frame.type, KITH_FRAME_SEGMENT);
    assert_int_equal(frame.payload.length, length);
    assert_true(kith_slice_equal(frame.payload, filled(length)));
}

/* Puts in what was sent by pieces of at most so many bytes; every frame must come out whole. */
static void check_pieces(test_random *random, size_t piece_max)
{
    size_t count = 0;
    kith_slice left = kith_buf_slice(&sent);
    while (left.length > 0) {
        size_t piece = 1 + (size_t)test_below(random, piece_max);
        assert_ok(kith_frame_stream_put(&stream, kith_slice_head(left, piece)));
        left = kith_slice_skip(left, piece < left.length ? piece : left.length);
        kith_frame frame;
        kith_status status = KITH_OK;
        while ((status = kith_frame_stream_next(&stream, &frame)) == KITH_OK) {
            assert_in_range(count, 0, KITH_ARRAY_LENGTH(lengths) - 1);
            assert_true(kith_slice_equal(frame.payload, filled(lengths[count++])));
        }
        assert_status(status, KITH_E_NOT_FOUND);
    }
    assert_int_equal(count, KITH_ARRAY_LENGTH(lengths));
}

static void test_frame_stream__gives_the_same_frames_for_any_pieces(void **state)
{
    (void)state;
    static const size_t pieces[] = {1, 2, 3, 100, 5000, 200000};
    test_random random = test_random_of(test_seed());
    send_all();
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(pieces); i++) {
        check_pieces(&random, pieces[i]);
    }
}

static void test_frame_stream__gives_many_frames_of_one_piece(void **state)
{
    (void)state;
    send_all();
    assert_ok(kith_frame_stream_put(&stream, kith_buf_slice(&sent)));
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(lengths); i++) {
        assert_next(lengths[i]);
    }
    kith_frame frame;
    assert_status(kith_frame_stream_next(&stream, &frame), KITH_E_NOT_FOUND);
    assert_int_equal(frame.payload.length, 0);
}

static void test_frame_stream__gives_the_longest_frame_and_none_longer(void **state)
{
    (void)state;
    kith_frame frame;
    kith_frame_write(&sent, KITH_FRAME_SEGMENT, filled(KITH_FRAME_BYTES_MAX));
    assert_ok(kith_frame_stream_put(&stream, kith_buf_slice(&sent)));
    assert_next(KITH_FRAME_BYTES_MAX);
    kith_buf_clear(&sent);
    kith_write_u8(&sent, KITH_FRAME_SEGMENT);
    kith_write_varint(&sent, KITH_FRAME_BYTES_MAX + 1);
    assert_ok(kith_frame_stream_put(&stream, kith_buf_slice(&sent)));
    assert_status(kith_frame_stream_next(&stream, &frame), KITH_E_LIMIT);
}

static void assert_refused(const uint8_t *bytes, size_t length, kith_status expected)
{
    kith_frame frame;
    kith_frame_stream fresh;
    kith_frame_stream_init(&fresh, test_context());
    assert_ok(kith_frame_stream_put(&fresh, kith_slice_make(bytes, length)));
    assert_status(kith_frame_stream_next(&fresh, &frame), expected);
    assert_false(kith_frame_stream_partial(&fresh, &frame, &(uint64_t){0}));
    kith_frame_stream_deinit(&fresh);
}

static void test_frame_stream__refuses_lengths_in_a_longer_form(void **state)
{
    (void)state;
    static const uint8_t longer_zero[] = {3, 0x80, 0x00, 0x00};
    static const uint8_t longer_five[] = {3, 0x85, 0x80, 0x00};
    static const uint8_t endless[] = {3, 0xff, 0xff, 0xff, 0xff, 0xff};
    assert_refused(longer_zero, sizeof longer_zero, KITH_E_SYNTAX);
    assert_refused(longer_five, sizeof longer_five, KITH_E_SYNTAX);
    assert_refused(endless, sizeof endless, KITH_E_LIMIT);
    assert_refused(longer_zero, 3, KITH_E_SYNTAX); /* at once */
}

/* A hostile peer that announces much has not made us promise any memory. */
static void test_frame_stream__allocates_nothing_for_what_has_not_come(void **state)
{
    (void)state;
    kith_frame frame;
    kith_write_u8(&sent, KITH_FRAME_SEGMENT);
    kith_write_varint(&sent, KITH_FRAME_BYTES_MAX);
    kith_buf_append_text(&sent, "a few bytes");
    assert_ok(kith_frame_stream_put(&stream, kith_buf_slice(&sent)));
    assert_status(kith_frame_stream_next(&stream, &frame), KITH_E_NOT_FOUND);
    assert_in_range(stream.bytes.capacity, 1, 1024);
}

static void test_frame_stream__holds_two_frames_at_the_most(void **state)
{
    (void)state;
    kith_frame_write(&sent, KITH_FRAME_SEGMENT, filled(KITH_FRAME_BYTES_MAX));
    assert_ok(kith_frame_stream_put(&stream, kith_buf_slice(&sent)));
    assert_status(kith_frame_stream_put(&stream, kith_buf_slice(&sent)), KITH_E_LIMIT);
}

static void test_frame_stream_partial__tells_what_has_come_of_a_frame(void **state)
{
    (void)state;
    kith_frame frame;
    uint64_t length = 0;
    kith_frame_write(&sent, KITH_FRAME_SEGMENT, filled(300));
    for (size_t cut = 0; cut < sent.length; cut++) {
        kith_frame_stream fresh;
        kith_frame_stream_init(&fresh, test_context());
        assert_ok(kith_frame_stream_put(&fresh, kith_slice_head(kith_buf_slice(&sent), cut)));
        bool is_there = kith_frame_stream_partial(&fresh, &frame, &length);
        assert_int_equal(is_there, cut >= 3); /* the type and a length of two bytes */
        if (is_there) {
            assert_int_equal(frame.type, KITH_FRAME_SEGMENT);
            assert_int_equal(length, 300);
            assert_true(kith_slice_equal(frame.payload,
                                         kith_slice_head(filled(300), frame.payload.length)));
            assert_int_equal(frame.payload.length, cut - 3);
        }
        kith_frame_stream_deinit(&fresh);
    }
}

static void test_frame_stream_partial__is_nothing_between_frames(void **state)
{
    (void)state;
    kith_frame frame;
    uint64_t length = 99;
    send_all();
    assert_ok(kith_frame_stream_put(&stream, kith_buf_slice(&sent)));
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(lengths); i++) {
        assert_next(lengths[i]);
    }
    assert_false(kith_frame_stream_partial(&stream, &frame, &length));
    assert_int_equal(length, 0);
}

/* Bytes are moved once at the most: a frame in pieces of one byte does not cost their square. */
static void test_frame_stream_put__does_not_move_what_waits(void **state)
{
    (void)state;
    kith_frame frame;
    kith_frame_write(&sent, KITH_FRAME_SEGMENT, filled(1000));
    kith_frame_write(&sent, KITH_FRAME_SEGMENT, filled(KITH_FRAME_BYTES_MAX));
    kith_slice all = kith_buf_slice(&sent);
    assert_ok(kith_frame_stream_put(&stream, kith_slice_head(all, 2000)));
    assert_next(1000);
    for (size_t at = 2000; at + 1 < all.length; at++) {
        assert_ok(kith_frame_stream_put(&stream, kith_slice_make(all.data + at, 1)));
        assert_int_equal(stream.taken, 0);
        assert_int_equal(kith_frame_stream_next(&stream, &frame), KITH_E_NOT_FOUND);
    }
    assert_ok(kith_frame_stream_put(&stream, kith_slice_skip(all, all.length - 1)));
    assert_next(KITH_FRAME_BYTES_MAX);
}

static kith_status receive(kith_context *cx, void *user)
{
    kith_frame frame;
    kith_frame_stream small;
    (void)user;
    kith_frame_stream_init(&small, cx);
    kith_status status = KITH_OK;
    kith_slice left = kith_buf_slice(&sent);
    for (; status == KITH_OK && left.length > 0;
         left = kith_slice_skip(left, left.length < 999 ? left.length : 999)) {
        status = kith_frame_stream_put(&small, kith_slice_head(left, 999));
        while (status == KITH_OK && kith_frame_stream_next(&small, &frame) == KITH_OK) {
        }
    }
    kith_frame_stream_deinit(&small);
    return status;
}

static void test_frame_stream__reports_lack_of_memory(void **state)
{
    (void)state;
    send_all();
    heap_fail_each_allocation(receive, NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_frame_stream__gives_the_same_frames_for_any_pieces),
        TEST(test_frame_stream__gives_many_frames_of_one_piece),
        TEST(test_frame_stream__gives_the_longest_frame_and_none_longer),
        TEST(test_frame_stream__refuses_lengths_in_a_longer_form),
        TEST(test_frame_stream__allocates_nothing_for_what_has_not_come),
        TEST(test_frame_stream__holds_two_frames_at_the_most),
        TEST(test_frame_stream_partial__tells_what_has_come_of_a_frame),
        TEST(test_frame_stream_partial__is_nothing_between_frames),
        TEST(test_frame_stream_put__does_not_move_what_waits),
        TEST(test_frame_stream__reports_lack_of_memory),
    };
    return cmocka_run_group_tests_name("wire/frame_stream", tests, NULL, NULL);
}
