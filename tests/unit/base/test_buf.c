/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include "harness.h"

static kith_buf buf_of(size_t max_bytes)
{
    kith_buf buf;
    kith_buf_init(&buf, test_context(), max_bytes);
    return buf;
}

static void *no_memory(void *user, void *pointer, size_t size)
{
    (void)user;
    (void)pointer;
    (void)size;
    return NULL;
}

static void test_buf_append__keeps_bytes_in_order(void **state)
{
    (void)state;
    kith_buf buf = buf_of(1000);
    for (unsigned i = 0; i < 1000; i++) {
        uint8_t byte = (uint8_t)(i * 7);
        kith_buf_append(&buf, &byte, 1);
    }
    assert_ok(kith_buf_status(&buf));
    assert_int_equal(buf.length, 1000);
    for (unsigned i = 0; i < 1000; i++) {
        assert_int_equal(buf.data[i], (uint8_t)(i * 7));
    }
    kith_buf_deinit(&buf);
}

static void test_buf_append__fills_up_to_the_maximum(void **state)
{
    (void)state;
    kith_buf buf = buf_of(6);
    kith_buf_append_text(&buf, "123");
    kith_buf_append_text(&buf, "456");
    assert_ok(kith_buf_status(&buf));
    assert_slice(kith_buf_slice(&buf), "123456");
    kith_buf_deinit(&buf);
}

static void test_buf_append__fails_past_the_maximum(void **state)
{
    (void)state;
    kith_buf buf = buf_of(6);
    kith_buf_append_text(&buf, "123");
    kith_buf_append_text(&buf, "4567");
    assert_status(kith_buf_status(&buf), KITH_E_LIMIT);
    assert_slice(kith_buf_slice(&buf), "123");
    kith_buf_deinit(&buf);
}

static void test_buf_append__writes_nothing_after_a_failure(void **state)
{
    (void)state;
    kith_buf buf = buf_of(4);
    kith_buf_append_text(&buf, "12345");
    kith_buf_append_text(&buf, "1");
    assert_status(kith_buf_status(&buf), KITH_E_LIMIT);
    assert_int_equal(buf.length, 0);
    kith_buf_deinit(&buf);
}

static void test_buf_append__takes_nothing_from_nowhere(void **state)
{
    (void)state;
    kith_buf buf = buf_of(0);
    kith_buf_append(&buf, NULL, 0);
    kith_buf_append_slice(&buf, (kith_slice){NULL, 0});
    assert_ok(kith_buf_status(&buf));
    kith_buf_append_text(&buf, "x");
    assert_status(kith_buf_status(&buf), KITH_E_LIMIT);
    kith_buf_deinit(&buf);
}

static void test_buf_extend__refuses_lengths_that_overflow(void **state)
{
    (void)state;
    kith_buf buf = buf_of(64);
    kith_buf_append_text(&buf, "some");
    assert_null(kith_buf_extend(&buf, SIZE_MAX));
    assert_status(kith_buf_status(&buf), KITH_E_LIMIT);
    assert_slice(kith_buf_slice(&buf), "some");
    kith_buf_deinit(&buf);
}

static void test_buf_extend__counts_the_room_at_once(void **state)
{
    (void)state;
    kith_buf buf = buf_of(64);
    kith_buf_append_text(&buf, "ab");
    uint8_t *room = kith_buf_extend(&buf, 2);
    assert_non_null(room);
    memcpy(room, "cd", 2);
    kith_buf_append_text(&buf, "e");
    assert_slice(kith_buf_slice(&buf), "abcde");
    kith_buf_deinit(&buf);
}

static void test_buf_extend__reports_lack_of_memory(void **state)
{
    (void)state;
    kith_context cx;
    kith_env env = KITH_ENV_INIT;
    env.reallocate = no_memory;
    assert_ok(kith_context_init(&cx, &env));
    kith_buf buf;
    kith_buf_init(&buf, &cx, 64);
    kith_buf_append_text(&buf, "x");
    assert_int_equal(kith_buf_status(&buf), KITH_E_MEMORY);
    assert_int_equal(cx.error.status, KITH_E_MEMORY);
    kith_buf_deinit(&buf);
}

static void test_buf_clear__forgets_content_and_failure(void **state)
{
    (void)state;
    kith_buf buf = buf_of(4);
    kith_buf_append_text(&buf, "12");
    kith_buf_append_text(&buf, "345");
    assert_status(kith_buf_status(&buf), KITH_E_LIMIT);
    kith_buf_clear(&buf);
    kith_buf_append_text(&buf, "6789");
    assert_ok(kith_buf_status(&buf));
    assert_slice(kith_buf_slice(&buf), "6789");
    kith_buf_deinit(&buf);
}

static void test_buf_spoil__keeps_the_first_failure(void **state)
{
    (void)state;
    kith_buf buf = buf_of(4);
    kith_buf_spoil(&buf, KITH_E_SYNTAX);
    kith_buf_spoil(&buf, KITH_E_REFUSED);
    kith_buf_append_text(&buf, "12345");
    assert_status(kith_buf_status(&buf), KITH_E_SYNTAX);
    kith_buf_deinit(&buf);
}

static void test_buf_format__appends_without_terminator(void **state)
{
    (void)state;
    kith_buf buf = buf_of(64);
    kith_buf_append_text(&buf, "id ");
    kith_buf_format(&buf, "%d-%s", 37, "abc");
    kith_buf_append_text(&buf, "!");
    assert_ok(kith_buf_status(&buf));
    assert_slice(kith_buf_slice(&buf), "id 37-abc!");
    kith_buf_deinit(&buf);
}

static void test_buf_format__fills_up_to_the_maximum(void **state)
{
    (void)state;
    kith_buf buf = buf_of(5);
    kith_buf_format(&buf, "%s", "12345");
    assert_ok(kith_buf_status(&buf));
    assert_slice(kith_buf_slice(&buf), "12345");
    kith_buf_deinit(&buf);
}

static void test_buf_format__fails_whole_past_the_maximum(void **state)
{
    (void)state;
    kith_buf buf = buf_of(5);
    kith_buf_format(&buf, "%s", "123456");
    assert_status(kith_buf_status(&buf), KITH_E_LIMIT);
    assert_int_equal(buf.length, 0);
    kith_buf_deinit(&buf);
}

static void test_buf_deinit__takes_a_zeroed_buffer(void **state)
{
    (void)state;
    kith_buf buf = {0};
    kith_buf_deinit(&buf);
    assert_null(buf.data);
}

static void test_buf_deinit__leaves_a_buffer_that_works(void **state)
{
    (void)state;
    kith_buf buf = buf_of(5);
    kith_buf_append_text(&buf, "12345");
    kith_buf_deinit(&buf);
    assert_int_equal(buf.length, 0);
    kith_buf_append_text(&buf, "123");
    assert_slice(kith_buf_slice(&buf), "123");
    kith_buf_append_text(&buf, "456");
    assert_status(kith_buf_status(&buf), KITH_E_LIMIT);
    kith_buf_deinit(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_buf_append__keeps_bytes_in_order),
        cmocka_unit_test(test_buf_append__fills_up_to_the_maximum),
        cmocka_unit_test(test_buf_append__fails_past_the_maximum),
        cmocka_unit_test(test_buf_append__writes_nothing_after_a_failure),
        cmocka_unit_test(test_buf_append__takes_nothing_from_nowhere),
        cmocka_unit_test(test_buf_extend__refuses_lengths_that_overflow),
        cmocka_unit_test(test_buf_extend__counts_the_room_at_once),
        cmocka_unit_test(test_buf_extend__reports_lack_of_memory),
        cmocka_unit_test(test_buf_clear__forgets_content_and_failure),
        cmocka_unit_test(test_buf_spoil__keeps_the_first_failure),
        cmocka_unit_test(test_buf_format__appends_without_terminator),
        cmocka_unit_test(test_buf_format__fills_up_to_the_maximum),
        cmocka_unit_test(test_buf_format__fails_whole_past_the_maximum),
        cmocka_unit_test(test_buf_deinit__takes_a_zeroed_buffer),
        cmocka_unit_test(test_buf_deinit__leaves_a_buffer_that_works),
    };
    return cmocka_run_group_tests_name("base/buf", tests, NULL, NULL);
}
