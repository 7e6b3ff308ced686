/* SPDX-License-Identifier: Apache-2.0 */
#include "stores.h"

#include <stdio.h>

const char *store_path(void)
{
    static char path[400];
    (void)snprintf(path, sizeof path, "%s/k.db", test_folder());
    return path;
}

kith_store *store_create(const char *path)
{
    kith_store *store = NULL;
    assert_ok(kith_store_open(test_context(), path, KITH_STORE_CREATE, &store));
    store_ok(store, kith_txn_check(store));
    store_ok(store, kith_txn_commit(store));
    return store;
}

kith_store *store_open(const char *path)
{
    kith_store *store = NULL;
    assert_ok(kith_store_open(test_context(), path, KITH_STORE_OPEN, &store));
    assert_int_equal(store_busy_statements(store), 0);
    return store;
}

size_t store_busy_statements(const kith_store *store)
{
    size_t count = 0;
    sqlite3_stmt *statement = NULL;
    while ((statement = sqlite3_next_stmt(store->db, statement)) != NULL) {
        count += sqlite3_stmt_busy(statement) != 0;
    }
    return count;
}

void store_run(kith_store *store, const char *sql)
{
    if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        fail_msg("%s: %s", sql, sqlite3_errmsg(store->db));
    }
}

int64_t store_number(kith_store *store, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t number = sqlite3_column_int64(statement, 0);
    (void)sqlite3_finalize(statement);
    return number;
}

int store_make(void **state)
{
    *state = store_create(KITH_STORE_TEMPORARY);
    return 0;
}

int store_end(void **state)
{
    kith_store_close(*state);
    return 0;
}
