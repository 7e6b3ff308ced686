/* SPDX-License-Identifier: Apache-2.0 */
#include "stores.h"

typedef struct pair {
    kith_store *first;
    kith_store *second;
} pair;

/* A fold of a few rows of everything. */
static void fill(kith_store *store)
{
    static const kith_link links[] = {{{1, 1}, {2, 5}, 3}, {{1, 1}, {2, 6}, 3}};
    for (uint64_t i = 1; i <= 3; i++) {
        kith_row row = {.id = {1, i}, .kind = 5, .changed_ms = 7, .state = KITH_SLICE("state")};
        store_ok(store, kith_row_put(store, &row, true));
        store_ok(store, kith_origin_put(store, (int64_t)i * 1000, row.id));
        store_ok(store, kith_search_put(store, row.id, kith_slice_of("rina das =rn ")));
    }
    store_ok(store, kith_link_put(store, &links[0]));
    store_ok(store, kith_link_put(store, &links[1]));
}

static int open_pair(void **state)
{
    static pair p;
    p.first = store_create(KITH_STORE_TEMPORARY);
    p.second = store_create(KITH_STORE_TEMPORARY);
    fill(p.first);
    fill(p.second);
    *state = &p;
    return 0;
}

static int close_pair(void **state)
{
    pair *p = *state;
    kith_store_close(p->first);
    kith_store_close(p->second);
    return 0;
}

static bool are_equal(const pair *p)
{
    bool equal = false;
    bool backwards = false;
    store_ok(p->first, kith_store_compare_fold(p->first, p->second, &equal));
    store_ok(p->second, kith_store_compare_fold(p->second, p->first, &backwards));
    assert_int_equal(store_busy_statements(p->first) + store_busy_statements(p->second), 0);
    assert_int_equal(equal, backwards);
    return equal;
}

static void test_compare_fold__finds_equal_folds_equal(void **state)
{
    const pair *p = *state;
    assert_true(are_equal(p));
    kith_store *empty = store_create(KITH_STORE_TEMPORARY);
    kith_store *other = store_create(KITH_STORE_TEMPORARY);
    assert_true(are_equal(&(pair){empty, other}));
    assert_false(are_equal(&(pair){empty, p->first}));
    kith_store_close(empty);
    kith_store_close(other);
}

static void test_compare_fold__passes_over_the_order_in_which_it_was_made(void **state)
{
    const pair *p = *state;
    kith_row row = {.id = {1, 9}, .kind = 5, .state = KITH_SLICE("state")};
    kith_row other = {.id = {1, 8}, .kind = 5, .state = KITH_SLICE("state")};
    store_ok(p->first, kith_row_put(p->first, &row, true));
    store_ok(p->first, kith_row_put(p->first, &other, true));
    store_ok(p->second, kith_row_put(p->second, &other, true));
    store_ok(p->second, kith_row_put(p->second, &row, true));
    assert_true(are_equal(p));
}

static void test_compare_fold__passes_over_the_log(void **state)
{
    const pair *p = *state;
    store_ok(p->first, kith_tail_append(p->first, 1, kith_slice_of("block")));
    store_ok(p->first, kith_meta_set(p->first, "folded", 1));
    assert_true(are_equal(p));
}

static void test_compare_fold__finds_any_difference(void **state)
{
    static const char *const differences[] = {
        "UPDATE record SET kind = 6 WHERE id = (SELECT max(id) FROM record)",
        "UPDATE record SET marks = 1 WHERE id = (SELECT min(id) FROM record)",
        "UPDATE record SET changed = 8",
        "UPDATE record SET state = x'00'",
        "UPDATE record SET state = CAST(state AS TEXT)",
        "UPDATE record SET checksum = checksum + 1",
        "DELETE FROM record WHERE id = (SELECT max(id) FROM record)",
        "DELETE FROM record",
        "INSERT INTO record SELECT id + 100, kind, marks, changed, state, checksum FROM record",
        "DELETE FROM link WHERE source = (SELECT max(source) FROM link)",
        "INSERT INTO link VALUES(1, 2, 3)",
        "UPDATE link SET field = 4",
        "DELETE FROM origin",
        "UPDATE origin SET hash = hash + 1 WHERE hash = 3000",
        "INSERT INTO search(search) VALUES('delete-all')",
        "INSERT INTO search(rowid, words) VALUES(7, 'rina')",
        "INSERT INTO search(search, rowid, words) VALUES('delete', 1 << 40 | 3, 'rina das =rn ')"};
    const pair *p = *state;
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(differences); i++) {
        store_run(p->second, "BEGIN");
        store_run(p->second, differences[i]);
        if (are_equal(p)) {
            fail_msg("%s", differences[i]);
        }
        store_run(p->second, "ROLLBACK");
    }
    assert_true(are_equal(p));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_compare_fold__finds_equal_folds_equal, open_pair,
                                        close_pair),
        cmocka_unit_test_setup_teardown(
            test_compare_fold__passes_over_the_order_in_which_it_was_made, open_pair, close_pair),
        cmocka_unit_test_setup_teardown(test_compare_fold__passes_over_the_log, open_pair,
                                        close_pair),
        cmocka_unit_test_setup_teardown(test_compare_fold__finds_any_difference, open_pair,
                                        close_pair),
    };
    return cmocka_run_group_tests_name("store/compare", tests, NULL, NULL);
}
