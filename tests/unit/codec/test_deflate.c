/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/deflate.h"

#include <stdlib.h>

#include "harness.h"

enum { ROOM = 4 << 20 };

static kith_buf buf_of(size_t max_bytes)
{
    kith_buf buf;
    kith_buf_init(&buf, test_context(), max_bytes);
    return buf;
}

static kith_buf deflated(kith_slice bytes)
{
    kith_buf stream = buf_of(ROOM);
    assert_ok(kith_deflate(test_context(), bytes, &stream));
    return stream;
}

static kith_buf random_bytes(test_random *random, size_t length)
{
    kith_buf buf = buf_of(ROOM);
    for (size_t i = 0; i < length; i++) {
        kith_buf_append(&buf, &(uint8_t){(uint8_t)test_next(random)}, 1);
    }
    assert_ok(kith_buf_status(&buf));
    return buf;
}

static kith_buf repeated_text(size_t length)
{
    kith_buf buf = buf_of(ROOM);
    while (buf.length < length) {
        kith_buf_append_text(&buf, "Rina Das, Kokrajhar; ");
    }
    buf.length = length;
    assert_ok(kith_buf_status(&buf));
    return buf;
}

static void assert_inflates_to(kith_slice stream, kith_slice bytes)
{
    kith_buf out = buf_of(ROOM);
    assert_ok(kith_inflate(test_context(), stream, bytes.length, &out));
    assert_true(kith_slice_equal(kith_buf_slice(&out), bytes));
    kith_buf_deinit(&out);
}

static void assert_not_inflated(kith_slice stream, size_t max_bytes, kith_status expected)
{
    kith_buf out = buf_of(ROOM);
    kith_buf_append_text(&out, "before");
    assert_status(kith_inflate(test_context(), stream, max_bytes, &out), expected);
    assert_slice(kith_buf_slice(&out), "before");
    assert_ok(kith_buf_status(&out));
    kith_buf_deinit(&out);
}

static const size_t lengths[] = {0, 1, 2, 4095, 4096, 4097, 12288, 65536, 1000000};

static void test_inflate__gives_random_bytes_back(void **state)
{
    (void)state;
    test_random random = test_random_of(test_seed());
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(lengths); i++) {
        kith_buf bytes = random_bytes(&random, lengths[i]);
        kith_buf stream = deflated(kith_buf_slice(&bytes));
        assert_inflates_to(kith_buf_slice(&stream), kith_buf_slice(&bytes));
        kith_buf_deinit(&stream);
        kith_buf_deinit(&bytes);
    }
}

static void test_inflate__gives_repetitive_bytes_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(lengths); i++) {
        kith_buf bytes = repeated_text(lengths[i]);
        kith_buf stream = deflated(kith_buf_slice(&bytes));
        assert_inflates_to(kith_buf_slice(&stream), kith_buf_slice(&bytes));
        kith_buf_deinit(&stream);
        kith_buf_deinit(&bytes);
    }
}

static void test_deflate__makes_repetitive_bytes_small(void **state)
{
    (void)state;
    kith_buf bytes = repeated_text(100000);
    kith_buf stream = deflated(kith_buf_slice(&bytes));
    assert_true(stream.length < bytes.length / 50);
    kith_buf_deinit(&stream);
    kith_buf_deinit(&bytes);
}

static void test_deflate__appends_to_what_is_there(void **state)
{
    (void)state;
    kith_buf stream = buf_of(ROOM);
    kith_buf_append_text(&stream, "head");
    assert_ok(kith_deflate(test_context(), KITH_SLICE("body"), &stream));
    assert_slice(kith_slice_head(kith_buf_slice(&stream), 4), "head");
    assert_inflates_to(kith_slice_skip(kith_buf_slice(&stream), 4), KITH_SLICE("body"));
    kith_buf_deinit(&stream);
}

static void test_deflate__fails_when_the_buffer_is_too_small(void **state)
{
    (void)state;
    test_random random = test_random_of(test_seed());
    kith_buf bytes = random_bytes(&random, 1000);
    kith_buf stream = buf_of(999);
    kith_buf_append_text(&stream, "head");
    assert_status(kith_deflate(test_context(), kith_buf_slice(&bytes), &stream), KITH_E_LIMIT);
    assert_slice(kith_buf_slice(&stream), "head");
    kith_buf_deinit(&stream);
    kith_buf_deinit(&bytes);
}

static void test_inflate__appends_to_what_is_there(void **state)
{
    (void)state;
    kith_buf stream = deflated(KITH_SLICE("body"));
    kith_buf out = buf_of(ROOM);
    kith_buf_append_text(&out, "head ");
    assert_ok(kith_inflate(test_context(), kith_buf_slice(&stream), 4, &out));
    assert_slice(kith_buf_slice(&out), "head body");
    kith_buf_deinit(&out);
    kith_buf_deinit(&stream);
}

static void test_inflate__fills_a_buffer_to_its_maximum(void **state)
{
    (void)state;
    kith_buf bytes = repeated_text(10000);
    kith_buf stream = deflated(kith_buf_slice(&bytes));
    kith_buf out = buf_of(10000);
    assert_ok(kith_inflate(test_context(), kith_buf_slice(&stream), 10000, &out));
    assert_int_equal(out.length, 10000);
    kith_buf_deinit(&out);
    kith_buf_deinit(&stream);
    kith_buf_deinit(&bytes);
}

static void test_inflate__takes_what_is_as_large_as_the_limit(void **state)
{
    (void)state;
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(lengths); i++) {
        kith_buf bytes = repeated_text(lengths[i]);
        kith_buf stream = deflated(kith_buf_slice(&bytes));
        kith_buf out = buf_of(ROOM);
        assert_ok(kith_inflate(test_context(), kith_buf_slice(&stream), lengths[i], &out));
        assert_int_equal(out.length, lengths[i]);
        kith_buf_deinit(&out);
        kith_buf_deinit(&stream);
        kith_buf_deinit(&bytes);
    }
}

static void test_inflate__refuses_one_byte_past_the_limit(void **state)
{
    (void)state;
    for (size_t i = 1; i < KITH_ARRAY_LENGTH(lengths); i++) {
        kith_buf bytes = repeated_text(lengths[i]);
        kith_buf stream = deflated(kith_buf_slice(&bytes));
        assert_not_inflated(kith_buf_slice(&stream), lengths[i] - 1, KITH_E_LIMIT);
        kith_buf_deinit(&stream);
        kith_buf_deinit(&bytes);
    }
}

static void test_inflate__refuses_every_truncation(void **state)
{
    (void)state;
    kith_buf bytes = repeated_text(5000);
    kith_buf stream = deflated(kith_buf_slice(&bytes));
    for (size_t length = 0; length < stream.length; length++) {
        kith_slice part = kith_slice_head(kith_buf_slice(&stream), length);
        assert_not_inflated(part, 5000, KITH_E_DAMAGED);
        assert_not_inflated(part, 6000, KITH_E_DAMAGED);
    }
    kith_buf_deinit(&stream);
    kith_buf_deinit(&bytes);
}

static void test_inflate__refuses_bytes_behind_the_end(void **state)
{
    (void)state;
    kith_buf bytes = repeated_text(5000);
    kith_buf stream = deflated(kith_buf_slice(&bytes));
    uint8_t zero = 0;
    kith_buf_append(&stream, &zero, 1);
    assert_not_inflated(kith_buf_slice(&stream), 5000, KITH_E_DAMAGED);
    kith_buf_deinit(&stream);
    kith_buf_deinit(&bytes);
}

static void test_inflate__never_gives_other_bytes_for_a_damaged_stream(void **state)
{
    (void)state;
    kith_buf bytes = repeated_text(500);
    kith_buf stream = deflated(kith_buf_slice(&bytes));
    for (size_t bit = 0; bit < stream.length * 8; bit++) {
        kith_buf out = buf_of(ROOM);
        stream.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        kith_status status = kith_inflate(test_context(), kith_buf_slice(&stream), 600, &out);
        stream.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (status == KITH_OK) {
            assert_true(kith_slice_equal(kith_buf_slice(&out), kith_buf_slice(&bytes)));
        } else {
            assert_true(status == KITH_E_DAMAGED || status == KITH_E_LIMIT);
            assert_int_equal(out.length, 0);
        }
        kith_buf_deinit(&out);
    }
    kith_buf_deinit(&stream);
    kith_buf_deinit(&bytes);
}

static void test_inflate__refuses_what_was_never_deflated(void **state)
{
    (void)state;
    test_random random = test_random_of(test_seed());
    for (size_t i = 0; i < 300; i++) {
        kith_buf bytes = random_bytes(&random, i);
        /* So few bytes cannot mean a mebibyte, so that never the limit is what stops them. */
        assert_not_inflated(kith_buf_slice(&bytes), 1 << 20, KITH_E_DAMAGED);
        kith_buf_deinit(&bytes);
    }
}

/* A gzip header, a raw deflate stream, a stream that wants a preset dictionary. */
static void test_inflate__refuses_streams_of_another_kind(void **state)
{
    (void)state;
    assert_not_inflated(KITH_SLICE("\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0"), 100,
                        KITH_E_DAMAGED);
    assert_not_inflated(KITH_SLICE("\x03\x00"), 100, KITH_E_DAMAGED);
    assert_not_inflated(KITH_SLICE("\x78\xbb\0\0\0\x01\x03\0\0\0\0\x01"), 100, KITH_E_DAMAGED);
}

static void test_inflate__stops_a_bomb_without_room_for_it(void **state)
{
    (void)state;
    enum { BOMB_BYTES = 32 << 20, LIMIT = 100000 };
    uint8_t *zeros = calloc(1, BOMB_BYTES);
    assert_non_null(zeros);
    kith_buf stream = buf_of((size_t)BOMB_BYTES * 2);
    assert_ok(kith_deflate(test_context(), kith_slice_make(zeros, BOMB_BYTES), &stream));
    free(zeros);
    assert_true(stream.length < BOMB_BYTES / 200);
    kith_buf out = buf_of(LIMIT);
    assert_status(kith_inflate(test_context(), kith_buf_slice(&stream), LIMIT, &out), KITH_E_LIMIT);
    assert_int_equal(out.length, 0);
    assert_true(out.capacity <= LIMIT);
    kith_buf_deinit(&out);
    kith_buf_deinit(&stream);
}

static void test_inflate__has_a_limit_for_the_limit(void **state)
{
    (void)state;
    kith_buf stream = deflated(KITH_SLICE("body"));
    assert_not_inflated(kith_buf_slice(&stream), KITH_DEFLATE_BYTES_MAX + 1, KITH_E_LIMIT);
    assert_not_inflated(kith_buf_slice(&stream), SIZE_MAX, KITH_E_LIMIT);
    kith_buf_deinit(&stream);
}

/* Streams as segments have them: raw, as small as can be, or not at all. */

static void assert_smallest_comes_back(kith_slice bytes, kith_slice dictionary)
{
    kith_buf stream = buf_of(ROOM);
    kith_buf out = buf_of(ROOM);
    bool is_deflated = false;
    kith_buf_append_text(&stream, "head");
    assert_ok(kith_deflate_smallest(test_context(), bytes, dictionary, &stream, &is_deflated));
    assert_slice(kith_slice_head(kith_buf_slice(&stream), 4), "head");
    kith_slice made = kith_slice_skip(kith_buf_slice(&stream), 4);
    assert_int_equal(made.length > 0, is_deflated);
    if (is_deflated) {
        assert_true(made.length < bytes.length);
        assert_ok(kith_inflate_exact(test_context(), made, dictionary, bytes.length, &out));
        assert_true(kith_slice_equal(kith_buf_slice(&out), bytes));
    }
    kith_buf_deinit(&out);
    kith_buf_deinit(&stream);
}

static void test_deflate_smallest__gives_every_length_back(void **state)
{
    (void)state;
    test_random random = test_random_of(test_seed());
    kith_buf dictionary = repeated_text(200);
    for (size_t length = 0; length < 600; length++) {
        kith_buf noise = random_bytes(&random, length);
        kith_buf text = repeated_text(length);
        assert_smallest_comes_back(kith_buf_slice(&noise), (kith_slice){NULL, 0});
        assert_smallest_comes_back(kith_buf_slice(&noise), kith_buf_slice(&dictionary));
        assert_smallest_comes_back(kith_buf_slice(&text), (kith_slice){NULL, 0});
        assert_smallest_comes_back(kith_buf_slice(&text), kith_buf_slice(&dictionary));
        kith_buf_deinit(&text);
        kith_buf_deinit(&noise);
    }
    kith_buf_deinit(&dictionary);
}

/* Nine bits each in zlib's fixed code: stored they take just what deflateBound() says, which is not
 * enough for deflate() to say that it is done. */
static void test_deflate_smallest__ends_where_the_bound_is_tight(void **state)
{
    (void)state;
    test_random random = test_random_of(1);
    for (size_t round = 0; round < 20000; round++) {
        uint8_t bytes[15];
        for (size_t i = 0; i < sizeof bytes; i++) {
            bytes[i] = (uint8_t)(144 + test_below(&random, 112));
        }
        assert_smallest_comes_back(kith_slice_make(bytes, sizeof bytes), (kith_slice){NULL, 0});
    }
}

/* Bytes of few values in no order: nothing repeats, and Huffman's code alone is the best. */
static void test_deflate_smallest__takes_the_best_strategy(void **state)
{
    (void)state;
    test_random random = test_random_of(1);
    kith_buf bytes = buf_of(ROOM);
    for (size_t i = 0; i < 3000; i++) {
        kith_buf_append(&bytes, &(uint8_t){(uint8_t)test_below(&random, 6)}, 1);
    }
    kith_buf best = buf_of(ROOM);
    kith_buf usual = deflated(kith_buf_slice(&bytes));
    bool is_deflated = false;
    assert_ok(kith_deflate_smallest(test_context(), kith_buf_slice(&bytes), (kith_slice){NULL, 0},
                                    &best, &is_deflated));
    assert_true(is_deflated);
    assert_true(best.length + 6 < usual.length); /* 6: what frames a zlib stream */
    kith_buf_deinit(&usual);
    kith_buf_deinit(&best);
    kith_buf_deinit(&bytes);
}

static void test_inflate_exact__refuses_other_lengths_and_dictionaries(void **state)
{
    (void)state;
    kith_buf bytes = repeated_text(300);
    kith_buf stream = buf_of(ROOM);
    kith_buf out = buf_of(ROOM);
    kith_slice dictionary = KITH_SLICE("Rina Das, Kokrajhar; ");
    bool is_deflated = false;
    assert_ok(kith_deflate_smallest(test_context(), kith_buf_slice(&bytes), dictionary, &stream,
                                    &is_deflated));
    kith_slice made = kith_buf_slice(&stream);
    assert_status(kith_inflate_exact(test_context(), made, dictionary, 299, &out), KITH_E_LIMIT);
    assert_status(kith_inflate_exact(test_context(), made, dictionary, 301, &out), KITH_E_DAMAGED);
    assert_status(kith_inflate_exact(test_context(), made, (kith_slice){NULL, 0}, 300, &out),
                  KITH_E_DAMAGED);
    assert_int_equal(out.length, 0);
    kith_buf_deinit(&out);
    kith_buf_deinit(&stream);
    kith_buf_deinit(&bytes);
}

static void *no_memory(void *user, void *pointer, size_t size)
{
    (void)user;
    (void)pointer;
    (void)size;
    return NULL;
}

static void test_deflate__reports_lack_of_memory(void **state)
{
    (void)state;
    kith_context cx;
    kith_env env = KITH_ENV_INIT;
    env.reallocate = no_memory;
    assert_ok(kith_context_init(&cx, &env));
    kith_buf out = buf_of(ROOM);
    kith_buf stream = deflated(KITH_SLICE("body"));
    assert_int_equal(kith_deflate(&cx, KITH_SLICE("body"), &out), KITH_E_MEMORY);
    assert_int_equal(kith_inflate(&cx, kith_buf_slice(&stream), 4, &out), KITH_E_MEMORY);
    assert_int_equal(out.length, 0);
    kith_buf_deinit(&out);
    kith_buf_deinit(&stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deflate__makes_repetitive_bytes_small),
        cmocka_unit_test(test_deflate__appends_to_what_is_there),
        cmocka_unit_test(test_deflate__fails_when_the_buffer_is_too_small),
        cmocka_unit_test(test_deflate__reports_lack_of_memory),
        cmocka_unit_test(test_deflate_smallest__gives_every_length_back),
        cmocka_unit_test(test_deflate_smallest__ends_where_the_bound_is_tight),
        cmocka_unit_test(test_deflate_smallest__takes_the_best_strategy),
        cmocka_unit_test(test_inflate_exact__refuses_other_lengths_and_dictionaries),
        cmocka_unit_test(test_inflate__gives_random_bytes_back),
        cmocka_unit_test(test_inflate__gives_repetitive_bytes_back),
        cmocka_unit_test(test_inflate__appends_to_what_is_there),
        cmocka_unit_test(test_inflate__fills_a_buffer_to_its_maximum),
        cmocka_unit_test(test_inflate__takes_what_is_as_large_as_the_limit),
        cmocka_unit_test(test_inflate__refuses_one_byte_past_the_limit),
        cmocka_unit_test(test_inflate__refuses_every_truncation),
        cmocka_unit_test(test_inflate__refuses_bytes_behind_the_end),
        cmocka_unit_test(test_inflate__never_gives_other_bytes_for_a_damaged_stream),
        cmocka_unit_test(test_inflate__refuses_what_was_never_deflated),
        cmocka_unit_test(test_inflate__refuses_streams_of_another_kind),
        cmocka_unit_test(test_inflate__stops_a_bomb_without_room_for_it),
        cmocka_unit_test(test_inflate__has_a_limit_for_the_limit),
    };
    return cmocka_run_group_tests_name("codec/deflate", tests, NULL, NULL);
}
