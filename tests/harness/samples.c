/* SPDX-License-Identifier: Apache-2.0 */
#include "samples.h"

#include "base/limits.h"

enum { US = 1, BEN = 2, CHITRA = 3 }; /* authors */
enum { PERSON = 1, NAME = 2, NOTE = 3, ALIASES = 4 };

#define TEXT(literal)                       \
    {                                       \
        KITH_TYPE_TEXT, KITH_SLICE(literal) \
    }

void samples_every_deed(sample_check check)
{
    const kith_dot seen[] = {{US, 10}, {BEN, 400}, {CHITRA, 1}};
    const kith_op created[] = {{NAME, KITH_ACTION_SET, TEXT("Rani"), NULL, 0},
                               {ALIASES, KITH_ACTION_ADD, TEXT("Ranu"), NULL, 0}};
    const kith_op edited[] = {{NAME, KITH_ACTION_SET, TEXT("Rina"), seen, 3},
                              {NOTE, KITH_ACTION_CLEAR, {0}, seen, 1},
                              {ALIASES, KITH_ACTION_ADD, TEXT("Baby"), NULL, 0},
                              {ALIASES, KITH_ACTION_REMOVE, TEXT("Ranu"), seen + 1, 2}};
    kith_change changes[] = {
        {.deed = KITH_DEED_CREATE, .kind = PERSON, .ops = created, .op_count = 2},
        {.deed = KITH_DEED_EDIT, .record = {US, 10}, .ops = edited, .op_count = 4},
        {.deed = KITH_DEED_REMOVE,
         .record = {BEN, 7},
         .replaces = seen,
         .replaces_count = 2,
         .seen = seen,
         .seen_count = 3},
        {.deed = KITH_DEED_KEEP, .record = {CHITRA, 9}, .replaces = seen + 1, .replaces_count = 1}};
    kith_commit commit = blocks_commit(12, changes, KITH_ARRAY_LENGTH(changes));
    check(&commit, 1);
}

void samples_empty_changes(sample_check check)
{
    kith_change changes[] = {{.deed = KITH_DEED_CREATE, .kind = PERSON},
                             {.deed = KITH_DEED_EDIT, .record = {US, 1}},
                             {.deed = KITH_DEED_REMOVE, .record = {US, 1}},
                             {.deed = KITH_DEED_KEEP, .record = {US, 1}}};
    kith_commit commit = blocks_commit(2, changes, KITH_ARRAY_LENGTH(changes));
    check(&commit, 1);
}

void samples_jumping_clocks(sample_check check)
{
    static const kith_stamp stamps[] = {{INT64_C(1795507200000), 0, KITH_TRUST_CLAIMED},
                                        {0, 0, KITH_TRUST_NONE},
                                        {-1, UINT32_MAX, KITH_TRUST_NONE},
                                        {KITH_TIME_MS_MAX, 1, KITH_TRUST_CONFIRMED},
                                        {-KITH_TIME_MS_MAX, 2, KITH_TRUST_NONE},
                                        {-KITH_TIME_MS_MAX, 3, KITH_TRUST_CLAIMED}};
    kith_change changes[KITH_ARRAY_LENGTH(stamps)];
    kith_commit commits[KITH_ARRAY_LENGTH(stamps)];
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(stamps); i++) {
        changes[i] = (kith_change){.kind = PERSON};
        commits[i] = blocks_commit(i + 1, &changes[i], 1);
        commits[i].stamp = stamps[i];
        changes[i].stamp = stamps[i];
    }
    commits[1].ahead_ms = 1;
    commits[3].ahead_ms = 2 * KITH_TIME_MS_MAX;
    check(commits, KITH_ARRAY_LENGTH(commits));
}

void samples_clocks_ahead(sample_check check)
{
    kith_change changes[] = {{.kind = PERSON}, {.kind = PERSON}, {.kind = PERSON}};
    kith_commit commits[] = {blocks_commit(1, &changes[0], 1), blocks_commit(2, &changes[1], 1),
                             blocks_commit(3, &changes[2], 1)};
    commits[0].ahead_ms = 1;
    commits[2].ahead_ms = 2 * KITH_TIME_MS_MAX;
    check(commits, KITH_ARRAY_LENGTH(commits));
}

void samples_undoing(sample_check check)
{
    kith_change changes[] = {{.kind = PERSON}, {.kind = PERSON}, {.kind = PERSON}};
    kith_commit commits[] = {blocks_commit(300, &changes[0], 1), blocks_commit(301, &changes[1], 1),
                             blocks_commit(302, &changes[2], 1)};
    commits[0].undoes = 1;
    commits[2].undoes = 301;
    check(commits, KITH_ARRAY_LENGTH(commits));
}

void samples_last_numbers(sample_check check)
{
    const kith_dot dots[] = {{US, 1}, {BEN, KITH_NUMBER_MAX}};
    kith_change changes[] = {{.deed = KITH_DEED_KEEP,
                              .record = {BEN, KITH_NUMBER_MAX},
                              .replaces = dots,
                              .replaces_count = 2},
                             {.kind = PERSON}};
    kith_commit commit = blocks_commit(KITH_NUMBER_MAX - 1, changes, 2);
    check(&commit, 1);
}
