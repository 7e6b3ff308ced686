/* One replica on a disk of its own, with one place in it. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TESTS_GROUND_H
#define KITH_TESTS_GROUND_H

#include <kith/replica.h>

#include "disk.h"
#include "outside.h"

typedef struct ground {
    outside outside;
    test_disk *disk;
    kith_replica *replica;
    kith_id place;
} ground;

/** @param seed  decides what a power cut leaves */
void ground_begin(ground *g, uint64_t seed);

/** Checks the replica and takes all of it away. */
void ground_end(ground *g);

/** Opens the replica once more, as another process would. */
kith_replica *ground_open_again(ground *g);

/** Takes the power, closes the replica, and opens it with what is left. */
void ground_cut_power(ground *g);

/** Sets a field of the place in a commit of its own. */
kith_status ground_set(ground *g, const char *field, const char *text);

/** Fails the test unless the field holds the text. */
void ground_assert_holds(ground *g, const char *field, const char *text);

#endif
