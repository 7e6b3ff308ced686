/* Running a check on many cases, and telling which one failed. SPDX-License-Identifier: Apache-2.0
 */
#ifndef KITH_TESTS_CASES_H
#define KITH_TESTS_CASES_H

#include "harness.h"

/** Runs a check on so many cases, each determined by its seed. The first seed is test_seed(): what
 *  a failing case prints replays it as the first one. KITH_CASES in the environment says how many
 *  there are at the most: a slow build tries fewer. */
void cases_run(size_t count, void (*check)(uint64_t seed));

/** Says what is being tried now, in one line; what was said last is told if the test fails or the
 *  process aborts. */
void cases_note(const char *format, ...) KITH_PRINTF(1, 2);

/** All went well: there is nothing to tell. */
void cases_done(void);

/** A test that uses cases_run() or cases_note(): tells of the case that failed. */
#define property_test(function) cmocka_unit_test_teardown(function, cases_tell_failed)
int cases_tell_failed(void **state);

#endif
