/* A connection to the relay's database and its prepared statements.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITHD_STORE_SQLITE_CONNECTION_H
#define KITHD_STORE_SQLITE_CONNECTION_H

#include <sqlite3.h>

#include "server/store/sqlite/sql.h"
#include "server/store/store.h"

struct kithd_store {
    kith_context *cx;
    sqlite3 *db;
    sqlite3_stmt *statements[KITHD_SQL_COUNT];
    kith_buf bytes; /* handed out until the next call */
};

/** Turns what SQLite answered into a status, with its code in the detail. */
kith_status kithd_sqlite_failed(kithd_store *store, int code);

/** A statement in use; failures to bind stick until the first step. */
typedef struct kithd_stmt {
    kithd_store *store;
    sqlite3_stmt *handle;
    int code;
    int next;
} kithd_stmt;

/** Takes a statement into use. Always pair with kithd_stmt_end(). */
kithd_stmt kithd_stmt_begin(kithd_store *store, kithd_sql sql);
void kithd_stmt_bind_number(kithd_stmt *stmt, uint64_t number);
/** Borrowed until kithd_stmt_end(). */
void kithd_stmt_bind_bytes(kithd_stmt *stmt, const void *bytes, size_t length);
void kithd_stmt_bind_text(kithd_stmt *stmt, const char *text);
/** KITH_OK with `*row_out` true for a row, false at the end. */
KITH_MUST_USE kith_status kithd_stmt_step(kithd_stmt *stmt, bool *row_out);
/** Runs a statement that gives no rows, and ends it. */
KITH_MUST_USE kith_status kithd_stmt_run(kithd_stmt *stmt);
uint64_t kithd_stmt_number(const kithd_stmt *stmt, int column);
/** Borrowed until the next step or end. */
kith_slice kithd_stmt_bytes(const kithd_stmt *stmt, int column);
void kithd_stmt_end(kithd_stmt *stmt);

#endif
