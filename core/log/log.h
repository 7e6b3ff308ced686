/* The append-only log of changes: the truth that everything else is folded from.
 *
 * This replica's own commits go to the tail, a row each, durable at once. When enough has gathered
 * the tail becomes packs: blocks of many commits, deflated. Other authors' changes arrive as packs.
 * Segments (log/segments.h) hold what was shared. So the numbers of an author run through its
 * segments and then its packs in order, and our own go on in the tail.
 *
 * A crash between any two rows is harmless: a transaction holds whole commits, and what was folded
 * is noted in the transaction that wrote the fold. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_LOG_LOG_H
#define KITH_LOG_LOG_H

#include "log/block.h"
#include "log/directory.h"
#include "space/keyring.h"

typedef struct kith_log {
    kith_context *cx;
    kith_store *store;           /* borrowed */
    kith_directory *directory;   /* borrowed */
    const kith_keyring *keys;    /* borrowed: those of segments */
    kith_block_writer unwritten; /* own commits of the open transaction */
    int64_t position;            /* of the last row of the tail, now or ever */
    int64_t folded;              /* rows up to here are folded */
    size_t tail_bytes;
    size_t tail_rows;
    bool has_packed;     /* own changes that may not be folded, in the open transaction */
    kith_buf bytes;      /* a block about to be written */
    kith_buf last_block; /* the block or segment's body that was read last, plain: its neighbours
                            are read next */
    bool last_is_body;
    uint32_t last_author; /* 0 if there is none */
    uint64_t last_from;
    uint64_t last_to;
} kith_log;

void kith_log_init(kith_log *log, kith_context *cx, kith_store *store, kith_directory *directory,
                   const kith_keyring *keys);
void kith_log_deinit(kith_log *log);

/** Reads where the log stands. The head of our own author becomes its last folded change, so that
 *  applying what kith_log_scan_unfolded() gives completes it. Forgets what is unwritten. */
KITH_MUST_USE kith_status kith_log_load(kith_log *log);

/** Adds an own commit to what the open transaction will write. Nothing is added on failure:
 *  KITH_E_LIMIT if the commit is too long, KITH_E_MEMORY. */
KITH_MUST_USE kith_status kith_log_append(kith_log *log, const kith_commit *commit);

/** Makes a pack of what was appended if it fills a block, so that little of a long batch stands in
 *  memory. */
KITH_MUST_USE kith_status kith_log_spill(kith_log *log);

/** Writes what was appended, as a row of the tail or, if it is much, as a pack. To be called before
 *  the transaction commits; durable when it has. */
KITH_MUST_USE kith_status kith_log_write(kith_log *log);

/** True if own changes of the open transaction are in a pack, or will be when it is written. Packs
 *  count as folded, so the fold must be written in the same transaction. */
bool kith_log_is_packing(const kith_log *log);

/** True if so much has gathered in the tail that it should be packed. */
bool kith_log_is_tail_full(const kith_log *log);

/** Turns the tail into packs. All of it must be folded, in this transaction at the latest. */
KITH_MUST_USE kith_status kith_log_pack_tail(kith_log *log);

/** Notes in the open transaction that all rows of the tail are folded. */
KITH_MUST_USE kith_status kith_log_set_folded(kith_log *log);

/** Called with each commit in order; its memory is the arena's until the visitor returns. Anything
 *  but KITH_OK stops; KITH_E_STOPPED stops without failure. */
typedef kith_status (*kith_commit_visitor)(void *user, const kith_commit *commit,
                                           kith_arena *arena);

/** Visits the commits of an author whose last change is above `after`. Visitors do not write. */
KITH_MUST_USE kith_status kith_log_scan(kith_log *log, uint32_t author, uint64_t after,
                                        kith_commit_visitor visit, void *user);

/** Visits the commits of the tail that are not folded yet. */
KITH_MUST_USE kith_status kith_log_scan_unfolded(kith_log *log, kith_commit_visitor visit,
                                                 void *user);

/** Reads the commit that holds a change into the arena. KITH_E_NOT_FOUND. */
KITH_MUST_USE kith_status kith_log_read(kith_log *log, kith_dot change, kith_arena *arena,
                                        kith_commit *commit_out);

/** Opens a block and gives ordinals to the names and authors it brings. */
KITH_MUST_USE kith_status kith_log_open_block(kith_log *log, kith_slice bytes, kith_arena *arena,
                                              kith_block *block_out);

/** Takes away the packs of an author and, of our own, the tail: segments hold all of it. */
KITH_MUST_USE kith_status kith_log_drop_packs(kith_log *log, uint32_t author);

/** Visits the commits of a block in plain bytes, giving ordinals to names and authors it brings.
 *  KITH_E_DAMAGED, KITH_E_NEWER, KITH_E_LIMIT or whatever the visitor answers. */
KITH_MUST_USE kith_status kith_log_visit_block(kith_log *log, kith_slice bytes,
                                               kith_commit_visitor visit, void *user);

/** Stores a block of another author that continues what is here of it. The commits must have been
 *  visited and applied in this transaction. */
KITH_MUST_USE kith_status kith_log_store_block(kith_log *log, uint32_t author, uint64_t first,
                                               uint64_t last, kith_slice bytes);

#endif
