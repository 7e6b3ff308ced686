/* The state of one record: what the changes that arrived so far come to.
 *
 * Pure: (state, change) -> state, whatever the order, grouping or repetition in which changes
 * arrive. For the set D of changes applied,
 *   - a field's heads are the writes in D that no change in D replaces. One head is the ordinary
 *     case; more were written without sight of each other and stay visible until a write that saw
 *     them all replaces them. A value in a set is a field of its own whose heads are its additions.
 *   - a field's missing are the writes that changes in D replace but that are not in D yet: when
 *     they arrive they are replaced at once.
 *   - a removal counts as long as no later removal or keep replaces it. The record is removed when
 *     removals that count have seen all of its changes; an edit that none of them saw keeps it.
 * Both are functions of D alone, which is why every replica ends with the same state.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_MERGE_STATE_H
#define KITH_MERGE_STATE_H

#include "base/arena.h"
#include "merge/known.h"

/** A write that nothing has replaced. */
typedef struct kith_head {
    kith_dot id;
    kith_stamp stamp;
    kith_value value; /* none: the write cleared the field. For elements of sets always none */
} kith_head;

typedef struct kith_dots {
    kith_dot *items; /* sorted by kith_dot_compare() */
    size_t count;
    size_t capacity;
} kith_dots;

/** One field, or one element of a field that holds a set. */
typedef struct kith_cell {
    uint32_t field;
    kith_value element; /* none for a field with one value */
    kith_head *heads;   /* sorted by dot */
    size_t head_count;
    size_t head_capacity;
    kith_dots missing;
} kith_cell;

typedef struct kith_removal {
    kith_dot id;
    kith_stamp stamp;
    kith_dots seen; /* the last change of each author that it saw */
} kith_removal;

typedef struct kith_state {
    kith_arena *arena;
    kith_dot id;
    uint32_t kind;       /* name ordinal; 0 until the creating change arrives */
    kith_stamp created;  /* zero until then */
    kith_stamp changed;  /* latest of all changes, uncorrected */
    kith_dot changed_by; /* the change of that time */
    kith_dots changes;   /* all changes of the record */
    kith_cell *cells;    /* sorted by field, then element */
    size_t cell_count;
    size_t cell_capacity;
    kith_removal *removals; /* that count; sorted by dot */
    size_t removal_count;
    size_t removal_capacity;
    kith_dots missing_removals;
} kith_state;

/** A record that nothing is known of but its name. */
void kith_state_init(kith_state *record, kith_arena *arena, kith_dot id);

/** Applies one change that has not been applied before and belongs to this record.
 *
 *  Values are borrowed from the change: they must live as long as the record.
 *
 *  @param known  what had been applied before this change
 *  @return KITH_OK; KITH_E_MEMORY, after which the record is good for nothing */
KITH_MUST_USE kith_status kith_state_apply(kith_state *record, const kith_change *change,
                                           const kith_known *known);

/** The field's cell, or the first of its elements; NULL if nothing was ever written there. */
const kith_cell *kith_state_find(const kith_state *record, uint32_t field);

/** The cell of one element of a set, or, with none, that of the field's one value; NULL if nothing
 *  was ever written to just that. */
const kith_cell *kith_state_find_element(const kith_state *record, uint32_t field,
                                         kith_value element);

/** The head to show of several: the latest by corrected time, then by author. */
const kith_head *kith_cell_winner(const kith_cell *cell, const kith_known *known);

/** True if heads hold different values: people wrote without sight of each other. */
bool kith_cell_in_conflict(const kith_cell *cell);

/** True if the record was removed and no change the removals did not see keeps it. */
bool kith_state_is_removed(const kith_state *record);

/** True if it was removed, but changed by somebody who had not seen that. */
bool kith_state_is_revived(const kith_state *record);

/** True if any of its fields is in conflict. */
bool kith_state_in_conflict(const kith_state *record);

/** The last change of each author to the record: what a removal made now has seen. `dots_out` has
 *  room for all of record->changes. Returns how many. */
size_t kith_state_frontier(const kith_state *record, kith_dot *dots_out);

/** Appends the packed state: what a replica stores. */
void kith_state_pack(const kith_state *record, kith_buf *out);

/** Reads a packed state; values are borrowed from `packed`. KITH_E_DAMAGED if it is none. */
KITH_MUST_USE kith_status kith_state_unpack(kith_slice packed, kith_arena *arena, kith_dot id,
                                            uint32_t kind, kith_state *record_out);

/** Appends the state in a form that is the same on all replicas with the same changes.
 *  `names` are the texts of name ordinals. */
void kith_state_write_canonical(const kith_state *record, const kith_known *known,
                                const kith_slice *names, kith_buf *out);

#endif
