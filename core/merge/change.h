/* A change as a value: one atomic edit of one record by one author. proto/spec/model.md defines
 * what each part means; log/block.c gives its stored bytes.
 *
 * Authors and names stand here as small local numbers (ordinals), which a replica hands out in the
 * order it meets them; only block.c and canonical.c turn them into what other replicas understand.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_MERGE_CHANGE_H
#define KITH_MERGE_CHANGE_H

#include "value/value.h"

/** One change: its author and that author's number for it. The author's ordinal counts from 1. */
typedef struct kith_dot {
    uint32_t author;
    uint64_t number;
} kith_dot;

/** How far the wall clock was trusted when a change was made. Stored: never renumbered. */
typedef enum kith_trust {
    KITH_TRUST_NONE = 0,     /* it showed a time before this program was written */
    KITH_TRUST_CLAIMED = 1,  /* nothing speaks against it */
    KITH_TRUST_CONFIRMED = 2 /* it agreed with a trusted time since it was last set */
} kith_trust;

/** When a change was made. `ms` is what people are shown; the log keeps beside it how far the
 *  device's hybrid logical clock was ahead (log/block.h), so that neither spoils the other. */
typedef struct kith_stamp {
    int64_t ms;       /* since 1 January 1970 UTC, as the device's clock showed */
    uint32_t counter; /* tells changes of one millisecond apart */
    uint8_t trust;    /* kith_trust */
} kith_stamp;

/** What an operation does to a field. Stored: never renumbered. */
typedef enum kith_action {
    KITH_ACTION_SET = 0,   /* the field holds this value */
    KITH_ACTION_CLEAR = 1, /* the field holds nothing */
    KITH_ACTION_ADD = 2,   /* the field's set holds this value */
    KITH_ACTION_REMOVE = 3 /* the additions named here are taken back */
} kith_action;

typedef struct kith_op {
    uint32_t field;
    uint8_t action;           /* kith_action */
    kith_value value;         /* none for CLEAR */
    const kith_dot *replaces; /* the writes that this one saw in the field and takes the place of */
    size_t replaces_count;
} kith_op;

/** True if such an operation is about one element of a field's set. */
static inline bool kith_action_is_of_element(uint8_t action)
{
    return action == KITH_ACTION_ADD || action == KITH_ACTION_REMOVE;
}

/** What a change does to its record. Stored: never renumbered. */
typedef enum kith_deed {
    KITH_DEED_CREATE = 0,
    KITH_DEED_EDIT = 1,
    KITH_DEED_REMOVE = 2,
    KITH_DEED_KEEP = 3 /* takes removals back */
} kith_deed;

typedef struct kith_change {
    kith_dot id;
    kith_stamp stamp;
    kith_dot record;    /* equals id for CREATE */
    uint8_t deed;       /* kith_deed */
    uint32_t kind;      /* name ordinal; CREATE only, else 0 */
    const kith_op *ops; /* CREATE and EDIT: at most one for a field or element */
    size_t op_count;
    const kith_dot *replaces; /* REMOVE and KEEP: the removals that this one takes the place of */
    size_t replaces_count;
    const kith_dot *seen; /* REMOVE: the last change of each author that it saw of the record */
    size_t seen_count;
} kith_change;

/** A run of changes that is applied whole or not at all. Numbers follow each other. */
typedef struct kith_commit {
    kith_dot first;
    kith_stamp stamp; /* of all its changes */
    int64_t ahead_ms; /* the device's logical clock minus stamp.ms, never negative */
    uint64_t undoes;  /* number of the first change of the commit it takes back; 0 for none */
    kith_change *changes;
    size_t change_count;
} kith_commit;

/** KITH_E_DAMAGED if a change says two things about one field or element: they would merge
 *  differently in different orders. KITH_E_MEMORY. */
KITH_MUST_USE kith_status kith_change_check(kith_context *cx, kith_arena *arena,
                                            const kith_change *change);

static inline bool kith_dot_equal(kith_dot a, kith_dot b)
{
    return a.author == b.author && a.number == b.number;
}

/* For tables in memory. Fibonacci hashing (Knuth, TAOCP 3, 6.4): numbers of one author run on
 * without gaps. */
static inline uint64_t kith_dot_hash(kith_dot dot)
{
    uint64_t hash = (dot.number + ((uint64_t)dot.author << 40)) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 32; /* so that the low bits serve */
}

/* By ordinal, then number: an order of this replica only. */
static inline int kith_dot_compare(kith_dot a, kith_dot b)
{
    return a.author != b.author ? (a.author > b.author) - (a.author < b.author)
                                : (a.number > b.number) - (a.number < b.number);
}

/* By time alone. */
static inline int kith_stamp_compare(kith_stamp a, kith_stamp b)
{
    return a.ms != b.ms ? (a.ms > b.ms) - (a.ms < b.ms)
                        : (a.counter > b.counter) - (a.counter < b.counter);
}

#endif
