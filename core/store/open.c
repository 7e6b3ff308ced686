/* Opening a database file and its settings. SPDX-License-Identifier: Apache-2.0 */
#include "store/statement.h"

#include <errno.h>

/* How long to wait for another process that writes: longer than any batch takes on a slow card. */
enum { BUSY_MS = 10000 };

static kith_status run_text(kith_store *store, const char *sql)
{
    return kith_sql_run(store, sql, "setting up the database");
}

/* Whose database this is, before anything is done to it. */
static kith_status check_identity(kith_store *store, kith_store_mode mode)
{
    int64_t application_id = 0;
    int64_t version = 0;
    int64_t tables = 0;
    KITH_TRY(kith_stmt_read_number(store, KITH_SQL_APPLICATION_ID, &application_id));
    KITH_TRY(kith_stmt_read_number(store, KITH_SQL_VERSION, &version));
    KITH_TRY(kith_stmt_read_number(store, KITH_SQL_COUNT_TABLES, &tables));
    bool is_ours = application_id == KITH_SQL_CLAIMED;
    bool is_empty = application_id == 0 && version == 0 && tables == 0;
    if (mode == KITH_STORE_CREATE) {
        KITH_ENSURE(is_empty, kith_fail(store->cx, KITH_E_EXISTS, "a database is there already"));
        return KITH_OK;
    }
    KITH_ENSURE(!is_empty, kith_fail(store->cx, KITH_E_NOT_FOUND, "there is no database"));
    KITH_ENSURE(is_ours,
                kith_fail(store->cx, KITH_E_DAMAGED, "the file is not a database of Kith"));
    KITH_ENSURE(version >= 0 && version <= (int64_t)kith_sql_migration_count,
                kith_fail(store->cx, KITH_E_NEWER,
                          "the database has version %lld, this program knows up to %zu",
                          (long long)version, kith_sql_migration_count));
    return KITH_OK;
}

/* Waiting for other processes and guards against a database that was made to harm. */
static void configure_connection(kith_store *store)
{
    (void)sqlite3_busy_timeout(store->db, BUSY_MS);
    (void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
}

static kith_status meet(kith_store *store, kith_store_mode mode)
{
    KITH_TRY(check_identity(store, mode));
    KITH_TRY(mode == KITH_STORE_CREATE ? run_text(store, kith_sql_new) : KITH_OK);
    return run_text(store, kith_sql_settings);
}

/* Brings the tables to the current version. The store is in a transaction, since another process
 * may be at it too. */
static kith_status migrate(kith_store *store)
{
    int64_t version = 0;
    KITH_TRY(kith_stmt_read_number(store, KITH_SQL_VERSION, &version));
    for (size_t i = (size_t)version; i < kith_sql_migration_count; i++) {
        KITH_TRY(run_text(store, kith_sql_migrations[i]));
    }
    return KITH_OK;
}

static kith_status create(kith_store *store)
{
    KITH_TRY(kith_txn_begin(store, KITH_TXN_DURABLE));
    KITH_TRY(check_identity(store, KITH_STORE_CREATE)); /* again, with everyone else shut out */
    KITH_TRY(run_text(store, kith_sql_claim));
    return migrate(store);
}

static kith_status bring_up_to_date(kith_store *store)
{
    int64_t version = 0;
    KITH_TRY(kith_stmt_read_number(store, KITH_SQL_VERSION, &version));
    if (version == (int64_t)kith_sql_migration_count) {
        return KITH_OK;
    }
    KITH_TRY(kith_txn_begin(store, KITH_TXN_DURABLE));
    KITH_TRY(migrate(store));
    return kith_txn_commit(store);
}

static kith_status set_up(kith_store *store, kith_store_mode mode, bool alone)
{
    bool changed = false;
    configure_connection(store);
    KITH_TRY(alone ? run_text(store, kith_sql_alone) : KITH_OK);
    KITH_TRY(meet(store, mode));
    KITH_TRY(mode == KITH_STORE_CREATE ? create(store) : bring_up_to_date(store));
    return kith_store_changed(store, &changed);
}

static bool is_missing(const kith_store *store, int code, kith_store_mode mode)
{
    int error = store->db == NULL ? 0 : sqlite3_system_errno(store->db);
    return (code & 0xff) == SQLITE_CANTOPEN && mode == KITH_STORE_OPEN &&
           (error == ENOENT || error == ENOTDIR);
}

static kith_status connect(kith_store *store, const char *path, kith_store_mode mode, bool alone)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                (mode == KITH_STORE_CREATE ? SQLITE_OPEN_CREATE : 0);
    errno = 0;
    int code = sqlite3_open_v2(path, &store->db, flags, store->cx->env.storage);
    KITH_ENSURE(!is_missing(store, code, mode),
                kith_fail(store->cx, KITH_E_NOT_FOUND, "there is no database"));
    KITH_ENSURE(code == SQLITE_OK, kith_sqlite_failed(store, code, "opening the database"));
    return set_up(store, mode, alone);
}

static void disconnect(kith_store *store)
{
    kith_txn_rollback(store);
    for (size_t i = 0; i < KITH_SQL_COUNT; i++) {
        (void)sqlite3_finalize(store->statements[i]);
    }
    (void)sqlite3_close(store->db);
    *store = (kith_store){.cx = store->cx};
}

kith_status kith_store_open(kith_context *cx, const char *path, kith_store_mode mode,
                            kith_store **store_out)
{
    *store_out = NULL;
    kith_store *store = kith_allocate(cx, sizeof *store);
    KITH_ENSURE(store != NULL, KITH_E_MEMORY);
    store->cx = cx;
    kith_status status = connect(store, path, mode, false);
    if (status == KITH_E_FULL && mode == KITH_STORE_OPEN) {
        /* The write-ahead log needs a file of shared memory. Where there is no room for one, what
         * is there can still be read: alone, with that memory in our own. */
        disconnect(store);
        status = connect(store, path, mode, true);
    }
    if (status != KITH_OK) {
        kith_store_close(store);
        return status;
    }
    *store_out = store;
    return KITH_OK;
}

void kith_store_close(kith_store *store)
{
    if (store != NULL) {
        disconnect(store);
        kith_free(store->cx, store);
    }
}
