/* Every statement of the relay, with the index it relies on. SPDX-License-Identifier: Apache-2.0 */
#include "server/store/sqlite/sql.h"

const char kithd_sql_settings[] = "PRAGMA journal_mode = WAL;"
                                  "PRAGMA synchronous = FULL;"
                                  "PRAGMA wal_autocheckpoint = 1000;"
                                  "PRAGMA journal_size_limit = 16777216;"
                                  "PRAGMA cache_size = -1000;"
                                  "PRAGMA temp_store = MEMORY;"
                                  "PRAGMA secure_delete = FAST;"
                                  "PRAGMA cell_size_check = ON;";

const char kithd_sql_unmark[] = "DELETE FROM meta WHERE name = 'mark'";

const char *const kithd_sql_texts[KITHD_SQL_COUNT] = {
    [KITHD_SQL_BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [KITHD_SQL_BEGIN_READ] = "BEGIN",
    [KITHD_SQL_COMMIT] = "COMMIT",
    [KITHD_SQL_ROLLBACK] = "ROLLBACK",
    [KITHD_SQL_VERSION] = "PRAGMA user_version",
    [KITHD_SQL_APPLICATION_ID] = "PRAGMA application_id",
    [KITHD_SQL_QUICK_CHECK] = "PRAGMA integrity_check(1)",

    /* primary keys */
    [KITHD_SQL_META_GET] = "SELECT value FROM meta WHERE name = ?",
    [KITHD_SQL_META_SET] = "INSERT OR REPLACE INTO meta(name, value) VALUES(?, ?)",
    [KITHD_SQL_SPACE_GET] = "SELECT position, bytes, quota, entries FROM space WHERE space = ?",
    [KITHD_SQL_SPACE_PUT] = "INSERT OR REPLACE INTO space(space, position, bytes, quota, entries)"
                            " VALUES(?, ?, ?, ?, ?)",
    [KITHD_SQL_SPACE_SCAN] =
        "SELECT position, bytes, quota, entries, space FROM space ORDER BY space",
    [KITHD_SQL_ENTRY_PUT] = "INSERT INTO entry(space, number, joined, bytes) VALUES(?, ?, ?, ?)",
    [KITHD_SQL_ENTRY_SCAN] = "SELECT number, joined, bytes FROM entry"
                             " WHERE space = ? AND number > ? ORDER BY number",
    [KITHD_SQL_AUTHOR_GET] = "SELECT number, header FROM author WHERE space = ? AND author = ?",
    [KITHD_SQL_AUTHOR_PUT] = "INSERT OR REPLACE INTO author(space, author, number, header)"
                             " VALUES(?, ?, ?, ?)",
    [KITHD_SQL_AUTHOR_SCAN] = "SELECT author, number FROM author WHERE space = ? ORDER BY author",

    [KITHD_SQL_DEVICE_GET] = "SELECT bytes, quota FROM device WHERE space = ? AND device = ?",
    [KITHD_SQL_DEVICE_PUT] = "INSERT OR REPLACE INTO device(space, device, bytes, quota)"
                             " VALUES(?, ?, ?, ?)",

    /* segment_position, segment_author */
    [KITHD_SQL_SEGMENT_PUT] = "INSERT INTO segment(space, position, author, number, bytes)"
                              " VALUES(?, ?, ?, ?, ?)",
    [KITHD_SQL_SEGMENT_NEXT] = "SELECT position, author, number, bytes FROM segment"
                               " WHERE space = ? AND position > ? ORDER BY position LIMIT 1",
    [KITHD_SQL_SEGMENT_GET] = "SELECT position, author, number, bytes FROM segment"
                              " WHERE space = ? AND author = ? AND number = ?",

    /* segment_position; each is read up to its device's key. What either side says of a device that
     * the other does not. */
    [KITHD_SQL_DEVICE_CHECK] =
        "WITH said AS (SELECT device, bytes FROM device WHERE space = ?1 AND bytes > 0),"
        " found AS (SELECT substr(bytes, 18, 32), sum(length(bytes)) FROM segment"
        "  WHERE space = ?1 GROUP BY 1)"
        " SELECT (SELECT count(*) FROM (SELECT * FROM said EXCEPT SELECT * FROM found))"
        " + (SELECT count(*) FROM (SELECT * FROM found EXCEPT SELECT * FROM said))",

    /* primary keys; few rows */
    [KITHD_SQL_STAGED_PUT] = "INSERT INTO staged(space, author, number, time, bytes)"
                             " VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(space, author) DO UPDATE"
                             " SET number = ?3, time = ?4, bytes = ?5"
                             " WHERE length(bytes) < length(?5)"
                             " OR substr(bytes, 1, ?6) <> substr(?5, 1, ?6)",
    [KITHD_SQL_STAGED_GET] = "SELECT number, bytes FROM staged WHERE space = ? AND author = ?",
    [KITHD_SQL_STAGED_REMOVE] = "DELETE FROM staged WHERE space = ? AND author = ?",
    [KITHD_SQL_STAGED_EXPIRE] = "DELETE FROM staged WHERE time < ?",
    [KITHD_SQL_STAGED_BYTES] = "SELECT coalesce(sum(length(bytes)), 0) FROM staged"
                               " WHERE space = ? AND author <> ?",
    [KITHD_SQL_HELD_PUT] = "INSERT OR IGNORE INTO held(space, header, bytes) VALUES(?, ?, ?)",
    [KITHD_SQL_HELD_BYTES] = "SELECT coalesce(sum(length(bytes)), 0) FROM held"
                             " WHERE space = ? AND header <> ?",
    [KITHD_SQL_HELD_OF_SPACE] =
        "SELECT count(*), coalesce(sum(length(bytes)), 0) FROM held WHERE space = ?",
    [KITHD_SQL_HELD_OF_DEVICE] = "SELECT count(*), coalesce(sum(length(bytes)), 0) FROM held"
                                 " WHERE space = ? AND substr(bytes, 18, 32) = ?",
    [KITHD_SQL_TOKEN_PUT] = "INSERT OR IGNORE INTO token(hash) VALUES(?)",
    [KITHD_SQL_TOKEN_TAKE] = "DELETE FROM token WHERE hash = ? RETURNING 1",
    [KITHD_SQL_BACKUP] = "VACUUM INTO ?",
};
