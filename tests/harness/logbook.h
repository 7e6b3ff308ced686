/* A log in a database of its own, and commits that are easy to tell apart.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TESTS_LOGBOOK_H
#define KITH_TESTS_LOGBOOK_H

#include "blocks.h"
#include "log/log.h"

/** Authors by ordinal, as in blocks.h: who writes here, and somebody else. */
enum { US = 1, BEN = 2 };

typedef struct logbook {
    char path[320];
    kith_store *store;
    kith_directory directory;
    kith_log log;
    kith_arena arena; /* of commits */
} logbook;

/** Makes the database: an author of its own, the authors and names of blocks.h, nothing else. */
void logbook_init(logbook *b);
void logbook_deinit(logbook *b);

/** Closes all and loads it again, as after a restart. */
KITH_MUST_USE kith_status logbook_reopen(logbook *b);

/** A transaction that is durable when it ends. */
void logbook_begin(logbook *b);
void logbook_end(logbook *b);

/** A commit of so many changes, each of which makes a record with a text of so many bytes. */
kith_commit logbook_commit(logbook *b, uint32_t author, uint64_t first, size_t count, size_t bytes);

/** Appends such a commit of our own to what the open transaction will write. */
void logbook_append(logbook *b, uint64_t first, size_t count, size_t bytes);

/** Writes such a commit in a transaction. */
void logbook_write(logbook *b, uint64_t first, size_t count, size_t bytes);

/** Takes the tail for folded and packs it. */
void logbook_pack(logbook *b);

/** What a scan gave: the first numbers of its commits. */
typedef struct collection {
    char text[400]; /* with blanks between them */
    size_t count;
    size_t stop_after;  /* commits; 0 for never */
    kith_status answer; /* then */
} collection;

/** A kith_commit_visitor; `user` is the collection. */
kith_status collect(void *user, const kith_commit *commit, kith_arena *arena);

/** The first numbers of an author's commits, or of our unfolded ones. Valid until the next call. */
const char *logbook_scan(logbook *b, uint32_t author, uint64_t after);
const char *logbook_scan_unfolded(logbook *b);

/** Fails unless the commit that holds the change is this one. */
void logbook_assert_reads(logbook *b, uint32_t author, uint64_t number,
                          const kith_commit *expected);
void logbook_assert_not_found(logbook *b, uint32_t author, uint64_t number);

#endif
