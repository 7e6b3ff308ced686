/* The statements of sql_statements.c and the migrations of sql_migrations.c, by name.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_STORE_SQL_H
#define KITH_STORE_SQL_H

#include <stddef.h>

typedef enum kith_sql {
    KITH_SQL_APPLICATION_ID,
    KITH_SQL_VERSION,
    KITH_SQL_COUNT_TABLES,
    KITH_SQL_BEGIN_READ,
    KITH_SQL_BEGIN_WRITE,
    KITH_SQL_COMMIT,
    KITH_SQL_ROLLBACK,
    KITH_SQL_DATA_VERSION,
    KITH_SQL_PAGE_SIZE,
    KITH_SQL_PAGE_COUNT,
    KITH_SQL_FREE_COUNT,
    KITH_SQL_TRIM,
    KITH_SQL_QUICK_CHECK,
    KITH_SQL_META_GET,
    KITH_SQL_META_SET,
    KITH_SQL_NAME_SCAN,
    KITH_SQL_NAME_PUT,
    KITH_SQL_AUTHOR_SCAN,
    KITH_SQL_AUTHOR_PUT,
    KITH_SQL_AUTHOR_SET_HEAD,
    KITH_SQL_AUTHOR_SET_OWN,
    KITH_SQL_TAIL_APPEND,
    KITH_SQL_TAIL_SCAN,
    KITH_SQL_TAIL_CLEAR,
    KITH_SQL_PACK_PUT,
    KITH_SQL_PACK_SCAN,
    KITH_SQL_PACK_FIND,
    KITH_SQL_PACK_REMOVE,
    KITH_SQL_SEGMENT_PUT,
    KITH_SQL_SEGMENT_REMOVE,
    KITH_SQL_SEGMENT_SCAN,
    KITH_SQL_SEGMENT_FIND,
    KITH_SQL_SEGMENT_GET,
    KITH_SQL_SEGMENT_BYTES,
    KITH_SQL_CHAIN_SCAN,
    KITH_SQL_CHAIN_PUT,
    KITH_SQL_ENTRY_SCAN,
    KITH_SQL_ENTRY_PUT,
    KITH_SQL_ENTRY_REMOVE,
    KITH_SQL_EPOCH_SCAN,
    KITH_SQL_EPOCH_PUT,
    KITH_SQL_EPOCH_CLEAR,
    KITH_SQL_WAITING_PUT,
    KITH_SQL_WAITING_NEXT,
    KITH_SQL_WAITING_EXISTS,
    KITH_SQL_WAITING_REMOVE,
    KITH_SQL_WAITING_SET_REASON,
    KITH_SQL_WAITING_COUNT,
    KITH_SQL_CARRIED_SPACE_FIND,
    KITH_SQL_CARRIED_SPACE_NEXT,
    KITH_SQL_CARRIED_SPACE_PUT,
    KITH_SQL_CARRIED_SPACE_REMOVE,
    KITH_SQL_CARRIED_EXISTS,
    KITH_SQL_CARRIED_PUT,
    KITH_SQL_CARRIED_NEXT,
    KITH_SQL_CARRIED_CLEAR,
    KITH_SQL_CARRIED_COUNT,
    KITH_SQL_CARRIED_SPACE_COUNT,
    KITH_SQL_CARRIED_BYTES,
    KITH_SQL_ENTRY_CLEAR,
    KITH_SQL_ENTRY_BYTES,
    KITH_SQL_HOLDING_GET,
    KITH_SQL_HOLDING_PUT,
    KITH_SQL_RECORD_GET,
    KITH_SQL_RECORD_INSERT,
    KITH_SQL_RECORD_UPDATE,
    KITH_SQL_RECORD_SCAN_KIND,
    KITH_SQL_RECORD_SCAN,
    KITH_SQL_RECORD_SCAN_AUTHOR,
    KITH_SQL_RECORD_SCAN_MARKED,
    KITH_SQL_RECORD_LAST,
    KITH_SQL_RECORD_FIGURES,
    KITH_SQL_RECORD_CLEAR,
    KITH_SQL_LINK_SCAN_ALL,
    KITH_SQL_ORIGIN_SCAN_ALL,
    KITH_SQL_SEARCH_VOCABULARY,
    KITH_SQL_SEARCH_SCAN_ALL,
    KITH_SQL_LINK_PUT,
    KITH_SQL_LINK_REMOVE,
    KITH_SQL_LINK_SCAN,
    KITH_SQL_LINK_CLEAR,
    KITH_SQL_ORIGIN_PUT,
    KITH_SQL_ORIGIN_REMOVE,
    KITH_SQL_ORIGIN_SCAN,
    KITH_SQL_ORIGIN_EXISTS,
    KITH_SQL_ORIGIN_CLEAR,
    KITH_SQL_SEARCH_PUT,
    KITH_SQL_SEARCH_REMOVE,
    KITH_SQL_SEARCH_MATCH,
    KITH_SQL_SEARCH_CLEAR,
    KITH_SQL_COUNT
} kith_sql;

extern const char *const kith_sql_texts[KITH_SQL_COUNT];

/* Run as they are, outside of prepared statements. */
extern const char kith_sql_settings[];    /* of every connection */
extern const char kith_sql_new[];         /* of a new database, before anything else */
extern const char kith_sql_alone[];       /* where no other process can be let in */
extern const char kith_sql_claim[];       /* marks a new file as Kith's */
extern const char kith_sql_sync_full[];   /* commits survive a power cut */
extern const char kith_sql_sync_normal[]; /* or may be lost by one, whole */

/* What kith_sql_claim writes: "Kith" in ASCII. */
#define KITH_SQL_CLAIMED 0x4b697468

/* Migration n brings the tables from version n to n + 1. */
extern const char *const kith_sql_migrations[];
extern const size_t kith_sql_migration_count;

#endif
