/* A heap that fails the allocation it is told to and knows what was not given back.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TESTS_HEAP_H
#define KITH_TESTS_HEAP_H

#include "harness.h"

/** What is to be tried with little memory: makes everything it needs, uses it, gives it all back.
 *  Answers what the function under test answered. */
typedef kith_status (*heap_user)(kith_context *cx, void *user);

/** Runs `use` with its first allocation failing, then with its second, and so on until it gets by.
 *  Fails the test unless each run but the last answers KITH_E_MEMORY, the last one answers KITH_OK,
 *  and none leaves memory behind. */
void heap_fail_each_allocation(heap_user use, void *user);

#endif
