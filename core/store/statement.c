/* SPDX-License-Identifier: Apache-2.0 */
#include "store/statement.h"

#include <errno.h>

#include "base/limits.h"
#include "codec/checksum.h"

/* What the system told the call that failed. SQLite keeps it, but not where a commit fails (3.40);
 * errno, cleared before each call, may tell of a file that was looked for and need not be there. */
static int system_error(sqlite3 *db)
{
    return errno != 0 && errno != ENOENT ? errno : sqlite3_system_errno(db);
}

/* Opening, reading or writing a file failed: a full disk shows so too, where it is not a write of
 * the database that finds no room. */
static kith_status status_of_system_error(int error)
{
    switch (error) {
    case ENOSPC:
    case EDQUOT:
        return KITH_E_FULL;
    case EROFS:
    case EACCES:
        return KITH_E_READ_ONLY;
    default:
        return KITH_E_IO;
    }
}

static kith_status status_of(sqlite3 *db, int code)
{
    if (code == SQLITE_IOERR_NOMEM) {
        return KITH_E_MEMORY;
    }
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return KITH_E_BUSY;
    case SQLITE_FULL:
        return KITH_E_FULL;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return KITH_E_READ_ONLY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return KITH_E_DAMAGED;
    case SQLITE_NOMEM:
        return KITH_E_MEMORY;
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
        return status_of_system_error(system_error(db));
    case SQLITE_TOOBIG:
        return KITH_E_LIMIT;
    default:
        return KITH_E_INTERNAL;
    }
}

kith_status kith_sqlite_failed(kith_store *store, int code, const char *what)
{
    int extended = store->db == NULL ? code : sqlite3_extended_errcode(store->db);
    extended = (extended & 0xff) == (code & 0xff) ? extended : code;
    kith_status status = status_of(store->db, extended);
    bool is_lost = store->is_in_txn && sqlite3_get_autocommit(store->db);
    store->txn_failure = is_lost && store->txn_failure == KITH_OK ? status : store->txn_failure;
    return kith_fail_native(store->cx, status, KITH_DOMAIN_SQLITE, extended, "%s: %s", what,
                            sqlite3_errstr(extended));
}

kith_status kith_sql_run(kith_store *store, const char *sql, const char *what)
{
    errno = 0;
    int code = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? KITH_OK : kith_sqlite_failed(store, code, what);
}

kith_stmt kith_stmt_begin(kith_store *store, kith_sql sql)
{
    kith_stmt stmt = {.store = store, .code = SQLITE_OK};
    if (store->statements[sql] == NULL) {
        errno = 0;
        stmt.code = sqlite3_prepare_v3(store->db, kith_sql_texts[sql], -1,
                                       SQLITE_PREPARE_PERSISTENT, &store->statements[sql], NULL);
    }
    stmt.handle = store->statements[sql];
    return stmt;
}

static uint32_t add_number(uint32_t checksum, int64_t value)
{
    return kith_checksum(checksum, kith_slice_make(&value, sizeof value));
}

void kith_stmt_bind_integer(kith_stmt *stmt, int64_t value)
{
    stmt->next_parameter++;
    stmt->checksum = add_number(stmt->checksum, value);
    if (stmt->code == SQLITE_OK) {
        stmt->code = sqlite3_bind_int64(stmt->handle, stmt->next_parameter, value);
    }
}

/* SQLite takes a NULL pointer for NULL, even with a length of 0. */
static const void *not_null(kith_slice slice)
{
    return slice.length == 0 ? (const void *)"" : slice.data;
}

void kith_stmt_bind_bytes(kith_stmt *stmt, kith_slice bytes)
{
    stmt->next_parameter++;
    if (stmt->code == SQLITE_OK) {
        stmt->code = sqlite3_bind_blob64(stmt->handle, stmt->next_parameter, not_null(bytes),
                                         bytes.length, SQLITE_STATIC);
    }
}

void kith_stmt_bind_text(kith_stmt *stmt, kith_slice text)
{
    stmt->next_parameter++;
    if (stmt->code == SQLITE_OK) {
        stmt->code = sqlite3_bind_text64(stmt->handle, stmt->next_parameter, not_null(text),
                                         text.length, SQLITE_STATIC, SQLITE_UTF8);
    }
}

void kith_stmt_bind_checksum(kith_stmt *stmt, kith_slice bytes)
{
    kith_stmt_bind_integer(stmt, kith_checksum(stmt->checksum, bytes));
}

kith_status kith_stmt_check_row(const kith_stmt *stmt)
{
    int last = sqlite3_column_count(stmt->handle) - 1;
    uint32_t checksum = 0;
    for (int i = 0; i < last - 1; i++) {
        checksum = add_number(checksum, kith_stmt_integer(stmt, i));
    }
    checksum = kith_checksum(checksum, kith_stmt_bytes(stmt, last - 1));
    KITH_ENSURE(kith_stmt_integer(stmt, last) == checksum,
                kith_fail(stmt->store->cx, KITH_E_DAMAGED,
                          "the database is damaged: a row is not what was written"));
    return KITH_OK;
}

kith_status kith_stmt_step(kith_stmt *stmt, bool *row_out)
{
    *row_out = false;
    if (stmt->code == SQLITE_OK) {
        errno = 0;
        stmt->code = sqlite3_step(stmt->handle);
    }
    if (stmt->code == SQLITE_ROW) {
        stmt->code = SQLITE_OK;
        *row_out = true;
        return KITH_OK;
    }
    if (stmt->code == SQLITE_DONE) {
        return KITH_OK;
    }
    return kith_sqlite_failed(stmt->store, stmt->code, "the database");
}

kith_status kith_stmt_run(kith_stmt *stmt)
{
    bool row = false;
    kith_status status = kith_stmt_step(stmt, &row);
    kith_stmt_end(stmt);
    return status;
}

kith_status kith_stmt_read_number(kith_store *store, kith_sql sql, int64_t *number_out)
{
    bool row = false;
    kith_stmt stmt = kith_stmt_begin(store, sql);
    kith_status status = kith_stmt_step(&stmt, &row);
    *number_out = row ? kith_stmt_integer(&stmt, 0) : 0;
    kith_stmt_end(&stmt);
    return status;
}

int64_t kith_stmt_integer(const kith_stmt *stmt, int column)
{
    return sqlite3_column_int64(stmt->handle, column);
}

kith_slice kith_stmt_bytes(const kith_stmt *stmt, int column)
{
    /* The pointer first: asking for it may convert the value and change the length. */
    const void *data = sqlite3_column_blob(stmt->handle, column);
    int length = sqlite3_column_bytes(stmt->handle, column);
    return kith_slice_make(data, data == NULL ? 0 : (size_t)length);
}

void kith_stmt_end(kith_stmt *stmt)
{
    if (stmt->handle != NULL) {
        (void)sqlite3_reset(stmt->handle);
        (void)sqlite3_clear_bindings(stmt->handle);
    }
    stmt->handle = NULL;
}

enum { NUMBER_BITS = 40 };

int64_t kith_row_id(kith_dot dot)
{
    KITH_ASSERT(dot.author <= KITH_AUTHORS_MAX && dot.number <= KITH_NUMBER_MAX);
    return (int64_t)((uint64_t)dot.author << NUMBER_BITS | dot.number);
}

kith_dot kith_row_dot(int64_t row_id)
{
    uint64_t bits = (uint64_t)row_id;
    return (kith_dot){(uint32_t)(bits >> NUMBER_BITS), bits & KITH_NUMBER_MAX};
}
