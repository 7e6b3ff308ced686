/* The rules of a charter's entries, and what an entry that keeps them comes to
 * (proto/spec/charter.md). Judging changes nothing: space/charter.c takes what was judged.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_SPACE_CHARTER_JUDGE_H
#define KITH_SPACE_CHARTER_JUDGE_H

#include "space/charter.h"

/* What an entry comes to, once it is judged. Pointers are into its bytes. */
typedef struct kith_verdict {
    kith_entry_head head;
    uint8_t hash[KITH_HASH_BYTES];
    kith_member member;         /* found, admit */
    kith_charter_invite invite; /* invite */
    size_t target;              /* of admit, withdraw: the invite; revoke, appoint: the member */
    uint8_t role;               /* appoint */
    kith_slice sealed_name;     /* found */
    bool begins_epoch;
    kith_charter_epoch epoch;
    kith_slice last_segments; /* revoke: as they stand in the entry */
    size_t last_segment_count;
    bool must_wipe;
} kith_verdict;

/** Judges the next entry whole; answers as kith_charter_apply(). */
KITH_MUST_USE kith_status kith_entry_judge(const kith_charter *charter, kith_slice entry,
                                           kith_verdict *verdict_out);

/** The last segments that a revocation names; `items` has room for all of them. */
void kith_verdict_last_segments(const kith_verdict *verdict, kith_last_segment *items);

#endif
