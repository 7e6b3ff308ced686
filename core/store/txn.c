/* Transactions. Writers begin IMMEDIATE, so that waiting for another process happens here and
 * nowhere else (TRAPS §2, 4). SPDX-License-Identifier: Apache-2.0 */
#include "store/statement.h"

/* FULL syncs the write-ahead log at each commit; NORMAL leaves it to the next full commit or
 * checkpoint. The log is written in order, so what a power cut takes is always its end. */
static kith_status set_lazy(kith_store *store, bool lazy)
{
    if (store->is_lazy == lazy) {
        return KITH_OK;
    }
    const char *sql = lazy ? kith_sql_sync_normal : kith_sql_sync_full;
    int code = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
    KITH_ENSURE(code == SQLITE_OK, kith_sqlite_failed(store, code, "the database"));
    store->is_lazy = lazy;
    return KITH_OK;
}

kith_status kith_txn_begin(kith_store *store, kith_txn_kind kind)
{
    KITH_ASSERT(!store->is_in_txn);
    if (kind != KITH_TXN_READ) {
        KITH_TRY(set_lazy(store, kind == KITH_TXN_DERIVED));
    }
    kith_stmt stmt =
        kith_stmt_begin(store, kind == KITH_TXN_READ ? KITH_SQL_BEGIN_READ : KITH_SQL_BEGIN_WRITE);
    KITH_TRY(kith_stmt_run(&stmt));
    store->is_in_txn = true;
    return KITH_OK;
}

kith_status kith_txn_commit(kith_store *store)
{
    KITH_ASSERT(store->is_in_txn);
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_COMMIT);
    kith_status status = kith_stmt_run(&stmt);
    if (status != KITH_OK) {
        kith_txn_rollback(store);
    }
    store->is_in_txn = false;
    return status;
}

void kith_txn_rollback(kith_store *store)
{
    /* Some failures end SQLite's transaction by themselves. Not through a prepared statement:
     * preparing might fail, and this must not. */
    if (store->db != NULL && !sqlite3_get_autocommit(store->db)) {
        (void)sqlite3_exec(store->db, kith_sql_rollback, NULL, NULL, NULL);
    }
    store->is_in_txn = false;
}

bool kith_txn_is_open(const kith_store *store)
{
    return store->is_in_txn;
}

kith_status kith_store_changed(kith_store *store, bool *changed_out)
{
    bool row = false;
    *changed_out = false;
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_DATA_VERSION);
    kith_status status = kith_stmt_step(&stmt, &row);
    if (status == KITH_OK && row) {
        int version = (int)kith_stmt_integer(&stmt, 0);
        *changed_out = version != store->data_version;
        store->data_version = version;
    }
    kith_stmt_end(&stmt);
    return status;
}

kith_status kith_store_checkpoint(kith_store *store)
{
    int code = sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    bool fine = code == SQLITE_OK || code == SQLITE_BUSY; /* another process is using it */
    return fine ? KITH_OK : kith_sqlite_failed(store, code, "the database");
}

kith_status kith_store_check(kith_store *store)
{
    bool row = false;
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_QUICK_CHECK);
    kith_status status = kith_stmt_step(&stmt, &row);
    if (status == KITH_OK && row) {
        kith_slice finding = kith_stmt_bytes(&stmt, 0);
        if (!kith_slice_is(finding, "ok")) {
            status = kith_fail(store->cx, KITH_E_DAMAGED, "the database is damaged: %.*s",
                               KITH_SLICE_ARGUMENTS(kith_slice_head(finding, 160)));
        }
    }
    kith_stmt_end(&stmt);
    return status;
}

kith_status kith_store_size(kith_store *store, uint64_t *bytes_out)
{
    int64_t page_size = 0;
    int64_t page_count = 0;
    *bytes_out = 0;
    KITH_TRY(kith_stmt_read_number(store, KITH_SQL_PAGE_SIZE, &page_size));
    KITH_TRY(kith_stmt_read_number(store, KITH_SQL_PAGE_COUNT, &page_count));
    *bytes_out = (uint64_t)page_size * (uint64_t)page_count;
    return KITH_OK;
}
