/* Stores for tests: every call is followed by the question whether it left a statement busy, which
 * would keep a transaction or a snapshot open behind everybody's back.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TESTS_STORES_H
#define KITH_TESTS_STORES_H

#include "harness.h"
#include "store/statement.h"

/** A path in a fresh folder, valid until the next call. */
const char *store_path(void);

/** A new store at a path, its making committed. */
kith_store *store_create(const char *path);

/** Another connection. */
kith_store *store_open(const char *path);

/** Fails unless the call answered so and left no statement busy. */
#define assert_store(store, actual, expected)              \
    do {                                                   \
        assert_status(actual, expected);                   \
        assert_int_equal(store_busy_statements(store), 0); \
    } while (0)
#define store_ok(store, actual) assert_store(store, actual, KITH_OK)

size_t store_busy_statements(const kith_store *store);

/** Runs SQL on the store's own connection. */
void store_run(kith_store *store, const char *sql);

/** The number that SQL gives. */
int64_t store_number(kith_store *store, const char *sql);

/** Tests that find a new store in `*state`. */
#define store_test(function) cmocka_unit_test_setup_teardown(function, store_make, store_end)
int store_make(void **state);
int store_end(void **state);

#endif
