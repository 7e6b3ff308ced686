/* Transactions. Writers begin IMMEDIATE, so that waiting for another process happens here and
 * nowhere else (TRAPS §2, 4). SPDX-License-Identifier: Apache-2.0 */
#include "store/statement.h"

#include <errno.h>

/* Free pages are given back when they are this share of the file: often enough to keep it small,
 * seldom enough that pages are rather used again than moved. */
enum { TRIM_SHARE = 16 };

/* FULL syncs the write-ahead log at each commit; NORMAL leaves it to the next full commit or
 * checkpoint. The log is written in order, so what a power cut takes is always its end. */
static kith_status set_lazy(kith_store *store, bool lazy)
{
    if (store->is_lazy == lazy) {
        return KITH_OK;
    }
    /* The pragma may have done its work when it fails: until it has not, nothing counts as synced.
     */
    store->is_lazy = true;
    KITH_TRY(kith_sql_run(store, lazy ? kith_sql_sync_normal : kith_sql_sync_full, "the database"));
    store->is_lazy = lazy;
    return KITH_OK;
}

static int roll_back(kith_store *store)
{
    /* Some failures end SQLite's transaction by themselves. */
    if (store->db == NULL || sqlite3_get_autocommit(store->db)) {
        return SQLITE_OK;
    }
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_ROLLBACK);
    int code = stmt.code == SQLITE_OK ? sqlite3_step(stmt.handle) : stmt.code;
    kith_stmt_end(&stmt);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* Where there was no memory to take a transaction back, that is done before anything else. */
static kith_status end_leftover(kith_store *store)
{
    int code = roll_back(store);
    return code == SQLITE_OK ? KITH_OK : kith_sqlite_failed(store, code, "the database");
}

kith_status kith_txn_begin(kith_store *store, kith_txn_kind kind)
{
    KITH_ENSURE(!store->is_in_txn,
                kith_fail(store->cx, KITH_E_STATE, "a callback used the replica that called it"));
    KITH_TRY(end_leftover(store));
    if (kind != KITH_TXN_READ) {
        KITH_TRY(set_lazy(store, kind == KITH_TXN_DERIVED));
    }
    kith_stmt stmt =
        kith_stmt_begin(store, kind == KITH_TXN_READ ? KITH_SQL_BEGIN_READ : KITH_SQL_BEGIN_WRITE);
    KITH_TRY(kith_stmt_run(&stmt));
    store->is_in_txn = true;
    store->txn_failure = KITH_OK;
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
    (void)roll_back(store);
    store->is_in_txn = false;
}

kith_status kith_txn_check(kith_store *store)
{
    KITH_ASSERT(store->is_in_txn);
    KITH_ENSURE(store->txn_failure == KITH_OK,
                kith_fail(store->cx, store->txn_failure, "an earlier failure took all of it back"));
    return KITH_OK;
}

kith_status kith_store_changed(kith_store *store, bool *changed_out)
{
    bool row = false;
    *changed_out = false;
    KITH_TRY(store->is_in_txn ? KITH_OK : end_leftover(store));
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

kith_status kith_store_trim(kith_store *store)
{
    int64_t page_count = 0;
    int64_t free_count = 0;
    bool row = true;
    KITH_TRY(kith_stmt_read_number(store, KITH_SQL_PAGE_COUNT, &page_count));
    KITH_TRY(kith_stmt_read_number(store, KITH_SQL_FREE_COUNT, &free_count));
    if (free_count < page_count / TRIM_SHARE) {
        return KITH_OK;
    }
    kith_status status = KITH_OK;
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_TRIM);
    while (status == KITH_OK && row) { /* a row for each page */
        status = kith_stmt_step(&stmt, &row);
    }
    kith_stmt_end(&stmt);
    return status;
}

/* SQLite finds fault with a page that could not be read as with one that makes no sense. */
static kith_status judge_finding(kith_store *store, kith_slice finding)
{
    bool is_unread = errno == EIO;
    KITH_ENSURE(kith_slice_is(finding, "ok"),
                kith_fail(store->cx, is_unread ? KITH_E_IO : KITH_E_DAMAGED,
                          is_unread ? "the database could not be read: %.*s"
                                    : "the database is damaged: %.*s",
                          KITH_SLICE_ARGUMENTS(kith_slice_head(finding, 160))));
    return KITH_OK;
}

kith_status kith_store_check(kith_store *store)
{
    bool row = false;
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_QUICK_CHECK);
    kith_status status = kith_stmt_step(&stmt, &row);
    if (status == KITH_OK && row) {
        status = judge_finding(store, kith_stmt_bytes(&stmt, 0));
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
