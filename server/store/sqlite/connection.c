/* Opening the database, statements, transactions. SPDX-License-Identifier: Apache-2.0 */
#include "server/store/sqlite/connection.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"

enum { BUSY_MS = 10000, PATH_BYTES = 4096, MARK_BYTES = 16 };

kith_status kithd_sqlite_failed(kithd_store *store, int code)
{
    int primary = code & 0xff;
    kith_status status = primary == SQLITE_BUSY || primary == SQLITE_LOCKED      ? KITH_E_BUSY
                         : primary == SQLITE_FULL                                ? KITH_E_FULL
                         : primary == SQLITE_NOMEM                               ? KITH_E_MEMORY
                         : primary == SQLITE_READONLY                            ? KITH_E_READ_ONLY
                         : primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB ? KITH_E_DAMAGED
                                                                                 : KITH_E_IO;
    return kith_fail_native(store->cx, status, KITH_DOMAIN_SQLITE, code, "the database: %s",
                            sqlite3_errstr(code));
}

kithd_stmt kithd_stmt_begin(kithd_store *store, kithd_sql sql)
{
    kithd_stmt stmt = {.store = store, .code = SQLITE_OK, .next = 1};
    if (store->statements[sql] == NULL) {
        stmt.code = sqlite3_prepare_v3(store->db, kithd_sql_texts[sql], -1,
                                       SQLITE_PREPARE_PERSISTENT, &store->statements[sql], NULL);
    }
    stmt.handle = store->statements[sql];
    return stmt;
}

static void note_bound(kithd_stmt *stmt, int code)
{
    stmt->code = stmt->code == SQLITE_OK ? code : stmt->code;
    stmt->next++;
}

void kithd_stmt_bind_number(kithd_stmt *stmt, uint64_t number)
{
    note_bound(stmt, sqlite3_bind_int64(stmt->handle, stmt->next, (sqlite3_int64)number));
}

void kithd_stmt_bind_bytes(kithd_stmt *stmt, const void *bytes, size_t length)
{
    note_bound(stmt, sqlite3_bind_blob64(stmt->handle, stmt->next, length == 0 ? "" : bytes, length,
                                         SQLITE_STATIC));
}

void kithd_stmt_bind_text(kithd_stmt *stmt, const char *text)
{
    note_bound(stmt, sqlite3_bind_text(stmt->handle, stmt->next, text, -1, SQLITE_STATIC));
}

kith_status kithd_stmt_step(kithd_stmt *stmt, bool *row_out)
{
    *row_out = false;
    if (stmt->code == SQLITE_OK || stmt->code == SQLITE_ROW) {
        stmt->code = sqlite3_step(stmt->handle);
    }
    *row_out = stmt->code == SQLITE_ROW;
    return stmt->code == SQLITE_ROW || stmt->code == SQLITE_DONE
               ? KITH_OK
               : kithd_sqlite_failed(stmt->store, stmt->code);
}

kith_status kithd_stmt_run(kithd_stmt *stmt)
{
    bool row = false;
    kith_status status = kithd_stmt_step(stmt, &row);
    kithd_stmt_end(stmt);
    return status;
}

uint64_t kithd_stmt_number(const kithd_stmt *stmt, int column)
{
    return (uint64_t)sqlite3_column_int64(stmt->handle, column);
}

kith_slice kithd_stmt_bytes(const kithd_stmt *stmt, int column)
{
    const void *data = sqlite3_column_blob(stmt->handle, column);
    int length = sqlite3_column_bytes(stmt->handle, column);
    return kith_slice_make(data, data == NULL ? 0 : (size_t)length);
}

void kithd_stmt_end(kithd_stmt *stmt)
{
    if (stmt->handle != NULL) {
        (void)sqlite3_reset(stmt->handle);
        (void)sqlite3_clear_bindings(stmt->handle);
    }
    stmt->handle = NULL;
}

static kith_status run(kithd_store *store, kithd_sql sql)
{
    kithd_stmt stmt = kithd_stmt_begin(store, sql);
    return kithd_stmt_run(&stmt);
}

kith_status kithd_txn_begin(kithd_store *store)
{
    return run(store, KITHD_SQL_BEGIN_WRITE);
}

kith_status kithd_txn_commit(kithd_store *store)
{
    kith_status status = run(store, KITHD_SQL_COMMIT);
    if (status != KITH_OK) {
        kithd_txn_rollback(store);
    }
    return status;
}

void kithd_txn_rollback(kithd_store *store)
{
    if (store->db != NULL && sqlite3_get_autocommit(store->db) == 0) {
        (void)run(store, KITHD_SQL_ROLLBACK);
    }
}

kith_status kithd_read_begin(kithd_store *store)
{
    return run(store, KITHD_SQL_BEGIN_READ);
}

void kithd_read_end(kithd_store *store)
{
    kithd_txn_rollback(store);
}

static kith_status run_text(kithd_store *store, const char *sql)
{
    int code = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? KITH_OK : kithd_sqlite_failed(store, code);
}

static kith_status read_number(kithd_store *store, kithd_sql sql, uint64_t *number_out)
{
    bool row = false;
    kithd_stmt stmt = kithd_stmt_begin(store, sql);
    kith_status status = kithd_stmt_step(&stmt, &row);
    *number_out = row ? kithd_stmt_number(&stmt, 0) : 0;
    kithd_stmt_end(&stmt);
    return status;
}

static kith_status get_meta(kithd_store *store, const char *name, uint8_t *bytes, size_t length)
{
    bool row = false;
    kithd_stmt stmt = kithd_stmt_begin(store, KITHD_SQL_META_GET);
    kithd_stmt_bind_text(&stmt, name);
    kith_status status = kithd_stmt_step(&stmt, &row);
    kith_slice value = row ? kithd_stmt_bytes(&stmt, 0) : (kith_slice){NULL, 0};
    bool fits = value.length == length;
    if (fits) {
        memcpy(bytes, value.data, length);
    }
    kithd_stmt_end(&stmt);
    KITH_TRY(status);
    return fits ? KITH_OK : kith_fail(store->cx, KITH_E_DAMAGED, "the database has no %s", name);
}

static kith_status set_meta(kithd_store *store, const char *name, const uint8_t *bytes,
                            size_t length)
{
    kithd_stmt stmt = kithd_stmt_begin(store, KITHD_SQL_META_SET);
    kithd_stmt_bind_text(&stmt, name);
    kithd_stmt_bind_bytes(&stmt, bytes, length);
    return kithd_stmt_run(&stmt);
}

kith_status kithd_store_epoch(kithd_store *store, uint8_t epoch[KITH_RELAY_EPOCH_BYTES])
{
    return get_meta(store, "epoch", epoch, KITH_RELAY_EPOCH_BYTES);
}

static kith_status draw(kithd_store *store, uint8_t *bytes, size_t length)
{
    const kith_env *env = &store->cx->env;
    KITH_ENSURE(env->random(env->user, bytes, length) == KITH_OK,
                kith_fail(store->cx, KITH_E_IO, "the system gave no random bytes"));
    return KITH_OK;
}

/* Writes the marker durably: under another name first, so that it is never half there. */
static kith_status write_marker(kithd_store *store, const char *folder,
                                const uint8_t mark[MARK_BYTES])
{
    char path[PATH_BYTES];
    char fresh[PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/marker", folder);
    (void)snprintf(fresh, sizeof fresh, "%s/marker.new", folder);
    int file = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool done = file >= 0 && write(file, mark, MARK_BYTES) == MARK_BYTES && fsync(file) == 0;
    if (file >= 0) {
        (void)close(file);
    }
    KITH_ENSURE(done && rename(fresh, path) == 0,
                kith_fail_native(store->cx, KITH_E_IO, KITH_DOMAIN_POSIX, errno,
                                 "the marker beside the database could not be written"));
    return KITH_OK;
}

static bool read_marker(const char *folder, uint8_t mark[MARK_BYTES])
{
    char path[PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/marker", folder);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    bool done = file >= 0 && read(file, mark, MARK_BYTES) == MARK_BYTES;
    if (file >= 0) {
        (void)close(file);
    }
    return done;
}

static kith_status put_marks(kithd_store *store, const uint8_t mark[MARK_BYTES],
                             const uint8_t *epoch)
{
    KITH_TRY(set_meta(store, "mark", mark, MARK_BYTES));
    return epoch == NULL ? KITH_OK : set_meta(store, "epoch", epoch, KITH_RELAY_EPOCH_BYTES);
}

/* A new mark, and with one a new epoch. The marker comes first: should the power fail between the
 * two, the next start finds them different and begins a new epoch, which costs devices a survey. */
static kith_status draw_mark(kithd_store *store, const char *folder, const uint8_t *epoch)
{
    uint8_t mark[MARK_BYTES];
    KITH_TRY(draw(store, mark, sizeof mark));
    KITH_TRY(write_marker(store, folder, mark));
    KITH_TRY(kithd_txn_begin(store));
    kith_status status = put_marks(store, mark, epoch);
    if (status != KITH_OK) {
        kithd_txn_rollback(store);
        return status;
    }
    return kithd_txn_commit(store);
}

static kith_status begin_epoch(kithd_store *store, const char *folder)
{
    uint8_t epoch[KITH_RELAY_EPOCH_BYTES];
    KITH_TRY(draw(store, epoch, sizeof epoch));
    return draw_mark(store, folder, epoch);
}

kith_status kithd_store_mark(kithd_store *store, const char *folder)
{
    return draw_mark(store, folder, NULL);
}

static kith_status check_marker(kithd_store *store, const char *folder)
{
    uint8_t stored[MARK_BYTES];
    uint8_t beside[MARK_BYTES];
    kith_status status = get_meta(store, "mark", stored, sizeof stored);
    KITH_ENSURE(status == KITH_OK || status == KITH_E_DAMAGED, status);
    if (status == KITH_OK && read_marker(folder, beside) &&
        memcmp(stored, beside, sizeof stored) == 0) {
        return KITH_OK;
    }
    kith_note(store->cx, KITH_LOG_WARNING,
              "the database was put back from a backup: it begins a new epoch");
    return begin_epoch(store, folder);
}

/* Brings the tables to this version: of a new database, or of one that an older relay wrote. */
static kith_status run_migrations(kithd_store *store)
{
    uint64_t version = 0;
    KITH_TRY(read_number(store, KITHD_SQL_VERSION, &version)); /* again: others may migrate, too */
    for (size_t i = (size_t)version; i < KITHD_SQL_TABLES; i++) {
        KITH_TRY(run_text(store, kithd_sql_migrations[i]));
    }
    return KITH_OK;
}

static kith_status migrate(kithd_store *store)
{
    KITH_TRY(kithd_txn_begin(store));
    kith_status status = run_migrations(store);
    if (status != KITH_OK) {
        kithd_txn_rollback(store);
        return status;
    }
    return kithd_txn_commit(store);
}

static kith_status set_up(kithd_store *store, const char *folder, bool create)
{
    uint64_t application = 0;
    uint64_t version = 0;
    (void)sqlite3_busy_timeout(store->db, BUSY_MS);
    (void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    KITH_TRY(read_number(store, KITHD_SQL_APPLICATION_ID, &application));
    KITH_TRY(read_number(store, KITHD_SQL_VERSION, &version));
    KITH_ENSURE(!create || (application == 0 && version == 0),
                kith_fail(store->cx, KITH_E_EXISTS, "a database is there already"));
    KITH_ENSURE(create || application == KITHD_SQL_CLAIMED,
                kith_fail(store->cx, KITH_E_DAMAGED, "the file is no relay's database"));
    KITH_ENSURE(version <= KITHD_SQL_TABLES,
                kith_fail(store->cx, KITH_E_NEWER, "a newer relay wrote the database"));
    KITH_TRY(run_text(store, kithd_sql_settings));
    if (version < KITHD_SQL_TABLES) {
        KITH_TRY(migrate(store));
    }
    return create ? begin_epoch(store, folder) : check_marker(store, folder);
}

kith_status kithd_store_open(kith_context *cx, const char *folder, bool create,
                             kithd_store **store_out)
{
    char path[PATH_BYTES];
    *store_out = NULL;
    KITH_ENSURE(strlen(folder) < PATH_BYTES - 32,
                kith_fail(cx, KITH_E_ARGUMENT, "the data folder's name is too long"));
    (void)snprintf(path, sizeof path, "%s/relay.db", folder);
    kithd_store *store = kith_allocate(cx, sizeof *store);
    KITH_ENSURE(store != NULL, KITH_E_MEMORY);
    store->cx = cx;
    kith_buf_init(&store->bytes, cx, 2 * KITH_FRAME_BYTES_MAX);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                (create ? SQLITE_OPEN_CREATE : 0);
    int code = sqlite3_open_v2(path, &store->db, flags, cx->env.storage);
    kith_status status =
        code == SQLITE_OK ? set_up(store, folder, create)
        : (code & 0xff) == SQLITE_CANTOPEN
            ? kith_fail(cx, KITH_E_NOT_FOUND, "there is no database; `kithd init` makes one")
            : kithd_sqlite_failed(store, code);
    if (status != KITH_OK) {
        kithd_store_close(store);
        return status;
    }
    *store_out = store;
    return KITH_OK;
}

void kithd_store_close(kithd_store *store)
{
    if (store == NULL) {
        return;
    }
    kithd_txn_rollback(store);
    for (size_t i = 0; i < KITHD_SQL_COUNT; i++) {
        (void)sqlite3_finalize(store->statements[i]);
    }
    (void)sqlite3_close(store->db);
    kith_buf_deinit(&store->bytes);
    kith_free(store->cx, store);
}

void kithd_store_lend(kithd_store *store, kith_context *cx)
{
    store->cx = cx;
    store->bytes.cx = cx;
}

kith_context *kithd_store_context(kithd_store *store)
{
    return store->cx;
}

/* The copy loses its mark: wherever it is put, it begins a new epoch. */
static kith_status take_mark(kithd_store *store, const char *path)
{
    sqlite3 *copy = NULL;
    int code = sqlite3_open_v2(path, &copy, SQLITE_OPEN_READWRITE, store->cx->env.storage);
    code = code != SQLITE_OK ? code : sqlite3_exec(copy, kithd_sql_unmark, NULL, NULL, NULL);
    (void)sqlite3_close(copy);
    return code == SQLITE_OK ? KITH_OK : kithd_sqlite_failed(store, code);
}

kith_status kithd_store_backup(kithd_store *store, const char *path)
{
    struct stat there;
    KITH_ENSURE(stat(path, &there) != 0,
                kith_fail(store->cx, KITH_E_EXISTS, "the backup's file is there already"));
    kithd_stmt stmt = kithd_stmt_begin(store, KITHD_SQL_BACKUP);
    kithd_stmt_bind_text(&stmt, path);
    KITH_TRY(kithd_stmt_run(&stmt));
    return take_mark(store, path);
}
