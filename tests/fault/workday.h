/* A random day of two workers: what they do on their two replicas, one thing after the other. A
 * seed and the number of a deed determine it, so a day can be lived again up to any moment.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TESTS_WORKDAY_H
#define KITH_TESTS_WORKDAY_H

#include <kith/replica.h>

#include "disk.h"
#include "outside.h"

enum { WORKDAY_REPLICAS = 2, WORKDAY_RECORDS_MAX = 512 };

typedef struct workday {
    uint64_t seed;
    outside outside;
    test_disk *disk;
    kith_replica *replicas[WORKDAY_REPLICAS]; /* NULL until made, or when they cannot be opened */
    kith_id records[WORKDAY_RECORDS_MAX];     /* made so far */
    size_t record_count;
    size_t long_text_count;
    bool is_wordy;      /* a day of long texts only, so that the write-ahead log grows long too */
    test_random random; /* of the deed at hand */
} workday;

/** Begins the day with an empty disk. */
void workday_begin(workday *day, uint64_t seed);

/** Closes the replicas. */
void workday_close(workday *day);

/** Closes the replicas and takes the disk away. */
void workday_end(workday *day);

/** Does the deed of a number, counted from 0: the first two make the replicas. All that came before
 *  must have been done.
 *
 *  @return KITH_OK, also if there was nothing to do; the status of the call that failed */
kith_status workday_do(workday *day, uint64_t number);

/** Opens a replica, or with `create` makes it. */
kith_status workday_open(workday *day, size_t which, bool create);

/** What the deed of a number is called. */
const char *workday_name(const workday *day, uint64_t number);

#endif
