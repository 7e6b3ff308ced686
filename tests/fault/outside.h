/* The outside of replicas under fault: clocks that stand still within a step, chance that is the
 * same whenever a step is tried again, a heap that can fail. So a step that fails and is repeated
 * does exactly what it would have done at first, and what is there in the end can be compared.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TESTS_OUTSIDE_H
#define KITH_TESTS_OUTSIDE_H

#include <kith/env.h>

#include "harness.h"

/** When the first step is taken: 24 November 2026, 08:00 UTC. */
#define OUTSIDE_START_MS INT64_C(1795507200000)

/** Between two steps. */
#define OUTSIDE_STEP_MS INT64_C(60000)

typedef struct outside {
    kith_env env; /* points to the outside, which therefore stays where it is */
    uint64_t seed;
    uint64_t step;
    uint64_t drawn; /* random numbers since the step began */
    size_t allocation_count;
    size_t failing_allocation; /* by that count; 0 for none */
    bool stays;                /* all from there on fail */
    bool has_failed;
    size_t pieces_out; /* allocations that were not given back */
} outside;

/** @param storage  disk_name(), or NULL for the platform's files */
void outside_init(outside *o, const char *storage, uint64_t seed);

/** Begins a step, or tries it again: time and chance follow from its number. */
void outside_begin_step(outside *o, uint64_t step);

/** Makes the n-th allocation from now fail, counted from 1, or with `stays` all from there on. */
void outside_fail_allocation(outside *o, size_t nth, bool stays);

/** No further fault. Whether one struck since it was asked for. */
bool outside_mend(outside *o);

#endif
