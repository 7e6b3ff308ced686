/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdlib.h>

#include "harness.h"

/* Counts what is given out and taken back, and fails once the budget is spent. */
typedef struct heap {
    size_t given;
    size_t taken;
    size_t budget;
    size_t least_refused; /* bytes */
} heap;

static void *counted(void *user, void *pointer, size_t size)
{
    heap *h = user;
    if (size == 0) {
        h->taken++;
        free(pointer);
        return NULL;
    }
    if (h->given == h->budget) {
        h->least_refused = size < h->least_refused ? size : h->least_refused;
        return NULL;
    }
    h->given++;
    return realloc(pointer, size);
}

static kith_context context_on(heap *h)
{
    kith_context cx;
    kith_env env = KITH_ENV_INIT;
    env.user = h;
    env.reallocate = counted;
    assert_ok(kith_context_init(&cx, &env));
    return cx;
}

static bool is_zero(const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

static void test_arena_allocate__gives_zeroed_memory_after_a_reset(void **state)
{
    (void)state;
    kith_arena arena;
    kith_arena_init(&arena, test_context());
    uint8_t *first = kith_arena_allocate(&arena, 1000);
    assert_non_null(first);
    memset(first, 0xaa, 1000);
    kith_arena_reset(&arena);
    uint8_t *second = kith_arena_allocate(&arena, 1000);
    assert_ptr_equal(first, second);
    assert_true(is_zero(second, 1000));
    kith_arena_deinit(&arena);
}

static void test_arena_allocate__aligns_for_any_type(void **state)
{
    (void)state;
    kith_arena arena;
    kith_arena_init(&arena, test_context());
    for (size_t size = 0; size < 100; size++) {
        void *memory = kith_arena_allocate(&arena, size);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % alignof(max_align_t), 0);
    }
    kith_arena_deinit(&arena);
}

static void test_arena_allocate__pieces_never_overlap(void **state)
{
    (void)state;
    enum { PIECES = 200 };
    uint8_t *pieces[PIECES];
    size_t sizes[PIECES];
    uint64_t seed = test_seed();
    test_random random = test_random_of(seed);
    kith_arena arena;
    kith_arena_init(&arena, test_context());
    for (size_t i = 0; i < PIECES; i++) {
        sizes[i] = (size_t)test_below(&random, i % 20 == 0 ? 200000 : 500) + 1;
        pieces[i] = kith_arena_allocate(&arena, sizes[i]);
        assert_non_null(pieces[i]);
        memset(pieces[i], (int)i, sizes[i]);
    }
    for (size_t i = 0; i < PIECES; i++) {
        for (size_t j = 0; j < sizes[i]; j++) {
            assert_int_equal(pieces[i][j], (uint8_t)i);
        }
    }
    kith_arena_deinit(&arena);
}

static void test_arena_allocate__never_asks_for_less_because_of_overflow(void **state)
{
    (void)state;
    heap h = {.budget = 0, .least_refused = SIZE_MAX};
    kith_context cx = context_on(&h);
    kith_arena arena;
    kith_arena_init(&arena, &cx);
    for (size_t i = 0; i < 100; i++) {
        kith_error_clear(&cx.error);
        assert_null(kith_arena_allocate(&arena, SIZE_MAX - i));
        assert_int_equal(cx.error.status, KITH_E_MEMORY);
        assert_true(h.least_refused >= SIZE_MAX - i);
    }
    kith_arena_deinit(&arena);
}

static void test_arena_array__refuses_products_that_overflow(void **state)
{
    (void)state;
    kith_arena arena;
    kith_arena_init(&arena, test_context());
    assert_null(kith_arena_array(&arena, SIZE_MAX / 8 + 2, 8));
    assert_null(kith_arena_array(&arena, (SIZE_MAX >> 1) + 2, 2));
    assert_non_null(kith_arena_array(&arena, SIZE_MAX, 0));
    kith_arena_deinit(&arena);
}

static void test_arena_grow__keeps_the_items(void **state)
{
    (void)state;
    kith_arena arena;
    kith_arena_init(&arena, test_context());
    size_t capacity = 0;
    uint32_t *items = NULL;
    for (uint32_t count = 0; count < 5000; count++) {
        items = kith_arena_grow(&arena, items, count, &capacity, sizeof *items);
        assert_non_null(items);
        assert_true(capacity > count);
        items[count] = count * 3;
    }
    for (uint32_t i = 0; i < 5000; i++) {
        assert_int_equal(items[i], i * 3);
    }
    kith_arena_deinit(&arena);
}

static void test_arena_grow__leaves_the_old_place_standing(void **state)
{
    (void)state;
    kith_arena arena;
    kith_arena_init(&arena, test_context());
    size_t capacity = 0;
    uint32_t *old = kith_arena_grow(&arena, NULL, 0, &capacity, sizeof *old);
    assert_non_null(old);
    old[0] = 7;
    uint32_t *grown = kith_arena_grow(&arena, old, capacity, &capacity, sizeof *old);
    assert_non_null(grown);
    grown[0] = 8;
    assert_int_equal(old[0], 7);
    kith_arena_deinit(&arena);
}

static void test_arena_copy__ends_with_a_terminator_that_does_not_count(void **state)
{
    (void)state;
    kith_arena arena;
    kith_arena_init(&arena, test_context());
    char source[] = "texts";
    kith_slice copy;
    assert_ok(kith_arena_copy(&arena, kith_slice_make(source, 4), &copy));
    source[0] = 'X';
    assert_slice(copy, "text");
    assert_int_equal(copy.data[4], 0);
    kith_arena_deinit(&arena);
}

static void test_arena_copy__copies_the_empty_slice(void **state)
{
    (void)state;
    kith_arena arena;
    kith_arena_init(&arena, test_context());
    kith_slice copy;
    assert_ok(kith_arena_copy(&arena, (kith_slice){NULL, 0}, &copy));
    assert_int_equal(copy.length, 0);
    assert_non_null(copy.data);
    assert_int_equal(copy.data[0], 0);
    kith_arena_deinit(&arena);
}

static void test_arena_copy__is_empty_when_memory_runs_out(void **state)
{
    (void)state;
    heap h = {.budget = 0};
    kith_context cx = context_on(&h);
    kith_arena arena;
    kith_arena_init(&arena, &cx);
    kith_slice copy = KITH_SLICE("before");
    assert_int_equal(kith_arena_copy(&arena, KITH_SLICE("text"), &copy), KITH_E_MEMORY);
    assert_null(copy.data);
    assert_int_equal(copy.length, 0);
    kith_arena_deinit(&arena);
}

static void test_arena_join__puts_parts_one_behind_the_other(void **state)
{
    (void)state;
    kith_arena arena;
    kith_arena_init(&arena, test_context());
    kith_slice parts[] = {KITH_SLICE("a"), {NULL, 0}, KITH_SLICE("/"), KITH_SLICE("bc")};
    kith_slice joined;
    assert_ok(kith_arena_join(&arena, parts, KITH_ARRAY_LENGTH(parts), &joined));
    assert_slice(joined, "a/bc");
    assert_int_equal(joined.data[4], 0);
    assert_ok(kith_arena_join(&arena, parts, 0, &joined));
    assert_slice(joined, "");
    kith_arena_deinit(&arena);
}

static void test_arena_join__refuses_lengths_that_overflow(void **state)
{
    (void)state;
    kith_arena arena;
    kith_arena_init(&arena, test_context());
    kith_slice half = {(const uint8_t *)"", SIZE_MAX / 2 + 1};
    kith_slice parts[] = {half, half};
    kith_slice joined;
    assert_status(kith_arena_join(&arena, parts, KITH_ARRAY_LENGTH(parts), &joined), KITH_E_MEMORY);
    assert_int_equal(joined.length, 0);
    kith_arena_deinit(&arena);
}

static void test_arena_reset__keeps_one_piece_for_the_next_use(void **state)
{
    (void)state;
    heap h = {.budget = SIZE_MAX};
    kith_context cx = context_on(&h);
    kith_arena arena;
    kith_arena_init(&arena, &cx);
    for (size_t i = 0; i < 100; i++) {
        assert_non_null(kith_arena_allocate(&arena, 3000));
    }
    kith_arena_reset(&arena);
    assert_int_equal(h.given - h.taken, 1);
    size_t given = h.given;
    for (size_t i = 0; i < 10; i++) {
        assert_non_null(kith_arena_allocate(&arena, 3000));
    }
    assert_int_equal(h.given, given);
    kith_arena_deinit(&arena);
}

static void test_arena_deinit__gives_everything_back(void **state)
{
    (void)state;
    heap h = {.budget = SIZE_MAX};
    kith_context cx = context_on(&h);
    kith_arena arena;
    kith_arena_init(&arena, &cx);
    for (size_t i = 0; i < 50; i++) {
        assert_non_null(kith_arena_allocate(&arena, i * 1000));
    }
    kith_arena_deinit(&arena);
    assert_true(h.given > 1);
    assert_int_equal(h.given, h.taken);
}

static void test_arena_deinit__takes_a_zeroed_arena(void **state)
{
    (void)state;
    kith_arena arena = {0};
    kith_arena_deinit(&arena);
    kith_arena_reset(&arena);
    assert_null(arena.chunk);
}

static void test_arena_allocate__survives_lack_of_memory(void **state)
{
    (void)state;
    heap h = {.budget = 1};
    kith_context cx = context_on(&h);
    kith_arena arena;
    kith_arena_init(&arena, &cx);
    uint8_t *first = kith_arena_allocate(&arena, 16);
    assert_non_null(first);
    first[0] = 42;
    assert_null(kith_arena_allocate(&arena, 1 << 20));
    assert_int_equal(cx.error.status, KITH_E_MEMORY);
    assert_int_equal(first[0], 42);
    assert_non_null(kith_arena_allocate(&arena, 16));
    kith_arena_deinit(&arena);
    assert_int_equal(h.given, h.taken);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arena_allocate__gives_zeroed_memory_after_a_reset),
        cmocka_unit_test(test_arena_allocate__aligns_for_any_type),
        cmocka_unit_test(test_arena_allocate__pieces_never_overlap),
        cmocka_unit_test(test_arena_allocate__never_asks_for_less_because_of_overflow),
        cmocka_unit_test(test_arena_allocate__survives_lack_of_memory),
        cmocka_unit_test(test_arena_array__refuses_products_that_overflow),
        cmocka_unit_test(test_arena_grow__keeps_the_items),
        cmocka_unit_test(test_arena_grow__leaves_the_old_place_standing),
        cmocka_unit_test(test_arena_copy__ends_with_a_terminator_that_does_not_count),
        cmocka_unit_test(test_arena_copy__copies_the_empty_slice),
        cmocka_unit_test(test_arena_copy__is_empty_when_memory_runs_out),
        cmocka_unit_test(test_arena_join__puts_parts_one_behind_the_other),
        cmocka_unit_test(test_arena_join__refuses_lengths_that_overflow),
        cmocka_unit_test(test_arena_reset__keeps_one_piece_for_the_next_use),
        cmocka_unit_test(test_arena_deinit__gives_everything_back),
        cmocka_unit_test(test_arena_deinit__takes_a_zeroed_arena),
    };
    return cmocka_run_group_tests_name("base/arena", tests, NULL, NULL);
}
