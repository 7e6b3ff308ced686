/* Running a property on many random cases. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TESTS_PROP_CASES_H
#define KITH_TESTS_PROP_CASES_H

#include <stddef.h>
#include <stdint.h>

/** Runs a check on so many cases, each determined by its seed. The first seed is test_seed(): what
 *  a failing case prints replays it as the first one. */
void cases_run(size_t count, void (*check)(uint64_t seed));

/** A test that uses cases_run(): prints the failing case's seed. */
#define property_test(function) cmocka_unit_test_teardown(function, cases_tell_failed)
int cases_tell_failed(void **state);

#endif
