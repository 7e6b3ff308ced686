/* Commits of author 1 of blocks.h that every way of writing them must give back.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TESTS_SAMPLES_H
#define KITH_TESTS_SAMPLES_H

#include "blocks.h"

/** Writes the commits, reads them back and fails the test unless they are the same. */
typedef void (*sample_check)(const kith_commit *commits, size_t count);

/** Every deed and every action. */
void samples_every_deed(sample_check check);

/** Changes that say nothing but what they are about. */
void samples_empty_changes(sample_check check);

/** Wall clocks that jump, to both ends of time. */
void samples_jumping_clocks(sample_check check);

/** Logical clocks that were ahead of the wall. */
void samples_clocks_ahead(sample_check check);

/** Commits that take another one back. */
void samples_undoing(sample_check check);

/** The last numbers that there are. */
void samples_last_numbers(sample_check check);

#endif
