/* What a replica knows of the authors: who they are, how far their changes have arrived, how wrong
 * their clocks were. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_MERGE_KNOWN_H
#define KITH_MERGE_KNOWN_H

#include "base/id.h"
#include "merge/change.h"

typedef struct kith_author {
    kith_author_id id;
    uint64_t head; /* changes 1 to head are here */
    uint32_t space;
} kith_author;

/** A device's statement about its clock: add so much to the times of these changes. */
typedef struct kith_correction {
    uint32_t author;
    uint64_t first;
    uint64_t last;
    int64_t offset_ms;
} kith_correction;

typedef struct kith_known {
    const kith_author *authors; /* by ordinal; index 0 is nobody */
    size_t author_count;        /* with nobody */
    const kith_correction *corrections;
    size_t correction_count;
} kith_known;

/** True if the change has been applied. */
static inline bool kith_known_has(const kith_known *known, kith_dot dot)
{
    return dot.author < known->author_count && dot.number <= known->authors[dot.author].head;
}

/** A record's or change's name for everybody. */
static inline kith_id kith_known_id(const kith_known *known, kith_dot dot)
{
    KITH_ASSERT(dot.author < known->author_count);
    return kith_id_make(known->authors[dot.author].id, dot.number);
}

/** Order of two changes that every replica agrees on: by author id, then number. */
int kith_known_compare(const kith_known *known, kith_dot a, kith_dot b);

/** The stamp of a change with its device's correction applied: if one covers the change, its time
 *  moved and confirmed. The correction made last wins. */
kith_stamp kith_known_stamp(const kith_known *known, kith_dot dot, kith_stamp stamp);

#endif
