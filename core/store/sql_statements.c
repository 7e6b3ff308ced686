/* Every statement Kith runs, with the index it relies on. SPDX-License-Identifier: Apache-2.0 */
#include "store/sql.h"

/* Every value that Debian's and Android's builds of SQLite set differently is set here. */
const char kith_sql_settings[] =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;"
    "PRAGMA wal_autocheckpoint = 1000;"
    "PRAGMA journal_size_limit = 8388608;"
    "PRAGMA cache_size = -512;" /* KiB; phones have 1 GB in all, and more makes nothing faster */
    "PRAGMA mmap_size = 0;"
    "PRAGMA temp_store = MEMORY;" /* nothing in clear beside the file */
    "PRAGMA secure_delete = FAST;"
    "PRAGMA cell_size_check = ON;";

/* Counts before the first table is made; afterwards it would be a write at each start. */
const char kith_sql_new[] = "PRAGMA auto_vacuum = INCREMENTAL";
const char kith_sql_alone[] = "PRAGMA locking_mode = EXCLUSIVE";
const char kith_sql_claim[] = "PRAGMA application_id = 1265202280;";
const char kith_sql_sync_full[] = "PRAGMA synchronous = FULL";
const char kith_sql_sync_normal[] = "PRAGMA synchronous = NORMAL";

const char *const kith_sql_texts[KITH_SQL_COUNT] = {
    [KITH_SQL_APPLICATION_ID] = "PRAGMA application_id",
    [KITH_SQL_VERSION] = "PRAGMA user_version",
    [KITH_SQL_COUNT_TABLES] = "SELECT count(*) FROM sqlite_schema",
    [KITH_SQL_BEGIN_READ] = "BEGIN",
    [KITH_SQL_BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [KITH_SQL_COMMIT] = "COMMIT",
    [KITH_SQL_ROLLBACK] = "ROLLBACK",
    [KITH_SQL_DATA_VERSION] = "PRAGMA data_version",
    [KITH_SQL_PAGE_SIZE] = "PRAGMA page_size",
    [KITH_SQL_PAGE_COUNT] = "PRAGMA page_count",
    [KITH_SQL_FREE_COUNT] = "PRAGMA freelist_count",
    [KITH_SQL_TRIM] = "PRAGMA incremental_vacuum",
    [KITH_SQL_QUICK_CHECK] = "PRAGMA integrity_check(1)",

    /* primary key */
    [KITH_SQL_META_GET] = "SELECT value FROM meta WHERE name = ?",
    [KITH_SQL_META_SET] = "INSERT OR REPLACE INTO meta(name, value) VALUES(?, ?)",

    /* row id */
    [KITH_SQL_NAME_SCAN] = "SELECT ordinal, text FROM name ORDER BY ordinal",
    [KITH_SQL_NAME_PUT] = "INSERT INTO name(ordinal, text) VALUES(?, ?)",
    [KITH_SQL_AUTHOR_SCAN] = "SELECT ordinal, id, space, head, own FROM author ORDER BY ordinal",
    [KITH_SQL_AUTHOR_PUT] =
        "INSERT INTO author(ordinal, id, space, head, own) VALUES(?, ?, ?, ?, 0)",
    [KITH_SQL_AUTHOR_SET_HEAD] = "UPDATE author SET head = ? WHERE ordinal = ?",

    [KITH_SQL_AUTHOR_SET_OWN] =
        "UPDATE author SET own = (ordinal = ?)", /* all rows: they are few */

    /* row id */
    [KITH_SQL_TAIL_APPEND] = "INSERT INTO tail(position, block, checksum) VALUES(?, ?, ?)",
    [KITH_SQL_TAIL_SCAN] = "SELECT position, block, checksum FROM tail"
                           " WHERE position > ? ORDER BY position",
    [KITH_SQL_TAIL_CLEAR] = "DELETE FROM tail",

    /* pack_author */
    [KITH_SQL_PACK_PUT] = "INSERT INTO pack(author, first, last, bytes, checksum)"
                          " VALUES(?, ?, ?, ?, ?)",
    [KITH_SQL_PACK_SCAN] = "SELECT author, first, last, bytes, checksum FROM pack"
                           " WHERE author = ?1 AND last > ?2 ORDER BY first",
    [KITH_SQL_PACK_FIND] = "SELECT author, first, last, bytes, checksum FROM pack"
                           " WHERE author = ? AND first <= ? ORDER BY first DESC LIMIT 1",

    [KITH_SQL_PACK_REMOVE] = "DELETE FROM pack WHERE author = ? AND last <= ?",

    /* segment_number, segment_first */
    [KITH_SQL_SEGMENT_PUT] = "INSERT INTO segment(author, number, first, last, bytes, checksum)"
                             " VALUES(?, ?, ?, ?, ?, ?)",
    [KITH_SQL_SEGMENT_REMOVE] = "DELETE FROM segment WHERE author = ? AND number > ?",
    [KITH_SQL_SEGMENT_SCAN] = "SELECT author, number, first, last, bytes, checksum FROM segment"
                              " WHERE author = ?1 AND last > ?2 ORDER BY first",
    [KITH_SQL_SEGMENT_FIND] = "SELECT author, number, first, last, bytes, checksum FROM segment"
                              " WHERE author = ? AND first <= ? ORDER BY first DESC LIMIT 1",
    [KITH_SQL_SEGMENT_GET] = "SELECT author, number, first, last, bytes, checksum FROM segment"
                             " WHERE author = ? AND number = ?",
    [KITH_SQL_SEGMENT_BYTES] = "SELECT coalesce(sum(length(bytes)), 0) FROM segment"
                               " WHERE author = ? AND number > ?",

    /* row id */
    [KITH_SQL_CHAIN_SCAN] = "SELECT author, segment, last, told, header, seen FROM chain",
    [KITH_SQL_CHAIN_PUT] = "INSERT OR REPLACE INTO chain(author, segment, last, told, header, seen)"
                           " VALUES(?, ?, ?, ?, ?, ?)",
    [KITH_SQL_ENTRY_SCAN] = "SELECT id, bytes, checksum FROM entry WHERE id BETWEEN ? AND ?"
                            " ORDER BY id",
    [KITH_SQL_ENTRY_PUT] = "INSERT INTO entry(id, bytes, checksum) VALUES(?, ?, ?)",
    [KITH_SQL_ENTRY_REMOVE] = "DELETE FROM entry WHERE id = ?",
    [KITH_SQL_EPOCH_SCAN] = "SELECT id, key, checksum FROM epoch WHERE id BETWEEN ? AND ?"
                            " ORDER BY id",
    [KITH_SQL_EPOCH_CLEAR] = "DELETE FROM epoch WHERE id BETWEEN ? AND ?",
    [KITH_SQL_EPOCH_PUT] = "INSERT OR REPLACE INTO epoch(id, key, checksum) VALUES(?, ?, ?)",

    /* waiting_author; few rows */
    [KITH_SQL_WAITING_PUT] = "INSERT INTO waiting(space, author, number, reason, bytes)"
                             " VALUES(?, ?, ?, ?, ?)",
    [KITH_SQL_WAITING_NEXT] = "SELECT id, author, number, reason, bytes FROM waiting"
                              " WHERE id > ? ORDER BY id LIMIT 1",
    [KITH_SQL_WAITING_EXISTS] = "SELECT EXISTS(SELECT 1 FROM waiting"
                                " WHERE author = ? AND number = ? AND bytes = ?)",
    [KITH_SQL_WAITING_REMOVE] = "DELETE FROM waiting WHERE id = ?",
    [KITH_SQL_WAITING_SET_REASON] = "UPDATE waiting SET reason = ?2 WHERE id = ?1",
    [KITH_SQL_WAITING_COUNT] = "SELECT count(*) FROM waiting",

    /* its unique index and row id; few rows */
    [KITH_SQL_CARRIED_SPACE_FIND] = "SELECT ordinal FROM carried_space WHERE space = ?",
    [KITH_SQL_CARRIED_SPACE_NEXT] = "SELECT ordinal, space FROM carried_space WHERE ordinal > ?"
                                    " ORDER BY ordinal LIMIT 1",
    /* 1 is the replica's own space */
    [KITH_SQL_CARRIED_SPACE_PUT] =
        "INSERT INTO carried_space(ordinal, space)"
        " VALUES((SELECT coalesce(max(ordinal), 1) + 1 FROM carried_space), ?)",
    [KITH_SQL_CARRIED_SPACE_REMOVE] = "DELETE FROM carried_space WHERE ordinal = ?",
    [KITH_SQL_CARRIED_SPACE_COUNT] = "SELECT count(*) FROM carried_space",
    /* carried_segment */
    [KITH_SQL_CARRIED_EXISTS] = "SELECT EXISTS(SELECT 1 FROM carried WHERE space = ?"
                                " AND author = ? AND number = ? AND header = ?)",
    [KITH_SQL_CARRIED_PUT] = "INSERT INTO carried(space, author, number, header, bytes, checksum)"
                             " VALUES(?, ?, ?, ?, ?, ?)",
    [KITH_SQL_CARRIED_NEXT] =
        "SELECT space, author, number, header, bytes, checksum FROM carried WHERE space = ?"
        " AND (author, number, header) > (?, ?, ?) ORDER BY author, number, header LIMIT 1",
    [KITH_SQL_CARRIED_CLEAR] = "DELETE FROM carried WHERE space = ?",
    /* all rows, whose lengths stand at their front */
    [KITH_SQL_CARRIED_COUNT] = "SELECT count(*) FROM carried",
    [KITH_SQL_CARRIED_BYTES] = "SELECT coalesce(sum(length(bytes)), 0) FROM carried",

    /* row id */
    [KITH_SQL_ENTRY_CLEAR] = "DELETE FROM entry WHERE id BETWEEN ? AND ?",
    [KITH_SQL_ENTRY_BYTES] =
        "SELECT coalesce(sum(length(bytes)), 0) FROM entry WHERE id BETWEEN ? AND ?",

    /* primary key */
    [KITH_SQL_HOLDING_GET] = "SELECT heads FROM holding WHERE device = ?",
    [KITH_SQL_HOLDING_PUT] = "INSERT OR REPLACE INTO holding(device, heads) VALUES(?, ?)",

    /* row id */
    [KITH_SQL_RECORD_GET] =
        "SELECT id, kind, marks, changed, state, checksum FROM record WHERE id = ?",
    [KITH_SQL_RECORD_INSERT] =
        "INSERT INTO record(id, kind, marks, changed, state, checksum) VALUES(?, ?, ?, ?, ?, ?)",
    [KITH_SQL_RECORD_UPDATE] =
        "UPDATE record SET kind = ?2, marks = ?3, changed = ?4, state = ?5, checksum = ?6"
        " WHERE id = ?1",
    /* record_kind */
    [KITH_SQL_RECORD_SCAN_KIND] = "SELECT id, kind, marks, changed, state, checksum FROM record"
                                  " WHERE kind = ? ORDER BY changed DESC",
    [KITH_SQL_RECORD_FIGURES] = "SELECT coalesce(sum(marks & 9 = 0), 0),"
                                " coalesce(sum(marks & 1), 0),"
                                " coalesce(sum(marks & 6 != 0), 0) FROM record",
    /* row id */
    [KITH_SQL_RECORD_SCAN] =
        "SELECT id, kind, marks, changed, state, checksum FROM record ORDER BY id",
    [KITH_SQL_RECORD_SCAN_AUTHOR] = "SELECT id, kind, marks, changed, state, checksum FROM record"
                                    " WHERE id BETWEEN ? AND ? ORDER BY id",
    /* record_marked */
    [KITH_SQL_RECORD_SCAN_MARKED] =
        "SELECT id, kind, marks, changed, state, checksum FROM record WHERE marks > 1",
    [KITH_SQL_RECORD_LAST] = "SELECT max(id) FROM record WHERE id BETWEEN ? AND ?",
    [KITH_SQL_RECORD_CLEAR] = "DELETE FROM record",

    /* primary key */
    [KITH_SQL_LINK_PUT] = "INSERT OR IGNORE INTO link(target, source, field) VALUES(?, ?, ?)",
    [KITH_SQL_LINK_REMOVE] = "DELETE FROM link WHERE target = ? AND source = ? AND field = ?",
    [KITH_SQL_LINK_SCAN] = "SELECT target, source, field FROM link WHERE target = ?",
    [KITH_SQL_LINK_CLEAR] = "DELETE FROM link",

    /* primary key */
    [KITH_SQL_ORIGIN_PUT] = "INSERT OR IGNORE INTO origin(hash, id) VALUES(?, ?)",
    [KITH_SQL_ORIGIN_REMOVE] = "DELETE FROM origin WHERE hash = ? AND id = ?",
    [KITH_SQL_ORIGIN_SCAN] = "SELECT id FROM origin WHERE hash = ?",
    [KITH_SQL_ORIGIN_EXISTS] = "SELECT EXISTS(SELECT 1 FROM origin)",
    [KITH_SQL_ORIGIN_CLEAR] = "DELETE FROM origin",

    /* in key order, to compare two databases */
    [KITH_SQL_LINK_SCAN_ALL] = "SELECT target, source, field FROM link ORDER BY 1, 2, 3",
    [KITH_SQL_ORIGIN_SCAN_ALL] = "SELECT hash, id FROM origin ORDER BY 1, 2",
    [KITH_SQL_SEARCH_VOCABULARY] = "CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary"
                                   " USING fts5vocab('main', 'search', 'instance')",
    [KITH_SQL_SEARCH_SCAN_ALL] = "SELECT term, doc FROM temp.vocabulary",

    /* the full-text index; its own order is that of row ids */
    [KITH_SQL_SEARCH_PUT] = "INSERT INTO search(rowid, words) VALUES(?, ?)",
    [KITH_SQL_SEARCH_REMOVE] = "INSERT INTO search(search, rowid, words) VALUES('delete', ?, ?)",
    [KITH_SQL_SEARCH_MATCH] =
        "SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT ?",
    [KITH_SQL_SEARCH_CLEAR] = "INSERT INTO search(search) VALUES('delete-all')",
};
