/* SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "stores.h"

static void test_row_id__reads_back(void **state)
{
    (void)state;
    static const kith_dot dots[] = {
        {0, 0}, {1, 1}, {1, KITH_NUMBER_MAX}, {KITH_AUTHORS_MAX, 0}, {KITH_AUTHORS_MAX, 77}};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(dots); i++) {
        assert_true(kith_dot_equal(kith_row_dot(kith_row_id(dots[i])), dots[i]));
    }
}

static void test_row_id__sorts_by_author_then_number(void **state)
{
    (void)state;
    static const kith_dot dots[] = {{1, 1},
                                    {1, 2},
                                    {1, KITH_NUMBER_MAX},
                                    {2, 1},
                                    {KITH_AUTHORS_MAX, 1},
                                    {KITH_AUTHORS_MAX, KITH_NUMBER_MAX}};
    for (size_t i = 1; i < KITH_ARRAY_LENGTH(dots); i++) {
        assert_true(kith_row_id(dots[i - 1]) < kith_row_id(dots[i]));
    }
    assert_true(kith_row_id(dots[0]) > 0);
}

static void test_sqlite_failed__groups_codes_by_what_the_caller_should_do(void **state)
{
    static const struct {
        int code;
        kith_status status;
    } cases[] = {{SQLITE_BUSY, KITH_E_BUSY},
                 {SQLITE_BUSY_SNAPSHOT, KITH_E_BUSY},
                 {SQLITE_LOCKED, KITH_E_BUSY},
                 {SQLITE_FULL, KITH_E_FULL},
                 {SQLITE_READONLY, KITH_E_READ_ONLY},
                 {SQLITE_READONLY_DBMOVED, KITH_E_READ_ONLY},
                 {SQLITE_PERM, KITH_E_READ_ONLY},
                 {SQLITE_CORRUPT, KITH_E_DAMAGED},
                 {SQLITE_CORRUPT_VTAB, KITH_E_DAMAGED},
                 {SQLITE_NOTADB, KITH_E_DAMAGED},
                 {SQLITE_NOMEM, KITH_E_MEMORY},
                 {SQLITE_IOERR_NOMEM, KITH_E_MEMORY},
                 {SQLITE_IOERR_WRITE, KITH_E_IO},
                 {SQLITE_IOERR_FSYNC, KITH_E_IO},
                 {SQLITE_TOOBIG, KITH_E_LIMIT},
                 {SQLITE_MISUSE, KITH_E_INTERNAL},
                 {SQLITE_CONSTRAINT_UNIQUE, KITH_E_INTERNAL}};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(cases); i++) {
        const kith_error *error = &test_context()->error;
        kith_status status = kith_sqlite_failed(*state, cases[i].code, "the database");
        if (status != cases[i].status) {
            fail_msg("%d is %s", cases[i].code, kith_status_name(status));
        }
        assert_int_equal(error->status, status);
        assert_int_equal(error->domain, KITH_DOMAIN_SQLITE);
        assert_int_equal(error->native_code, cases[i].code);
        assert_true(error->message[0] != '\0');
    }
}

static void test_stmt_end__is_fine_more_than_once(void **state)
{
    kith_store *store = *state;
    bool row = true;
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_NAME_SCAN);
    assert_ok(kith_stmt_step(&stmt, &row));
    kith_stmt_end(&stmt);
    kith_stmt_end(&stmt);
    assert_int_equal(store_busy_statements(store), 0);
    /* Nothing of it is left for the next use. */
    store_ok(store, kith_name_put(store, 1, kith_slice_of("place")));
}

static void test_stmt_step__tells_a_binding_that_failed(void **state)
{
    kith_store *store = *state;
    bool row = true;
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_TAIL_CLEAR);
    kith_stmt_bind_integer(&stmt, 1); /* it takes none */
    assert_status(kith_stmt_step(&stmt, &row), KITH_E_INTERNAL);
    assert_false(row);
    kith_stmt_end(&stmt);
    assert_int_equal(store_busy_statements(store), 0);
}

/* Every statement is prepared: none has a slip of the pen that only a rare path would find. */
static void test_stmt_begin__prepares_every_statement(void **state)
{
    kith_store *store = *state;
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_SEARCH_VOCABULARY);
    assert_ok(kith_stmt_run(&stmt)); /* makes a table that another one reads */
    for (int i = 0; i < KITH_SQL_COUNT; i++) {
        stmt = kith_stmt_begin(store, (kith_sql)i);
        if (stmt.code != SQLITE_OK) {
            fail_msg("%s: %s", kith_sql_texts[i], sqlite3_errmsg(store->db));
        }
        kith_stmt_end(&stmt);
    }
}

static void test_stmt_bind__tells_empty_from_nothing(void **state)
{
    kith_store *store = *state;
    kith_buf bytes;
    kith_buf_init(&bytes, test_context(), 64);
    store_ok(store, kith_meta_set_bytes(store, "clock", (kith_slice){NULL, 0}));
    store_ok(store, kith_meta_get_bytes(store, "clock", &bytes));
    assert_int_equal(bytes.length, 0);
    assert_int_equal(store_number(store, "SELECT value IS NULL FROM meta WHERE name = 'clock'"), 0);
    kith_buf_deinit(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_row_id__reads_back),
        cmocka_unit_test(test_row_id__sorts_by_author_then_number),
        store_test(test_sqlite_failed__groups_codes_by_what_the_caller_should_do),
        store_test(test_stmt_end__is_fine_more_than_once),
        store_test(test_stmt_step__tells_a_binding_that_failed),
        store_test(test_stmt_begin__prepares_every_statement),
        store_test(test_stmt_bind__tells_empty_from_nothing),
    };
    return cmocka_run_group_tests_name("store/statement", tests, NULL, NULL);
}
