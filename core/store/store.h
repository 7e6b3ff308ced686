/* The replica's database file. The only user of SQLite in core; nothing above this folder sees a
 * statement or a row.
 *
 * What is true, and what follows from it:
 *   - The log (tail and packs) is the truth. An edit is durable when its block is.
 *   - Records, links, origins and the search index are a fold of the log, written in batches and
 *     made anew by kith_engine_check(). meta "folded" says up to which tail position they have
 *     come; packs are always folded.
 *   - Ordinals of authors and names are this file's own.
 *
 * A store belongs to one thread. Other processes may use the same file; kith_store_changed() tells
 * when they wrote. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_STORE_STORE_H
#define KITH_STORE_STORE_H

#include "base/arena.h"
#include "base/buf.h"
#include "merge/known.h"

typedef struct kith_store kith_store;

typedef enum kith_store_mode {
    KITH_STORE_OPEN,  /* KITH_E_NOT_FOUND if there is no file, or nothing in it yet */
    KITH_STORE_CREATE /* KITH_E_EXISTS if there is one */
} kith_store_mode;

/* Opens a database of its own that is gone when it is closed. */
#define KITH_STORE_TEMPORARY ""

/** Opens a database file, bringing an older one up to date.
 *
 *  A new database comes with a durable transaction open, in which the caller fills it: until that
 *  is committed there is none, so that creating can be interrupted and repeated.
 *
 *  @return KITH_OK; KITH_E_NOT_FOUND, KITH_E_EXISTS as the mode says; KITH_E_NEWER if a newer Kith
 *          wrote it; KITH_E_DAMAGED if it is no database of ours; KITH_E_READ_ONLY, KITH_E_FULL,
 *          KITH_E_BUSY, KITH_E_IO, KITH_E_MEMORY */
KITH_MUST_USE kith_status kith_store_open(kith_context *cx, const char *path, kith_store_mode mode,
                                          kith_store **store_out);

/** Closes; NULL is fine. Nothing durable depends on it. */
void kith_store_close(kith_store *store);

/** How a transaction ends. */
typedef enum kith_txn_kind {
    KITH_TXN_READ,    /* one snapshot for several reads */
    KITH_TXN_DURABLE, /* survives a power cut once commit returns */
    KITH_TXN_DERIVED  /* may be lost by a power cut, whole: what it wrote can be folded anew */
} kith_txn_kind;

KITH_MUST_USE kith_status kith_txn_begin(kith_store *store, kith_txn_kind kind);

/** Ends the transaction; on failure nothing of it remains. */
KITH_MUST_USE kith_status kith_txn_commit(kith_store *store);

/** Takes everything back. Fine without a transaction. Keeps the error detail. */
void kith_txn_rollback(kith_store *store);

/** KITH_OK while the transaction stands. A statement that fails for want of memory or room, or by
 *  an I/O error, may end it, also one that only reads: then the status of that failure. What would
 *  be written after that would be durable alone, so this is asked before. */
KITH_MUST_USE kith_status kith_txn_check(kith_store *store);

/** True if another connection committed since the last call. */
KITH_MUST_USE kith_status kith_store_changed(kith_store *store, bool *changed_out);

/** Gives pages that hold nothing back to the file system, once they are a sixteenth of the file:
 *  the full-text index leaves many behind when it merges. In a transaction. */
KITH_MUST_USE kith_status kith_store_trim(kith_store *store);

/** Runs SQLite's own check of the file. KITH_E_DAMAGED with the first finding in the detail. */
KITH_MUST_USE kith_status kith_store_check(kith_store *store);

/* Facts about the replica, by name. */
KITH_MUST_USE kith_status kith_meta_get(kith_store *store, const char *name, int64_t *value_out);
KITH_MUST_USE kith_status kith_meta_set(kith_store *store, const char *name, int64_t value);
KITH_MUST_USE kith_status kith_meta_get_bytes(kith_store *store, const char *name, kith_buf *out);
KITH_MUST_USE kith_status kith_meta_set_bytes(kith_store *store, const char *name,
                                              kith_slice bytes);

/* Names of kinds and fields, by ordinal; authors, by ordinal; spaces. */
typedef kith_status (*kith_name_visitor)(void *user, uint32_t ordinal, kith_slice text);
KITH_MUST_USE kith_status kith_name_scan(kith_store *store, kith_name_visitor visit, void *user);
KITH_MUST_USE kith_status kith_name_put(kith_store *store, uint32_t ordinal, kith_slice text);

typedef kith_status (*kith_author_visitor)(void *user, uint32_t ordinal, const kith_author *author,
                                           bool is_own);
KITH_MUST_USE kith_status kith_author_scan(kith_store *store, kith_author_visitor visit,
                                           void *user);
KITH_MUST_USE kith_status kith_author_put(kith_store *store, uint32_t ordinal,
                                          const kith_author *author);
KITH_MUST_USE kith_status kith_author_set_head(kith_store *store, uint32_t ordinal, uint64_t head);
/* The one author that the device writes as. */
KITH_MUST_USE kith_status kith_author_set_own(kith_store *store, uint32_t ordinal);

/* The tail of the log: blocks of this replica's own commits, not packed yet, by position. */
typedef kith_status (*kith_tail_visitor)(void *user, int64_t position, kith_slice block);
KITH_MUST_USE kith_status kith_tail_append(kith_store *store, int64_t position, kith_slice block);
KITH_MUST_USE kith_status kith_tail_scan(kith_store *store, int64_t after, kith_tail_visitor visit,
                                         void *user);
KITH_MUST_USE kith_status kith_tail_clear(kith_store *store);

/** A pack: a deflated block. */
typedef struct kith_pack {
    uint32_t author;
    uint64_t first; /* numbers of its changes */
    uint64_t last;
    kith_slice bytes;
} kith_pack;

typedef kith_status (*kith_pack_visitor)(void *user, const kith_pack *pack);
KITH_MUST_USE kith_status kith_pack_put(kith_store *store, const kith_pack *pack);

/** Visits an author's packs with changes above `after`, in order. */
KITH_MUST_USE kith_status kith_pack_scan(kith_store *store, uint32_t author, uint64_t after,
                                         kith_pack_visitor visit, void *user);

/** The pack that holds a change; its bytes are appended to `bytes` and borrowed from there.
 *  KITH_E_NOT_FOUND if none does. */
KITH_MUST_USE kith_status kith_pack_find(kith_store *store, kith_dot change, kith_buf *bytes,
                                         kith_pack *pack_out);

/** Takes an author's packs away whose changes go up to a number: segments hold what was in them. */
KITH_MUST_USE kith_status kith_pack_remove(kith_store *store, uint32_t author, uint64_t last);

/** A segment of an author's log, header and sealed body. */
typedef struct kith_segment {
    uint32_t author;
    uint64_t number;
    uint64_t first; /* numbers of its changes */
    uint64_t last;
    kith_slice bytes;
} kith_segment;

typedef kith_status (*kith_segment_visitor)(void *user, const kith_segment *segment);
KITH_MUST_USE kith_status kith_segment_put(kith_store *store, const kith_segment *segment);

/** Takes an author's segments above a number away. */
KITH_MUST_USE kith_status kith_segment_remove(kith_store *store, uint32_t author, uint64_t above);

/** Visits an author's segments with changes above `after`, in order. */
KITH_MUST_USE kith_status kith_segment_scan(kith_store *store, uint32_t author, uint64_t after,
                                            kith_segment_visitor visit, void *user);

/** The segment that holds a change, or the one of a number; its bytes are appended to `bytes` and
 *  borrowed from there. KITH_E_NOT_FOUND. */
KITH_MUST_USE kith_status kith_segment_find(kith_store *store, kith_dot change, kith_buf *bytes,
                                            kith_segment *segment_out);
KITH_MUST_USE kith_status kith_segment_get(kith_store *store, uint32_t author, uint64_t number,
                                           kith_buf *bytes, kith_segment *segment_out);

/** How many bytes an author's segments above a number have. */
KITH_MUST_USE kith_status kith_segment_bytes(kith_store *store, uint32_t author, uint64_t above,
                                             uint64_t *bytes_out);

/** Where an author's chain of segments stands. */
typedef struct kith_chain {
    uint64_t segment;   /* number of the last one; 0 for none */
    uint64_t last;      /* number of its last change */
    uint64_t told;      /* that segment of it which our own last segment told to have been seen */
    uint8_t header[32]; /* hash of the last one's header */
    uint8_t seen[32];   /* what that says its author had seen */
} kith_chain;

typedef kith_status (*kith_chain_visitor)(void *user, uint32_t author, const kith_chain *chain);
KITH_MUST_USE kith_status kith_chain_scan(kith_store *store, kith_chain_visitor visit, void *user);
KITH_MUST_USE kith_status kith_chain_put(kith_store *store, uint32_t author,
                                         const kith_chain *chain);

/* Of a space, by its ordinal: entries of its charter and keys of its epochs, by number. */
typedef kith_status (*kith_numbered_visitor)(void *user, uint32_t number, kith_slice bytes);
KITH_MUST_USE kith_status kith_entry_scan(kith_store *store, uint32_t space, uint32_t after,
                                          kith_numbered_visitor visit, void *user);
/** The entry after a number, appended to `bytes` unless that is NULL. KITH_E_NOT_FOUND if there is
 *  none. */
KITH_MUST_USE kith_status kith_entry_next(kith_store *store, uint32_t space, uint32_t after,
                                          uint32_t *number_out, kith_buf *bytes);
KITH_MUST_USE kith_status kith_entry_put(kith_store *store, uint32_t space, uint32_t number,
                                         kith_slice bytes);
KITH_MUST_USE kith_status kith_entry_remove(kith_store *store, uint32_t space, uint32_t number);
KITH_MUST_USE kith_status kith_epoch_scan(kith_store *store, uint32_t space,
                                          kith_numbered_visitor visit, void *user);
KITH_MUST_USE kith_status kith_epoch_put(kith_store *store, uint32_t space, uint32_t number,
                                         kith_slice key);
KITH_MUST_USE kith_status kith_epoch_clear(kith_store *store, uint32_t space, uint32_t above);

/** A segment that was set aside. */
typedef struct kith_waiting {
    int64_t id;
    int64_t author; /* hash of its author's id */
    uint64_t number;
    uint32_t reason; /* engine/share.h says which */
    kith_slice bytes;
} kith_waiting;

/** Sets a segment aside, unless it has been already; the id is given out here. */
KITH_MUST_USE kith_status kith_waiting_put(kith_store *store, uint32_t space,
                                           const kith_waiting *waiting);

/** The first one whose id is above `after`; its bytes are appended to `bytes` and borrowed from
 *  there. KITH_E_NOT_FOUND at the end. */
KITH_MUST_USE kith_status kith_waiting_next(kith_store *store, int64_t after, kith_buf *bytes,
                                            kith_waiting *waiting_out);
KITH_MUST_USE kith_status kith_waiting_remove(kith_store *store, int64_t id);
KITH_MUST_USE kith_status kith_waiting_set_reason(kith_store *store, int64_t id, uint32_t reason);
KITH_MUST_USE kith_status kith_waiting_count(kith_store *store, uint64_t *count_out);

/* Spaces that are carried for others, by ordinals of their own: 2, 3 … Their charters stand where
 * that of the own space does. */

/** The ordinal of a carried space; 0 if it is none. */
KITH_MUST_USE kith_status kith_carried_space_find(kith_store *store, kith_space_id id,
                                                  uint32_t *ordinal_out);
KITH_MUST_USE kith_status kith_carried_space_put(kith_store *store, kith_space_id id,
                                                 uint32_t *ordinal_out);

/** The first one whose ordinal is above `after`. KITH_E_NOT_FOUND at the end. */
KITH_MUST_USE kith_status kith_carried_space_next(kith_store *store, uint32_t after,
                                                  uint32_t *ordinal_out, kith_space_id *id_out);

/** Takes a carried space away with all that is carried of it. */
KITH_MUST_USE kith_status kith_carried_space_remove(kith_store *store, uint32_t ordinal);

/** A segment of a carried space. */
typedef struct kith_carried {
    uint32_t space;
    int64_t author; /* first bytes of its author's id and of its header's hash */
    uint64_t number;
    int64_t header;
    kith_slice bytes;
} kith_carried;

KITH_MUST_USE kith_status kith_carried_exists(kith_store *store, const kith_carried *carried,
                                              bool *exists_out);
KITH_MUST_USE kith_status kith_carried_put(kith_store *store, const kith_carried *carried);

/** The one of its space that comes next in the order of authors and numbers, in place of
 *  `*carried`: start from {.space = …, .author = INT64_MIN}. Its bytes are appended to `bytes` and
 *  borrowed from there. KITH_E_NOT_FOUND at the end. */
KITH_MUST_USE kith_status kith_carried_next(kith_store *store, kith_carried *carried,
                                            kith_buf *bytes);

/** How much is carried of all spaces, charters included. */
KITH_MUST_USE kith_status kith_carried_figures(kith_store *store, uint32_t *space_count_out,
                                               uint64_t *segment_count_out, uint64_t *bytes_out);

/* What a device said last to hold of the own space, as wire/bundle.h has it. */
KITH_MUST_USE kith_status kith_holding_get(kith_store *store, kith_slice device, kith_buf *heads);
KITH_MUST_USE kith_status kith_holding_put(kith_store *store, kith_slice device, kith_slice heads);

/* What lists need to know without reading the state. */
enum {
    KITH_MARK_REMOVED = 1,
    KITH_MARK_CONFLICT = 2, /* a field is in conflict */
    KITH_MARK_REVIVED = 4,
    KITH_MARK_WAITING = 8 /* the creating change has not arrived */
};

/** A record as stored. */
typedef struct kith_row {
    kith_dot id;
    uint32_t kind; /* name ordinal; 0 while waiting */
    uint32_t marks;
    int64_t changed_ms;
    kith_slice state; /* packed */
} kith_row;

typedef kith_status (*kith_row_visitor)(void *user, const kith_row *row);

/** Reads a record; its state is appended to `state`. KITH_E_NOT_FOUND. */
KITH_MUST_USE kith_status kith_row_get(kith_store *store, kith_dot id, kith_row *row_out,
                                       kith_buf *state);
KITH_MUST_USE kith_status kith_row_put(kith_store *store, const kith_row *row, bool is_new);

/** Visits records of a kind, the last changed first. A visitor that answers KITH_E_STOPPED ends the
 *  scan, which then answers KITH_OK; visitors do not write. */
KITH_MUST_USE kith_status kith_row_scan_kind(kith_store *store, uint32_t kind,
                                             kith_row_visitor visit, void *user);

/** Visits all records in the order of their local ids. */
KITH_MUST_USE kith_status kith_row_scan(kith_store *store, kith_row_visitor visit, void *user);

/** Visits an author's records in the order of their numbers. */
KITH_MUST_USE kith_status kith_row_scan_author(kith_store *store, uint32_t author,
                                               kith_row_visitor visit, void *user);

/** The last number of an author's records that have a row; 0 if none has. */
KITH_MUST_USE kith_status kith_row_last(kith_store *store, uint32_t author, uint64_t *number_out);

/** Visits the records that have any of CONFLICT, REVIVED, WAITING. */
KITH_MUST_USE kith_status kith_row_scan_marked(kith_store *store, kith_row_visitor visit,
                                               void *user);

/** How many records there are: here and not removed, removed, such as need a person's decision. */
KITH_MUST_USE kith_status kith_row_figures(kith_store *store, uint64_t *count_out,
                                           uint64_t *removed_out, uint64_t *attention_out);

/* References between records: who points to whom, by which field. */
typedef struct kith_link {
    kith_dot target;
    kith_dot source;
    uint32_t field;
} kith_link;

typedef kith_status (*kith_link_visitor)(void *user, const kith_link *link);
KITH_MUST_USE kith_status kith_link_put(kith_store *store, const kith_link *link);
KITH_MUST_USE kith_status kith_link_remove(kith_store *store, const kith_link *link);
KITH_MUST_USE kith_status kith_link_scan(kith_store *store, kith_dot target,
                                         kith_link_visitor visit, void *user);

/* Keys that imported rows have at their source, as hashes: which record carries it already. */
typedef kith_status (*kith_origin_visitor)(void *user, kith_dot id);
KITH_MUST_USE kith_status kith_origin_put(kith_store *store, int64_t hash, kith_dot id);
KITH_MUST_USE kith_status kith_origin_remove(kith_store *store, int64_t hash, kith_dot id);
KITH_MUST_USE kith_status kith_origin_scan(kith_store *store, int64_t hash,
                                           kith_origin_visitor visit, void *user);

/** True if any key is stored. */
KITH_MUST_USE kith_status kith_origin_exists(kith_store *store, bool *exists_out);

/* Full text. `words` are folded words with blanks between them; removing needs the same words as
 * putting did. */
KITH_MUST_USE kith_status kith_search_put(kith_store *store, kith_dot id, kith_slice words);
KITH_MUST_USE kith_status kith_search_remove(kith_store *store, kith_dot id, kith_slice words);

/** The newest records that match an FTS5 expression, at most `limit`. Returns how many. */
KITH_MUST_USE kith_status kith_search_match(kith_store *store, const char *expression, size_t limit,
                                            kith_dot *ids_out, size_t *count_out);

/** Takes the fold away: records, links, origins, search index. */
KITH_MUST_USE kith_status kith_store_clear_fold(kith_store *store);

/** Compares the folds of two stores that share ordinals, byte for byte. */
KITH_MUST_USE kith_status kith_store_compare_fold(kith_store *store, kith_store *other,
                                                  bool *equal_out);

/** How many bytes the database file has. */
KITH_MUST_USE kith_status kith_store_size(kith_store *store, uint64_t *bytes_out);

#endif
