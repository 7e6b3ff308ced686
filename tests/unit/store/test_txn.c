/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "stores.h"

/* Two connections to one new file. */
typedef struct pair {
    kith_store *first;
    kith_store *second;
    char path[400];
} pair;

static int open_pair(void **state)
{
    static pair p;
    (void)snprintf(p.path, sizeof p.path, "%s", store_path());
    p.first = store_create(p.path);
    p.second = store_open(p.path);
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

/* The number kept under a name; -1 if there is none. */
static int64_t number_of(kith_store *store, const char *name)
{
    int64_t value = 0;
    kith_status status = kith_meta_get(store, name, &value);
    assert_true(status == KITH_OK || status == KITH_E_NOT_FOUND);
    assert_int_equal(store_busy_statements(store), 0);
    return status == KITH_OK ? value : -1;
}

static bool changed(kith_store *store)
{
    bool has_changed = false;
    store_ok(store, kith_store_changed(store, &has_changed));
    return has_changed;
}

static void set_number(kith_store *store, const char *name, int64_t value)
{
    store_ok(store, kith_txn_begin(store, KITH_TXN_DURABLE));
    store_ok(store, kith_meta_set(store, name, value));
    store_ok(store, kith_txn_commit(store));
}

static void test_txn_commit__shows_all_of_it_at_once(void **state)
{
    pair *p = *state;
    store_ok(p->first, kith_txn_begin(p->first, KITH_TXN_DURABLE));
    store_ok(p->first, kith_meta_set(p->first, "a", 1));
    store_ok(p->first, kith_meta_set(p->first, "b", 2));
    assert_int_equal(number_of(p->second, "a"), -1);
    store_ok(p->first, kith_txn_commit(p->first));
    assert_int_equal(number_of(p->second, "a"), 1);
    assert_int_equal(number_of(p->second, "b"), 2);
}

static void test_txn_rollback__takes_all_of_it_back(void **state)
{
    pair *p = *state;
    set_number(p->first, "a", 1);
    store_ok(p->first, kith_txn_begin(p->first, KITH_TXN_DURABLE));
    store_ok(p->first, kith_meta_set(p->first, "a", 2));
    store_ok(p->first, kith_meta_set(p->first, "b", 2));
    kith_txn_rollback(p->first);
    assert_int_equal(number_of(p->first, "a"), 1);
    assert_int_equal(number_of(p->first, "b"), -1);
    set_number(p->first, "b", 3);
    assert_int_equal(number_of(p->second, "b"), 3);
}

static void test_txn_rollback__is_fine_without_a_transaction(void **state)
{
    pair *p = *state;
    kith_txn_rollback(p->first);
    set_number(p->first, "a", 1);
    kith_txn_rollback(p->first);
    assert_int_equal(number_of(p->second, "a"), 1);
}

static void test_txn_rollback__keeps_the_detail(void **state)
{
    pair *p = *state;
    store_ok(p->first, kith_txn_begin(p->first, KITH_TXN_DURABLE));
    (void)kith_fail(test_context(), KITH_E_LIMIT, "too long");
    kith_txn_rollback(p->first);
    assert_int_equal(test_context()->error.status, KITH_E_LIMIT);
    assert_string_equal(test_context()->error.message, "too long");
}

static void test_txn__goes_on_after_a_statement_that_failed(void **state)
{
    pair *p = *state;
    store_ok(p->first, kith_txn_begin(p->first, KITH_TXN_DURABLE));
    store_ok(p->first, kith_name_put(p->first, 1, kith_slice_of("place")));
    assert_store(p->first, kith_name_put(p->first, 1, kith_slice_of("person")), KITH_E_INTERNAL);
    store_ok(p->first, kith_txn_check(p->first));
    store_ok(p->first, kith_meta_set(p->first, "a", 1));
    store_ok(p->first, kith_txn_commit(p->first));
    assert_int_equal(number_of(p->second, "a"), 1);
}

static int refuse_commit(void *user)
{
    (void)user;
    return 1;
}

static void test_txn_commit__leaves_nothing_when_it_fails(void **state)
{
    pair *p = *state;
    (void)sqlite3_commit_hook(p->first->db, refuse_commit, NULL);
    store_ok(p->first, kith_txn_begin(p->first, KITH_TXN_DURABLE));
    store_ok(p->first, kith_meta_set(p->first, "a", 1));
    assert_store(p->first, kith_txn_commit(p->first), KITH_E_INTERNAL);
    (void)sqlite3_commit_hook(p->first->db, NULL, NULL);
    assert_int_equal(number_of(p->first, "a"), -1);
    set_number(p->first, "b", 2);
    assert_int_equal(number_of(p->second, "a"), -1);
    assert_int_equal(number_of(p->second, "b"), 2);
}

static void test_txn_begin__waits_for_another_writer_and_tells_when_it_was_too_long(void **state)
{
    pair *p = *state;
    store_ok(p->first, kith_txn_begin(p->first, KITH_TXN_DURABLE));
    assert_int_equal(store_number(p->second, "PRAGMA busy_timeout"), 10000);
    (void)sqlite3_busy_timeout(p->second->db, 0);
    assert_store(p->second, kith_txn_begin(p->second, KITH_TXN_DURABLE), KITH_E_BUSY);
    store_ok(p->first, kith_txn_commit(p->first));
    set_number(p->second, "a", 1);
}

static void test_txn_begin__of_a_read_gives_one_snapshot(void **state)
{
    pair *p = *state;
    set_number(p->first, "a", 1);
    store_ok(p->second, kith_txn_begin(p->second, KITH_TXN_READ));
    assert_int_equal(number_of(p->second, "a"), 1);
    set_number(p->first, "a", 2);
    assert_int_equal(number_of(p->second, "a"), 1);
    store_ok(p->second, kith_txn_commit(p->second));
    assert_int_equal(number_of(p->second, "a"), 2);
}

static void test_txn_begin__syncs_what_must_be_durable(void **state)
{
    pair *p = *state;
    static const kith_txn_kind kinds[] = {KITH_TXN_DURABLE, KITH_TXN_DERIVED, KITH_TXN_DERIVED,
                                          KITH_TXN_DURABLE};
    static const int64_t synchronous[] = {2, 1, 1, 2};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(kinds); i++) {
        store_ok(p->first, kith_txn_begin(p->first, kinds[i]));
        assert_int_equal(store_number(p->first, "PRAGMA synchronous"), synchronous[i]);
        store_ok(p->first, kith_txn_commit(p->first));
    }
}

static void test_store_changed__notices_what_others_committed_once(void **state)
{
    pair *p = *state;
    assert_false(changed(p->first));
    set_number(p->second, "a", 1);
    assert_true(changed(p->first));
    assert_false(changed(p->first));
}

static void test_store_changed__passes_over_its_own_commits(void **state)
{
    pair *p = *state;
    set_number(p->first, "a", 1);
    assert_false(changed(p->first));
}

static void test_store_changed__passes_over_what_was_taken_back(void **state)
{
    pair *p = *state;
    store_ok(p->second, kith_txn_begin(p->second, KITH_TXN_DURABLE));
    store_ok(p->second, kith_meta_set(p->second, "a", 1));
    kith_txn_rollback(p->second);
    assert_false(changed(p->first));
}

static void test_store_changed__notices_inside_a_transaction(void **state)
{
    pair *p = *state;
    set_number(p->second, "a", 1);
    store_ok(p->first, kith_txn_begin(p->first, KITH_TXN_DURABLE));
    assert_true(changed(p->first));
    store_ok(p->first, kith_txn_commit(p->first));
    assert_false(changed(p->first));
}

/* Rows of a kilobyte each, as records. */
static void put_rows(kith_store *store, uint64_t count)
{
    uint8_t bytes[1024] = {0};
    store_ok(store, kith_txn_begin(store, KITH_TXN_DURABLE));
    for (uint64_t i = 1; i <= count; i++) {
        kith_row row = {.id = {1, i}, .kind = 1, .state = kith_slice_make(bytes, sizeof bytes)};
        store_ok(store, kith_row_put(store, &row, true));
    }
    store_ok(store, kith_txn_commit(store));
}

static void test_store_size__is_that_of_the_file(void **state)
{
    pair *p = *state;
    uint64_t before = 0;
    uint64_t after = 0;
    store_ok(p->first, kith_store_size(p->first, &before));
    put_rows(p->first, 200);
    store_ok(p->first, kith_store_size(p->first, &after));
    assert_true(after >= before + (uint64_t)200 * 1024);
    assert_true(after <= before + (uint64_t)300 * 1024);
}

static void test_store_trim__gives_free_pages_back(void **state)
{
    pair *p = *state;
    uint64_t full = 0;
    uint64_t trimmed = 0;
    put_rows(p->first, 500);
    store_ok(p->first, kith_store_size(p->first, &full));
    store_ok(p->first, kith_txn_begin(p->first, KITH_TXN_DERIVED));
    store_ok(p->first, kith_store_clear_fold(p->first));
    store_ok(p->first, kith_store_trim(p->first));
    store_ok(p->first, kith_txn_commit(p->first));
    store_ok(p->first, kith_store_size(p->first, &trimmed));
    assert_true(trimmed < full / 4);
}

static void test_store_check__finds_a_sound_file_sound(void **state)
{
    pair *p = *state;
    put_rows(p->first, 100);
    store_ok(p->first, kith_store_check(p->first));
}

static void test_store_check__finds_a_damaged_page(void **state)
{
    (void)state;
    char path[400];
    uint8_t garbage[4096];
    memset(garbage, 0x5a, sizeof garbage);
    (void)snprintf(path, sizeof path, "%s", store_path());
    kith_store *store = store_create(path);
    put_rows(store, 300);
    kith_store_close(store);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, 40 * (long)sizeof garbage, SEEK_SET), 0);
    assert_int_equal(fwrite(garbage, 1, sizeof garbage, file), sizeof garbage);
    assert_int_equal(fclose(file), 0);
    store = store_open(path);
    assert_store(store, kith_store_check(store), KITH_E_DAMAGED);
    kith_store_close(store);
}

#define pair_test(function) cmocka_unit_test_setup_teardown(function, open_pair, close_pair)

int main(void)
{
    const struct CMUnitTest tests[] = {
        pair_test(test_txn_commit__shows_all_of_it_at_once),
        pair_test(test_txn_rollback__takes_all_of_it_back),
        pair_test(test_txn_rollback__is_fine_without_a_transaction),
        pair_test(test_txn_rollback__keeps_the_detail),
        pair_test(test_txn__goes_on_after_a_statement_that_failed),
        pair_test(test_txn_commit__leaves_nothing_when_it_fails),
        pair_test(test_txn_begin__waits_for_another_writer_and_tells_when_it_was_too_long),
        pair_test(test_txn_begin__of_a_read_gives_one_snapshot),
        pair_test(test_txn_begin__syncs_what_must_be_durable),
        pair_test(test_store_changed__notices_what_others_committed_once),
        pair_test(test_store_changed__passes_over_its_own_commits),
        pair_test(test_store_changed__passes_over_what_was_taken_back),
        pair_test(test_store_changed__notices_inside_a_transaction),
        pair_test(test_store_size__is_that_of_the_file),
        pair_test(test_store_trim__gives_free_pages_back),
        pair_test(test_store_check__finds_a_sound_file_sound),
        cmocka_unit_test(test_store_check__finds_a_damaged_page),
    };
    return cmocka_run_group_tests_name("store/txn", tests, NULL, NULL);
}
