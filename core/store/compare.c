/* Comparing the folds of two databases, row by row. SPDX-License-Identifier: Apache-2.0 */
#include "store/statement.h"

/* Numbers as numbers: to read them as bytes takes memory, and to lack it is no difference. */
static bool same_value(const kith_stmt *a, const kith_stmt *b, int column)
{
    int type = sqlite3_column_type(a->handle, column);
    if (type != sqlite3_column_type(b->handle, column)) {
        return false;
    }
    return type == SQLITE_INTEGER
               ? kith_stmt_integer(a, column) == kith_stmt_integer(b, column)
               : kith_slice_equal(kith_stmt_bytes(a, column), kith_stmt_bytes(b, column));
}

static bool same_row(const kith_stmt *a, const kith_stmt *b)
{
    int columns = sqlite3_column_count(a->handle);
    for (int i = 0; i < columns; i++) {
        if (!same_value(a, b, i)) {
            return false;
        }
    }
    return true;
}

/* Steps both statements side by side until they differ or end. */
static kith_status compare_rows(kith_store *store, kith_store *other, kith_sql sql, bool *equal_out)
{
    bool row = true;
    bool other_row = true;
    kith_stmt a = kith_stmt_begin(store, sql);
    kith_stmt b = kith_stmt_begin(other, sql);
    kith_status status = KITH_OK;
    *equal_out = true;
    while (status == KITH_OK && *equal_out && row) {
        status = kith_stmt_step(&a, &row);
        if (status == KITH_OK) {
            status = kith_stmt_step(&b, &other_row);
        }
        *equal_out = row == other_row && (!row || status != KITH_OK || same_row(&a, &b));
    }
    kith_stmt_end(&a);
    kith_stmt_end(&b);
    return status;
}

kith_status kith_store_compare_fold(kith_store *store, kith_store *other, bool *equal_out)
{
    static const kith_sql tables[] = {KITH_SQL_RECORD_SCAN, KITH_SQL_LINK_SCAN_ALL,
                                      KITH_SQL_ORIGIN_SCAN_ALL, KITH_SQL_SEARCH_SCAN_ALL};
    kith_stmt stmt = kith_stmt_begin(store, KITH_SQL_SEARCH_VOCABULARY);
    KITH_TRY(kith_stmt_run(&stmt));
    stmt = kith_stmt_begin(other, KITH_SQL_SEARCH_VOCABULARY);
    KITH_TRY(kith_stmt_run(&stmt));
    *equal_out = true;
    for (size_t i = 0; *equal_out && i < KITH_ARRAY_LENGTH(tables); i++) {
        KITH_TRY(compare_rows(store, other, tables[i], equal_out));
    }
    return KITH_OK;
}
