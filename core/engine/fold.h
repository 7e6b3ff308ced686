/* The fold of the log: the state of records as changes are applied, held in memory until it is
 * written in one go. An edit then costs one durable row in the log; what it does to records and
 * indexes is written later, together with what other edits did, and if that is lost, the log has
 * it. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_ENGINE_FOLD_H
#define KITH_ENGINE_FOLD_H

#include "engine/index.h"
#include "engine/pending.h"
#include "log/directory.h"
#include "merge/state.h"

/** A source key's hash and the record that carries it. */
typedef struct kith_origin {
    int64_t hash;
    kith_dot id;
} kith_origin;

typedef struct kith_fold {
    kith_context *cx;
    kith_store *store;         /* borrowed */
    kith_directory *directory; /* borrowed */
    kith_pending_set pending;
    bool is_foreshadowed; /* others know records that the own author has not made yet: it was put
                             back from a backup */
    bool touched_schema;  /* a record of kind schema or clock changed; reset by who asks */
    kith_arena arena;     /* for one apply or one record of a flush */
    kith_buf packed;
    kith_row
        stored; /* the row read last, as an edit reads its record several times; id 0/0: none */
    kith_buf stored_state;
    kith_index before;
    kith_index after;
    kith_origin *origins; /* new ones of a write: put in at its end, in the order of their hashes */
    size_t origin_count;
    size_t origin_capacity;
} kith_fold;

void kith_fold_init(kith_fold *fold, kith_context *cx, kith_store *store,
                    kith_directory *directory);
void kith_fold_deinit(kith_fold *fold);

/** Forgets what is not written. */
void kith_fold_clear(kith_fold *fold);

/** KITH_E_DAMAGED if a stored row has an author or a kind that is not in the directory. Whoever
 *  scans rows asks this first: ordinals are looked up without asking. */
KITH_MUST_USE kith_status kith_fold_check_row(const kith_directory *directory, const kith_row *row);

/** Unpacks a stored row, checking all its ordinals in the same way. */
KITH_MUST_USE kith_status kith_fold_unpack(const kith_directory *directory, const kith_row *row,
                                           kith_arena *arena, kith_state *record_out);

/** Looks, before anything is applied, for records that the own author has not made yet. */
KITH_MUST_USE kith_status kith_fold_look_ahead(kith_fold *fold);

/** Applies one change and marks it as known. The change must be its author's next.
 *  After a failure the fold must be cleared and made anew from the log. */
KITH_MUST_USE kith_status kith_fold_apply(kith_fold *fold, const kith_change *change);

/** Reads a record as it stands, written or not; its values live in the arena. KITH_E_NOT_FOUND if
 *  no change of it has arrived. `marks_out` may be NULL. */
KITH_MUST_USE kith_status kith_fold_read(kith_fold *fold, kith_dot id, kith_arena *arena,
                                         kith_state *record_out, uint32_t *marks_out);

/** What a record is, without reading its state: its kind's name (0 while waiting) and KITH_MARK_….
 *  KITH_E_NOT_FOUND as kith_fold_read(). */
KITH_MUST_USE kith_status kith_fold_peek(kith_fold *fold, kith_dot id, uint32_t *kind_out,
                                         uint32_t *marks_out);

/** Writes all pending records and their index entries. The store is in a transaction; the pending
 *  records stay until kith_fold_clear(), so that a rollback loses nothing. */
KITH_MUST_USE kith_status kith_fold_write(kith_fold *fold);

/** The KITH_MARK_… of a record. */
uint32_t kith_fold_marks(const kith_state *record);

#endif
