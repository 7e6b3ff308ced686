/* The statements of sql_statements.c and the migrations of sql_migrations.c, by name.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITHD_STORE_SQLITE_SQL_H
#define KITHD_STORE_SQLITE_SQL_H

typedef enum kithd_sql {
    KITHD_SQL_BEGIN_WRITE,
    KITHD_SQL_BEGIN_READ,
    KITHD_SQL_COMMIT,
    KITHD_SQL_ROLLBACK,
    KITHD_SQL_VERSION,
    KITHD_SQL_APPLICATION_ID,
    KITHD_SQL_QUICK_CHECK,
    KITHD_SQL_META_GET,
    KITHD_SQL_META_SET,
    KITHD_SQL_SPACE_GET,
    KITHD_SQL_SPACE_PUT,
    KITHD_SQL_SPACE_SCAN,
    KITHD_SQL_ENTRY_PUT,
    KITHD_SQL_ENTRY_SCAN,
    KITHD_SQL_AUTHOR_GET,
    KITHD_SQL_AUTHOR_PUT,
    KITHD_SQL_AUTHOR_SCAN,
    KITHD_SQL_DEVICE_GET,
    KITHD_SQL_DEVICE_PUT,
    KITHD_SQL_DEVICE_CHECK,
    KITHD_SQL_SEGMENT_PUT,
    KITHD_SQL_SEGMENT_NEXT,
    KITHD_SQL_SEGMENT_GET,
    KITHD_SQL_STAGED_PUT,
    KITHD_SQL_STAGED_GET,
    KITHD_SQL_STAGED_REMOVE,
    KITHD_SQL_STAGED_EXPIRE,
    KITHD_SQL_STAGED_BYTES,
    KITHD_SQL_HELD_PUT,
    KITHD_SQL_HELD_BYTES,
    KITHD_SQL_HELD_OF_SPACE,
    KITHD_SQL_HELD_OF_DEVICE,
    KITHD_SQL_TOKEN_PUT,
    KITHD_SQL_TOKEN_TAKE,
    KITHD_SQL_BACKUP,
    KITHD_SQL_COUNT
} kithd_sql;

extern const char *const kithd_sql_texts[KITHD_SQL_COUNT];

/* Run as they are. */
extern const char kithd_sql_settings[];
extern const char kithd_sql_unmark[];

/* What the first migration marks a file with: "Khd1" in ASCII; and the version of the tables. */
enum { KITHD_SQL_CLAIMED = 0x4b686431, KITHD_SQL_TABLES = 2 };

extern const char *const kithd_sql_migrations[KITHD_SQL_TABLES];

#endif
