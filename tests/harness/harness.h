/* What tests share: a context, files to work in, readable failures. cmocka is included from here so
 * that its prerequisites stand in one place. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TESTS_HARNESS_H
#define KITH_TESTS_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"

/** A context on the platform's environment, the same for the whole test program. */
kith_context *test_context(void);

/** Fails the test with the status' name and the context's detail unless the two are equal. */
#define assert_status(actual, expected) \
    test_assert_status(test_context(), (actual), (expected), #actual, __FILE__, __LINE__)
#define assert_ok(actual) assert_status(actual, KITH_OK)
void test_assert_status(kith_context *cx, kith_status actual, kith_status expected,
                        const char *expression, const char *file, int line);

/** Fails unless the slice is exactly the text. */
#define assert_slice(slice, text) test_assert_slice((slice), (text), __FILE__, __LINE__)
void test_assert_slice(kith_slice slice, const char *text, const char *file, int line);

/** A text literal as a slice in a static table. */
#define BYTES(literal)                                        \
    {                                                         \
        (const uint8_t *)("" literal), sizeof("" literal) - 1 \
    }

/** Lets `read` have the bytes where they end with their memory, so that the sanitizer sees a read
 *  past them. */
kith_status test_read_tightly(kith_slice bytes, kith_status (*read)(kith_slice));

/** The text of a buffer as a NUL-terminated string, valid until the next call. */
const char *test_text(const kith_buf *buf);

/** Reads a file of tests/data (or below another root that KITH_TEST_DATA names) whole; the caller
 *  frees it with free(3). The test fails if it is not there. */
uint8_t *test_read_file(const char *name, size_t *length_out);

/** A fresh empty folder for one test, removed when the program ends. */
const char *test_folder(void);

/** A random source that one seed determines (xorshift64*). Tests print the seed on failure:
 *  KITH_TEST_SEED replays it. */
typedef struct test_random {
    uint64_t state;
} test_random;

uint64_t test_seed(void);
test_random test_random_of(uint64_t seed);
uint64_t test_next(test_random *random);
/** A number from 0 to bound - 1. */
uint64_t test_below(test_random *random, uint64_t bound);

#endif
