/* SPDX-License-Identifier: Apache-2.0 */
#include "merge/change.h"

#include "heap.h"

enum { NAME = 1, ALIASES = 2 };

#define TEXT(literal)                       \
    {                                       \
        KITH_TYPE_TEXT, KITH_SLICE(literal) \
    }
#define CODE(literal)                       \
    {                                       \
        KITH_TYPE_CODE, KITH_SLICE(literal) \
    }

static kith_status check_on(kith_context *cx, const kith_op *ops, size_t count)
{
    kith_arena arena;
    kith_change change = {.deed = KITH_DEED_EDIT, .ops = ops, .op_count = count};
    kith_arena_init(&arena, cx);
    kith_status status = kith_change_check(cx, &arena, &change);
    kith_arena_deinit(&arena);
    return status;
}

/* In whatever order the two stand. */
static void assert_pair(kith_op first, kith_op second, kith_status expected)
{
    const kith_op ops[] = {first, second};
    const kith_op turned[] = {second, first};
    assert_status(check_on(test_context(), ops, 2), expected);
    assert_status(check_on(test_context(), turned, 2), expected);
}

static void test_change_check__takes_one_operation_on_each_place(void **state)
{
    (void)state;
    const kith_op ops[] = {{ALIASES, KITH_ACTION_ADD, TEXT("Ranu"), NULL, 0},
                           {NAME, KITH_ACTION_SET, TEXT("Rani"), NULL, 0},
                           {ALIASES, KITH_ACTION_REMOVE, TEXT("Baby"), NULL, 0},
                           {ALIASES, KITH_ACTION_ADD, CODE("Ranu"), NULL, 0}};
    assert_ok(check_on(test_context(), ops, KITH_ARRAY_LENGTH(ops)));
    assert_ok(check_on(test_context(), NULL, 0));
}

static void test_change_check__keeps_a_field_apart_from_its_elements(void **state)
{
    (void)state;
    kith_op set = {NAME, KITH_ACTION_SET, TEXT("Rani"), NULL, 0};
    kith_op clear = {NAME, KITH_ACTION_CLEAR, {0}, NULL, 0};
    kith_op add = {NAME, KITH_ACTION_ADD, TEXT("Rani"), NULL, 0};
    assert_pair(set, add, KITH_OK);
    assert_pair(clear, add, KITH_OK);
}

static void test_change_check__refuses_two_writes_to_one_field(void **state)
{
    (void)state;
    kith_op set = {NAME, KITH_ACTION_SET, TEXT("Rani"), NULL, 0};
    kith_op other = {NAME, KITH_ACTION_SET, TEXT("Rina"), NULL, 0};
    kith_op clear = {NAME, KITH_ACTION_CLEAR, {0}, NULL, 0};
    assert_pair(set, other, KITH_E_DAMAGED);
    assert_pair(set, set, KITH_E_DAMAGED);
    assert_pair(set, clear, KITH_E_DAMAGED);
}

static void test_change_check__refuses_two_operations_on_one_element(void **state)
{
    (void)state;
    kith_op add = {ALIASES, KITH_ACTION_ADD, TEXT("Ranu"), NULL, 0};
    kith_op take = {ALIASES, KITH_ACTION_REMOVE, TEXT("Ranu"), NULL, 0};
    assert_pair(add, add, KITH_E_DAMAGED);
    assert_pair(add, take, KITH_E_DAMAGED);
}

static void test_change_check__finds_two_far_apart(void **state)
{
    (void)state;
    kith_op ops[] = {{NAME, KITH_ACTION_SET, TEXT("Rani"), NULL, 0},
                     {5, KITH_ACTION_SET, TEXT("a"), NULL, 0},
                     {3, KITH_ACTION_SET, TEXT("b"), NULL, 0},
                     {ALIASES, KITH_ACTION_ADD, TEXT("Baby"), NULL, 0},
                     {7, KITH_ACTION_SET, TEXT("c"), NULL, 0}};
    assert_ok(check_on(test_context(), ops, KITH_ARRAY_LENGTH(ops)));
    ops[4].field = NAME;
    assert_status(check_on(test_context(), ops, KITH_ARRAY_LENGTH(ops)), KITH_E_DAMAGED);
}

static kith_status check_with_little_memory(kith_context *cx, void *user)
{
    (void)user;
    const kith_op op = {NAME, KITH_ACTION_SET, TEXT("Rani"), NULL, 0};
    return check_on(cx, &op, 1);
}

static void test_change_check__reports_lack_of_memory(void **state)
{
    (void)state;
    heap_fail_each_allocation(check_with_little_memory, NULL);
}

static void test_dot_compare__orders_by_ordinal_then_number(void **state)
{
    (void)state;
    static const kith_dot in_order[] = {{1, 1}, {1, 2}, {1, UINT64_MAX}, {2, 1}, {UINT32_MAX, 0}};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(in_order); i++) {
        for (size_t j = 0; j < KITH_ARRAY_LENGTH(in_order); j++) {
            int order = kith_dot_compare(in_order[i], in_order[j]);
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
            assert_int_equal(kith_dot_equal(in_order[i], in_order[j]), i == j);
        }
    }
}

static void test_stamp_compare__orders_by_time_alone(void **state)
{
    (void)state;
    static const kith_stamp in_order[] = {
        {INT64_MIN, 9, 2}, {-1, 0, 2}, {0, 0, 1}, {0, 1, 0}, {INT64_MAX, 0, 0}};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(in_order); i++) {
        for (size_t j = 0; j < KITH_ARRAY_LENGTH(in_order); j++) {
            int order = kith_stamp_compare(in_order[i], in_order[j]);
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
        }
    }
    assert_int_equal(kith_stamp_compare((kith_stamp){5, 5, 0}, (kith_stamp){5, 5, 2}), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_change_check__takes_one_operation_on_each_place),
        cmocka_unit_test(test_change_check__keeps_a_field_apart_from_its_elements),
        cmocka_unit_test(test_change_check__refuses_two_writes_to_one_field),
        cmocka_unit_test(test_change_check__refuses_two_operations_on_one_element),
        cmocka_unit_test(test_change_check__finds_two_far_apart),
        cmocka_unit_test(test_change_check__reports_lack_of_memory),
        cmocka_unit_test(test_dot_compare__orders_by_ordinal_then_number),
        cmocka_unit_test(test_stamp_compare__orders_by_time_alone),
    };
    return cmocka_run_group_tests_name("merge/change", tests, NULL, NULL);
}
