/* Prepared statements: prepared once a connection, used between begin and end only.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_STORE_STATEMENT_H
#define KITH_STORE_STATEMENT_H

#include <sqlite3.h>

#include "store/sql.h"
#include "store/store.h"

struct kith_store {
    kith_context *cx;
    sqlite3 *db;
    sqlite3_stmt *statements[KITH_SQL_COUNT];
    int data_version;
    bool is_in_txn;
    kith_status txn_failure; /* what ended the open transaction before its time; KITH_OK: nothing */
    bool is_lazy;            /* PRAGMA synchronous is NORMAL */
};

/** Turns what SQLite answered into a status, with its code in the detail. */
kith_status kith_sqlite_failed(kith_store *store, int code, const char *what);

/** Runs statements that give no rows and are not worth preparing. */
KITH_MUST_USE kith_status kith_sql_run(kith_store *store, const char *sql, const char *what);

/** A statement in use; binding failures stick to `code` until the first step. */
typedef struct kith_stmt {
    kith_store *store;
    sqlite3_stmt *handle;
    int code;
    int next_parameter;
    uint32_t checksum; /* of the numbers bound */
} kith_stmt;

/** Takes a statement into use; parameters are bound in order. Always pair with kith_stmt_end(). */
kith_stmt kith_stmt_begin(kith_store *store, kith_sql sql);

void kith_stmt_bind_integer(kith_stmt *stmt, int64_t value);
/** Borrowed until kith_stmt_end(). */
void kith_stmt_bind_bytes(kith_stmt *stmt, kith_slice bytes);
void kith_stmt_bind_text(kith_stmt *stmt, kith_slice text);

/** Binds a checksum over all that was bound so far: numbers, then `bytes`, bound last. */
void kith_stmt_bind_checksum(kith_stmt *stmt, kith_slice bytes);

/** Checks the last column of the row, such a checksum, against all columns before it: numbers, then
 *  bytes. KITH_E_DAMAGED if they are not what was written. */
KITH_MUST_USE kith_status kith_stmt_check_row(const kith_stmt *stmt);

/** Steps. KITH_OK with `*row_out` true for a row, false at the end. */
KITH_MUST_USE kith_status kith_stmt_step(kith_stmt *stmt, bool *row_out);

/** Runs a statement that gives no rows, and ends it. */
KITH_MUST_USE kith_status kith_stmt_run(kith_stmt *stmt);

/** Runs a statement that gives one number; 0 if it gives none. */
KITH_MUST_USE kith_status kith_stmt_read_number(kith_store *store, kith_sql sql,
                                                int64_t *number_out);

int64_t kith_stmt_integer(const kith_stmt *stmt, int column);
/** Borrowed until the next step or end. */
kith_slice kith_stmt_bytes(const kith_stmt *stmt, int column);

/** Resets and unbinds; fine more than once. */
void kith_stmt_end(kith_stmt *stmt);

/** An author's ordinal and a number as one row id, and back. */
int64_t kith_row_id(kith_dot dot);
kith_dot kith_row_dot(int64_t row_id);

#endif
